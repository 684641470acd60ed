//! Faults: what may go wrong at a port, scripted by operation or drawn at random; and a record of every call.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

use domain::ports::{
    AcceptError, KeyRefusal, NoEntropy, QueueError, SaveError, SetUpError, SmartRecruitersError, StoreError,
    TestGorillaError,
};

/// A method of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is named after its method")]
pub enum Op {
    Integration,
    SaveIntegration,
    Client,
    PutClient,
    DeleteClient,
    Catalogue,
    Assessment,
    SaveCatalogueState,
    PutAssessments,
    Accept,
    Order,
    SaveOrder,
    Invitation,
    SaveInvitation,
    OpenInvitations,
    Due,
    InvitationsOf,
    CompaniesWith,
    CompanySecret,
    CompanySecretNow,
    PutCompanySecret,
    DestroyCompanySecret,
    PartnerKeys,
    PartnerKeysNow,
    WebhookKeys,
    WebhookKeysNow,
    WakeInvite,
    WakeResult,
    CheckKey,
    Assessments,
    AssessmentDetails,
    Invite,
    FindCandidature,
    Attempt,
    TestResults,
    Report,
    SetUpIntegration,
    Publish,
    Attach,
    Candidate,
    Bytes16,
    Bytes32,
}

/// What goes wrong in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No effect, and no answer.
    Before,
    /// The effect takes place, and its answer is lost.
    After,
    /// The process ends before the effect.
    CutBefore,
    /// The process ends after the effect.
    CutAfter,
    /// Somebody else saved in between (conditional writes alone).
    Conflict,
    /// What is stored cannot be read, or the answer is outside the contract.
    Broken,
    /// A partner asks to wait.
    RateLimited(Duration),
    /// TestGorilla does not take the key; SmartRecruiters not the credentials.
    KeyRefused(KeyRefusal),
    /// A partner does not have it.
    NotFound,
    /// SmartRecruiters refuses for good with this status.
    Refused(u16),
}

/// The process ended in the middle of its work (see [`Faults::run`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut;

type Hook = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Script {
    calls: Vec<Op>,
    next: HashMap<Op, VecDeque<Option<Fault>>>,
    always: HashMap<Op, Fault>,
    hooks: HashMap<Op, VecDeque<Hook>>,
    at_call: HashMap<usize, Fault>,
    random: Option<(u64, u64)>,
    is_cut: bool,
    lives: u64,
}

/// Faults and the record of calls, shared by all fakes of a test. Clones are the same script.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Script>>);

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("calls", &self.script().calls.len()).finish_non_exhaustive()
    }
}

