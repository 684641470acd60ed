//! Keys are replaced without a refused request, whatever a process remembers and wherever it ends.

use std::time::Duration;

use domain::flows::authorise::{Denied, authorise};
use domain::flows::hint::{Disbelieved, believe};
use domain::flows::rotate::{self, RotateError};
use domain::flows::token::issue;
use domain::ports::{KeyRefusal, PartnerKeys, WebhookKey};
use domain::sensitive::{ApiKey, ClientCredentials, Secret};
use domain::webhook::Headers;
use ring::hmac;
use testing::FakePorts;
use testing::faults::{Fault, Op};

use crate::scene::{ASSESSMENT, MINUTE, Scene};

/// A token is valid for half an hour: so many are in use that were issued five minutes apart.
const IN_USE: usize = 6;

async fn token(ports: &FakePorts, scene: &Scene) -> String {
    issue(ports, &scene.our_pair()).await.expect("a right pair").token.expose().to_owned()
}

fn keys(scene: &Scene) -> usize {
    scene.fakes.store.integration_of(&scene.company).unwrap().connection().unwrap().token_keys.len()
}

#[tokio::test]
async fn a_signing_key_is_replaced_and_no_token_is_refused_meanwhile() {
    let scene = Scene::connected().await;
    // One process goes on with the secret that it remembers.
    let slow = FakePorts { secrets: scene.fakes.secrets.another_process(), ..scene.ports.clone() };
    let mut used = vec![token(&scene.ports, &scene).await, token(&slow, &scene).await];
    let first = used[0].clone();
    rotate::signing_key(&scene.ports, &scene.company).await.unwrap();
    assert_eq!(keys(&scene), 2);
    for minute in (0..120).step_by(5) {
        used.push(token(&scene.ports, &scene).await);
        used.push(token(&slow, &scene).await);
        for token in used.iter().rev().take(2 * IN_USE) {
            assert!(authorise(&scene.ports, token).await.is_ok(), "minute {minute}");
        }
        scene.pass(5).await;
    }
    assert_eq!(keys(&scene), 1, "the old one is forgotten");
    assert!(matches!(authorise(&scene.ports, &first).await, Err(Denied::Token(_))));
}

#[tokio::test]
async fn what_the_old_key_signed_is_forged_once_it_has_retired() {
    let scene = Scene::connected().await;
    let name = scene.fakes.secrets.names().remove(0);
    let old = scene.fakes.secrets.peek(&name).unwrap().token_key;
    let client = scene.fakes.store.integration_of(&scene.company).unwrap().connection().unwrap().client.clone();
    rotate::signing_key(&scene.ports, &scene.company).await.unwrap();
    let forge = |now| domain::access_token::issue(&old, &scene.company, &client, now).unwrap();
    assert!(authorise(&scene.ports, forge(scene.now()).expose()).await.is_ok());
    scene.pass(45).await;
    assert!(matches!(authorise(&scene.ports, forge(scene.now()).expose()).await, Err(Denied::Token(_))));
}

