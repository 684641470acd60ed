//! The function over the in-memory ports, with the payloads of `events/assessments`.

mod listing;
mod package;
mod refused;

use lambda_http::{Body, Response, request};
use testing::events::Event;
use testing::scene::{MINUTE, Scene};

use crate::handler::handle;

async fn call(scene: &Scene, event: &Event) -> Response<Body> {
    handle(&scene.ports, MINUTE, &request::from_str(&event.text()).unwrap()).await
}

async fn ask(scene: &Scene, name: &str) -> Response<Body> {
    call(scene, &scene.event("assessments", name).await).await
}
