//! Where items lie, and the values of the indexes.

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{ApiKeyHash, AssessmentId, CandidatureId, ClientId, CompanyId, InvitationKey, OrderId, RecordId};
use domain::ports::Due;
use domain::record::Record;
use domain::timestamp::Timestamp;
use domain::tries::{Tried, Window};

use super::Item;

/// Attribute names of the table and its indexes, as template.yaml defines them.
pub(crate) mod attribute {
    pub(crate) const PK: &str = "pk";
    pub(crate) const SK: &str = "sk";
    pub(crate) const DUE_SHARD: &str = "due_shard";
    pub(crate) const DUE_AT: &str = "due_at";
    pub(crate) const LOOKUP: &str = "lookup";
    pub(crate) const LISTED: &str = "listed";
    pub(crate) const SALT: &str = "salt";
    pub(crate) const ATTEMPT: &str = "attempt";
    pub(crate) const CLAIMED_UNTIL: &str = "claimed_until";
    pub(crate) const SCHEMA: &str = "schema";
    pub(crate) const VERSION: &str = "version";
    pub(crate) const STATE: &str = "state";
    pub(crate) const CANDIDATE: &str = "candidate";
    /// From when on DynamoDB may delete the item, in seconds since 1970.
    pub(crate) const EXPIRES_AT: &str = "expires_at";
    pub(crate) const TRIES: &str = "tries";
    pub(crate) const BEGAN_AT: &str = "began_at";
    pub(crate) const NEXT_TURN: &str = "next_turn";
}

const COMPANY: &str = "COMPANY#";
const CLIENT: &str = "CLIENT#";
const THE_CLIENT: &str = "CLIENT";
const RECONCILE: &str = "RECONCILE";
const THE_LAST_RUN: &str = "RUN";
const TRIES: &str = "TRIES#";
const TURNS: &str = "TURNS#";
const INVITATIONS: &str = "INVITATIONS";
/// Begins the sort keys of assessments; they and [`CATALOGUE`] are neighbours, so that one query reads both.
pub(crate) const ASSESSMENT: &str = "ASSESSMENT#";
/// Sort key of a catalogue's state: nothing but assessments lies between [`ASSESSMENT`] and it.
pub(crate) const CATALOGUE: &str = "CATALOGUE";
/// Sort key of integrations.
pub(crate) const INTEGRATION: &str = "INTEGRATION";
/// Begins the sort keys of invitations.
pub(crate) const INVITATION: &str = "INVITATION#";
/// Begins the sort keys of orders.
pub(crate) const ORDER: &str = "ORDER#";
/// Begins the sort keys of records of candidates' requests.
pub(crate) const RECORD: &str = "RECORD#";

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    /// The partition of a company.
    pub(crate) fn partition(company: &CompanyId) -> String {
        format!("{COMPANY}{company}")
    }

    fn of(company: &CompanyId, sk: impl Into<String>) -> Self {
        Self { pk: Self::partition(company), sk: sk.into() }
    }

    pub(crate) fn integration(company: &CompanyId) -> Self {
        Self::of(company, INTEGRATION)
    }

    pub(crate) fn catalogue(company: &CompanyId) -> Self {
        Self::of(company, CATALOGUE)
    }

    pub(crate) fn assessment(company: &CompanyId, id: AssessmentId) -> Self {
        Self::of(company, format!("{ASSESSMENT}{id}"))
    }

    pub(crate) fn invitation(key: &InvitationKey) -> Self {
        Self::of(&key.company, format!("{INVITATION}{}#{}", key.assessment, key.candidate))
    }

    pub(crate) fn order(company: &CompanyId, id: OrderId) -> Self {
        Self::of(company, format!("{ORDER}{id}"))
    }

    pub(crate) fn client(id: &ClientId) -> Self {
        Self { pk: format!("{CLIENT}{id}"), sk: THE_CLIENT.to_owned() }
    }

    /// Counts of one thing tried share a partition; each window has its item.
    pub(crate) fn tries(tried: &Tried, window: Window) -> Self {
        Self { pk: format!("{TRIES}{tried}"), sk: window.begins().as_seconds().to_string() }
    }

    /// The line of those who want to invite with an API key.
    pub(crate) fn line(key: &ApiKeyHash) -> Self {
        Self { pk: format!("{TURNS}{key}"), sk: INVITATIONS.to_owned() }
    }

    /// The last run of the reconciliation.
    pub(crate) fn run() -> Self {
        Self { pk: RECONCILE.to_owned(), sk: THE_LAST_RUN.to_owned() }
    }

    /// Records of a company are in the order of their times, which all have thirteen digits.
    pub(crate) fn record(record: &Record) -> Self {
        Self::of(&record.company, format!("{RECORD}{:013}#{}", record.at.as_millis(), record.id))
    }

    /// The key of an item as it was read, from a table or an index.
    pub(crate) fn read(item: &Item) -> Option<Self> {
        let text = |name| item.get(name)?.as_s().ok().cloned();
        Some(Self { pk: text(attribute::PK)?, sk: text(attribute::SK)? })
    }

    /// The key as a request wants it.
    pub(crate) fn attributes(self) -> Item {
        Item::from([
            (attribute::PK.to_owned(), AttributeValue::S(self.pk)),
            (attribute::SK.to_owned(), AttributeValue::S(self.sk)),
        ])
    }

    /// What is kept here, in a word.
    pub(crate) fn kind(&self) -> &'static str {
        match self.sk.as_str() {
            INTEGRATION => "integration",
            CATALOGUE => "catalogue",
            THE_CLIENT => "client",
            sk if sk.starts_with(INVITATION) => "invitation",
            sk if sk.starts_with(ORDER) => "order",
            sk if sk.starts_with(ASSESSMENT) => "assessment",
            sk if sk.starts_with(RECORD) => "record",
            _ => "other",
        }
    }

    /// Whose item it is; `None` for a client's.
    pub(crate) fn company(&self) -> Option<CompanyId> {
        self.pk.strip_prefix(COMPANY)?.parse().ok()
    }

    /// The client, when it is a client's item.
    pub(crate) fn client_id(&self) -> Option<ClientId> {
        self.pk.strip_prefix(CLIENT)?.parse().ok()
    }

    fn number<T: FromStr>(&self, prefix: &str) -> Option<T> {
        self.sk.strip_prefix(prefix)?.parse().ok()
    }

    /// The assessment, when it is an assessment's item.
    pub(crate) fn assessment_id(&self) -> Option<AssessmentId> {
        self.number(ASSESSMENT)
    }

    /// The order, when it is an order's item.
    pub(crate) fn order_id(&self) -> Option<OrderId> {
        self.number(ORDER)
    }

    /// The invitation's key, when it is an invitation's item.
    pub(crate) fn invitation_key(&self) -> Option<InvitationKey> {
        let (assessment, candidate) = self.sk.strip_prefix(INVITATION)?.split_once('#')?;
        Some(InvitationKey {
            company: self.company()?,
            assessment: assessment.parse().ok()?,
            candidate: candidate.parse().ok()?,
        })
    }

    /// When a record was made, and its id, when it is a record's item.
    pub(crate) fn record_time_and_id(&self) -> Option<(Timestamp, RecordId)> {
        let (at, id) = self.sk.strip_prefix(RECORD)?.split_once('#')?;
        Some((Timestamp::from_millis(at.parse().ok()?), id.parse().ok()?))
    }

    /// What is due when the index `due` has this key.
    pub(crate) fn due(&self) -> Option<Due> {
        match self.sk.as_str() {
            INTEGRATION => self.company().map(Due::Integration),
            CATALOGUE => self.company().map(Due::Catalogue),
            _ => self.invitation_key().map(Due::Invitation),
        }
    }

    /// The shard of the index `due` that this item belongs to: always the same one.
    pub(crate) fn shard(&self) -> u32 {
        // FNV-1a (RFC 9923), 32 bits.
        let bytes = self.pk.bytes().chain(self.sk.bytes());
        let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        hash % SHARDS
    }
}

