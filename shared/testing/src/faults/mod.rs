//! Faults: what may go wrong at a port, scripted by operation or drawn at random; and a record of every call.

mod errors;
mod op;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

use domain::ports::KeyRefusal;

pub use self::op::Op;
use crate::virtual_time::yield_once;
use crate::world::FixedClock;

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
    /// The effect takes place, its answer is lost, and the client's own repetition finds that it is not its turn any more
    /// (conditional writes alone).
    ConflictAfter,
    /// What is stored cannot be read, or the answer is outside the contract.
    Broken,
    /// What is read is as it was before the last write of each item (reads that may be a moment behind alone).
    Stale,
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

/// What a judge says of one call: how long it takes, before and after its effect, and what goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Virtual time that passes before the effect.
    pub before: Duration,
    /// Virtual time that passes after the effect, or after it failed to happen.
    pub after: Duration,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// Judges every call, instead of a script.
pub type Judge = Box<dyn FnMut(Op) -> Verdict + Send>;

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
    judge: Option<(FixedClock, Judge)>,
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

    /// From now on a judge decides on every call, in place of all that is scripted. Time passes as it says, on this clock.
    pub fn judge(&self, clock: &FixedClock, judge: Judge) {
        self.script().judge = Some((clock.clone(), judge));
    }

    /// Whether the process that ran last was cut, for who runs processes by hand; see [`Faults::run`].
    pub fn take_cut(&self) -> bool {
        let mut script = self.script();
        std::mem::take(&mut script.is_cut)
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
        yield_once().await;
        let Verdict { before, after, fault } = self.draw(op);
        self.let_pass(before).await;
        let exit = Exit { faults: self.clone(), after, fault };
        match fault {
            None | Some(Fault::After | Fault::CutAfter | Fault::ConflictAfter | Fault::Stale) => Ok(exit),
            Some(Fault::CutBefore) => {
                self.cut().await;
                Ok(exit)
            }
            Some(fault) => {
                self.let_pass(after).await;
                Err(fault)
            }
        }
    }

    /// Whether chance fails, as scripted: it is not counted among the calls, and no process ends there.
    pub(crate) fn chance_fails(&self, op: Op) -> bool {
        let mut script = self.script();
        match &mut script.judge {
            Some((_, judge)) => judge(op).fault.is_some(),
            None => script.scripted(op).is_some(),
        }
    }

    fn draw(&self, op: Op) -> Verdict {
        let hook = self.script().hooks.get_mut(&op).and_then(VecDeque::pop_front);
        if let Some(hook) = hook {
            hook();
        }
        let mut script = self.script();
        if let Some((_, judge)) = &mut script.judge {
            return judge(op);
        }
        let number = script.calls.len();
        script.calls.push(op);
        let numbered = script.at_call.remove(&number);
        let fault = numbered.or_else(|| script.scripted(op)).or_else(|| script.random());
        Verdict { fault, ..Verdict::default() }
    }

    async fn let_pass(&self, time: Duration) {
        if !time.is_zero() {
            let clock = self.script().judge.as_ref().map(|(clock, _)| clock.clone());
            if let Some(clock) = clock {
                domain::ports::Clock::sleep(&clock, time).await;
            }
        }
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
    after: Duration,
    fault: Option<Fault>,
}

impl Exit {
    /// Whether the answer is to be as it was a moment ago.
    pub(crate) fn is_stale(&self) -> bool {
        self.fault == Some(Fault::Stale)
    }

    /// Hands the answer over, loses it, or ends the process.
    pub(crate) async fn leave(self) -> Result<(), Fault> {
        self.faults.let_pass(self.after).await;
        match self.fault {
            Some(Fault::CutAfter) => {
                self.faults.cut().await;
                Ok(())
            }
            None | Some(Fault::Stale) => Ok(()),
            Some(fault) => Err(fault),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "injected: {self:?}")
    }
}

impl std::error::Error for Fault {}
