//! The function over the in-memory ports, with the payloads of `events/orders`.

mod accepted;
mod inline;
mod refused;

use lambda_http::{Body, Response, request};
use testing::events::Event;
use testing::scene::{DELAY, Scene};

use crate::handler::{Settings, handle};

/// SmartRecruiters calls the function.
async fn call(scene: &Scene, event: &Event) -> Response<Body> {
    let hosts = "smartrecruiters.com,*.smartrecruiters.com".parse().unwrap();
    let settings = Settings { hosts, invitation_delay: DELAY };
    handle(&scene.ports, &settings, &request::from_str(&event.text()).unwrap()).await
}

/// SmartRecruiters calls with a payload of `events/orders`.
async fn order(scene: &Scene, name: &str) -> Response<Body> {
    call(scene, &scene.event("orders", name).await).await
}

/// Neither an order nor a message.
fn assert_nothing_is_ordered(scene: &Scene) {
    assert!(scene.fakes.store.orders().is_empty() && scene.fakes.store.invitations().is_empty());
    assert!(scene.fakes.queues.waiting().is_empty());
    assert_eq!(scene.fakes.testgorilla.candidatures(), 0);
}
