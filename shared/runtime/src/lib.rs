//! What every binary shares.

pub mod transport;
