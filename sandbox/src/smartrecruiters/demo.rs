//! What is there when the stand-in starts, so that a person can begin at once.

use super::company::{self, CompanyChange};
use super::order::NewCandidate;
use super::people;
use super::state::State;

/// The company's id.
const COMPANY: &str = "acme-example";

/// First names of its candidates.
const CANDIDATES: [&str; 3] = ["Juno", "Kim", "Lee"];

/// Adds a company with a job and candidates.
pub(super) fn furnish(state: &mut State) {
    company::put(state, COMPANY, CompanyChange::default());
    for first_name in CANDIDATES {
        let email = format!("{}@example.com", first_name.to_lowercase());
        let new = NewCandidate { email, first_name: first_name.to_owned(), last_name: "Example".to_owned() };
        people::candidate(state, COMPANY, &new);
    }
}
