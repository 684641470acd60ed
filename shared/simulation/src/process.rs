//! Processes, run by hand: one poll takes a process to its next port call, and between two polls it can be dropped.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use domain::ids::InvitationKey;
use domain::timestamp::Timestamp;

use crate::calls::{Call, Done};

/// The functions of the template, with their time-outs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Consent,
    Token,
    Assessments,
    Orders,
    Invitations,
    Callbacks,
    Results,
    Reconcile,
}

impl Function {
    pub(crate) const COUNT: usize = 8;

    /// Seconds until Lambda ends an invocation (`template.yaml`).
    pub(crate) const fn timeout(self) -> u64 {
        match self {
            Self::Consent => 25,
            Self::Token | Self::Assessments | Self::Callbacks => 10,
            Self::Orders => 15,
            Self::Invitations => 60,
            Self::Results => 90,
            Self::Reconcile => 285,
        }
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub(crate) type Work = Pin<Box<dyn Future<Output = Done>>>;

/// One invocation of a function.
pub(crate) struct Process {
    /// The same in every run of the history, and in one from which something was taken out.
    pub(crate) name: u64,
    pub(crate) label: String,
    pub(crate) function: Function,
    /// Which of the function's instances it runs in.
    pub(crate) instance: usize,
    pub(crate) started: Timestamp,
    pub(crate) deadline: Timestamp,
    /// Port calls so far.
    pub(crate) calls: u64,
    /// The request it answers.
    pub(crate) call: Option<Call>,
    /// The invitations it was woken for.
    pub(crate) about: Vec<InvitationKey>,
    work: Work,
    flag: Arc<Flag>,
    waker: Waker,
}

impl Process {
    pub(crate) fn new(name: u64, function: Function, instance: usize, started: Timestamp, work: Work) -> Self {
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let deadline = started + std::time::Duration::from_secs(function.timeout());
        Self {
            name,
            label: String::new(),
            function,
            instance,
            started,
            deadline,
            calls: 0,
            call: None,
            about: vec![],
            work,
            waker: Waker::from(flag.clone()),
            flag,
        }
    }

    /// Whether it could go on now; if not, it waits for time to pass.
    pub(crate) fn is_ready(&self) -> bool {
        self.flag.0.load(Ordering::Relaxed)
    }

    /// Lets it go on to its next call.
    pub(crate) fn poll(&mut self) -> Option<Done> {
        self.flag.0.store(false, Ordering::Relaxed);
        match self.work.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => None,
        }
    }
}
