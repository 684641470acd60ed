mod ended;

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::{Cursor, StoreError, unreadable};
use domain::timestamp::Timestamp;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::batch::{BATCH, Extent};
use super::query::text;
use super::{Condition, Table, pause};
use crate::failure::Failure;
use crate::items::{INTEGRATION, INVITATION, Item, Key, LISTED_INTEGRATION, attribute};

/// `BatchGetItem`s at once.
const AT_ONCE: usize = 8;
/// How often a write that meets a transaction is sent.
const TRIES: u32 = 5;

/// The states of items, as they are stored, that a restore knows.
const NEW: &str = "new";
const SCHEDULED: &str = "scheduled";

/// What is brought back one after the other: an invitation is worked on as soon as it is there, and then needs its orders and its company's
/// integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Integrations.
    Integrations,
    /// All but integrations and invitations.
    Others,
    /// Invitations.
    Invitations,
}

impl Pass {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Integrations, Self::Others, Self::Invitations];

    fn of(self, scan: ScanFluentBuilder) -> ScanFluentBuilder {
        let integration = |scan: ScanFluentBuilder| scan.expression_attribute_values(":integration", text(INTEGRATION));
        let invitation = |scan: ScanFluentBuilder| scan.expression_attribute_values(":invitation", text(INVITATION));
        match self {
            Self::Integrations => integration(scan.filter_expression("sk = :integration")),
            // What expires by itself is of the moment, and is not brought back.
            Self::Others => integration(invitation(scan.filter_expression(
                "sk <> :integration AND NOT begins_with(sk, :invitation) AND attribute_not_exists(#expires_at)",
            )))
            .expression_attribute_names("#expires_at", attribute::EXPIRES_AT),
            Self::Invitations => invitation(scan.filter_expression("begins_with(sk, :invitation)")),
        }
    }
}

/// An item that a table has lost. It has no `Debug`: it may hold personal data.
pub struct Lost {
    key: Key,
    item: Item,
    /// The version of what lies in its place and is worth nothing; 0 when nothing does.
    over: u64,
}

impl Lost {
    /// What it is, e.g. `order`.
    pub fn kind(&self) -> &'static str {
        self.key.kind()
    }

    /// The company whose integration it is.
    pub fn integration_of(&self) -> Option<String> {
        (self.key.sk == INTEGRATION).then(|| self.key.company()).flatten().map(|company| company.to_string())
    }
}

/// A part of a restored table, beside what the table has.
pub struct Compared {
    /// Items of the part.
    pub looked_at: usize,
    /// Those that the table has not, and has not given up.
    pub lost: Vec<Lost>,
    /// Companies whose integration was made anew since, or is being made: theirs is not brought back.
    pub made_anew: Vec<String>,
    /// Where the next part begins; `None` after the last.
    pub next: Option<Cursor>,
}

impl Table {
    /// What a restored table has and this one has not, a part a call: `Scan`s of the restored one, and a `BatchGetItem` of this one for
    /// every hundred items. A client is lost when its company's integration names it: other ones were taken away with their connections.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn compare(&self, restored: &Self, pass: Pass, from: Option<&Cursor>) -> Result<Compared, StoreError> {
        let scanned = restored.scanned(pass.of(restored.client().scan()), from).await?;
        let looked_at = scanned.items.len();
        let mut items = Vec::with_capacity(looked_at);
        for item in scanned.items {
            let key = Key::read(&item).ok_or_else(|| unreadable("an item of another kind of table"))?;
            items.push((key, item));
        }
        let keys: Vec<Key> = items.iter().map(|(key, _)| key.clone()).collect();
        let extent = if pass == Pass::Integrations { Extent::Whole } else { Extent::KeyAlone };
        let batches = stream::iter(keys.chunks(BATCH)).map(|keys| self.batch(keys, extent)).buffer_unordered(AT_ONCE);
        let batches: Vec<Vec<Item>> = batches.try_collect().await?;
        let there = batches.into_iter().flatten().filter_map(|item| Some((Key::read(&item)?, item)));
        let there: HashMap<Key, Item> = there.collect();
        let (mut lost, mut made_anew) = (vec![], vec![]);
        for (key, item) in items {
            match there.get(&key) {
                None => lost.push(Lost { key, item, over: 0 }),
                Some(present) => match beside(pass, &item, present) {
                    Beside::Newer => {}
                    Beside::Worthless { version } => lost.push(Lost { key, item, over: version }),
                    Beside::Another => made_anew.extend(key.company().map(|company| company.to_string())),
                },
            }
        }
        let lost = self.without_ended(restored, lost).await?;
        Ok(Compared { looked_at, lost, made_anew, next: scanned.next })
    }

    /// Brings an item back, unless there is one by now: one `PutItem`. Returns whether it was brought back. What has happened to it since
    /// the moment that it is of is not known: a scheduled invitation may have been sent.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn bring_back(&self, lost: Lost, now: Timestamp) -> Result<bool, StoreError> {
        let item = prepared(lost.item, &lost.key, lost.over, now);
        let mut attempt = 0;
        loop {
            let Err(error) = self.put_on(Condition::unchanged(lost.over), item.clone()).await else { return Ok(true) };
            match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => return Ok(false),
                // A transaction is at it, and may come to nothing.
                Some(PutItemError::TransactionConflictException(_)) if attempt + 1 < TRIES => pause(attempt).await,
                _ => return Err(Failure::new("PutItem", &error).into()),
            }
            attempt += 1;
        }
    }
}

