//! Drives a history from its beginning to its end: faults first, then quiet, in which everything must come to its end.

use std::time::Duration;

use domain::flows::consent::{Grant, GrantError};
use domain::flows::hint::Hint;
use domain::flows::order::OrderRequest;
use domain::ids::AttemptId;
use domain::order::OrderKind;
use domain::outcome::Progress;
use domain::timestamp::Timestamp;
use testing::queues::Work as MessageWork;

use crate::calls::{self, Access, Ask, Call, Done, Reply};
use crate::events::result_url;
use crate::history::{Callback, History};
use crate::kinds::{Counts, Kind};
use crate::oracle::{Violation, company_id, order_id};
use crate::process::{Function, Process};
use crate::random::mix;
use crate::sqs::Queue;
use crate::world::{TICK, World};

/// Every order has come to its end so long after the last fault, when TestGorilla takes the key and SmartRecruiters knows the order.
pub const SOON: Duration = Duration::from_secs(14 * 3600);
/// And so long after it in every case: a refused key and an unknown order are waited for for a day.
pub const LATE: Duration = Duration::from_secs(32 * 3600);
/// Keys are destroyed so long after the end: an hour, two runs of the schedule, and the way there.
const KEYS_GONE: Duration = Duration::from_secs(3600 + 15 * 60);
/// Steps after which a history cannot be about to end.
const MOST_STEPS: u64 = 400_000;
/// How often a caller asks again.
const CALLER_TRIES: u32 = 4;

/// What became of a history.
#[derive(Debug, Clone)]
pub struct Report {
    /// The promise that was not kept.
    pub violation: Option<Violation>,
    /// What was met.
    pub counts: Counts,
    /// Ids of the faults that were met.
    pub met: std::collections::BTreeSet<u64>,
    /// Port calls.
    pub steps: u64,
    /// What happened, when it was wanted.
    pub trace: Vec<String>,
}

/// Runs a history.
pub fn run(history: &History, wants_trace: bool) -> Report {
    let mut world = World::new(history, wants_trace);
    world.run();
    world.report()
}

