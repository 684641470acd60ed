//! A client of a connection that has ended is not lost: it was taken away.

use std::collections::{HashMap, HashSet};

use domain::ids::ClientId;
use domain::integration::{Integration, Status};
use domain::ports::{Client, StoreError};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::{AT_ONCE, Beside, Lost, Pass, beside};
use crate::items::{Item, Key, decode};
use crate::table::Table;
use crate::table::batch::{BATCH, Extent};

impl Table {
    /// Leaves the clients out that their companies' integrations do not name. The integrations of such clients alone are read: mostly none.
    pub(super) async fn without_ended(&self, restored: &Self, lost: Vec<Lost>) -> Result<Vec<Lost>, StoreError> {
        let clients = lost.iter().filter(|one| one.key.client_id().is_some());
        // What cannot be read is brought back as it is, like everything else.
        let clients = clients.filter_map(|one| Some((one.key.clone(), decode(one.item.clone()).ok()?)));
        let clients: HashMap<Key, Client> = clients.collect();
        let keys: HashSet<Key> = clients.values().map(|client| Key::integration(&client.company)).collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let (mine, theirs) = (self.whole(&keys).await?, restored.whole(&keys).await?);
        let is_named = |client: &Client| {
            let key = Key::integration(&client.company);
            let integration = to_be(mine.get(&key), theirs.get(&key)).cloned().map(decode::<Integration>);
            integration.is_some_and(|read| read.map_or(true, |integration| names(&integration, &client.id)))
        };
        Ok(lost.into_iter().filter(|one| clients.get(&one.key).is_none_or(is_named)).collect())
    }

    async fn whole(&self, keys: &[Key]) -> Result<HashMap<Key, Item>, StoreError> {
        let batches = stream::iter(keys.chunks(BATCH)).map(|keys| self.batch(keys, Extent::Whole));
        let batches: Vec<Vec<Item>> = batches.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(batches.into_iter().flatten().filter_map(|item| Some((Key::read(&item)?, item))).collect())
    }
}

/// The integration as it is when all is brought back. Who only counts has brought none back.
fn to_be<'a>(mine: Option<&'a Item>, theirs: Option<&'a Item>) -> Option<&'a Item> {
    match (mine, theirs) {
        (Some(mine), Some(theirs)) => match beside(Pass::Integrations, theirs, mine) {
            Beside::Worthless { .. } => Some(theirs),
            Beside::Newer | Beside::Another => Some(mine),
        },
        (mine, theirs) => mine.or(theirs),
    }
}

/// Whether a client is of a connection that is in use, is being made, or is still to be taken down.
fn names(integration: &Integration, client: &ClientId) -> bool {
    let in_use = match &integration.status {
        Status::New => None,
        Status::Active { connection, .. } => Some(connection),
        Status::Ended { remains, .. } => remains.as_ref(),
    };
    let begun = integration.attempt.as_ref().map(|attempt| &attempt.connection);
    in_use.into_iter().chain(begun).chain(&integration.replaced).any(|connection| connection.client == *client)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::integration::{Attempt, EndCause};
    use testing::samples::{self, NOW};

    use super::*;
    use crate::items::encode;

    #[test]
    fn a_client_is_named_for_as_long_as_its_connection_is_not_taken_down() {
        let mut integration = samples::active_integration(&samples::company(), &samples::api_key());
        let client = integration.connection().unwrap().client.clone();
        assert!(names(&integration, &client) && !names(&integration, &samples::client_id()));
        integration.activate(samples::connection(&samples::api_key()), NOW);
        assert!(names(&integration, &client), "replaced");
        integration.replaced.clear();
        assert!(!names(&integration, &client));
        let last = integration.connection().unwrap().client.clone();
        integration.end(EndCause::Disconnected, NOW);
        assert!(names(&integration, &last), "its open orders are being closed");
        integration.status = Status::Ended { cause: EndCause::Disconnected, at: NOW, remains: None };
        assert!(!names(&integration, &last));
        let connection = samples::connection(&samples::api_key());
        let begun = connection.client.clone();
        integration.attempt =
            Some(Attempt { connection, started_at: NOW, claimed_until: NOW + Duration::from_secs(60) });
        assert!(names(&integration, &begun));
    }

    #[test]
    fn an_integration_that_is_lacking_or_worth_nothing_is_the_restored_one_once_that_is_back() {
        let stored = |integration: &Integration| encode(integration, Some(3)).unwrap();
        let company = samples::company();
        let mut before = samples::active_integration(&company, &samples::api_key());
        let theirs = stored(&before);
        before.end(EndCause::Disconnected, NOW);
        let ended = stored(&before);
        let begun = stored(&Integration::new(company, [9; 16]));
        assert!(to_be(None, Some(&theirs)) == Some(&theirs) && to_be(Some(&begun), Some(&theirs)) == Some(&theirs));
        assert_eq!(to_be(Some(&ended), Some(&theirs)), Some(&ended));
        assert_eq!(to_be(None, None), None);
    }
}
