//! Registers the product at SmartRecruiters: compares what is registered with what should be, and puts it.

use crate::flows::Ports;
use crate::ports::{PartnerConfiguration, PartnerSecretWriter, SmartRecruitersError, StoreError};
use crate::registration::{Difference, Display, Field, Registration, differences};
use crate::sensitive::ClientCredentials;

/// Why the product cannot be registered, or it cannot be told how it is.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The partner secret has no master pair.
    #[error("the master credentials are not filled in")]
    NoMaster,
    /// The partner secret has no disconnect key.
    #[error("there is no disconnect key")]
    NoDisconnectKey,
    /// SmartRecruiters did not do it.
    #[error(transparent)]
    SmartRecruiters(#[from] SmartRecruitersError),
    /// The partner secret cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// SmartRecruiters' name of the address that carries the disconnect key.
const DISCONNECT_URL: &str = "integrationDisableUrl";

/// How the product should be registered, beside what the stack itself says.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// How the consent page is shown; `None` leaves it as it is registered, and is `POPUP` at first.
    pub display: Option<Display>,
    /// Fields that come with the list; `None` leaves them as they are registered.
    pub fields: Option<Vec<Field>>,
}

/// What registering would change. [`Plan::put`] does it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What differs; empty when all is as it should be.
    pub differences: Vec<Difference>,
    master: ClientCredentials,
    wanted: Registration,
}

/// Compares what is registered with what should be, for a stack whose routes lie below `api`. Changes nothing.
///
/// # Errors
/// See [`RegisterError`].
pub async fn plan<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    api: &str,
    wish: &Wish,
) -> Result<Plan, RegisterError>
where
    K: PartnerSecretWriter,
    R: PartnerConfiguration,
{
    let keys = ports.secrets.stored_partner_keys().await?.value;
    let master = keys.master.ok_or(RegisterError::NoMaster)?;
    let key = keys.disconnect_keys.into_iter().next().ok_or(RegisterError::NoDisconnectKey)?;
    let registered = ports.smartrecruiters.registration(&master).await?;
    let kept = registered.as_ref().and_then(|registered| registered.display.parse().ok());
    let display = wish.display.or(kept).unwrap_or(Display::Popup);
    let fields = wish.fields.clone().or_else(|| registered.as_ref().map(|registered| registered.fields.clone()));
    let wanted = Registration::of(api, &key, display, fields.unwrap_or_default());
    Ok(Plan { differences: differences(registered.as_ref(), &wanted), master, wanted })
}

impl Plan {
    /// Whether the address that carries the disconnect key differs.
    pub fn differs_in_disconnect_url(&self) -> bool {
        self.differences.iter().any(|difference| difference.property == DISCONNECT_URL)
    }

    /// Whether anything else differs.
    pub fn differs_elsewhere(&self) -> bool {
        self.differences.iter().any(|difference| difference.property != DISCONNECT_URL)
    }

    /// Registers. The same again changes nothing.
    ///
    /// # Errors
    /// See [`RegisterError`].
    pub async fn put<S, K, Q, T, R, W>(&self, ports: &Ports<S, K, Q, T, R, W>) -> Result<(), RegisterError>
    where
        R: PartnerConfiguration,
    {
        Ok(ports.smartrecruiters.register(&self.master, &self.wanted).await?)
    }
}
