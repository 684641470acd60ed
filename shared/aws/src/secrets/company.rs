use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::ids::ClientId;
use domain::integration::SecretName;
use domain::ports::{CompanySecret, CompanySecrets, StoreError, TokenKeySeed, unreadable};
use domain::sensitive::{ApiKey, ClientCredentials, Secret};
use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::store;
use crate::sdk::Sdk;

/// The secrets of connections, one for each client, below a prefix of the stack's. Clones share what is remembered.
#[derive(Debug, Clone)]
pub struct CompanySecretStore {
    sdk: Sdk,
    prefix: String,
    remembered: Cache<CompanySecret>,
}

impl CompanySecretStore {
    /// The secrets below this prefix (`COMPANY_SECRET_PREFIX`). Nothing is called.
    pub fn new(sdk: &Sdk, prefix: impl Into<String>) -> Self {
        Self { sdk: sdk.clone(), prefix: prefix.into(), remembered: Cache::new() }
    }
}

impl CompanySecrets for CompanySecretStore {
    async fn company_secret(&self, name: &SecretName) -> Result<Option<CompanySecret>, StoreError> {
        match self.remembered.get(&name.0, SystemTime::now()) {
            Some(secret) => Ok(Some(secret)),
            None => self.company_secret_now(name).await,
        }
    }

    async fn company_secret_now(&self, name: &SecretName) -> Result<Option<CompanySecret>, StoreError> {
        let text = store::read(&self.sdk, &name.0).await?;
        let Some(text) = text else {
            self.remembered.forget(&name.0);
            return Ok(None);
        };
        let secret = parse(&text)?;
        self.remembered.put(&name.0, secret.clone(), SystemTime::now());
        Ok(Some(secret))
    }

    async fn put_company_secret(&self, name: &SecretName, secret: &CompanySecret) -> Result<(), StoreError> {
        // Whether or not the write succeeds, what is remembered may be old.
        self.remembered.forget(&name.0);
        store::write(&self.sdk, &name.0, &write(secret)?).await?;
        self.remembered.put(&name.0, secret.clone(), SystemTime::now());
        Ok(())
    }

    async fn replace_company_secret(&self, name: &SecretName, secret: &CompanySecret) -> Result<bool, StoreError> {
        self.remembered.forget(&name.0);
        let is_replaced = store::replace(&self.sdk, &name.0, &write(secret)?).await?;
        if is_replaced {
            self.remembered.put(&name.0, secret.clone(), SystemTime::now());
        }
        Ok(is_replaced)
    }

    async fn destroy_company_secret(&self, name: &SecretName) -> Result<(), StoreError> {
        self.remembered.forget(&name.0);
        store::destroy(&self.sdk, &name.0).await
    }

    fn company_secret_name(&self, client: &ClientId) -> SecretName {
        SecretName(format!("{}{client}", self.prefix))
    }
}

/// The secret's JSON. No `Debug`: it would print keys.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    api_key: String,
    /// Base64 (RFC 4648 section 4) of the seed.
    token_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    smart_recruiters: Option<Pair>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pair {
    client_id: String,
    client_secret: String,
}

pub(crate) fn write(secret: &CompanySecret) -> Result<Secret, StoreError> {
    let text = Text {
        api_key: secret.api_key.expose().to_owned(),
        token_key: STANDARD.encode(secret.token_key.0),
        smart_recruiters: secret.smartrecruiters.as_ref().map(|pair| Pair {
            client_id: pair.client_id.clone(),
            client_secret: pair.client_secret.expose().to_owned(),
        }),
    };
    serde_json::to_string(&text).map(Secret::new).map_err(|_| unreadable("a company secret cannot be written"))
}

pub(crate) fn parse(text: &Secret) -> Result<CompanySecret, StoreError> {
    // The parser's own words may repeat what it read.
    let broken = || unreadable("a company secret is not what it should be");
    let text: Text = serde_json::from_str(text.expose()).map_err(|_| broken())?;
    let seed = STANDARD.decode(&text.token_key).ok().and_then(|bytes| bytes.try_into().ok());
    Ok(CompanySecret {
        api_key: ApiKey::from_pasted(&text.api_key).map_err(|_| broken())?,
        token_key: TokenKeySeed(seed.ok_or_else(broken)?),
        smartrecruiters: text.smart_recruiters.map(|pair| ClientCredentials {
            client_id: pair.client_id,
            client_secret: Secret::new(pair.client_secret),
        }),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testing::arbitrary;

    use super::*;

    proptest! {
        #[test]
        fn a_secret_comes_back_as_it_went(secret in arbitrary::company_secret()) {
            prop_assert_eq!(parse(&write(&secret).unwrap()).unwrap(), secret);
        }
    }

    #[test]
    fn the_stored_text() {
        let secret = CompanySecret {
            api_key: ApiKey::from_pasted("tg-key").unwrap(),
            token_key: TokenKeySeed([3; 32]),
            smartrecruiters: Some(ClientCredentials { client_id: "id".into(), client_secret: Secret::new("s3cret") }),
        };
        insta::assert_snapshot!("company_secret", write(&secret).unwrap().expose());
        let unfinished = CompanySecret { smartrecruiters: None, ..secret };
        insta::assert_snapshot!("company_secret_unfinished", write(&unfinished).unwrap().expose());
    }

    #[test]
    fn unknown_properties_are_ignored_and_nonsense_is_not_repeated() {
        let with_more = r#"{"apiKey":"a","tokenKey":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=","more":1}"#;
        assert!(parse(&Secret::new(with_more)).is_ok());
        for bad in ["", "[]", r#"{"apiKey":"s3cret"}"#, r#"{"apiKey":"s3cret","tokenKey":"AwM="}"#] {
            let error = parse(&Secret::new(bad)).unwrap_err();
            assert!(matches!(error, StoreError::Broken(_)));
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }
}
