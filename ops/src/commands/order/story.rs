//! What is said about an order.

use domain::flows::company::Entry;
use domain::flows::compose::{expiry_sentence, refusal_sentence};
use domain::flows::stuck::Stuck;
use domain::invitation::{Invitation, State};
use domain::order::{Closed, Order, Report as Pdf};
use domain::report::Status;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::report::{Table, count, json_time, span, time, time_or_dash};

/// How the order stands.
pub(super) fn facts(entry: &Entry, why: Option<Stuck>) -> Table {
    let Entry { order, invitation } = entry;
    let mut table = Table::of_pairs();
    table.pair("order", order.id().to_string());
    table.pair("company", order.invitation.company.to_string());
    table.pair("assessment", order.invitation.assessment.to_string());
    table.pair("state", entry.state());
    table.pair("told SmartRecruiters", told(order));
    table.pair("stuck", why.map_or("no".to_owned(), shown));
    if let Some(invitation) = invitation {
        if let Some(sent) = invitation.state.sent() {
            table.pair("candidature", format!("{} (test taker {})", sent.candidature, sent.test_taker));
        }
        table.pair("orders that share it", invitation.orders.len().to_string());
        table.pair("tries that failed", invitation.failures.to_string());
        table.pair("last error", invitation.last_error.clone().unwrap_or_else(|| "-".to_owned()));
        table.pair("next attempt", time_or_dash(next_attempt(entry)));
        table.pair("personal data", personal_data(invitation));
    }
    table.pair("PDF report", pdf(order));
    table
}

/// When work is due that brings the order to its end. What else is due is the erasure of personal data.
pub(super) fn next_attempt(entry: &Entry) -> Option<Timestamp> {
    entry.invitation.as_ref()?.due_at.filter(|_| entry.order.is_open())
}

fn personal_data(invitation: &Invitation) -> String {
    match (&invitation.candidate, invitation.due_at.filter(|_| invitation.state.is_final())) {
        (None, _) => "erased".to_owned(),
        (Some(_), None) => "held".to_owned(),
        (Some(_), Some(until)) => format!("held until {}", time(until)),
    }
}

/// What happened when, as far as it is stored.
pub(super) fn timeline(entry: &Entry) -> Table {
    let mut table = Table::new(["when", "what"]);
    for (at, what) in events(entry) {
        table.row([time(at), what]);
    }
    table
}

fn events(entry: &Entry) -> Vec<(Timestamp, String)> {
    let Entry { order, invitation } = entry;
    // Each with its time, and with the one that it is sorted by.
    let mut events = vec![(order.accepted_at, order.accepted_at, "accepted".to_owned())];
    let mut add = |by: Timestamp, at: Timestamp, what: String| events.push((by, at, what));
    if let Some(invitation) = invitation {
        if invitation.orders.first() != Some(&order.id()) {
            let at = invitation.created_at;
            add(at, at, "first order for the same candidate and assessment".to_owned());
        }
        let is_waiting = invitation.state == State::Scheduled;
        let due = if is_waiting { "invitation is to be sent" } else { "invitation was to be sent" };
        add(invitation.invite_at, invitation.invite_at, due.to_owned());
        if let Some(sent) = invitation.state.sent() {
            add(sent.at, sent.at, "invited by TestGorilla".to_owned());
        }
        if !matches!(invitation.state, State::Scheduled | State::Sent(_)) {
            add(invitation.changed_at, invitation.changed_at, format!("found {}", state(&invitation.state)));
        }
    }
    if let Some(published) = &order.published {
        // It is as of when TestGorilla was read, a moment before what was found there was noted; and told after that.
        let found = invitation.as_ref().filter(|invitation| invitation.state.status() == published.status);
        let by = found.map_or(published.at, |invitation| invitation.changed_at.max(published.at));
        add(by, published.at, format!("published {}", word(published.status)));
    }
    events.sort_by_key(|(by, ..)| *by);
    events.into_iter().map(|(_, at, what)| (at, what)).collect()
}

/// A state with its reason, in the words that recruiters are told.
fn state(state: &State) -> String {
    match state {
        State::Refused(reason) => format!("{}: {}", state.code(), refusal_sentence(*reason)),
        State::Expired(_, reason) => format!("{}: {}", state.code(), expiry_sentence(*reason)),
        other => other.code().to_owned(),
    }
}

