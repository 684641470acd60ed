//! The page that See Results leads to: for users of the candidate's own account, and for nobody else.

use super::assessment::Assessment;
use super::candidature::Candidature;
use super::state;

/// What a person sees who opens the page.
#[derive(Debug, Clone)]
pub(crate) enum Page {
    /// There is no such candidature.
    Unknown,
    /// Only the account's users see it; this is its owner's address, to ask for access.
    AskForAccess(Option<String>),
    /// The candidature and its assessment.
    Shown(Box<Candidature>, Box<Assessment>),
}

/// What `user` sees of an attempt.
pub(crate) fn open(
    state: &state::State,
    user: Option<&str>,
    assessment: u64,
    test_taker: u64,
    candidature: u64,
) -> Page {
    let known = state.candidatures.get(&candidature);
    let known = known.filter(|known| known.assessment == assessment && known.testtaker_id == test_taker);
    let found =
        known.and_then(|known| Some((known, state.accounts.get(&known.account)?, state.assessments.get(&assessment)?)));
    let Some((known, account, assessment)) = found else {
        return Page::Unknown;
    };
    if user.and_then(|user| account.role_of(user)).is_some() {
        Page::Shown(Box::new(known.clone()), Box::new(assessment.clone()))
    } else {
        Page::AskForAccess(account.owner().map(str::to_owned))
    }
}
