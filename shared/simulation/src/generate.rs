//! Makes a history from a seed: small worlds, and many of the coincidences that a large one would have once a year.

use std::time::Duration;

use crate::history::{
    AssessmentNo, By, Callback, CompanyNo, Event, History, OrderNo, OrderPlan, Outage, Rates, Settings, What,
};
use crate::random::{Random, mix};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// The history of a seed, with at most so many events beside the first connections.
pub fn generate(seed: u64, most_events: usize) -> History {
    Generator::new(seed, true).history(most_events)
}

/// The same with fewer coincidences, as histories were made when the first seeds were noted.
pub fn generate_sparse(seed: u64, most_events: usize) -> History {
    Generator::new(seed, false).history(most_events)
}

struct Generator {
    random: Random,
    history: History,
    horizon: u64,
    forms: u8,
    assessments: Vec<AssessmentNo>,
    account_of: Vec<usize>,
    /// Things happen in the midst of others.
    is_dense: bool,
}

impl Generator {
    fn new(seed: u64, is_dense: bool) -> Self {
        let mut random = Random::new(mix(seed, 0x0067_656e_6572_6174));
        let companies = [1, 1, 1, 2, 2, 3][usize::try_from(random.below(6)).expect("a position")];
        let accounts = if companies == 1 || random.percent(40) { 1 } else { 2 };
        let account_of = (0..companies).map(|company| company % accounts).collect();
        let people = (0..random.within(1, 4)).map(|_| random.percent(6)).collect();
        let horizon = random.pick(&[2, 3, 4, 5, 8, 8, 16, 30]) * HOUR;
        let settings = settings(&mut random);
        let history =
            History { seed, settings, companies, accounts, people, orders: vec![], events: vec![], only: None };
        Self { random, history, horizon, forms: 0, assessments: vec![], account_of, is_dense }
    }

    fn history(mut self, most_events: usize) -> History {
        for company in 0..self.history.companies {
            let at = self.random.below(3 * MINUTE);
            self.connect(company, at, false);
        }
        for account in 0..self.history.accounts {
            for _ in 0..self.random.within(1, 4) {
                // Some before the company has connected.
                let at = if self.random.percent(85) { self.random.within(4 * MINUTE, 10 * MINUTE) } else { 1 };
                self.create(account, at);
            }
        }
        let wanted = usize::try_from(self.random.within(4, 22)).expect("a small number").min(most_events);
        while self.history.events.len() < wanted + self.history.companies + self.assessments.len() {
            self.something();
        }
        self.history.events.sort_by_key(|event| event.at);
        self.history
    }

    fn push(&mut self, at: u64, what: What) {
        self.history.events.push(Event { at, what });
    }

    fn time(&mut self) -> u64 {
        self.random.within(12 * MINUTE, self.horizon)
    }

    fn company(&mut self) -> CompanyNo {
        usize::try_from(self.random.below(self.history.companies as u64)).expect("a position")
    }

    fn connect(&mut self, company: CompanyNo, at: u64, fresh: bool) {
        self.forms += 1;
        let is_other = fresh && self.random.percent(25);
        let own = self.account_of[company];
        let account = if is_other && self.random.percent(30) { (own + 1) % self.history.accounts } else { own };
        // Two companies that share an account use the same key, or one each.
        let key = if is_other { self.random.below(3) } else { self.history.seed % 2 * company as u64 };
        let (form, twice) = (self.forms, self.random.percent(15));
        self.push(at, What::Connect { company, account, key, form, twice, fresh });
        if self.random.percent(8) {
            self.forms += 1;
            let form = self.forms;
            let at = at + self.random.below(2_000);
            self.push(at, What::Connect { company, account, key, form, twice: false, fresh: false });
        }
    }

    fn create(&mut self, account: usize, at: u64) {
        let number = self.assessments.len() as u64;
        let assessment = AssessmentNo { account, number };
        self.assessments.push(assessment);
        let empty = self.random.percent(5);
        let expires = self.random.percent(12).then(|| self.random.within(30, 12 * 60));
        self.push(at, What::Create { assessment, empty, expires });
    }