pub(super) const fn word(status: Status) -> &'static str {
    match status {
        Status::Pending => "PENDING",
        Status::InProgress => "IN_PROGRESS",
        Status::Completed => "COMPLETED",
        Status::Rejected => "REJECTED",
        Status::Expired => "EXPIRED",
    }
}

fn told(order: &Order) -> String {
    let status = order.published.as_ref().map_or("nothing", |published| word(published.status));
    match order.closed {
        None => status.to_owned(),
        Some(Closed::UnknownOrder) => format!("{status}; closed: SmartRecruiters does not know the order"),
        Some(Closed::IntegrationEnded) => format!("{status}; closed: the integration had ended"),
    }
}

fn pdf(order: &Order) -> String {
    match &order.report {
        Pdf::Missing { failures: 0 } => "to come".to_owned(),
        Pdf::Missing { failures } => format!("to come, {} failed", count(*failures as usize, "try", "tries")),
        Pdf::Attached(_) => "attached".to_owned(),
        Pdf::Without => "none will come".to_owned(),
    }
}

fn shown(why: Stuck) -> String {
    match why {
        Stuck::Stranded => "stranded: nothing that is due would bring it to its end".to_owned(),
        Stuck::Overdue(late) => format!("overdue for {}", span(late)),
        Stuck::Failing(tries) => format!("failing: {tries} tries in a row"),
    }
}

pub(super) fn answer(entry: &Entry, why: Option<Stuck>) -> Value {
    let Entry { order, invitation } = entry;
    let invitation = invitation.as_ref();
    json!({
        "order": order.id().to_string(),
        "company": order.invitation.company.as_str(),
        "assessment": order.invitation.assessment.0,
        "state": entry.state(),
        "stuck": why.map(Stuck::code),
        "accepted_at": order.accepted_at.to_string(),
        "invite_at": json_time(invitation.map(|invitation| invitation.invite_at)),
        "sent_at": json_time(invitation.and_then(|invitation| invitation.state.sent()).map(|sent| sent.at)),
        "changed_at": json_time(invitation.map(|invitation| invitation.changed_at)),
        "due_at": json_time(invitation.and_then(|invitation| invitation.due_at)),
        "failures": invitation.map(|invitation| invitation.failures),
        "last_error": invitation.and_then(|invitation| invitation.last_error.clone()),
        "candidature": invitation.and_then(|invitation| invitation.state.sent()).map(|sent| sent.candidature.0),
        "published": order.published.as_ref().map(|published| json!({
            "status": word(published.status), "at": published.at.to_string(),
        })),
        "closed": order.closed.is_some(),
        "timeline": events(entry).into_iter().map(|(at, what)| json!({"at": at.to_string(), "what": what})).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::order::Published;
    use testing::samples::{self, NOW};

    use super::*;

    fn entry() -> Entry {
        let company = "acme-example".parse().unwrap();
        let id = "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap();
        let key = samples::invitation_key(&company, 439_706);
        Entry { order: samples::order(&key, id), invitation: Some(samples::invitation(&key, id)) }
    }

    #[test]
    fn an_order_that_waits_is_shown_with_what_is_to_come() {
        let entry = entry();
        insta::assert_snapshot!(format!("{}\n{}", facts(&entry, None), timeline(&entry)));
    }

    #[test]
    fn an_order_at_its_end_is_shown_in_the_order_of_what_happened() {
        let mut entry = entry();
        let sent = samples::sent(domain::ids::CandidatureId(2_757_222));
        let later = NOW + Duration::from_secs(7_200);
        let invitation = entry.invitation.as_mut().unwrap();
        invitation.enter(State::Completed(sent), later);
        invitation.candidate = None;
        let published = Published { status: Status::Completed, scored: true, digest: [0; 32], at: later };
        entry.order.published = Some(published);
        entry.order.report = Pdf::Without;
        insta::assert_snapshot!(format!("{}\n{}", facts(&entry, None), timeline(&entry)));
    }

    #[test]
    fn nobody_is_named() {
        let entry = entry();
        let said = format!("{}{}{}", facts(&entry, None), timeline(&entry), answer(&entry, None));
        assert!(!said.to_lowercase().contains("juno"), "{said}");
    }
}
