//! Candidatures: a person's one taking of an assessment, from the invitation to the last answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::assessment::{Assessment, Test};
use super::state::{Mail, State};
use crate::control::ActionError;
use crate::{clock, ids};

/// How far the candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Invited, not begun.
    Invited,
    /// Begun, not finished.
    Started,
    /// Finished.
    Completed,
}

impl Status {
    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Started => "started",
            Self::Completed => "completed",
        }
    }
}

/// What TestGorilla noticed while the candidate worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Flags {
    /// The webcam was on.
    pub(crate) is_camera_enabled: Option<bool>,
    /// Full screen was left.
    pub(crate) is_exited_full_screen: Option<bool>,
    /// The mouse left the window.
    pub(crate) is_left_screen: Option<bool>,
    /// Somebody else took the assessment from the same address.
    pub(crate) repeated_ip: Option<bool>,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            is_camera_enabled: Some(true),
            is_exited_full_screen: Some(false),
            is_left_screen: Some(false),
            repeated_ip: Some(false),
        }
    }
}

/// The outcome of one test.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outcome {
    /// 0 to 100; none for tests without a score.
    pub(crate) score: Option<f64>,
    /// What such tests show instead.
    pub(crate) display: String,
}

/// A candidature.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Candidature {
    /// The id.
    pub(crate) id: u64,
    /// The account.
    pub(crate) account: String,
    /// The assessment.
    pub(crate) assessment: u64,
    /// The person.
    pub(crate) testtaker_id: u64,
    /// Their address.
    pub(crate) email: String,
    /// Their first name.
    pub(crate) first_name: String,
    /// Their last name.
    pub(crate) last_name: String,
    /// How far they are.
    pub(crate) status: Status,
    /// When they were invited.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created: OffsetDateTime,
    /// When they did something last.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) last_activity: Option<OffsetDateTime>,
    /// The overall score.
    pub(crate) average: Option<f64>,
    /// The overall score as a percentile, where the account shows it so.
    pub(crate) percentile: Option<f64>,
    /// Outcomes by the test's place in the assessment.
    pub(crate) outcomes: BTreeMap<u64, Outcome>,
    /// What was noticed.
    pub(crate) flags: Flags,
    /// Part of the link.
    pub(crate) invitation_uuid: String,
}

impl Candidature {
    /// First and last name.
    pub(crate) fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// Why TestGorilla does not invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such assessment in the account.
    UnknownAssessment,
    /// The person was invited to it before.
    Repeated,
    /// Mail cannot be delivered to the address.
    BadEmail,
    /// The assessment is archived, empty or past its date.
    Closed,
}

/// Whom to invite, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invitee {
    /// The address.
    pub(crate) email: String,
    /// The first name.
    #[serde(default)]
    pub(crate) first_name: String,
    /// The last name.
    #[serde(default)]
    pub(crate) last_name: String,
    /// Whether no mail is to be sent.
    #[serde(default)]
    pub(crate) no_email: bool,
}

/// Invites a person to an assessment, by API or by hand: the rules are the same.
pub(crate) fn invite(state: &mut State, account: &str, assessment: u64, who: &Invitee) -> Result<Candidature, Refusal> {
    let now = clock::now();
    let open = state.assessments.get(&assessment).filter(|known| known.account == account);
    let open = open.ok_or(Refusal::UnknownAssessment)?;
    if open.archived || open.is_empty() || open.is_expired(now) {
        return Err(Refusal::Closed);
    }
    if !crate::contract::is_email(&who.email) || is_undeliverable(state, account, &who.email) {
        return Err(Refusal::BadEmail);
    }
    let testtaker_id = state.test_taker(account, &who.email);
    let mut theirs = state.candidatures.values().filter(|known| known.testtaker_id == testtaker_id);
    if theirs.any(|known| known.assessment == assessment) {
        return Err(Refusal::Repeated);
    }
    let candidature = Candidature {
        id: state.candidature_id(),
        account: account.to_owned(),
        assessment,
        testtaker_id,
        email: who.email.clone(),
        first_name: who.first_name.clone(),
        last_name: who.last_name.clone(),
        status: Status::Invited,
        created: now,
        last_activity: None,
        average: None,
        percentile: None,
        outcomes: BTreeMap::new(),
        flags: Flags::default(),
        invitation_uuid: ids::uuid(),
    };
    if !who.no_email {
        state.mailbox.push(Mail {
            account: account.to_owned(),
            to: who.email.clone(),
            assessment,
            candidature: candidature.id,
            sent_at: now,
            link: invitation_link(state, &candidature),
        });
    }
    state.candidatures.insert(candidature.id, candidature.clone());
    Ok(candidature)
}

/// A user of the assessment's account invites a person.
///
/// # Errors
/// As [`invite`].
pub(crate) fn invite_by_hand(state: &mut State, assessment: u64, who: &Invitee) -> Result<Candidature, ActionError> {
    let account = state.assessments.get(&assessment).map(|known| known.account.clone()).unwrap_or_default();
    invite(state, &account, assessment, who).map_err(|refusal| match refusal {
        Refusal::UnknownAssessment => ActionError::NotFound(format!("assessment {assessment}")),
        Refusal::Repeated => ActionError::Refused("the candidate was invited before".to_owned()),
        Refusal::BadEmail => ActionError::Refused("mail cannot be delivered to the address".to_owned()),
        Refusal::Closed => ActionError::Refused("the assessment is archived, empty or past its date".to_owned()),
    })
}

