//! Secrets, in memory: a store, and what a process remembers of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use domain::ids::ClientId;
use domain::integration::SecretName;
use domain::ports::{
    self, CallbackSecret, CallbackSecretWriter, Clock, CompanySecret, CompanySecrets, PartnerKeys, PartnerSecret,
    PartnerSecretWriter, StoreError, WebhookKey,
};
use domain::sensitive::{ClientCredentials, Secret};
use domain::timestamp::Timestamp;

use crate::faults::{Faults, Op};
use crate::world::FixedClock;

/// How long a process remembers a secret.
pub const REMEMBERED: Duration = Duration::from_secs(300);

/// Where the names of company secrets begin.
pub const PREFIX: &str = "test/companies/";

/// The disconnect key of a new store.
pub const DISCONNECT_KEY: &str = "disconnect-key";

/// The callback key of a new store.
pub const CALLBACK_KEY: &[u8] = b"callback-key-of-the-tests";

#[derive(Debug)]
struct Stored {
    companies: BTreeMap<String, CompanySecret>,
    partner: PartnerKeys,
    partner_changed_at: Option<Timestamp>,
    callback: Vec<WebhookKey>,
    callback_changed_at: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Remembered {
    companies: BTreeMap<String, (Timestamp, CompanySecret)>,
    partner: Option<(Timestamp, PartnerKeys)>,
    callback: Option<(Timestamp, Vec<WebhookKey>)>,
    life: u64,
}

/// Every port of the secret store. Clones are the same process; [`MemorySecrets::another_process`] is not.
#[derive(Debug, Clone)]
pub struct MemorySecrets {
    stored: Arc<Mutex<Stored>>,
    remembered: Arc<Mutex<Remembered>>,
    clock: FixedClock,
    faults: Faults,
}

impl MemorySecrets {
    /// A store with master credentials (`master`, `master-secret`), [`DISCONNECT_KEY`] and [`CALLBACK_KEY`].
    pub fn new(clock: &FixedClock, faults: &Faults) -> Self {
        let master = ClientCredentials { client_id: "master".into(), client_secret: Secret::new("master-secret") };
        let partner = PartnerKeys { master: Some(master), disconnect_keys: vec![Secret::new(DISCONNECT_KEY)] };
        let callback = vec![WebhookKey(CALLBACK_KEY.to_vec())];
        let stored = Stored {
            companies: BTreeMap::new(),
            partner,
            partner_changed_at: None,
            callback,
            callback_changed_at: None,
        };
        Self {
            stored: Arc::new(Mutex::new(stored)),
            remembered: Arc::default(),
            clock: clock.clone(),
            faults: faults.clone(),
        }
    }

    /// The same store, with a memory of its own.
    pub fn another_process(&self) -> Self {
        Self { remembered: Arc::default(), ..self.clone() }
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().expect("no test panics while it holds the secrets")
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        let mut remembered = self.remembered.lock().expect("no test panics while it holds the secrets");
        let life = self.faults.lives();
        if remembered.life != life {
            *remembered = Remembered { life, ..Remembered::default() };
        }
        remembered
    }

    fn is_fresh(&self, read_at: Timestamp) -> bool {
        self.clock.now().since(read_at) < REMEMBERED
    }

    /// The names of all company secrets that exist.
    pub fn names(&self) -> Vec<SecretName> {
        self.stored().companies.keys().cloned().map(SecretName).collect()
    }

    /// A company secret as it is stored.
    pub fn peek(&self, name: &SecretName) -> Option<CompanySecret> {
        self.stored().companies.get(&name.0).cloned()
    }

    /// Stores a company secret behind the back of every process.
    pub fn insert(&self, name: &SecretName, secret: CompanySecret) {
        self.stored().companies.insert(name.0.clone(), secret);
    }

    /// Changes the partner secret behind the back of every process.
    pub fn set_partner_keys(&self, keys: PartnerKeys) {
        self.stored().partner = keys;
    }

    /// Changes the callback secret behind the back of every process.
    pub fn set_webhook_keys(&self, keys: Vec<WebhookKey>) {
        self.stored().callback = keys;
    }

    fn read_company(&self, name: &SecretName) -> Option<CompanySecret> {
        let found = self.peek(name);
        let now = self.clock.now();
        let mut remembered = self.remembered();
        match &found {
            Some(secret) => remembered.companies.insert(name.0.clone(), (now, secret.clone())),
            None => remembered.companies.remove(&name.0),
        };
        found
    }
}

impl CompanySecrets for MemorySecrets {
    async fn company_secret(&self, name: &SecretName) -> Result<Option<CompanySecret>, StoreError> {
        let known = self.remembered().companies.get(&name.0).cloned();
        if let Some((_, secret)) = known.filter(|(read_at, _)| self.is_fresh(*read_at)) {
            return Ok(Some(secret));
        }
        let exit = self.faults.enter(Op::CompanySecret).await?;
        let found = self.read_company(name);
        exit.leave().await?;
        Ok(found)
    }

