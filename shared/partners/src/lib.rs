//! Clients of the two partners, behind the domain's ports.
//!
//! * [`TestGorillaClient`] and [`SmartRecruitersClient`]: one of each per process, so that rate limits, access tokens and
//!   connections are shared by all that the process does.
//! * Wire types are apart from the domain's and private. What a partner sends is read tolerantly: unknown properties are ignored,
//!   types may vary where the partners' own do, and an unreadable item of a list is skipped.
//! * Choices that no public source settles are in one module for each partner, `unconfirmed`.
//! * Nothing that a partner sent becomes part of an error or of the log: there are stable codes, statuses and operation names.
//!   Each call leaves one debug event, `partner.call`, and carries the trace that it belongs to (`traceparent`); one that is not made, because of its address, a warning, `partner.not_called`.

mod base_url;
mod call;
mod fault;
mod report_slot;
mod smartrecruiters;
mod testgorilla;
mod waits;

pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use fault::{Fault, FaultKind};
pub use smartrecruiters::{SmartRecruitersClient, SmartRecruitersConfig};
pub use testgorilla::{TestGorillaClient, TestGorillaConfig};
