//! `ops replay`.

use std::time::Duration;

use domain::flows::follow::Outcome;
use domain::flows::replay::{self, was_out};
use domain::invitation::Invitation;
use domain::ports::{Cursor, Survey, gather};
use serde_json::json;

use super::companies;
use crate::cli::Replay;
use crate::connect::App;
use crate::console::Consent;
use crate::fail::{Exit, Failure};
use crate::report::{Report, count, time};

/// What was done.
#[derive(Debug, Default)]
struct Done {
    /// Candidatures that were read back.
    read: usize,
    /// Orders that were told something new.
    published: usize,
    /// Candidatures that are left to the reconciliation, for now.
    deferred: usize,
}

pub(super) async fn replay(app: &App, window: &Replay) -> Result<Report, Failure> {
    if window.from > window.to {
        return Err(Failure::usage("--from is after --to. Turn them round."));
    }
    let found = app.console.interrupt.or(find(app, window)).await?;
    let told = format!(
        "{} that were out between {} and {} are read back from TestGorilla, {} a minute at most; what differs is published.",
        count(found.len(), "candidature", "candidatures"),
        time(window.from),
        time(window.to),
        window.rate
    );
    if app.console.ask(&window.asking, &told).await? == Consent::DryRun {
        return Ok(Report::new("Nothing was read back (--dry-run).", json!({"found": found.len(), "changed": false})));
    }
    let mut done = Done::default();
    let pause = Duration::from_secs(60) / window.rate;
    for (number, invitation) in found.iter().enumerate() {
        if app.console.interrupt.is_raised() {
            break;
        }
        match replay::replay(&app.ports, &app.settings, invitation).await? {
            Outcome::Followed { published, .. } => {
                done.read += 1;
                done.published += published;
            }
            Outcome::Deferred { .. } => done.deferred += 1,
            // It is another's by now, or gone: nothing to read.
            Outcome::NotSent | Outcome::Unknown => {}
        }
        app.console.progress("Candidatures read back", number + 1, Some(found.len()));
        if number + 1 < found.len() {
            app.console.interrupt.pause(pause).await;
        }
    }
    app.console.progress_ends();
    Ok(report(app, &done, found.len()))
}

/// The invitations that were out in the window.
async fn find(app: &App, window: &Replay) -> Result<Vec<Invitation>, Failure> {
    let mut found = Vec::new();
    for company in companies(app, window.company.as_ref()).await? {
        let read = async |from: Option<&Cursor>| app.ports.store.invitations(&company, from).await;
        found.extend(gather(read, |invitation: &Invitation| was_out(invitation, window.from, window.to)).await?);
        app.console.progress("Candidatures found", found.len(), None);
    }
    app.console.progress_ends();
    Ok(found)
}

fn report(app: &App, done: &Done, found: usize) -> Report {
    let mut text = format!(
        "{} read back, {} told something new.",
        count(done.read, "candidature", "candidatures"),
        count(done.published, "order", "orders")
    );
    if done.deferred > 0 {
        let deferred = count(done.deferred, "candidature is", "candidatures are");
        text.push_str(&format!(" {deferred} left to the reconciliation: a partner did not answer, or asks to wait."));
    }
    let json = json!({
        "found": found, "read": done.read, "published": done.published, "deferred": done.deferred,
        "changed": done.published > 0,
    });
    let mut report = Report::new(text, json);
    if app.console.interrupt.is_raised() {
        report.text.push_str(" Interrupted: do it again for the rest.");
        report.exit = Exit::Interrupted;
    }
    report
}
