//! Invitations: one company, one assessment, one candidate, at most one invitation, and the states it goes through.

use std::time::Duration;

use tracing::Span;

use crate::candidate::Candidate;
use crate::ids::{CandidatureId, InvitationKey, OrderId, TestTakerId};
use crate::order::OrderKind;
use crate::report::Status;
use crate::timestamp::Timestamp;

/// TestGorilla's record of an invitation that went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// One person's taking of one assessment.
    pub candidature: CandidatureId,
    /// The person.
    pub test_taker: TestTakerId,
    /// When TestGorilla invited.
    pub at: Timestamp,
}

/// Why an invitation will never be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The address cannot be delivered to (`BAD_EMAIL`).
    BadEmail,
    /// TestGorilla distrusts the address (`BAD_EMAIL_IPSCORE`).
    SuspiciousEmail,
    /// SmartRecruiters has no address for the candidate.
    NoEmail,
    /// The assessment does not exist any more.
    AssessmentGone,
    /// The assessment is archived, empty or past its date.
    AssessmentClosed,
    /// The candidate's personal data was erased on request before it was sent.
    Erased,
    /// Another reason of TestGorilla's.
    Other,
}

/// Why a candidate who was invited can no longer finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The assessment was archived, deleted, or is past its date.
    AssessmentEnded,
    /// The candidate was removed from the assessment in TestGorilla.
    CandidatureDeleted,
    /// The integration ended before the candidate finished.
    IntegrationEnded,
}

/// Where an invitation stands. States only move forward, except that what was never sent may be tried again by a new order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To be sent.
    Scheduled,
    /// Sent, not started.
    Sent(Sent),
    /// The candidate has started.
    Started(Sent),
    /// The candidate has finished.
    Completed(Sent),
    /// It will never be sent.
    Refused(Refusal),
    /// Sent, and can no longer be finished.
    Expired(Sent, Expiry),
    /// The integration ended before it was sent.
    Withdrawn,
}

impl State {
    /// What SmartRecruiters calls it.
    pub const fn status(&self) -> Status {
        match self {
            Self::Scheduled | Self::Sent(_) => Status::Pending,
            Self::Started(_) => Status::InProgress,
            Self::Completed(_) => Status::Completed,
            Self::Refused(_) | Self::Withdrawn => Status::Rejected,
            Self::Expired(..) => Status::Expired,
        }
    }

    /// TestGorilla's record of it, once sent.
    pub const fn sent(&self) -> Option<Sent> {
        match self {
            Self::Sent(sent) | Self::Started(sent) | Self::Completed(sent) | Self::Expired(sent, _) => Some(*sent),
            Self::Scheduled | Self::Refused(_) | Self::Withdrawn => None,
        }
    }

    /// Whether it may move on to `next` from here: forward, and out of no final state.
    pub fn may_become(&self, next: &Self) -> bool {
        let rank = |state: &Self| match state {
            Self::Scheduled => 0,
            Self::Sent(_) => 1,
            Self::Started(_) => 2,
            Self::Completed(_) | Self::Refused(_) | Self::Expired(..) | Self::Withdrawn => 3,
        };
        rank(next) > rank(self)
    }

    /// Whether nothing more happens to it.
    pub const fn is_final(&self) -> bool {
        self.status().is_final()
    }

    /// Stable name, for logs and look-ups.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Sent(_) => "sent",
            Self::Started(_) => "started",
            Self::Completed(_) => "completed",
            Self::Refused(_) => "refused",
            Self::Expired(..) => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// What it is unique by.
    pub key: InvitationKey,
    /// Where it stands.
    pub state: State,
    /// Who is invited; `None` once erased.
    pub candidate: Option<Candidate>,
    /// Orders that share it, the first first.
    pub orders: Vec<OrderId>,
    /// Whether one of the orders wants TestGorilla to mail the candidate.
    pub mail: bool,
    /// Not to be sent before.
    pub invite_at: Timestamp,
    /// Its turn in the line of its API key ([`crate::pace`]), where it has to wait for one.
    pub turn_at: Option<Timestamp>,
    /// When the first order was accepted.
    pub created_at: Timestamp,
    /// When it last changed its state.
    pub changed_at: Timestamp,
    /// When work is due on it, whatever the state; `None` when nothing is left to do.
    pub due_at: Option<Timestamp>,
    /// One worker at a time talks to TestGorilla about it: until then nobody else does. It stays, run out, where TestGorilla was
    /// asked and the answer was lost.
    pub claimed_until: Option<Timestamp>,
    /// Tries that failed since the last success.
    pub failures: u32,
    /// Stable code of the last failure, for ops.
    pub last_error: Option<String>,
    /// Since when every failure has had that code.
    pub failing_since: Option<Timestamp>,
    /// Counts saves; 0 before the first.
    pub version: u64,
}

