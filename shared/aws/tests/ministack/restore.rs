//! What a table has lost is found in one that was restored from it.

use std::collections::BTreeSet;

use aws::{Lost, Pass, Table};
use domain::ports::{Integrations, Ledger, TryCounts};
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

        let (looked_at, first) = lost(&table, &restored, Pass::First).await;
        assert_eq!((looked_at, first.len(), kinds(&first)), (152, 151, BTreeSet::from(["order"])), "no count of tries");
        let (_, invitations) = lost(&table, &restored, Pass::Invitations).await;
        assert_eq!((invitations.len(), kinds(&invitations)), (151, BTreeSet::from(["invitation"])));

        // Somebody orders the same again before it is brought back.
        table.accept(&samples::order(&key, id), &samples::invitation(&key, id)).await.unwrap();
        let mut brought = 0;
        for one in first.into_iter().chain(invitations) {
            brought += usize::from(table.bring_back(one).await.unwrap());
        }
        assert_eq!(brought, 300, "the order that was made meanwhile and its invitation stay");
        for pass in Pass::BOTH {
            assert!(lost(&table, &restored, pass).await.1.is_empty(), "{pass:?}");
        }
        let read = |store: &Table| {
            let (store, key) = (store.clone(), key.clone());
            async move { store.invitation(&key).await.unwrap() }
        };
        assert_eq!(read(&table).await, read(&restored).await);
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
