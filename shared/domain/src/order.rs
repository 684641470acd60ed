//! Orders: what SmartRecruiters asked for, and what it has been told since.

use url::Url;

use crate::hosts::{AllowedHosts, ForbiddenUrl};
use crate::ids::{InvitationKey, OrderId};
use crate::report::Status;
use crate::timestamp::Timestamp;

/// Where the results of an order go: the only identity an order has. Kept exactly as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultUrl {
    text: String,
    order: OrderId,
}

/// Why a result URL is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidResultUrl {
    /// Not an address of SmartRecruiters.
    #[error(transparent)]
    Forbidden(#[from] ForbiddenUrl),
    /// No segment of its path is an order's uuid.
    #[error("no order id in the path")]
    NoOrderId,
}

impl ResultUrl {
    /// Reads `resultCallbackURL`. The last segment of the path that is a uuid is the order's id (the published form is
    /// `…/orders/{orderId}/results`, but unconfirmed).
    ///
    /// # Errors
    /// See [`InvalidResultUrl`].
    pub fn parse(text: &str, hosts: &AllowedHosts) -> Result<Self, InvalidResultUrl> {
        let url = hosts.check(text)?;
        let order = url.path_segments().and_then(|segments| segments.rev().find_map(|segment| segment.parse().ok()));
        let order = order.ok_or(InvalidResultUrl::NoOrderId)?;
        Ok(Self { text: text.to_owned(), order })
    }

    /// A URL as it was stored with its order: it was checked when the order came, and is checked again before it is called.
    pub const fn stored(text: String, order: OrderId) -> Self {
        Self { text, order }
    }

    /// The URL, verbatim.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The order it belongs to.
    pub const fn order(&self) -> OrderId {
        self.order
    }
}

/// How the candidate gets to the assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKind {
    /// By an invitation that TestGorilla mails (`POST /packages/orders`).
    Package,
    /// By a link that SmartRecruiters shows (`POST /packages/inline/orders`); takes no attachment.
    Inline,
}

/// The PDF report of a completed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// Not attached so far, after this many failed tries.
    Missing {
        /// Tries that failed.
        failures: u32,
    },
    /// Stored at SmartRecruiters under this address.
    Attached(Url),
    /// Will not come: an inline order, or too many tries failed.
    Without,
}

/// What SmartRecruiters has been told about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Last status it took.
    pub status: Status,
    /// Whether a score was in it: for whoever looks at the stored item, since of what was told the rest is a digest.
    pub scored: bool,
    /// SHA-256 of what was published: the same again is not sent.
    pub digest: [u8; 32],
    /// As of when: what was read from TestGorilla before does not replace it.
    pub at: Timestamp,
}

/// An accepted order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Where its results go; holds its id.
    pub result_url: ResultUrl,
    /// The invitation it shares; holds its company.
    pub invitation: InvitationKey,
    /// How the candidate gets to the assessment.
    pub kind: OrderKind,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// What was published last; `None` before anything was.
    pub published: Option<Published>,
    /// The PDF report.
    pub report: Report,
    /// How often in a row SmartRecruiters said that it does not know the order.
    pub unknown_answers: u32,
    /// SmartRecruiters takes nothing more for it (the order is unknown there, or the connection has ended).
    pub closed: Option<Closed>,
    /// One publisher at a time: until then nobody else publishes for this order.
    pub claimed_until: Option<Timestamp>,
    /// Counts saves; 0 before the first.
    pub version: u64,
}

/// Why nothing more is published for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// SmartRecruiters still does not know the order (404) a day after it was accepted.
    UnknownOrder,
    /// The company's connection ended and SmartRecruiters no longer takes our credentials.
    IntegrationEnded,
}

impl Order {
    /// A new order.
    pub fn new(result_url: ResultUrl, invitation: InvitationKey, kind: OrderKind, now: Timestamp) -> Self {
        let report = match kind {
            OrderKind::Package => Report::Missing { failures: 0 },
            OrderKind::Inline => Report::Without,
        };
        Self {
            result_url,
            invitation,
            kind,
            accepted_at: now,
            published: None,
            report,
            unknown_answers: 0,
            closed: None,
            claimed_until: None,
            version: 0,
        }
    }

    /// SmartRecruiters' id of it.
    pub const fn id(&self) -> OrderId {
        self.result_url.order()
    }

    /// Whether SmartRecruiters is still to be told its end, or its report is still to come.
    pub fn is_open(&self) -> bool {
        let status = self.published.as_ref().map(|published| published.status);
        let is_told = status.is_some_and(Status::is_final);
        let lacks_report = status == Some(Status::Completed) && matches!(self.report, Report::Missing { .. });
        self.closed.is_none() && (!is_told || lacks_report)
    }

    /// Whether a publisher holds it now.
    pub fn is_claimed(&self, now: Timestamp) -> bool {
        self.claimed_until.is_some_and(|until| until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_id_is_the_uuid_in_the_path() {
        let hosts: AllowedHosts = "*.smartrecruiters.com".parse().unwrap();
        let read = |path: &str| ResultUrl::parse(&format!("https://api.smartrecruiters.com{path}"), &hosts);
        let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let url = read(&format!("/assessment-api/v202010/orders/{id}/results")).unwrap();
        assert_eq!(url.order().to_string(), id);
        let company = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
        let below_another = read(&format!("/companies/{company}/orders/{id}/results")).unwrap();
        assert_eq!(below_another.order().to_string(), id, "the last one");
        assert_eq!(read("/orders/42/results"), Err(InvalidResultUrl::NoOrderId));
        assert_eq!(
            ResultUrl::parse(&format!("https://evil.example/{id}"), &hosts),
            Err(InvalidResultUrl::Forbidden(ForbiddenUrl::Foreign))
        );
    }
}