#[tokio::test]
async fn a_process_may_end_anywhere_while_a_signing_key_is_replaced() {
    for number in 0..4 {
        for fault in [Fault::CutBefore, Fault::CutAfter, Fault::Before, Fault::After] {
            let scene = Scene::connected().await;
            let faults = &scene.fakes.faults;
            faults.forget_calls();
            faults.at_call(number, fault);
            let cut = faults.run(rotate::signing_key(&scene.ports, &scene.company)).await;
            for again in [false, true] {
                if again && !matches!(cut, Ok(Ok(()))) {
                    rotate::signing_key(&scene.ports, &scene.company).await.unwrap();
                }
                for _ in 0..10 {
                    assert!(authorise(&scene.ports, &token(&scene.ports, &scene).await).await.is_ok());
                    scene.pass(10).await;
                }
                assert_eq!(keys(&scene), 1, "call {number}, {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_keys_of_a_company_that_is_not_connected_are_not_replaced() {
    let scene = Scene::new();
    let refused = rotate::signing_key(&scene.ports, &scene.company).await;
    assert!(matches!(refused, Err(RotateError::NotConnected)), "{refused:?}");
    let scene = Scene::connected().await;
    scene.disconnect().await;
    let refused = rotate::api_key(&scene.ports, &scene.company, &scene.key).await;
    assert!(matches!(refused, Err(RotateError::NotConnected)), "{refused:?}");
}

#[tokio::test]
async fn an_api_key_is_replaced_and_everything_goes_on() {
    let scene = Scene::connected().await;
    let new = ApiKey::from_pasted("another-key").unwrap();
    scene.order().await;
    scene.listed().await;
    scene.fakes.testgorilla.add_key(scene.account, &new);
    rotate::api_key(&scene.ports, &scene.company, &new).await.unwrap();
    // Both are valid for a while, then the old one is revoked.
    assert_eq!(scene.listed().await, [ASSESSMENT], "created before the new key was known, and still recognised");
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::Revoked));
    scene.invited().await;
    assert_eq!(scene.mails(), 1);
    scene.pass(60).await;
    assert_eq!(scene.listed().await, [ASSESSMENT]);
    let integration = scene.fakes.store.integration_of(&scene.company).unwrap();
    assert_eq!(integration.connection().unwrap().api_key, new.hash());
    assert!(!integration.is_key_refused());
}

#[tokio::test]
async fn an_api_key_that_testgorilla_refuses_replaces_nothing() {
    let scene = Scene::connected().await;
    let unknown = ApiKey::from_pasted("unknown").unwrap();
    let refused = rotate::api_key(&scene.ports, &scene.company, &unknown).await;
    assert!(matches!(refused, Err(RotateError::Key(KeyRefusal::Unknown))), "{refused:?}");
    let name = scene.fakes.secrets.names().remove(0);
    assert_eq!(scene.fakes.secrets.peek(&name).unwrap().api_key, scene.key);
}

#[tokio::test]
async fn an_api_key_of_another_account_replaces_nothing() {
    let scene = Scene::connected().await;
    let other = scene.another().await;
    let stored = || scene.fakes.secrets.peek(&scene.fakes.secrets.names()[0]).unwrap().api_key;
    let before = stored();
    for _ in 0..2 {
        let refused = rotate::api_key(&scene.ports, &scene.company, &other.key).await;
        assert!(matches!(refused, Err(RotateError::OtherAccount)), "{refused:?}");
        assert_eq!(stored(), before);
        // Whatever the other account has.
        other.create(domain::ids::AssessmentId(7));
    }
}

#[tokio::test]
async fn an_api_key_is_replaced_where_no_assessment_tells_accounts_apart() {
    let scene = Scene::new();
    scene.grant(1).await.unwrap();
    let new = ApiKey::from_pasted("another-key").unwrap();
    scene.fakes.testgorilla.add_key(scene.account, &new);
    rotate::api_key(&scene.ports, &scene.company, &new).await.unwrap();
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.delete_assessment(scene.account, ASSESSMENT);
    scene.fakes.testgorilla.add_key(scene.account, &new);
    scene.refresh().await;
    rotate::api_key(&scene.ports, &scene.company, &new).await.unwrap();
}

/// A callback signed with a key now.
async fn send(ports: &FakePorts, scene: &Scene, key: &WebhookKey) -> Result<(), Disbelieved> {
    let timestamp = scene.now().as_seconds().to_string();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key.0), format!("msg_1.{timestamp}.{{}}").as_bytes());
    let signature = format!("v1,{}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, tag));
    let headers = Headers { id: "msg_1", timestamp: &timestamp, signature: &signature };
    believe(ports, headers, b"{}").await
}

#[tokio::test]
async fn a_callback_secret_is_replaced_and_no_callback_is_refused_meanwhile() {
    let scene = Scene::connected().await;
    let (old, new) = (WebhookKey(testing::secrets::CALLBACK_KEY.to_vec()), WebhookKey(vec![7; 32]));
    // It remembers the old one alone.
    send(&scene.ports, &scene, &old).await.unwrap();
    assert!(send(&scene.ports, &scene, &new).await.is_err());
    scene.fakes.secrets.set_webhook_keys(vec![new.clone(), old.clone()]);
    for _ in 0..10 {
        send(&scene.ports, &scene, &new).await.unwrap();
        send(&scene.ports, &scene, &old).await.unwrap();
        scene.fakes.clock().advance(MINUTE);
    }
    scene.fakes.secrets.set_webhook_keys(vec![new.clone()]);
    send(&scene.ports, &scene, &new).await.unwrap();
    scene.fakes.clock().advance(Duration::from_secs(300));
    assert!(send(&scene.ports, &scene, &old).await.is_err(), "remembered for minutes, not longer");
    send(&scene.ports, &scene, &new).await.unwrap();
}

#[tokio::test]
async fn master_credentials_are_replaced_and_no_consent_is_refused_meanwhile() {
    let scene = Scene::new();
    let pair = |id: &str, secret: &str| ClientCredentials { client_id: id.into(), client_secret: Secret::new(secret) };
    let keys = |master| PartnerKeys { master: Some(master), disconnect_keys: vec![Secret::new("k")] };
    // What it remembers is refused by SmartRecruiters since a moment ago.
    scene.fakes.secrets.set_partner_keys(keys(pair("former", "former-secret")));
    assert!(scene.grant(1).await.is_err());
    scene.fakes.secrets.set_partner_keys(keys(pair("master", "master-secret")));
    scene.fakes.faults.forget_calls();
    scene.grant(2).await.unwrap();
    assert_eq!(scene.fakes.faults.count(Op::SetUpIntegration), 2);
}
