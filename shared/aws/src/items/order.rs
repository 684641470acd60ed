use domain::ids::{AssessmentId, CandidateKey, InvitationKey};
use domain::order::{Order, Published, Report, ResultUrl};
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Entity, Key, base64_bytes, codes, is_zero};

/// An order.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    result_url: String,
    assessment: AssessmentId,
    candidate: CandidateKey,
    kind: String,
    accepted_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<PublishedBody>,
    /// `missing`, `attached` or `without`.
    report: String,
    #[serde(default)]
    report_failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    report_url: Option<Url>,
    #[serde(default, skip_serializing_if = "is_zero")]
    unknown_answers: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_until: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct PublishedBody {
    status: String,
    scored: bool,
    #[serde(with = "base64_bytes")]
    digest: [u8; 32],
    at: Timestamp,
}

fn read_report(body: &Body) -> Option<Report> {
    match body.report.as_str() {
        "missing" => Some(Report::Missing { failures: body.report_failures }),
        "attached" => body.report_url.clone().map(Report::Attached),
        "without" => Some(Report::Without),
        _ => None,
    }
}

fn read_published(body: &PublishedBody) -> Option<Published> {
    let status = codes::order_status::read(&body.status)?;
    Some(Published { status, scored: body.scored, digest: body.digest, at: body.at })
}

impl Entity for Order {
    type Body = Body;

    fn key(&self) -> Key {
        Key::order(&self.invitation.company, self.id())
    }

    fn version(&self) -> Option<u64> {
        Some(self.version)
    }

    fn body(&self) -> Body {
        let (report, report_failures, report_url) = match &self.report {
            Report::Missing { failures } => ("missing", *failures, None),
            Report::Attached(url) => ("attached", 0, Some(url.clone())),
            Report::Without => ("without", 0, None),
        };
        Body {
            result_url: self.result_url.as_str().to_owned(),
            assessment: self.invitation.assessment,
            candidate: self.invitation.candidate.clone(),
            kind: codes::order_kind::word(self.kind),
            accepted_at: self.accepted_at,
            published: self.published.as_ref().map(|published| PublishedBody {
                status: codes::order_status::word(published.status),
                scored: published.scored,
                digest: published.digest,
                at: published.at,
            }),
            report: report.to_owned(),
            report_failures,
            report_url,
            unknown_answers: self.unknown_answers,
            closed: self.closed.map(codes::closed::word),
            claimed_until: self.claimed_until,
        }
    }

    fn read(key: &Key, version: u64, body: Body) -> Option<Self> {
        Some(Self {
            report: read_report(&body)?,
            published: match &body.published {
                Some(published) => Some(read_published(published)?),
                None => None,
            },
            closed: match &body.closed {
                Some(closed) => Some(codes::closed::read(closed)?),
                None => None,
            },
            result_url: ResultUrl::stored(body.result_url, key.order_id()?),
            invitation: InvitationKey {
                company: key.company()?,
                assessment: body.assessment,
                candidate: body.candidate,
            },
            kind: codes::order_kind::read(&body.kind)?,
            accepted_at: body.accepted_at,
            unknown_answers: body.unknown_answers,
            claimed_until: body.claimed_until,
            version,
        })
    }
}
