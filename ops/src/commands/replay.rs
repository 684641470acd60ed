//! `ops replay`.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use domain::flows::follow::Outcome;
use domain::flows::replay::{self, was_out};
use domain::invitation::Invitation;
use domain::ports::{Cursor, StoreError, Survey, gather};
use serde_json::json;

use super::{Failed, companies, entries, not_tried};
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
    /// Candidatures that are another's by now, or gone: nothing to read.
    gone: usize,
    /// Candidatures at which the store failed.
    failed: Failed,
}

impl Done {
    const fn all(&self) -> usize {
        self.read + self.deferred + self.gone + self.failed.number()
    }

    fn count(&mut self, invitation: impl ToString, outcome: Result<Outcome, StoreError>) {
        match self.failed.note(invitation, outcome) {
            Some(Outcome::Followed { published, .. }) => {
                self.read += 1;
                self.published += published;
            }
            Some(Outcome::Deferred { .. }) => self.deferred += 1,
            Some(Outcome::NotSent | Outcome::Unknown) => self.gone += 1,
            None => {}
        }
    }
}

pub(super) async fn replay(app: &App, window: &Replay) -> Result<Report, Failure> {
    if window.from > window.to {
        return Err(Failure::usage("--from is after --to. Turn them round."));
    }
    let (found, left_out) = app.console.interrupt.or(find(app, window)).await?;
    let told = format!(
        "{} that were out between {} and {} are read back from TestGorilla, {} a minute of each company at most; what differs is published.",
        count(found.len(), "candidature", "candidatures"),
        time(window.from),
        time(window.to),
        window.rate
    );
    if app.console.ask(&window.asking, &told).await? == Consent::DryRun {
        let json = json!({"found": found.len(), "changed": false});
        let text = format!("Nothing was read back (--dry-run).{}", entries::told(&left_out));
        return Ok(Report::new(text, json).wrong_if(left_out.number() > 0));
    }
    let done = read_back(app, window, &found).await;
    Ok(report(&done, found.len(), &left_out, app.console.interrupt.is_raised()))
}

async fn read_back(app: &App, window: &Replay, found: &[Invitation]) -> Done {
    let mut done = Done::default();
    // What TestGorilla allows, it allows each key.
    let pause = Duration::from_secs(60) / window.rate;
    'all: for turn in turns(found) {
        if done.all() > 0 {
            app.console.interrupt.pause(pause).await;
        }
        for invitation in turn {
            if app.console.interrupt.is_raised() || done.failed.is_down() {
                break 'all;
            }
            let outcome = replay::replay(&app.ports, &app.settings, invitation).await;
            done.count(&invitation.key, outcome);
            app.console.progress("Candidatures read back", done.all(), Some(found.len()));
        }
    }
    app.console.progress_ends();
    done
}

/// The companies in turn: one candidature of each, then the next of each.
fn turns(found: &[Invitation]) -> Vec<Vec<&Invitation>> {
    let (mut turns, mut had) = (Vec::<Vec<_>>::new(), HashMap::<_, usize>::new());
    for invitation in found {
        let number = had.entry(&invitation.key.company).or_default();
        match turns.get_mut(*number) {
            Some(turn) => turn.push(invitation),
            None => turns.push(vec![invitation]),
        }
        *number += 1;
    }
    turns
}

/// The invitations that were out in the window, and the companies of which something cannot be read.
async fn find(app: &App, window: &Replay) -> Result<(Vec<Invitation>, Failed), Failure> {
    let companies = companies(app, window.company.as_ref()).await?;
    let (all, parts, mut found, mut left_out) = (companies.len(), Cell::new(0), Vec::new(), Failed::default());
    for (number, company) in companies.iter().enumerate() {
        let read = async |from: Option<&Cursor>| {
            let part = app.ports.store.invitations(company, from).await;
            parts.set(parts.get() + 1);
            let what = format!("Companies looked at ({})", count(parts.get(), "part read", "parts read"));
            app.console.progress(&what, number, Some(all));
            part
        };
        let of_company = gather(read, |invitation: &Invitation| was_out(invitation, window.from, window.to)).await;
        found.extend(left_out.note_unreadable(company, of_company)?.unwrap_or_default());
    }
    app.console.progress_ends();
    Ok((found, left_out))
}

fn report(done: &Done, found: usize, left_out: &Failed, is_interrupted: bool) -> Report {
    let mut text = format!(
        "{} read back, {} told something new.",
        count(done.read, "candidature", "candidatures"),
        count(done.published, "order", "orders")
    );
    if done.deferred > 0 {
        let deferred = count(done.deferred, "candidature is", "candidatures are");
        text.push_str(&format!(" {deferred} left to the reconciliation: a partner did not answer, or asks to wait."));
    }
    let left = found - done.all();
    if let Some(failure) = done.failed.first() {
        let failed = count(done.failed.number(), "candidature", "candidatures");
        text.push_str(&format!(" {failed} failed{}: do it again. {failure}", not_tried(left)));
    }
    let json = json!({
        "found": found, "read": done.read, "published": done.published, "deferred": done.deferred,
        "failed": done.failed.number(), "left": left, "left_out": left_out.json(), "changed": done.published > 0,
    });
    if is_interrupted {
        text.push_str(" Interrupted: do it again for the rest.");
    }
    let is_wrong = done.failed.number() + done.deferred + left_out.number() > 0;
    let mut report = Report::new(text + &entries::told(left_out), json).wrong_if(is_wrong);
    if is_interrupted {
        report.exit = Exit::Interrupted;
    }
    report
}

#[cfg(test)]
mod tests {
    use testing::samples;

    use super::*;

    #[test]
    fn companies_are_read_back_in_turn() {
        let of = |company: &str, assessment| {
            let key = samples::invitation_key(&company.parse().unwrap(), assessment);
            samples::invitation(&key, samples::order_id())
        };
        let found = [of("acme-example", 1), of("acme-example", 2), of("acme-example", 3), of("other-example", 4)];
        let turns: Vec<Vec<u64>> =
            turns(&found).iter().map(|turn| turn.iter().map(|one| one.key.assessment.0).collect()).collect();
        assert_eq!(turns, [vec![1, 4], vec![2], vec![3]]);
    }

    #[test]
    fn what_failed_is_counted_and_the_rest_is_told_all_the_same() {
        let mut done = Done::default();
        done.count("one", Ok(Outcome::Followed { state: "completed", published: 1 }));
        done.count("another", Err(StoreError::Broken("the item x cannot be read or written".into())));
        done.count("a third", Ok(Outcome::Unknown));
        let mut left_out = Failed::default();
        left_out.note("acme-example", Err::<(), _>(StoreError::Broken("the item y".into())));
        let report = report(&done, 4, &left_out, false);
        assert!(report.text.starts_with("1 candidature read back, 1 order told something new."), "{}", report.text);
        assert!(report.text.contains("1 candidature failed, and 1 was not tried: do it again."), "{}", report.text);
        assert!(report.text.contains("cannot be read"), "{}", report.text);
        assert!(report.text.contains("\n  acme-example: "), "{}", report.text);
        assert_eq!((report.exit, &report.json["failed"], &report.json["left"]), (Exit::Wrong, &json!(1), &json!(1)));
    }
}
