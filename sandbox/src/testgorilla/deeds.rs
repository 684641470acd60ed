//! What people do that the product is told of by a callback.

use serde::Serialize;

use super::TestGorilla;
use super::account;
use super::candidature::{self, Answers, Candidature};
use super::events::{self, Delivery};
use crate::control::ActionError;
use crate::webhook::Sending;

/// What a candidate has done, and how the callback about it went.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Told {
    /// The candidature afterwards.
    candidature: Candidature,
    /// Every attempt.
    callbacks: Vec<Delivery>,
}

/// A user disables the integration. The callback is sent as usual, or as `sending` says.
///
/// # Errors
/// As [`account::disable_integration`] and [`events::send`].
pub(crate) async fn disable_integration(
    testgorilla: &TestGorilla,
    account: &str,
    user: &str,
    sending: Option<Sending>,
) -> Result<Vec<Delivery>, ActionError> {
    let key = account::disable_integration(&mut testgorilla.state(), account, user)?;
    events::send(testgorilla, events::disabled_event(&key).to_string().as_bytes(), sending).await
}

/// The candidate begins. The callback is sent as usual, or as `sending` says.
///
/// # Errors
/// As [`candidature::start`] and [`events::send`].
pub(crate) async fn start(testgorilla: &TestGorilla, id: u64, sending: Option<Sending>) -> Result<Told, ActionError> {
    let candidature = candidature::start(&mut testgorilla.state(), id)?;
    tell(testgorilla, "candidature.started", candidature, sending).await
}

/// The candidate answers and finishes. The callback is sent as usual, or as `sending` says.
///
/// # Errors
/// As [`candidature::complete`] and [`events::send`].
pub(crate) async fn complete(
    testgorilla: &TestGorilla,
    id: u64,
    answers: Answers,
    sending: Option<Sending>,
) -> Result<Told, ActionError> {
    let candidature = candidature::complete(&mut testgorilla.state(), id, answers)?;
    tell(testgorilla, "candidature.completed", candidature, sending).await
}

async fn tell(
    testgorilla: &TestGorilla,
    kind: &str,
    candidature: Candidature,
    sending: Option<Sending>,
) -> Result<Told, ActionError> {
    let body = events::candidature_event(kind, &candidature).to_string();
    let callbacks = events::send(testgorilla, body.as_bytes(), sending).await?;
    Ok(Told { candidature, callbacks })
}
