use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use domain::ports::{CallbackSecret, CallbackSecretWriter, StoreError, Stored, WebhookKey, unreadable};
use domain::sensitive::Secret;

use super::cache::Cache;
use super::store;
use crate::sdk::Sdk;

/// The stack's callback secret. Clones share what is remembered.
#[derive(Debug, Clone)]
pub struct CallbackSecretStore {
    sdk: Sdk,
    id: String,
    remembered: Cache<Vec<WebhookKey>>,
}

impl CallbackSecretStore {
    /// The secret with this ARN (`CALLBACK_SECRET_ARN`). Nothing is called.
    pub fn new(sdk: &Sdk, arn: impl Into<String>) -> Self {
        Self { sdk: sdk.clone(), id: arn.into(), remembered: Cache::new() }
    }

    async fn read(&self) -> Result<Vec<WebhookKey>, StoreError> {
        parse(&store::read_own(&self.sdk, &self.id).await?)
    }
}

impl CallbackSecret for CallbackSecretStore {
    async fn webhook_keys(&self) -> Result<Vec<WebhookKey>, StoreError> {
        self.remembered.get_or_read(&self.id, async || self.read().await).await
    }

    async fn webhook_keys_now(&self) -> Result<Vec<WebhookKey>, StoreError> {
        self.remembered.reread(&self.id, async || self.read().await).await
    }
}

impl CallbackSecretWriter for CallbackSecretStore {
    async fn stored_webhook_keys(&self) -> Result<Stored<Vec<WebhookKey>>, StoreError> {
        let Stored { value, changed_at } = store::read_dated(&self.sdk, &self.id).await?;
        Ok(Stored { value: parse(&value)?, changed_at })
    }

    async fn put_webhook_keys(&self, keys: &[WebhookKey]) -> Result<(), StoreError> {
        // Whether or not the write succeeds, what is remembered may be old.
        self.remembered.forget(&self.id);
        store::write_own(&self.sdk, &self.id, &write(keys)).await
    }
}

/// The text of some keys, as [`parse`] reads it.
fn write(keys: &[WebhookKey]) -> Secret {
    let words: Vec<String> = keys.iter().map(|key| format!("whsec_{}", STANDARD.encode(&key.0))).collect();
    Secret::new(words.join(" "))
}

/// Base64 with or without padding, trailing bits ignored: a random text of letters and digits is one, too.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Shortest key taken, in bytes: Standard Webhooks asks for 24, and shorter ones could be guessed.
const SHORTEST: usize = 24;

/// One or more secrets, separated by white space; each base64, the prefix `whsec_` optional.
fn parse(text: &Secret) -> Result<Vec<WebhookKey>, StoreError> {
    let key = |word: &str| {
        let bytes = BASE64.decode(word.strip_prefix("whsec_").unwrap_or(word)).ok();
        bytes.filter(|bytes| bytes.len() >= SHORTEST).map(WebhookKey)
    };
    let keys: Option<Vec<WebhookKey>> = text.expose().split_whitespace().map(key).collect();
    let broken = || unreadable("the callback secret is not base64 of 24 bytes or more");
    keys.filter(|keys| !keys.is_empty()).ok_or_else(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA==";

    fn parsed(text: &str) -> Option<Vec<usize>> {
        let keys = parse(&Secret::new(text)).ok()?;
        Some(keys.iter().map(|key| key.0.len()).collect())
    }

    #[test]
    fn prefix_and_padding_are_optional() {
        let bare = TEXT.trim_end_matches('=');
        let expected = parse(&Secret::new(TEXT)).unwrap();
        for text in [format!("whsec_{TEXT}"), bare.to_owned(), format!("  whsec_{bare}\n")] {
            assert_eq!(parse(&Secret::new(text)).unwrap(), expected);
        }
    }

    #[test]
    fn several_are_valid_while_they_rotate() {
        assert_eq!(parsed(&format!("{TEXT} whsec_{TEXT}\n{TEXT}")), Some(vec![40, 40, 40]));
    }

    #[test]
    fn keys_come_back_as_they_went() {
        let keys = [WebhookKey(vec![7; 32]), WebhookKey(vec![8; 47])];
        assert_eq!(parse(&write(&keys)).unwrap(), keys);
    }

    #[test]
    fn any_letters_and_digits_that_a_stack_generates_are_a_key() {
        for length in [63, 64] {
            let text: String = ('a'..='z').chain('0'..='9').cycle().take(length).collect();
            assert_eq!(parsed(&text), Some(vec![length * 3 / 4]), "{length}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        for bad in ["", " \n", "s3cret", "!!!", &format!("{TEXT} s3cret"), &format!("whsec_whsec_{TEXT}")] {
            assert_eq!(parsed(bad), None, "{bad}");
            let error = parse(&Secret::new(bad)).unwrap_err();
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }
}
