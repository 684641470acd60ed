//! What can happen, and how often it did: a fault that is never met is a hole in the simulation.

/// Defines an enumeration whose variants have a sentence each and can be listed.
macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each has its sentence")]
        pub enum $name {
            $($variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// What it is.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

kinds!(
    /// Everything that happens to the product.
    Kind {
        // What people and partners do.
        Connected = "event: a company connects",
        ConnectedTwice = "event: the form is sent twice at once",
        TwoForms = "event: two forms of one company at once",
        Reconnected = "event: a company connects again",
        OtherKey = "event: a company connects with another key",
        Created = "event: an assessment is created",
        Archived = "event: an assessment is archived",
        Deleted = "event: an assessment is deleted",
        Ordered = "event: an order",
        OrderedAgain = "event: a further order for the same candidate",
        OrderedInline = "event: an inline order",
        OrderedWithoutAddress = "event: an order without e-mail address",
        OrderedUnlisted = "event: an order for what is not listed",
        Redelivered = "event: an order is delivered again",
        Reworded = "event: an order is delivered again with another address",
        UnknownThere = "event: SmartRecruiters knows the order late",
        Forgotten = "event: SmartRecruiters forgets an order",
        Listed = "event: a listing",
        AskedWhy = "event: why is it not listed",
        Started = "event: a candidate starts",
        Finished = "event: a candidate finishes",
        Corrected = "event: a result is corrected",
        Removed = "event: a candidature is deleted",
        InvitedByHand = "event: a candidate is invited by hand",
        KeyRevoked = "event: a key is refused",
        KeyTaken = "event: a key is taken again",
        Disconnected = "event: Disconnect",
        Disabled = "event: Disable, with its callback",
        CalledBack = "event: a callback",
        CalledBackTwice = "event: a callback is repeated",
        Forged = "event: a callback is forged",
        Stale = "event: a callback is stale",
        KeyReplaced = "event: the API key in the secret is replaced",
        PairReplaced = "event: SmartRecruiters' pair is replaced",
        MasterReplaced = "event: the master credentials are replaced",
        SignerReplaced = "event: the callback secret is replaced",
        TokenForged = "event: a token of another company is used",
        TokenOld = "event: a token outlives its integration",
        Erased = "event: personal data is erased",
        // Processes.
        KilledBefore = "process: ends before a call's effect",
        KilledAfter = "process: ends after a call's effect",
        TimedOut = "process: Lambda's time-out ends it",
        TwoAtOnce = "process: two work on one invitation at once",
        // Messages, answers and the schedule.
        MessageLost = "message: lost",
        MessageDoubled = "message: doubled",
        MessageLate = "message: late, out of order",
        MessageAgain = "message: received again after a failure",
        MessageDead = "message: to the dead-letter queue",
        ReplyLost = "reply: lost on the way to the caller",
        TickLost = "schedule: a run is left out",
        TickDoubled = "schedule: two runs at once",
        ClockApart = "clock: wrong by up to two minutes",
        NoEntropy = "chance: none to be had",
        // The store and its neighbours.
        StoreFails = "store: throttled or away, no effect",
        StoreReplyLost = "store: the effect takes place, the answer is lost",
        StoreSaysConflict = "store: a write succeeds and reports a conflict",
        StoreSlow = "store: slow",
        StoreTimesOut = "store: slower than the time-out",
        ReadBehind = "store: an index or a copy is behind",
        SecretFails = "secrets: fail, no effect",
        SecretReplyLost = "secrets: the effect takes place, the answer is lost",
        SendFails = "queue: does not take a message",
        SendReplyLost = "queue: takes a message, the answer is lost",
        StoreOutage = "outage: the store",
        SecretOutage = "outage: the secrets",
        // TestGorilla.
        GorillaFails = "TestGorilla: error before the effect",
        GorillaReplyLost = "TestGorilla: error after the effect",
        GorillaLimits = "TestGorilla: 429",
        GorillaStrange = "TestGorilla: an answer outside its contract",
        GorillaSlow = "TestGorilla: slow",
        GorillaTimesOut = "TestGorilla: slower than the time-out, no effect",
        GorillaTimesOutAfter = "TestGorilla: slower than the time-out, with its effect",
        GorillaOutage = "outage: TestGorilla",
        GorillaWindow = "outage: TestGorilla's 429 window",
        // SmartRecruiters.
        RecruiterFails = "SmartRecruiters: error before the effect",
        RecruiterReplyLost = "SmartRecruiters: error after the effect",
        RecruiterLimits = "SmartRecruiters: 429",
        RecruiterStrange = "SmartRecruiters: an answer outside its contract",
        RecruiterSlow = "SmartRecruiters: slow",
        RecruiterTimesOut = "SmartRecruiters: slower than the time-out, no effect",
        RecruiterTimesOutAfter = "SmartRecruiters: slower than the time-out, with its effect",
        RecruiterRefuses = "SmartRecruiters: refuses a PDF for good",
        RecruiterOutage = "outage: SmartRecruiters",
        RecruiterWindow = "outage: SmartRecruiters' 429 window",
    }
);

/// How often each kind was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts(Vec<u64>);

impl Default for Counts {
    fn default() -> Self {
        Self(vec![0; Kind::ALL.len()])
    }
}

impl Counts {
    /// Counts one.
    pub fn add(&mut self, kind: Kind) {
        self.0[kind as usize] += 1;
    }

    /// Adds those of another.
    pub fn add_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(sum, count)| *sum += count);
    }

    /// How often a kind was met.
    pub fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    /// Kinds that were never met.
    pub fn never_met(&self) -> Vec<Kind> {
        Kind::ALL.iter().copied().filter(|kind| self.of(*kind) == 0).collect()
    }

    /// A table, a line each.
    pub fn table(&self) -> String {
        let width = Kind::ALL.iter().map(|kind| kind.text().chars().count()).max().unwrap_or(0);
        let lines = Kind::ALL.iter().map(|kind| format!("{:<width$} {:>10}\n", kind.text(), self.of(*kind)));
        lines.collect()
    }
}
