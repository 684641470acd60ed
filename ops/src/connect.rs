//! Puts together what the commands work with: the use cases' ports over the stack's own resources, under the operator's credentials.

use std::time::Duration;

use aws::{
    CallbackSecretStore, CompanySecretStore, DeadLetters, InvitationSqs, PartnerSecretStore, Queues, ResultSqs, Sdk,
    Secrets, Table,
};
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use aws_types::SdkConfig;
use domain::flows::{Ports, follow};
use partners::{SmartRecruitersClient, SmartRecruitersConfig, TestGorillaClient, TestGorillaConfig};
use runtime::system::System;
use runtime::transport::Transport;

use crate::cli::Globals;
use crate::console::Console;
use crate::fail::{Exit, Failure};
use crate::stack::Stack;

/// Longest time for one attempt of a call to AWS, and for a call with all its attempts.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(30);

/// The ports, over the real thing.
pub(crate) type AppPorts = Ports<
    Table,
    Secrets<CompanySecretStore, PartnerSecretStore>,
    Queues<InvitationSqs, ResultSqs>,
    TestGorillaClient<System>,
    SmartRecruitersClient<System>,
    System,
>;

/// The ports of the callback secret, which no other use case needs.
pub(crate) type CallbackPorts = Ports<(), CallbackSecretStore, (), (), (), System>;

/// What every command works with.
pub(crate) struct App {
    pub(crate) ports: AppPorts,
    pub(crate) callback: CallbackPorts,
    pub(crate) settings: follow::Settings,
    pub(crate) stack: Stack,
    pub(crate) console: Console,
    pub(crate) transport: Transport,
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) config: SdkConfig,
    sdk: Sdk,
}

impl App {
    /// Signs in, reads the stack, and puts all together.
    pub(crate) async fn connect(globals: &Globals, console: Console) -> Result<Self, Failure> {
        let stack_name = globals
            .stack_name
            .as_deref()
            .ok_or_else(|| Failure::usage("Which stack? Say --stack-name NAME, or set OPS_STACK_NAME."))?;
        let transport = Transport::new();
        let config = sign_in(globals, &transport).await?;
        let cloudformation = aws_sdk_cloudformation::Client::new(&config);
        let stack = Stack::read(&cloudformation, stack_name, globals.api_url.as_deref()).await?;
        if stack.status.ends_with("_IN_PROGRESS") {
            console.say(&format!("The stack is being changed at this moment ({}).", stack.status));
        }
        let sdk = Sdk::of(config.clone());
        let testgorilla = TestGorillaConfig::new(stack.testgorilla_api.clone());
        let smartrecruiters =
            SmartRecruitersConfig::new(stack.smartrecruiters_api.clone(), stack.smartrecruiters_hosts.clone());
        let ports = Ports {
            store: Table::new(&sdk, &stack.table),
            secrets: Secrets {
                companies: CompanySecretStore::new(&sdk, &stack.company_secret_prefix),
                partner: PartnerSecretStore::new(&sdk, &stack.partner_secret),
            },
            queues: Queues {
                invitations: InvitationSqs::new(&sdk, &stack.invitation_queue),
                results: ResultSqs::new(&sdk, &stack.result_queue),
            },
            testgorilla: TestGorillaClient::new(transport.clone(), testgorilla, System),
            smartrecruiters: SmartRecruitersClient::new(transport.clone(), smartrecruiters, System),
            world: System,
        };
        let callback = Ports {
            store: (),
            secrets: CallbackSecretStore::new(&sdk, &stack.callback_secret),
            queues: (),
            testgorilla: (),
            smartrecruiters: (),
            world: System,
        };
        let settings =
            follow::Settings { candidate_page: stack.candidate_page.clone(), personal_data: stack.personal_data };
        Ok(Self { ports, callback, settings, stack, console, transport, cloudformation, config, sdk })
    }

    /// A table beside the stack's own.
    pub(crate) fn table(&self, name: &str) -> Table {
        Table::new(&self.sdk, name)
    }

    /// A queue of the stack's, to be looked into.
    pub(crate) fn queue(&self, url: &str) -> DeadLetters {
        DeadLetters::new(&self.sdk, url)
    }
}

/// The SDK's configuration by the usual chain: variables, profile, single sign-on, a role. One HTTP and TLS stack, the functions' own.
async fn sign_in(globals: &Globals, transport: &Transport) -> Result<SdkConfig, Failure> {
    let timeouts = aws_config::timeout::TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).http_client(transport.sdk_client()).timeout_config(timeouts);
    if let Some(profile) = &globals.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &globals.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = &globals.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    let config = loader.load().await;
    if config.region().is_none() {
        return Err(Failure::usage("Which region? Say --region REGION, set AWS_REGION, or name one in the profile."));
    }
    let none = |why: String| {
        let advice = "Sign in (aws sso login), name a profile by --profile, or set AWS_ACCESS_KEY_ID and its secret.";
        Failure::new(Exit::Credentials, format!("There are no AWS credentials{why}. {advice}"))
    };
    let provider = config.credentials_provider().ok_or_else(|| none(String::new()))?;
    // Its own words name profiles and files, and no keys.
    provider.provide_credentials().await.map_err(|error| none(format!(" ({error})")))?;
    Ok(config)
}
