//! Both clients against real servers on this machine: what they send, and how they read what comes back.

// A test that cannot go on says so by panicking, helpers included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod any_answer;
mod discretion;
mod smartrecruiters_answers;
mod smartrecruiters_bodies;
mod smartrecruiters_configuration;
mod smartrecruiters_tokens;
mod support;
mod testgorilla_answers;
mod testgorilla_invitations;
mod testgorilla_limits;
mod testgorilla_reading;
mod trouble;
