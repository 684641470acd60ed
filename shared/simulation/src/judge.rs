//! Judges every port call: what goes wrong is a function of the seed, the process and the number of the call in it, so that taking
//! something else out of a history leaves it as it was.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::ports::Clock;
use domain::timestamp::Timestamp;
use testing::faults::{Fault, Op, Verdict};
use testing::world::FixedClock;

use crate::history::{Outage, Rates};
use crate::kinds::{Counts, Kind};
use crate::random::mix;

/// Time-out of a call to DynamoDB, SQS or Secrets Manager, repetitions included (`aws::sdk`).
const STORE_TIMEOUT: u64 = 8_000;
/// Time-out of a call to a partner (`partners`).
const PARTNER_TIMEOUT: u64 = 5_000;
/// Time-out of a PDF's way (`partners`).
const PDF_TIMEOUT: u64 = 15_000;

/// What a call leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Store,
    Secrets,
    Queue,
    TestGorilla,
    SmartRecruiters,
    Chance,
}

const fn side(op: Op) -> Side {
    match op {
        Op::CompanySecret
        | Op::CompanySecretNow
        | Op::PutCompanySecret
        | Op::DestroyCompanySecret
        | Op::PartnerKeys
        | Op::PartnerKeysNow
        | Op::WebhookKeys
        | Op::WebhookKeysNow => Side::Secrets,
        Op::WakeInvite | Op::WakeResult => Side::Queue,
        Op::CheckKey
        | Op::Assessments
        | Op::AssessmentDetails
        | Op::Invite
        | Op::FindCandidature
        | Op::Attempt
        | Op::TestResults
        | Op::Report => Side::TestGorilla,
        Op::SetUpIntegration | Op::Publish | Op::Attach | Op::Candidate => Side::SmartRecruiters,
        Op::Bytes16 | Op::Bytes32 => Side::Chance,
        _ => Side::Store,
    }
}

const fn is_conditional(op: Op) -> bool {
    matches!(op, Op::SaveIntegration | Op::SaveCatalogueState | Op::Accept | Op::SaveOrder | Op::SaveInvitation)
}

const fn may_be_behind(op: Op) -> bool {
    matches!(op, Op::Due | Op::InvitationsOf | Op::CompaniesWith | Op::Catalogue | Op::Assessment)
}

/// What the judge and the driver share.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) seed: u64,
    pub(crate) rates: Rates,
    pub(crate) only: Option<BTreeSet<u64>>,
    /// No fault happens any more.
    pub(crate) is_quiet: bool,
    /// The process that runs: its name and its calls so far.
    pub(crate) process: u64,
    pub(crate) calls: u64,
    /// Until when what is away.
    pub(crate) away: Vec<(Outage, Timestamp)>,
    pub(crate) counts: Counts,
    /// Ids of the faults that were met.
    pub(crate) met: BTreeSet<u64>,
    /// What happened to the last call, for the trace.
    pub(crate) last: Option<(Op, Option<Kind>)>,
}

impl Control {
    pub(crate) fn new(seed: u64, rates: Rates, only: Option<BTreeSet<u64>>) -> Self {
        Self {
            seed,
            rates,
            only,
            is_quiet: false,
            process: 0,
            calls: 0,
            away: vec![],
            counts: Counts::default(),
            met: BTreeSet::new(),
            last: None,
        }
    }

    /// Whether something that happens so many times in a thousand happens under this id; a number to choose by when it does.
    pub(crate) fn happens(&mut self, id: u64, rate: u64) -> Option<u64> {
        if self.is_quiet || rate == 0 {
            return None;
        }
        let roll = mix(self.seed, id);
        if roll % 1000 >= rate || self.only.as_ref().is_some_and(|only| !only.contains(&id)) {
            return None;
        }
        self.met.insert(id);
        Some(roll / 1000)
    }

    pub(crate) fn judge(&mut self, op: Op, clock: &FixedClock) -> Verdict {
        self.calls += 1;
        let id = mix(self.process, self.calls);
        let side = side(op);
        let (verdict, kind) = self
            .outage(side, clock.now())
            .or_else(|| self.death(id, side))
            .or_else(|| self.slowness(id, side, op))
            .or_else(|| self.fault(id, side, op))
            .unwrap_or_default();
        if let Some(kind) = kind {
            self.counts.add(kind);
        }
        self.last = Some((op, kind));
        verdict
    }

    fn outage(&self, side: Side, now: Timestamp) -> Option<(Verdict, Option<Kind>)> {
        if self.is_quiet || side == Side::Chance {
            return None;
        }
        let (fault, kind) = self.away.iter().filter(|(_, until)| *until > now).find_map(|(what, until)| {
            let wait = Fault::RateLimited(until.since(now));
            match (what, side) {
                (Outage::Store, Side::Store) => Some((Fault::Before, Kind::StoreOutage)),
                (Outage::Secrets, Side::Secrets) => Some((Fault::Before, Kind::SecretOutage)),
                (Outage::TestGorilla, Side::TestGorilla) => Some((Fault::Before, Kind::GorillaOutage)),
                (Outage::TestGorillaLimit, Side::TestGorilla) => Some((wait, Kind::GorillaWindow)),
                (Outage::SmartRecruiters, Side::SmartRecruiters) => Some((Fault::Before, Kind::RecruiterOutage)),
                (Outage::SmartRecruitersLimit, Side::SmartRecruiters) => Some((wait, Kind::RecruiterWindow)),
                _ => None,
            }
        })?;
        Some((Verdict { fault: Some(fault), ..Verdict::default() }, Some(kind)))
    }

