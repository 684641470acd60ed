//! Where a user begins, and the account's own page.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::HERE;
use super::member::{Member, account_path, person_frame};
use crate::control::ActionError;
use crate::screens::{Fields, Link, see_other, signed_in};
use crate::testgorilla::TestGorilla;
use crate::testgorilla::account::{self, AccountChange, Plan};

#[derive(Template)]
#[template(path = "testgorilla/home.html")]
struct Home {
    accounts: Vec<Link>,
}

/// The only account of who is signed in, or a choice.
pub(super) async fn first(State(app): State<Arc<TestGorilla>>, headers: HeaderMap) -> Response {
    let Some(email) = signed_in(&headers, HERE) else {
        return see_other(HERE, "/sign-in", None);
    };
    let link = |id: &String| Link::new(id, account_path(id, "assessments"));
    let accounts: Vec<Link> = {
        let state = app.state();
        state
            .accounts
            .values()
            .filter(|account| account.role_of(&email).is_some())
            .map(|known| link(&known.id))
            .collect()
    };
    match accounts.as_slice() {
        [only] => see_other(HERE, &only.href, None),
        _ => person_frame(&app, &headers, &email).page(StatusCode::OK, "Your accounts", &Home { accounts }),
    }
}

#[derive(Template)]
#[template(path = "testgorilla/account.html")]
struct AccountPage<'a> {
    member: &'a Member,
    plans: [Plan; 3],
}

/// Plan and users.
pub(super) async fn account(member: Member) -> Response {
    let screen = AccountPage { member: &member, plans: Plan::ALL };
    member.frame(&member.path("account")).page(StatusCode::OK, "Account", &screen)
}

/// The owner chooses another plan.
pub(super) async fn choose_plan(State(app): State<Arc<TestGorilla>>, member: Member, fields: Fields) -> Response {
    let Some(plan) = Plan::ALL.into_iter().find(|plan| plan.name() == fields.text("plan")) else {
        return member.back("account", Err::<(), _>(ActionError::Invalid("choose a plan".to_owned())), "");
    };
    if !member.role.chooses_plan() {
        return member.refused("Only the owner of the account chooses its plan.");
    }
    let change = AccountChange { plan: Some(plan), ..AccountChange::default() };
    let changed = account::put(&mut app.state(), &member.account.id, change);
    member.back("account", changed, &format!("The account has the {} plan now.", plan.name()))
}
