//! Composes what a recruiter is told about an order from its invitation and what TestGorilla says.

use crate::candidate_page::CandidatePage;
use crate::invitation::{Expiry, Invitation, Refusal, State};
use crate::order::{Order, Report};
use crate::outcome::{Attempt, Flags, Metric, TestResult};
use crate::report::{Attachment, OrderReport, Score, Status, TestReport};

/// What TestGorilla says of a finished candidate.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// The result.
    Result {
        /// Overall number and flags.
        attempt: Attempt,
        /// Each test.
        tests: Vec<TestResult>,
    },
    /// The candidate was removed after finishing: there is nothing to read any more.
    Gone,
}

impl Reading {
    const fn attempt(&self) -> Option<&Attempt> {
        match self {
            Self::Result { attempt, .. } => Some(attempt),
            Self::Gone => None,
        }
    }
}

/// Composes the report of one order. `reading` is needed for completed invitations alone.
pub fn compose(
    order: &Order,
    invitation: &Invitation,
    assessment_name: Option<&str>,
    reading: Option<&Reading>,
    page: &CandidatePage,
) -> OrderReport {
    let status = invitation.state.status();
    let reading = reading.filter(|_| status == Status::Completed);
    let attempt = reading.and_then(Reading::attempt);
    let score = attempt.and_then(|attempt| attempt.average).and_then(Score::from_average);
    let mut sentences = Vec::new();
    match invitation.state {
        State::Completed(_) => {
            sentences.extend(reading.into_iter().flat_map(|reading| result_sentences(reading.attempt(), score)))
        }
        State::Refused(_) | State::Withdrawn if invitation.is_unclear() => sentences.push(
            "The candidate may have been invited: TestGorilla's answer was lost before this order ended.".to_owned(),
        ),
        State::Refused(refusal) => sentences.push(refusal_sentence(refusal).to_owned()),
        State::Withdrawn => {
            sentences.push("Not sent: the TestGorilla integration ended before the invitation.".to_owned())
        }
        State::Expired(_, expiry) => sentences.push(expiry_sentence(expiry).to_owned()),
        State::Scheduled | State::Sent(_) | State::Started(_) => {}
    }
    let sent = invitation.state.sent();
    if let Some(sent) = sent.filter(|_| invitation.orders.first() != Some(&order.id())) {
        let date = sent.at.date();
        sentences
            .push(format!("This assessment was sent to the candidate once, on {date}; this order shows that attempt."));
    }
    let from_reading = attempt.and_then(|attempt| attempt.assessment_name.clone());
    OrderReport {
        status,
        score,
        // Also when none is known to have been told: the note of it may be lost.
        remove_score: score.is_none() && attempt.is_some(),
        summary: (!sentences.is_empty()).then(|| sentences.join(" ")),
        name: from_reading.or_else(|| assessment_name.map(str::to_owned)),
        sent_at: sent.map(|sent| sent.at),
        submitted_at: attempt.and_then(|attempt| attempt.last_activity),
        attachments: attachments(order, invitation, status, page),
        tests: match reading {
            Some(Reading::Result { tests, .. }) => tests.iter().map(test_report).collect(),
            Some(Reading::Gone) | None => vec![],
        },
    }
}

fn attachments(order: &Order, invitation: &Invitation, status: Status, page: &CandidatePage) -> Vec<Attachment> {
    let sent = invitation.state.sent().filter(|_| status == Status::Completed);
    let link = sent.map(|sent| Attachment::CandidatePage(page.of(invitation.key.assessment, sent)));
    let pdf = match &order.report {
        Report::Attached(url) => Some(Attachment::Pdf(url.to_string())),
        Report::Missing { .. } | Report::Without => None,
    };
    link.into_iter().chain(pdf.filter(|_| sent.is_some())).collect()
}

fn test_report(result: &TestResult) -> TestReport {
    TestReport {
        test: result.test,
        name: result.name.clone(),
        status: if result.is_completed { Status::Completed } else { Status::Pending },
        score: result.score,
        // Beside a score the display repeats it; without one it is the result.
        label: result.display.clone().filter(|_| result.score.is_none()),
    }
}

fn result_sentences(attempt: Option<&Attempt>, score: Option<Score>) -> Vec<String> {
    let Some(attempt) = attempt else {
        return vec!["The candidate has finished, but TestGorilla no longer has the result.".to_owned()];
    };
    let overall = match (score, attempt.metric) {
        (None, _) => Some("No overall score: none of the tests gives one.".to_owned()),
        (Some(score), Some(Metric::Percentile)) => {
            Some(format!("The overall score is TestGorilla's percentile: {} of 100.", score.value()))
        }
        (Some(score), Some(Metric::Average)) => {
            Some(format!("The overall score is TestGorilla's average: {} of 100.", score.value()))
        }
        (Some(_), None) => None,
    };
    overall.into_iter().chain(flag_sentences(attempt.flags)).collect()
}

/// The flags in the words of TestGorilla's candidate page.
fn flag_sentences(flags: Flags) -> Vec<String> {
    let questions = [
        ("Webcam enabled?", flags.webcam_enabled),
        ("Full-screen mode always active?", flags.full_screen_always_active),
        ("Mouse always in assessment window?", flags.mouse_always_in_window),
        ("Filled out only once from IP address?", flags.only_once_from_ip),
    ];
    let answers = questions.into_iter().filter_map(|(question, answer)| {
        let answer = if answer? { "Yes" } else { "No" };
        Some(format!("{question} {answer}."))
    });
    let answers: Vec<String> = answers.collect();
    if answers.is_empty() { answers } else { vec![format!("Anti-cheating: {}", answers.join(" "))] }
}

/// Why nobody was invited, for recruiters and for ops.
pub const fn refusal_sentence(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::BadEmail => "Not sent: TestGorilla cannot deliver to the candidate's e-mail address.",
        Refusal::SuspiciousEmail => "Not sent: TestGorilla does not accept the candidate's e-mail address.",
        Refusal::NoEmail => "Not sent: the candidate has no e-mail address in SmartRecruiters.",
        Refusal::AssessmentGone => "Not sent: the assessment no longer exists in TestGorilla.",
        Refusal::AssessmentClosed => "Not sent: the assessment is archived, empty or past its date in TestGorilla.",
        Refusal::Erased => "Not sent: the candidate's personal data was erased on request.",
        Refusal::Other => "Not sent: TestGorilla refused the invitation.",
    }
}

/// Why the candidate can no longer finish, for recruiters and for ops.
pub const fn expiry_sentence(expiry: Expiry) -> &'static str {
    match expiry {
        Expiry::AssessmentEnded => {
            "The assessment was archived or is past its date in TestGorilla before the candidate finished."
        }
        Expiry::CandidatureDeleted => "The candidate was removed from the assessment in TestGorilla before finishing.",
        Expiry::IntegrationEnded => "The TestGorilla integration ended before the candidate finished.",
    }
}
