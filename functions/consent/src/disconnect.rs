//! The disconnect call. SmartRecruiters declares no authentication for it, so the registered URL carries an unguessable key; a company's
//! bearer token does as well.

use domain::flows::Ports;
use domain::flows::authorise::authorise;
use domain::flows::end::end;
use domain::ids::CompanyId;
use domain::integration::EndCause;
use domain::ports::{Clients, Clock, Integrations, PartnerSecret, ResultQueue, StoreError};
use domain::sensitive::Secret;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use runtime::http::{self, HttpError};

/// `DELETE /integrations/{disconnectKey}/companies/{companyId}`. A wrong key finds nothing.
pub(crate) async fn by_key<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &str,
    company: &str,
) -> Result<Response<Body>, HttpError>
where
    S: Integrations + Clients,
    K: PartnerSecret,
    Q: ResultQueue,
    W: Clock,
{
    if !is_key(ports, &Secret::new(key)).await.map_err(|error| http::failed(&error))? {
        return Err(HttpError::NO_ROUTE);
    }
    // A company that cannot be one was never connected.
    match company.parse() {
        Ok(company) => disconnect(ports, &company).await,
        Err(_) => Ok(http::empty(StatusCode::NO_CONTENT)),
    }
}

/// Whether a disconnect key is valid: by what is remembered or, since it may have been rotated a moment ago, by what is stored.
async fn is_key<S, K: PartnerSecret, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &Secret,
) -> Result<bool, StoreError> {
    let is_known = ports.secrets.partner_keys().await?.disconnect_keys.contains(key);
    Ok(is_known || ports.secrets.partner_keys_now().await?.disconnect_keys.contains(key))
}

/// `DELETE /integrations/companies/{companyId}` with the company's bearer token.
pub(crate) async fn by_token<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    request: &Request,
    company: &str,
) -> Result<Response<Body>, HttpError>
where
    S: Integrations + Clients,
    Q: ResultQueue,
    W: Clock,
{
    let caller = authorise(ports, http::bearer(request)?).await.map_err(|denied| http::denied(&denied))?;
    if caller.integration.company.as_str() != company {
        return Err(HttpError::COMPANY_FOREIGN);
    }
    disconnect(ports, &caller.integration.company).await
}

async fn disconnect<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
) -> Result<Response<Body>, HttpError>
where
    S: Integrations + Clients,
    Q: ResultQueue,
    W: Clock,
{
    end(ports, company, EndCause::Disconnected).await.map_err(|error| http::failed(&error))?;
    Ok(http::empty(StatusCode::NO_CONTENT))
}
