//! Metrics, made of log events. This table is all of them; docs/operations.md says what each is good for.
//!
//! A metric is named in one place, here, and what is counted is what is logged: use cases and clients leave events, and know of no metric.
//! No personal datum and nothing without a bound can become a dimension, since a dimension is one of [`Place`]'s.

use crate::telemetry::tally::Seen;

/// How a metric is made of an event.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) name: &'static str,
    /// The event that it is made of.
    pub(super) event: &'static str,
    /// Which of those events.
    pub(super) only: Only,
    pub(super) value: Measure,
    pub(super) by: Place,
}

/// Which events of a name count.
#[derive(Debug)]
pub(super) enum Only {
    All,
    /// Those whose field has this text.
    With(&'static str, &'static str),
    /// Those whose field has none of these texts.
    Without(&'static str, &'static [&'static str]),
}

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(super) enum Measure {
    /// That it happened.
    Count,
    /// A field of milliseconds; an event that lacks it is not measured.
    Milliseconds(&'static str),
    /// A field of seconds.
    Seconds(&'static str),
    /// A field that is a number of something; an event that lacks it is not measured.
    Number(&'static str),
}

/// What a metric is told apart by: its dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing: it is about the whole.
    Whole,
    /// The function.
    Function,
    /// The call to a partner: by operation, and by outcome. Both at once would be a metric for each pair, at a price for each.
    Call,
    /// The partner.
    Partner,
}

impl Place {
    pub(super) const ALL: [Self; 4] = [Self::Whole, Self::Function, Self::Call, Self::Partner];

    /// The dimension sets, as the embedded metric format names them.
    pub(super) const fn dimensions(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Whole => &[&[]],
            Self::Function => &[&["Function"]],
            Self::Call => &[&["Partner", "Operation"], &["Partner", "Outcome"]],
            Self::Partner => &[&["Partner"]],
        }
    }
}

impl Measure {
    /// The unit, as CloudWatch names it.
    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::Count | Self::Number(_) => "Count",
            Self::Milliseconds(_) => "Milliseconds",
            Self::Seconds(_) => "Seconds",
        }
    }
}

const fn metric(name: &'static str, event: &'static str, only: Only, value: Measure, by: Place) -> Metric {
    Metric { name, event, only, value, by }
}

/// Why nothing goes on until a customer does something.
const KEY_REFUSED: &str = "testgorilla_key_refused";
const CREDENTIALS_REFUSED: &str = "smartrecruiters_credentials_refused";

/// What is no trouble of reading or telling results: what waits for a customer, and a PDF report that is still being made, which the score
/// does not wait for.
const NO_TROUBLE: &[&str] = &[KEY_REFUSED, CREDENTIALS_REFUSED, "report_missing"];

/// Every metric. `partner.call` and what else is said of partners may be debug events: they are counted whatever is logged.
pub(super) static METRICS: &[Metric] = &[
    metric("OrdersAccepted", "order.accepted", Only::Without("how", &["Repeated"]), Measure::Count, Place::Whole),
    // What a customer's key is the reason of is counted as a refused key.
    metric("OrdersRefused", "order.refused", Only::Without("code", &[KEY_REFUSED]), Measure::Count, Place::Whole),
    metric("InvitationsSent", "invitation.sent", Only::All, Measure::Count, Place::Whole),
    metric("InvitationDelay", "invitation.sent", Only::All, Measure::Milliseconds("waited_ms"), Place::Whole),
    metric("InvitationDelay", "invitation.adopted", Only::All, Measure::Milliseconds("waited_ms"), Place::Whole),
    // What waits for a customer's doing is counted as a refused key, and does not put a promise of ours in danger.
    metric(
        "InvitationWaiting",
        "invitation.deferred",
        Only::Without("code", &[KEY_REFUSED, CREDENTIALS_REFUSED]),
        Measure::Milliseconds("waited_ms"),
        Place::Whole,
    ),
    // A line that is longer than promised is told when the turn is given, not when it is missed.
    metric("InvitationWaiting", "invitation.queued", Only::All, Measure::Milliseconds("late_ms"), Place::Whole),
    metric("OldestDueAge", "reconcile.swept", Only::All, Measure::Seconds("oldest_seconds"), Place::Whole),
    metric("ResultsPublished", "result.published", Only::All, Measure::Count, Place::Whole),
    metric("PublishDelay", "result.published", Only::All, Measure::Milliseconds("waited_ms"), Place::Whole),
    metric(
        "PublishWaiting",
        "result.not_published",
        Only::Without("code", &[CREDENTIALS_REFUSED]),
        Measure::Milliseconds("waited_ms"),
        Place::Whole,
    ),
    metric("KeysRefused", "integration.key_refused", Only::All, Measure::Count, Place::Whole),
    metric("KeysRefused", "integration.key_still_refused", Only::All, Measure::Count, Place::Whole),
    metric(
        "KeysRefused",
        "result.not_published",
        Only::With("code", CREDENTIALS_REFUSED),
        Measure::Count,
        Place::Whole,
    ),
    metric("KeysRefused", "invitation.deferred", Only::With("code", CREDENTIALS_REFUSED), Measure::Count, Place::Whole),
    metric(
        "FailuresInARow",
        "result.deferred",
        Only::Without("code", NO_TROUBLE),
        Measure::Number("failures"),
        Place::Whole,
    ),
    metric(
        "FailuresInARow",
        "catalogue.failed",
        Only::Without("code", NO_TROUBLE),
        Measure::Number("failures"),
        Place::Whole,
    ),
    // A message that fails is a part of its batch that failed, which Lambda counts as no error of the function.
    metric("MessagesFailed", "message.failed", Only::All, Measure::Count, Place::Function),
    metric("CallbacksDisbelieved", "callback.disbelieved", Only::All, Measure::Count, Place::Whole),
    metric("ListingAge", "packages.listed", Only::All, Measure::Milliseconds("age_ms"), Place::Whole),
    metric("PartnerCallDuration", "partner.call", Only::All, Measure::Milliseconds("duration_ms"), Place::Call),
    metric("RateLimitWait", "partner.rate_limited", Only::All, Measure::Milliseconds("wait_ms"), Place::Partner),
    metric("RateLimitWait", "partner.held_back", Only::All, Measure::Milliseconds("wait_ms"), Place::Partner),
    metric("ColdStarts", "process.started", Only::All, Measure::Count, Place::Function),
];

impl Metric {
    /// What an event adds to the metric; `None` when it is about something else.
    pub(super) fn measure(&self, seen: &Seen) -> Option<u64> {
        let counts = seen.event == self.event
            && match self.only {
                Only::All => true,
                Only::With(field, text) => seen.text(field) == Some(text),
                Only::Without(field, texts) => seen.text(field).is_none_or(|text| !texts.contains(&text)),
            };
        match self.value {
            _ if !counts => None,
            Measure::Count => Some(1),
            Measure::Milliseconds(field) | Measure::Seconds(field) | Measure::Number(field) => seen.number(field),
        }
    }
}
