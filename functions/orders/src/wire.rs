//! SmartRecruiters' order requests (`AssessmentPackageOrderRequest` and `InlineAssessmentPackageOrderRequest`). Unknown properties
//! are ignored. Of the required ones, those that the product does not use (`job`, `jobId`) may be absent: SmartRecruiters has
//! deprecated one of them, and an order is worth more than a property.

use domain::candidate::Candidate;
use domain::flows::order::OrderRequest;
use domain::hosts::AllowedHosts;
use domain::ids::CompanyId;
use domain::order::{InvalidResultUrl, OrderKind, ResultUrl};
use lambda_http::http::StatusCode;
use runtime::http::HttpError;
use serde_json::Value;

/// Reads an order. `company` is whom the token names.
pub(crate) fn parse(
    body: &[u8],
    kind: OrderKind,
    company: &CompanyId,
    hosts: &AllowedHosts,
) -> Result<OrderRequest, HttpError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| malformed("The body is not JSON.".into()))?;
    if !body.is_object() {
        return Err(malformed("The body is not a JSON object.".into()));
    }
    if required(&body, "companyId")? != company.as_str() {
        return Err(HttpError::COMPANY_FOREIGN);
    }
    let package = required(&body, "assessmentPackageId")?;
    let candidate = candidate(&body)?;
    let result_url =
        ResultUrl::parse(required(&body, "resultCallbackURL")?, hosts).map_err(|error| result_url(&error))?;
    if kind == OrderKind::Inline {
        // Asked for by the contract; TestGorilla takes no such address, so the candidate's browser stays with TestGorilla.
        required(&body, "completedAssessmentCallbackUrl")?;
        if candidate.email.is_none() {
            return Err(malformed("candidate.email is missing.".into()));
        }
    }
    let assessment = package.parse().map_err(|_| HttpError::PACKAGE_UNKNOWN)?;
    Ok(OrderRequest { assessment, candidate, result_url, kind })
}

fn candidate(body: &Value) -> Result<Candidate, HttpError> {
    let candidate = match body.get("candidate") {
        Some(candidate @ Value::Object(_)) => candidate,
        Some(_) => return Err(malformed("candidate is not an object.".into())),
        None => return Err(malformed("candidate is missing.".into())),
    };
    let text = |name| optional(candidate, name).map_err(|()| malformed(format!("candidate.{name} is not a text.")));
    let invalid = HttpError::new(StatusCode::BAD_REQUEST, "candidate_invalid", "");
    Candidate::parse(text("id")?, text("email")?, text("firstName")?, text("lastName")?)
        .map_err(|error| invalid.because(format!("In the order, {error}.")))
}

fn required<'a>(body: &'a Value, name: &str) -> Result<&'a str, HttpError> {
    match optional(body, name) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(malformed(format!("{name} is missing."))),
        Err(()) => Err(malformed(format!("{name} is not a text."))),
    }
}

/// A text property; `null` counts as absent.
fn optional<'a>(body: &'a Value, name: &str) -> Result<Option<&'a str>, ()> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(()),
    }
}

fn malformed(message: String) -> HttpError {
    HttpError::new(StatusCode::BAD_REQUEST, "request_malformed", "").because(message)
}

fn result_url(error: &InvalidResultUrl) -> HttpError {
    match error {
        InvalidResultUrl::Forbidden(_) => HttpError::new(
            StatusCode::BAD_REQUEST,
            "result_url_forbidden",
            "resultCallbackURL is not an https address of SmartRecruiters.",
        ),
        InvalidResultUrl::NoOrderId => HttpError::new(
            StatusCode::BAD_REQUEST,
            "result_url_without_order",
            "resultCallbackURL has no order id (uuid) in its path.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ORDER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    fn order() -> Value {
        json!({
            "assessmentPackageId": "439706",
            "candidate": {"id": "c-1", "email": "juno@example.com", "firstName": "Juno", "lastName": "Example"},
            "job": {"id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
            "jobId": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "companyId": "acme-example",
            "resultCallbackURL": format!("https://api.smartrecruiters.com/assessment-api/v202010/orders/{ORDER}/results"),
            "completedAssessmentCallbackUrl": "https://jobs.smartrecruiters.com/done",
            "shoeSize": 43
        })
    }

    fn read(body: &Value, kind: OrderKind) -> Result<OrderRequest, HttpError> {
        let hosts = "smartrecruiters.com,*.smartrecruiters.com".parse().unwrap();
        parse(&serde_json::to_vec(body).unwrap(), kind, &"acme-example".parse().unwrap(), &hosts)
    }

    #[test]
    fn an_order_is_read_and_what_is_unknown_is_ignored() {
        let request = read(&order(), OrderKind::Package).unwrap();
        assert_eq!(request.assessment.0, 439_706);
        assert_eq!(request.result_url.order().to_string(), ORDER);
        assert_eq!(request.candidate.email.unwrap().reveal(), "juno@example.com");
    }

    #[test]
    fn each_property_that_is_needed_is_named_when_it_is_missing_or_of_another_type() {
        for name in ["assessmentPackageId", "companyId", "resultCallbackURL", "candidate"] {
            let mut missing = order();
            missing.as_object_mut().unwrap().remove(name);
            let error = read(&missing, OrderKind::Package).unwrap_err();
            assert_eq!(
                (error.code, error.message.as_ref()),
                ("request_malformed", format!("{name} is missing.").as_str())
            );
            let mut wrong = order();
            wrong[name] = json!(7);
            assert_eq!(read(&wrong, OrderKind::Package).unwrap_err().code, "request_malformed");
        }
        for name in ["job", "jobId", "completedAssessmentCallbackUrl"] {
            let mut missing = order();
            missing.as_object_mut().unwrap().remove(name);
            assert!(read(&missing, OrderKind::Package).is_ok(), "{name}");
        }
        let mut missing = order();
        missing.as_object_mut().unwrap().remove("completedAssessmentCallbackUrl");
        assert_eq!(read(&missing, OrderKind::Inline).unwrap_err().code, "request_malformed");
    }

    #[test]
    fn another_company_is_foreign() {
        let mut foreign = order();
        foreign["companyId"] = json!("other-example");
        assert_eq!(read(&foreign, OrderKind::Package).unwrap_err(), HttpError::COMPANY_FOREIGN);
    }

    #[test]
    fn results_go_to_smartrecruiters_alone() {
        for url in [
            format!("https://smartrecruiters.com@evil.example/orders/{ORDER}/results"),
            format!("https://smartrecruiters.com.evil.example/orders/{ORDER}/results"),
            format!("https://api.smartrecruiters.com:8443/orders/{ORDER}/results"),
            format!("http://api.smartrecruiters.com/orders/{ORDER}/results"),
        ] {
            let mut foreign = order();
            foreign["resultCallbackURL"] = json!(url);
            assert_eq!(read(&foreign, OrderKind::Package).unwrap_err().code, "result_url_forbidden", "{url}");
        }
    }

    #[test]
    fn a_package_that_is_no_number_is_unknown() {
        let mut unknown = order();
        unknown["assessmentPackageId"] = json!("../1");
        assert_eq!(read(&unknown, OrderKind::Package).unwrap_err(), HttpError::PACKAGE_UNKNOWN);
    }
}
