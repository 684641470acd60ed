//! Companies: consent, integration, hiring steps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use url::Url;

use super::hiring::Job;
use super::people::{self, Person};
use super::state::{Credential, Pair, SCOPE_CANDIDATES, SCOPE_RESULTS, State};
use crate::control::ActionError;
use crate::ids;

/// A company that uses SmartRecruiters.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    /// The id.
    pub(crate) id: String,
    /// Whether an admin pressed "Allow and continue".
    pub(crate) consented: bool,
    /// The connection to the partner.
    pub(crate) integration: Option<Integration>,
    /// What SmartRecruiters used at the partner's token endpoint before the company disconnected.
    pub(crate) former_pair: Option<Pair>,
    /// What the partner's token for the company allows.
    pub(crate) scopes: BTreeSet<String>,
    /// Where its jobs are: query parameters of the listing.
    pub(crate) location: BTreeMap<String, String>,
    /// How its admins are shown the partner's page, instead of as the partner has registered it.
    pub(crate) consent_display: Option<ConsentDisplay>,
    /// Hiring steps that carry an assessment, by id.
    pub(crate) steps: BTreeMap<String, Step>,
    /// Its job.
    pub(crate) job: Job,
    /// Who works there.
    pub(crate) people: Vec<Person>,
    /// Names of the packages that it was ever shown, by id.
    pub(crate) package_names: BTreeMap<String, String>,
}

/// A company's connection to the partner.
#[derive(Debug, Clone)]
pub(crate) struct Integration {
    /// What SmartRecruiters uses at the partner's token endpoint.
    pub(crate) at_partner: Pair,
    /// What the partner uses at SmartRecruiters.
    pub(crate) at_smartrecruiters: Pair,
    /// The partner's last token, until when it may be used.
    pub(crate) partner_token: Option<(String, Instant)>,
}

/// A hiring step that carries an assessment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// The package that candidates are to take.
    pub(crate) package: String,
    /// Whether it is ordered as soon as a candidate enters the step.
    pub(crate) auto_triggered: bool,
}

/// How the partner's page is shown, in the words of `consentDisplayMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ConsentDisplay {
    /// In a frame.
    Popup,
    /// The browser goes there, and is told the way back.
    Redirect,
}

/// What the control API may set on a company; what is absent stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CompanyChange {
    scopes: Option<BTreeSet<String>>,
    location: Option<BTreeMap<String, String>>,
    consent_display: Option<ConsentDisplay>,
    steps: Option<BTreeMap<String, Step>>,
}

/// What a company looks like from outside.
#[derive(Debug, Serialize)]
pub(crate) struct CompanyView {
    id: String,
    consented: bool,
    connected: bool,
    customer_client_id: Option<String>,
    scopes: BTreeSet<String>,
    steps: BTreeMap<String, Step>,
}

/// Where the admin's browser goes after "Allow and continue".
#[derive(Debug, Serialize)]
pub(crate) struct Consent {
    /// The partner's page, with company and redirect.
    pub(crate) consent_url: String,
    /// Where the page leads back to.
    pub(crate) redirect: Option<String>,
}

impl Company {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            consented: false,
            integration: None,
            former_pair: None,
            scopes: [SCOPE_RESULTS, SCOPE_CANDIDATES].map(str::to_owned).into(),
            location: BTreeMap::new(),
            consent_display: None,
            steps: BTreeMap::new(),
            job: Job::new(),
            people: people::of(id).into(),
            package_names: BTreeMap::new(),
        }
    }

    /// The pair that the partner uses at SmartRecruiters.
    pub(crate) fn customer_pair(&self) -> Option<&Pair> {
        self.integration.as_ref().map(|integration| &integration.at_smartrecruiters)
    }

    /// The name of a package that it was shown.
    pub(crate) fn package_name(&self, package: &str) -> String {
        self.package_names.get(package).cloned().unwrap_or_else(|| format!("Assessment {package}"))
    }

    /// What it looks like from outside.
    pub(crate) fn view(&self) -> CompanyView {
        CompanyView {
            id: self.id.clone(),
            consented: self.consented,
            connected: self.integration.is_some(),
            customer_client_id: self.customer_pair().map(|pair| pair.client_id.clone()),
            scopes: self.scopes.clone(),
            steps: self.steps.clone(),
        }
    }
}

