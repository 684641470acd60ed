//! Accounts: plan, users, integration and the ways in which accounts differ.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::state::State;
use crate::control::ActionError;
use crate::{clock, ids};

/// What the customer pays for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Plan {
    /// Free of charge.
    Free,
    /// The smaller plan.
    Starter,
    /// The plan that has integrations.
    #[default]
    Pro,
}

impl Plan {
    /// Every plan, smallest first.
    pub(crate) const ALL: [Self; 3] = [Self::Free, Self::Starter, Self::Pro];

    /// As the screens name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Starter => "Starter",
            Self::Pro => "Pro",
        }
    }

    /// Whether integrations are part of it.
    pub(crate) fn has_integrations(self) -> bool {
        self == Self::Pro
    }
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Everything.
    Owner,
    /// Everything but closing the account.
    Admin,
    /// Assessments and candidates.
    Recruiter,
    /// Candidates' results.
    HiringManager,
}

impl Role {
    /// As the screens name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Recruiter => "Recruiter",
            Self::HiringManager => "Hiring manager",
        }
    }

    /// Whether they see the Integrations page.
    pub(crate) const fn manages_integrations(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// Whether they create and archive assessments, and invite candidates.
    pub(crate) const fn edits_assessments(self) -> bool {
        matches!(self, Self::Owner | Self::Admin | Self::Recruiter)
    }

    /// Whether they choose the plan.
    pub(crate) const fn chooses_plan(self) -> bool {
        matches!(self, Self::Owner)
    }
}

/// A person with access to the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    /// Signs in with it.
    pub(crate) email: String,
    /// What they may do.
    pub(crate) role: Role,
}

/// The integration, once it is enabled.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Integration {
    /// The key to copy.
    pub(crate) api_key: String,
    /// When it was enabled.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) enabled_at: OffsetDateTime,
}

/// The name of the candidature's overall score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AverageName {
    /// The older one.
    #[default]
    Average,
    /// The newer one of candidatures.
    AvgScore,
    /// The newer one of attempts.
    AverageScore,
}

/// The form of booleans about the attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FlagForm {
    /// `true` and `false`.
    #[default]
    Bool,
    /// `"true"` and `"false"`.
    String,
}

/// The form of the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PdfForm {
    /// The file.
    #[default]
    Bytes,
    /// The file in base64.
    Base64,
}

/// What differs between accounts in the field.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Variety {
    /// Under which name a candidature's and an attempt's overall score comes.
    pub(crate) average_name: AverageName,
    /// How flags come.
    pub(crate) flags: FlagForm,
    /// How the report comes.
    pub(crate) pdf: PdfForm,
    /// Status of a successful invitation: 200 or 201.
    pub(crate) invite_status: u16,
    /// Whether the invitation's answer has the link.
    pub(crate) invitation_link: bool,
    /// Offset of all times, in hours.
    pub(crate) utc_offset_hours: i8,
}

impl Default for Variety {
    fn default() -> Self {
        Self {
            average_name: AverageName::default(),
            flags: FlagForm::default(),
            pdf: PdfForm::default(),
            invite_status: 201,
            invitation_link: true,
            utc_offset_hours: 2,
        }
    }
}

/// A customer's account.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Account {
    /// Name of the account.
    pub(crate) id: String,
    /// What the customer pays for.
    pub(crate) plan: Plan,
    /// Who has access.
    pub(crate) users: Vec<User>,
    /// The integration, while it is enabled.
    pub(crate) integration: Option<Integration>,
    /// Keys of integrations that were disabled.
    pub(crate) revoked_keys: Vec<String>,
    /// How the account differs from others.
    pub(crate) variety: Variety,
    /// Addresses that TestGorilla cannot deliver to.
    pub(crate) undeliverable: BTreeSet<String>,
}

impl Account {
    /// The owner's address.
    pub(crate) fn owner(&self) -> Option<&str> {
        self.users.iter().find(|user| user.role == Role::Owner).map(|user| user.email.as_str())
    }

    /// What a person may do; none for who is no user of the account.
    pub(crate) fn role_of(&self, email: &str) -> Option<Role> {
        self.users.iter().find(|user| user.email == email).map(|user| user.role)
    }
}

/// What the control API may set on an account; what is absent stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountChange {
    pub(crate) plan: Option<Plan>,
    pub(crate) users: Option<Vec<User>>,
    pub(crate) variety: Option<Variety>,
    pub(crate) undeliverable: Option<BTreeSet<String>>,
}

/// Creates the account, or changes it when it exists. A new one has the Pro plan and an owner `owner@<id>.example`.
///
/// # Errors
/// The variety has a status that no invitation is answered with.
pub(crate) fn put(state: &mut State, id: &str, change: AccountChange) -> Result<Account, ActionError> {
    if change.variety.as_ref().is_some_and(|variety| ![200, 201].contains(&variety.invite_status)) {
        return Err(ActionError::Invalid("invite_status is 200 or 201".to_owned()));
    }
    let account = state.accounts.entry(id.to_owned()).or_insert_with(|| Account {
        id: id.to_owned(),
        plan: Plan::default(),
        users: vec![User { email: format!("owner@{id}.example"), role: Role::Owner }],
        integration: None,
        revoked_keys: Vec::new(),
        variety: Variety::default(),
        undeliverable: BTreeSet::new(),
    });
    account.plan = change.plan.unwrap_or(account.plan);
    account.users = change.users.unwrap_or_else(|| account.users.clone());
    account.variety = change.variety.unwrap_or_else(|| account.variety.clone());
    account.undeliverable = change.undeliverable.unwrap_or_else(|| account.undeliverable.clone());
    Ok(account.clone())
}

/// A user enables the integration on the Integrations page and copies its key. Enabled already: the same key.
///
/// # Errors
/// The account does not exist, is not Pro, or the user is neither its owner nor an admin of it.
pub(crate) fn enable_integration(state: &mut State, id: &str, user: &str) -> Result<Integration, ActionError> {
    let account = managed_by(state, id, user)?;
    if !account.plan.has_integrations() {
        return Err(ActionError::Refused("integrations are part of the Pro plan".to_owned()));
    }
    let enable = || Integration { api_key: ids::api_key(), enabled_at: clock::now() };
    Ok(account.integration.get_or_insert_with(enable).clone())
}

/// A user disables the integration: its key is refused from now on. Returns the key.
///
/// # Errors
/// The account or its integration does not exist, or the user is neither its owner nor an admin of it.
pub(crate) fn disable_integration(state: &mut State, id: &str, user: &str) -> Result<String, ActionError> {
    let account = managed_by(state, id, user)?;
    let integration = account.integration.take();
    let key = integration.ok_or_else(|| ActionError::NotFound(format!("integration of account {id}")))?.api_key;
    account.revoked_keys.push(key.clone());
    Ok(key)
}

/// The account, for a user who sees its Integrations page.
fn managed_by<'a>(state: &'a mut State, id: &str, user: &str) -> Result<&'a mut Account, ActionError> {
    let account = state.accounts.get_mut(id).ok_or_else(|| ActionError::NotFound(format!("account {id}")))?;
    match account.role_of(user) {
        Some(role) if role.manages_integrations() => Ok(account),
        Some(_) | None => Err(ActionError::Refused(format!(
            "{user} does not see the Integrations page: only the owner and admins of the account do"
        ))),
    }
}
