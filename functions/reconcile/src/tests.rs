//! The function over the in-memory ports, with the payloads of `events/reconcile`.

mod erase;
mod rotate;
mod schedule;
mod why;

use serde_json::Value;
use testing::events::Event;
use testing::scene::{MINUTE, Scene};

use crate::handler::{InvocationError, handle};

/// What Lambda answers; four minutes remain.
async fn invoke(scene: &Scene, event: &Event) -> Result<Value, InvocationError> {
    let stop_at = scene.now() + 4 * MINUTE;
    let reply = handle(&scene.ports, &Scene::follow_settings(), event.json(), stop_at).await?;
    Ok(serde_json::to_value(reply).unwrap())
}
