//! `ops why`.

use domain::flows::why::{Answer, Reason};
use serde_json::json;

use super::unknown_company;
use crate::cli::Why;
use crate::connect::App;
use crate::fail::Failure;
use crate::report::{Report, Table, json_time, time_or_dash};

pub(super) async fn why(app: &App, question: &Why) -> Result<Report, Failure> {
    let answer = domain::flows::why::why(&app.ports, &question.company, question.assessment).await?;
    if answer.reason == Reason::NotConnected {
        return Err(unknown_company(&question.company));
    }
    let is_offered = answer.reason == Reason::Offered;
    Ok(report(question, &answer).wrong_if(!is_offered))
}

fn report(question: &Why, answer: &Answer) -> Report {
    let mut table = Table::of_pairs();
    table.pair("company", question.company.to_string());
    table.pair("assessment", question.assessment.to_string());
    table.pair("reason", answer.reason.code());
    table.pair("integration enabled", time_or_dash(answer.enabled_at));
    table.pair("list last refreshed", time_or_dash(answer.refreshed_at));
    let now = answer.testgorilla.as_ref();
    table.pair("created in TestGorilla", time_or_dash(now.map(|now| now.created_at)));
    table.pair(
        "by TestGorilla now",
        match now.map(|now| &now.offered) {
            None => "not known",
            Some(Ok(())) => "offered",
            Some(Err(reason)) => reason.code(),
        },
    );
    let json = json!({
        "company": question.company.as_str(),
        "assessment": question.assessment.0,
        "reason": answer.reason.code(),
        "sentence": answer.reason.sentence(),
        "enabled_at": json_time(answer.enabled_at),
        "refreshed_at": json_time(answer.refreshed_at),
        "testgorilla": now.map(|now| json!({
            "created_at": now.created_at.to_string(),
            "offered": now.offered.is_ok(),
        })),
    });
    Report::new(format!("{}\n\n{table}", answer.reason.sentence()), json)
}
