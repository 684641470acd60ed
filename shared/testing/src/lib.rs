//! What tests share: in-memory ports with faults, fake partners, the cases that every implementation of a port must pass, and the
//! payloads under `events/`. A development dependency only.
//!
//! * [`Fakes`]: everything at once, on one virtual clock; [`Fakes::ports`] is what a use case takes.
//! * [`faults::Faults`]: makes any port call fail, end the process or meet a competitor, and counts the calls.
//! * [`contract`]: the cases of the ports' promises.
//! * [`arbitrary`] and [`samples`]: entities.
//! * [`scene`]: a connected company, and the use cases run by hand.
//! * [`events`]: the payloads of `sam local invoke`; [`http`]: how answers to them are looked at.
//!
//! A crate whose own unit tests use this one is compiled twice, and the two know different types: tests of `domain` that use it
//! lie in `shared/domain/tests`.

// Only tests link this crate: here, too, failing at once is the right thing.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

pub mod arbitrary;
pub mod contract;
pub mod events;
mod fakes;
pub mod faults;
pub mod http;
pub mod queues;
pub mod samples;
pub mod scene;
pub mod secrets;
pub mod smartrecruiters;
pub mod store;
pub mod testgorilla;
pub mod virtual_time;
pub mod world;

pub use fakes::{FakePorts, Fakes};
