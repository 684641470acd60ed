//! The world of one history: the product's processes over the in-memory ports, its queues and schedule, and who calls it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use domain::flows::follow;
use domain::ports::{Clock, ResultWork};
use domain::sensitive::ApiKey;
use domain::timestamp::Timestamp;
use testing::queues::Work as MessageWork;
use testing::{FakePorts, Fakes};

use crate::calls::{Call, Tokens};
use crate::history::History;
use crate::judge::Control;
use crate::kinds::Kind;
use crate::oracle::Oracle;
use crate::process::{Function, Process, Work};
use crate::random::{Random, mix};
use crate::sqs::{Queue, Sqs};

/// From one run of the schedule to the next (`ReconcileMinutes`).
pub(crate) const TICK: Duration = Duration::from_secs(300);

/// A place where a function runs: it remembers secrets, its clock may be wrong, and it has one invocation at a time.
struct Instance {
    ports: Rc<FakePorts>,
    is_busy: bool,
}

pub(crate) struct World<'h> {
    pub(crate) history: &'h History,
    pub(crate) fakes: Fakes,
    pub(crate) control: Arc<Mutex<Control>>,
    pub(crate) settings: Rc<follow::Settings>,
    pub(crate) processes: Vec<Process>,
    pub(crate) sqs: Sqs,
    pub(crate) oracle: Oracle<'h>,
    pub(crate) tokens: Tokens,
    pub(crate) random: Random,
    /// Requests from outside that are still to come.
    pub(crate) calls: BTreeMap<(Timestamp, u64), Call>,
    pub(crate) call_count: u64,
    /// Requests whose callers gave up.
    pub(crate) given_up: Vec<Call>,
    pub(crate) next_tick: Timestamp,
    pub(crate) begin: Timestamp,
    pub(crate) keys_made: u64,
    /// Keys that sign callbacks, the newest last.
    pub(crate) signers: Vec<Vec<u8>>,
    /// The current key of each account and number.
    pub(crate) keys: BTreeMap<(usize, u64), ApiKey>,
    /// What happened, when somebody wants to read it.
    pub(crate) trace: Option<Vec<String>>,
    pub(crate) steps: u64,
    instances: [Vec<Instance>; Function::COUNT],
    /// How often a process with this name began.
    names: BTreeMap<u64, u64>,
}

impl<'h> World<'h> {
    pub(crate) fn new(history: &'h History, wants_trace: bool) -> Self {
        let fakes = Fakes::default();
        let clock = fakes.clock().clone();
        clock.drive();
        let control = Control::new(history.seed, history.settings.rates, history.only.clone());
        let control = Arc::new(Mutex::new(control));
        let (judging, time) = (control.clone(), clock.clone());
        fakes.faults.judge(&clock, Box::new(move |op| judging.lock().expect("one thread").judge(op, &time)));
        let page = "https://app.testgorilla.example/{assessment}/{testtaker}/{candidature}";
        let settings = follow::Settings {
            candidate_page: page.parse().expect("a page"),
            personal_data: history.settings.personal_data,
        };
        let mut keys = BTreeMap::new();
        let accounts = (0..history.accounts).map(|account| {
            let key = |number| ApiKey::from_pasted(&format!("tgkey-{account}-{number}")).expect("a key");
            let opened = fakes.testgorilla.open_account(&key(0));
            for number in 0..4 {
                fakes.testgorilla.add_key(opened, &key(number));
                keys.insert((account, number), key(number));
            }
            opened
        });
        let oracle = Oracle::new(history, accounts.collect());
        let mut world = Self {
            history,
            control,
            settings: Rc::new(settings),
            processes: vec![],
            sqs: Sqs::default(),
            oracle,
            tokens: Tokens::default(),
            random: Random::new(mix(history.seed, 0x7363_6865_6475_6c65)),
            calls: BTreeMap::new(),
            call_count: 0,
            given_up: vec![],
            next_tick: clock.now() + TICK,
            begin: clock.now(),
            keys_made: 0,
            signers: vec![testing::secrets::CALLBACK_KEY.to_vec()],
            keys,
            trace: wants_trace.then(Vec::new),
            steps: 0,
            instances: Default::default(),
            names: BTreeMap::new(),
            fakes,
        };
        world.people();
        world
    }

