//! The SDK's clients, in a function from Lambda's environment alone: no profile, metadata service or chain of providers is asked, so nothing
//! waits for what is not there. The operator's command brings a configuration of its own.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, IdentityCache, Region};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest time for one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest time for a call with all its attempts: less than the shortest time-out of a function.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);
/// Attempts in all, the first included.
const ATTEMPTS: u32 = 3;

/// A variable that Lambda always sets is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is not set")]
pub struct IncompleteEnvironment(pub &'static str);

/// The SDK's clients, each built when it is first used. Clones share them.
#[derive(Debug, Clone)]
pub struct Sdk(Arc<Clients>);

#[derive(Debug)]
struct Clients {
    config: SdkConfig,
    /// `None`: where the configuration says.
    endpoints: Option<Endpoints>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    secrets_manager: OnceLock<aws_sdk_secretsmanager::Client>,
}

/// Where services are when they are not AWS's own; `None` in AWS.
#[derive(Debug)]
struct Endpoints {
    dynamodb: Option<String>,
    sqs: Option<String>,
    secrets_manager: Option<String>,
}

impl Sdk {
    /// From the process's environment: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, and
    /// `AWS_ENDPOINT_URL` or `AWS_ENDPOINT_URL_DYNAMODB`, `_SQS` and `_SECRETS_MANAGER` where there is a local stack. Every client
    /// sends by `http`.
    ///
    /// # Errors
    /// When region or keys are missing.
    pub fn from_env(http: SharedHttpClient) -> Result<Self, IncompleteEnvironment> {
        Self::from_variables(|name| std::env::var(name).ok(), http)
    }

    /// From any variables, as [`Sdk::from_env`].
    ///
    /// # Errors
    /// When region or keys are missing.
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
        http: SharedHttpClient,
    ) -> Result<Self, IncompleteEnvironment> {
        let present = |name: &str| variable(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| present(name).ok_or(IncompleteEnvironment(name));
        let region = required("AWS_REGION")?;
        // The keys hold as long as the execution environment lives.
        let credentials = Credentials::new(
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
            present("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let endpoint = |name: &str| present(name).or_else(|| present("AWS_ENDPOINT_URL"));
        let endpoints = Endpoints {
            dynamodb: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
            sqs: endpoint("AWS_ENDPOINT_URL_SQS"),
            secrets_manager: endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER"),
        };
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .identity_cache(IdentityCache::no_cache())
            .http_client(http)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .build();
        Ok(Self::with(config, Some(endpoints)))
    }

    /// From a configuration that somebody else has loaded, endpoints and time-outs included.
    pub fn of(config: SdkConfig) -> Self {
        Self::with(config, None)
    }

    fn with(config: SdkConfig, endpoints: Option<Endpoints>) -> Self {
        Self(Arc::new(Clients {
            config,
            endpoints,
            dynamodb: OnceLock::new(),
            sqs: OnceLock::new(),
            secrets_manager: OnceLock::new(),
        }))
    }

    /// The client of Amazon DynamoDB.
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        self.0.dynamodb.get_or_init(|| {
            let mut config = aws_sdk_dynamodb::config::Builder::from(&self.0.config);
            if let Some(endpoints) = &self.0.endpoints {
                config.set_endpoint_url(endpoints.dynamodb.clone());
            }
            aws_sdk_dynamodb::Client::from_conf(config.build())
        })
    }

    /// The client of Amazon SQS.
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.0.sqs.get_or_init(|| {
            let mut config = aws_sdk_sqs::config::Builder::from(&self.0.config);
            if let Some(endpoints) = &self.0.endpoints {
                config.set_endpoint_url(endpoints.sqs.clone());
            }
            aws_sdk_sqs::Client::from_conf(config.build())
        })
    }

    /// The client of AWS Secrets Manager.
    pub fn secrets_manager(&self) -> &aws_sdk_secretsmanager::Client {
        self.0.secrets_manager.get_or_init(|| {
            let mut config = aws_sdk_secretsmanager::config::Builder::from(&self.0.config);
            if let Some(endpoints) = &self.0.endpoints {
                config.set_endpoint_url(endpoints.secrets_manager.clone());
            }
            aws_sdk_secretsmanager::Client::from_conf(config.build())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdk(variables: &[(&'static str, &'static str)]) -> Result<Sdk, IncompleteEnvironment> {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Sdk::from_variables(find, runtime::transport::Transport::new().sdk_client())
    }

    const COMPLETE: [(&str, &str); 3] =
        [("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test-secret")];

    #[test]
    fn region_and_keys_are_required() {
        for (missing, _) in COMPLETE {
            let rest: Vec<_> = COMPLETE.into_iter().filter(|(name, _)| *name != missing).collect();
            assert_eq!(sdk(&rest).unwrap_err(), IncompleteEnvironment(missing));
        }
    }

    #[test]
    fn a_services_own_endpoint_wins_over_the_common_one() {
        let mut variables = COMPLETE.to_vec();
        variables.extend([("AWS_ENDPOINT_URL", "http://a.example"), ("AWS_ENDPOINT_URL_SQS", "http://b.example")]);
        let sdk = sdk(&variables).unwrap();
        let endpoints = sdk.0.endpoints.as_ref().unwrap();
        assert_eq!(endpoints.dynamodb.as_deref(), Some("http://a.example"));
        assert_eq!(endpoints.sqs.as_deref(), Some("http://b.example"));
        assert_eq!(endpoints.secrets_manager.as_deref(), Some("http://a.example"));
    }

    #[test]
    fn an_empty_endpoint_is_none() {
        let mut variables = COMPLETE.to_vec();
        variables.push(("AWS_ENDPOINT_URL", ""));
        assert_eq!(sdk(&variables).unwrap().0.endpoints.as_ref().unwrap().dynamodb, None);
    }

    #[test]
    fn keys_cannot_be_printed() {
        assert!(!format!("{:?}", sdk(&COMPLETE).unwrap()).contains("test-secret"));
    }
}
