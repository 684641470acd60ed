//! The function over the in-memory ports, with the payloads of `events/callbacks`.

mod disbelieved;
mod taken;

use lambda_http::{Body, Response, request};
use testing::events::Event;
use testing::scene::Scene;

use crate::handler::handle;

async fn call(scene: &Scene, event: &Event) -> Response<Body> {
    handle(&scene.ports, &request::from_str(&event.text()).unwrap()).await
}

async fn send(scene: &Scene, name: &str) -> Response<Body> {
    call(scene, &scene.event("callbacks", name).await).await
}

/// A connected company whose candidate was invited; no message waits.
async fn invited() -> Scene {
    let scene = Scene::connected().await;
    scene.order().await;
    scene.invited().await;
    scene.fakes.queues.lose_all();
    scene
}
