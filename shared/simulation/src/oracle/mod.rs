//! What must be true, told from what the partners saw and not from what the product says of itself.

mod ending;
mod partners;
mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use domain::ids::{ApiKeyHash, AssessmentId, CandidatureId, CompanyId, InvitationKey, OrderId};
use domain::report::Status;
use domain::timestamp::Timestamp;
use testing::testgorilla::Account;
use uuid::Uuid;

use crate::history::{By, CompanyNo, History, OrderNo, OrderPlan, PersonNo};

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which promise.
    pub rule: &'static str,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.detail)
    }
}

/// The name of a company by its number.
pub(crate) fn company_id(company: CompanyNo) -> CompanyId {
    format!("company-{company}").parse().expect("a company id")
}

/// A person's address; everybody has two.
pub(crate) fn address(person: PersonNo, other: bool) -> String {
    format!("person-{person}{}@people.example", if other { "-other" } else { "" })
}

/// An order's id by its number.
pub(crate) fn order_id(order: OrderNo) -> OrderId {
    OrderId(Uuid::from_u128(0x4f52_4445_5200_4000_8000_0000_0000_0000 | order as u128))
}

/// The number of an order.
pub(crate) fn order_no(id: OrderId) -> OrderNo {
    usize::try_from(id.0.as_u128() & 0xffff_ffff).expect("an order of the history")
}

/// Who an order is for, as a company can tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Identity {
    Id(PersonNo),
    Address(String),
}

impl Identity {
    pub(crate) fn of(plan: &OrderPlan) -> Self {
        match plan.by {
            By::Id | By::IdAlone => Self::Id(plan.person),
            By::Address => Self::Address(address(plan.person, plan.other_address)),
        }
    }
}

/// What a candidature came to, each time TestGorilla said something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Result {
    /// Tenths of the average.
    pub(crate) tenths: Option<u64>,
    pub(crate) at: Timestamp,
}

impl Result {
    /// Rounded half up.
    pub(crate) fn score(&self) -> Option<u64> {
        self.tenths.map(|tenths| (tenths + 5) / 10)
    }
}

/// What is known of an order.
#[derive(Debug, Clone, Default)]
pub(crate) struct OrderFacts {
    /// When it was first delivered.
    pub(crate) first: Option<Timestamp>,
    /// When SmartRecruiters heard that it was taken.
    pub(crate) accepted: Option<Timestamp>,
    /// SmartRecruiters does not know it any more.
    pub(crate) forgotten: bool,
    /// Statuses that SmartRecruiters was told.
    pub(crate) told: Vec<Status>,
    /// When it was last told COMPLETED.
    pub(crate) completed: Option<Timestamp>,
}

/// What is known of a company.
#[derive(Debug, Clone, Default)]
pub(crate) struct CompanyFacts {
    /// Accounts whose keys were pasted.
    pub(crate) accounts: BTreeSet<Account>,
    /// Since when the integration has ended, as its callers were told.
    pub(crate) ended: Option<Timestamp>,
    /// It ended at some time.
    pub(crate) ever_ended: bool,
    /// First activation by key.
    pub(crate) enabled: Vec<(ApiKeyHash, Timestamp)>,
    pub(crate) salt: Option<[u8; 16]>,
}

/// What is known of an invitation in the store.
#[derive(Debug, Clone)]
struct Shadow {
    rank: u8,
    name: &'static str,
    candidature: Option<CandidatureId>,
    orders: usize,
    is_erased: bool,
}

/// Everything that is known.
pub(crate) struct Oracle<'h> {
    history: &'h History,
    /// How far the clocks of two processes may be apart.
    slack: Duration,
    pub(crate) orders: Vec<OrderFacts>,
    pub(crate) companies: Vec<CompanyFacts>,
    pub(crate) results: BTreeMap<CandidatureId, Vec<Result>>,
    pub(crate) started: BTreeSet<CandidatureId>,
    /// Assessments that were archived, deleted or are past their date, ever.
    pub(crate) closed: BTreeSet<AssessmentId>,
    /// Accounts of the history by number.
    pub(crate) accounts: Vec<Account>,
    /// Candidatures that an invitation of a company was given.
    noted: BTreeSet<(CompanyId, CandidatureId)>,
    invited: BTreeMap<(CompanyNo, AssessmentId, Identity), CandidatureId>,
    shadows: BTreeMap<InvitationKey, Shadow>,
    told: BTreeMap<OrderId, Status>,
    seen_writes: u64,
    pub(crate) erased: u64,
    pub(crate) violation: Option<Violation>,
}

impl<'h> Oracle<'h> {
    pub(crate) fn new(history: &'h History, accounts: Vec<Account>) -> Self {
        Self {
            history,
            slack: Duration::from_millis(2 * history.settings.clocks_apart),
            orders: vec![OrderFacts::default(); history.orders.len()],
            companies: vec![CompanyFacts::default(); history.companies],
            results: BTreeMap::new(),
            started: BTreeSet::new(),
            closed: BTreeSet::new(),
            accounts,
            noted: BTreeSet::new(),
            invited: BTreeMap::new(),
            shadows: BTreeMap::new(),
            told: BTreeMap::new(),
            seen_writes: 0,
            erased: 0,
            violation: None,
        }
    }

    /// Notes the first promise that was not kept.
    pub(crate) fn fail(&mut self, rule: &'static str, detail: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(Violation { rule, detail: detail() });
        }
    }

    /// Two clocks may be further apart than a publisher's claim is long: two may publish at once then, and the older report may come
    /// last. That it does not stay is looked at in the end.
    fn claims_may_fail(&self) -> bool {
        self.slack > Duration::from_secs(60)
    }

    fn company_no(&self, company: &CompanyId) -> CompanyNo {
        company.as_str().strip_prefix("company-").and_then(|number| number.parse().ok()).expect("a company's number")
    }

    /// Something that began at `started` succeeded for a company: it must not have ended before.
    pub(crate) fn must_be_connected(&mut self, company: CompanyNo, started: Timestamp, what: &str) {
        if let Some(ended) = self.companies[company].ended.filter(|ended| *ended < started) {
            self.fail("nothing after the end", || format!("{what} of company {company}, which ended at {ended}"));
        }
    }
}
