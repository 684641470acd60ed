use domain::candidate::Candidate;
use domain::ids::{CandidatureId, OrderId, TestTakerId};
use domain::invitation::{Invitation, Sent, State};
use domain::sensitive::Personal;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Key, codes, lookup_candidature};

/// An invitation: the only item with personal data, all of it in `candidate`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    /// As [`State::code`] names it.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidature: Option<CandidatureId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_taker: Option<TestTakerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    /// Why it was refused or expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Absent once erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<CandidateBody>,
    orders: Vec<OrderId>,
    mail: bool,
    invite_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_at: Option<Timestamp>,
    created_at: Timestamp,
    changed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_until: Option<Timestamp>,
    failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct CandidateBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
}

/// The stored words of the states that are not final; the query for open invitations asks for them.
pub(crate) const OPEN_STATES: [&str; 3] = [SCHEDULED, SENT, STARTED];

const SCHEDULED: &str = "scheduled";
const SENT: &str = "sent";
const STARTED: &str = "started";
const COMPLETED: &str = "completed";
const REFUSED: &str = "refused";
const EXPIRED: &str = "expired";
const WITHDRAWN: &str = "withdrawn";

/// The word and the reason of a state.
fn words(state: &State) -> (&'static str, Option<String>) {
    match state {
        State::Scheduled => (SCHEDULED, None),
        State::Sent(_) => (SENT, None),
        State::Started(_) => (STARTED, None),
        State::Completed(_) => (COMPLETED, None),
        State::Refused(refusal) => (REFUSED, Some(codes::refusal::word(*refusal))),
        State::Expired(_, expiry) => (EXPIRED, Some(codes::expiry::word(*expiry))),
        State::Withdrawn => (WITHDRAWN, None),
    }
}

fn read_state(body: &Body) -> Option<State> {
    let sent = || Some(Sent { candidature: body.candidature?, test_taker: body.test_taker?, at: body.sent_at? });
    let reason = || body.reason.as_deref();
    match body.state.as_str() {
        SCHEDULED => Some(State::Scheduled),
        SENT => sent().map(State::Sent),
        STARTED => sent().map(State::Started),
        COMPLETED => sent().map(State::Completed),
        REFUSED => codes::refusal::read(reason()?).map(State::Refused),
        EXPIRED => Some(State::Expired(sent()?, codes::expiry::read(reason()?)?)),
        WITHDRAWN => Some(State::Withdrawn),
        _ => None,
    }
}

fn store_candidate(candidate: &Candidate) -> CandidateBody {
    let text = |text: &Option<Personal<String>>| text.as_ref().map(|text| text.reveal().clone());
    CandidateBody {
        id: text(&candidate.id),
        email: text(&candidate.email),
        first_name: text(&candidate.first_name),
        last_name: text(&candidate.last_name),
    }
}

fn read_candidate(body: CandidateBody) -> Candidate {
    Candidate {
        id: body.id.map(Personal::new),
        email: body.email.map(Personal::new),
        first_name: body.first_name.map(Personal::new),
        last_name: body.last_name.map(Personal::new),
    }
}

impl Entity for Invitation {
    type Body = Body;

    fn key(&self) -> Key {
        Key::invitation(&self.key)
    }

    fn version(&self) -> Option<u64> {
        Some(self.version)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }

    fn lookup(&self) -> Option<String> {
        self.state.sent().map(|sent| lookup_candidature(sent.candidature))
    }

    fn body(&self) -> Body {
        let (state, reason) = words(&self.state);
        let sent = self.state.sent();
        Body {
            state: state.to_owned(),
            candidature: sent.map(|sent| sent.candidature),
            test_taker: sent.map(|sent| sent.test_taker),
            sent_at: sent.map(|sent| sent.at),
            reason,
            candidate: self.candidate.as_ref().map(store_candidate),
            orders: self.orders.clone(),
            mail: self.mail,
            invite_at: self.invite_at,
            turn_at: self.turn_at,
            created_at: self.created_at,
            changed_at: self.changed_at,
            due_at: self.due_at,
            claimed_until: self.claimed_until,
            failures: self.failures,
            last_error: self.last_error.clone(),
            failing_since: self.failing_since,
        }
    }

    fn read(key: &Key, version: u64, body: Body) -> Option<Self> {
        Some(Self {
            key: key.invitation_key()?,
            state: read_state(&body)?,
            candidate: body.candidate.map(read_candidate),
            orders: body.orders,
            mail: body.mail,
            invite_at: body.invite_at,
            turn_at: body.turn_at,
            created_at: body.created_at,
            changed_at: body.changed_at,
            due_at: body.due_at,
            claimed_until: body.claimed_until,
            failures: body.failures,
            last_error: body.last_error,
            failing_since: body.failing_since,
            version,
        })
    }
}