    async fn company_secret_now(&self, name: &SecretName) -> Result<Option<CompanySecret>, StoreError> {
        let exit = self.faults.enter(Op::CompanySecretNow).await?;
        let found = self.read_company(name);
        exit.leave().await?;
        Ok(found)
    }

    async fn put_company_secret(&self, name: &SecretName, secret: &CompanySecret) -> Result<(), StoreError> {
        let exit = self.faults.enter(Op::PutCompanySecret).await?;
        self.insert(name, secret.clone());
        self.remembered().companies.insert(name.0.clone(), (self.clock.now(), secret.clone()));
        Ok(exit.leave().await?)
    }

    async fn replace_company_secret(&self, name: &SecretName, secret: &CompanySecret) -> Result<bool, StoreError> {
        let exit = self.faults.enter(Op::PutCompanySecret).await?;
        let is_there = self.stored().companies.contains_key(&name.0);
        self.remembered().companies.remove(&name.0);
        if is_there {
            self.insert(name, secret.clone());
            self.remembered().companies.insert(name.0.clone(), (self.clock.now(), secret.clone()));
        }
        exit.leave().await?;
        Ok(is_there)
    }

    async fn destroy_company_secret(&self, name: &SecretName) -> Result<(), StoreError> {
        let exit = self.faults.enter(Op::DestroyCompanySecret).await?;
        self.stored().companies.remove(&name.0);
        self.remembered().companies.remove(&name.0);
        Ok(exit.leave().await?)
    }

    fn company_secret_name(&self, client: &ClientId) -> SecretName {
        SecretName(format!("{PREFIX}{client}"))
    }
}

impl PartnerSecret for MemorySecrets {
    async fn partner_keys(&self) -> Result<PartnerKeys, StoreError> {
        let known = self.remembered().partner.clone();
        if let Some((_, keys)) = known.filter(|(read_at, _)| self.is_fresh(*read_at)) {
            return Ok(keys);
        }
        let exit = self.faults.enter(Op::PartnerKeys).await?;
        let keys = self.stored().partner.clone();
        exit.leave().await?;
        self.remembered().partner = Some((self.clock.now(), keys.clone()));
        Ok(keys)
    }

    async fn partner_keys_now(&self) -> Result<PartnerKeys, StoreError> {
        let exit = self.faults.enter(Op::PartnerKeysNow).await?;
        let keys = self.stored().partner.clone();
        exit.leave().await?;
        self.remembered().partner = Some((self.clock.now(), keys.clone()));
        Ok(keys)
    }
}

impl CallbackSecret for MemorySecrets {
    async fn webhook_keys(&self) -> Result<Vec<WebhookKey>, StoreError> {
        let known = self.remembered().callback.clone();
        if let Some((_, keys)) = known.filter(|(read_at, _)| self.is_fresh(*read_at)) {
            return Ok(keys);
        }
        let exit = self.faults.enter(Op::WebhookKeys).await?;
        let keys = self.stored().callback.clone();
        exit.leave().await?;
        self.remembered().callback = Some((self.clock.now(), keys.clone()));
        Ok(keys)
    }

    async fn webhook_keys_now(&self) -> Result<Vec<WebhookKey>, StoreError> {
        let exit = self.faults.enter(Op::WebhookKeysNow).await?;
        let keys = self.stored().callback.clone();
        exit.leave().await?;
        self.remembered().callback = Some((self.clock.now(), keys.clone()));
        Ok(keys)
    }
}

impl PartnerSecretWriter for MemorySecrets {
    async fn stored_partner_keys(&self) -> Result<ports::Stored<PartnerKeys>, StoreError> {
        let exit = self.faults.enter(Op::StoredPartnerKeys).await?;
        let stored = {
            let stored = self.stored();
            ports::Stored { value: stored.partner.clone(), changed_at: stored.partner_changed_at }
        };
        exit.leave().await?;
        Ok(stored)
    }

    async fn put_partner_keys(&self, keys: &PartnerKeys) -> Result<(), StoreError> {
        let exit = self.faults.enter(Op::PutPartnerKeys).await?;
        {
            let mut stored = self.stored();
            (stored.partner, stored.partner_changed_at) = (keys.clone(), Some(self.clock.now()));
        }
        Ok(exit.leave().await?)
    }
}

impl CallbackSecretWriter for MemorySecrets {
    async fn stored_webhook_keys(&self) -> Result<ports::Stored<Vec<WebhookKey>>, StoreError> {
        let exit = self.faults.enter(Op::StoredWebhookKeys).await?;
        let stored = {
            let stored = self.stored();
            ports::Stored { value: stored.callback.clone(), changed_at: stored.callback_changed_at }
        };
        exit.leave().await?;
        Ok(stored)
    }

    async fn put_webhook_keys(&self, keys: &[WebhookKey]) -> Result<(), StoreError> {
        let exit = self.faults.enter(Op::PutWebhookKeys).await?;
        {
            let mut stored = self.stored();
            (stored.callback, stored.callback_changed_at) = (keys.to_vec(), Some(self.clock.now()));
        }
        Ok(exit.leave().await?)
    }
}
