//! Where everything is: what CloudFormation says of the stack.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_cloudformation::Client;
use domain::candidate_page::CandidatePage;
use domain::hosts::AllowedHosts;
use domain::timestamp::Timestamp;
use partners::BaseUrl;

use crate::fail::{Exit, Failure};

/// A stack of this product, whole.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) name: String,
    /// As CloudFormation names it, e.g. `UPDATE_COMPLETE`.
    pub(crate) status: String,
    pub(crate) made_at: Timestamp,
    pub(crate) api_url: String,
    pub(crate) table: String,
    pub(crate) invitation_queue: String,
    pub(crate) invitation_dead_letters: String,
    pub(crate) result_queue: String,
    pub(crate) result_dead_letters: String,
    pub(crate) partner_secret: String,
    pub(crate) callback_secret: String,
    pub(crate) company_secret_prefix: String,
    pub(crate) smartrecruiters_api: BaseUrl,
    pub(crate) smartrecruiters_hosts: AllowedHosts,
    pub(crate) testgorilla_api: BaseUrl,
    pub(crate) candidate_page: CandidatePage,
    pub(crate) personal_data: Duration,
    pub(crate) reconcile_every: Duration,
}

/// Names and texts: outputs, or parameters.
type Texts = HashMap<String, String>;

/// What is read of a stack, before it is known whether it is one of ours.
#[derive(Debug)]
struct Said {
    status: String,
    made_at: Timestamp,
    outputs: Texts,
    parameters: Texts,
}

impl Stack {
    /// Reads the stack of this name: one `DescribeStacks`. `api_url` takes the place of the output's, where a name of one's own leads to
    /// the API.
    pub(crate) async fn read(client: &Client, name: &str, api_url: Option<&str>) -> Result<Self, Failure> {
        let answer = client.describe_stacks().stack_name(name).send().await.map_err(|error| {
            let failure = aws::Failure::new("DescribeStacks", &error);
            // CloudFormation has no code of its own for it: a ValidationError with these words.
            if failure.what.contains("does not exist") { no_stack(name) } else { failure.into() }
        })?;
        let stack = answer.stacks.unwrap_or_default().pop().ok_or_else(|| no_stack(name))?;
        let mut said = Said {
            status: stack.stack_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            made_at: Timestamp::from_seconds(stack.creation_time.map_or(0, |time| time.secs())),
            outputs: Texts::new(),
            parameters: Texts::new(),
        };
        for output in stack.outputs.unwrap_or_default() {
            said.outputs.extend(output.output_key.zip(output.output_value));
        }
        for parameter in stack.parameters.unwrap_or_default() {
            said.parameters.extend(parameter.parameter_key.zip(parameter.parameter_value));
        }
        if let Some(api_url) = api_url {
            said.outputs.insert("ApiUrl".to_owned(), api_url.to_owned());
        }
        whole(name, &said)
    }
}

fn no_stack(name: &str) -> Failure {
    let advice = "Look at --stack-name, --region and --profile; `aws cloudformation list-stacks` shows what there is.";
    Failure::new(Exit::NoStack, format!("There is no stack called {name} in this account and region. {advice}"))
}

/// The outputs that this product's stacks have.
const OUTPUTS: [&str; 9] = [
    "ApiUrl",
    "TableName",
    "InvitationQueueUrl",
    "InvitationDeadLetterQueueUrl",
    "ResultQueueUrl",
    "ResultDeadLetterQueueUrl",
    "PartnerSecretArn",
    "CallbackSecretArn",
    "CompanySecretPrefix",
];

