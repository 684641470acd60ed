//! Access tokens: JSON Web Tokens (RFC 7519) signed with the connection's own Ed25519 key (RFC 8037).
//!
//! The public half lies in the integration, which every request reads anyway: verifying costs no other call, one company's key
//! says nothing about another's, and ending the integration ends its tokens. There is one header and one algorithm: a token with
//! any other header is refused before its signature is looked at, so nothing can be negotiated.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::ids::{ClientId, CompanyId};
use crate::integration::VerifyingKey;
use crate::ports::TokenKeySeed;
use crate::sensitive::Secret;
use crate::timestamp::Timestamp;

/// How long a token is valid.
pub const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// How far the clocks of two of our processes may differ: minutes, as with callbacks.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// Longest text looked at; real ones have about 400 characters.
const MAX_LENGTH: usize = 1024;

const HEADER: &str = r#"{"alg":"EdDSA","typ":"at+jwt"}"#;

/// What a token says (names of RFC 7519 and RFC 9068).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    /// The company.
    sub: CompanyId,
    client_id: ClientId,
    /// Seconds since 1970.
    iat: i64,
    /// Seconds since 1970.
    exp: i64,
}

/// A token that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// Not a token of ours.
    #[error("malformed token")]
    Malformed,
    /// Signed by none of the connection's keys, or for another client.
    #[error("forged token")]
    Forged,
    /// Its time is over.
    #[error("expired token")]
    Expired,
    /// Its time has not come.
    #[error("token from the future")]
    NotYetValid,
}

/// The signing key is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key is not an Ed25519 key")]
pub struct InvalidKey;

/// The public half of a signing key.
///
/// # Errors
/// When the seed is no key; 32 bytes always are.
pub fn verifying_key(seed: &TokenKeySeed) -> Result<VerifyingKey, InvalidKey> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed.0).map_err(|_| InvalidKey)?;
    pair.public_key().as_ref().try_into().map_err(|_| InvalidKey)
}

/// Issues a token for a client of a company, valid for [`LIFETIME`].
///
/// # Errors
/// When the seed is no key.
pub fn issue(
    seed: &TokenKeySeed,
    company: &CompanyId,
    client: &ClientId,
    now: Timestamp,
) -> Result<Secret, InvalidKey> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed.0).map_err(|_| InvalidKey)?;
    let claims = Claims {
        sub: company.clone(),
        client_id: client.clone(),
        iat: now.as_seconds(),
        exp: (now + LIFETIME).as_seconds(),
    };
    let claims = serde_json::to_vec(&claims).map_err(|_| InvalidKey)?;
    let mut token = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
    let signature = pair.sign(token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(Secret::new(token))
}

/// A token as it was presented: its claims are only a hint where to look until [`Presented::verify`] has said yes.
#[derive(Debug)]
pub struct Presented {
    claims: Claims,
    signed: Secret,
    signature: Vec<u8>,
}

impl Presented {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`InvalidToken::Malformed`].
    pub fn parse(token: &str) -> Result<Self, InvalidToken> {
        let malformed = || InvalidToken::Malformed;
        if token.len() > MAX_LENGTH {
            return Err(InvalidToken::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        if header != URL_SAFE_NO_PAD.encode(HEADER) {
            return Err(InvalidToken::Malformed);
        }
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| InvalidToken::Malformed)?;
        let claims = serde_json::from_slice(&claims).map_err(|_| InvalidToken::Malformed)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| InvalidToken::Malformed)?;
        Ok(Self { claims, signed: Secret::new(signed), signature })
    }

    /// The company whose integration can verify it.
    pub const fn company(&self) -> &CompanyId {
        &self.claims.sub
    }

    /// Verifies signature, client and time.
    ///
    /// # Errors
    /// See [`InvalidToken`].
    pub fn verify(&self, keys: &[VerifyingKey], client: &ClientId, now: Timestamp) -> Result<(), InvalidToken> {
        let signed = self.signed.expose().as_bytes();
        let good = |key: &VerifyingKey| UnparsedPublicKey::new(&ED25519, key).verify(signed, &self.signature).is_ok();
        if !keys.iter().any(good) || self.claims.client_id != *client {
            return Err(InvalidToken::Forged);
        }
        if now < Timestamp::from_seconds(self.claims.iat) - SKEW {
            return Err(InvalidToken::NotYetValid);
        }
        if now >= Timestamp::from_seconds(self.claims.exp) {
            return Err(InvalidToken::Expired);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn client(byte: u8) -> ClientId {
        ClientId::from_bytes([byte; 16])
    }

    fn token() -> String {
        let company = "acme-example".parse().unwrap();
        issue(&TokenKeySeed([1; 32]), &company, &client(1), NOW).unwrap().expose().to_owned()
    }

    fn verify(token: &str, seed: u8, client_byte: u8, now: Timestamp) -> Result<(), InvalidToken> {
        let key = verifying_key(&TokenKeySeed([seed; 32])).unwrap();
        Presented::parse(token)?.verify(&[key], &client(client_byte), now)
    }

    #[test]
    fn a_token_names_its_company_and_holds_for_its_lifetime() {
        assert_eq!(Presented::parse(&token()).unwrap().company().as_str(), "acme-example");
        assert_eq!(verify(&token(), 1, 1, NOW), Ok(()));
        assert_eq!(verify(&token(), 1, 1, NOW + LIFETIME - Duration::from_secs(1)), Ok(()));
        assert_eq!(verify(&token(), 1, 1, NOW + LIFETIME), Err(InvalidToken::Expired));
        assert_eq!(verify(&token(), 1, 1, NOW - SKEW), Ok(()));
        assert_eq!(verify(&token(), 1, 1, NOW - SKEW - Duration::from_secs(1)), Err(InvalidToken::NotYetValid));
    }

    #[test]
    fn another_key_or_client_does_not_verify_it() {
        assert_eq!(verify(&token(), 2, 1, NOW), Err(InvalidToken::Forged));
        assert_eq!(verify(&token(), 1, 2, NOW), Err(InvalidToken::Forged));
    }

    #[test]
    fn any_changed_character_spoils_it() {
        let token = token();
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(verify(&changed, 1, 1, NOW).is_err(), "character {at}");
        }
    }

    #[test]
    fn no_other_algorithm_is_even_considered() {
        let (_, rest) = token().split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256","typ":"at+jwt"}"#, r#"{"typ":"at+jwt","alg":"EdDSA"}"#] {
            let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
            assert_eq!(verify(&forged, 1, 1, NOW), Err(InvalidToken::Malformed));
        }
    }
}