    fn order(&mut self) -> OrderNo {
        let company = self.company();
        let account = self.account_of[company];
        let own: Vec<_> = self.assessments.iter().copied().filter(|one| one.account == account).collect();
        // Now and then for what the company does not have.
        let assessment = if own.is_empty() || self.random.percent(3) {
            self.random.pick(&self.assessments)
        } else {
            self.random.pick(&own)
        };
        let person = usize::try_from(self.random.below(self.history.people.len() as u64)).expect("a position");
        let by = self.random.pick(&[By::Id, By::Id, By::Id, By::IdAlone, By::Address]);
        let inline = self.random.percent(if by == By::Address { 60 } else { 12 });
        let plan = OrderPlan {
            company,
            assessment,
            person,
            // An inline order always carries the address.
            by: if inline && by == By::IdAlone { By::Id } else { by },
            other_address: by == By::Id && self.random.percent(12),
            inline,
            known_late: if self.random.percent(6) { self.random.within(1, 40) } else { 0 },
        };
        self.history.orders.push(plan);
        self.history.orders.len() - 1
    }

    /// What follows an order.
    fn life(&mut self, order: OrderNo, at: u64) {
        let mut at = at;
        if self.random.percent(15) {
            let again = at + self.random.below(20 * MINUTE);
            let reworded = self.random.percent(40);
            self.push(again, What::Redeliver(order, reworded));
        }
        if self.random.percent(15) {
            let soon = at + self.random.below(15 * MINUTE);
            self.push(soon, What::InviteByHand(order));
        }
        if self.is_dense && self.random.percent(20) {
            self.in_the_midst(order, at);
        }
        if self.random.percent(65) {
            at += self.random.within(8 * MINUTE, 3 * HOUR);
            self.push(at, What::Start(order));
            self.call_back(order, at);
        }
        // Now and then while somebody is still reading that they have started.
        let is_swift = self.is_dense && self.random.percent(25);
        if self.random.percent(60) {
            at += if is_swift { self.random.below(8_000) } else { self.random.within(MINUTE, 3 * HOUR) };
            let average = self.average();
            self.push(at, What::Finish(order, average));
            self.call_back(order, at);
            if self.random.percent(25) {
                at += self.random.below(if is_swift { 8_000 } else { HOUR });
                let average = self.average();
                self.push(at, What::Finish(order, average));
                self.call_back(order, at);
            }
        }
        if self.random.percent(7) {
            let at = at + self.random.below(40 * MINUTE);
            self.push(at, What::Remove(order));
        }
        if self.random.percent(4) {
            let at = at + self.random.below(HOUR);
            self.push(at, What::Forget(order));
        }
    }

    /// What ends an assessment or an integration, or takes a key away, just when the candidate is being invited.
    fn in_the_midst(&mut self, order: OrderNo, at: u64) {
        let plan = &self.history.orders[order];
        let (company, assessment, is_inline) = (plan.company, plan.assessment, plan.inline);
        let delay = u64::try_from(self.history.settings.delay.as_millis()).expect("minutes");
        let sent = at + if is_inline { 0 } else { delay };
        let within = self.random.pick(&[3_000, 3_000, 90_000, 10 * MINUTE]);
        let at = sent + self.random.below(within);
        match self.random.below(5) {
            0 => self.push(at, What::Archive(assessment)),
            1 => self.push(at, What::Delete(assessment)),
            2 => self.push(at, What::Disconnect(company)),
            3 => {
                let what = self.random.pick(&[Outage::TestGorilla, Outage::Store]);
                self.push(at, What::Away(what, 2));
            }
            _ => {
                let (account, key) = (self.account_of[company], self.history.seed % 2 * company as u64);
                self.push(at, What::Refuse(account, key, false));
                let at = at + self.random.below(HOUR);
                self.push(at, What::Take(account, key));
            }
        }
    }

    fn average(&mut self) -> Option<u64> {
        (!self.random.percent(12)).then(|| self.random.below(1001))
    }

    fn call_back(&mut self, order: OrderNo, at: u64) {
        if self.random.percent(60) {
            let how = self.random.pick(&[
                Callback::Signed,
                Callback::Signed,
                Callback::Signed,
                Callback::Twice,
                Callback::Forged,
                Callback::Stale,
            ]);
            let at = at + self.random.below(4_000);
            self.push(at, What::CallBack(order, how));
        }
    }

