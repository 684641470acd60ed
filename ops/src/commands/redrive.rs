//! `ops redrive`.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use aws::{DeadLetters, Letter};
use domain::flows::stuck::{push, stuck};
use domain::ids::InvitationKey;
use domain::ports::{Clock, InvitationQueue, QueueError, ResultQueue, ResultWork};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{companies, entries_of};
use crate::cli::Redrive;
use crate::connect::App;
use crate::console::Consent;
use crate::fail::{Exit, Failure};
use crate::report::{Report, count};

/// What was done.
#[derive(Debug, Default)]
struct Done {
    /// Messages that are back in their queues.
    letters: usize,
    /// Messages that cannot be read, and were left.
    unreadable: usize,
    /// Stuck invitations that were set going.
    pushed: usize,
    /// Stuck invitations that somebody is at.
    busy: usize,
}

pub(super) async fn redrive(app: &App, what: &Redrive) -> Result<Report, Failure> {
    let pause = Duration::from_secs(1) / what.rate;
    let invitations = app.queue(&app.stack.invitation_dead_letters);
    let results = app.queue(&app.stack.result_dead_letters);
    let look = async {
        let letters = match what.company {
            Some(_) => 0,
            None => invitations.depth().await?.all() + results.depth().await?.all(),
        };
        Ok((usize::try_from(letters).unwrap_or(usize::MAX), stuck_invitations(app, what).await?))
    };
    let (letters, stuck) = app.console.interrupt.or(look).await?;
    let told = format!(
        "{}{} to be put back to work, {} a second at most.",
        letters_and(what.company.is_some(), letters),
        count(stuck.len(), "stuck invitation", "stuck invitations"),
        what.rate
    );
    if letters == 0 && stuck.is_empty() {
        return Ok(Report::new("Nothing to do: no dead letters, no stuck orders.", answer(&Done::default(), 0)));
    }
    if app.console.ask(&what.asking, &told).await? == Consent::DryRun {
        return Ok(Report::new(
            "Nothing was put back (--dry-run).",
            json!({"dead_letters": letters, "stuck": stuck.len(), "changed": false}),
        ));
    }
    let mut done = Done::default();
    if what.company.is_none() {
        let wake = async |key: InvitationKey| app.ports.queues.wake_invite(&key, Duration::ZERO).await;
        put_back(app, &invitations, wake, pause, letters, &mut done).await?;
        let wake = async |work: ResultWork| app.ports.queues.wake_result(&work, Duration::ZERO).await;
        put_back(app, &results, wake, pause, letters, &mut done).await?;
    }
    for key in &stuck {
        if app.console.interrupt.is_raised() {
            break;
        }
        *(if push(&app.ports, key).await? { &mut done.pushed } else { &mut done.busy }) += 1;
        app.console.progress("Stuck invitations set going", done.pushed, Some(stuck.len()));
        app.console.interrupt.pause(pause).await;
    }
    app.console.progress_ends();
    Ok(report(app, &done, stuck.len(), what.company.is_some()))
}

/// The invitations of orders that are not getting on.
async fn stuck_invitations(app: &App, what: &Redrive) -> Result<BTreeSet<InvitationKey>, Failure> {
    let now = app.ports.world.now();
    let companies = companies(app, what.company.as_ref()).await?;
    let all = entries_of(app, companies).await?;
    let stuck = all.into_iter().filter(|entry| stuck(&entry.order, entry.invitation.as_ref(), now).is_some());
    Ok(stuck.map(|entry| entry.order.invitation).collect())
}

/// Puts what is in a queue of dead letters back where it came from: first it is sent, then removed, so that none is lost.
async fn put_back<M: DeserializeOwned + Clone>(
    app: &App,
    dead: &DeadLetters,
    wake: impl AsyncFn(M) -> Result<(), QueueError>,
    pause: Duration,
    of: usize,
    done: &mut Done,
) -> Result<(), Failure> {
    let (mut seen, mut unreadable) = (HashSet::new(), Vec::<Letter<M>>::new());
    // What dies again meanwhile is for the next time.
    let most = dead.depth().await?.all();
    while (seen.len() as u64) < most && !app.console.interrupt.is_raised() {
        let letters = dead.take::<M>().await?;
        let mut is_any_new = false;
        for letter in letters {
            is_any_new |= seen.insert(letter.id.clone());
            match letter.work.clone() {
                _ if app.console.interrupt.is_raised() => dead.leave(&letter).await?,
                None => unreadable.push(letter),
                Some(work) => {
                    wake(work).await?;
                    dead.remove(&letter).await?;
                    done.letters += 1;
                    app.console.progress("Dead letters put back", done.letters, Some(of));
                    app.console.interrupt.pause(pause).await;
                }
            }
        }
        if !is_any_new {
            break;
        }
    }
    app.console.progress_ends();
    done.unreadable += unreadable.iter().map(|letter| &letter.id).collect::<HashSet<_>>().len();
    for letter in &unreadable {
        dead.leave(letter).await?;
    }
    Ok(())
}

/// Dead letters are those of all companies: asked for one, they are left.
fn letters_and(is_one_company: bool, letters: usize) -> String {
    if is_one_company { String::new() } else { format!("{} and ", count(letters, "dead letter", "dead letters")) }
}

fn report(app: &App, done: &Done, stuck: usize, is_one_company: bool) -> Report {
    let left = stuck - done.pushed - done.busy;
    let mut text = format!(
        "{}{} put back to work.",
        letters_and(is_one_company, done.letters),
        count(done.pushed, "stuck invitation", "stuck invitations")
    );
    if done.busy > 0 {
        text.push_str(&format!(" {} being worked on at this moment.", count(done.busy, "is", "are")));
    }
    if done.unreadable > 0 {
        let left = count(done.unreadable, "dead letter cannot be read and is", "dead letters cannot be read and are");
        text.push_str(&format!(" {left} left in place: look who sends such messages, then remove by hand."));
    }
    let mut report = Report::new(text, answer(done, left)).wrong_if(done.unreadable > 0);
    if app.console.interrupt.is_raised() {
        report.text.push_str(" Interrupted: the rest is where it was, do it again.");
        report.exit = Exit::Interrupted;
    }
    report
}

fn answer(done: &Done, left: usize) -> serde_json::Value {
    json!({
        "dead_letters": done.letters, "unreadable": done.unreadable, "stuck": done.pushed, "busy": done.busy, "left": left,
        "changed": done.letters + done.pushed > 0,
    })
}
