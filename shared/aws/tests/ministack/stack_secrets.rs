//! The stack's own secrets: written by the stack and by ops, read by us.

use aws::{CallbackSecretStore, PartnerSecretStore, Sdk};
use domain::ports::{CallbackSecret, PartnerSecret, StoreError};
use domain::sensitive::Secret;

use crate::setup::{sdk, unique};

async fn create(sdk: &Sdk, text: &str) -> String {
    let create = sdk.secrets_manager().create_secret().name(unique("secret")).secret_string(text);
    create.send().await.unwrap().arn.unwrap()
}

async fn change(sdk: &Sdk, arn: &str, text: &str) {
    sdk.secrets_manager().put_secret_value().secret_id(arn).secret_string(text).send().await.unwrap();
}

fn disconnect_key(text: &str) -> String {
    format!(r#"{{"clientId":"","clientSecret":"","disconnectKey":"{text}"}}"#)
}

fn webhook_secret(byte: u8) -> String {
    use base64::Engine;
    format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode([byte; 24]))
}

#[tokio::test]
async fn partner_keys_are_remembered_until_they_are_asked_for_now() {
    let sdk = sdk();
    let arn = create(&sdk, &disconnect_key("first")).await;
    let store = PartnerSecretStore::new(&sdk, &arn);
    assert_eq!(store.partner_keys().await.unwrap().disconnect_keys, vec![Secret::new("first")]);
    change(&sdk, &arn, &disconnect_key("second")).await;
    assert_eq!(store.partner_keys().await.unwrap().disconnect_keys, vec![Secret::new("first")]);
    assert_eq!(store.partner_keys_now().await.unwrap().disconnect_keys, vec![Secret::new("second")]);
    assert_eq!(store.partner_keys().await.unwrap().disconnect_keys, vec![Secret::new("second")]);
    change(&sdk, &arn, &disconnect_key("third")).await;
    assert_eq!(
        store.partner_keys_now().await.unwrap().disconnect_keys,
        vec![Secret::new("second")],
        "asked a moment ago"
    );
}

#[tokio::test]
async fn webhook_keys_are_remembered_until_they_are_asked_for_now() {
    let sdk = sdk();
    let arn = create(&sdk, &webhook_secret(1)).await;
    let store = CallbackSecretStore::new(&sdk, &arn);
    let keys = async |now: bool| {
        let keys = if now { store.webhook_keys_now().await } else { store.webhook_keys().await };
        keys.unwrap().into_iter().map(|key| key.0[0]).collect::<Vec<u8>>()
    };
    assert_eq!(keys(false).await, [1]);
    change(&sdk, &arn, &format!("{} {}", webhook_secret(2), webhook_secret(1))).await;
    assert_eq!(keys(false).await, [1]);
    assert_eq!(keys(true).await, [2, 1]);
    assert_eq!(keys(false).await, [2, 1]);
    change(&sdk, &arn, &webhook_secret(3)).await;
    assert_eq!(keys(true).await, [2, 1], "asked a moment ago");
}

#[tokio::test]
async fn a_secret_that_is_missing_or_unreadable_is_broken_and_not_remembered() {
    let sdk = sdk();
    let missing = PartnerSecretStore::new(&sdk, unique("missing"));
    assert!(matches!(missing.partner_keys().await, Err(StoreError::Broken(_))));
    let arn = create(&sdk, "not a secret of ours").await;
    let (partner, callback) = (PartnerSecretStore::new(&sdk, &arn), CallbackSecretStore::new(&sdk, &arn));
    assert!(matches!(partner.partner_keys().await, Err(StoreError::Broken(_))));
    assert!(matches!(callback.webhook_keys().await, Err(StoreError::Broken(_))));
    change(&sdk, &arn, &webhook_secret(1)).await;
    assert_eq!(callback.webhook_keys().await.unwrap().len(), 1);
}
