//! Orders and what the partner has published to them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::hiring::Job;
use super::people::{self, Person};
use super::state::{Candidate, State};
use super::{company, merge};
use crate::control::ActionError;
use crate::{clock, ids};

/// The person ordered for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCandidate {
    /// The address.
    pub(crate) email: String,
    /// The first name.
    pub(crate) first_name: String,
    /// The last name.
    pub(crate) last_name: String,
}

impl From<&Candidate> for NewCandidate {
    fn from(known: &Candidate) -> Self {
        let Candidate { email, first_name, last_name, .. } = known.clone();
        Self { email, first_name, last_name }
    }
}

/// The recruiter who orders by hand.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Requester {
    user_id: String,
    email: String,
}

impl From<&Person> for Requester {
    fn from(person: &Person) -> Self {
        Self { user_id: person.id.clone(), email: person.email.clone() }
    }
}

/// An order to be made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    pub(crate) company: String,
    pub(crate) package: String,
    pub(crate) candidate: NewCandidate,
    /// Absent on an auto-triggered order.
    #[serde(default)]
    pub(crate) requester: Option<Requester>,
    /// Whether the candidate takes the assessment at once, without being mailed.
    #[serde(default)]
    pub(crate) inline: bool,
    /// Order although the candidate was ordered this package before, which the real one does not offer.
    #[serde(default)]
    pub(crate) again: bool,
    /// Merged into the request's body, to send what the real one would not.
    #[serde(default)]
    pub(crate) overrides: Option<Value>,
}

impl NewOrder {
    /// An order as the real one makes it: by hand for a requester, auto-triggered without.
    pub(crate) fn of(company: &str, package: &str, candidate: NewCandidate, requester: Option<Requester>) -> Self {
        Self {
            company: company.to_owned(),
            package: package.to_owned(),
            candidate,
            requester,
            inline: false,
            again: false,
            overrides: None,
        }
    }
}

/// One delivery of an order to the product.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    /// When it was sent.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) sent_at: OffsetDateTime,
    /// The answer's status; none when none came.
    pub(crate) status: Option<u16>,
    /// The answer's body.
    pub(crate) body: Value,
}

/// A change of an order's status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StatusChange {
    /// When it was accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) at: OffsetDateTime,
    /// The status before.
    pub(crate) from: String,
    /// The status after.
    pub(crate) to: String,
    /// Whether it went backwards, or from one end to another.
    pub(crate) regression: bool,
}

/// A file attached to an order.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Attachment {
    /// Where it is read.
    pub(crate) url: String,
    /// Name of the file.
    pub(crate) name: String,
    /// Media type that the partner named.
    pub(crate) content_type: String,
    /// Bytes.
    pub(crate) size: usize,
}

/// An order.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Order {
    /// The id, also in the result URL.
    pub(crate) id: String,
    /// The company.
    pub(crate) company: String,
    /// The package.
    pub(crate) package: String,
    /// The candidate's id.
    pub(crate) candidate: String,
    /// The candidate's address.
    pub(crate) email: String,
    /// Whether the candidate takes it at once.
    pub(crate) inline: bool,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) ordered_at: OffsetDateTime,
    /// The request's body.
    pub(crate) request: Value,
    /// How often and how it was delivered.
    pub(crate) deliveries: Vec<Delivery>,
    /// What the Assessments tab shows as status.
    pub(crate) status: String,
    /// What the partner has published.
    pub(crate) result: Value,
    /// How many patches were accepted.
    pub(crate) patches: u32,
    /// Every change of status, oldest first.
    pub(crate) changes: Vec<StatusChange>,
    /// How many of them went backwards.
    pub(crate) regressions: u32,
    /// Files attached.
    pub(crate) attachments: Vec<Attachment>,
}

impl Order {
    /// Whether the product refused it for good.
    fn is_refused(&self) -> bool {
        self.deliveries.last().and_then(|delivery| delivery.status).is_some_and(|status| (400..500).contains(&status))
    }

    /// Takes a result that keeps to the contract.
    pub(crate) fn publish(&mut self, result: Value) {
        let status = result.get("status").and_then(Value::as_str).unwrap_or("PENDING").to_owned();
        if status != self.status {
            let regression = !moves_forward(&self.status, &status);
            let from = std::mem::replace(&mut self.status, status.clone());
            self.changes.push(StatusChange { at: clock::now(), from, to: status, regression });
            self.regressions += u32::from(regression);
        }
        self.result = result;
        self.patches += 1;
    }
}

/// Whether an order may go from one status to another.
fn moves_forward(from: &str, to: &str) -> bool {
    let rank = |status: &str| match status {
        "PENDING" => 0,
        "IN_PROGRESS" => 1,
        _ => 2,
    };
    rank(to) > rank(from)
}

/// Prepares an order. It is still to be delivered.
///
/// # Errors
/// There is no such company, it is not connected, or the candidate was ordered this package before.
pub(crate) fn create(state: &mut State, new: NewOrder) -> Result<String, ActionError> {
    if company::find(state, &new.company)?.integration.is_none() {
        return Err(ActionError::Refused(format!("company {} is not connected", new.company)));
    }
    let candidate = people::candidate(state, &new.company, &new.candidate);
    if !new.again && !is_offered(state, &candidate, &new.package) {
        return Err(ActionError::Refused(format!(
            "{} was ordered package {} before",
            new.candidate.email, new.package
        )));
    }
    let id = ids::uuid();
    let mut request = request(state, &id, &candidate, &new);
    if let Some(overrides) = &new.overrides {
        merge::merge(&mut request, overrides);
    }
    let order = Order {
        id: id.clone(),
        company: new.company,
        package: new.package,
        candidate,
        email: new.candidate.email,
        inline: new.inline,
        ordered_at: clock::now(),
        request,
        deliveries: Vec::new(),
        status: "PENDING".to_owned(),
        result: Value::Object(Map::new()),
        patches: 0,
        changes: Vec::new(),
        regressions: 0,
        attachments: Vec::new(),
    };
    state.orders.insert(id.clone(), order);
    Ok(id)
}

/// Whether the candidate can be ordered the package: once, unless the product refused it.
pub(crate) fn is_offered(state: &State, candidate: &str, package: &str) -> bool {
    let mut earlier = state.orders.values().filter(|order| order.candidate == candidate && order.package == package);
    earlier.all(Order::is_refused)
}

fn request(state: &State, id: &str, candidate: &str, new: &NewOrder) -> Value {
    let job = state.companies.get(&new.company).map(|company| company.job.clone()).unwrap_or_else(Job::new);
    let result_url = format!("{}/assessment-api/v202010/orders/{id}/results", state.base);
    let mut request = json!({
        "assessmentPackageId": new.package,
        "candidate": {
            "email": new.candidate.email,
            "firstName": new.candidate.first_name,
            "lastName": new.candidate.last_name,
            "applicationLanguage": "en",
        },
        "job": {"id": job.id},
        "jobId": job.id,
        "companyId": new.company,
        "resultCallbackURL": result_url,
    });
    let additions = if new.inline {
        json!({"completedAssessmentCallbackUrl": format!("{}/apply/{id}/done", state.base)})
    } else {
        json!({"candidate": {"id": candidate}, "job": {"title": job.title}})
    };
    merge::merge(&mut request, &additions);
    if let (Some(requester), false) = (&new.requester, new.inline) {
        merge::merge(&mut request, &json!({"requester": requester}));
    }
    request
}
