//! [`Clients`]: stored, read, forgotten.

use domain::ports::Clients;

use crate::samples;

/// Tests of an implementation of [`Clients`].
#[macro_export]
macro_rules! clients_contract {
    ($store:ident) => {
        $crate::each_case! { clients, $store:
            an_unknown_client_is_not_found
            a_client_is_read_back_whole
            storing_the_same_client_again_changes_nothing
            a_deleted_client_is_forgotten
            deleting_an_unknown_client_succeeds
        }
    };
}

/// Nothing is stored, nothing is read.
pub async fn an_unknown_client_is_not_found(store: &impl Clients) {
    assert_eq!(store.client(&samples::client_id()).await.unwrap(), None);
}

/// Hash, company and secret's name.
pub async fn a_client_is_read_back_whole(store: &impl Clients) {
    let client = samples::client(&samples::company());
    store.put_client(&client).await.unwrap();
    assert_eq!(store.client(&client.id).await.unwrap(), Some(client));
}

/// A crash may repeat it.
pub async fn storing_the_same_client_again_changes_nothing(store: &impl Clients) {
    let client = samples::client(&samples::company());
    store.put_client(&client).await.unwrap();
    store.put_client(&client).await.unwrap();
    assert_eq!(store.client(&client.id).await.unwrap(), Some(client));
}

/// And only that one.
pub async fn a_deleted_client_is_forgotten(store: &impl Clients) {
    let company = samples::company();
    let (gone, kept) = (samples::client(&company), samples::client(&company));
    store.put_client(&gone).await.unwrap();
    store.put_client(&kept).await.unwrap();
    store.delete_client(&gone.id).await.unwrap();
    assert_eq!(store.client(&gone.id).await.unwrap(), None);
    assert_eq!(store.client(&kept.id).await.unwrap(), Some(kept));
}

/// A crash may repeat it.
pub async fn deleting_an_unknown_client_succeeds(store: &impl Clients) {
    store.delete_client(&samples::client_id()).await.unwrap();
}
