//! Who works at a company, and who applies there.

use serde::Serialize;

use super::company;
use super::order::NewCandidate;
use super::state::{Candidate, State};
use crate::contract::is_email;
use crate::control::ActionError;
use crate::ids;

/// Names and addresses that a form may carry are no longer.
const MAX_TEXT: usize = 200;

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Connects and disconnects apps, and does what a recruiter does.
    Admin,
    /// Moves candidates and orders assessments.
    Recruiter,
}

impl Role {
    /// As the screens name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Recruiter => "Recruiter",
        }
    }
}

/// Someone who works at a company.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Person {
    /// The id, `requester.userId` of an order.
    pub(crate) id: String,
    /// The full name.
    pub(crate) name: String,
    /// The address, `requester.email` of an order.
    pub(crate) email: String,
    /// What they may do.
    pub(crate) role: Role,
}

impl Person {
    /// # Errors
    /// The person is no admin.
    pub(crate) fn require_admin(&self) -> Result<(), ActionError> {
        match self.role {
            Role::Admin => Ok(()),
            Role::Recruiter => Err(ActionError::Refused("only an admin connects and disconnects apps".to_owned())),
        }
    }
}

/// A new company's people: an admin and a recruiter.
pub(super) fn of(company: &str) -> [Person; 2] {
    let person = |name: &str, local: &str, role| Person {
        id: ids::uuid(),
        name: name.to_owned(),
        email: format!("{local}@{company}.example"),
        role,
    };
    [person("Ada Example", "ada", Role::Admin), person("Rita Example", "rita", Role::Recruiter)]
}

/// Someone applies for the company's job. Who has applied with this address before is known already.
///
/// # Errors
/// There is no such company, a name is missing, or the address is none.
pub(crate) fn apply(state: &mut State, company: &str, new: &NewCandidate) -> Result<String, ActionError> {
    company::find(state, company)?;
    let texts = [&new.first_name, &new.last_name, &new.email];
    if texts.iter().any(|text| text.trim().is_empty() || text.chars().count() > MAX_TEXT) {
        return Err(ActionError::Invalid("first name, last name and email are needed".to_owned()));
    }
    if !is_email(&new.email) {
        return Err(ActionError::Invalid(format!("{} is no email address", new.email)));
    }
    Ok(candidate(state, company, new))
}

/// The candidate with this address, who is added where there is none.
pub(super) fn candidate(state: &mut State, company: &str, new: &NewCandidate) -> String {
    let known = |known: &&Candidate| known.company == company && known.email.eq_ignore_ascii_case(&new.email);
    if let Some(known) = state.candidates.values().find(known) {
        return known.id.clone();
    }
    let id = ids::uuid();
    let candidate = Candidate {
        id: id.clone(),
        company: company.to_owned(),
        first_name: new.first_name.clone(),
        last_name: new.last_name.clone(),
        email: new.email.clone(),
    };
    state.candidates.insert(id.clone(), candidate);
    id
}

/// The company's candidate with this id.
///
/// # Errors
/// There is none.
pub(crate) fn find<'a>(state: &'a State, company: &str, id: &str) -> Result<&'a Candidate, ActionError> {
    let known = state.candidates.get(id).filter(|candidate| candidate.company == company);
    known.ok_or_else(|| ActionError::NotFound(format!("candidate {id}")))
}