/// How long after its time an invitation waits for its queue message before the reconciler looks at it.
const MESSAGE_GRACE: Duration = Duration::from_secs(60);
/// The longest time between two looks within a month of the last change: no open order is without due work for longer.
pub(crate) const LONGEST_LOOK: Duration = Duration::from_secs(12 * 3600);
/// TestGorilla is not looked at more often than this.
const SOONEST_LOOK: Duration = Duration::from_secs(5 * 60);
/// After so many tries and for so long, an answer is believed that ends an order for good: one may be about a moment of a partner's, and
/// several at once are about the same moment. With growing pauses so many tries take longer anyway.
const BELIEVED_TRIES: u32 = 5;
const BELIEVED_AFTER: Duration = Duration::from_secs(7 * 60);
/// How late whoever has a turn may come: after that it is somebody else's.
const TURN_GRACE: Duration = Duration::from_secs(60);

impl Invitation {
    /// The invitation of a first order.
    pub fn new(
        key: InvitationKey,
        candidate: Candidate,
        order: OrderId,
        kind: OrderKind,
        now: Timestamp,
        delay: Duration,
    ) -> Self {
        let invite_at = now + delay;
        Self {
            key,
            state: State::Scheduled,
            candidate: Some(candidate),
            orders: vec![order],
            mail: kind == OrderKind::Package,
            invite_at,
            turn_at: None,
            created_at: now,
            changed_at: now,
            due_at: Some(invite_at + MESSAGE_GRACE),
            claimed_until: None,
            failures: 0,
            last_error: None,
            failing_since: None,
            version: 0,
        }
    }

    /// The span of work on it: events within say which orders they are about.
    pub fn span(&self) -> Span {
        let orders: Vec<String> = self.orders.iter().map(ToString::to_string).collect();
        tracing::error_span!("invitation", orders = orders.join(" "))
    }

    /// A further order for the same candidate and assessment: it shares this invitation. One that never went out is tried again,
    /// with the candidate as the new order names them; whatever went out never goes out again.
    pub fn join(&mut self, candidate: Candidate, order: OrderId, kind: OrderKind, now: Timestamp, delay: Duration) {
        self.share(order, now);
        if self.may_be_retried() {
            let (is_unclear, claimed_until) = (self.is_unclear(), self.claimed_until);
            self.enter(State::Scheduled, now);
            if is_unclear && self.candidate.is_some() {
                // Perhaps it did go out: the same address again, so that TestGorilla recognises the candidate.
                self.claimed_until = claimed_until;
            } else {
                self.candidate = Some(candidate);
            }
            self.invite_at = now + delay;
            self.mail = false;
        } else if self.state == State::Scheduled && candidate.email.is_some() {
            // The same candidate by their id, this time with an address.
            self.candidate = self.candidate.take().filter(|known| known.email.is_some()).or(Some(candidate));
        }
        if self.state == State::Scheduled {
            self.mail |= kind == OrderKind::Package;
            self.due_at = Some(self.ready_at() + MESSAGE_GRACE);
        }
    }

    /// Whether it ended without being sent, so that a new order may try again.
    pub const fn may_be_retried(&self) -> bool {
        matches!(self.state, State::Refused(_) | State::Withdrawn)
    }

    /// A further order is told what becomes of it.
    pub fn share(&mut self, order: OrderId, now: Timestamp) {
        if !self.orders.contains(&order) {
            self.orders.push(order);
        }
        self.due_at = Some(now + MESSAGE_GRACE);
    }

    /// How long its next step waits: until its time and its turn while it is scheduled, else not at all.
    pub fn wait(&self, now: Timestamp) -> Duration {
        if self.state == State::Scheduled { self.ready_at().since(now) } else { Duration::ZERO }
    }

    /// When it may be sent: once its time and its turn have come.
    fn ready_at(&self) -> Timestamp {
        self.turn_at.map_or(self.invite_at, |turn| turn.max(self.invite_at))
    }

    /// Waits for its turn. What is not known of it stays unknown.
    pub fn queued(&mut self, turn: Timestamp) {
        self.turn_at = Some(turn);
        self.due_at = Some(turn + MESSAGE_GRACE);
    }

    /// Whether it is its turn now.
    pub fn has_turn(&self, now: Timestamp) -> bool {
        self.turn_at.is_some_and(|turn| turn <= now && now < turn + TURN_GRACE)
    }

    /// Has work due at `at` at the latest. What is due before stays as it is: moving a due time costs more than keeping it.
    pub fn due_by(&mut self, at: Timestamp) {
        self.due_at = Some(self.due_at.map_or(at, |due| due.min(at)));
    }

    /// Is about to be told on: due within a moment, should its worker not come to the end.
    pub fn due_soon(&mut self, now: Timestamp) {
        self.due_by(now + MESSAGE_GRACE);
    }

    /// Moves on to another state, unless it has moved as far already; says whether it did.
    pub fn move_on(&mut self, state: State, now: Timestamp) -> bool {
        let moves = self.state.may_become(&state);
        if moves {
            self.enter(state, now);
        }
        moves
    }