    fn death(&mut self, id: u64, side: Side) -> Option<(Verdict, Option<Kind>)> {
        if side == Side::Chance {
            return None;
        }
        let choice = self.happens(mix(id, 1), self.rates.killed)?;
        let (fault, kind) = match choice % 2 {
            0 => (Fault::CutBefore, Kind::KilledBefore),
            _ => (Fault::CutAfter, Kind::KilledAfter),
        };
        Some((Verdict { fault: Some(fault), ..Verdict::default() }, Some(kind)))
    }

    fn slowness(&mut self, id: u64, side: Side, op: Op) -> Option<(Verdict, Option<Kind>)> {
        if side == Side::Chance {
            return None;
        }
        let choice = self.happens(mix(id, 2), self.rates.slow)?;
        let timeout = match (side, op) {
            (_, Op::Report | Op::Attach) => PDF_TIMEOUT,
            (Side::TestGorilla | Side::SmartRecruiters, _) => PARTNER_TIMEOUT,
            _ => STORE_TIMEOUT,
        };
        let time = |millis: u64| Duration::from_millis(millis);
        let slow = time(200 + choice / 8 % (timeout - 200));
        let late = |fault| Verdict { after: time(timeout), fault: Some(fault), ..Verdict::default() };
        let verdict = match (side, choice % 4) {
            (Side::Store | Side::Secrets | Side::Queue, 0) => (late(Fault::Before), Kind::StoreTimesOut),
            (Side::TestGorilla, 0) => (late(Fault::Before), Kind::GorillaTimesOut),
            (Side::TestGorilla, 1) => (late(Fault::After), Kind::GorillaTimesOutAfter),
            (Side::SmartRecruiters, 0) => (late(Fault::Before), Kind::RecruiterTimesOut),
            (Side::SmartRecruiters, 1) => (late(Fault::After), Kind::RecruiterTimesOutAfter),
            (_, 2) => (Verdict { before: slow, ..Verdict::default() }, slow_kind(side)),
            _ => (Verdict { after: slow, ..Verdict::default() }, slow_kind(side)),
        };
        Some((verdict.0, Some(verdict.1)))
    }

    fn fault(&mut self, id: u64, side: Side, op: Op) -> Option<(Verdict, Option<Kind>)> {
        let rates = self.rates;
        let (rate, kinds): (u64, &[Kind]) = match side {
            Side::Store if is_conditional(op) => {
                (rates.store, &[Kind::StoreFails, Kind::StoreReplyLost, Kind::StoreSaysConflict])
            }
            Side::Store if may_be_behind(op) => {
                (2 * rates.store, &[Kind::StoreFails, Kind::ReadBehind, Kind::ReadBehind])
            }
            Side::Store => (rates.store, &[Kind::StoreFails, Kind::StoreReplyLost]),
            Side::Secrets => (rates.secrets, &[Kind::SecretFails, Kind::SecretReplyLost]),
            Side::Queue => (rates.queues, &[Kind::SendFails, Kind::SendReplyLost]),
            Side::TestGorilla => (
                rates.testgorilla,
                &[Kind::GorillaFails, Kind::GorillaReplyLost, Kind::GorillaLimits, Kind::GorillaStrange],
            ),
            Side::SmartRecruiters if op == Op::Attach => (
                rates.smartrecruiters,
                &[Kind::RecruiterFails, Kind::RecruiterReplyLost, Kind::RecruiterLimits, Kind::RecruiterRefuses],
            ),
            Side::SmartRecruiters => (
                rates.smartrecruiters,
                &[Kind::RecruiterFails, Kind::RecruiterReplyLost, Kind::RecruiterLimits, Kind::RecruiterStrange],
            ),
            Side::Chance => (rates.secrets / 4, &[Kind::NoEntropy]),
        };
        let choice = self.happens(mix(id, 3), rate)?;
        let kind = kinds[usize::try_from(choice % kinds.len() as u64).expect("a position")];
        let fault = match kind {
            Kind::StoreReplyLost
            | Kind::SecretReplyLost
            | Kind::SendReplyLost
            | Kind::GorillaReplyLost
            | Kind::RecruiterReplyLost => Fault::After,
            Kind::StoreSaysConflict => Fault::ConflictAfter,
            Kind::ReadBehind => Fault::Stale,
            Kind::GorillaLimits | Kind::RecruiterLimits => {
                Fault::RateLimited(Duration::from_secs(1 + choice / 8 % if choice % 7 == 0 { 3_600 } else { 60 }))
            }
            Kind::GorillaStrange | Kind::RecruiterStrange => Fault::Broken,
            Kind::RecruiterRefuses => Fault::Refused(403),
            _ => Fault::Before,
        };
        Some((Verdict { fault: Some(fault), ..Verdict::default() }, Some(kind)))
    }
}

const fn slow_kind(side: Side) -> Kind {
    match side {
        Side::TestGorilla => Kind::GorillaSlow,
        Side::SmartRecruiters => Kind::RecruiterSlow,
        Side::Store | Side::Secrets | Side::Queue | Side::Chance => Kind::StoreSlow,
    }
}
