//! The adapters keep what the ports promise, against MiniStack: each test builds a table, queues or a prefix of its own, so that
//! tests and runs do not disturb each other.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests may fail at once, too"
)]

mod contract;
mod refused;
mod restore;
mod setup;
mod stack_secrets;
