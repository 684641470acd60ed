//! What is to go wrong on request: the next answers of an operation, or one in so many of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::held::Held;

/// Answers that are to go wrong, each in a way of `K`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault<K> {
    /// The operation's name, or `*` for every operation.
    pub(crate) operation: String,
    /// How many answers go wrong. Absent: one, or, with `one_in`, as many as come before the fault is taken back.
    #[serde(default)]
    pub(crate) count: Option<u32>,
    /// One answer in so many goes wrong, by chance; absent: the very next ones.
    #[serde(default)]
    pub(crate) one_in: Option<u32>,
    /// What chance begins with: the same seed chooses the same answers.
    #[serde(default)]
    pub(crate) seed: u64,
    /// Only calls of this TestGorilla account, SmartRecruiters company or function.
    #[serde(default, alias = "company", alias = "function")]
    pub(crate) account: Option<String>,
    /// Only calls whose body has this text.
    #[serde(default)]
    pub(crate) about: Option<String>,
    /// How they go wrong.
    #[serde(flatten)]
    pub(crate) kind: K,
}

/// How often something went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Met {
    operation: String,
    kind: String,
    count: u64,
}

/// What is to go wrong, in the order of the requests for it, and what did.
#[derive(Debug)]
pub(crate) struct Faults<K> {
    book: Mutex<Book<K>>,
    held: Held,
}

#[derive(Debug)]
struct Book<K> {
    waiting: Vec<Fault<K>>,
    met: BTreeMap<(String, String), u64>,
}

impl<K> Default for Faults<K> {
    fn default() -> Self {
        Self { book: Mutex::new(Book { waiting: Vec::new(), met: BTreeMap::new() }), held: Held::default() }
    }
}

impl<K: Copy + Serialize> Faults<K> {
    /// Lets answers go wrong.
    pub(crate) fn add(&self, mut fault: Fault<K>) {
        if fault.one_in.is_none() {
            fault.count.get_or_insert(1);
        }
        self.book().waiting.push(fault);
    }

    /// What is still to go wrong.
    pub(crate) fn list(&self) -> Vec<Fault<K>> {
        self.book().waiting.clone()
    }

    /// What went wrong so far.
    pub(crate) fn met(&self) -> Vec<Met> {
        let met = |((operation, kind), count): (&(String, String), &u64)| Met {
            operation: operation.clone(),
            kind: kind.clone(),
            count: *count,
        };
        self.book().met.iter().map(met).collect()
    }

    /// Calls that are late at this moment.
    pub(crate) fn held(&self) -> &Held {
        &self.held
    }

    /// Lets everything go right again, or all that was asked for one account.
    pub(crate) fn clear(&self, account: Option<&str>) {
        self.book().waiting.retain(|fault| account.is_some() && fault.account.as_deref() != account);
    }

    /// Uses up one answer that is to go wrong: the answer to a call of the operation, by the account, with the body.
    pub(crate) fn take(&self, operation: &str, account: Option<&str>, body: &[u8]) -> Option<K> {
        let mut book = self.book();
        let fault =
            book.waiting.iter_mut().find_map(|fault| fault.has_its_turn(operation, account, body).then_some(fault))?;
        let kind = fault.kind;
        if let Some(count) = &mut fault.count {
            *count -= 1;
        }
        book.waiting.retain(|fault| fault.count != Some(0));
        *book.met.entry((operation.to_owned(), name(&kind))).or_default() += 1;
        Some(kind)
    }

    fn book(&self) -> MutexGuard<'_, Book<K>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K> Fault<K> {
    fn fits(&self, operation: &str, account: Option<&str>, body: &[u8]) -> bool {
        (self.operation == "*" || self.operation == operation)
            && (self.account.is_none() || self.account.as_deref() == account)
            && self.count != Some(0)
            && self.about.as_deref().is_none_or(|about| String::from_utf8_lossy(body).contains(about))
    }

