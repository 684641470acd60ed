//! `ops redrive`.

mod letters;
mod orders;
mod told;

use std::time::Duration;

use domain::flows::stuck::push;
use domain::ids::{InvitationKey, OrderId};
use domain::ports::{InvitationQueue, ResultQueue, ResultWork};
use serde_json::{Value, json};

use self::letters::{Pace, put_back};
use self::orders::{StuckOrders, set_going};
use self::told::{answer, counted, of, report, sentence};
use super::{Failed, entries};
use crate::cli::Redrive;
use crate::connect::App;
use crate::console::Consent;
use crate::fail::Failure;
use crate::report::Report;

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
    /// Stuck invitations that could not be set going.
    failed: Failed,
}

/// What there is to do.
struct Found {
    /// Dead letters.
    letters: usize,
    stuck: StuckOrders,
    /// Companies of which something cannot be read: their stuck orders are not known.
    left_out: Failed,
}

impl Found {
    /// A report that tells what was left out, too.
    fn report(&self, text: String, mut json: Value) -> Report {
        if let Value::Object(properties) = &mut json {
            properties.insert("left_out".into(), self.left_out.json());
        }
        Report::new(text + &entries::told(&self.left_out), json).wrong_if(self.left_out.number() > 0)
    }
}

pub(super) async fn redrive(app: &App, what: &Redrive) -> Result<Report, Failure> {
    let found = app.console.interrupt.or(look(app, what)).await?;
    let (letters, stuck) = (found.letters, found.stuck.len());
    if letters == 0 && stuck == 0 {
        let nothing = of(what, "no dead letters".to_owned(), "no stuck orders".to_owned(), ", ");
        return Ok(found.report(format!("Nothing to do: {nothing}."), answer(&Done::default(), 0)));
    }
    let told = format!("{} to be put back to work, {} a second at most.", counted(what, letters, stuck), what.rate);
    if app.console.ask(&what.asking, &told).await? == Consent::DryRun {
        let json = json!({"dead_letters": letters, "stuck": stuck, "changed": false});
        return Ok(found.report("Nothing was put back (--dry-run).".to_owned(), json));
    }
    let mut done = Done::default();
    let worked = work(app, what, &found, &mut done).await;
    app.console.progress_ends();
    match worked {
        Ok(()) => Ok(report(what, &done, &found, app.console.interrupt.is_raised())),
        Err(failure) => Err(failure.after(&sentence(what, &done))),
    }
}

/// How many dead letters there are, and the orders that are not getting on.
async fn look(app: &App, what: &Redrive) -> Result<Found, Failure> {
    let mut letters = 0;
    if what.company.is_none() {
        for url in [&app.stack.invitation_dead_letters, &app.stack.result_dead_letters] {
            letters += app.queue(url).depth().await?.all();
        }
    }
    let (stuck, left_out) = if what.dead_letters { Default::default() } else { orders::find(app, what).await? };
    Ok(Found { letters: usize::try_from(letters).unwrap_or(usize::MAX), stuck, left_out })
}

async fn work(app: &App, what: &Redrive, found: &Found, done: &mut Done) -> Result<(), Failure> {
    let pause = Duration::from_secs(1) / what.rate;
    if what.company.is_none() {
        let queues = &app.ports.queues;
        let pace = Pace { pause, of: found.letters };
        let dead = app.queue(&app.stack.invitation_dead_letters);
        let wake = async |key: InvitationKey| queues.wake_invite(&key, Duration::ZERO).await;
        put_back(&app.console, &dead, wake, pace, done).await?;
        let dead = app.queue(&app.stack.result_dead_letters);
        let wake = async |work: ResultWork| queues.wake_result(&work, Duration::ZERO).await;
        put_back(&app.console, &dead, wake, pace, done).await?;
    }
    let push = async |key: &InvitationKey, orders: &[OrderId]| push(&app.ports, key, orders).await;
    set_going(&app.console, &found.stuck, push, pause, done).await;
    Ok(())
}