/// How many shards the index `due` has. Fewer would strand what lies in the last ones.
pub(crate) const SHARDS: u32 = 8;

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.pk, self.sk)
    }
}

/// The value of the index `listed` that all integrations have.
pub(crate) const LISTED_INTEGRATION: &str = "INTEGRATION";

/// The value of the index `lookup` by which a candidature's invitations are found.
pub(crate) fn lookup_candidature(id: CandidatureId) -> String {
    format!("CANDIDATURE#{id}")
}

/// The value of the index `lookup` by which the companies with an API key are found.
pub(crate) fn lookup_api_key(hash: &ApiKeyHash) -> String {
    format!("KEY#{hash}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testing::{arbitrary, samples};

    use super::*;

    proptest! {
        #[test]
        fn a_key_says_whose_and_what(key in arbitrary::invitation_key(), number: u64, order: u128) {
            let company = key.company.clone();
            let invitation = Key::invitation(&key);
            prop_assert_eq!(invitation.due(), Some(Due::Invitation(key)));
            prop_assert_eq!(Key::integration(&company).due(), Some(Due::Integration(company.clone())));
            prop_assert_eq!(Key::catalogue(&company).due(), Some(Due::Catalogue(company.clone())));
            let assessment = Key::assessment(&company, AssessmentId(number));
            prop_assert_eq!(assessment.assessment_id(), Some(AssessmentId(number)));
            prop_assert_eq!(assessment.due(), None);
            let order = OrderId(uuid::Uuid::from_u128(order));
            prop_assert_eq!(Key::order(&company, order).order_id(), Some(order));
            prop_assert_eq!(Key::read(&invitation.clone().attributes()), Some(invitation));
        }

        #[test]
        fn only_assessments_lie_before_the_catalogue(key in arbitrary::invitation_key(), order: u128) {
            let order = OrderId(uuid::Uuid::from_u128(order));
            for other in [Key::invitation(&key), Key::integration(&key.company), Key::order(&key.company, order)] {
                prop_assert!(other.sk.as_str() > CATALOGUE);
            }
            let assessment = Key::assessment(&key.company, key.assessment).sk;
            prop_assert!((ASSESSMENT..CATALOGUE).contains(&assessment.as_str()));
        }
    }

    #[test]
    fn a_shard_is_the_same_for_ever() {
        let company = "acme-example".parse().unwrap();
        assert_eq!(Key::integration(&company).shard(), 2);
        assert_eq!(Key::catalogue(&company).shard(), 1);
    }

    #[test]
    fn shards_are_used_evenly() {
        let mut used = [0; SHARDS as usize];
        for _ in 0..4_000 {
            let key = Key::invitation(&samples::invitation_key(&samples::company(), 439_706));
            used[key.shard() as usize] += 1;
        }
        assert!(used.iter().all(|count| (350..650).contains(count)), "{used:?}");
    }
}
