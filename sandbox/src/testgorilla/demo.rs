//! What is there when the stand-in starts, so that a person can begin at once.

use time::Duration;

use super::account::{self, AccountChange, Plan, Role, User};
use super::assessment::{self, NewAssessment, NewTest};
use super::state::State;
use crate::clock;
use crate::control::ActionError;

/// Adds a Pro account with a user of each role and an assessment of last year, and another account on a lower plan.
///
/// # Errors
/// An action is refused, as it would be to anybody.
pub(super) fn furnish(state: &mut State) -> Result<(), ActionError> {
    let people =
        [("olga", Role::Owner), ("adam", Role::Admin), ("rosa", Role::Recruiter), ("hugo", Role::HiringManager)];
    add(state, "acme-example", Plan::Pro, &people)?;
    add(state, "other-example", Plan::Starter, &[("oskar", Role::Owner)])?;
    // Created long before anybody enables the integration: it shows that recruiters are not offered it.
    let test = |name: &str| NewTest { name: name.to_owned(), algorithm: "basic".to_owned(), duration: 600 };
    let new = NewAssessment {
        account: "acme-example".to_owned(),
        name: "Support engineer (last year)".to_owned(),
        tests: vec![test("Problem solving"), test("Attention to detail")],
        created: Some(clock::now() - Duration::days(365)),
        date_of_expiry: None,
        archived: false,
    };
    assessment::create(state, new).map(|_| ())
}

fn add(state: &mut State, account: &str, plan: Plan, people: &[(&str, Role)]) -> Result<(), ActionError> {
    let user = |(name, role): &(&str, Role)| User { email: format!("{name}@{account}.example"), role: *role };
    let users = Some(people.iter().map(user).collect());
    let change = AccountChange { plan: Some(plan), users, ..AccountChange::default() };
    account::put(state, account, change).map(|_| ())
}
