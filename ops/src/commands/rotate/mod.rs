//! `ops rotate`.

mod disconnect_key;

use domain::flows::rotate;
use domain::flows::rotate_stack::{self, Stage, begin_callback_key, finish_callback_key};
use domain::ports::CallbackSecretWriter;
use domain::registration::Fingerprint;
use domain::sensitive::{ClientCredentials, Secret};
use serde_json::json;

pub(super) use disconnect_key::disconnect_key;

use super::integrations;
use crate::cli::{ApiKey, Master, SigningKey, TwoSteps};
use crate::connect::App;
use crate::console::Consent;
use crate::fail::{Exit, Failure};
use crate::report::{Report, count};

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

pub(super) async fn signing_key(app: &App, whose: &SigningKey) -> Result<Report, Failure> {
    const WHAT: &str = "signing-key";
    let companies = match &whose.company {
        Some(company) => vec![company.clone()],
        None => {
            let all = integrations(app).await?;
            let connected = all.into_iter().filter(|integration| integration.connection().is_some());
            connected.map(|integration| integration.company).collect()
        }
    };
    let told = format!(
        "The key that signs access tokens is replaced for {}; the old one verifies for 36 minutes more.",
        count(companies.len(), "company", "companies")
    );
    if app.console.ask(&whose.asking, &told).await? == Consent::DryRun {
        return Ok(dry_run(WHAT));
    }
    let (mut done, mut skipped) = (0, Vec::new());
    for company in &companies {
        if app.console.interrupt.is_raised() {
            break;
        }
        match rotate::signing_key(&app.ports, company).await {
            Ok(()) => done += 1,
            // Of all, one may have been disconnected meanwhile, or have lost its secret.
            Err(rotate::RotateError::NotConnected) if whose.all => skipped.push(company.to_string()),
            Err(error) => {
                app.console.progress_ends();
                return Err(Failure::from(error).after(&replaced(done)));
            }
        }
        app.console.progress("Keys replaced", done, Some(companies.len()));
    }
    app.console.progress_ends();
    Ok(signing_keys_replaced(done, &skipped, companies.len() - done - skipped.len()))
}

fn replaced(done: usize) -> String {
    format!("{} replaced.", count(done, "signing key", "signing keys"))
}

fn signing_keys_replaced(done: usize, skipped: &[String], left: usize) -> Report {
    let mut text = replaced(done);
    if !skipped.is_empty() {
        let why = "not connected any more, or without a secret (ops doctor tells which)";
        text.push_str(&format!(" Left out, since they are {why}: {}.", skipped.join(", ")));
    }
    if left > 0 {
        text.push_str(&format!(" Interrupted: {} left, do it again.", count(left, "company is", "companies are")));
    }
    let json = json!({"rotated": "signing-key", "done": done, "skipped": skipped, "left": left});
    let mut report = Report::new(text, json).wrong_if(!skipped.is_empty());
    if left > 0 {
        report.exit = Exit::Interrupted;
    }
    report
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_whose_signing_key_was_not_replaced_are_named() {
        let report = signing_keys_replaced(2, &["acme-example".to_owned()], 0);
        assert!(report.text.starts_with("2 signing keys replaced. Left out"), "{}", report.text);
        assert!(report.text.contains("acme-example") && report.exit == Exit::Wrong);
        assert_eq!(report.json["skipped"], json!(["acme-example"]));
        assert_eq!(signing_keys_replaced(2, &[], 1).exit, Exit::Interrupted);
        assert_eq!(signing_keys_replaced(2, &[], 0).exit, Exit::Fine);
    }
}
