//! Secrets, both partners, and how we are registered.

use std::cmp::Reverse;

use domain::flows::register::{RegisterError, Wish, plan};
use domain::integration::{Integration, Status};
use domain::ports::{
    CallbackSecretWriter, CompanySecrets, KeyRefusal, PartnerSecretWriter, SmartRecruitersError, TestGorilla,
    TestGorillaError,
};
use domain::sensitive::ApiKey;
use futures_util::stream::{self, StreamExt};

use super::Line;
use crate::commands::integrations;
use crate::connect::App;
use crate::fail::Failure;
use crate::report::count;

/// Keys tried at most: each costs one of its account's twenty lists a minute.
const KEYS: usize = 100;
/// Keys tried side by side.
const AT_ONCE: usize = 4;

pub(super) async fn check(app: &App) -> Vec<Line> {
    let (partner, callback, registration, testgorilla) =
        tokio::join!(partner_secret(app), callback_secret(app), smartrecruiters(app), testgorilla(app));
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

/// What TestGorilla says to the key of each connected company; to a made-up one where none is connected.
async fn testgorilla(app: &App) -> Vec<Line> {
    const CHECK: &str = "TestGorilla";
    let connected = match connected(app).await {
        Ok(connected) => connected,
        Err(failure) => return vec![Line::unseen(CHECK, &failure)],
    };
    if connected.is_empty() {
        return vec![no_company(app).await];
    }
    let all = connected.len();
    let tried = stream::iter(connected.into_iter().take(KEYS))
        .map(|integration| async move { (try_key(app, &integration).await, integration.company) })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let named = |wanted: Key| {
        let mut names: Vec<String> =
            tried.iter().filter(|(key, _)| *key == wanted).map(|(_, company)| company.to_string()).collect();
        names.sort();
        names
    };
    let (refused, lost, away) = (named(Key::Refused), named(Key::Lost), named(Key::Unanswered));
    let mut lines = Vec::new();
    if away.len() == tried.len() {
        let advice = "Nothing is lost: it is tried again. Look at TestGorilla's status page.";
        lines.push(Line::failure(CHECK, "does not answer as it should", advice));
    } else if away.is_empty() {
        lines.push(Line::ok(CHECK, "reachable"));
    } else {
        let seen = format!("answers some keys, and not those of {}", away.join(", "));
        lines.push(Line::warning(CHECK, seen, "Look again in a minute."));
    }
    lines.push(if refused.is_empty() {
        let of = if all > tried.len() { format!(", of {all}") } else { String::new() };
        Line::ok("API keys", format!("{} tried{of}, none is refused", count(tried.len(), "key", "keys")))
    } else {
        let seen = format!("refused: {}", refused.join(", "));
        Line::warning("API keys", seen, "Each integration ends after a day: tell the customer, or ops rotate api-key.")
    });
    if !lost.is_empty() {
        let seen = format!("no secret: {}", lost.join(", "));
        lines.push(Line::failure(
            "company secrets",
            seen,
            "The company has to connect again: ops company disconnect, then Connect.",
        ));
    }
    lines
}

/// What became of trying a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Taken,
    Refused,
    /// It is not in the secret store.
    Lost,
    /// TestGorilla or the secret store did not answer, or asks to wait.
    Unanswered,
}

/// The connected companies, who connected last first: what is wrong with many is wrong with them, too, and what is wrong with the way of
/// connecting shows with them alone.
async fn connected(app: &App) -> Result<Vec<Integration>, Failure> {
    let since = |integration: &Integration| match integration.status {
        Status::Active { since, .. } => Some(since),
        Status::New | Status::Ended { .. } => None,
    };
    let mut all = integrations(app).await?;
    all.retain(|integration| integration.connection().is_some());
    all.sort_by_key(|integration| Reverse(since(integration)));
    Ok(all)
}

async fn try_key(app: &App, integration: &Integration) -> Key {
    let Some(connection) = integration.connection() else { return Key::Lost };
    let secret = match app.ports.secrets.company_secret_now(&connection.secret).await {
        Ok(Some(secret)) => secret,
        Ok(None) => return Key::Lost,
        Err(_) => return Key::Unanswered,
    };
    match app.ports.testgorilla.check_key(&secret.api_key).await {
        Ok(()) => Key::Taken,
        Err(TestGorillaError::KeyRefused(_)) => Key::Refused,
        Err(_) => Key::Unanswered,
    }
}

/// It is reachable when it refuses a key that is none.
async fn no_company(app: &App) -> Line {
    const CHECK: &str = "TestGorilla";
    let Ok(key) = ApiKey::from_pasted("doctor") else { return Line::ok(CHECK, "not asked") };
    match app.ports.testgorilla.check_key(&key).await {
        Err(TestGorillaError::KeyRefused(KeyRefusal::Unknown)) | Ok(()) => {
            Line::ok(CHECK, "reachable; no company is connected")
        }
        Err(error) => Line::unseen(CHECK, &error.into()),
    }
}