impl Faults {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().expect("no test panics while it holds the script")
    }

    /// The next call of an operation that has nothing scripted yet fails; several queue up.
    pub fn next(&self, op: Op, fault: Fault) {
        self.script().next.entry(op).or_default().push_back(Some(fault));
    }

    /// The next call of an operation that has nothing scripted yet succeeds: put before a fault, it delays the fault by a call.
    pub fn pass(&self, op: Op) {
        self.script().next.entry(op).or_default().push_back(None);
    }

    /// Every call of an operation fails, until [`Faults::heal`].
    pub fn always(&self, op: Op, fault: Fault) {
        self.script().always.insert(op, fault);
    }

    /// The call with this number, counted from 0 over all operations, fails.
    pub fn at_call(&self, number: usize, fault: Fault) {
        self.script().at_call.insert(number, fault);
    }

    /// From now on one call in `one_in` fails, before or after its effect, as the seed has it.
    pub fn random(&self, seed: u64, one_in: u64) {
        self.script().random = Some((seed | 1, one_in.max(1)));
    }

    /// Runs something just before the next call of an operation takes effect: a competitor's action, or a look at the state.
    pub fn before(&self, op: Op, hook: impl FnOnce() + Send + 'static) {
        self.script().hooks.entry(op).or_default().push_back(Box::new(hook));
    }

    /// Forgets all that was scripted; the record of calls stays.
    pub fn heal(&self) {
        let mut script = self.script();
        let (calls, lives) = (std::mem::take(&mut script.calls), script.lives);
        *script = Script { calls, lives, ..Script::default() };
    }

    /// How often an operation was called.
    pub fn count(&self, op: Op) -> usize {
        self.script().calls.iter().filter(|called| **called == op).count()
    }

    /// All calls, in their order.
    pub fn calls(&self) -> Vec<Op> {
        self.script().calls.clone()
    }

    /// Forgets the calls so far; numbers begin at 0 again.
    pub fn forget_calls(&self) {
        self.script().calls.clear();
    }

    /// How often the process was cut. What is remembered in a process dies with it.
    pub fn lives(&self) -> u64 {
        self.script().lives
    }

    /// Runs a use case in a process that a fault may cut: from then on nothing of it goes on, whatever it had in hand.
    ///
    /// # Errors
    /// When the process was cut. The next run is a new process.
    pub async fn run<F: Future>(&self, work: F) -> Result<F::Output, Cut> {
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => {
                let mut script = self.script();
                if std::mem::take(&mut script.is_cut) {
                    script.lives += 1;
                    Poll::Ready(Err(Cut))
                } else {
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Begins a call: counts it, and fails or stops it as scripted. Whatever runs beside it gets its turn first, as at a real port.
    pub(crate) async fn enter(&self, op: Op) -> Result<Exit, Fault> {
        tokio::task::yield_now().await;
        let fault = self.draw(op);
        if fault == Some(Fault::CutBefore) {
            self.cut().await;
        }
        match fault {
            None => Ok(Exit { faults: self.clone(), fault: None }),
            Some(after @ (Fault::After | Fault::CutAfter)) => Ok(Exit { faults: self.clone(), fault: Some(after) }),
            Some(fault) => Err(fault),
        }
    }

    /// Whether chance fails, as scripted: it is not counted among the calls, and no process ends there.
    pub(crate) fn chance_fails(&self, op: Op) -> bool {
        self.script().scripted(op).is_some()
    }

    fn draw(&self, op: Op) -> Option<Fault> {
        let hook = self.script().hooks.get_mut(&op).and_then(VecDeque::pop_front);
        if let Some(hook) = hook {
            hook();
        }
        let mut script = self.script();
        let number = script.calls.len();
        script.calls.push(op);
        let numbered = script.at_call.remove(&number);
        numbered.or_else(|| script.scripted(op)).or_else(|| script.random())
    }

    async fn cut(&self) {
        self.script().is_cut = true;
        std::future::pending::<()>().await;
    }
}

impl Script {
    fn scripted(&mut self, op: Op) -> Option<Fault> {
        match self.next.get_mut(&op).and_then(VecDeque::pop_front) {
            Some(queued) => queued,
            None => self.always.get(&op).copied(),
        }
    }

    fn random(&mut self) -> Option<Fault> {
        let (state, one_in) = self.random.as_mut()?;
        // Xorshift64 (Marsaglia, 2003).
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state % *one_in == 0).then_some(if *state & (1 << 40) == 0 { Fault::Before } else { Fault::After })
    }
}

/// The end of a call whose effect has taken place.
#[must_use = "the answer may be lost"]
pub(crate) struct Exit {
    faults: Faults,
    fault: Option<Fault>,
}

impl Exit {
    /// Hands the answer over, loses it, or ends the process.
    pub(crate) async fn leave(self) -> Result<(), Fault> {
        match self.fault {
            Some(Fault::CutAfter) => {
                self.faults.cut().await;
                Ok(())
            }
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "injected: {self:?}")
    }
}

impl std::error::Error for Fault {}

fn unfit(fault: Fault, port: &str) -> ! {
    panic!("the fault {fault:?} does not happen at {port}")
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Before | Fault::After => Self::Unavailable(fault.into()),
            Fault::Broken => Self::Broken(fault.into()),
            other => unfit(other, "a store"),
        }
    }
}

impl From<Fault> for SaveError {
    fn from(fault: Fault) -> Self {
        if fault == Fault::Conflict { Self::Conflict } else { Self::Store(fault.into()) }
    }
}

impl From<Fault> for AcceptError {
    fn from(fault: Fault) -> Self {
        if fault == Fault::Conflict { Self::InvitationConflict } else { Self::Store(fault.into()) }
    }
}

impl From<Fault> for QueueError {
    fn from(fault: Fault) -> Self {
        Self(fault.into())
    }
}

impl From<Fault> for NoEntropy {
    fn from(_: Fault) -> Self {
        Self
    }
}

impl From<Fault> for TestGorillaError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Before | Fault::After => Self::Unavailable(fault.into()),
            Fault::Broken => Self::Unexpected(fault.into()),
            Fault::RateLimited(wait) => Self::RateLimited(wait),
            Fault::KeyRefused(refusal) => Self::KeyRefused(refusal),
            Fault::NotFound => Self::NotFound,
            other => unfit(other, "TestGorilla"),
        }
    }
}

impl From<Fault> for SmartRecruitersError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Before | Fault::After => Self::Unavailable(fault.into()),
            Fault::Broken => Self::Unexpected(fault.into()),
            Fault::RateLimited(wait) => Self::RateLimited(wait),
            Fault::KeyRefused(_) => Self::CredentialsRefused,
            Fault::NotFound => Self::NotFound,
            Fault::Refused(status) => Self::Refused(status),
            other => unfit(other, "SmartRecruiters"),
        }
    }
}

impl From<Fault> for SetUpError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotFound => Self::NotRegistered,
            Fault::Conflict => Self::AlreadyIntegrated,
            other => Self::SmartRecruiters(other.into()),
        }
    }
}
