//! The function over the in-memory ports, with the payloads of `events/consent`.

mod disconnecting;
mod granting;
mod page;
mod refused;
mod throttled;

use lambda_http::{Body, Response, request};
use testing::events::Event;
use testing::http::{shown, text};
use testing::scene::Scene;

use crate::handler::handle;

async fn call(scene: &Scene, event: &Event) -> Response<Body> {
    let hosts = "smartrecruiters.com,*.smartrecruiters.com".parse().unwrap();
    handle(&scene.ports, &hosts, &request::from_str(&event.text()).unwrap()).await
}

async fn open(scene: &Scene, name: &str) -> Response<Body> {
    call(scene, &scene.event("consent", name).await).await
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// The token of the form on a page.
fn form_token(page: &Response<Body>) -> &str {
    between(text(page), "name=\"formToken\" value=\"", "\"").expect("a form")
}

/// The form of a page that was just opened, filled in with the company's key.
async fn form(scene: &Scene) -> Event {
    let page = open(scene, "page").await;
    scene.event("consent", "form").await.fill("FORM_TOKEN", form_token(&page))
}

/// The page at the end of a form that was taken.
async fn follow(scene: &Scene, reply: &Response<Body>) -> Response<Body> {
    assert_eq!(reply.status(), 303);
    let location = reply.headers()["location"].to_str().unwrap();
    let query = location.strip_prefix("integration?").expect("an address beside the form's");
    call(scene, &scene.event("consent", "page").await.query(query)).await
}

/// An answer with a page, without what differs from page to page, and without style and script.
fn page(reply: &Response<Body>) -> String {
    let (html, mut page) = (text(reply), shown(reply));
    for (element, shown) in [("style", "[style]"), ("script", "[script]")] {
        if let Some(content) = between(html, &format!("<{element} nonce="), &format!("</{element}>")) {
            let (_, content) = content.split_once('>').expect("an element");
            page = page.replace(content, shown);
        }
    }
    if let Some(token) = between(html, "name=\"formToken\" value=\"", "\"") {
        page = page.replace(token, "[form token]");
    }
    page.replace(between(html, "nonce=\"", "\"").expect("a nonce"), "[nonce]")
}

/// Status and message of a page, and whether it has a form.
fn told(reply: &Response<Body>) -> String {
    let html = text(reply);
    let title = between(html, "<title>", "</title>").expect("a title");
    let message = between(html, "<div class=\"message", "</div>").expect("a message");
    let message = between(message, "<p>", "</p>").expect("a message");
    let form = if html.contains("name=\"formToken\"") { "with the form" } else { "without a form" };
    format!("{} {title}, {form}\n{message}", reply.status())
}

/// The company is not connected, and nothing of the attempt is left.
fn assert_nothing_is_stored(scene: &Scene) {
    assert!(scene.fakes.secrets.names().is_empty() && scene.fakes.store.clients().is_empty());
    let integration = scene.fakes.store.integration_of(&scene.company);
    assert!(integration.is_none_or(|stored| stored.connection().is_none() && stored.attempt.is_none()));
}
