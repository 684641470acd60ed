//! What the stand-in of SmartRecruiters remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use super::company::Company;
use super::limits::Limits;
use super::order::Order;

/// May register the partner's configuration.
pub(crate) const SCOPE_CONFIGURATION: &str = "partner_configuration_manage";
/// May connect companies. The real scope's name is not public.
pub(crate) const SCOPE_INTEGRATION: &str = "company_integration_manage";
/// May publish results.
pub(crate) const SCOPE_RESULTS: &str = "assessment_result_manage";
/// May read candidates.
pub(crate) const SCOPE_CANDIDATES: &str = "candidates_read";

/// A client id with its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Pair {
    /// The id.
    pub(crate) client_id: String,
    /// The secret.
    pub(crate) client_secret: String,
}

/// Who a token was issued to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Credential {
    /// The partner itself.
    Master,
    /// The partner in the name of one company.
    Customer(String),
}

/// A token that was issued.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// Who to.
    pub(crate) credential: Credential,
    /// What it allows.
    pub(crate) scopes: BTreeSet<String>,
    expires_at: Instant,
}

/// A candidate of a company.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Candidate {
    /// The id.
    pub(crate) id: String,
    /// The company.
    pub(crate) company: String,
    /// The first name.
    pub(crate) first_name: String,
    /// The last name.
    pub(crate) last_name: String,
    /// The address.
    pub(crate) email: String,
}

impl Candidate {
    /// First and last name.
    pub(crate) fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// A file that the partner attached to an order's result.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    /// Its media type, as the partner named it.
    pub(crate) content_type: String,
    /// Its bytes.
    pub(crate) bytes: bytes::Bytes,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct State {
    /// The stand-in's own address, without a slash at its end.
    pub(crate) base: String,
    /// The partner's own credentials.
    pub(crate) master: Pair,
    /// What the partner's own token allows.
    pub(crate) master_scopes: BTreeSet<String>,
    /// For how long tokens are valid.
    pub(crate) token_lifetime: Duration,
    /// The tokens issued.
    pub(crate) tokens: BTreeMap<String, Token>,
    /// The partner's configuration, once it is registered.
    pub(crate) configuration: Option<Value>,
    /// Companies by id.
    pub(crate) companies: BTreeMap<String, Company>,
    /// Candidates by id.
    pub(crate) candidates: BTreeMap<String, Candidate>,
    /// Orders by id.
    pub(crate) orders: BTreeMap<String, Order>,
    /// Attached files by id.
    pub(crate) files: BTreeMap<String, StoredFile>,
    /// The rate limits and how far they are used up.
    pub(crate) limits: Limits,
}

impl State {
    /// Nothing but the partner's own credentials.
    pub(crate) fn new(base: String, master: Pair) -> Self {
        Self {
            base,
            master,
            master_scopes: [SCOPE_CONFIGURATION, SCOPE_INTEGRATION].map(str::to_owned).into(),
            token_lifetime: Duration::from_secs(1800),
            tokens: BTreeMap::new(),
            configuration: None,
            companies: BTreeMap::new(),
            candidates: BTreeMap::new(),
            orders: BTreeMap::new(),
            files: BTreeMap::new(),
            limits: Limits::default(),
        }
    }

    /// Issues a token for credentials that are right, and says whose they are.
    pub(crate) fn issue_token(&mut self, client_id: &str, client_secret: &str) -> Option<(String, Credential)> {
        let given = Pair { client_id: client_id.to_owned(), client_secret: client_secret.to_owned() };
        let (credential, scopes) = if self.master == given {
            (Credential::Master, self.master_scopes.clone())
        } else {
            let owner = self.companies.values().find(|company| company.customer_pair() == Some(&given))?;
            (Credential::Customer(owner.id.clone()), owner.scopes.clone())
        };
        let token = crate::ids::secret();
        let expires_at = Instant::now() + self.token_lifetime;
        self.tokens.insert(token.clone(), Token { credential: credential.clone(), scopes, expires_at });
        Some((token, credential))
    }

    /// A token that was issued and is still valid.
    pub(crate) fn token(&self, token: &str) -> Option<&Token> {
        self.tokens.get(token).filter(|token| token.expires_at > Instant::now())
    }

    /// A URL of the registered configuration.
    pub(crate) fn registered(&self, name: &str) -> Option<String> {
        self.configuration.as_ref()?.get(name)?.as_str().map(str::to_owned)
    }
}
