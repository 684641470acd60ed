//! The use cases over the in-memory ports. Tests read as sentences of the product's promises.

// Tests may fail loudly.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, unreachable_pub)]

mod connecting;
mod crashes;
mod dependencies;
mod ending;
mod erasing;
mod inviting;
mod listing;
mod looking;
mod meanwhile;
mod operating;
mod ordering;
mod publishing;
mod requests;
mod rotating;

use testing::scene;
