//! What people and partners do.

use std::time::Duration;

use domain::assessment::{AssessmentDetails, AssessmentStatus, AssessmentSummary, Test};
use domain::candidate::Candidate;
use domain::flows::hint::Hint;
use domain::hosts::AllowedHosts;
use domain::ids::CandidatureId;
use domain::invitation::Refusal;
use domain::order::ResultUrl;
use domain::outcome::{Flags, Metric, Progress, TestResult};
use domain::ports::{KeyRefusal, PartnerKeys, WebhookKey};
use domain::report::Score;
use domain::sensitive::{ApiKey, ClientCredentials, Secret};
use domain::timestamp::Timestamp;
use testing::testgorilla::Completion;

use crate::calls::{Ask, Call};
use crate::history::{AssessmentNo, By, Callback, OrderNo, What};
use crate::kinds::Kind;
use crate::oracle::{self, Oracle, address, company_id, order_id};
use crate::world::World;

const MINUTE: Duration = Duration::from_secs(60);

/// Where an order's result goes.
pub(crate) fn result_url(order: OrderNo) -> ResultUrl {
    let hosts: AllowedHosts = "*.smartrecruiters.com".parse().expect("hosts");
    let url = format!("https://api.smartrecruiters.com/assessment-api/v202010/orders/{}/results", order_id(order));
    ResultUrl::parse(&url, &hosts).expect("a result URL")
}

