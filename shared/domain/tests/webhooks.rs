//! Signatures of callbacks, held against the reference library of the Standard Webhooks specification: what one of the two believes,
//! the other believes, too.

// Tests may fail loudly.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::ports::WebhookKey;
use domain::timestamp::Timestamp;
use domain::webhook::{Headers, InvalidSignature, TOLERANCE, verify};
use proptest::prelude::*;
use standardwebhooks::Webhook;

/// A callback as it arrives.
#[derive(Debug, Clone)]
struct Callback {
    id: String,
    timestamp: i64,
    signature: String,
    body: Vec<u8>,
}

/// The reference library believes nothing but the clock on the wall.
fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

fn reference(key: &WebhookKey) -> Webhook {
    Webhook::from_bytes(key.0.clone()).unwrap()
}

/// The reference library signs texts alone.
fn signed(key: &WebhookKey, id: &str, timestamp: i64, body: &[u8]) -> Callback {
    let signature = reference(key).sign(id, timestamp, body).unwrap();
    Callback { id: id.to_owned(), timestamp, signature, body: body.to_owned() }
}

/// Whether we believe it.
fn ours(callback: &Callback, keys: &[WebhookKey]) -> Result<(), InvalidSignature> {
    let timestamp = callback.timestamp.to_string();
    let headers = Headers { id: &callback.id, timestamp: &timestamp, signature: &callback.signature };
    verify(headers, &callback.body, keys, Timestamp::from_seconds(now()))
}

/// Whether the reference library believes it.
fn theirs(callback: &Callback, key: &WebhookKey) -> bool {
    let mut headers = http::HeaderMap::new();
    for (name, value) in [
        ("webhook-id", callback.id.clone()),
        ("webhook-timestamp", callback.timestamp.to_string()),
        ("webhook-signature", callback.signature.clone()),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    reference(key).verify(&callback.body, &headers).is_ok()
}

fn key() -> impl Strategy<Value = WebhookKey> {
    proptest::collection::vec(any::<u8>(), 24..65).prop_map(WebhookKey)
}

proptest! {
    #[test]
    fn what_the_reference_library_signs_is_believed(
        key in key(), id in "msg_[A-Za-z0-9]{1,40}", body in ".{0,200}",
    ) {
        let callback = signed(&key, &id, now(), body.as_bytes());
        prop_assert_eq!(ours(&callback, &[key]), Ok(()));
    }

    #[test]
    fn a_body_changed_by_one_bit_is_not_believed(
        key in key(), body in ".{1,100}", at in any::<prop::sample::Index>(), bit in 0..8_u32,
    ) {
        let mut callback = signed(&key, "msg_1", now(), body.as_bytes());
        let at = at.index(body.len());
        if let Some(byte) = callback.body.get_mut(at) {
            *byte ^= 1 << bit;
        }
        prop_assert_eq!(ours(&callback, std::slice::from_ref(&key)), Err(InvalidSignature::Forged));
        prop_assert!(!theirs(&callback, &key));
    }

    #[test]
    fn another_id_time_or_key_is_not_believed(key in key(), other in key(), later in 1..200_i64) {
        prop_assume!(key != other);
        let good = signed(&key, "msg_1", now(), b"{}");
        let keys = std::slice::from_ref(&key);
        let changed = [
            Callback { id: "msg_2".to_owned(), ..good.clone() },
            Callback { timestamp: good.timestamp + later, ..good.clone() },
            signed(&other, "msg_1", now(), b"{}"),
        ];
        for callback in changed {
            prop_assert_eq!(ours(&callback, keys), Err(InvalidSignature::Forged));
            prop_assert!(!theirs(&callback, &key));
        }
    }

    #[test]
    fn whatever_stands_for_a_signature_is_judged_alike(key in key(), signature in "(v1|v1a|v2|)[, ]?[A-Za-z0-9+/=, ]{0,90}") {
        let callback = Callback { signature, ..signed(&key, "msg_1", now(), b"{}") };
        prop_assert_eq!(ours(&callback, std::slice::from_ref(&key)).is_ok(), theirs(&callback, &key));
    }
}

#[test]
fn one_right_signature_among_others_is_enough() {
    let key = WebhookKey(vec![7; 32]);
    let good = signed(&key, "msg_1", now(), b"{}");
    for list in ["v1,AAAA {}", "{} v1,AAAA", "v1a,xyz v2,abc {}", "v1, {}", "{} {}"] {
        let callback = Callback { signature: list.replace("{}", &good.signature), ..good.clone() };
        assert_eq!(ours(&callback, std::slice::from_ref(&key)), Ok(()), "{list}");
        assert!(theirs(&callback, &key), "{list}");
    }
}

#[test]
fn while_the_secret_rotates_both_keys_are_believed_and_no_third() {
    let [old, new, third] = [1, 2, 3].map(|byte| WebhookKey(vec![byte; 32]));
    let keys = [new.clone(), old.clone()];
    for key in [&old, &new] {
        assert_eq!(ours(&signed(key, "msg_1", now(), b"{}"), &keys), Ok(()));
    }
    assert_eq!(ours(&signed(&third, "msg_1", now(), b"{}"), &keys), Err(InvalidSignature::Forged));
}

#[test]
fn a_callback_is_replayed_for_five_minutes_at_most() {
    let key = WebhookKey(vec![7; 32]);
    let keys = std::slice::from_ref(&key);
    let tolerance = i64::try_from(TOLERANCE.as_secs()).unwrap();
    for (age, is_believed) in [(0, true), (tolerance - 5, true), (tolerance + 5, false), (86_400, false)] {
        for sign in [1, -1] {
            let callback = signed(&key, "msg_1", now() - sign * age, b"{}");
            assert_eq!(ours(&callback, keys).is_ok(), is_believed, "{age} seconds");
            assert_eq!(theirs(&callback, &key), is_believed, "{age} seconds");
        }
    }
}

#[test]
fn the_secret_s_text_is_read_as_the_reference_library_reads_it() {
    let bytes = vec![9; 40];
    let text = format!("whsec_{}", STANDARD.encode(&bytes));
    let callback = signed(&WebhookKey(bytes.clone()), "msg_1", now(), b"{}");
    let mut headers = http::HeaderMap::new();
    headers.insert("webhook-id", "msg_1".parse().unwrap());
    headers.insert("webhook-timestamp", callback.timestamp.to_string().parse().unwrap());
    headers.insert("webhook-signature", callback.signature.parse().unwrap());
    assert!(Webhook::new(&text).unwrap().verify(b"{}", &headers).is_ok());
    assert_eq!(ours(&callback, &[WebhookKey(bytes)]), Ok(()));
}
