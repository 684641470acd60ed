//! The first screen: a company and one of its people to act as.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::visitor::{HERE, segment};
use crate::control::ActionError;
use crate::screens::{self, Fields, Frame, Notice, local_path, see_other, sentence};
use crate::smartrecruiters::SmartRecruiters;
use crate::smartrecruiters::company;
use crate::smartrecruiters::people::{Person, Role};

type App = State<Arc<SmartRecruiters>>;

#[derive(Template)]
#[template(path = "smartrecruiters/home.html")]
struct Home {
    companies: Vec<(String, Vec<Person>)>,
    next: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

pub(super) async fn show(State(app): App, Query(Next { next }): Query<Next>, headers: HeaderMap) -> Response {
    let state = app.state();
    let companies = state.companies.values().map(|company| (company.id.clone(), company.people.clone())).collect();
    Frame::new(HERE, &headers).page(StatusCode::OK, "Sign in", &Home { companies, next })
}

pub(super) async fn add_company(State(app): App, fields: Fields) -> Response {
    let id = fields.text("company");
    let notice = match company::add(&mut app.state(), id) {
        Ok(()) => Notice::Done(format!("{id} was added.")),
        Err(error) => Notice::Problem(sentence(&error.to_string())),
    };
    see_other(HERE, "/", Some(&notice))
}

pub(super) async fn sign_in(State(app): App, fields: Fields) -> Response {
    let email = fields.text("email");
    let state = app.state();
    let everyone =
        state.companies.values().flat_map(|company| company.people.iter().map(move |person| (company, person)));
    let Some((company, person)) = everyone.into_iter().find(|(_, person)| person.email == email) else {
        let error = ActionError::NotFound(format!("person {email}"));
        return see_other(HERE, "/", Some(&Notice::Problem(sentence(&error.to_string()))));
    };
    let id = segment(&company.id);
    let first = match person.role {
        Role::Admin => format!("/apps/{id}"),
        Role::Recruiter => format!("/companies/{id}/job"),
    };
    let to = Some(local_path(fields.text("next"))).filter(|next| *next != "/");
    screens::sign_in(HERE, email, to.unwrap_or(&first))
}

pub(super) async fn sign_out() -> Response {
    screens::sign_out(HERE, "/")
}
