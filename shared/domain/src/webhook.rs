//! Signed callbacks, by the Standard Webhooks specification: symmetric keys, signature version `v1`.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::ports::WebhookKey;
use crate::timestamp::Timestamp;

/// How far a callback's timestamp may be from now, in either direction.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// The three headers of a callback.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`: seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`: space-separated `version,signature` pairs.
    pub signature: &'a str,
}

/// A callback that is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSignature {
    /// No signature by one of the keys fits.
    #[error("no valid signature")]
    Forged,
    /// The timestamp is no number, or too far from now.
    #[error("timestamp outside the tolerance")]
    Stale,
}

/// Checks that the body was signed with one of the keys, within the last minutes.
///
/// # Errors
/// See [`InvalidSignature`].
pub fn verify(headers: Headers<'_>, body: &[u8], keys: &[WebhookKey], now: Timestamp) -> Result<(), InvalidSignature> {
    let seconds: i64 = headers.timestamp.parse().map_err(|_| InvalidSignature::Stale)?;
    let sent = Timestamp::from_seconds(seconds);
    if now.since(sent) > TOLERANCE || sent.since(now) > TOLERANCE {
        return Err(InvalidSignature::Stale);
    }
    let given: Vec<Vec<u8>> = headers
        .signature
        .split(' ')
        .filter_map(|part| part.strip_prefix("v1,"))
        .filter_map(|signature| STANDARD.decode(signature).ok())
        .take(10)
        .collect();
    let signed = |key: &WebhookKey| {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key.0));
        for part in [headers.id.as_bytes(), b".", headers.timestamp.as_bytes(), b".", body] {
            context.update(part);
        }
        context.sign()
    };
    let fits = |key: &WebhookKey| {
        let wanted = signed(key);
        given.iter().any(|signature| crate::crypto::equal(wanted.as_ref(), signature))
    };
    if keys.iter().any(fits) { Ok(()) } else { Err(InvalidSignature::Forged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const HEADERS: Headers<'_> = Headers {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: "1614265330",
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const NOW: Timestamp = Timestamp::from_seconds(1_614_265_330);

    fn key() -> WebhookKey {
        WebhookKey(STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap())
    }

    #[test]
    fn the_published_example_is_believed() {
        assert_eq!(verify(HEADERS, BODY, &[key()], NOW), Ok(()));
    }

    #[test]
    fn one_of_several_signatures_and_keys_is_enough() {
        let signature = format!("v1,AAAA v2,{0} {1}", "g0hM", HEADERS.signature);
        let headers = Headers { signature: &signature, ..HEADERS };
        assert_eq!(verify(headers, BODY, &[WebhookKey(vec![1; 24]), key()], NOW), Ok(()));
    }

    #[test]
    fn anything_changed_is_forged() {
        let forged = Err(InvalidSignature::Forged);
        assert_eq!(verify(HEADERS, b"{}", &[key()], NOW), forged);
        assert_eq!(verify(Headers { id: "msg_other", ..HEADERS }, BODY, &[key()], NOW), forged);
        assert_eq!(verify(Headers { timestamp: "1614265331", ..HEADERS }, BODY, &[key()], NOW), forged);
        assert_eq!(verify(HEADERS, BODY, &[WebhookKey(vec![1; 24])], NOW), forged);
        assert_eq!(verify(HEADERS, BODY, &[], NOW), forged);
        let unversioned = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(verify(Headers { signature: unversioned, ..HEADERS }, BODY, &[key()], NOW), forged);
    }

    #[test]
    fn the_timestamp_holds_for_five_minutes_either_way() {
        for (away, expected) in [(300, Ok(())), (301, Err(InvalidSignature::Stale))] {
            let away = Duration::from_secs(away);
            assert_eq!(verify(HEADERS, BODY, &[key()], NOW + away), expected);
            assert_eq!(verify(HEADERS, BODY, &[key()], NOW - away), expected);
        }
        let headers = Headers { timestamp: "soon", ..HEADERS };
        assert_eq!(verify(headers, BODY, &[key()], NOW), Err(InvalidSignature::Stale));
    }
}
