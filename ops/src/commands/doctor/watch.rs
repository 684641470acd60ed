//! The alarms: whether one is raised, whether all are there, and whether somebody is told.

use crate::alarms::{self, Alarm};
use crate::connect::App;
use crate::fail::Failure;
use crate::report::count;

use super::Line;

const ALARMS: &str = "alarms";
const TOLD: &str = "alarm actions";

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
        Ok((names, alarms)) => vec![raised(&names, &alarms), told(&alarms)],
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

fn raised(names: &[String], alarms: &[Alarm]) -> Line {
    let all = names.len();
    let gone: Vec<&str> = names.iter().map(String::as_str).filter(|name| !is_there(name, alarms)).collect();
    let gone_too =
        if gone.is_empty() { String::new() } else { format!("; {} not there: {}", gone.len(), gone.join(", ")) };
    let raised: Vec<_> = alarms.iter().filter(|alarm| alarm.state == "ALARM").map(described).collect();
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
        assert_eq!(raised(&names, &[named("a"), named("b")]).verdict, Verdict::Ok);
        let line = raised(&names, &[named("a")]);
        assert_eq!((line.verdict, line.seen.as_str()), (Verdict::Warning, "none of 2 is raised; 1 not there: b"));
        let on = alarm("a", serde_json::json!({"StateValue": "ALARM", "AlarmDescription": "Late."}));
        let line = raised(&names, &[on]);
        assert_eq!((line.verdict, line.seen.as_str()), (Verdict::Failure, "1 of 2 raised: a: Late.; 1 not there: b"));
        assert!(line.advice.contains("docs/runbooks"));
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
