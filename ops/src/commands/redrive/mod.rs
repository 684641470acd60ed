//! `ops redrive`.

mod letters;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::flows::company::Entry;
use domain::flows::stuck::{Pushed, push, stuck};
use domain::ids::{InvitationKey, OrderId};
use domain::ports::{Clock, InvitationQueue, ResultQueue, ResultWork};
use serde_json::{Value, json};

use self::letters::{Pace, put_back};
use super::{companies, look_at_entries};
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
    /// Stuck invitations that the table has lost.
    lost: usize,
}

pub(super) async fn redrive(app: &App, what: &Redrive) -> Result<Report, Failure> {
    let (letters, stuck) = app.console.interrupt.or(look(app, what)).await?;
    if letters == 0 && stuck.is_empty() {
        let nothing = of(what, "no dead letters".to_owned(), "no stuck orders".to_owned(), ", ");
        return Ok(Report::new(format!("Nothing to do: {nothing}."), answer(&Done::default(), 0)));
    }
    let told =
        format!("{} to be put back to work, {} a second at most.", counted(what, letters, stuck.len()), what.rate);
    if app.console.ask(&what.asking, &told).await? == Consent::DryRun {
        return Ok(Report::new(
            "Nothing was put back (--dry-run).",
            json!({"dead_letters": letters, "stuck": stuck.len(), "changed": false}),
        ));
    }
    let mut done = Done::default();
    let worked = work(app, what, letters, &stuck, &mut done).await;
    app.console.progress_ends();
    match worked {
        Ok(()) => Ok(report(what, &done, stuck.len(), app.console.interrupt.is_raised())),
        Err(failure) => Err(failure.after(&sentence(what, &done))),
    }
}

/// Orders that are not getting on, by the invitation that they share.
type StuckOrders = BTreeMap<InvitationKey, Vec<OrderId>>;

/// How many dead letters there are, and the orders that are not getting on.
async fn look(app: &App, what: &Redrive) -> Result<(usize, StuckOrders), Failure> {
    let mut letters = 0;
    if what.company.is_none() {
        for url in [&app.stack.invitation_dead_letters, &app.stack.result_dead_letters] {
            letters += app.queue(url).depth().await?.all();
        }
    }
    let mut found = StuckOrders::new();
    if !what.dead_letters {
        let now = app.ports.world.now();
        let companies = companies(app, what.company.as_ref()).await?;
        let look = |entry: Entry| {
            if stuck(&entry.order, entry.invitation.as_ref(), now).is_some() {
                let id = entry.order.id();
                found.entry(entry.order.invitation).or_default().push(id);
            }
        };
        look_at_entries(app, companies, look).await?;
    }
    Ok((usize::try_from(letters).unwrap_or(usize::MAX), found))
}

async fn work(app: &App, what: &Redrive, letters: usize, stuck: &StuckOrders, done: &mut Done) -> Result<(), Failure> {
    let pause = Duration::from_secs(1) / what.rate;
    if what.company.is_none() {
        let queues = &app.ports.queues;
        let pace = Pace { pause, of: letters };
        let dead = app.queue(&app.stack.invitation_dead_letters);
        let wake = async |key: InvitationKey| queues.wake_invite(&key, Duration::ZERO).await;
        put_back(&app.console, &dead, wake, pace, done).await?;
        let dead = app.queue(&app.stack.result_dead_letters);
        let wake = async |work: ResultWork| queues.wake_result(&work, Duration::ZERO).await;
        put_back(&app.console, &dead, wake, pace, done).await?;
    }
    for (key, orders) in stuck {
        if app.console.interrupt.is_raised() {
            break;
        }
        match push(&app.ports, key, orders).await? {
            Pushed::Going => done.pushed += 1,
            Pushed::Busy => done.busy += 1,
            Pushed::Lost => done.lost += 1,
        }
        app.console.progress("Stuck invitations set going", done.pushed, Some(stuck.len()));
        app.console.interrupt.pause(pause).await;
    }
    Ok(())
}

/// Dead letters are those of all companies: asked for one, they are left.
fn of(what: &Redrive, letters: String, stuck: String, between: &str) -> String {
    match (what.company.is_some(), what.dead_letters) {
        (true, _) => stuck,
        (false, true) => letters,
        (false, false) => format!("{letters}{between}{stuck}"),
    }
}

fn counted(what: &Redrive, letters: usize, stuck: usize) -> String {
    let letters = count(letters, "dead letter", "dead letters");
    of(what, letters, count(stuck, "stuck invitation", "stuck invitations"), " and ")
}

fn sentence(what: &Redrive, done: &Done) -> String {
    format!("{} put back to work.", counted(what, done.letters, done.pushed))
}

fn report(what: &Redrive, done: &Done, stuck: usize, is_interrupted: bool) -> Report {
    let left = stuck - done.pushed - done.busy - done.lost;
    let mut text = sentence(what, done);
    if done.busy > 0 {
        text.push_str(&format!(" {} being worked on at this moment.", count(done.busy, "is", "are")));
    }
    if done.lost > 0 {
        let lost = count(done.lost, "stuck invitation is", "stuck invitations are");
        text.push_str(&format!(
            " {lost} not in the table any more, and nothing sets the orders going: look at them (ops order list --state lost) and tell their recruiters."
        ));
    }
    if done.unreadable > 0 {
        let left = count(done.unreadable, "dead letter cannot be read and is", "dead letters cannot be read and are");
        text.push_str(&format!(" {left} left in place: look who sends such messages, then remove by hand."));
    }
    let mut report = Report::new(text, answer(done, left)).wrong_if(done.unreadable + done.lost > 0);
    if is_interrupted {
        report.text.push_str(" Interrupted: the rest is where it was, do it again.");
        report.exit = Exit::Interrupted;
    }
    report
}

fn answer(done: &Done, left: usize) -> Value {
    json!({
        "dead_letters": done.letters, "unreadable": done.unreadable, "stuck": done.pushed, "busy": done.busy,
        "lost": done.lost, "left": left, "changed": done.letters + done.pushed > 0,
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn asked(more: &[&str]) -> Redrive {
        match Cli::parse_from(["ops", "redrive"].iter().chain(more)).command {
            Command::Redrive(what) => what,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_not_looked_at_is_not_counted() {
        let told = |more: &[&str]| counted(&asked(more), 2, 1);
        assert_eq!(told(&[]), "2 dead letters and 1 stuck invitation");
        assert_eq!(told(&["--dead-letters"]), "2 dead letters");
        assert_eq!(told(&["--company", "acme-example"]), "1 stuck invitation");
        assert!(Cli::try_parse_from(["ops", "redrive", "--dead-letters", "--company", "acme-example"]).is_err());
    }

    #[test]
    fn a_lost_invitation_is_told_from_one_that_somebody_is_at() {
        let busy = report(&asked(&[]), &Done { pushed: 1, busy: 1, ..Done::default() }, 2, false);
        assert!(busy.exit == Exit::Fine && busy.text.contains("1 is being worked on"), "{}", busy.text);
        let lost = report(&asked(&[]), &Done { lost: 2, ..Done::default() }, 2, false);
        assert!(
            lost.exit == Exit::Wrong && lost.text.contains("2 stuck invitations are not in the table"),
            "{}",
            lost.text
        );
        assert_eq!((&lost.json["left"], &lost.json["changed"]), (&json!(0), &json!(false)));
    }
}
