//! What the recruiter sees on the Assessments tab.

use serde::Serialize;
use serde_json::Value;

use super::tale::print;
use super::world::text;

/// An order as the recruiter sees it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Seen {
    candidate: String,
    status: String,
    score: Option<i64>,
    /// The sentences beside the score.
    pub(super) summary: String,
    /// See Results.
    pub(super) link: String,
    report: Option<String>,
    tests: Vec<SeenTest>,
}

/// A test within it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SeenTest {
    name: String,
    /// The score, where there is one.
    pub(super) score: Option<i64>,
    label: Option<String>,
}

impl Seen {
    /// An order of this candidate.
    pub(super) fn of(candidate: &str, order: &Value) -> Self {
        let result = order.get("result").cloned().unwrap_or_default();
        let list = |name: &str| result.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let attached = |kind: &str| {
            let attachments = list("attachments");
            let found = attachments.iter().find(|attachment| text(attachment, "type") == kind);
            found.map(|attachment| text(attachment, "url").to_owned())
        };
        let tests = list("assessmentResults").iter().map(SeenTest::of).collect();
        Self {
            candidate: candidate.to_owned(),
            status: text(order, "status").to_owned(),
            score: raw(&result),
            summary: text(&result, "summary").to_owned(),
            link: attached("OTHER_URL").unwrap_or_default(),
            report: attached("PDF_URL"),
            tests,
        }
    }

    /// The test of this name.
    pub(super) fn test(&self, name: &str) -> Option<&SeenTest> {
        self.tests.iter().find(|test| test.name == name)
    }
}

impl SeenTest {
    fn of(result: &Value) -> Self {
        let label = result.get("scoreLabel").or_else(|| result.get("summary")).and_then(Value::as_str);
        Self { name: text(result, "name").to_owned(), score: raw(result), label: label.map(str::to_owned) }
    }

    fn shown(&self) -> String {
        match (self.score, &self.label) {
            (Some(score), _) => format!("{} {score}", self.name),
            (None, Some(label)) => format!("{} {label}", self.name),
            (None, None) => format!("{} (no score)", self.name),
        }
    }
}

fn raw(result: &Value) -> Option<i64> {
    result.pointer("/score/raw").and_then(Value::as_i64)
}

/// Prints what the recruiter sees.
pub(super) fn print_all(seen: &[Seen]) {
    if seen.is_empty() {
        return;
    }
    print("");
    print("What the recruiter sees in SmartRecruiters:");
    print(&format!("  {:<22} {:<12} {:>7}  {}", "Candidate", "Status", "Score", "Each test"));
    for order in seen {
        let score = order.score.map_or_else(|| "-".to_owned(), |score| format!("{score}/100"));
        let tests: Vec<String> = order.tests.iter().map(SeenTest::shown).collect();
        print(&format!("  {:<22} {:<12} {score:>7}  {}", order.candidate, order.status, tests.join(", ")));
        print(&format!("  {:<22} {}", "", order.summary));
        print(&format!("  {:<22} See Results: {}", "", order.link));
        if let Some(report) = &order.report {
            print(&format!("  {:<22} Report:      {report}", ""));
        }
    }
    print("");
}