    /// Whether this call is to go wrong. Each call that fits is another throw of chance.
    fn has_its_turn(&mut self, operation: &str, account: Option<&str>, body: &[u8]) -> bool {
        if !self.fits(operation, account, body) {
            return false;
        }
        let Some(one_in) = self.one_in else {
            return true;
        };
        // SplitMix64: a few lines, and even enough.
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).is_multiple_of(u64::from(one_in.max(1)))
    }
}

/// What a kind is called where it was met: what happens after the effect is another thing than what happens instead.
fn name<K: Serialize>(kind: &K) -> String {
    let kind = serde_json::to_value(kind).unwrap_or_default();
    let name = kind.get("kind").and_then(Value::as_str).unwrap_or_default();
    if kind.get("after_effect") == Some(&Value::Bool(true)) { format!("{name}_after_effect") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;
    use crate::misbehave::Kind;

    fn faults(asked: &[Value]) -> Faults<Kind> {
        let faults = Faults::default();
        asked.iter().for_each(|fault| faults.add(from_value(fault.clone()).unwrap()));
        faults
    }

    fn chosen(faults: &Faults<Kind>) -> Vec<bool> {
        (0..1_000).map(|_| faults.take("read", None, b"").is_some()).collect()
    }

    #[test]
    fn a_fault_is_met_as_often_as_was_asked_for_and_by_whom() {
        let faults = faults(&[json!({"operation": "read", "count": 2, "company": "acme", "kind": "cut_before"})]);
        assert_eq!(faults.take("write", Some("acme"), b""), None);
        assert_eq!(faults.take("read", Some("other"), b""), None);
        assert_eq!([0; 3].map(|_| faults.take("read", Some("acme"), b"").is_some()), [true, true, false]);
        assert_eq!(to_value(faults.met()).unwrap(), json!([{"operation": "read", "kind": "cut_before", "count": 2}]));
    }

    #[test]
    fn a_fault_may_be_about_what_a_body_names() {
        let faults = faults(&[json!({"operation": "*", "about": "COMPANY#acme\"", "kind": "cut_before"})]);
        assert_eq!(faults.take("read", None, br#"{"pk": "COMPANY#acme-2"}"#), None);
        assert!(faults.take("read", None, br#"{"pk": "COMPANY#acme"}"#).is_some());
    }

    #[test]
    fn what_goes_wrong_after_the_effect_is_counted_by_itself() {
        let faults = faults(&[
            json!({"operation": "read", "kind": "status", "status": 500}),
            json!({"operation": "read", "kind": "status", "status": 500, "after_effect": true}),
        ]);
        assert!(faults.take("read", None, b"").is_some() && faults.take("read", None, b"").is_some());
        let kinds: Vec<String> = faults.met().into_iter().map(|met| met.kind).collect();
        assert_eq!(kinds, ["status", "status_after_effect"]);
    }

    #[test]
    fn chance_is_fair_and_the_same_for_the_same_seed() {
        let asked = |seed: u64| [json!({"operation": "*", "one_in": 10, "seed": seed, "kind": "cut_after"})];
        let first = chosen(&faults(&asked(7)));
        let hits = first.iter().filter(|hit| **hit).count();
        assert!((60..140).contains(&hits), "{hits}");
        assert_eq!(first, chosen(&faults(&asked(7))));
        assert_ne!(first, chosen(&faults(&asked(8))));
    }

    #[test]
    fn chance_ends_with_a_count_that_was_given() {
        let faults = faults(&[json!({"operation": "*", "one_in": 2, "count": 3, "kind": "cut_after"})]);
        assert_eq!(chosen(&faults).iter().filter(|hit| **hit).count(), 3);
        assert_eq!(faults.list(), []);
    }

    #[test]
    fn what_was_asked_for_one_account_is_taken_back_alone() {
        let faults = faults(&[
            json!({"operation": "*", "account": "a", "kind": "cut_after"}),
            json!({"operation": "*", "account": "b", "kind": "cut_after"}),
            json!({"operation": "*", "kind": "cut_after"}),
        ]);
        faults.clear(Some("a"));
        assert_eq!(faults.list().len(), 2);
        faults.clear(None);
        assert_eq!(faults.list(), []);
    }
}
