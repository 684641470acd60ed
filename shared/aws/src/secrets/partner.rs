use domain::ports::{PartnerKeys, PartnerSecret, PartnerSecretWriter, StoreError, Stored, unreadable};
use domain::sensitive::{ClientCredentials, Secret};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::cache::Cache;
use super::store;
use crate::sdk::Sdk;

/// The stack's partner secret. Clones share what is remembered.
#[derive(Debug, Clone)]
pub struct PartnerSecretStore {
    sdk: Sdk,
    id: String,
    remembered: Cache<PartnerKeys>,
}

impl PartnerSecretStore {
    /// The secret with this ARN (`PARTNER_SECRET_ARN`). Nothing is called.
    pub fn new(sdk: &Sdk, arn: impl Into<String>) -> Self {
        Self { sdk: sdk.clone(), id: arn.into(), remembered: Cache::new() }
    }

    async fn read(&self) -> Result<PartnerKeys, StoreError> {
        parse(&store::read_own(&self.sdk, &self.id).await?)
    }
}

impl PartnerSecret for PartnerSecretStore {
    async fn partner_keys(&self) -> Result<PartnerKeys, StoreError> {
        self.remembered.get_or_read(&self.id, async || self.read().await).await
    }

    async fn partner_keys_now(&self) -> Result<PartnerKeys, StoreError> {
        self.remembered.reread(&self.id, async || self.read().await).await
    }
}

impl PartnerSecretWriter for PartnerSecretStore {
    async fn stored_partner_keys(&self) -> Result<Stored<PartnerKeys>, StoreError> {
        let Stored { value, changed_at } = store::read_dated(&self.sdk, &self.id).await?;
        Ok(Stored { value: parse(&value)?, changed_at })
    }

    async fn put_partner_keys(&self, keys: &PartnerKeys) -> Result<(), StoreError> {
        let stored = store::read_own(&self.sdk, &self.id).await?;
        // Whether or not the write succeeds, what is remembered may be old.
        self.remembered.forget(&self.id);
        store::write_own(&self.sdk, &self.id, &written(&stored, keys)?).await
    }
}

/// A secret's JSON with other keys in it; what is not ours stays.
fn written(stored: &Secret, keys: &PartnerKeys) -> Result<Secret, StoreError> {
    let broken = || unreadable("the partner secret is not the JSON it should be");
    let mut text: Map<String, Value> = serde_json::from_str(stored.expose()).map_err(|_| broken())?;
    let mut set = |name: &str, value: Option<&str>| match value {
        Some(value) => drop(text.insert(name.to_owned(), value.into())),
        None => drop(text.remove(name)),
    };
    if let Some(master) = &keys.master {
        set("clientId", Some(&master.client_id));
        set("clientSecret", Some(master.client_secret.expose()));
    }
    let mut disconnect_keys = keys.disconnect_keys.iter().map(Secret::expose);
    set("disconnectKey", disconnect_keys.next());
    set("previousDisconnectKey", disconnect_keys.next());
    serde_json::to_string(&text).map(Secret::new).map_err(|_| broken())
}

/// The secret's JSON, written by the stack and by ops. No `Debug`: it would print keys.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
    #[serde(default)]
    disconnect_key: String,
    /// Still valid while the URL is changed at SmartRecruiters.
    #[serde(default)]
    previous_disconnect_key: String,
}

/// What people write where they will fill in something later.
fn is_placeholder(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let marked = (text.starts_with('<') && text.ends_with('>')) || (text.starts_with("${") && text.ends_with('}'));
    text.is_empty() || marked || matches!(text.as_str(), "changeme" | "change-me" | "placeholder" | "todo" | "tbd")
}

fn parse(text: &Secret) -> Result<PartnerKeys, StoreError> {
    let broken = |_| unreadable("the partner secret is not the JSON it should be");
    let text: Text = serde_json::from_str(text.expose()).map_err(broken)?;
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !is_placeholder(text));
    let master = filled(&text.client_id).zip(filled(&text.client_secret));
    let disconnect_keys = [&text.disconnect_key, &text.previous_disconnect_key];
    Ok(PartnerKeys {
        master: master.map(|(client_id, client_secret)| ClientCredentials {
            client_id,
            client_secret: Secret::new(client_secret),
        }),
        disconnect_keys: disconnect_keys.into_iter().filter_map(|key| filled(key)).map(Secret::new).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> PartnerKeys {
        parse(&Secret::new(text)).unwrap()
    }

    #[test]
    fn all_of_it_is_read() {
        let keys = parsed(
            r#"{"clientId":"m","clientSecret":"s","disconnectKey":"new","previousDisconnectKey":"old","note":"by ops"}"#,
        );
        let master = ClientCredentials { client_id: "m".into(), client_secret: Secret::new("s") };
        assert_eq!(keys.master, Some(master));
        assert_eq!(keys.disconnect_keys, vec![Secret::new("new"), Secret::new("old")]);
    }

    #[test]
    fn as_the_stack_creates_it_there_is_no_master() {
        let keys = parsed(r#"{"clientId":"","clientSecret":"","disconnectKey":"k"}"#);
        assert_eq!(keys, PartnerKeys { master: None, disconnect_keys: vec![Secret::new("k")] });
    }

    #[test]
    fn half_a_master_is_none() {
        for text in [
            r#"{"clientId":"m","disconnectKey":"k"}"#,
            r#"{"clientId":"m","clientSecret":" "}"#,
            r#"{"clientId":"m","clientSecret":"<secret>"}"#,
            r#"{"clientId":"${ID}","clientSecret":"s"}"#,
            r#"{"clientId":"m","clientSecret":"CHANGEME"}"#,
        ] {
            assert_eq!(parsed(text).master, None, "{text}");
        }
    }

    #[test]
    fn an_empty_disconnect_key_is_none() {
        assert_eq!(parsed(r#"{"disconnectKey":"","previousDisconnectKey":" "}"#).disconnect_keys, vec![]);
    }

    #[test]
    fn other_keys_take_the_place_of_the_first_and_what_people_keep_there_stays() {
        let stored = Secret::new(r#"{"clientId":"m","clientSecret":"s","disconnectKey":"first","note":"by ops"}"#);
        let keys = |disconnect: &[&str]| PartnerKeys {
            master: Some(ClientCredentials { client_id: "n".into(), client_secret: Secret::new("t") }),
            disconnect_keys: disconnect.iter().copied().map(Secret::new).collect(),
        };
        let both = written(&stored, &keys(&["second", "first"])).unwrap();
        assert_eq!(parse(&both).unwrap(), keys(&["second", "first"]));
        assert!(both.expose().contains("by ops"));
        let one = written(&both, &keys(&["second"])).unwrap();
        assert_eq!(parse(&one).unwrap(), keys(&["second"]));
        assert!(!one.expose().contains("first"));
    }

    #[test]
    fn a_master_pair_is_not_lost_where_none_is_given() {
        let stored = Secret::new(r#"{"clientId":"m","clientSecret":"s","disconnectKey":"k"}"#);
        let keys = PartnerKeys { master: None, disconnect_keys: vec![Secret::new("l")] };
        assert_eq!(parse(&written(&stored, &keys).unwrap()).unwrap().master, parsed(stored.expose()).master);
    }

    #[test]
    fn nonsense_is_not_repeated() {
        for bad in ["", "s3cret", r#"{"clientId":["s3cret"]}"#] {
            let error = parse(&Secret::new(bad)).unwrap_err();
            assert!(matches!(error, StoreError::Broken(_)));
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }
}
