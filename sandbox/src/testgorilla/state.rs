//! What the stand-in of TestGorilla remembers.

use std::collections::BTreeMap;

use serde::Serialize;
use time::OffsetDateTime;

use super::account::Account;
use super::assessment::Assessment;
use super::candidature::Candidature;
use super::events::CallbackSettings;
use super::limits::Limits;

/// An invitation in a candidate's mailbox.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mail {
    /// The account that invited.
    pub(crate) account: String,
    /// The candidate's address.
    pub(crate) to: String,
    /// The assessment.
    pub(crate) assessment: u64,
    /// The candidature.
    pub(crate) candidature: u64,
    /// When it was sent.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) sent_at: OffsetDateTime,
    /// The link in it.
    pub(crate) link: String,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct State {
    /// The stand-in's own address, without a slash at its end.
    pub(crate) base: String,
    /// Accounts by name.
    pub(crate) accounts: BTreeMap<String, Account>,
    /// Assessments of all accounts.
    pub(crate) assessments: BTreeMap<u64, Assessment>,
    /// Candidatures of all accounts.
    pub(crate) candidatures: BTreeMap<u64, Candidature>,
    /// Test takers by account and address in small letters.
    pub(crate) test_takers: BTreeMap<(String, String), u64>,
    /// Every invitation mailed.
    pub(crate) mailbox: Vec<Mail>,
    /// The rate limits and how far they are used up.
    pub(crate) limits: Limits,
    /// How callbacks are sent.
    pub(crate) callbacks: CallbackSettings,
    next: NextIds,
}

#[derive(Debug)]
struct NextIds {
    assessment: u64,
    candidature: u64,
    test_taker: u64,
    test: u64,
}

impl State {
    /// Nothing yet. Ids begin where those of the real one are today, so that they have its number of digits.
    pub(crate) fn new(base: String, callbacks: CallbackSettings) -> Self {
        Self {
            base,
            accounts: BTreeMap::new(),
            assessments: BTreeMap::new(),
            candidatures: BTreeMap::new(),
            test_takers: BTreeMap::new(),
            mailbox: Vec::new(),
            limits: Limits::default(),
            callbacks,
            next: NextIds { assessment: 439_706, candidature: 2_757_222, test_taker: 1_804_403, test: 90_001 },
        }
    }

    /// A new assessment's id.
    pub(crate) fn assessment_id(&mut self) -> u64 {
        next(&mut self.next.assessment)
    }

    /// A new candidature's id.
    pub(crate) fn candidature_id(&mut self) -> u64 {
        next(&mut self.next.candidature)
    }

    /// A new test's id.
    pub(crate) fn test_id(&mut self) -> u64 {
        next(&mut self.next.test)
    }

    /// The id of the test taker with this address, the same in all assessments of an account.
    pub(crate) fn test_taker(&mut self, account: &str, email: &str) -> u64 {
        let key = (account.to_owned(), email.to_lowercase());
        let counter = &mut self.next.test_taker;
        *self.test_takers.entry(key).or_insert_with(|| next(counter))
    }

    /// The account with this key, enabled or revoked.
    pub(crate) fn account_of_key(&self, key: &str) -> Option<&Account> {
        self.accounts.values().find(|account| {
            account.integration.as_ref().is_some_and(|integration| integration.api_key == key)
                || account.revoked_keys.iter().any(|revoked| revoked == key)
        })
    }
}

fn next(counter: &mut u64) -> u64 {
    let id = *counter;
    *counter += 1;
    id
}