/// Creates the company, or changes it when it exists.
pub(crate) fn put<'a>(state: &'a mut State, id: &str, change: CompanyChange) -> &'a Company {
    let company = state.companies.entry(id.to_owned()).or_insert_with(|| Company::new(id));
    company.scopes = change.scopes.unwrap_or_else(|| company.scopes.clone());
    company.location = change.location.unwrap_or_else(|| company.location.clone());
    company.consent_display = change.consent_display.or(company.consent_display);
    company.steps = change.steps.unwrap_or_else(|| company.steps.clone());
    company
}

/// Somebody signs a new company up. Its id becomes part of addresses.
///
/// # Errors
/// The id is no name of letters, digits and hyphens, or is taken.
pub(crate) fn add(state: &mut State, id: &str) -> Result<(), ActionError> {
    let fits = |id: &str| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !(1..=50).contains(&id.len()) || !fits(id) || id.starts_with('-') || id.ends_with('-') {
        return Err(ActionError::Invalid(
            "a company's id has small letters, digits and hyphens, 50 at most".to_owned(),
        ));
    }
    if state.companies.contains_key(id) {
        return Err(ActionError::Refused(format!("there is a company {id} already")));
    }
    put(state, id, CompanyChange::default());
    Ok(())
}

/// An admin presses "Connect" and "Allow and continue".
///
/// # Errors
/// There is no such company, or the partner has not registered a page to go to.
pub(crate) fn consent(state: &mut State, id: &str) -> Result<Consent, ActionError> {
    let page = consent_page(state, id)?;
    find(state, id)?.consented = true;
    Ok(page)
}

/// The partner's page for the company, whether or not it has consented.
///
/// # Errors
/// There is no such company, or the partner has not registered a page to go to.
pub(crate) fn consent_page(state: &mut State, id: &str) -> Result<Consent, ActionError> {
    let consent_url = state.registered("consentUrl").ok_or_else(not_registered)?;
    let registered = state.registered("consentDisplayMode").as_deref() == Some("REDIRECT");
    let own = find(state, id)?.consent_display;
    let by_redirect = own.map_or(registered, |display| display == ConsentDisplay::Redirect);
    let mut url = Url::parse(&consent_url).map_err(|error| ActionError::Invalid(error.to_string()))?;
    let redirect = by_redirect.then(|| format!("{}/apps/{id}", state.base));
    url.query_pairs_mut().append_pair("companyId", id);
    if let Some(redirect) = &redirect {
        url.query_pairs_mut().append_pair("redirect", redirect);
    }
    Ok(Consent { consent_url: url.into(), redirect })
}

/// An admin presses "Disconnect": consent and credentials end at once.
///
/// # Errors
/// There is no such company.
pub(crate) fn disconnect(state: &mut State, id: &str) -> Result<(), ActionError> {
    let company = find(state, id)?;
    company.consented = false;
    company.former_pair = company.integration.take().map(|integration| integration.at_partner);
    state.tokens.retain(|_, token| token.credential != Credential::Customer(id.to_owned()));
    Ok(())
}

/// Connects a company with a pair that works at the partner. Returns the pair for the partner, which is shown only here.
pub(crate) fn connect(company: &mut Company, at_partner: Pair, token: (String, Instant)) -> Pair {
    let customer = Pair { client_id: format!("customer-{}", ids::uuid()), client_secret: ids::secret() };
    company.integration =
        Some(Integration { at_partner, at_smartrecruiters: customer.clone(), partner_token: Some(token) });
    customer
}

/// The company with this id.
///
/// # Errors
/// There is none.
pub(crate) fn find<'a>(state: &'a mut State, id: &str) -> Result<&'a mut Company, ActionError> {
    state.companies.get_mut(id).ok_or_else(|| ActionError::NotFound(format!("company {id}")))
}

/// The partner has not registered what is needed.
pub(crate) fn not_registered() -> ActionError {
    ActionError::Refused("the partner has not registered a URL for this".to_owned())
}
