//! The alarms: whether one is raised, whether all are there, and whether somebody is told.

use std::time::Duration;

use domain::ports::Clock;

use crate::alarms::{self, Alarm};
use crate::connect::App;
use crate::fail::Failure;
use crate::report::count;

use super::Line;

const ALARMS: &str = "alarms";
const TOLD: &str = "alarm actions";

/// What is silent before the first run is silent on every new stack, for so long at most.
const SILENCE: &str = "ReconcileSilentAlarm";
const SETTLING: Duration = Duration::from_secs(30 * 60);

pub(super) async fn check(app: &App) -> Vec<Line> {
    let found = async {
        let names = names(app).await?;
        let alarms = alarms::describe(&app.config, &app.transport, &names).await?;
        Ok::<_, Failure>((names, alarms))
    };
    match found.await {
        Err(failure) => vec![Line::unseen(ALARMS, &failure)],
        Ok((names, _)) if names.is_empty() => {
            vec![Line::warning(ALARMS, "the stack has none", "Deploy the template as it is.")]
        }
        Ok((names, alarms)) => {
            let is_new = app.ports.world.now().since(app.stack.made_at) < SETTLING;
            vec![raised(&names, &alarms, is_new), told(&alarms)]
        }
    }
}

/// The names of the stack's own alarms.
async fn names(app: &App) -> Result<Vec<String>, Failure> {
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

fn raised(names: &[String], alarms: &[Alarm], is_new: bool) -> Line {
    let all = names.len();
    let gone: Vec<&str> = names.iter().map(String::as_str).filter(|name| !is_there(name, alarms)).collect();
    let gone_too =
        if gone.is_empty() { String::new() } else { format!("; {} not there: {}", gone.len(), gone.join(", ")) };
    let (early, raised): (Vec<_>, Vec<_>) =
        alarms.iter().filter(|alarm| alarm.state == "ALARM").partition(|alarm| is_new && alarm.name.contains(SILENCE));
    let raised: Vec<_> = raised.into_iter().map(described).collect();
    if raised.is_empty() && !early.is_empty() {
        let advice = "It goes out by itself when the schedule has run: look again in some minutes.";
        return Line::warning(ALARMS, format!("{SILENCE} is raised, as on every new stack{gone_too}"), advice);
    }
    if !raised.is_empty() {
        let seen = format!("{} of {all} raised: {}{gone_too}", raised.len(), raised.join("; "));
        return Line::failure(ALARMS, seen, "Each has its page in docs/runbooks.");
    }
    let seen = format!("none of {all} is raised{gone_too}");
    if gone.is_empty() {
        return Line::ok(ALARMS, seen);
    }
    Line::warning(
        ALARMS,
        seen,
        "Somebody has deleted what watches: make it anew, as the template has it, under the same name.",
    )
}

fn is_there(name: &str, alarms: &[Alarm]) -> bool {
    alarms.iter().any(|alarm| alarm.name == name)
}

fn described(alarm: &Alarm) -> String {
    let what = alarm.description.as_ref().map(|what| format!(": {what}")).unwrap_or_default();
    format!("{}{what}", alarm.name)
}

/// An alarm that does nothing is seen by who looks alone.
fn told(alarms: &[Alarm]) -> Line {
    let silent: Vec<&str> = alarms.iter().filter(|alarm| !alarm.tells()).map(|alarm| alarm.name.as_str()).collect();
    if silent.is_empty() {
        return Line::ok(TOLD, "each alarm tells somebody");
    }
    if silent.len() == alarms.len() {
        let advice = "Deploy with AlarmTopicArn, a topic that somebody reads; where it is set, switch the actions on.";
        return Line::warning(TOLD, "nobody is told when an alarm is raised", advice);
    }
    let seen = format!("{} nobody: {}", count(silent.len(), "alarm tells", "alarms tell"), silent.join(", "));
    Line::warning(TOLD, seen, "Switch their actions on: aws cloudwatch enable-alarm-actions.")
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn alarm(name: &str, more: serde_json::Value) -> Alarm {
        let mut text =
            serde_json::json!({"AlarmName": name, "StateValue": "OK", "AlarmActions": ["arn"], "ActionsEnabled": true});
        text.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(text).unwrap()
    }

    fn named(name: &str) -> Alarm {
        alarm(name, serde_json::json!({}))
    }

    #[test]
    fn an_alarm_that_was_deleted_shows() {
        let names = ["a".to_owned(), "b".to_owned()];
        assert_eq!(raised(&names, &[named("a"), named("b")], false).verdict, Verdict::Ok);
        let line = raised(&names, &[named("a")], false);
        assert_eq!((line.verdict, line.seen.as_str()), (Verdict::Warning, "none of 2 is raised; 1 not there: b"));
        let on = alarm("a", serde_json::json!({"StateValue": "ALARM", "AlarmDescription": "Late."}));
        let line = raised(&names, &[on], false);
        assert_eq!((line.verdict, line.seen.as_str()), (Verdict::Failure, "1 of 2 raised: a: Late.; 1 not there: b"));
        assert!(line.advice.contains("docs/runbooks"));
    }

    #[test]
    fn a_schedule_that_has_not_run_yet_raises_its_alarm_on_every_new_stack() {
        let on = |name| alarm(name, serde_json::json!({"StateValue": "ALARM"}));
        let names = ["s-ReconcileSilentAlarm-1".to_owned(), "b".to_owned()];
        let silence = [on("s-ReconcileSilentAlarm-1"), named("b")];
        assert_eq!(raised(&names, &silence, true).verdict, Verdict::Warning);
        assert_eq!(raised(&names, &silence, false).verdict, Verdict::Failure);
        let line = raised(&names, &[on("s-ReconcileSilentAlarm-1"), on("b")], true);
        assert_eq!((line.verdict, line.seen.as_str()), (Verdict::Failure, "1 of 2 raised: b"));
    }

    #[test]
    fn an_alarm_that_tells_nobody_is_a_warning() {
        let silent = alarm("s", serde_json::json!({"AlarmActions": []}));
        let off = alarm("o", serde_json::json!({"ActionsEnabled": false}));
        assert_eq!(told(&[named("a")]).verdict, Verdict::Ok);
        let some = told(&[named("a"), off.clone()]);
        assert_eq!((some.verdict, some.seen.as_str()), (Verdict::Warning, "1 alarm tells nobody: o"));
        let none = told(&[silent, off]);
        assert!(none.verdict == Verdict::Warning && none.advice.contains("AlarmTopicArn"), "{none:?}");
    }

    #[test]
    fn an_answer_without_actions_is_one_of_no_actions() {
        let bare: Alarm = serde_json::from_value(serde_json::json!({"AlarmName": "a", "StateValue": "OK"})).unwrap();
        assert!(!bare.tells());
    }
}
