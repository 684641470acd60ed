//! Whether work gets done: the schedule, what is due, and the queues.

use std::time::Duration;

use aws::Depth;
use domain::flows::stuck::LATE;
use domain::ports::{Clock, DueWork, Run, Runs};
use domain::timestamp::Timestamp;
use futures_util::future::join_all;

use super::Line;
use crate::connect::App;
use crate::fail::Failure;
use crate::report::{count, span};

pub(super) async fn check(app: &App) -> Vec<Line> {
    let stack = &app.stack;
    let (schedule, due, queues, dead) = tokio::join!(
        schedule(app),
        due(app),
        queues(app, [&stack.invitation_queue, &stack.result_queue]),
        queues(app, [&stack.invitation_dead_letters, &stack.result_dead_letters]),
    );
    vec![schedule, due, waiting(queues), dead_letters(dead)]
}

async fn schedule(app: &App) -> Line {
    match app.ports.store.last_run().await {
        Ok(run) => ran(run, app.stack.made_at, app.ports.world.now(), app.stack.reconcile_every),
        Err(error) => Line::unseen(SCHEDULE, &error.into()),
    }
}

const SCHEDULE: &str = "schedule";

/// Runs may take as long as the time between them, and one may be missed.
fn ran(run: Option<Run>, made_at: Timestamp, now: Timestamp, every: Duration) -> Line {
    const ADVICE: &str = "Look at the reconcile function's log, and whether its schedule is enabled.";
    let patience = every * 3 + Duration::from_secs(60);
    let Some(run) = run else {
        let age = now.since(made_at);
        let seen = format!("has not run since the stack was made, {} ago", span(age));
        return if age > patience {
            Line::failure(SCHEDULE, seen, ADVICE)
        } else {
            Line::warning(SCHEDULE, seen, format!("It should every {}: look again then.", span(every)))
        };
    };
    let age = now.since(run.at);
    let seen = format!("last ran {} ago: {} done, {} failed", span(age), run.done, run.failed);
    if age > patience {
        return Line::failure(SCHEDULE, format!("{seen}; every {} it should", span(every)), ADVICE);
    }
    if run.failed > 0 {
        return Line::warning(SCHEDULE, seen, "What failed stays due: look for reconcile.failed in its log.");
    }
    if run.is_cut {
        return Line::warning(
            SCHEDULE,
            format!("{seen}; not all in its time"),
            "The next run goes on; look again in a while.",
        );
    }
    Line::ok(SCHEDULE, seen)
}

async fn due(app: &App) -> Line {
    let now = app.ports.world.now();
    let shards = (0..<aws::Table as DueWork>::SHARDS).map(|shard| app.ports.store.due(shard, now, 1));
    let mut oldest = None;
    for shard in join_all(shards).await {
        match shard {
            Ok(found) => oldest = found.into_iter().map(|(at, _)| at).chain(oldest).min(),
            Err(error) => return Line::unseen(DUE, &error.into()),
        }
    }
    overdue(oldest.map(|at| now.since(at)), app.stack.reconcile_every)
}

const DUE: &str = "oldest due work";

fn overdue(oldest: Option<Duration>, every: Duration) -> Line {
    let Some(age) = oldest else { return Line::ok(DUE, "nothing is due") };
    let seen = format!("due for {}", span(age));
    if age > LATE {
        return Line::failure(
            DUE,
            seen,
            "The invitations' promise is in danger: ops order list --stuck, then ops redrive.",
        );
    }
    if age > every * 2 + Duration::from_secs(60) {
        return Line::warning(DUE, seen, "The reconciliation does not keep up: look again in a few minutes.");
    }
    Line::ok(DUE, seen)
}

/// The depths of the invitation queue and the result queue, or of their dead letters.
async fn queues(app: &App, urls: [&String; 2]) -> Result<[Depth; 2], Failure> {
    let [invitations, results] = urls.map(|url| app.queue(url));
    let (invitations, results) = tokio::join!(invitations.depth(), results.depth());
    Ok([invitations?, results?])
}

fn waiting(depths: Result<[Depth; 2], Failure>) -> Line {
    const CHECK: &str = "queues";
    match depths {
        Err(failure) => Line::unseen(CHECK, &failure),
        Ok([invitations, results]) => {
            let told = |depth: Depth| {
                format!("{} waiting, {} for their time, {} at work", depth.waiting, depth.delayed, depth.taken)
            };
            Line::ok(CHECK, format!("invitations: {}; results: {}", told(invitations), told(results)))
        }
    }
}

fn dead_letters(depths: Result<[Depth; 2], Failure>) -> Line {
    const CHECK: &str = "dead letters";
    match depths {
        Err(failure) => Line::unseen(CHECK, &failure),
        Ok([invitations, results]) if invitations.all() + results.all() == 0 => Line::ok(CHECK, "none"),
        Ok([invitations, results]) => {
            let number = |depth: Depth| usize::try_from(depth.all()).unwrap_or(usize::MAX);
            let invitations = count(number(invitations), "invitation", "invitations");
            let results = count(number(results), "result", "results");
            let advice =
                "Their orders are due all the same. Look why they died in the function's log, then: ops redrive.";
            Line::warning(CHECK, format!("{invitations}, {results}"), advice)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    const EVERY: Duration = Duration::from_secs(300);
    const NOW: Timestamp = Timestamp::from_seconds(1_767_603_600);
    const LONG_AGO: Timestamp = Timestamp::from_seconds(1_700_000_000);

    #[test]
    fn a_schedule_may_miss_two_runs() {
        let run = |seconds| Some(Run { at: NOW - Duration::from_secs(seconds), done: 1, failed: 0, is_cut: false });
        for (seconds, verdict) in [(0, Verdict::Ok), (960, Verdict::Ok), (961, Verdict::Failure)] {
            assert_eq!(ran(run(seconds), LONG_AGO, NOW, EVERY).verdict, verdict, "{seconds}");
        }
        let failed = Run { at: NOW, done: 0, failed: 1, is_cut: false };
        assert_eq!(ran(Some(failed), LONG_AGO, NOW, EVERY).verdict, Verdict::Warning);
    }

    #[test]
    fn a_schedule_that_never_ran_is_a_failure_unless_the_stack_is_new() {
        let of = |seconds| ran(None, NOW - Duration::from_secs(seconds), NOW, EVERY).verdict;
        assert_eq!([of(20), of(960), of(961)], [Verdict::Warning, Verdict::Warning, Verdict::Failure]);
    }

    #[test]
    fn work_may_be_due_for_two_runs_and_never_for_twenty_minutes() {
        let of = |seconds| overdue(Some(Duration::from_secs(seconds)), EVERY).verdict;
        assert_eq!(
            [of(660), of(661), of(1_200), of(1_201)],
            [Verdict::Ok, Verdict::Warning, Verdict::Warning, Verdict::Failure]
        );
        assert_eq!(overdue(None, EVERY).verdict, Verdict::Ok);
    }

    #[test]
    fn a_dead_letter_is_a_warning() {
        let one = Depth { waiting: 1, ..Depth::default() };
        assert_eq!(dead_letters(Ok([Depth::default(), one])).verdict, Verdict::Warning);
        assert_eq!(dead_letters(Ok([Depth::default(); 2])).verdict, Verdict::Ok);
    }
}
