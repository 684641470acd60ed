//! Secrets, both partners, and how we are registered.

use domain::flows::register::{RegisterError, Wish, plan};
use domain::ports::{CallbackSecretWriter, PartnerSecretWriter, SmartRecruitersError};

use super::{Line, keys};
use crate::connect::App;

pub(super) async fn check(app: &App) -> Vec<Line> {
    let (partner, callback, registration, testgorilla) =
        tokio::join!(partner_secret(app), callback_secret(app), smartrecruiters(app), keys::check(app));
    let mut lines = vec![partner, callback];
    lines.extend(registration);
    lines.extend(testgorilla);
    lines
}

async fn partner_secret(app: &App) -> Line {
    const CHECK: &str = "partner secret";
    match app.ports.secrets.stored_partner_keys().await {
        Err(error) => Line::unseen(CHECK, &error.into()),
        Ok(stored) => match (stored.value.master.is_some(), stored.value.disconnect_keys.len()) {
            (false, _) => Line::failure(
                CHECK,
                "the master pair is not filled in",
                "Fill it in: ops rotate master --client-id ID --yes < FILE.",
            ),
            (_, 0) => Line::failure(CHECK, "there is no disconnect key", "Make one: ops rotate disconnect-key."),
            (true, 1) => Line::ok(CHECK, "master pair and disconnect key are there"),
            (true, _) => {
                let advice = "An hour after it began: ops rotate disconnect-key --finish.";
                Line::warning(CHECK, "two disconnect keys are valid: a rotation is under way", advice)
            }
        },
    }
}

async fn callback_secret(app: &App) -> Line {
    const CHECK: &str = "callback secret";
    match app.callback.secrets.stored_webhook_keys().await {
        Err(error) => Line::unseen(CHECK, &error.into()),
        Ok(stored) if stored.value.len() == 1 => Line::ok(CHECK, "there, one secret is valid"),
        Ok(stored) => {
            let seen = format!("{} secrets are valid: a rotation is under way", stored.value.len());
            Line::warning(CHECK, seen, "When TestGorilla signs with the new one: ops rotate callback-secret --finish.")
        }
    }
}

/// One question answers both: whether SmartRecruiters takes the master pair, and how we are registered.
async fn smartrecruiters(app: &App) -> Vec<Line> {
    const CHECK: &str = "SmartRecruiters";
    const REGISTRATION: &str = "registration";
    let unknown = |why: &str| Line::warning(REGISTRATION, format!("not known: {why}"), "Mend what is above first.");
    match plan(&app.ports, &app.stack.api_url, &Wish::default()).await {
        Ok(plan) => {
            let taken = Line::ok(CHECK, "reachable, takes the master pair");
            if plan.differences.is_empty() {
                return vec![taken, Line::ok(REGISTRATION, "as this stack's outputs say")];
            }
            let properties: Vec<_> = plan.differences.iter().map(|difference| difference.property).collect();
            let seen = format!("differs in {}", properties.join(", "));
            vec![taken, Line::failure(REGISTRATION, seen, "See what differs and put it: ops register.")]
        }
        Err(RegisterError::NoMaster | RegisterError::NoDisconnectKey) => {
            let advice = "Fill the partner secret in.";
            vec![
                Line::warning(CHECK, "not asked: the partner secret lacks a key", advice),
                unknown("no key to ask with"),
            ]
        }
        Err(RegisterError::SmartRecruiters(error @ SmartRecruitersError::RateLimited(_))) => {
            vec![Line::warning(CHECK, error.to_string(), "Look again in a minute."), unknown("not asked")]
        }
        Err(error) => vec![Line::unseen(CHECK, &error.into()), unknown("SmartRecruiters did not say")],
    }
}