    pub(crate) fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().expect("one thread")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.fakes.clock().now()
    }

    /// Counts what was met.
    pub(crate) fn meet(&self, kind: Kind) {
        self.control().counts.add(kind);
    }

    /// Writes a line of the trace, when one is wanted.
    pub(crate) fn say(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.trace.is_some() {
            let time = self.now().since(self.begin);
            let (hours, minutes) = (time.as_secs() / 3600, time.as_secs() / 60 % 60);
            let line = format!("{hours:02}:{minutes:02}:{:06.3}  {}", time.as_secs_f64() % 60.0, line(self));
            if let Some(trace) = &mut self.trace {
                trace.push(line);
            }
        }
    }

    /// An instance of a function that has nothing to do, new when all are busy.
    pub(crate) fn instance(&mut self, function: Function) -> (usize, Rc<FakePorts>) {
        let all = &self.instances[function as usize];
        let free = all.iter().position(|instance| !instance.is_busy);
        let at = free.unwrap_or(all.len());
        if at == all.len() {
            let apart = self.history.settings.clocks_apart;
            let number = mix(self.history.seed, mix(function as u64, at as u64));
            let ahead = match apart {
                0 => 0,
                _ => i64::try_from(number % (2 * apart + 1)).expect("minutes") - i64::try_from(apart).expect("minutes"),
            };
            if ahead.unsigned_abs() > 60_000 {
                self.meet(Kind::ClockApart);
            }
            let ports = self.new_ports(ahead);
            self.instances[function as usize].push(Instance { ports, is_busy: false });
        }
        (at, self.instances[function as usize][at].ports.clone())
    }

    fn new_ports(&self, ahead: i64) -> Rc<FakePorts> {
        let mut ports = self.fakes.ports();
        ports.secrets = ports.secrets.another_process();
        ports.world.clock = ports.world.clock.ahead_by(ahead);
        Rc::new(ports)
    }

    /// Begins an invocation. `name` is what it is about, the same in every run.
    pub(crate) fn begin(
        &mut self,
        name: u64,
        function: Function,
        label: impl FnOnce() -> String,
        work: impl FnOnce(&mut Self, Rc<FakePorts>) -> Work,
    ) -> &mut Process {
        let nth = self.names.entry(name).or_default();
        *nth += 1;
        let name = mix(name, *nth);
        let (instance, ports) = self.instance(function);
        self.instances[function as usize][instance].is_busy = true;
        let work = work(self, ports);
        let mut process = Process::new(name, function, instance, self.now(), work);
        if self.trace.is_some() {
            process.label = format!("{}#{:x}", label(), name & 0xffff);
            let line = format!("{} begins", process.label);
            self.say(|_| line);
        }
        self.processes.push(process);
        self.processes.last_mut().expect("the process that was pushed")
    }

    /// A process has ended; when it was killed, its instance has gone with it.
    pub(crate) fn free(&mut self, process: &Process, is_killed: bool) {
        let ports = is_killed.then(|| {
            let old = &self.instances[process.function as usize][process.instance].ports;
            let mut ports = FakePorts::clone(old);
            ports.secrets = ports.secrets.another_process();
            Rc::new(ports)
        });
        let instance = &mut self.instances[process.function as usize][process.instance];
        instance.is_busy = false;
        if let Some(ports) = ports {
            instance.ports = ports;
        }
    }

    /// Moves messages that were sent into the queues, which may lose, double or delay them.
    pub(crate) fn collect_messages(&mut self) {
        for message in self.fakes.queues.take_all() {
            let name = self.name_of(&message.work);
            let nth = self.names.entry(name).or_default();
            *nth += 1;
            let name = mix(name, *nth);
            let rate = self.history.settings.rates.messages;
            let choice = self.control().happens(mix(name, 11), rate);
            match choice.map(|choice| (choice % 3, choice / 3)) {
                None => self.sqs.send(name, message.work, message.visible_at),
                Some((0, _)) => {
                    self.meet(Kind::MessageLost);
                    self.say(|_| format!("message lost: {:?}", message.work));
                }
                Some((1, rest)) => {
                    self.meet(Kind::MessageDoubled);
                    let later = Duration::from_millis(rest % 7 * 400);
                    self.sqs.send(mix(name, 1), message.work.clone(), message.visible_at);
                    self.sqs.send(mix(name, 2), message.work, message.visible_at + later);
                }
                Some((_, rest)) => {
                    self.meet(Kind::MessageLate);
                    let late = Duration::from_secs(1 + rest % if rest % 5 == 0 { 7_200 } else { 600 });
                    self.sqs.send(name, message.work, message.visible_at + late);
                }
            }
        }
    }

    /// A number for what a message is about: the first order of its invitation, or its company.
    fn name_of(&self, work: &MessageWork) -> u64 {
        let order = |key| {
            self.fakes.store.look(|tables| {
                let first = tables.invitations.get(key).and_then(|invitation| invitation.orders.first().copied());
                first.map_or(0, |order| crate::oracle::order_no(order) as u64)
            })
        };
        let letter = |text: &str| text.bytes().last().map_or(0, u64::from);
        match work {
            MessageWork::Invite(key) => mix(21, order(key)),
            MessageWork::Result(ResultWork::Follow { invitation, .. }) => mix(22, order(invitation)),
            MessageWork::Result(ResultWork::Refresh { company }) => mix(23, letter(company.as_str())),
            MessageWork::Result(ResultWork::WindDown { company }) => mix(24, letter(company.as_str())),
        }
    }

    /// Invocations of a function that run now.
    pub(crate) fn running(&self, queue: Queue) -> usize {
        let function = match queue {
            Queue::Invitations => Function::Invitations,
            Queue::Results => Function::Results,
        };
        self.processes.iter().filter(|process| process.function == function).count()
    }

    /// A request comes at a time.
    pub(crate) fn ask(&mut self, at: Timestamp, call: Call) {
        self.call_count += 1;
        self.calls.insert((at, self.call_count), call);
    }
}
