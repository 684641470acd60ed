//! An order as the Assessment tab shows it.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::packages::in_words;
use crate::screens::moment;
use crate::smartrecruiters::company::Company;
use crate::smartrecruiters::order::Order;

/// An order with what TestGorilla has published to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrderView {
    pub(super) id: String,
    pub(super) name: String,
    /// As published: PENDING, IN_PROGRESS, COMPLETED, REJECTED or EXPIRED.
    pub(super) status: String,
    /// When and by whom it was ordered.
    pub(super) ordered: String,
    /// When the candidate was invited.
    pub(super) invited: Option<String>,
    pub(super) submitted: Option<String>,
    pub(super) score: Option<Score>,
    /// The sentences beside the score, the anti-cheating flags among them.
    pub(super) summary: Option<String>,
    /// See Results.
    pub(super) link: Option<String>,
    pub(super) report: Option<String>,
    pub(super) tests: Vec<TestView>,
    /// Why it is not on its way.
    pub(super) trouble: Option<Trouble>,
}

/// A score with the highest that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Score {
    pub(super) raw: i64,
    pub(super) max: i64,
}

/// A test of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TestView {
    pub(super) name: String,
    pub(super) status: String,
    pub(super) score: Option<Score>,
    pub(super) label: Option<String>,
}

/// TestGorilla has not taken the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) sentence: String,
    /// Whether the same order may be delivered again.
    pub(super) may_be_sent_again: bool,
}

impl OrderView {
    /// The order, as people of the company see it.
    pub(super) fn of(order: &Order, company: &Company) -> Self {
        let result = &order.result;
        let name = text(result, "name").unwrap_or_else(|| company.package_name(&order.package));
        Self {
            id: order.id.clone(),
            name,
            status: order.status.clone(),
            ordered: format!("{}, {}", moment(&order.ordered_at), ordered_by(order, company)),
            invited: date(result, "assessmentPackageDate"),
            submitted: date(result, "submissionDate"),
            score: score(result),
            summary: text(result, "summary"),
            link: attached(result, "OTHER_URL"),
            report: attached(result, "PDF_URL"),
            tests: list(result, "assessmentResults").map(TestView::of).collect(),
            trouble: trouble(order),
        }
    }

    /// The status in words, as a badge shows it.
    pub(super) fn badge(&self) -> &'static str {
        if self.trouble.is_some() {
            return "Not sent";
        }
        badge(&self.status)
    }

    /// How the badge looks.
    pub(super) fn badge_class(&self) -> &'static str {
        match self.status.as_str() {
            _ if self.trouble.is_some() => "bad",
            "COMPLETED" => "good",
            "REJECTED" | "EXPIRED" => "bad",
            _ => "",
        }
    }

    /// Whether the candidate has yet to finish.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "PENDING" | "IN_PROGRESS")
    }
}

impl TestView {
    fn of(result: &Value) -> Self {
        Self {
            name: text(result, "name").or_else(|| text(result, "assessmentId")).unwrap_or_default(),
            status: badge(&text(result, "status").unwrap_or_default()).to_owned(),
            score: score(result),
            label: text(result, "scoreLabel").or_else(|| text(result, "summary")),
        }
    }
}

fn badge(status: &str) -> &'static str {
    match status {
        "PENDING" => "Pending",
        "IN_PROGRESS" => "In progress",
        "COMPLETED" => "Completed",
        "REJECTED" => "Rejected",
        "EXPIRED" => "Expired",
        _ => "",
    }
}

fn ordered_by(order: &Order, company: &Company) -> String {
    let Some(email) = order.request.pointer("/requester/email").and_then(Value::as_str) else {
        return "AUTO-TRIGGERED".to_owned();
    };
    let known = company.people.iter().find(|person| person.email == email);
    format!("by {}", known.map_or(email, |person| &person.name))
}

/// Why TestGorilla does not have the order, going by its last delivery; any delivery that it took is good for all.
fn trouble(order: &Order) -> Option<Trouble> {
    let taken = |status: Option<u16>| status.is_some_and(|status| (200..300).contains(&status));
    if order.patches > 0 || order.deliveries.iter().any(|delivery| taken(delivery.status)) {
        return None;
    }
    let Some(last) = order.deliveries.last() else {
        return Some(Trouble { sentence: "It has not reached TestGorilla yet.".to_owned(), may_be_sent_again: true });
    };
    let sentence = in_words(last.status, &last.body);
    Some(Trouble { sentence, may_be_sent_again: last.status.is_none_or(|status| status >= 500) })
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn date(result: &Value, name: &str) -> Option<String> {
    let at = text(result, name)?;
    OffsetDateTime::parse(&at, &Rfc3339).ok().map(|at| moment(&at))
}

fn score(result: &Value) -> Option<Score> {
    let number = |name: &str| result.get("score")?.get(name)?.as_i64();
    Some(Score { raw: number("raw")?, max: number("max")? })
}

/// The first attachment of a type, when a browser may follow its address.
fn attached(result: &Value, kind: &str) -> Option<String> {
    let mut attachments = list(result, "attachments");
    let url = text(attachments.find(|attachment| text(attachment, "type").as_deref() == Some(kind))?, "url")?;
    (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
}
