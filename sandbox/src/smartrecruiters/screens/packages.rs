//! The packages that TestGorilla offers the company, asked for live.

use serde::Deserialize;
use serde_json::Value;

use super::Visitor;
use crate::screens::sentence;
use crate::smartrecruiters::SmartRecruiters;
use crate::smartrecruiters::product::{self, Outcome, RequesterForm};

/// A package as a recruiter sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Package {
    /// The id.
    pub(super) id: String,
    /// The name.
    pub(super) name: String,
    /// What it is about.
    pub(super) description: String,
    #[serde(default)]
    assessments: Vec<Test>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Test {
    #[serde(default)]
    name: Option<String>,
}

impl Package {
    /// The names of what is in it.
    pub(super) fn contents(&self) -> String {
        let names: Vec<&str> = self.assessments.iter().filter_map(|test| test.name.as_deref()).collect();
        names.join(", ")
    }
}

/// Lists the packages for the visitor.
///
/// # Errors
/// In a sentence, why there is no list.
pub(super) async fn list(app: &SmartRecruiters, visitor: &Visitor) -> Result<Vec<Package>, String> {
    let requester = RequesterForm::List.header(&visitor.person.email);
    let listed = product::list_packages(app, &visitor.company, Some(&requester)).await;
    let listed = listed.map_err(|error| sentence(&error.to_string()))?;
    match listed.status {
        Some(204) => Ok(Vec::new()),
        Some(200) => serde_json::from_value(listed.body).map_err(|_| "TestGorilla answers no list.".to_owned()),
        _ => Err(trouble(&listed)),
    }
}

/// What went wrong at the product, in a sentence.
pub(super) fn trouble(outcome: &Outcome) -> String {
    in_words(outcome.status, &outcome.body)
}

/// What an answer other than the right one means to a recruiter, in a sentence.
pub(super) fn in_words(status: Option<u16>, body: &Value) -> String {
    let first = body.pointer("/errors/0/message").or_else(|| body.get("message"));
    let message = first.and_then(Value::as_str).map(|message| format!(": {}", message.trim_end_matches('.')));
    let message = message.unwrap_or_default();
    match status {
        None => "TestGorilla does not answer. Try again in a while.".to_owned(),
        Some(status @ 500..) => format!("TestGorilla is not available at the moment ({status}). Try again in a while."),
        Some(status) => format!("TestGorilla refuses ({status}){message}."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_trouble_has_its_sentence() {
        let refusal = json!({"errors": [{"code": "UNKNOWN", "message": "There is no such assessment."}]});
        assert_eq!(in_words(Some(404), &refusal), "TestGorilla refuses (404): There is no such assessment.");
        assert_eq!(in_words(Some(403), &Value::Null), "TestGorilla refuses (403).");
        assert!(in_words(Some(503), &refusal).contains("not available at the moment (503)"));
        assert!(in_words(None, &Value::Null).contains("does not answer"));
    }
}