impl World<'_> {
    fn report(&mut self) -> Report {
        let mut control = self.control();
        let (mut counts, met) = (std::mem::take(&mut control.counts), std::mem::take(&mut control.met));
        drop(control);
        for _ in 0..self.oracle.erased {
            counts.add(Kind::Erased);
        }
        for _ in 0..self.sqs.dead {
            counts.add(Kind::MessageDead);
        }
        let trace = self.trace.take().unwrap_or_default();
        Report { violation: self.oracle.violation.clone(), counts, met, steps: self.steps, trace }
    }

    fn run(&mut self) {
        let history = self.history;
        let mut coming = history.events.iter().peekable();
        while let Some(event) = coming.peek() {
            let at = self.begin + Duration::from_millis(event.at);
            if !self.go_on_until(at) {
                return;
            }
            if let Some(event) = coming.next() {
                self.happen(&event.what, at);
            }
        }
        // What was begun goes on for a while, with faults.
        let now = self.now();
        if self.go_on_until(now + Duration::from_secs(3600)) {
            self.be_quiet();
        }
    }

    /// Lets everything go on until a time; says whether all promises were kept.
    fn go_on_until(&mut self, end: Timestamp) -> bool {
        loop {
            if self.oracle.violation.is_some() {
                return false;
            }
            if self.steps > MOST_STEPS {
                self.oracle.fail("histories end", || "too many steps".to_owned());
                return false;
            }
            let now = self.now();
            if now >= end {
                return true;
            }
            self.begin_what_is_due(now);
            self.end_what_is_late(now);
            self.fakes.clock().wake_sleepers();
            let ready = self.processes.iter().filter(|process| process.is_ready()).count();
            if ready == 0 {
                let next = self.next_time().map_or(end, |next| next.min(end));
                self.fakes.clock().set(next.max(now + Duration::from_millis(1)));
                continue;
            }
            let wanted = usize::try_from(self.random.below(ready as u64)).expect("a position");
            let chosen = (0..self.processes.len()).filter(|at| self.processes[*at].is_ready()).nth(wanted);
            self.step(chosen.expect("a process that is ready"));
            let time = Duration::from_millis(1 + self.random.below(40));
            self.fakes.clock().advance(time);
        }
    }

    /// When something happens by itself.
    fn next_time(&self) -> Option<Timestamp> {
        let calls = self.calls.first_key_value().map(|((at, _), _)| *at);
        let messages = [Queue::Invitations, Queue::Results];
        let has_room = messages.iter().any(|queue| self.running(*queue) < queue.at_once());
        let messages = self.sqs.next_at().filter(|_| has_room);
        let deadlines = self.processes.iter().map(|process| process.deadline).min();
        [calls, messages, deadlines, self.fakes.clock().next_waking(), self.next_useful_tick()]
            .into_iter()
            .flatten()
            .min()
    }

    /// The next run of the schedule that could find anything due: the ones before it would change nothing.
    fn next_useful_tick(&self) -> Option<Timestamp> {
        let due = self.fakes.store.look(|tables| {
            let invitations = tables.invitations.values().filter_map(|one| one.due_at);
            let integrations = tables.integrations.values().filter_map(|one| one.due_at);
            let catalogues = tables.catalogues.values().filter_map(|one| one.due_at);
            invitations.chain(integrations).chain(catalogues).min()
        })?;
        // A clock that is ahead finds it earlier.
        let due = due - Duration::from_millis(self.history.settings.clocks_apart);
        let late = due.since(self.next_tick).as_millis();
        let ticks = late.div_ceil(TICK.as_millis());
        Some(self.next_tick + TICK * u32::try_from(ticks).expect("days"))
    }

    fn begin_what_is_due(&mut self, now: Timestamp) {
        while let Some(entry) = self.calls.first_entry().filter(|entry| entry.key().0 <= now) {
            let call = entry.remove();
            self.answer(call, now);
        }
        for queue in [Queue::Invitations, Queue::Results] {
            while self.sqs.next_at().is_some_and(|at| at <= now) && self.running(queue) < queue.at_once() {
                if !self.receive(queue, now) {
                    break;
                }
            }
        }
        if self.next_tick <= now {
            self.tick(now);
        }
    }

    fn tick(&mut self, now: Timestamp) {
        let is_useful = self.next_useful_tick() == Some(self.next_tick);
        let missed = now.since(self.next_tick).as_millis() / TICK.as_millis() + 1;
        let number = self.next_tick.since(self.begin).as_secs();
        self.next_tick = self.next_tick + TICK * u32::try_from(missed).expect("days");
        if !is_useful {
            return;
        }
        let rate = self.history.settings.rates.edges;
        let chance = self.control().happens(mix(31, number), rate);
        let runs = match chance.map(|choice| choice % 2) {
            None => 1,
            Some(0) => {
                self.meet(Kind::TickLost);
                return;
            }
            Some(_) => {
                self.meet(Kind::TickDoubled);
                2
            }
        };
        for _ in 0..runs {
            let settings = self.settings.clone();
            self.begin(
                mix(32, number),
                Function::Reconcile,
                || "sweep".into(),
                |_, ports| calls::sweep(ports, settings),
            );
        }
    }

    /// Begins an invocation with a batch of messages; says whether there was any.
    fn receive(&mut self, queue: Queue, now: Timestamp) -> bool {
        let dead = self.sqs.dead;
        let batch = self.sqs.receive(queue, now);
        let Some(first) = batch.first() else { return self.sqs.dead > dead };
        let again = batch.iter().filter(|message| message.receives > 1).count();
        for _ in 0..again {
            self.meet(Kind::MessageAgain);
        }
        let function = if queue == Queue::Invitations { Function::Invitations } else { Function::Results };
        let name = mix(first.name, u64::from(first.receives));
        let about = batch.iter().filter_map(|message| match &message.work {
            MessageWork::Invite(key) => Some(key.clone()),
            MessageWork::Result(domain::ports::ResultWork::Follow { invitation, .. }) => Some(invitation.clone()),
            MessageWork::Result(_) => None,
        });
        let about: Vec<_> = about.collect();
        if self.processes.iter().any(|process| process.about.iter().any(|key| about.contains(key))) {
            self.meet(Kind::TwoAtOnce);
        }
        let works: Vec<_> = batch.into_iter().map(|message| (message.id, message.work)).collect();
        let settings = self.settings.clone();
        let label = || works.iter().map(|(_, work)| short(work)).collect::<Vec<_>>().join(" and ");
        let label = if self.trace.is_some() { label() } else { String::new() };
        let process = self.begin(name, function, || label, |_, ports| calls::messages(ports, settings, works));
        process.about = about;
        true
    }

    /// Lambda ends what has run too long.
    fn end_what_is_late(&mut self, now: Timestamp) {
        while let Some(at) = self.processes.iter().position(|process| process.deadline <= now) {
            let process = self.processes.swap_remove(at);
            self.meet(Kind::TimedOut);
            self.end(process, "is ended by its time-out", now);
        }
    }

    /// A process has ended without an answer.
    fn end(&mut self, process: Process, how: &str, now: Timestamp) {
        self.say(|_| format!("{} {how}", process.label));
        self.free(&process, true);
        if let Some(call) = process.call {
            self.ask_again(call, now);
        }
    }

    fn step(&mut self, at: usize) {
        self.steps += 1;
        {
            let process = &self.processes[at];
            let (name, calls) = (process.name, process.calls);
            let mut control = self.control();
            (control.process, control.calls, control.last) = (name, calls, None);
        }
        let started = self.processes[at].started;
        let done = self.processes[at].poll();
        let now = self.now();
        let (calls, last) = {
            let control = self.control();
            (control.calls, control.last)
        };
        self.processes[at].calls = calls;
        if let Some((op, kind)) = last {
            self.say(|world| {
                let fault = kind.map_or_else(String::new, |kind| format!("  <<< {}", kind.text()));
                format!("{}  {calls} {op:?}{fault}", world.processes[at].label)
            });
        }
        self.collect_messages();
        for asked in self.fakes.testgorilla.take_asked() {
            self.oracle.hear_asked(&self.fakes, &asked, started, now);
        }
        for told in self.fakes.smartrecruiters.take_told() {
            self.say(|_| format!("SmartRecruiters is told: {:?}", told.report.as_ref().map(|report| report.status)));
            self.oracle.hear_told(&self.fakes, &told, now);
        }
        self.oracle.look_at(&self.fakes.store, now);
        if self.fakes.faults.take_cut() {
            let process = self.processes.swap_remove(at);
            self.end(process, "is killed", now);
        } else if let Some(done) = done {
            let process = self.processes.swap_remove(at);
            self.free(&process, false);
            self.say(|_| format!("{} ends: {done:?}", process.label));
            self.conclude(process, done, now);
        }
    }

    fn conclude(&mut self, process: Process, done: Done, now: Timestamp) {
        let reply = match done {
            Done::Messages(messages) => {
                messages.into_iter().filter(|(_, is_done)| *is_done).for_each(|(id, _)| self.sqs.delete(id));
                return;
            }
            Done::Swept => return,
            Done::Replied(reply) => reply,
            Done::Listed(offered) => {
                if let Some(Call { ask: Ask::List(company), .. }) = &process.call {
                    self.oracle.hear_listed(&self.fakes, *company, &offered, process.started);
                }
                Reply::Good
            }
            Done::Granted(granted) => match granted {
                Ok(_) => Reply::Good,
                Err(GrantError::Key(_) | GrantError::NotConsented | GrantError::AlreadyConnected) => Reply::No("grant"),
                Err(_) => Reply::Later,
            },
        };
        let Some(call) = process.call else { return };
        let lost = self.control().happens(mix(process.name, 41), self.history.settings.rates.edges);
        if lost.is_some() {
            self.meet(Kind::ReplyLost);
            return self.ask_again(call, now);
        }
        match (&call.ask, &reply) {
            (_, Reply::Later) => self.ask_again(call, now),
            (Ask::Order { order, .. }, Reply::Good) => {
                let company = self.history.orders[*order].company;
                self.oracle.must_be_connected(company, process.started, "an order");
                self.oracle.orders[*order].accepted.get_or_insert(now);
            }
            (Ask::Order { .. }, Reply::No("unknown_package")) => self.meet(Kind::OrderedUnlisted),
            (Ask::Grant { .. }, Reply::Good) => self.meet(Kind::Connected),
            (Ask::Disconnect(company), Reply::Good) => self.heard_of_the_end(*company, process.started, now),
            (Ask::ForgeToken(..), Reply::Good) => {
                self.oracle.fail("a forged token is not taken", || format!("{call:?}"))
            }
            (Ask::CallBack { how: Callback::Forged | Callback::Stale, .. }, Reply::Good) => {
                self.oracle.fail("a forged or stale callback is not believed", || format!("{call:?}"));
            }
            _ => {}
        }
    }

    /// SmartRecruiters heard that the integration has ended: from now on it has, until it is connected again.
    fn heard_of_the_end(&mut self, company: usize, started: Timestamp, now: Timestamp) {
        let integration = self.fakes.store.integration_of(&company_id(company));
        let since = integration.as_ref().and_then(|integration| match &integration.status {
            domain::integration::Status::Active { since, .. } => Some(*since),
            _ => None,
        });
        match since {
            None => {
                self.oracle.companies[company].ended.get_or_insert(now);
            }
            // Connected anew while this call was under way.
            Some(since) if since + Duration::from_millis(self.history.settings.clocks_apart) >= started => {}
            Some(since) => {
                self.oracle
                    .fail("Disconnect ends the integration", || format!("company {company} is active since {since}"));
            }
        }
    }

    /// The caller tries again a while later, a few times.
    fn ask_again(&mut self, call: Call, now: Timestamp) {
        let attempt = call.attempt + 1;
        let tries = if self.control().is_quiet { 4 * CALLER_TRIES } else { CALLER_TRIES };
        if attempt < tries {
            let pause = Duration::from_secs(20 << attempt.min(5));
            self.ask(now + pause, Call { attempt, ..call });
        } else if !matches!(call.ask, Ask::List(_) | Ask::Why(..) | Ask::ForgeToken(..)) {
            // It comes up again once all is quiet.
            self.given_up.push(call);
        }
    }

    fn access(&mut self, company: usize, now: Timestamp) -> Access {
        let (_, issuer) = self.instance(Function::Token);
        let pair = self.fakes.smartrecruiters.our_pair(&company_id(company));
        Access { company, pair, tokens: self.tokens.clone(), issuer, now }
    }

    /// Begins an invocation that answers a request.
    fn answer(&mut self, call: Call, now: Timestamp) {
        let label = if self.trace.is_some() { format!("{:?}", call.ask) } else { String::new() };
        let label = move || label;
        let process = match call.ask.clone() {
            Ask::Order { order, reworded } => {
                let plan = self.history.orders[order].clone();
                if plan.known_late == 0
                    || now.since(self.oracle.orders[order].first.unwrap_or(now))
                        > Duration::from_secs(60 * plan.known_late)
                {
                    self.know(order);
                }
                let other = plan.other_address != reworded;
                let request = OrderRequest {
                    assessment: crate::oracle::Oracle::assessment_id(plan.assessment),
                    candidate: self.candidate(plan.company, plan.person, plan.by, other),
                    result_url: result_url(order),
                    kind: if plan.inline { OrderKind::Inline } else { OrderKind::Package },
                };
                let (access, delay) = (self.access(plan.company, now), self.history.settings.delay);
                self.begin(mix(51, order as u64), Function::Orders, label, |_, ports| {
                    calls::order(ports, access, request, delay)
                })
            }
            Ask::Grant { company, account, key, form } => {
                let api_key = self.keys[&(account, key)].clone();
                let request =
                    Grant { company: company_id(company), attempt: AttemptId::from_bytes([form; 16]), api_key };
                self.begin(mix(52, u64::from(form)), Function::Consent, label, |_, ports| {
                    calls::consent(ports, request)
                })
            }
            Ask::Disconnect(company) => self.begin(mix(53, company as u64), Function::Consent, label, |_, ports| {
                calls::disconnect(ports, company_id(company))
            }),
            Ask::List(company) => {
                let access = self.access(company, now);
                self.begin(mix(54, company as u64), Function::Assessments, label, |_, ports| calls::list(ports, access))
            }
            Ask::Why(company, assessment) => {
                self.begin(mix(55, company as u64), Function::Reconcile, label, |_, ports| {
                    calls::ask_why(ports, company_id(company), assessment)
                })
            }
            Ask::ForgeToken(company, other) => {
                let access = self.access(company, now);
                self.begin(mix(56, company as u64), Function::Assessments, label, |_, ports| {
                    calls::forge(ports, access, company_id(other))
                })
            }
            Ask::CallBack { hint, how } => {
                let newest = self.signers.last().cloned().unwrap_or_default();
                let key = if how == Callback::Forged { b"nobody's key".to_vec() } else { newest };
                let apart = Duration::from_millis(self.history.settings.clocks_apart);
                let sent = if how == Callback::Stale { now - Duration::from_secs(301) - apart } else { now };
                let name = match &hint {
                    Hint::Candidature { candidature, .. } => candidature.0,
                    Hint::IntegrationDisabled { .. } => 0,
                };
                self.begin(mix(57, name), Function::Callbacks, label, |_, ports| {
                    calls::callback(ports, hint, key, sent)
                })
            }
        };
        process.call = Some(call);
    }

    /// SmartRecruiters itself knows an order from now on.
    fn know(&mut self, order: usize) {
        let is_known = self.fakes.smartrecruiters.order(order_id(order)).is_some();
        if !is_known && !self.oracle.orders[order].forgotten {
            let company = company_id(self.history.orders[order].company);
            self.fakes.smartrecruiters.create_order(&company, &result_url(order));
        }
    }

    /// No fault happens any more, and everything comes to its end.
    fn be_quiet(&mut self) {
        self.say(|_| "FROM HERE ON NOTHING GOES WRONG".to_owned());
        self.control().is_quiet = true;
        self.control().away.clear();
        let now = self.now();
        let begin = now;
        for order in 0..self.history.orders.len() {
            if self.oracle.orders[order].first.is_some() {
                self.know(order);
            }
        }
        for call in std::mem::take(&mut self.given_up) {
            self.ask(now, call);
        }
        for company in 0..self.history.companies {
            self.ask(now + Duration::from_secs(120), Call { ask: Ask::List(company), attempt: 0 });
        }
        self.finish_candidates(now);
        let mut at = now;
        // When nothing was waited for any more that takes a day.
        let mut soon_from = now;
        loop {
            at = at + Duration::from_secs(20 * 60);
            if !self.go_on_until(at) {
                return;
            }
            let waited = at.since(begin);
            let is_idle = self.processes.is_empty() && self.calls.is_empty();
            match self.oracle.open(&self.fakes) {
                None if is_idle && waited >= Duration::from_secs(3600) => break,
                None => {}
                Some(open) if open.for_a_day && waited <= LATE => soon_from = at,
                Some(open) if waited > LATE || at.since(soon_from) > SOON => {
                    let hours = waited.as_secs() / 3600;
                    return self
                        .oracle
                        .fail("all comes to its end", || format!("{hours} h after the last fault: {}", open.why));
                }
                Some(_) => {}
            }
            if waited > KEYS_GONE {
                self.check_keys(waited);
            }
        }
        if self.history.settings.until_erased {
            self.go_on_until_erased();
        }
    }

    /// Who is invited finishes within the hour, or stays away; what was corrected is called back.
    fn finish_candidates(&mut self, now: Timestamp) {
        let candidatures = self.fakes.testgorilla.candidatures() as u64;
        for number in 0..candidatures {
            let candidature = domain::ids::CandidatureId(2_757_000 + number);
            let Some(record) = self.fakes.testgorilla.record(candidature) else { continue };
            if record.progress == Progress::Completed {
                // The last callback of a result comes through.
                let hint = Hint::Candidature { candidature, assessment: None };
                self.ask(
                    now + Duration::from_secs(60),
                    Call { ask: Ask::CallBack { hint, how: Callback::Signed }, attempt: 0 },
                );
            } else if !record.is_deleted && !mix(self.history.seed, candidature.0).is_multiple_of(4) {
                self.finish(candidature, Some(mix(self.history.seed, number) % 1001), now);
            }
        }
    }

    /// An hour after the end, and then for good, nothing of the keys is left.
    fn check_keys(&mut self, waited: Duration) {
        for company in 0..self.history.companies {
            let integration = self.fakes.store.integration_of(&company_id(company));
            if let Some(domain::integration::Status::Ended { remains: Some(_), at, .. }) =
                integration.map(|integration| integration.status)
                && self.now().since(at) > KEYS_GONE
            {
                let minutes = waited.as_secs() / 60;
                self.oracle.fail("keys are destroyed within the hour", || {
                    format!(
                        "company {company} ended at {at} still has its keys, {minutes} minutes after the last fault"
                    )
                });
            }
        }
    }

    fn go_on_until_erased(&mut self) {
        // Erasure is found by a run of the schedule.
        let end = self.now() + self.history.settings.personal_data + Duration::from_secs(3600);
        if !self.go_on_until(end) {
            return;
        }
        let kept = self.fakes.store.look(|tables| {
            let limit = self.now() - self.history.settings.personal_data - Duration::from_secs(1800);
            let kept = |one: &&domain::invitation::Invitation| {
                one.candidate.is_some() && one.changed_at < limit && one.state.status().is_final()
            };
            tables.invitations.values().find(kept).map(|one| format!("{} {:?}", one.key, one.due_at))
        });
        if let Some(kept) = kept {
            self.oracle.fail("personal data is erased in time", || kept);
        }
    }
}

fn short(work: &MessageWork) -> String {
    use domain::ports::ResultWork;
    match work {
        MessageWork::Invite(key) => format!("invite {}/{}", key.company, key.assessment),
        MessageWork::Result(ResultWork::Follow { invitation, hinted, .. }) => {
            format!("follow {}/{}{}", invitation.company, invitation.assessment, if *hinted { " (hinted)" } else { "" })
        }
        MessageWork::Result(ResultWork::Refresh { company }) => format!("refresh {company}"),
        MessageWork::Result(ResultWork::WindDown { company }) => format!("wind down {company}"),
    }
}
