//! The operations, as the port wants them.

use domain::candidate::{Candidate, InvalidCandidate};
use domain::ids::CompanyId;
use domain::order::ResultUrl;
use domain::ports::{Clock, SetUpError, SmartRecruiters, SmartRecruitersError};
use domain::report::OrderReport;
use domain::sensitive::{ClientCredentials, Personal, Secret};
use http::{Method, StatusCode};
use url::Url;

use super::wire::{AttachmentAnswer, CandidateAnswer, Credentials, PackageResult};
use super::{PARTNER, SmartRecruitersClient, answers, multipart, unconfirmed};
use crate::base_url::is_protected;
use crate::fault::{Fault, FaultKind};

impl<C: Clock> SmartRecruiters for SmartRecruitersClient<C> {
    /// A 401 is answered before anything happens, so that the new token's try is no repetition.
    async fn set_up_integration(
        &self,
        master: &ClientCredentials,
        company: &CompanyId,
        ours: &ClientCredentials,
    ) -> Result<ClientCredentials, SetUpError> {
        let path = ["assessment-api", "v202010", "integration", "company", company.as_str()];
        let body = Credentials { client_id: &*ours.client_id, client_secret: ours.client_secret.expose() };
        let ask = self.request("setUpIntegration", Method::POST, self.config.base.endpoint(&path)).with_json(&body);
        let reply = self.authorised(master, ask).await.map_err(SetUpError::SmartRecruiters)?;
        let operation = reply.operation;
        match reply.status {
            // A missing scope has the same status: the two cannot be told apart.
            StatusCode::FORBIDDEN => return Err(SetUpError::NotConsented),
            StatusCode::NOT_FOUND => return Err(SetUpError::NotRegistered),
            StatusCode::CONFLICT => return Err(SetUpError::AlreadyIntegrated),
            _ => {}
        }
        let reply = answers::accept(reply, self.clock.now()).map_err(SetUpError::SmartRecruiters)?;
        let pair = reply.json::<Credentials<String>>();
        match pair {
            Ok(pair) if !pair.client_id.is_empty() && !pair.client_secret.is_empty() => {
                Ok(ClientCredentials { client_id: pair.client_id, client_secret: Secret::new(pair.client_secret) })
            }
            _ => Err(SetUpError::SmartRecruiters(answers::broken(Fault::body(operation)))),
        }
    }

    async fn publish(
        &self,
        credentials: &ClientCredentials,
        url: &ResultUrl,
        report: &OrderReport,
    ) -> Result<(), SmartRecruitersError> {
        let url = self.checked("patchResults", url)?;
        let ask = self.request("patchResults", Method::PATCH, url).with_json(&PackageResult::from(report));
        let reply = self.authorised(credentials, ask).await?;
        answers::accept(reply, self.clock.now()).map(drop)
    }

    async fn attach(
        &self,
        credentials: &ClientCredentials,
        url: &ResultUrl,
        pdf: Vec<u8>,
    ) -> Result<Url, SmartRecruitersError> {
        let operation = "addAttachment";
        let order = url.order().to_string();
        let published = || {
            let path = ["assessment-api", "v202010", "orders", &order, "results", "attachment"];
            self.config.base.endpoint(&path)
        };
        let place = unconfirmed::attachment_url(&self.checked(operation, url)?).unwrap_or_else(published);
        let mut ask = self.request(operation, Method::POST, place);
        ask.limits.timeout = self.config.upload_timeout;
        let _slot = self.report_slot.take(operation, self.config.timeout).await.map_err(answers::broken)?;
        ask.body = Some(multipart::pdf(&pdf));
        drop(pdf);
        let reply = self.authorised(credentials, ask).await?;
        let answer: AttachmentAnswer = answers::accept(reply, self.clock.now())?.json().map_err(answers::broken)?;
        let stored = Url::parse(&answer.url).ok().filter(is_protected);
        stored.ok_or_else(|| answers::broken(Fault::body(operation)))
    }

    async fn candidate(
        &self,
        credentials: &ClientCredentials,
        id: &Personal<String>,
    ) -> Result<Candidate, SmartRecruitersError> {
        let id = id.reveal();
        // Dots alone are no segment of a path, and an empty one would ask for all.
        if id.bytes().all(|byte| byte == b'.') {
            return Err(SmartRecruitersError::NotFound);
        }
        let ask = self.request("getCandidate", Method::GET, self.config.base.endpoint(&["candidates", id]));
        let reply = answers::accept(self.authorised(credentials, ask).await?, self.clock.now())?;
        let answer: CandidateAnswer = reply.json().map_err(answers::broken)?;
        read(id, &answer).map_err(|_| answers::broken(Fault::body(reply.operation)))
    }
}

/// An address that cannot be one counts as none, and names that cannot be ones are left out.
fn read(id: &str, answer: &CandidateAnswer) -> Result<Candidate, InvalidCandidate> {
    let id = answer.id.as_deref().unwrap_or(id);
    let email = answer.email.as_deref();
    let (first, last) = (answer.first_name.as_deref(), answer.last_name.as_deref());
    Candidate::parse(Some(id), email, first, last).or_else(|invalid| match invalid {
        InvalidCandidate::Email => Candidate::parse(Some(id), None, first, last),
        InvalidCandidate::TooLong => Candidate::parse(Some(id), email, None, None),
        InvalidCandidate::Nobody => Err(invalid),
    })
}

impl<C> SmartRecruitersClient<C> {
    /// The URL in the form in which it is sent, which is the one that is checked: before any token is asked for, so that none goes to
    /// a host that is not, or no longer, SmartRecruiters', whatever was stored.
    fn checked(&self, operation: &'static str, stored: &ResultUrl) -> Result<Url, SmartRecruitersError> {
        let mut url = self.config.hosts.check(stored.as_str()).map_err(|reason| {
            tracing::warn!(event = "partner.not_called", partner = PARTNER, operation, order = %stored.order(), %reason);
            answers::broken(Fault { operation, kind: FaultKind::ResultUrl(reason) })
        })?;
        url.set_fragment(None);
        Ok(url)
    }
}