/// Where the candidate begins.
pub(crate) fn invitation_link(state: &State, candidature: &Candidature) -> String {
    format!("{}/candidate/take-assessment/{}", state.base, candidature.invitation_uuid)
}

/// Addresses below `.invalid` are never deliverable; an account may have others.
fn is_undeliverable(state: &State, account: &str, email: &str) -> bool {
    let email = email.to_lowercase();
    let listed =
        |account: &super::account::Account| account.undeliverable.iter().any(|bad| bad.to_lowercase() == email);
    email.ends_with(".invalid") || state.accounts.get(account).is_some_and(listed)
}

/// The candidate begins.
///
/// # Errors
/// There is no such candidature, or it was begun before, or its assessment is closed.
pub(crate) fn start(state: &mut State, id: u64) -> Result<Candidature, ActionError> {
    let (candidature, _) = open(state, id)?;
    if candidature.status != Status::Invited {
        return Err(ActionError::Refused(format!("candidature {id} is {}", candidature.status.name())));
    }
    candidature.status = Status::Started;
    candidature.last_activity = Some(clock::now());
    Ok(candidature.clone())
}

/// One answer or several.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Answers {
    /// Scores by the name of the test.
    pub(crate) scores: BTreeMap<String, f64>,
    /// What tests without a score show, by the name of the test.
    pub(crate) displays: BTreeMap<String, String>,
    /// What was noticed.
    pub(crate) flags: Option<Flags>,
    /// The overall score, where it is not the mean of the scores.
    pub(crate) average: Option<f64>,
    /// The overall score as a percentile.
    pub(crate) percentile: Option<f64>,
}

/// The candidate answers some tests.
///
/// # Errors
/// There is no such candidature or test, it is not begun or is finished, or a score is given for a test without one.
pub(crate) fn answer(state: &mut State, id: u64, answers: Answers) -> Result<Candidature, ActionError> {
    let (candidature, assessment) = open(state, id)?;
    if candidature.status != Status::Started {
        return Err(ActionError::Refused(format!("candidature {id} is {}", candidature.status.name())));
    }
    for (name, score) in answers.scores {
        let test = test_named(&assessment, &name)?;
        if !test.is_scored() || !(0.0..=100.0).contains(&score) {
            return Err(ActionError::Invalid(format!("{name} has no such score")));
        }
        candidature.outcomes.insert(test.id, Outcome { score: Some(score), display: String::new() });
    }
    for (name, display) in answers.displays {
        let test = test_named(&assessment, &name)?;
        candidature.outcomes.insert(test.id, Outcome { score: None, display });
    }
    candidature.flags = answers.flags.unwrap_or(candidature.flags);
    candidature.average = answers.average.or(candidature.average);
    candidature.percentile = answers.percentile.or(candidature.percentile);
    candidature.last_activity = Some(clock::now());
    Ok(candidature.clone())
}

/// The candidate finishes. Scored tests without an answer score 0; the overall score is the mean of the scores, and
/// none where no test has one.
///
/// # Errors
/// As [`answer`].
pub(crate) fn complete(state: &mut State, id: u64, answers: Answers) -> Result<Candidature, ActionError> {
    answer(state, id, answers)?;
    let (candidature, assessment) = open(state, id)?;
    for test in &assessment.tests {
        let score = test.is_scored().then_some(0.0);
        candidature.outcomes.entry(test.id).or_insert_with(|| Outcome { score, display: String::new() });
    }
    let scores: Vec<f64> = candidature.outcomes.values().filter_map(|outcome| outcome.score).collect();
    #[expect(clippy::cast_precision_loss, reason = "an assessment has a handful of tests")]
    let mean = (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64);
    candidature.average = candidature.average.or(mean);
    candidature.status = Status::Completed;
    candidature.last_activity = Some(clock::now());
    Ok(candidature.clone())
}

fn test_named<'a>(assessment: &'a Assessment, name: &str) -> Result<&'a Test, ActionError> {
    let found = assessment.tests.iter().find(|test| test.name == name);
    found.ok_or_else(|| ActionError::NotFound(format!("test {name} in assessment {}", assessment.id)))
}

/// A candidature whose assessment can still be taken, and the assessment.
fn open(state: &mut State, id: u64) -> Result<(&mut Candidature, Assessment), ActionError> {
    let candidature = state.candidatures.get_mut(&id).ok_or_else(|| unknown(id))?;
    let assessment = state.assessments.get(&candidature.assessment).ok_or_else(|| unknown(id))?;
    if assessment.archived || assessment.is_expired(clock::now()) {
        return Err(ActionError::Refused(format!("assessment {} is closed", assessment.id)));
    }
    Ok((candidature, assessment.clone()))
}

fn unknown(id: u64) -> ActionError {
    ActionError::NotFound(format!("candidature {id}"))
}
