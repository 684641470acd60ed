//! What the partners saw.

use domain::ids::AssessmentId;
use domain::outcome::Progress;
use domain::report::{Attachment, OrderReport, Status};
use domain::timestamp::Timestamp;
use testing::Fakes;
use testing::smartrecruiters::Told;
use testing::testgorilla::Asked;

use super::store::status_rank;
use super::{Identity, Oracle, address, company_id, order_no};
use crate::history::CompanyNo;

impl Oracle<'_> {
    /// TestGorilla was asked to invite, by a process that began at `started`.
    pub(crate) fn hear_asked(&mut self, fakes: &Fakes, asked: &Asked, started: Timestamp, now: Timestamp) {
        let text = |part: &Option<domain::sensitive::Personal<String>>| part.as_ref().map(|part| part.reveal().clone());
        let company: CompanyNo = text(&asked.candidate.first_name)
            .and_then(|name| name.strip_prefix("Given-").and_then(|number| number.parse().ok()))
            .expect("the company's mark");
        let account = fakes.testgorilla.key_of(&asked.key).map(|(account, _)| account).expect("a known key");
        if !self.companies[company].accounts.contains(&account) {
            self.fail("no company uses another's account", || format!("company {company} asked with a foreign key"));
        }
        let email = text(&asked.candidate.email).unwrap_or_default();
        let id = text(&asked.candidate.id);
        let person = text(&asked.candidate.last_name).and_then(|name| name.strip_prefix("Family-")?.parse().ok());
        let is_theirs = |person| [address(person, false), address(person, true)].contains(&email);
        if !person.is_some_and(is_theirs)
            || id.as_ref().is_some_and(|id| person.map(|one| format!("id-{one}")) != Some(id.clone()))
        {
            self.fail("no candidate is mixed up with another", || format!("{id:?}, {person:?} at {email}"));
        }
        let Some(made) = asked.made else { return };
        let identity = match (id, person) {
            (Some(_), Some(person)) => Identity::Id(person),
            _ => Identity::Address(email),
        };
        self.must_be_connected(company, started, "an invitation");
        self.check_time(company, asked.assessment, &identity, now);
        self.check_mail(company, asked, &identity, started);
        let first = self.invited.insert((company, asked.assessment, identity.clone()), made);
        // The one that was never noted, and was deleted since, is known to nobody: TestGorilla itself invites anew.
        let is_lost = |first: &domain::ids::CandidatureId| {
            let is_noted = self.noted.contains(&(company_id(company), *first));
            !is_noted && fakes.testgorilla.record(*first).is_some_and(|record| record.is_deleted)
        };
        if let Some(first) = first.filter(|first| !is_lost(first)) {
            self.fail("at most one invitation", || {
                format!("company {company} invited {identity:?} to {} as {first} and as {made}", asked.assessment)
            });
        }
    }

    fn check_time(&mut self, company: CompanyNo, assessment: AssessmentId, identity: &Identity, now: Timestamp) {
        let plans = self.history.orders.iter().zip(&self.orders).filter(|(plan, _)| {
            plan.company == company
                && Self::assessment_id(plan.assessment) == assessment
                && Identity::of(plan) == *identity
        });
        let delay = self.history.settings.delay;
        let earliest =
            plans.filter_map(|(plan, facts)| Some(if plan.inline { facts.first? } else { facts.first? + delay }));
        match earliest.min() {
            None => self.fail("only who was ordered is invited", || format!("company {company}, {identity:?}")),
            Some(earliest) if now + self.slack < earliest => {
                self.fail("never before the delay", || {
                    format!("company {company}, {identity:?}: {now} and not {earliest}")
                });
            }
            Some(_) => {}
        }
    }

    /// An order by mail that was taken before the sender began must be heard of by mail.
    fn check_mail(&mut self, company: CompanyNo, asked: &Asked, identity: &Identity, started: Timestamp) {
        let was_ordered = self.history.orders.iter().zip(&self.orders).any(|(plan, facts)| {
            let is_it = plan.company == company
                && Self::assessment_id(plan.assessment) == asked.assessment
                && Identity::of(plan) == *identity;
            let is_open = !facts.told.iter().any(|status| status_rank(*status) == 2);
            is_it && !plan.inline && is_open && facts.accepted.is_some_and(|at| at < started)
        });
        let wants_mail = self
            .history
            .orders
            .iter()
            .any(|plan| plan.company == company && Identity::of(plan) == *identity && !plan.inline);
        if was_ordered && !asked.mail && !self.companies[company].ever_ended {
            self.fail("who is ordered by mail gets mail", || format!("company {company}, {identity:?}"));
        }
        if asked.mail && !wants_mail {
            self.fail("who is ordered by link gets no mail", || format!("company {company}, {identity:?}"));
        }
    }

    /// SmartRecruiters took a report, or another company's credentials came with it.
    pub(crate) fn hear_told(&mut self, fakes: &Fakes, told: &Told, now: Timestamp) {
        let no = order_no(told.order);
        if !told.is_own {
            return self.fail("no company moves another's order", || format!("{:?} with {}", told.order, told.company));
        }
        let plan = &self.history.orders[no];
        let Some(report) = &told.report else {
            if plan.inline {
                self.fail("an inline order takes no attachment", || format!("order {no}"));
            }
            return;
        };
        if let Some(last) = self.orders[no].told.last()
            && !self.claims_may_fail()
            && *last != report.status
            && status_rank(*last) >= status_rank(report.status)
        {
            let last = *last;
            self.fail("a status never goes backwards", || format!("order {no}: {last:?}, then {:?}", report.status));
        }
        if self.orders[no].told.last() != Some(&report.status) {
            self.orders[no].told.push(report.status);
        }
        match report.status {
            Status::Pending => {}
            Status::InProgress => self.check_started(fakes, no),
            Status::Completed => {
                self.orders[no].completed = Some(now);
                self.check_result(fakes, no, report);
            }
            Status::Rejected => self.check_rejected(no, report),
            Status::Expired => self.check_expired(fakes, no),
        }
    }

    fn candidature_of(&self, fakes: &Fakes, no: usize) -> Option<domain::ids::CandidatureId> {
        let plan = &self.history.orders[no];
        fakes.store.look(|tables| {
            let order = tables.orders.get(&(company_id(plan.company), super::order_id(no)))?;
            tables.invitations.get(&order.invitation)?.state.sent().map(|sent| sent.candidature)
        })
    }

    fn check_started(&mut self, fakes: &Fakes, no: usize) {
        let candidature = self.candidature_of(fakes, no);
        if !candidature.is_some_and(|candidature| self.started.contains(&candidature)) {
            self.fail("only who has started is in progress", || format!("order {no}, candidature {candidature:?}"));
        }
    }

    fn check_result(&mut self, fakes: &Fakes, no: usize, report: &OrderReport) {
        let plan = &self.history.orders[no];
        let page = report.attachments.iter().find_map(|attachment| match attachment {
            Attachment::CandidatePage(page) => Some(page.as_str()),
            Attachment::Pdf(_) => None,
        });
        let candidature = page.and_then(|page| page.rsplit('/').next()).and_then(|id| id.parse().ok());
        let record = candidature.and_then(|id| fakes.testgorilla.record(id));
        let is_theirs = record.as_ref().is_some_and(|record| {
            let addresses = [address(plan.person, false), address(plan.person, true)];
            self.companies[plan.company].accounts.contains(&record.account)
                && record.assessment == Self::assessment_id(plan.assessment)
                && addresses.contains(&record.email)
                && page.is_some_and(|page| page.contains(&format!("/{}/", record.test_taker)))
        });
        let (Some(candidature), true) = (candidature, is_theirs) else {
            return self.fail("a result is never another candidate's", || format!("order {no}: {page:?}"));
        };
        let score = report.score.map(|score| u64::from(score.value()));
        let has_moved = self.companies[plan.company].accounts.len() > 1;
        if (has_moved || record.is_some_and(|record| record.is_deleted)) && score.is_none() && report.tests.is_empty() {
            // The result was removed before it was read.
            return;
        }
        let results = self.results.get(&candidature).cloned().unwrap_or_default();
        if !results.iter().any(|result| result.score() == score) {
            self.fail("a score is what TestGorilla said", || format!("order {no}: {score:?}, not of {results:?}"));
        }
        for test in &report.tests {
            let score = test.score.map(|score| u64::from(score.value()));
            if !results.iter().any(|result| result.score() == score) {
                self.fail("a test's score is what TestGorilla said", || format!("order {no}: {score:?}"));
            }
        }
    }

    fn check_rejected(&mut self, no: usize, report: &OrderReport) {
        let plan = &self.history.orders[no];
        let (company, assessment) = (plan.company, Self::assessment_id(plan.assessment));
        let sent = self.invited.get(&(company, assessment, Identity::of(plan))).copied();
        let is_admitted = report.summary.as_ref().is_some_and(|summary| summary.contains("may have been invited"));
        if let Some(sent) = sent.filter(|_| !is_admitted) {
            self.fail("who was invited is not rejected", || format!("order {no}, candidature {sent}"));
        }
        let has_reason = self.history.people[plan.person]
            || self.companies[company].ever_ended
            || self.companies[company].accounts.len() > 1
            || self.closed.contains(&assessment);
        if !has_reason {
            self.fail("a rejection has a reason", || format!("order {no}"));
        }
    }

    fn check_expired(&mut self, fakes: &Fakes, no: usize) {
        let plan = &self.history.orders[no];
        let record = self.candidature_of(fakes, no).and_then(|id| fakes.testgorilla.record(id));
        let has_reason = self.companies[plan.company].ever_ended
            || self.companies[plan.company].accounts.len() > 1
            || self.closed.contains(&Self::assessment_id(plan.assessment))
            || record.as_ref().is_some_and(|record| record.is_deleted);
        if !has_reason || record.is_none() {
            self.fail("an expiry has a reason", || format!("order {no}: {:?}", record.map(|record| record.progress)));
        }
    }

    /// SmartRecruiters was shown a list by a process that began at `started`.
    pub(crate) fn hear_listed(
        &mut self,
        fakes: &Fakes,
        company: CompanyNo,
        offered: &[AssessmentId],
        started: Timestamp,
    ) {
        self.must_be_connected(company, started, "a listing");
        let earliest = self.companies[company].enabled.iter().map(|(_, at)| *at).min();
        for id in offered {
            let accounts = self.companies[company].accounts.clone();
            let account = self.accounts[Self::account_no(*id)];
            if !accounts.contains(&account) {
                self.fail("no company reads another's assessments", || format!("company {company} was shown {id}"));
            }
            let created = fakes.testgorilla.assessment_of(account, *id).map(|(summary, _)| summary.created_at);
            if let (Some(created), Some(earliest)) = (created, earliest)
                && created + self.slack + std::time::Duration::from_secs(30) < earliest
            {
                self.fail("only what was created after connecting is listed", || format!("company {company}: {id}"));
            }
        }
    }

    /// Whether a candidature is still to be finished.
    pub(crate) fn is_open(progress: Progress) -> bool {
        progress != Progress::Completed
    }
}
