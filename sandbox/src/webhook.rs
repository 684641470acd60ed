//! Signed callbacks by the Standard Webhooks specification: symmetric keys, signature version `v1`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde::{Deserialize, Serialize};

/// A signing secret in the form `whsec_<base64>`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Vec<u8>);

/// Text that is no signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is whsec_ followed by base64")]
pub(crate) struct NoSecret;

impl std::str::FromStr for Secret {
    type Err = NoSecret;

    fn from_str(text: &str) -> Result<Self, NoSecret> {
        let key = STANDARD.decode(text.strip_prefix("whsec_").ok_or(NoSecret)?).map_err(|_| NoSecret)?;
        if key.is_empty() { Err(NoSecret) } else { Ok(Self(key)) }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

/// How callbacks are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sending {
    /// Not at all.
    None,
    /// Rightly.
    #[default]
    Signed,
    /// Signed with a key that the product does not know.
    Forged,
    /// Rightly signed, ten minutes ago.
    Stale,
    /// Rightly, twice, with the same id.
    Repeated,
    /// As while the secret rotates: a signature with an unknown key is listed before the right one.
    Rotating,
}

/// The headers of one callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Headers {
    /// `webhook-id`.
    pub(crate) id: String,
    /// `webhook-timestamp`: seconds since 1970.
    pub(crate) timestamp: i64,
    /// `webhook-signature`.
    pub(crate) signature: String,
}

/// How old a stale callback is: twice the specification's tolerance.
const STALE_SECONDS: i64 = 600;

/// Headers for a body, rightly or wrongly signed as `sending` says.
pub(crate) fn headers(sending: Sending, secret: &Secret, id: &str, now: i64, body: &[u8]) -> Headers {
    let timestamp = if sending == Sending::Stale { now - STALE_SECONDS } else { now };
    let right = sign(secret, id, timestamp, body);
    let foreign = || sign(&Secret(crate::ids::secret().into_bytes()), id, timestamp, body);
    let signature = match sending {
        Sending::Forged => foreign(),
        Sending::Rotating => format!("{} {right}", foreign()),
        Sending::None | Sending::Signed | Sending::Stale | Sending::Repeated => right,
    };
    Headers { id: id.to_owned(), timestamp, signature }
}

fn sign(secret: &Secret, id: &str, timestamp: i64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &secret.0));
    context.update(format!("{id}.{timestamp}.").as_bytes());
    context.update(body);
    format!("v1,{}", STANDARD.encode(context.sign()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the specification's reference libraries test themselves with.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signed = headers(Sending::Signed, &secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed.signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(signed.timestamp, 1_614_265_330);
    }

    #[test]
    fn the_wrong_ways_are_wrong_and_rotation_lists_the_right_one_too() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let send = |sending| headers(sending, &secret, "msg_1", 1_700_000_000, b"{}");
        let right = send(Sending::Signed).signature;
        assert_ne!(send(Sending::Forged).signature, right);
        assert_eq!(send(Sending::Stale).timestamp, 1_699_999_400);
        assert!(send(Sending::Rotating).signature.ends_with(&format!(" {right}")));
        assert_eq!(send(Sending::Repeated).signature, right);
    }

    #[test]
    fn a_secret_has_its_prefix() {
        assert_eq!("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse::<Secret>(), Err(NoSecret));
        assert_eq!("whsec_".parse::<Secret>(), Err(NoSecret));
    }
}
