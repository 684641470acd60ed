//! What a table has lost is found in one that was restored from it.

use std::collections::BTreeSet;

use aws::{Lost, Pass, Table};
use domain::integration::{EndCause, Integration, Status};
use domain::ports::{Client, Clients, Integrations, Ledger, SaveError, TryCounts};
use domain::tries::{Tried, Window};
use testing::contract::run;
use testing::samples::{self, NOW};

use crate::setup::table;

/// All that a table lacks of a restored one.
async fn lost(table: &Table, restored: &Table, pass: Pass) -> (usize, Vec<Lost>) {
    let (mut looked_at, mut lost, mut from) = (0, vec![], None);
    loop {
        let mut part = table.compare(restored, pass, from.as_ref()).await.unwrap();
        looked_at += part.looked_at;
        lost.append(&mut part.lost);
        from = part.next;
        if from.is_none() {
            return (looked_at, lost);
        }
    }
}

fn kinds(lost: &[Lost]) -> BTreeSet<&'static str> {
    lost.iter().map(Lost::kind).collect()
}

#[test]
fn what_was_lost_is_brought_back_and_what_is_newer_stays() {
    run(async {
        let (table, restored) = (table().await, table().await);
        let company = samples::company();
        let (key, id) = (samples::invitation_key(&company, 7), samples::order_id());
        for store in [&table, &restored] {
            store.save_integration(&mut samples::active_integration(&company, &samples::api_key())).await.unwrap();
        }
        restored.accept(&samples::order(&key, id), &samples::invitation(&key, id)).await.unwrap();
        // More of them than one BatchGetItem takes.
        for number in 100..250 {
            let (key, id) = (samples::invitation_key(&company, number), samples::order_id());
            restored.accept(&samples::order(&key, id), &samples::invitation(&key, id)).await.unwrap();
        }
        restored.count_try(&Tried::KeyForCompany(company.clone(), None), Window::at(NOW)).await.unwrap();

        let (looked_at, first) = lost(&table, &restored, Pass::Others).await;
        assert_eq!((looked_at, first.len(), kinds(&first)), (151, 151, BTreeSet::from(["order"])), "no count of tries");
        let (_, invitations) = lost(&table, &restored, Pass::Invitations).await;
        assert_eq!((invitations.len(), kinds(&invitations)), (151, BTreeSet::from(["invitation"])));

        // Somebody orders for the same candidate before their invitation is brought back.
        let later = samples::order_id();
        table.accept(&samples::order(&key, later), &samples::invitation(&key, later)).await.unwrap();
        let mut brought = 0;
        for one in first.into_iter().chain(invitations) {
            brought += usize::from(table.bring_back(one, NOW).await.unwrap());
        }
        assert_eq!(brought, 301, "all but the invitation that was made meanwhile");
        for pass in Pass::ALL {
            assert!(lost(&table, &restored, pass).await.1.is_empty(), "{pass:?}");
        }
        assert_eq!(table.invitation(&key).await.unwrap().unwrap().orders, [later]);
        let read = |store: &Table| {
            let (store, company) = (store.clone(), company.clone());
            async move { store.order(&company, id).await.unwrap() }
        };
        assert_eq!(read(&table).await, read(&restored).await);
    });
}

/// Somebody has tried to connect a company whose integration was lost, and SmartRecruiters did not let them.
#[test]
fn an_integration_takes_the_place_of_one_that_came_to_nothing() {
    run(async {
        let (table, restored) = (table().await, table().await);
        let company = samples::company();
        let mut integration = samples::active_integration(&company, &samples::api_key());
        restored.save_integration(&mut integration).await.unwrap();
        let mut begun = Integration::new(company.clone(), [9; 16]);
        table.save_integration(&mut begun).await.unwrap();
        table.save_integration(&mut begun).await.unwrap();
        let (_, found) = lost(&table, &restored, Pass::Integrations).await;
        assert_eq!(kinds(&found), BTreeSet::from(["integration"]));
        for one in found {
            assert!(table.bring_back(one, NOW).await.unwrap());
        }
        let stored = table.integration(&company).await.unwrap().unwrap();
        assert_eq!((&stored.status, stored.salt), (&integration.status, integration.salt));
        let late = table.save_integration(&mut begun).await;
        assert!(matches!(late, Err(SaveError::Conflict)), "who has read the other does not save over it");
        assert!(lost(&table, &restored, Pass::Integrations).await.1.is_empty());
    });
}

/// A company with its client, in a restored table; in the stack's the integration is what `since` makes of it, and the client is lacking.
async fn connected(table: &Table, restored: &Table, since: impl FnOnce(&mut Integration)) -> Client {
    let company = samples::company();
    let mut integration = samples::active_integration(&company, &samples::api_key());
    let client = Client { id: integration.connection().unwrap().client.clone(), ..samples::client(&company) };
    restored.put_client(&client).await.unwrap();
    restored.save_integration(&mut integration).await.unwrap();
    integration.version = 0;
    since(&mut integration);
    table.save_integration(&mut integration).await.unwrap();
    client
}

#[test]
fn a_client_comes_back_when_its_companys_integration_names_it() {
    run(async {
        let (table, restored) = (table().await, table().await);
        let named = connected(&table, &restored, |_| {}).await;
        let ended = Status::Ended { cause: EndCause::Disconnected, at: NOW, remains: None };
        let gone = connected(&table, &restored, |integration| integration.status = ended).await;
        // One whose integration is lost as well, whether it is back by now or not.
        let company = samples::company();
        let mut integration = samples::active_integration(&company, &samples::api_key());
        let both = Client { id: integration.connection().unwrap().client.clone(), ..samples::client(&company) };
        restored.put_client(&both).await.unwrap();
        restored.save_integration(&mut integration).await.unwrap();
        let (_, counted) = lost(&table, &restored, Pass::Others).await;
        assert_eq!((counted.len(), kinds(&counted)), (2, BTreeSet::from(["client"])));
        for pass in [Pass::Integrations, Pass::Others] {
            for one in lost(&table, &restored, pass).await.1 {
                assert!(table.bring_back(one, NOW).await.unwrap());
            }
        }
        for (client, is_back) in [(named, true), (gone, false), (both, true)] {
            assert_eq!(table.client(&client.id).await.unwrap(), is_back.then_some(client));
        }
    });
}

#[test]
fn a_table_that_is_not_there_is_told_from_one_that_is() {
    run(async {
        let origin = table().await.origin().await.unwrap().unwrap();
        assert_eq!((origin.source, origin.is_ready), (None, true));
        let nowhere = Table::new(&crate::setup::sdk(), crate::setup::unique("nowhere"));
        assert_eq!(nowhere.origin().await.unwrap(), None);
    });
}
