//! AWS Secrets Manager: the secrets of connections and the stack's own two, remembered in the process for minutes.

mod cache;
mod callback;
mod company;
mod partner;
mod store;

use domain::ids::ClientId;
use domain::integration::SecretName;
use domain::ports::{
    CompanySecret, CompanySecrets, PartnerKeys, PartnerSecret, PartnerSecretWriter, StoreError, Stored,
};

pub use callback::CallbackSecretStore;
pub use company::CompanySecretStore;
#[cfg(test)]
pub(crate) use company::{parse as parse_company_secret, write as write_company_secret};
pub use partner::PartnerSecretStore;

/// The secrets a function may use; `()` where it has no right to. Clones share what is remembered.
#[derive(Debug, Clone, Default)]
pub struct Secrets<C = (), P = ()> {
    /// The secrets of connections.
    pub companies: C,
    /// The stack's partner secret.
    pub partner: P,
}

impl<C: CompanySecrets, P> CompanySecrets for Secrets<C, P> {
    async fn company_secret(&self, name: &SecretName) -> Result<Option<CompanySecret>, StoreError> {
        self.companies.company_secret(name).await
    }

    async fn company_secret_now(&self, name: &SecretName) -> Result<Option<CompanySecret>, StoreError> {
        self.companies.company_secret_now(name).await
    }

    async fn put_company_secret(&self, name: &SecretName, secret: &CompanySecret) -> Result<(), StoreError> {
        self.companies.put_company_secret(name, secret).await
    }

    async fn replace_company_secret(&self, name: &SecretName, secret: &CompanySecret) -> Result<bool, StoreError> {
        self.companies.replace_company_secret(name, secret).await
    }

    async fn destroy_company_secret(&self, name: &SecretName) -> Result<(), StoreError> {
        self.companies.destroy_company_secret(name).await
    }

    fn company_secret_name(&self, client: &ClientId) -> SecretName {
        self.companies.company_secret_name(client)
    }
}

impl<C, P: PartnerSecret> PartnerSecret for Secrets<C, P> {
    async fn partner_keys(&self) -> Result<PartnerKeys, StoreError> {
        self.partner.partner_keys().await
    }

    async fn partner_keys_now(&self) -> Result<PartnerKeys, StoreError> {
        self.partner.partner_keys_now().await
    }
}

impl<C, P: PartnerSecretWriter> PartnerSecretWriter for Secrets<C, P> {
    async fn stored_partner_keys(&self) -> Result<Stored<PartnerKeys>, StoreError> {
        self.partner.stored_partner_keys().await
    }

    async fn put_partner_keys(&self, keys: &PartnerKeys) -> Result<(), StoreError> {
        self.partner.put_partner_keys(keys).await
    }
}
