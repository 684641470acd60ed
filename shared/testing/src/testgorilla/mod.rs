//! TestGorilla, played honestly in memory.

mod port;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use domain::assessment::{AssessmentDetails, AssessmentStatus, AssessmentSummary};
use domain::candidate::Candidate;
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::invitation::Refusal;
use domain::outcome::{Flags, Metric, Progress, TestResult};
use domain::ports::{Clock, KeyRefusal};
use domain::sensitive::ApiKey;
use domain::timestamp::Timestamp;

use crate::faults::Faults;
use crate::world::FixedClock;

/// An account of TestGorilla's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account(u32);

/// What a candidate who finishes leaves behind.
#[derive(Debug, Clone, Default)]
pub struct Completion {
    /// Overall number.
    pub average: Option<f64>,
    /// What it is.
    pub metric: Option<Metric>,
    /// Anti-cheating flags.
    pub flags: Flags,
    /// Each test's result.
    pub tests: Vec<TestResult>,
}

/// An invitation that was asked for, in the record that TestGorilla keeps.
#[derive(Debug, Clone)]
pub struct Asked {
    /// With which key.
    pub key: ApiKey,
    /// To what.
    pub assessment: AssessmentId,
    /// For whom.
    pub candidate: Candidate,
    /// Whether TestGorilla was to mail the candidate.
    pub mail: bool,
    /// The candidature, when it was made now.
    pub made: Option<CandidatureId>,
}

/// A candidature as TestGorilla has it.
#[derive(Debug, Clone)]
pub struct Record {
    /// In whose account.
    pub account: Account,
    /// Of what.
    pub assessment: AssessmentId,
    /// The person.
    pub test_taker: TestTakerId,
    /// The person's address.
    pub email: String,
    /// How far they are.
    pub progress: Progress,
    /// Removed from the assessment, or the assessment itself is deleted.
    pub is_deleted: bool,
    /// Overall number.
    pub average: Option<f64>,
}

#[derive(Debug)]
struct Taking {
    account: Account,
    assessment: AssessmentId,
    test_taker: TestTakerId,
    email: String,
    progress: Progress,
    created_at: Timestamp,
    last_activity: Timestamp,
    completion: Completion,
    is_deleted: bool,
}

#[derive(Debug, Default)]
struct State {
    accounts: u32,
    keys: BTreeMap<String, (Account, Option<KeyRefusal>)>,
    assessments: BTreeMap<(Account, AssessmentId), (AssessmentSummary, AssessmentDetails)>,
    takings: BTreeMap<CandidatureId, Taking>,
    people: BTreeMap<(Account, String), TestTakerId>,
    refused: BTreeMap<String, Refusal>,
    mails: BTreeMap<String, usize>,
    asked: Vec<Asked>,
}

/// The fake. Clones are the same TestGorilla.
#[derive(Debug, Clone)]
pub struct FakeTestGorilla {
    state: Arc<Mutex<State>>,
    clock: FixedClock,
    faults: Faults,
}

