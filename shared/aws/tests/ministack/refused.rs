//! What fails is told apart: what may succeed later, and what never will.

use aws::{InvitationSqs, Table};
use domain::ports::{Clients, InvitationQueue, Ledger, StoreError};
use std::net::TcpListener;
use std::time::Duration;
use testing::samples;

use crate::setup::{sdk, sdk_at, unique};

#[tokio::test]
async fn a_table_that_does_not_exist_is_broken() {
    let table = Table::new(&sdk(), unique("missing"));
    let key = samples::invitation_key(&samples::company(), 7);
    assert!(matches!(table.invitation(&key).await, Err(StoreError::Broken(_))));
    let client = samples::client(&samples::company());
    assert!(matches!(table.put_client(&client).await, Err(StoreError::Broken(_))));
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_unavailable() {
    // Bound, then closed: nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sdk = sdk_at(&format!("http://127.0.0.1:{port}"));
    let table = Table::new(&sdk, unique("unreachable"));
    let error = table.client(&samples::client_id()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_queue_that_does_not_exist_takes_no_message() {
    let sdk = sdk();
    let queue = InvitationSqs::new(&sdk, format!("http://127.0.0.1/000000000000/{}", unique("missing")));
    let key = samples::invitation_key(&samples::company(), 7);
    let error = queue.wake_invite(&key, Duration::ZERO).await.unwrap_err();
    assert!(error.0.to_string().starts_with("SendMessage: status 4"), "{error:?}");
}
