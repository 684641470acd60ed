use domain::assessment::{AssessmentDetails, AssessmentStatus, AssessmentSummary};
use domain::candidate::Candidate;
use domain::ids::{AssessmentId, CandidatureId, TestTakerId};
use domain::invitation::Refusal;
use domain::outcome::{Attempt, Candidature, Progress, TestResult};
use domain::pace::Pace;
use domain::ports::{Clock, Invited, KeyRefusal, TestGorilla, TestGorillaError};
use domain::sensitive::{ApiKey, Personal};
use domain::timestamp::Timestamp;

use super::{Account, Asked, FakeTestGorilla, State, Taking};
use crate::faults::Op;

impl State {
    fn account(&self, key: &ApiKey) -> Result<Account, TestGorillaError> {
        match self.keys.get(key.expose()) {
            None => Err(TestGorillaError::KeyRefused(KeyRefusal::Unknown)),
            Some((_, Some(refusal))) => Err(TestGorillaError::KeyRefused(*refusal)),
            Some((account, None)) => Ok(*account),
        }
    }

    fn taking(
        &self,
        account: Account,
        test_taker: TestTakerId,
        candidature: CandidatureId,
    ) -> Option<(&Taking, &AssessmentSummary)> {
        let taking = self.takings.get(&candidature).filter(|taking| !taking.is_deleted)?;
        let (summary, _) = self.assessments.get(&(account, taking.assessment))?;
        (taking.account == account && taking.test_taker == test_taker).then_some((taking, summary))
    }

    fn asked_to_invite(
        &mut self,
        key: &ApiKey,
        id: AssessmentId,
        candidate: &Candidate,
        mail: bool,
        now: Timestamp,
    ) -> Result<Invited, TestGorillaError> {
        let account = self.account(key)?;
        let Some((summary, details)) = self.assessments.get(&(account, id)) else {
            return Err(TestGorillaError::NotFound);
        };
        let is_past = details.expires_at.is_some_and(|end| end <= now);
        if summary.status == AssessmentStatus::Archived || summary.is_empty || is_past {
            // It refuses without a word that is documented.
            return Ok(Invited::Refused(Refusal::Other));
        }
        let Some(email) = candidate.email.as_ref().map(|email| email.reveal().clone()) else {
            return Ok(Invited::Refused(Refusal::BadEmail));
        };
        if let Some(refusal) = self.refused.get(&email.to_lowercase()) {
            return Ok(Invited::Refused(*refusal));
        }
        if self.find(account, id, &email).is_some() {
            return Ok(Invited::Before);
        }
        let candidature = self.invite(account, id, &email, now);
        if mail {
            *self.mails.entry(email.to_lowercase()).or_default() += 1;
        }
        Ok(Invited::New(seen(candidature, &self.takings[&candidature])))
    }
}

fn seen(id: CandidatureId, taking: &Taking) -> Candidature {
    Candidature {
        id,
        test_taker: taking.test_taker,
        email: Personal::new(taking.email.clone()),
        progress: taking.progress,
        created_at: Some(taking.created_at),
        link: Some(Personal::new(format!("https://assessment.example/testtaker/takeinvitation/{id}"))),
    }
}

impl TestGorilla for FakeTestGorilla {
    fn pace(&self) -> Pace {
        Pace::DOCUMENTED
    }

    async fn check_key(&self, key: &ApiKey) -> Result<(), TestGorillaError> {
        let exit = self.faults.enter(Op::CheckKey).await?;
        self.state().account(key)?;
        Ok(exit.leave().await?)
    }

    async fn assessments(&self, key: &ApiKey) -> Result<Vec<AssessmentSummary>, TestGorillaError> {
        let exit = self.faults.enter(Op::Assessments).await?;
        let found = {
            let state = self.state();
            let account = state.account(key)?;
            let own = state.assessments.iter().filter(|((owner, _), _)| *owner == account);
            own.map(|(_, (summary, _))| summary.clone()).collect()
        };
        exit.leave().await?;
        Ok(found)
    }