impl World<'_> {
    /// Everybody is known to SmartRecruiters; some addresses are refused by TestGorilla.
    pub(crate) fn people(&mut self) {
        for (person, is_refused) in self.history.people.iter().enumerate() {
            for company in 0..self.history.companies {
                let known = self.candidate(company, person, By::Id, false);
                self.fakes.smartrecruiters.put_candidate(&company_id(company), &format!("id-{person}"), known);
            }
            if *is_refused {
                for other in [false, true] {
                    self.fakes.testgorilla.refuse_email(&address(person, other), Refusal::BadEmail);
                }
            }
        }
    }

    /// A candidate as an order names them, with marks of the company and the person in the names.
    pub(crate) fn candidate(&self, company: usize, person: usize, by: By, other: bool) -> Candidate {
        let (id, address) = (format!("id-{person}"), address(person, other));
        let id = (by != By::Address).then_some(id.as_str());
        let address = (by != By::IdAlone).then_some(address.as_str());
        let (first, last) = (format!("Given-{company}"), format!("Family-{person}"));
        Candidate::parse(id, address, Some(&first), Some(&last)).expect("a candidate")
    }

    /// Something happens. What cannot happen, because there is no such thing, does not.
    pub(crate) fn happen(&mut self, what: &What, now: Timestamp) {
        self.say(|_| format!("EVENT {what:?}"));
        match *what {
            What::Connect { company, account, key, form, twice, fresh } => {
                self.connect(company, account, key, form, (twice, fresh), now);
            }
            What::Create { assessment, empty, expires } => self.create(assessment, empty, expires, now),
            What::Archive(assessment) => {
                if self.has(assessment) {
                    self.meet(Kind::Archived);
                    self.oracle.closed.insert(Oracle::assessment_id(assessment));
                    let account = self.oracle.accounts[assessment.account];
                    self.fakes.testgorilla.archive(account, Oracle::assessment_id(assessment));
                }
            }
            What::Delete(assessment) => {
                if self.has(assessment) {
                    self.meet(Kind::Deleted);
                    self.oracle.closed.insert(Oracle::assessment_id(assessment));
                    let account = self.oracle.accounts[assessment.account];
                    self.fakes.testgorilla.delete_assessment(account, Oracle::assessment_id(assessment));
                }
            }
            What::Order(order) => self.place(order, now),
            What::Redeliver(order, reworded) => {
                if self.oracle.orders[order].first.is_some() {
                    let reworded = reworded && self.history.orders[order].by == By::Id;
                    self.meet(if reworded { Kind::Reworded } else { Kind::Redelivered });
                    self.ask(now, Call { ask: Ask::Order { order, reworded }, attempt: 0 });
                }
            }
            What::Forget(order) => {
                if self.fakes.smartrecruiters.order(order_id(order)).is_some() {
                    self.meet(Kind::Forgotten);
                    self.oracle.orders[order].forgotten = true;
                    self.fakes.smartrecruiters.delete_order(order_id(order));
                }
            }
            What::List(company) => {
                self.meet(Kind::Listed);
                self.ask(now, Call { ask: Ask::List(company), attempt: 0 });
            }
            What::Why(company, assessment) => {
                self.meet(Kind::AskedWhy);
                self.ask(now, Call { ask: Ask::Why(company, Oracle::assessment_id(assessment)), attempt: 0 });
            }
            What::Start(order) => {
                if let Some(candidature) = self.candidature(order, |progress| progress == Progress::Invited) {
                    self.meet(Kind::Started);
                    self.oracle.started.insert(candidature);
                    self.fakes.testgorilla.start(candidature);
                }
            }
            What::Finish(order, tenths) => {
                if let Some(candidature) = self.candidature(order, |_| true) {
                    self.finish(candidature, tenths, now);
                }
            }
            What::Remove(order) => {
                if let Some(candidature) = self.candidature(order, |_| true) {
                    self.meet(Kind::Removed);
                    self.fakes.testgorilla.delete_candidature(candidature);
                }
            }
            What::InviteByHand(order) => self.invite_by_hand(order),
            What::CallBack(order, how) => {
                if let Some(candidature) = self.candidature(order, |_| true) {
                    let assessment = Oracle::assessment_id(self.history.orders[order].assessment);
                    // Not every relay says which assessment.
                    let assessment = (order % 2 == 0).then_some(assessment);
                    self.call_back(Hint::Candidature { candidature, assessment }, how, now);
                }
            }
            What::Refuse(account, key, not_pro) => {
                self.meet(Kind::KeyRevoked);
                let refusal = if not_pro { KeyRefusal::NotPro } else { KeyRefusal::Revoked };
                self.fakes.testgorilla.refuse_key(&self.keys[&(account, key)], Some(refusal));
            }
            What::Take(account, key) => {
                self.meet(Kind::KeyTaken);
                self.fakes.testgorilla.refuse_key(&self.keys[&(account, key)], None);
            }
            What::Disconnect(company) => {
                self.meet(Kind::Disconnected);
                self.fakes.smartrecruiters.disconnect(&company_id(company));
                self.ask(now, Call { ask: Ask::Disconnect(company), attempt: 0 });
                self.use_old_token(company, now);
            }
            What::Disable(account, key, how) => {
                self.meet(Kind::Disabled);
                let key = self.keys[&(account, key)].clone();
                self.fakes.testgorilla.refuse_key(&key, Some(KeyRefusal::Revoked));
                self.call_back(Hint::IntegrationDisabled { api_key: key.hash() }, how, now);
            }
            What::ReplaceKey(company) => self.replace_key(company),
            What::ReplacePair(company) => self.replace_pair(company),
            What::ReplaceMaster => {
                self.meet(Kind::MasterReplaced);
                self.keys_made += 1;
                let secret = Secret::new(format!("smartrecruiters-secret-master-{}", self.keys_made));
                let master = ClientCredentials { client_id: "master".into(), client_secret: secret };
                let disconnect_keys = vec![Secret::new(testing::secrets::DISCONNECT_KEY)];
                self.fakes.smartrecruiters.set_master(master.clone());
                self.fakes.secrets.set_partner_keys(PartnerKeys { master: Some(master), disconnect_keys });
            }
            What::ReplaceSigner => {
                self.meet(Kind::SignerReplaced);
                self.keys_made += 1;
                self.signers.push(format!("callback-key-{}", self.keys_made).into_bytes());
                // The newest and the one before are valid.
                let valid = self.signers.iter().rev().take(2).map(|key| WebhookKey(key.clone())).collect();
                self.fakes.secrets.set_webhook_keys(valid);
            }
            What::Away(what, minutes) => {
                let until = now + MINUTE * u32::try_from(minutes).expect("minutes");
                self.control().away.push((what, until));
            }
            What::ForgeToken(company, other) => {
                if company != other {
                    self.meet(Kind::TokenForged);
                    self.ask(now, Call { ask: Ask::ForgeToken(company, other), attempt: 0 });
                }
            }
        }
    }

    fn connect(&mut self, company: usize, account: usize, key: u64, form: u8, how: (bool, bool), now: Timestamp) {
        let (twice, fresh) = how;
        let id = company_id(company);
        if fresh {
            self.fakes.smartrecruiters.disconnect(&id);
            self.ask(now, Call { ask: Ask::Disconnect(company), attempt: 0 });
        }
        let facts = &self.oracle.companies[company];
        if !facts.enabled.is_empty() {
            self.meet(Kind::Reconnected);
        }
        let opened = self.oracle.accounts[account];
        if !facts.accounts.is_empty() && key != self.history.seed % 2 * company as u64 {
            self.meet(Kind::OtherKey);
        }
        self.oracle.companies[company].accounts.insert(opened);
        self.fakes.smartrecruiters.consent(&id);
        let ask = Ask::Grant { company, account, key, form };
        // The admin presses the button a moment after the page has come.
        let at = now + Duration::from_secs(if fresh { 5 } else { 1 });
        if self
            .calls
            .range((now, 0)..)
            .any(|(_, call)| matches!(call.ask, Ask::Grant { company: one, .. } if one == company))
        {
            self.meet(Kind::TwoForms);
        }
        self.ask(at, Call { ask: ask.clone(), attempt: 0 });
        if twice {
            self.meet(Kind::ConnectedTwice);
            self.ask(at + Duration::from_millis(u64::from(form) * 37 % 900), Call { ask, attempt: 0 });
        }
    }

    fn create(&mut self, assessment: AssessmentNo, is_empty: bool, expires: Option<u64>, now: Timestamp) {
        self.meet(Kind::Created);
        let id = Oracle::assessment_id(assessment);
        let summary = AssessmentSummary {
            id,
            name: format!("Assessment {id}"),
            status: AssessmentStatus::Active,
            created_at: now,
            modified_at: now,
            is_empty,
        };
        let tests = if is_empty { vec![] } else { vec![Test { id: 11, name: "Rust".into(), duration_seconds: None }] };
        let expires_at = expires.map(|minutes| now + MINUTE * u32::try_from(minutes).expect("minutes"));
        if is_empty || expires.is_some() {
            self.oracle.closed.insert(id);
        }
        let details = AssessmentDetails { tests, expires_at, is_archived: false };
        self.fakes.testgorilla.put_assessment(self.oracle.accounts[assessment.account], summary, details);
    }

    fn has(&self, assessment: AssessmentNo) -> bool {
        let account = self.oracle.accounts[assessment.account];
        self.fakes.testgorilla.assessment_of(account, Oracle::assessment_id(assessment)).is_some()
    }

    fn place(&mut self, order: OrderNo, now: Timestamp) {
        let plan = &self.history.orders[order];
        let is_again = self.history.orders.iter().zip(&self.oracle.orders).any(|(other, facts)| {
            facts.first.is_some()
                && other.company == plan.company
                && other.assessment == plan.assessment
                && oracle::Identity::of(other) == oracle::Identity::of(plan)
        });
        self.meet(match plan {
            _ if is_again => Kind::OrderedAgain,
            plan if plan.inline => Kind::OrderedInline,
            plan if plan.by == By::IdAlone => Kind::OrderedWithoutAddress,
            _ => Kind::Ordered,
        });
        self.oracle.orders[order].first = Some(now);
        if plan.known_late > 0 {
            self.meet(Kind::UnknownThere);
        }
        self.ask(now, Call { ask: Ask::Order { order, reworded: false }, attempt: 0 });
    }

    /// The candidature of an order's candidate, whoever invited them.
    fn candidature(&self, order: OrderNo, wanted: impl Fn(Progress) -> bool) -> Option<CandidatureId> {
        let plan = &self.history.orders[order];
        let account = self.oracle.accounts[plan.assessment.account];
        let assessment = Oracle::assessment_id(plan.assessment);
        self.fakes.testgorilla.assessment_of(account, assessment)?;
        let at = |other| self.fakes.testgorilla.candidature_of(account, assessment, &address(plan.person, other));
        let found = at(plan.other_address).or_else(|| at(!plan.other_address))?;
        self.fakes.testgorilla.record(found).filter(|record| wanted(record.progress)).map(|_| found)
    }

    pub(crate) fn finish(&mut self, candidature: CandidatureId, tenths: Option<u64>, now: Timestamp) {
        let is_first =
            self.fakes.testgorilla.record(candidature).is_some_and(|record| Oracle::is_open(record.progress));
        // Nobody finishes what is archived; a result can still be corrected.
        let is_closed = |record: testing::testgorilla::Record| {
            let found = self.fakes.testgorilla.assessment_of(record.account, record.assessment);
            found.is_none_or(|(summary, details)| {
                summary.status == AssessmentStatus::Archived || details.expires_at.is_some_and(|end| end <= now)
            })
        };
        if is_first && self.fakes.testgorilla.record(candidature).is_none_or(is_closed) {
            return;
        }
        self.meet(if is_first { Kind::Finished } else { Kind::Corrected });
        let average = tenths.map(|tenths| f64::from(u32::try_from(tenths).expect("tenths")) / 10.0);
        let test = TestResult {
            test: 11,
            name: "Rust".into(),
            score: average.and_then(Score::from_average),
            display: None,
            is_completed: true,
        };
        let flags = Flags { webcam_enabled: tenths.map(|tenths| tenths % 2 == 0), ..Flags::default() };
        let completion = Completion { average, metric: Some(Metric::Average), flags, tests: vec![test] };
        self.oracle.started.insert(candidature);
        self.oracle.results.entry(candidature).or_default().push(oracle::Result { tenths, at: now });
        self.fakes.testgorilla.complete(candidature, completion);
    }

    fn invite_by_hand(&mut self, order: OrderNo) {
        let plan = &self.history.orders[order];
        let account = self.oracle.accounts[plan.assessment.account];
        let found = self.fakes.testgorilla.assessment_of(account, Oracle::assessment_id(plan.assessment));
        let is_usable = found.is_some_and(|(summary, details)| {
            let is_past = details.expires_at.is_some_and(|end| end <= self.now());
            !summary.is_empty && !is_past && summary.status != AssessmentStatus::Archived
        });
        if is_usable && self.candidature(order, |_| true).is_none() {
            self.meet(Kind::InvitedByHand);
            let email = address(plan.person, plan.other_address);
            self.fakes.testgorilla.invite_elsewhere(account, Oracle::assessment_id(plan.assessment), &email);
        }
    }

    fn call_back(&mut self, hint: Hint, how: Callback, now: Timestamp) {
        self.meet(match how {
            Callback::Signed => Kind::CalledBack,
            Callback::Twice => Kind::CalledBackTwice,
            Callback::Forged => Kind::Forged,
            Callback::Stale => Kind::Stale,
        });
        let call = Call { ask: Ask::CallBack { hint, how }, attempt: 0 };
        if how == Callback::Twice {
            self.ask(now + Duration::from_millis(300), call.clone());
        }
        self.ask(now, call);
    }

    fn replace_key(&mut self, company: usize) {
        let Some(integration) = self.fakes.store.integration_of(&company_id(company)) else { return };
        let Some(connection) = integration.connection() else { return };
        let Some(mut secret) = self.fakes.secrets.peek(&connection.secret) else { return };
        let Some((account, None)) = self.fakes.testgorilla.key_of(&secret.api_key) else { return };
        self.meet(Kind::KeyReplaced);
        self.keys_made += 1;
        let key = ApiKey::from_pasted(&format!("tgkey-replaced-{}", self.keys_made)).expect("a key");
        self.fakes.testgorilla.add_key(account, &key);
        self.fakes.testgorilla.refuse_key(&secret.api_key, Some(KeyRefusal::Revoked));
        secret.api_key = key;
        self.fakes.secrets.insert(&connection.secret, secret);
    }

    fn replace_pair(&mut self, company: usize) {
        let Some(integration) = self.fakes.store.integration_of(&company_id(company)) else { return };
        let Some(connection) = integration.connection() else { return };
        let Some(mut secret) = self.fakes.secrets.peek(&connection.secret) else { return };
        // Only what is in use is replaced.
        let is_ours = secret.smartrecruiters.as_ref().and_then(|pair| self.fakes.smartrecruiters.company_of(pair));
        if is_ours.is_some() {
            self.meet(Kind::PairReplaced);
            secret.smartrecruiters = self.fakes.smartrecruiters.rotate(&company_id(company));
            self.fakes.secrets.insert(&connection.secret, secret);
        }
    }

    /// Whoever has a token of a company that has disconnected tries it a minute later.
    fn use_old_token(&mut self, company: usize, now: Timestamp) {
        if self.tokens.borrow().contains_key(&company) {
            self.meet(Kind::TokenOld);
            self.ask(now + MINUTE, Call { ask: Ask::List(company), attempt: 0 });
        }
    }
}