/// What lies where an item would be brought back.
#[derive(Debug, PartialEq, Eq)]
enum Beside {
    /// The same thing, as it is now.
    Newer,
    /// An integration that somebody began and that came to nothing: it would stand in the real one's place.
    Worthless { version: u64 },
    /// An integration that does not go back to this one: its candidates' keys are others.
    Another,
}

fn beside(pass: Pass, lost: &Item, present: &Item) -> Beside {
    let is_same = lost.get(attribute::SALT) == present.get(attribute::SALT);
    if pass != Pass::Integrations || is_same {
        return Beside::Newer;
    }
    let version = present.get(attribute::VERSION).and_then(|version| version.as_n().ok()?.parse().ok());
    match version {
        Some(version) if has_state(present, NEW) && !present.contains_key(attribute::ATTEMPT) => {
            Beside::Worthless { version }
        }
        _ => Beside::Another,
    }
}

fn prepared(mut item: Item, key: &Key, over: u64, now: Timestamp) -> Item {
    match key.kind() {
        "integration" => {
            // Not every version has listed it.
            item.insert(attribute::LISTED.to_owned(), text(LISTED_INTEGRATION));
            if over > 0 {
                // Who has read what it takes the place of does not save over it.
                item.insert(attribute::VERSION.to_owned(), AttributeValue::N((over + 1).to_string()));
            }
        }
        "invitation" if has_state(&item, SCHEDULED) && !item.contains_key(attribute::CLAIMED_UNTIL) => {
            // As after a crash in the midst of sending: whoever sends it looks for a candidature before a refusal is believed.
            item.insert(attribute::CLAIMED_UNTIL.to_owned(), AttributeValue::N(now.as_millis().to_string()));
        }
        _ => {}
    }
    item
}

fn has_state(item: &Item, state: &str) -> bool {
    item.get(attribute::STATE).and_then(|state| state.as_s().ok()).is_some_and(|known| known == state)
}

#[cfg(test)]
mod tests {
    use domain::integration::{EndCause, Integration};
    use testing::samples::{self, NOW};

    use super::*;
    use crate::items::{Entity, decode, encode};

    fn stored(integration: &Integration) -> Item {
        encode(integration, Some(3)).unwrap()
    }

    #[test]
    fn an_integration_that_came_to_nothing_gives_way_and_one_that_was_made_anew_stays() {
        let company = samples::company();
        let lost = samples::active_integration(&company, &samples::api_key());
        let mut later = lost.clone();
        later.end(EndCause::Disconnected, NOW);
        assert_eq!(beside(Pass::Integrations, &stored(&lost), &stored(&later)), Beside::Newer, "it has ended since");
        let mut other = Integration::new(company, [9; 16]);
        assert_eq!(beside(Pass::Integrations, &stored(&lost), &stored(&other)), Beside::Worthless { version: 3 });
        other.status = lost.status.clone();
        assert_eq!(beside(Pass::Integrations, &stored(&lost), &stored(&other)), Beside::Another);
        assert_eq!(beside(Pass::Others, &stored(&lost), &stored(&other)), Beside::Newer);
    }

    #[test]
    fn what_takes_anothers_place_has_a_version_above_it_and_is_listed() {
        let integration = samples::active_integration(&samples::company(), &samples::api_key());
        let mut item = stored(&integration);
        item.remove(attribute::LISTED);
        let item = prepared(item, &integration.key(), 7, NOW);
        assert!(item.contains_key(attribute::LISTED));
        assert_eq!(decode::<Integration>(item).unwrap().version, 8);
    }

    #[test]
    fn a_scheduled_invitation_may_have_been_sent_since() {
        let key = samples::invitation_key(&samples::company(), 7);
        let invitation = samples::invitation(&key, samples::order_id());
        assert!(!invitation.is_unclear());
        let item = prepared(encode(&invitation, Some(1)).unwrap(), &invitation.key(), 0, NOW);
        let read: domain::invitation::Invitation = decode(item).unwrap();
        assert!(read.is_unclear() && !read.is_claimed(NOW));
    }
}
