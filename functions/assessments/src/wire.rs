//! SmartRecruiters' `AssessmentPackage`. An assessment of TestGorilla is a package there, and its tests are the package's assessments.

use domain::assessment::{Assessment, Test};
use serde::Serialize;

/// The one of SmartRecruiters' assessment types that TestGorilla's assessments are.
const TYPE: &str = "SKILL_TEST";

/// `AssessmentPackage`.
#[derive(Debug, Serialize)]
pub(crate) struct Package {
    id: String,
    name: String,
    description: String,
    r#type: &'static str,
    assessments: Vec<Item>,
}

/// `Assessment`.
#[derive(Debug, Serialize)]
struct Item {
    id: String,
    name: String,
    description: String,
    r#type: &'static str,
}

impl From<&Assessment> for Package {
    fn from(assessment: &Assessment) -> Self {
        let tests = assessment.details.as_ref().map(|details| details.tests.as_slice()).unwrap_or_default();
        Self {
            id: assessment.id().to_string(),
            name: assessment.summary.name.clone(),
            description: describe(tests),
            r#type: TYPE,
            assessments: tests.iter().map(Item::from).collect(),
        }
    }
}

impl From<&Test> for Item {
    fn from(test: &Test) -> Self {
        let description = match test.duration_seconds.and_then(minutes) {
            Some(minutes) => format!("{} ({minutes})", test.name),
            None => test.name.clone(),
        };
        Self { id: test.id.to_string(), name: test.name.clone(), description, r#type: TYPE }
    }
}

/// What a recruiter reads below the package's name.
fn describe(tests: &[Test]) -> String {
    let count = match tests.len() {
        0 => return "TestGorilla assessment".to_owned(),
        1 => "1 test".to_owned(),
        count => format!("{count} tests"),
    };
    let known: Option<u64> = tests.iter().map(|test| test.duration_seconds).sum();
    match known.and_then(minutes) {
        Some(minutes) => format!("TestGorilla assessment: {count}, {minutes}"),
        None => format!("TestGorilla assessment: {count}"),
    }
}

/// Whole minutes, rounded up; `None` for no time at all.
fn minutes(seconds: u64) -> Option<String> {
    match seconds.div_ceil(60) {
        0 => None,
        1 => Some("1 minute".to_owned()),
        minutes => Some(format!("{minutes} minutes")),
    }
}