/// The stack, if it is one of ours and lacks nothing.
fn whole(name: &str, said: &Said) -> Result<Stack, Failure> {
    let is_there = |output: &&str| said.outputs.get(*output).is_some_and(|value| !value.is_empty());
    let missing: Vec<&str> = OUTPUTS.into_iter().filter(|output| !is_there(output)).collect();
    let status = &said.status;
    let is_finished = status.ends_with("_COMPLETE") && !status.contains("ROLLBACK") && !status.contains("DELETE");
    // The address may be given by hand.
    let has_none = missing.len() >= OUTPUTS.len() - 1;
    if has_none && is_finished {
        let advice = "Look at --stack-name: a stack of this product has the output TableName, among others.";
        return Err(Failure::new(Exit::NoStack, format!("The stack {name} is another product's. {advice}")));
    }
    if !missing.is_empty() {
        let advice = "Deploy this version, and look at the stack's events: sam deploy, aws cloudformation describe-stack-events.";
        let sentence =
            format!("The stack {name} is half deployed ({status}): it lacks {}. {advice}", missing.join(", "));
        return Err(Failure::new(Exit::HalfDeployed, sentence));
    }
    let output = |name: &str| said.outputs.get(name).cloned().unwrap_or_default();
    Ok(Stack {
        name: name.to_owned(),
        status: status.clone(),
        made_at: said.made_at,
        api_url: output("ApiUrl").trim_end_matches('/').to_owned(),
        table: output("TableName"),
        invitation_queue: output("InvitationQueueUrl"),
        invitation_dead_letters: output("InvitationDeadLetterQueueUrl"),
        result_queue: output("ResultQueueUrl"),
        result_dead_letters: output("ResultDeadLetterQueueUrl"),
        partner_secret: output("PartnerSecretArn"),
        callback_secret: output("CallbackSecretArn"),
        company_secret_prefix: output("CompanySecretPrefix"),
        smartrecruiters_api: parameter(said, "SmartRecruitersApiUrl")?,
        smartrecruiters_hosts: parameter(said, "SmartRecruitersHosts")?,
        testgorilla_api: parameter(said, "TestGorillaApiUrl")?,
        candidate_page: parameter(said, "CandidatePageUrl")?,
        personal_data: Duration::from_secs(parameter::<u64>(said, "PersonalDataDays")?.saturating_mul(86_400)),
        reconcile_every: Duration::from_secs(parameter::<u64>(said, "ReconcileMinutes")?.saturating_mul(60)),
    })
}

/// A parameter of the stack, as its functions read it.
fn parameter<T: std::str::FromStr>(said: &Said, name: &str) -> Result<T, Failure> {
    said.parameters.get(name).and_then(|value| value.parse().ok()).ok_or_else(|| {
        let advice = "Deploy this version of the template with a value that it takes.";
        Failure::new(Exit::HalfDeployed, format!("The stack's parameter {name} is missing or cannot be used. {advice}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: &str) -> Said {
        let parameters = [
            ("SmartRecruitersApiUrl", "https://api.smartrecruiters.com"),
            ("SmartRecruitersHosts", "*.smartrecruiters.com"),
            ("TestGorillaApiUrl", "https://app.testgorilla.com/api"),
            ("CandidatePageUrl", "https://app.testgorilla.com/{assessment}/{testtaker}/{candidature}"),
            ("PersonalDataDays", "90"),
            ("ReconcileMinutes", "5"),
        ];
        Said {
            status: status.to_owned(),
            made_at: Timestamp::from_seconds(0),
            outputs: OUTPUTS.map(|name| (name.to_owned(), format!("{name}/"))).into(),
            parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        }
    }

    #[test]
    fn a_whole_stack_is_read_also_while_it_is_updated() {
        for status in ["CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"] {
            let stack = whole("acme", &said(status)).unwrap();
            assert_eq!((stack.api_url.as_str(), stack.table.as_str()), ("ApiUrl", "TableName/"));
            assert_eq!(stack.reconcile_every, Duration::from_secs(300));
        }
    }

    #[test]
    fn a_stack_that_lacks_a_part_is_told_from_one_that_is_not_ours() {
        let mut lacking = said("UPDATE_COMPLETE");
        lacking.outputs.remove("TableName");
        let failure = whole("acme", &lacking).unwrap_err();
        assert_eq!(failure.exit, Exit::HalfDeployed);
        assert!(failure.sentence.contains("TableName"), "{failure}");

        let without_outputs = |status| Said { outputs: Texts::new(), ..said(status) };
        let foreign = without_outputs("CREATE_COMPLETE");
        assert_eq!(whole("acme", &foreign).unwrap_err().exit, Exit::NoStack);

        for status in ["CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE"] {
            let begun = without_outputs(status);
            let failure = whole("acme", &begun).unwrap_err();
            assert_eq!(failure.exit, Exit::HalfDeployed, "{status}");
            assert!(failure.sentence.contains(status), "{failure}");
        }
    }

    #[test]
    fn a_parameter_that_cannot_be_used_is_named() {
        let mut wrong = said("CREATE_COMPLETE");
        wrong.parameters.insert("TestGorillaApiUrl".into(), "http://app.testgorilla.com".into());
        let failure = whole("acme", &wrong).unwrap_err();
        assert!(failure.exit == Exit::HalfDeployed && failure.sentence.contains("TestGorillaApiUrl"), "{failure}");
    }
}
