//! The hot paths, one a name, for callgrind: `instructions <name>` walks the path [`TIMES`] times. Only what happens within
//! [`counted`] is counted.
//!
//! Orders are read and packages are written by the functions' own modules, which are taken from there as they are.

#[path = "../../../functions/orders/src/wire.rs"]
mod order;
#[path = "../../../functions/assessments/src/wire.rs"]
#[allow(dead_code)]
mod package;

use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::access_token::{self, Presented};
use domain::assessment::{Assessment, AssessmentDetails, AssessmentStatus, AssessmentSummary, Test};
use domain::hosts::AllowedHosts;
use domain::ids::{AssessmentId, ClientId, CompanyId};
use domain::order::OrderKind;
use domain::ports::{TokenKeySeed, WebhookKey};
use domain::timestamp::Timestamp;
use domain::webhook::{self, Headers};
use lambda_http::request::LambdaRequest;
use serde_json::json;

/// Large enough that a single allocation more or less is no percent.
const TIMES: usize = 50;
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const COMPANY: &str = "acme-example";

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    match std::env::args().nth(1).as_deref() {
        Some("token-verification") => token_verification(),
        Some("order-parsing") => order_parsing(),
        Some("listing-json") => listing_json(),
        Some("callback-signature") => callback_signature(),
        Some("event-reading") => event_reading(),
        _ => Err("name a path".into()),
    }
}

/// What callgrind counts.
#[inline(never)]
fn counted<T>(mut path: impl FnMut() -> T) {
    for _ in 0..TIMES {
        black_box(path());
    }
}

/// A bearer token is taken apart and verified.
fn token_verification() -> Result<(), Failure> {
    let (seed, client, company) = (TokenKeySeed([1; 32]), ClientId::from_bytes([1; 16]), COMPANY.parse()?);
    let token = access_token::issue(&seed, &company, &client, NOW)?;
    let keys = [access_token::verifying_key(&seed)?];
    let verify = || Presented::parse(black_box(token.expose())).and_then(|token| token.verify(&keys, &client, NOW));
    verify()?;
    counted(verify);
    Ok(())
}

/// An order's body is read and checked, and its candidate's key made.
fn order_parsing() -> Result<(), Failure> {
    let event: serde_json::Value = serde_json::from_str(include_str!("../../../events/orders/good.json"))?;
    let body = event.get("body").and_then(|body| body.as_str()).ok_or("no body")?;
    let body = body
        .replace("${PACKAGE}", "439706")
        .replace("${COMPANY}", COMPANY)
        .replace("${SMARTRECRUITERS_URL}", "https://api.smartrecruiters.com");
    let hosts: AllowedHosts = "smartrecruiters.com,*.smartrecruiters.com".parse()?;
    let company: CompanyId = COMPANY.parse()?;
    let read = || order::parse(black_box(body.as_bytes()), OrderKind::Package, &company, &hosts);
    let key = |salt: &[u8; 16]| read().map(|order| order.candidate.key(salt));
    key(&[7; 16]).map_err(|error| error.code)?;
    counted(|| key(&[7; 16]));
    Ok(())
}

/// Twenty assessments of three tests become SmartRecruiters' packages.
fn listing_json() -> Result<(), Failure> {
    let test = |id| Test { id, name: format!("Test of skill {id}"), duration_seconds: Some(600) };
    let assessment = |id| Assessment {
        summary: AssessmentSummary {
            id: AssessmentId(id),
            name: format!("Backend engineer, level {id}"),
            status: AssessmentStatus::Active,
            created_at: NOW,
            modified_at: NOW,
            is_empty: false,
        },
        details: Some(AssessmentDetails { tests: (0..3).map(test).collect(), expires_at: None, is_archived: false }),
        is_gone: false,
    };
    let offered: Vec<Assessment> = (439_700..439_720).map(assessment).collect();
    let write = || {
        let packages: Vec<package::Package> = black_box(&offered).iter().map(package::Package::from).collect();
        serde_json::to_string(&packages)
    };
    write()?;
    counted(write);
    Ok(())
}

/// A callback's signature is verified.
fn callback_signature() -> Result<(), Failure> {
    let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
    let body = json!({"type": "candidature.started", "timestamp": "2026-01-05T09:12:00Z",
                      "data": {"candidature_id": 2_757_222, "assessment_id": 439_706, "testtaker_id": 1_804_403}})
    .to_string();
    let timestamp = NOW.as_seconds().to_string();
    let signed = format!("msg_1.{timestamp}.{body}");
    let signature = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key), signed.as_bytes());
    let signature = format!("v1,{}", STANDARD.encode(signature));
    let headers = Headers { id: "msg_1", timestamp: &timestamp, signature: &signature };
    let keys = [WebhookKey(key)];
    let verify = || webhook::verify(headers, black_box(body.as_bytes()), &keys, NOW + Duration::from_secs(1));
    verify()?;
    counted(verify);
    Ok(())
}

/// An event of the HTTP API becomes a request, as the runtime does it.
fn event_reading() -> Result<(), Failure> {
    let event = include_str!("../../../events/orders/good.json");
    let read = || serde_json::from_str::<LambdaRequest>(black_box(event)).map(lambda_http::Request::from);
    read()?;
    counted(read);
    Ok(())
}