    /// Moves to another state: what failed before no longer counts.
    pub fn enter(&mut self, state: State, now: Timestamp) {
        self.state = state;
        self.changed_at = now;
        self.claimed_until = None;
        self.succeeded();
    }

    /// Forgets earlier failures and gives the invitation free.
    pub fn succeeded(&mut self) {
        self.give_free();
        self.failures = 0;
        self.last_error = None;
        self.failing_since = None;
    }

    /// Notes a failure and when to try again, and gives the invitation free.
    pub fn failed(&mut self, code: &str, now: Timestamp, next: Timestamp) {
        self.give_free();
        self.failures = self.failures.saturating_add(1);
        if self.last_error.as_deref() != Some(code) || self.failing_since.is_none() {
            self.last_error = Some(code.to_owned());
            self.failing_since = Some(now);
        }
        self.due_at = Some(next);
    }

    /// Whether work has failed often enough, and with this code for long enough, that what the code says is believed. However many try at
    /// once, they do not make it longer.
    pub fn keeps_failing(&self, code: &str, now: Timestamp) -> bool {
        let has_lasted = self.failing_since.is_some_and(|since| now.since(since) >= BELIEVED_AFTER);
        self.failures >= BELIEVED_TRIES && has_lasted && self.last_error.as_deref() == Some(code)
    }

    /// Puts work off without counting a failure: the partner asked us to wait.
    pub fn postponed(&mut self, until: Timestamp) {
        self.give_free();
        self.due_at = Some(until);
    }

    /// Whether it is for this person, as far as it still knows.
    pub fn is_of(&self, person: &Candidate) -> bool {
        self.candidate.as_ref().is_some_and(|candidate| candidate.is_same_person(person))
    }

    /// Erases the candidate's personal data; what was not sent will not be. What stays keeps "once" true. Says whether it did: not while
    /// a worker is sending it, who has the data.
    pub fn erase(&mut self, now: Timestamp) -> bool {
        let is_scheduled = self.state == State::Scheduled;
        if self.candidate.is_none() || (is_scheduled && self.is_claimed(now)) {
            return false;
        }
        self.candidate = None;
        if is_scheduled {
            self.end_scheduled(State::Refused(Refusal::Erased), self.is_unclear(), now);
        }
        true
    }

    /// It is scheduled no more: it was sent, or will not be. `is_unclear`: it may have been sent all the same. The orders are to be told.
    pub fn end_scheduled(&mut self, state: State, is_unclear: bool, now: Timestamp) {
        self.enter(state, now);
        if is_unclear {
            self.be_unclear(now);
        }
        self.due_soon(now);
    }

    /// Nobody holds it any more, and its turn is used up. What is not known of one that ended without being sent stays unknown.
    const fn give_free(&mut self) {
        self.turn_at = None;
        if !self.may_be_retried() {
            self.claimed_until = None;
        }
    }

    /// Whether a worker holds it now.
    pub fn is_claimed(&self, now: Timestamp) -> bool {
        self.claimed_until.is_some_and(|until| until > now)
    }

    /// Whether TestGorilla was asked to invite and its answer was lost: the candidate may have been invited.
    pub const fn is_unclear(&self) -> bool {
        self.state.sent().is_none() && self.claimed_until.is_some()
    }

    /// Notes that TestGorilla was asked and did not answer.
    pub const fn be_unclear(&mut self, now: Timestamp) {
        self.claimed_until = Some(now);
    }

    /// When to look at TestGorilla again without any callback: after a tenth of the time since the last change, at least five
    /// minutes and at most six hours, so that what a recruiter sees is late by a tenth at worst. Where callbacks tell of it at once, a
    /// look is for the callback that was lost: twice a day. Who has done nothing for a month is looked at after a tenth of the time again:
    /// many never start, and nothing ends their invitations.
    pub fn next_look(&self, now: Timestamp, hears_callbacks: bool) -> Timestamp {
        const LATEST: Duration = Duration::from_secs(6 * 3600);
        let tenth = now.since(self.changed_at) / 10;
        match hears_callbacks {
            _ if self.is_quiet(now) => now + tenth,
            true => now + LONGEST_LOOK,
            false => now + tenth.clamp(SOONEST_LOOK, LATEST),
        }
    }

    /// The longest time until its next work is due while it is open: from one look to the next.
    pub fn longest_wait(&self, now: Timestamp) -> Duration {
        if self.is_quiet(now) { (now.since(self.changed_at) / 10).max(LONGEST_LOOK) } else { LONGEST_LOOK }
    }

    /// Nothing has happened to it for a month.
    fn is_quiet(&self, now: Timestamp) -> bool {
        const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
        now.since(self.changed_at) >= MONTH
    }

    /// Puts it to rest until then; where it is due a little sooner anyway, that stays: moving a due time costs more than a look does.
    pub fn rest_until(&mut self, next_look: Timestamp, now: Timestamp) {
        let is_near = self.due_at.is_some_and(|due| now + SOONEST_LOOK <= due && due <= next_look);
        if !is_near {
            self.due_at = Some(next_look);
        }
    }
}
