//! Ordering by hand: Browse, TestGorilla, tick, CONTINUE, SEND.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;

use super::Visitor;
use super::candidate::find;
use super::packages::{self, Package, in_words};
use crate::control::ActionError;
use crate::screens::{Fields, sentence};
use crate::smartrecruiters::order::{self, NewCandidate, NewOrder, Requester};
use crate::smartrecruiters::state::Candidate;
use crate::smartrecruiters::{SmartRecruiters, ordering};

type App = State<Arc<SmartRecruiters>>;
type Ids = Path<(String, String)>;

#[derive(Template)]
#[template(path = "smartrecruiters/partners.html")]
struct Partners {
    here: String,
    candidate: Candidate,
    is_connected: bool,
    testgorilla: String,
}

/// "Browse": the company's assessment partners.
pub(super) async fn partners(State(app): App, visitor: Visitor, Path((_, id)): Ids) -> Response {
    match find(&mut app.state(), &visitor, &id) {
        Ok((company, candidate)) => {
            let here = visitor.candidate(&id);
            let is_connected = company.integration.is_some();
            let screen = Partners { here, candidate, is_connected, testgorilla: visitor.testgorilla() };
            visitor.job_page("Browse assessments", &screen)
        }
        Err(error) => visitor.problem(&error),
    }
}

#[derive(Template)]
#[template(path = "smartrecruiters/packages.html")]
struct Packages {
    here: String,
    candidate: Candidate,
    offered: Vec<Package>,
    /// Names of what the candidate was ordered before.
    sent: Vec<String>,
    trouble: Option<String>,
}

/// What TestGorilla offers, without what the candidate was ordered before.
pub(super) async fn packages(State(app): App, visitor: Visitor, Path((_, id)): Ids) -> Response {
    let listed = packages::list(&app, &visitor).await;
    let mut state = app.state();
    let candidate = match find(&mut state, &visitor, &id) {
        Ok((_, candidate)) => candidate,
        Err(error) => return visitor.problem(&error),
    };
    let (listed, trouble) = match listed {
        Ok(listed) => (listed, None),
        Err(trouble) => (Vec::new(), Some(trouble)),
    };
    let is_offered = |package: &Package| order::is_offered(&state, &id, &package.id);
    let (offered, sent): (Vec<_>, Vec<_>) = listed.into_iter().partition(is_offered);
    drop(state);
    let sent = sent.into_iter().map(|package| package.name).collect();
    let screen = Packages { here: visitor.candidate(&id), candidate, offered, sent, trouble };
    visitor.job_page("TestGorilla assessments", &screen)
}

#[derive(Template)]
#[template(path = "smartrecruiters/review.html")]
struct Review {
    here: String,
    candidate: Candidate,
    /// Ids and names.
    packages: Vec<(String, String)>,
}

/// "CONTINUE": what is about to be sent.
pub(super) async fn review(
    State(app): App,
    visitor: Visitor,
    Path((_, id)): Ids,
    Query(ticked): Query<Vec<(String, String)>>,
) -> Response {
    let (company, candidate) = match find(&mut app.state(), &visitor, &id) {
        Ok(found) => found,
        Err(error) => return visitor.problem(&error),
    };
    let here = visitor.candidate(&id);
    let ticked = ticked.into_iter().filter(|(name, _)| name == "package");
    let packages: Vec<_> = ticked.map(|(_, package)| (company.package_name(&package), package)).collect();
    if packages.is_empty() {
        let none = ActionError::Invalid("tick at least one assessment".to_owned());
        return visitor.go(&format!("{here}/browse/testgorilla"), Err(none));
    }
    let packages = packages.into_iter().map(|(name, package)| (package, name)).collect();
    visitor.job_page("Review and send", &Review { here, candidate, packages })
}

/// "SEND": one order for each assessment, in the visitor's name.
pub(super) async fn send(State(app): App, visitor: Visitor, Path((_, id)): Ids, fields: Fields) -> Response {
    let (company, candidate) = match find(&mut app.state(), &visitor, &id) {
        Ok(found) => found,
        Err(error) => return visitor.problem(&error),
    };
    let (mut sent, mut problems) = (Vec::new(), Vec::new());
    for package in fields.all("package") {
        let requester = Some(Requester::from(&visitor.person));
        let new = NewOrder::of(&visitor.company, package, NewCandidate::from(&candidate), requester);
        let name = company.package_name(package);
        match ordering::order(&app, new).await {
            Ok(made) if made.status == Some(202) => sent.push(name),
            Ok(made) => problems.push(format!("{name}: {}", in_words(made.status, &made.body))),
            Err(error) => problems.push(format!("{name}: {}", sentence(&error.to_string()))),
        }
    }
    let done = match (sent.as_slice(), problems.as_slice()) {
        ([], []) => Err(ActionError::Invalid("tick at least one assessment".to_owned())),
        (sent, []) => Ok(format!("Sent to {}: {}.", candidate.full_name(), sent.join(", "))),
        (_, problems) => Err(ActionError::Refused(problems.join(" "))),
    };
    visitor.go(&visitor.assessment(&id), done)
}
