//! The Skills Test step: its assessment, and whether it is ordered by itself.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Visitor;
use super::packages::{self, Package};
use crate::screens::Fields;
use crate::smartrecruiters::company::{self, Step};
use crate::smartrecruiters::{SmartRecruiters, hiring};

type App = State<Arc<SmartRecruiters>>;

#[derive(Template)]
#[template(path = "smartrecruiters/skills_test.html")]
struct SkillsTest {
    here: String,
    job: String,
    packages: Vec<Package>,
    trouble: Option<String>,
    /// The package that the step carries.
    chosen: String,
    /// Its name, when TestGorilla does not offer it any more.
    withdrawn: Option<String>,
    is_auto_triggered: bool,
}

pub(super) async fn show(State(app): App, visitor: Visitor) -> Response {
    let listed = packages::list(&app, &visitor).await;
    let (packages, trouble) = match listed {
        Ok(packages) => (packages, None),
        Err(trouble) => (Vec::new(), Some(trouble)),
    };
    let mut state = app.state();
    let company = match company::find(&mut state, &visitor.company) {
        Ok(company) => company,
        Err(error) => return visitor.problem(&error),
    };
    let carries = company.steps.get(hiring::SKILLS_TEST);
    let chosen = carries.map(|carries| carries.package.clone()).unwrap_or_default();
    let is_missing = !chosen.is_empty() && !packages.iter().any(|package| package.id == chosen);
    let screen = SkillsTest {
        here: format!("{}/skills-test", visitor.job()),
        job: visitor.job(),
        withdrawn: is_missing.then(|| company.package_name(&chosen)),
        is_auto_triggered: carries.is_some_and(|carries| carries.auto_triggered),
        packages,
        trouble,
        chosen,
    };
    visitor.job_page("Skills Test", &screen)
}

pub(super) async fn save(State(app): App, visitor: Visitor, fields: Fields) -> Response {
    let package = fields.text("package");
    let carries = (!package.is_empty())
        .then(|| Step { package: package.to_owned(), auto_triggered: fields.has("auto_triggered") });
    let saved = hiring::set_step(&mut app.state(), &visitor.company, hiring::SKILLS_TEST, carries);
    visitor.go(&visitor.job(), saved.map(|()| "The Skills Test step was saved.".to_owned()))
}
