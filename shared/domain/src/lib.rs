//! The product's rules: types, states, use cases and ports. Knows no AWS, no HTTP and no Lambda.
//!
//! * Entities: [`integration`], [`assessment`], [`order`], [`invitation`]; what travels between them: [`candidate`],
//!   [`outcome`], [`report`].
//! * Use cases: [`flows`], one module each.
//! * What they need of the world: [`ports`].

pub mod access_token;
pub mod assessment;
pub mod candidate;
pub mod candidate_page;
pub mod crypto;
pub mod flows;
pub mod form_token;
pub mod hosts;
pub mod ids;
pub mod integration;
pub mod invitation;
pub mod order;
pub mod outcome;
pub mod pace;
pub mod ports;
pub mod record;
pub mod registration;
pub mod report;
pub mod retry;
pub mod sensitive;
pub mod timestamp;
pub mod tries;
pub mod webhook;
