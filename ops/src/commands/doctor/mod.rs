//! `ops doctor`: the whole chain in one look. Each check is one line or few, and never ends the others.

mod keys;
mod partners;
mod routes;
mod watch;
mod work;

use serde_json::{Value, json};

use crate::connect::App;
use crate::fail::Failure;
use crate::report::{Report, Table, count};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Ok,
    Warning,
    Failure,
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

/// A line of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// What was looked at.
    check: &'static str,
    verdict: Verdict,
    /// What was seen.
    seen: String,
    /// What to do; empty when all is well.
    advice: String,
}

impl Line {
    fn ok(check: &'static str, seen: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, seen: seen.into(), advice: String::new() }
    }

    fn warning(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Warning, seen: seen.into(), advice: advice.into() }
    }

    fn failure(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Failure, seen: seen.into(), advice: advice.into() }
    }

    /// A check that could not be made.
    fn unseen(check: &'static str, failure: &Failure) -> Self {
        Self::failure(check, failure.sentence.clone(), String::new())
    }
}

pub(super) async fn doctor(app: &App) -> Result<Report, Failure> {
    app.console.say(&format!("Looking at {} ...", app.stack.name));
    let (routes, partners, work, alarms) =
        tokio::join!(routes::check(app), partners::check(app), work::check(app), watch::check(app));
    let mut lines = vec![stack(app)];
    lines.extend(routes);
    lines.extend(partners);
    lines.extend(work);
    lines.extend(alarms);
    Ok(report(&lines))
}

/// That it could be read says that it lacks nothing.
fn stack(app: &App) -> Line {
    let status = &app.stack.status;
    let seen = format!("{} ({status}), all outputs there", app.stack.name);
    if status.ends_with("_IN_PROGRESS") {
        return Line::warning("stack", seen, "It is being changed: look again afterwards.");
    }
    if status.contains("FAILED") {
        return Line::failure("stack", seen, "Look at its events: aws cloudformation describe-stack-events.");
    }
    if status.contains("ROLLBACK") {
        return Line::warning("stack", seen, "The last deployment was rolled back: look at the stack's events.");
    }
    Line::ok("stack", seen)
}

fn report(lines: &[Line]) -> Report {
    let mut table = Table::new(["check", "verdict", "seen"]);
    for line in lines {
        table.row([line.check.to_owned(), line.verdict.word().to_owned(), line.seen.clone()]);
        if !line.advice.is_empty() {
            table.row([String::new(), String::new(), format!("-> {}", line.advice)]);
        }
    }
    let number = |verdict| lines.iter().filter(|line| line.verdict == verdict).count();
    let (failures, warnings) = (number(Verdict::Failure), number(Verdict::Warning));
    let told = format!("{}, {}.", count(failures, "failure", "failures"), count(warnings, "warning", "warnings"));
    let json: Vec<Value> = lines
        .iter()
        .map(|line| json!({"check": line.check, "verdict": line.verdict.word(), "seen": line.seen, "advice": line.advice}))
        .collect();
    Report::new(format!("{table}\n{told}"), json!({"lines": json, "failures": failures, "warnings": warnings}))
        .wrong_if(failures > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fail::Exit;

    #[test]
    fn what_is_wrong_has_what_to_do_below_it_and_is_counted() {
        let lines = [
            Line::ok("stack", "acme (UPDATE_COMPLETE), all outputs there"),
            Line::warning("dead letters", "2 invitations", "Look why they died, then: ops redrive."),
            Line::failure("schedule", "never ran", "Look at the reconcile function's log."),
        ];
        let report = report(&lines);
        insta::assert_snapshot!(report.text);
        assert_eq!(report.exit, Exit::Wrong);
        assert_eq!(super::report(&lines[..2]).exit, Exit::Fine, "a warning is no failure");
    }
}
