//! `ops rotate signing-key`.

use domain::flows::rotate::{self, RotateError};
use domain::ids::CompanyId;
use serde_json::json;

use super::dry_run;
use crate::cli::SigningKey;
use crate::commands::{Failed, integrations, not_tried};
use crate::connect::App;
use crate::console::{Consent, Console};
use crate::fail::{Exit, Failure};
use crate::report::{Report, count};

const WHAT: &str = "signing-key";

/// What was done.
#[derive(Debug, Default)]
struct Done {
    /// Companies whose key was replaced.
    replaced: usize,
    /// Those that have no key.
    skipped: Vec<String>,
    failed: Failed,
}

pub(in super::super) async fn signing_key(app: &App, whose: &SigningKey) -> Result<Report, Failure> {
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
    let replace = async |company: &CompanyId| rotate::signing_key(&app.ports, company).await;
    let done = match &whose.company {
        Some(company) => {
            replace(company).await.map_err(|error| Failure::from(error).of(company))?;
            Done { replaced: 1, ..Done::default() }
        }
        None => each(&app.console, &companies, replace).await,
    };
    Ok(report(&done, companies.len(), app.console.interrupt.is_raised()))
}

/// Replaces the key of all. A company that fails holds up no other, unless all do.
async fn each(
    console: &Console,
    companies: &[CompanyId],
    replace: impl AsyncFn(&CompanyId) -> Result<(), RotateError>,
) -> Done {
    let mut done = Done::default();
    for company in companies {
        if console.interrupt.is_raised() || done.failed.is_down() {
            break;
        }
        let outcome = match replace(company).await {
            // One may have been disconnected meanwhile, or have lost its secret.
            Err(RotateError::NotConnected) => Ok(false),
            outcome => outcome.map(|()| true),
        };
        match done.failed.note(company, outcome) {
            Some(true) => done.replaced += 1,
            Some(false) => done.skipped.push(company.to_string()),
            None => {}
        }
        console.progress("Keys replaced", done.replaced, Some(companies.len()));
    }
    console.progress_ends();
    done
}

fn report(done: &Done, of: usize, is_interrupted: bool) -> Report {
    let failed = done.failed.number();
    let left = of - done.replaced - done.skipped.len() - failed;
    let mut text = format!("{} replaced.", count(done.replaced, "signing key", "signing keys"));
    if !done.skipped.is_empty() {
        let why = "not connected any more, or without a secret (ops doctor tells which)";
        text.push_str(&format!(" Left out, since they are {why}: {}.", done.skipped.join(", ")));
    }
    let is_interrupted = is_interrupted && left > 0;
    if is_interrupted {
        text.push_str(&format!(" Interrupted: {} left, do it again.", count(left, "company is", "companies are")));
    }
    if failed > 0 {
        let failed = count(failed, "company", "companies");
        let not_tried = not_tried(left);
        text.push_str(&format!(" {failed} failed{not_tried}: do it again for these.{}", done.failed.lines()));
    }
    let json = json!({
        "rotated": WHAT, "done": done.replaced, "skipped": done.skipped, "failed": done.failed.json(), "left": left,
    });
    let mut report = Report::new(text, json).wrong_if(failed > 0 || !done.skipped.is_empty());
    if is_interrupted {
        report.exit = Exit::Interrupted;
    }
    report
}

#[cfg(test)]
mod tests {
    use domain::ports::StoreError;

    use super::*;
    use crate::commands::failed::DOWN;
    use crate::interrupt::Interrupt;

    /// What comes of as many companies, each with what its number says.
    async fn asked(number: usize, outcome: impl Fn(usize) -> Result<(), RotateError>) -> (Done, usize) {
        let companies: Vec<CompanyId> =
            (0..number).map(|number| format!("company-{number}").parse().unwrap()).collect();
        let of = |company: &CompanyId| company.as_str().rsplit('-').next().unwrap().parse().unwrap();
        let replace = async |company: &CompanyId| outcome(of(company));
        let done = each(&Console::new(Interrupt::default()), &companies, replace).await;
        (done, number)
    }

    fn unreadable() -> Result<(), RotateError> {
        Err(StoreError::Broken("the secret x cannot be read or written".into()).into())
    }

    #[tokio::test]
    async fn companies_whose_key_was_not_replaced_are_named_and_hold_up_no_other() {
        let (done, of) = asked(4, |number| match number {
            1 => unreadable(),
            2 => Err(RotateError::NotConnected),
            _ => Ok(()),
        })
        .await;
        let told = report(&done, of, false);
        assert!(told.text.starts_with("2 signing keys replaced. Left out"), "{}", told.text);
        assert!(
            told.text.contains(": company-2. 1 company failed: do it again for these.\n  company-1: "),
            "{}",
            told.text
        );
        assert_eq!(
            (told.exit, &told.json["skipped"], &told.json["left"]),
            (Exit::Wrong, &json!(["company-2"]), &json!(0))
        );
        assert!(told.json["failed"]["company-1"].is_string());
    }

    #[tokio::test]
    async fn the_rest_is_left_where_all_fail() {
        let (done, of) = asked(DOWN + 5, |_| unreadable()).await;
        let told = report(&done, of, false);
        assert!(told.text.contains("10 companies failed, and 5 were not tried"), "{}", told.text);
        assert_eq!((told.exit, &told.json["left"]), (Exit::Wrong, &json!(5)));
    }

    #[test]
    fn who_interrupts_is_told_how_many_are_left() {
        let done = Done { replaced: 2, ..Done::default() };
        assert_eq!(report(&done, 3, true).exit, Exit::Interrupted);
        assert_eq!(report(&done, 2, true).exit, Exit::Fine);
        assert_eq!(report(&done, 2, false).exit, Exit::Fine);
    }
}
