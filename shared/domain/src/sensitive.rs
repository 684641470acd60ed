//! Types for what must not leak: secrets and personal data. Neither can be printed; both must be asked for by name.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::crypto;
use crate::ids::ApiKeyHash;

/// Something about a person. `Debug` and `Display` show a placeholder; [`Personal::reveal`] is the only way to the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, to be stored or sent to a partner, never to be logged.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl<T> fmt::Display for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

/// A secret text. `Debug` shows a placeholder, the memory is overwritten when dropped, and comparing takes constant time.
#[derive(Clone, Debug)]
pub struct Secret(SecretString);

impl Secret {
    /// Marks a text as secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret itself, to be sent to whom it belongs or stored in the secret store.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// SHA-256 of the secret.
    pub fn sha256(&self) -> [u8; 32] {
        crypto::sha256(self.expose().as_bytes())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        crypto::equal(self.expose().as_bytes(), other.expose().as_bytes())
    }
}

impl Eq for Secret {}

/// A text that is no API key: empty, too long or with characters that no header could carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API key")]
pub struct InvalidApiKey;

/// A TestGorilla API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey(Secret);

impl ApiKey {
    /// Reads a key as a person pastes it: surrounding white space and a leading `Token ` are dropped.
    ///
    /// # Errors
    /// When what is left is empty, longer than 256 characters, or has other than visible ASCII characters.
    pub fn from_pasted(text: &str) -> Result<Self, InvalidApiKey> {
        let text = text.trim();
        let key = match text.split_once(char::is_whitespace) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("token") => rest.trim(),
            _ => text,
        };
        let visible = key.bytes().all(|b| b.is_ascii_graphic());
        if key.is_empty() || key.len() > 256 || !visible {
            return Err(InvalidApiKey);
        }
        Ok(Self(Secret::new(key)))
    }

    /// The key itself, for the `Authorization` header and the secret store.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Its SHA-256, by which the key is recognised.
    pub fn hash(&self) -> ApiKeyHash {
        ApiKeyHash::from_bytes(self.0.sha256())
    }
}

/// A client id and its secret, as OAuth 2.0 (RFC 6749 section 2.3.1) pairs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCredentials {
    /// Public half.
    pub client_id: String,
    /// Secret half.
    pub client_secret: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_sensitive_can_be_printed() {
        let key = ApiKey::from_pasted("k3y").unwrap();
        let pair = ClientCredentials { client_id: "id".into(), client_secret: Secret::new("s3cret") };
        let email = Personal::new("juno@example.com".to_owned());
        let printed = format!("{key:?} {pair:?} {email:?} {email}");
        for leaked in ["k3y", "s3cret", "juno"] {
            assert!(!printed.contains(leaked), "{printed}");
        }
    }

    #[test]
    fn a_key_is_read_as_people_paste_it() {
        for pasted in ["abc", " abc\n", "Token abc", "token\tabc "] {
            assert_eq!(ApiKey::from_pasted(pasted).unwrap().expose(), "abc");
        }
        for bad in ["", "  ", "a b", "Token", "é", &"k".repeat(257)] {
            assert_eq!(ApiKey::from_pasted(bad).is_ok(), bad == "Token", "{bad}");
        }
    }
}
