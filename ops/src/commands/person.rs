//! `ops erase` and `ops export`: what candidates may ask for.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use domain::candidate::{Candidate, InvalidCandidate};
use domain::flows::erase::erase_on_request;
use domain::flows::export::{self, Held, held};
use domain::ports::Integrations;
use serde_json::{Value, json};

use super::company::request;
use super::unknown_company;
use crate::cli::{Erase, Export, Who};
use crate::connect::App;
use crate::console::Consent;
use crate::fail::{Exit, Failure};
use crate::report::{Report, count, json_time};

/// The person who is meant. The error does not repeat what was typed.
fn person(who: &str) -> Result<Candidate, Failure> {
    let (id, email) = if who.contains('@') { (None, Some(who)) } else { (Some(who), None) };
    Candidate::parse(id, email, None, None).map_err(|error| {
        let what = match error {
            InvalidCandidate::Nobody => "Nobody is named",
            InvalidCandidate::Email => "The candidate's e-mail address is not one",
            InvalidCandidate::TooLong => "The candidate's id is longer than any real one",
        };
        Failure::usage(format!("{what}. Give an e-mail address, or SmartRecruiters' id of the candidate."))
    })
}

/// The person, and what is held about them; the company must be known.
async fn look(app: &App, who: &Who) -> Result<(Candidate, Vec<Held>), Failure> {
    let person = person(&who.candidate)?;
    let look = async {
        if app.ports.store.integration(&who.company).await?.is_none() {
            return Err(unknown_company(&who.company));
        }
        Ok(held(&app.ports, &who.company, &person).await?)
    };
    let found = app.console.interrupt.or(look).await?;
    Ok((person, found))
}

pub(super) async fn erase(app: &App, wanted: &Erase) -> Result<Report, Failure> {
    let (person, found) = look(app, &wanted.who).await?;
    if found.is_empty() {
        return Err(nothing_held(&wanted.who));
    }
    let company = &wanted.who.company;
    let unsent =
        found.iter().filter(|held| held.invitation.state.sent().is_none() && !held.invitation.state.is_final()).count();
    let what = format!(
        "{company} holds personal data of this candidate in {}, of which {unsent} will then not be sent. It is erased without a way back.",
        count(found.len(), "invitation", "invitations")
    );
    if app.console.ask(&wanted.asking, &what).await? == Consent::DryRun {
        return Ok(Report::new("Not erased (--dry-run).", json!({"held": found.len(), "changed": false})));
    }
    let (erasure, record) = erase_on_request(&app.ports, company, &person).await?;
    let mut text = format!("Erased from {}. Record {}.", count(erasure.erased, "invitation", "invitations"), record.id);
    let mut json = request(&record);
    if let Value::Object(properties) = &mut json {
        properties.insert("changed".into(), (erasure.erased > 0).into());
    }
    let is_busy = erasure.busy > 0;
    if is_busy {
        let busy = count(erasure.busy, "invitation is", "invitations are");
        text.push_str(&format!(" {busy} being sent at this moment: do it again in a minute."));
    }
    let mut report = Report::new(text, json);
    if is_busy {
        report.exit = Exit::NotNow;
    }
    Ok(report)
}

pub(super) async fn export(app: &App, wanted: &Export) -> Result<Report, Failure> {
    // Before anything is recorded: whether it can be written.
    let file = wanted.output.as_deref().map(create).transpose()?;
    let exported = export_to(app, &wanted.who, file).await;
    if let (Err(_), Some(path)) = (&exported, &wanted.output) {
        // It is ours, and holds nothing or a part. Where it cannot be removed, what went wrong is told all the same.
        let _ = std::fs::remove_file(path);
    }
    exported
}

async fn export_to(app: &App, who: &Who, file: Option<File>) -> Result<Report, Failure> {
    let (person, found) = look(app, who).await?;
    if found.is_empty() {
        return Err(nothing_held(who));
    }
    app.console.interrupt.check()?;
    let (found, record) = export::export(&app.ports, &who.company, &person).await?;
    let all = json!({"record": request(&record), "held": found.iter().map(told).collect::<Vec<_>>()});
    let text = format!("{all:#}");
    let Some(mut file) = file else { return Ok(Report::new(text, all)) };
    let written = writeln!(file, "{text}").and_then(|()| file.sync_all());
    written.map_err(|error| {
        Failure::new(Exit::Wrong, format!("The file cannot be written: {error}. Export again to another one."))
    })?;
    let counted = count(found.len(), "invitation", "invitations");
    let told = format!("Written: what is held in {counted}. Record {}.", record.id);
    Ok(Report::new(told, json!({"record": request(&record), "held": found.len()})))
}

/// Nobody is told that a request was met where perhaps somebody was misspelt. The error does not repeat what was typed.
fn nothing_held(who: &Who) -> Failure {
    let advice = "Check the spelling: their data may be held under another address, or under SmartRecruiters' id of the candidate. What was erased before is listed by ops company show.";
    Failure::not_found(format!(
        "{} holds nothing about such a person, and no request was recorded. {advice}",
        who.company
    ))
}

/// A new file that its owner alone can read.
fn create(path: &Path) -> Result<File, Failure> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.map_err(|error| {
        Failure::usage(format!("{} cannot be made: {error}. Name a file that does not exist.", path.display()))
    })
}

/// All that is held, personal data included: for the person whose it is.
fn told(held: &Held) -> Value {
    let invitation = &held.invitation;
    let candidate = invitation.candidate.as_ref();
    let text = |text: Option<&domain::sensitive::Personal<String>>| text.map(|text| text.reveal().clone());
    let sent = invitation.state.sent();
    json!({
        "candidate": {
            "id": text(candidate.and_then(|candidate| candidate.id.as_ref())),
            "email": text(candidate.and_then(|candidate| candidate.email.as_ref())),
            "first_name": text(candidate.and_then(|candidate| candidate.first_name.as_ref())),
            "last_name": text(candidate.and_then(|candidate| candidate.last_name.as_ref())),
            "key": invitation.key.candidate.as_str(),
        },
        "assessment": invitation.key.assessment.0,
        "state": invitation.state.code(),
        "candidature": sent.map(|sent| sent.candidature.0),
        "test_taker": sent.map(|sent| sent.test_taker.0),
        "ordered_at": invitation.created_at.to_string(),
        "invite_at": invitation.invite_at.to_string(),
        "invited_at": json_time(sent.map(|sent| sent.at)),
        "changed_at": invitation.changed_at.to_string(),
        "orders": held.orders.iter().map(|order| json!({
            "order": order.id().to_string(),
            "accepted_at": order.accepted_at.to_string(),
            "status": order.published.as_ref().map(|published| json!(published.status)),
            "published_at": json_time(order.published.as_ref().map(|published| published.at)),
        })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use testing::samples;

    use super::*;

    #[test]
    fn a_person_is_named_by_address_or_id_and_an_error_does_not_repeat_it() {
        assert!(person("juno@example.com").unwrap().email.is_some());
        assert!(person("juno-1").unwrap().id.is_some());
        for bad in ["", " ", "juno@", &"juno".repeat(100)] {
            let failure = person(bad).unwrap_err();
            assert!(failure.exit == Exit::Usage && !failure.sentence.contains("juno"), "{failure}");
        }
    }

    #[test]
    fn all_that_is_held_is_told() {
        let id = "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap();
        let key = samples::invitation_key(&"acme-example".parse().unwrap(), 439_706);
        let held = Held { invitation: samples::invitation(&key, id), orders: vec![samples::order(&key, id)] };
        insta::assert_json_snapshot!(told(&held));
    }
}
