//! The product's use cases under a deterministic simulator.
//!
//! One seed decides everything: the world, what people and partners do in it, which process goes on at which moment, and what goes
//! wrong. See the README beside this crate for what is simulated, what is checked and how to run it.

// Only tests and the tool beside them link this crate: failing at once is the right thing.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod calls;
mod drive;
mod events;
mod generate;
pub mod history;
mod judge;
mod kinds;
mod oracle;
mod process;
mod random;
mod show;
mod shrink;
mod sqs;
mod world;

pub use drive::{LATE, Report, SOON, run};
pub use generate::{generate, generate_sparse};
pub use kinds::{Counts, Kind};
pub use oracle::Violation;
pub use show::{describe, replay_command};
pub use shrink::shrink;

/// Events of a history at most, beside the first connections and assessments, unless told otherwise.
pub const EVENTS: usize = 40;