impl FakeTestGorilla {
    /// A TestGorilla without accounts.
    pub fn new(clock: &FixedClock, faults: &Faults) -> Self {
        Self { state: Arc::default(), clock: clock.clone(), faults: faults.clone() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds TestGorilla")
    }

    /// Opens an account on the Pro plan whose integration is enabled with this key.
    pub fn open_account(&self, key: &ApiKey) -> Account {
        let mut state = self.state();
        state.accounts += 1;
        let account = Account(state.accounts);
        state.keys.insert(key.expose().to_owned(), (account, None));
        account
    }

    /// Gives an account a further key.
    pub fn add_key(&self, account: Account, key: &ApiKey) {
        self.state().keys.insert(key.expose().to_owned(), (account, None));
    }

    /// Takes a key no more, or again (`None`).
    ///
    /// # Panics
    /// When there is no such key.
    pub fn refuse_key(&self, key: &ApiKey, refusal: Option<KeyRefusal>) {
        self.state().keys.get_mut(key.expose()).expect("a known key").1 = refusal;
    }

    /// Creates or replaces an assessment.
    pub fn put_assessment(&self, account: Account, summary: AssessmentSummary, details: AssessmentDetails) {
        self.state().assessments.insert((account, summary.id), (summary, details));
    }

    /// Archives an assessment.
    ///
    /// # Panics
    /// When there is no such assessment.
    pub fn archive(&self, account: Account, id: AssessmentId) {
        let mut state = self.state();
        let (summary, details) = state.assessments.get_mut(&(account, id)).expect("a known assessment");
        details.is_archived = true;
        summary.status = AssessmentStatus::Archived;
        summary.modified_at = self.clock.now();
    }

    /// Deletes an assessment.
    pub fn delete_assessment(&self, account: Account, id: AssessmentId) {
        self.state().assessments.remove(&(account, id));
    }

    /// Will refuse to invite this address (compared without case).
    pub fn refuse_email(&self, email: &str, refusal: Refusal) {
        self.state().refused.insert(email.to_lowercase(), refusal);
    }

    /// Invites somebody in TestGorilla itself, past the integration.
    pub fn invite_elsewhere(&self, account: Account, assessment: AssessmentId, email: &str) -> CandidatureId {
        self.state().invite(account, assessment, email, self.clock.now())
    }

    /// The candidate starts.
    pub fn start(&self, candidature: CandidatureId) {
        let now = self.clock.now();
        self.edit(candidature, |taking| {
            taking.progress = Progress::Started;
            taking.last_activity = now;
        });
    }

    /// The candidate finishes; or, after that, TestGorilla corrects the result.
    pub fn complete(&self, candidature: CandidatureId, completion: Completion) {
        let now = self.clock.now();
        self.edit(candidature, |taking| {
            taking.progress = Progress::Completed;
            taking.last_activity = now;
            taking.completion = completion;
        });
    }

    /// Removes a candidate from the assessment.
    pub fn delete_candidature(&self, candidature: CandidatureId) {
        self.edit(candidature, |taking| taking.is_deleted = true);
    }

    fn edit(&self, candidature: CandidatureId, edit: impl FnOnce(&mut Taking)) {
        edit(self.state().takings.get_mut(&candidature).expect("a known candidature"));
    }

    /// How many mails an address (compared without case) has been sent.
    pub fn mails_to(&self, email: &str) -> usize {
        self.state().mails.get(&email.to_lowercase()).copied().unwrap_or(0)
    }

    /// How many mails have been sent to anybody.
    pub fn mails(&self) -> usize {
        self.state().mails.values().sum()
    }

    /// The candidature of an address in an assessment, deleted ones left out.
    pub fn candidature_of(&self, account: Account, assessment: AssessmentId, email: &str) -> Option<CandidatureId> {
        self.state().find(account, assessment, email).map(|(id, _)| id)
    }

    /// The invitations that were asked for since the last look.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state().asked)
    }

    /// A candidature as TestGorilla has it.
    pub fn record(&self, candidature: CandidatureId) -> Option<Record> {
        let state = self.state();
        let taking = state.takings.get(&candidature)?;
        let is_gone = !state.assessments.contains_key(&(taking.account, taking.assessment));
        Some(Record {
            account: taking.account,
            assessment: taking.assessment,
            test_taker: taking.test_taker,
            email: taking.email.clone(),
            progress: taking.progress,
            is_deleted: taking.is_deleted || is_gone,
            average: taking.completion.average,
        })
    }

    /// An assessment as TestGorilla has it.
    pub fn assessment_of(&self, account: Account, id: AssessmentId) -> Option<(AssessmentSummary, AssessmentDetails)> {
        self.state().assessments.get(&(account, id)).cloned()
    }

    /// Whose key this is, and whether it is refused.
    pub fn key_of(&self, key: &ApiKey) -> Option<(Account, Option<KeyRefusal>)> {
        self.state().keys.get(key.expose()).copied()
    }

    /// How many candidatures there ever were.
    pub fn candidatures(&self) -> usize {
        self.state().takings.len()
    }
}

impl State {
    fn find(&self, account: Account, assessment: AssessmentId, email: &str) -> Option<(CandidatureId, &Taking)> {
        let email = email.to_lowercase();
        let is_it = |taking: &Taking| {
            let place = taking.account == account && taking.assessment == assessment;
            place && !taking.is_deleted && taking.email.to_lowercase() == email
        };
        self.takings.iter().find(|(_, taking)| is_it(taking)).map(|(id, taking)| (*id, taking))
    }

    fn invite(&mut self, account: Account, assessment: AssessmentId, email: &str, now: Timestamp) -> CandidatureId {
        let taken = self.takings.len() as u64;
        let people = self.people.len() as u64;
        let person = self.people.entry((account, email.to_lowercase()));
        let test_taker = *person.or_insert(TestTakerId(1_804_000 + people));
        let id = CandidatureId(2_757_000 + taken);
        let taking = Taking {
            account,
            assessment,
            test_taker,
            email: email.to_owned(),
            progress: Progress::Invited,
            created_at: now,
            last_activity: now,
            completion: Completion::default(),
            is_deleted: false,
        };
        self.takings.insert(id, taking);
        id
    }
}
