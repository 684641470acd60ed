//! TestGorilla, and what it says to the companies' keys.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use domain::integration::{Integration, Status};
use domain::ports::{CompanySecrets, KeyRefusal, TestGorilla, TestGorillaError};
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

const CHECK: &str = "TestGorilla";

/// Whose key is noted as refused, of all; and what TestGorilla says to some keys now, or to a made-up one where no company is connected.
pub(super) async fn check(app: &App) -> Vec<Line> {
    let connected = match connected(app).await {
        Ok(connected) => connected,
        Err(failure) => return vec![Line::unseen(CHECK, &failure)],
    };
    if connected.is_empty() {
        return vec![no_company(app).await];
    }
    let noted = connected.iter().filter(|integration| integration.is_key_refused());
    let noted = noted.map(|integration| integration.company.to_string()).collect();
    let all = connected.len();
    let tried = stream::iter(connected.into_iter().take(KEYS))
        .map(|integration| async move { (integration.company.to_string(), try_key(app, &integration).await) })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    lines(all, noted, &tried)
}

/// What became of trying a key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Taken,
    Refused,
    /// It is not in the secret store.
    Lost,
    /// The secret store did not answer, in a sentence.
    Unread(String),
    /// TestGorilla did not answer, or asks to wait.
    Unanswered,
}

/// The connected companies, who connected last first: what is wrong with many is wrong with them, too, and what is wrong with the way of
/// connecting shows with them alone. Whose key is known to be refused come last.
async fn connected(app: &App) -> Result<Vec<Integration>, Failure> {
    let since = |integration: &Integration| match integration.status {
        Status::Active { since, .. } => Some(since),
        Status::New | Status::Ended { .. } => None,
    };
    let mut all = integrations(app).await?;
    all.retain(|integration| integration.connection().is_some());
    all.sort_by_key(|integration| (integration.is_key_refused(), Reverse(since(integration))));
    Ok(all)
}

async fn try_key(app: &App, integration: &Integration) -> Key {
    let Some(connection) = integration.connection() else { return Key::Lost };
    let secret = match app.ports.secrets.company_secret_now(&connection.secret).await {
        Ok(Some(secret)) => secret,
        Ok(None) => return Key::Lost,
        Err(error) => return Key::Unread(Failure::from(error).sentence),
    };
    match app.ports.testgorilla.check_key(&secret.api_key).await {
        Ok(()) => Key::Taken,
        Err(TestGorillaError::KeyRefused(_)) => Key::Refused,
        Err(_) => Key::Unanswered,
    }
}

/// What was seen: of `all` connected companies, those whose key is `noted` as refused, and what became of the keys that were tried.
fn lines(all: usize, noted: BTreeSet<String>, tried: &[(String, Key)]) -> Vec<Line> {
    let named = |is_wanted: fn(&Key) -> bool| -> BTreeSet<String> {
        tried.iter().filter(|(_, key)| is_wanted(key)).map(|(company, _)| company.clone()).collect()
    };
    let away = named(|key| *key == Key::Unanswered);
    let answered = named(|key| matches!(key, Key::Taken | Key::Refused));
    let mut lines = vec![reachable(&answered, &away)];
    let of = if tried.len() < all { format!("{} of ", tried.len()) } else { String::new() };
    let how_many = format!("{of}{} tried", count(all, "key", "keys"));
    let refused: BTreeSet<String> = noted.into_iter().chain(named(|key| *key == Key::Refused)).collect();
    lines.push(if refused.is_empty() {
        Line::ok("API keys", format!("{how_many}, none is refused"))
    } else {
        let seen = format!("refused: {}; {how_many}", names(&refused));
        Line::warning("API keys", seen, "Each integration ends after a day: tell the customer, or ops rotate api-key.")
    });
    let lost = named(|key| *key == Key::Lost);
    if !lost.is_empty() {
        lines.push(Line::failure(
            "company secrets",
            format!("no secret: {}", names(&lost)),
            "The company has to connect again: ops company disconnect, then Connect.",
        ));
    }
    let why = tried.iter().find_map(|(_, key)| if let Key::Unread(why) = key { Some(why) } else { None });
    if let Some(why) = why {
        let seen = format!("cannot be read: {}", names(&named(|key| matches!(key, Key::Unread(_)))));
        lines.push(Line::failure("company secrets", seen, why.clone()));
    }
    lines
}

fn reachable(answered: &BTreeSet<String>, away: &BTreeSet<String>) -> Line {
    match (answered.is_empty(), away.is_empty()) {
        (true, true) => {
            Line::warning(CHECK, "not asked: there was no key to ask with", "Mend the company secrets first.")
        }
        (false, true) => Line::ok(CHECK, "reachable"),
        (true, false) => {
            let advice = "Nothing is lost: it is tried again. Look at TestGorilla's status page.";
            Line::failure(CHECK, "does not answer as it should", advice)
        }
        (false, false) => {
            let seen = format!("answers some keys, and not those of {}", names(away));
            Line::warning(CHECK, seen, "Look again in a minute.")
        }
    }
}

fn names(companies: &BTreeSet<String>) -> String {
    companies.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// It is reachable when it refuses a key that is none.
async fn no_company(app: &App) -> Line {
    let Ok(key) = ApiKey::from_pasted("doctor") else { return Line::ok(CHECK, "not asked") };
    match app.ports.testgorilla.check_key(&key).await {
        Err(TestGorillaError::KeyRefused(KeyRefusal::Unknown)) | Ok(()) => {
            Line::ok(CHECK, "reachable; no company is connected")
        }
        Err(error) => Line::unseen(CHECK, &error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn seen(all: usize, noted: &[&str], tried: &[(&str, Key)]) -> Vec<(&'static str, Verdict, String)> {
        let noted = noted.iter().map(ToString::to_string).collect();
        let tried: Vec<_> = tried.iter().map(|(company, key)| ((*company).to_owned(), key.clone())).collect();
        lines(all, noted, &tried).into_iter().map(|line| (line.check, line.verdict, line.seen)).collect()
    }

    #[test]
    fn a_key_that_is_noted_as_refused_is_told_though_it_was_not_tried() {
        let found = seen(3, &["old"], &[("new", Key::Taken), ("other", Key::Refused)]);
        let keys = "refused: old, other; 2 of 3 keys tried".to_owned();
        assert_eq!(found, [("TestGorilla", Verdict::Ok, "reachable".to_owned()), ("API keys", Verdict::Warning, keys)]);
    }

    #[test]
    fn how_many_keys_were_tried_is_told_when_it_was_not_all() {
        let told = |all| seen(all, &[], &[("new", Key::Taken)]).remove(1).2;
        assert_eq!(told(1), "1 key tried, none is refused");
        assert_eq!(told(2), "1 of 2 keys tried, none is refused");
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_not_told_as_testgorilla_that_does_not_answer() {
        let unread = Key::Unread("AWS does not allow GetSecretValue: no.".to_owned());
        let found = seen(2, &[], &[("a", unread.clone()), ("b", Key::Taken)]);
        assert_eq!(found[0].1, Verdict::Ok);
        assert_eq!(found[2], ("company secrets", Verdict::Failure, "cannot be read: a".to_owned()));
        let none = seen(1, &[], &[("a", unread)]);
        assert_eq!(none[0].1, Verdict::Warning, "not asked is not down");
        assert_eq!(seen(1, &[], &[("a", Key::Unanswered)])[0].1, Verdict::Failure);
        assert_eq!(seen(2, &[], &[("a", Key::Unanswered), ("b", Key::Refused)])[0].1, Verdict::Warning);
    }
}