    /// One more thing that happens, at any time.
    fn something(&mut self) {
        let at = self.time();
        let what = match self.random.below(100) {
            0..=39 => {
                let order = self.order();
                self.push(at, What::Order(order));
                if self.random.percent(15) {
                    // A twin: the same pair at the same time.
                    let twin = self.history.orders[order].clone();
                    self.history.orders.push(twin);
                    let at = at + self.random.below(500);
                    self.push(at, What::Order(self.history.orders.len() - 1));
                }
                return self.life(order, at);
            }
            40..=51 => What::List(self.company()),
            52..=54 => {
                let (company, assessment) = (self.company(), self.random.pick(&self.assessments));
                What::Why(company, assessment)
            }
            55..=60 => {
                let account = usize::try_from(self.random.below(self.history.accounts as u64)).expect("a position");
                return self.create(account, at);
            }
            61..=64 => What::Archive(self.random.pick(&self.assessments)),
            65..=66 => What::Delete(self.random.pick(&self.assessments)),
            67..=72 => {
                let company = self.company();
                self.push(at, What::Disconnect(company));
                return self.again(company, at);
            }
            73..=77 => {
                let company = self.company();
                let (account, key) = (self.account_of[company], self.history.seed % 2 * company as u64);
                let how = self.random.pick(&[Callback::Signed, Callback::Twice, Callback::Forged]);
                self.push(at, What::Disable(account, key, how));
                return self.again(company, at);
            }
            78..=81 => {
                let company = self.company();
                let (account, key) = (self.account_of[company], self.history.seed % 2 * company as u64);
                let not_pro = self.random.percent(40);
                self.push(at, What::Refuse(account, key, not_pro));
                if self.random.percent(65) {
                    let at = at + self.random.below(6 * HOUR);
                    self.push(at, What::Take(account, key));
                }
                return;
            }
            82..=83 => {
                let company = self.company();
                return self.connect(company, at, true);
            }
            84..=85 => What::ReplaceKey(self.company()),
            86..=87 => What::ReplacePair(self.company()),
            88 => What::ReplaceMaster,
            89 => What::ReplaceSigner,
            90 => {
                let (company, other) = (self.company(), self.company());
                What::ForgeToken(company, other)
            }
            _ => {
                let what = self.random.pick(&[
                    Outage::Store,
                    Outage::Secrets,
                    Outage::TestGorilla,
                    Outage::TestGorillaLimit,
                    Outage::SmartRecruiters,
                    Outage::SmartRecruitersLimit,
                ]);
                What::Away(what, self.random.pick(&[2, 10, 10, 45, 200]))
            }
        };
        self.push(at, what);
    }

    /// Connecting again after an end, sooner or later.
    fn again(&mut self, company: CompanyNo, at: u64) {
        if self.random.percent(65) {
            let at =
                at + self.random.pick(&[20_000, 2 * MINUTE, 20 * MINUTE, 100 * MINUTE]) + self.random.below(MINUTE);
            self.connect(company, at, true);
            let listing = at + 2 * MINUTE + self.random.below(20 * MINUTE);
            self.push(listing, What::List(company));
        }
    }
}

fn settings(random: &mut Random) -> Settings {
    let calm = Rates::default();
    let some = |random: &mut Random| random.pick(&[0, 0, 5, 20, 60]);
    let rates = match random.below(10) {
        0 | 1 => calm,
        // One thing alone, often.
        2 => Rates { store: random.within(20, 200), ..calm },
        3 => Rates { testgorilla: random.within(50, 300), smartrecruiters: random.within(50, 300), ..calm },
        4 => Rates { killed: random.within(20, 120), ..calm },
        5 => Rates { messages: random.within(100, 600), edges: random.within(50, 300), ..calm },
        6 => Rates { slow: random.within(50, 400), ..calm },
        // Some of all.
        _ => Rates {
            store: some(random),
            secrets: some(random),
            queues: some(random),
            testgorilla: some(random),
            smartrecruiters: some(random),
            slow: some(random),
            killed: some(random) / 2,
            messages: some(random) * 4,
            edges: some(random) * 2,
        },
    };
    Settings {
        delay: Duration::from_secs(random.pick(&[600, 600, 600, 0, 900])),
        personal_data: Duration::from_secs(random.pick(&[1, 2]) * 86_400),
        rates,
        clocks_apart: random.pick(&[0, 0, 0, 1_000, 20_000, 120_000]),
        until_erased: random.percent(8),
    }
}
