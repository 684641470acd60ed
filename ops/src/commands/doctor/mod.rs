//! `ops doctor`: the whole chain in one look. Each check is one line or few, and never ends the others.

mod partners;
mod routes;
mod work;

use serde_json::{Value, json};

use crate::alarms;
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
        tokio::join!(routes::check(app), partners::check(app), work::check(app), alarms(app));
    let mut lines = vec![stack(app)];
    lines.extend(routes);
    lines.extend(partners);
    lines.extend(work);
    lines.push(alarms);
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

async fn alarms(app: &App) -> Line {
    const CHECK: &str = "alarms";
    let found = async {
        let names = alarm_names(app).await?;
        Ok::<_, Failure>((alarms::describe(&app.config, &app.transport, &names).await?, names.len()))
    };
    match found.await {
        Err(failure) => Line::unseen(CHECK, &failure),
        Ok((_, 0)) => Line::warning(CHECK, "the stack has none", "Deploy the template as it is."),
        Ok((alarms, all)) => {
            let raised: Vec<_> = alarms.iter().filter(|alarm| alarm.state == "ALARM").collect();
            if raised.is_empty() {
                return Line::ok(CHECK, format!("none of {all} is raised"));
            }
            let named: Vec<_> = raised
                .iter()
                .map(|alarm| {
                    alarm
                        .description
                        .as_ref()
                        .map_or_else(|| alarm.name.clone(), |what| format!("{}: {what}", alarm.name))
                })
                .collect();
            let seen = format!("{} of {all} raised: {}", raised.len(), named.join("; "));
            Line::failure(CHECK, seen, "Each has its page in docs/operations.md.")
        }
    }
}

/// The names of the stack's own alarms.
async fn alarm_names(app: &App) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    let mut pages = app.cloudformation.list_stack_resources().stack_name(&app.stack.name).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| aws::Failure::new("ListStackResources", &error))?;
        let alarms = page.stack_resource_summaries.unwrap_or_default().into_iter();
        let alarms = alarms.filter(|resource| resource.resource_type.as_deref() == Some("AWS::CloudWatch::Alarm"));
        names.extend(alarms.filter_map(|resource| resource.physical_resource_id));
    }
    Ok(names)
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
