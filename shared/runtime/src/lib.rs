//! What every binary shares: configuration, logs, metrics and traces, the system's clock, the one HTTP and TLS stack, HTTP answers, and batches of messages.

pub mod batch;
pub mod config;
mod gateway;
pub mod http;
pub mod system;
pub mod telemetry;
pub mod trace;
pub mod transport;
