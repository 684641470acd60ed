//! [`Runs`] and [`Records`]: what is noted for ops.

use std::time::Duration;

use domain::ids::RecordId;
use domain::ports::{Records, Run, Runs};
use domain::record::{Found, Record, Request};

use crate::samples::{self, NOW};

/// Tests of an implementation of [`Runs`] and [`Records`].
#[macro_export]
macro_rules! notes_contract {
    ($store:ident) => {
        $crate::each_case! { notes, $store:
            a_run_takes_the_place_of_the_one_before
            records_are_a_companys_own_the_oldest_first
            a_record_is_ended_in_its_place
        }
    };
}

fn record(company: &domain::ids::CompanyId, number: u8) -> Record {
    let at = NOW + Duration::from_secs(number.into());
    let id = RecordId::from_bytes([number; 16]);
    Record { id, company: company.clone(), at, request: Request::Erasure, found: None }
}

/// The last one is enough to know that the schedule is alive.
pub async fn a_run_takes_the_place_of_the_one_before<S: Runs>(store: &S) {
    let first = Run { at: NOW, done: 3, failed: 1, is_cut: true };
    let second = Run { at: NOW + Duration::from_secs(60), done: 0, failed: 0, is_cut: false };
    for run in [first, second] {
        store.note_run(&run).await.unwrap();
        assert_eq!(store.last_run().await.unwrap(), Some(run));
    }
}

/// Whatever the order in which they were stored.
pub async fn records_are_a_companys_own_the_oldest_first<S: Records>(store: &S) {
    let (own, other) = (samples::company(), samples::company());
    for number in [2, 1, 3] {
        store.put_record(&record(&own, number)).await.unwrap();
        store.put_record(&record(&other, number)).await.unwrap();
    }
    let expected: Vec<Record> = [1, 2, 3].map(|number| record(&own, number)).into();
    assert_eq!(store.records(&own).await.unwrap(), expected);
    assert_eq!(store.records(&samples::company()).await.unwrap(), []);
}

/// One request is one record.
pub async fn a_record_is_ended_in_its_place<S: Records>(store: &S) {
    let begun = record(&samples::company(), 9);
    let ended = Record { found: Some(Found { done: 2, busy: 1 }), ..begun.clone() };
    store.put_record(&begun).await.unwrap();
    store.put_record(&ended).await.unwrap();
    assert_eq!(store.records(&begun.company).await.unwrap(), [ended]);
}
