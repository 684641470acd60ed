//! `ops rotate`.

mod disconnect_key;
mod signing_key;

use domain::flows::rotate;
use domain::flows::rotate_stack::{self, Stage, begin_callback_key, finish_callback_key};
use domain::ports::CallbackSecretWriter;
use domain::registration::Fingerprint;
use domain::sensitive::{ClientCredentials, Secret};
use serde_json::json;

pub(super) use disconnect_key::disconnect_key;
pub(super) use signing_key::signing_key;

use crate::cli::{ApiKey, Master, TwoSteps};
use crate::connect::App;
use crate::console::Consent;
use crate::fail::Failure;
use crate::report::Report;

/// What a rotation came to.
fn report(what: &str, stage: &str, text: &str) -> Report {
    Report::new(text, json!({"rotated": what, "stage": stage}))
}

fn dry_run(what: &str) -> Report {
    report(what, "dry_run", "Not replaced (--dry-run).")
}

pub(super) async fn callback_secret(app: &App, step: &TwoSteps) -> Result<Report, Failure> {
    const WHAT: &str = "callback-secret";
    let keys = app.callback.secrets.stored_webhook_keys().await?.value;
    let prints: Vec<String> = keys.iter().map(|key| Fingerprint::of(&key.0).to_string()).collect();
    let told = match (step.finish, prints.as_slice()) {
        (false, [only]) => format!("A new callback secret is put beside the one in use ({only}); both are valid then."),
        (false, _) => "Two callback secrets are valid already: nothing is to be begun.".to_owned(),
        (true, [new, old, ..]) => format!("The old callback secret ({old}) is taken out; {new} alone is valid then."),
        (true, _) => "One callback secret is valid: nothing is to be finished.".to_owned(),
    };
    if app.console.ask(&step.asking, &told).await? == Consent::DryRun {
        return Ok(dry_run(WHAT));
    }
    let stage =
        if step.finish { finish_callback_key(&app.callback).await? } else { begin_callback_key(&app.callback).await? };
    Ok(match stage {
        Stage::Begun | Stage::UnderWay => {
            let arn = &app.stack.callback_secret;
            let text = format!(
                "Two callback secrets are valid. Give TestGorilla the new one, which is the first of the two:\n  aws secretsmanager get-secret-value --secret-id {arn} --query SecretString --output text\nThen: ops rotate callback-secret --finish"
            );
            report(WHAT, if stage == Stage::Begun { "begun" } else { "under_way" }, &text)
        }
        Stage::Finished => {
            report(WHAT, "finished", "The old callback secret is taken no more, after five minutes at most.")
        }
        Stage::Single => report(WHAT, "single", "One callback secret was valid: nothing was changed."),
    })
}

pub(super) async fn master(app: &App, pair: &Master) -> Result<Report, Failure> {
    const WHAT: &str = "master";
    if pair.client_id.trim().is_empty() {
        return Err(Failure::usage("Which pair? Say --client-id ID."));
    }
    let secret = app.console.secret("The master client secret").await?;
    let told = "The master pair in the partner secret is replaced, if SmartRecruiters takes the new one.";
    if app.console.ask(&pair.asking, told).await? == Consent::DryRun {
        return Ok(dry_run(WHAT));
    }
    let pair = ClientCredentials { client_id: pair.client_id.trim().to_owned(), client_secret: Secret::new(secret) };
    rotate_stack::master(&app.ports, &pair).await?;
    Ok(report(
        WHAT,
        "finished",
        "SmartRecruiters takes the new pair, and it is stored. End the former in ten minutes, if there was one.",
    ))
}

pub(super) async fn api_key(app: &App, whose: &ApiKey) -> Result<Report, Failure> {
    const WHAT: &str = "api-key";
    let text = app.console.secret("The TestGorilla API key").await?;
    let key = domain::sensitive::ApiKey::from_pasted(&text)
        .map_err(|_| Failure::usage("What was read from standard input is no API key. Copy the whole key."))?;
    let told = format!("The TestGorilla key of {} is replaced, if TestGorilla takes the new one.", whose.company);
    if app.console.ask(&whose.asking, &told).await? == Consent::DryRun {
        return Ok(dry_run(WHAT));
    }
    rotate::api_key(&app.ports, &whose.company, &key).await?;
    Ok(report(WHAT, "finished", "TestGorilla takes the new key, and it is stored."))
}