    async fn assessment_details(&self, key: &ApiKey, id: AssessmentId) -> Result<AssessmentDetails, TestGorillaError> {
        let exit = self.faults.enter(Op::AssessmentDetails).await?;
        let found = {
            let state = self.state();
            let account = state.account(key)?;
            let (_, details) = state.assessments.get(&(account, id)).ok_or(TestGorillaError::NotFound)?;
            details.clone()
        };
        exit.leave().await?;
        Ok(found)
    }

    async fn invite(
        &self,
        key: &ApiKey,
        id: AssessmentId,
        candidate: &Candidate,
        mail: bool,
    ) -> Result<Invited, TestGorillaError> {
        let exit = self.faults.enter(Op::Invite).await?;
        let invited = {
            let mut state = self.state();
            let invited = state.asked_to_invite(key, id, candidate, mail, self.clock.now())?;
            let made = if let Invited::New(made) = &invited { Some(made.id) } else { None };
            let candidate = candidate.clone();
            state.asked.push(Asked { key: key.clone(), assessment: id, candidate, mail, made });
            invited
        };
        exit.leave().await?;
        Ok(invited)
    }

    async fn find_candidature(
        &self,
        key: &ApiKey,
        id: AssessmentId,
        email: &Personal<String>,
    ) -> Result<Option<Candidature>, TestGorillaError> {
        let exit = self.faults.enter(Op::FindCandidature).await?;
        let found = {
            let state = self.state();
            let account = state.account(key)?;
            if !state.assessments.contains_key(&(account, id)) {
                return Err(TestGorillaError::NotFound);
            }
            state.find(account, id, email.reveal()).map(|(id, taking)| seen(id, taking))
        };
        exit.leave().await?;
        Ok(found)
    }

    async fn attempt(
        &self,
        key: &ApiKey,
        test_taker: TestTakerId,
        candidature: CandidatureId,
    ) -> Result<Option<Attempt>, TestGorillaError> {
        let exit = self.faults.enter(Op::Attempt).await?;
        let found = {
            let state = self.state();
            let account = state.account(key)?;
            state.taking(account, test_taker, candidature).map(|(taking, summary)| Attempt {
                candidature,
                assessment: taking.assessment,
                assessment_name: Some(summary.name.clone()),
                progress: taking.progress,
                average: taking.completion.average,
                metric: taking.completion.metric,
                last_activity: Some(taking.last_activity),
                flags: taking.completion.flags,
            })
        };
        exit.leave().await?;
        Ok(found)
    }

    async fn test_results(
        &self,
        key: &ApiKey,
        id: AssessmentId,
        test_taker: TestTakerId,
    ) -> Result<Vec<TestResult>, TestGorillaError> {
        let exit = self.faults.enter(Op::TestResults).await?;
        let found = {
            let state = self.state();
            let account = state.account(key)?;
            let is_it = |taking: &&Taking| {
                let place = taking.account == account && taking.assessment == id;
                place && taking.test_taker == test_taker && !taking.is_deleted
            };
            let taking = state.takings.values().find(is_it).ok_or(TestGorillaError::NotFound)?;
            taking.completion.tests.clone()
        };
        exit.leave().await?;
        Ok(found)
    }

    async fn report(
        &self,
        key: &ApiKey,
        test_taker: TestTakerId,
        candidature: CandidatureId,
    ) -> Result<Vec<u8>, TestGorillaError> {
        let exit = self.faults.enter(Op::Report).await?;
        {
            let state = self.state();
            let account = state.account(key)?;
            let taking = state.taking(account, test_taker, candidature).map(|(taking, _)| taking);
            let is_completed = |taking: &&Taking| taking.progress == Progress::Completed;
            taking.filter(is_completed).ok_or(TestGorillaError::NotFound)?;
        }
        exit.leave().await?;
        Ok(format!("%PDF-1.7 report of candidature {candidature}").into_bytes())
    }
}
