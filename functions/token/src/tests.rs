//! The function over the in-memory ports, with the payloads of `events/token`.

use domain::flows::authorise::authorise;
use insta::assert_snapshot;
use lambda_http::{Body, Response, request};
use proptest::prelude::*;
use testing::events::Event;
use testing::faults::{Fault, Op};
use testing::http::{error_code, json, shown};
use testing::scene::Scene;

use crate::handler::handle;

async fn call(scene: &Scene, event: &Event) -> Response<Body> {
    handle(&scene.ports, &request::from_str(&event.text()).unwrap()).await
}

async fn ask(scene: &Scene, name: &str) -> Response<Body> {
    call(scene, &scene.event("token", name).await).await
}

/// An error of RFC 6749 section 5.2; says which.
fn refusal(reply: &Response<Body>) -> String {
    assert_eq!(reply.headers()["content-type"], "application/json");
    assert_eq!(
        (&reply.headers()["cache-control"], &reply.headers()["pragma"]),
        (&"no-store".parse().unwrap(), &"no-cache".parse().unwrap())
    );
    let body = json(reply);
    let (error, description) = (body["error"].as_str().unwrap(), body["error_description"].as_str().unwrap());
    assert_eq!(body, serde_json::json!({"error": error, "error_description": description}));
    assert_eq!(reply.status() == 401, reply.headers().contains_key("www-authenticate"));
    error.to_owned()
}

#[tokio::test]
async fn a_client_gets_a_token_that_lets_its_company_in() {
    for name in ["good", "basic"] {
        let scene = Scene::connected().await;
        let reply = ask(&scene, name).await;
        let body = json(&reply);
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(authorise(&scene.ports, token).await.unwrap().integration.company, scene.company);
        assert_snapshot!("token", shown(&reply).replace(token, "[token]"));
    }
}

#[tokio::test]
async fn a_token_costs_one_read() {
    let scene = Scene::connected().await;
    let event = scene.event("token", "good").await;
    scene.fakes.faults.forget_calls();
    call(&scene, &event).await;
    assert_eq!(scene.fakes.faults.calls(), [Op::Client], "the secret is remembered");
}

#[tokio::test]
async fn a_request_may_come_in_base64_with_headers_in_any_case_and_a_slash_at_the_end() {
    let scene = Scene::connected().await;
    for name in ["good", "basic"] {
        let event = scene.event("token", name).await;
        for variant in [
            event.clone().in_base64(),
            event.clone().rename_headers(str::to_uppercase),
            event.clone().header("content-type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"),
            event.clone().path("/oauth/token/"),
            event.clone().path("/%6Fauth/token"),
        ] {
            assert_eq!(call(&scene, &variant).await.status(), 200, "{variant:?}");
        }
    }
}

#[tokio::test]
async fn each_refusal_has_the_error_of_the_rfc() {
    let scene = Scene::connected().await;
    let good = scene.event("token", "good").await;
    let form = good.body_text().to_owned();
    let basic = scene.event("token", "basic").await;
    let credential = basic.header_text("authorization").to_owned();
    let cases = [
        ("wrong-secret", scene.event("token", "wrong-secret").await),
        ("no-grant-type", scene.event("token", "no-grant-type").await),
        ("wrong secret by HTTP Basic", basic.header("authorization", "Basic YTpi")),
        ("another grant", good.clone().body(form.replace("client_credentials", "password"))),
        ("no client", good.clone().body("grant_type=client_credentials&client_secret=x")),
        ("no secret", good.clone().body("grant_type=client_credentials&client_id=x")),
        ("a parameter twice", good.clone().body(format!("{form}&client_id=x"))),
        ("authenticated twice", good.clone().header("authorization", &credential)),
        ("JSON", good.header("content-type", "application/json").body(r#"{"grant_type":"client_credentials"}"#)),
    ];
    let mut answers = String::new();
    for (what, event) in cases {
        let reply = call(&scene, &event).await;
        refusal(&reply);
        answers += &format!("--- {what}\n{}\n\n", shown(&reply));
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn the_payloads_as_they_are_get_no_token() {
    let scene = Scene::connected().await;
    let answers = testing::events::names("token").into_iter().map(async |name| {
        let reply = call(&scene, &Event::load("token", &name)).await;
        (name, reply.status().as_u16(), refusal(&reply))
    });
    let mut seen = vec![];
    for answer in answers {
        seen.push(answer.await);
    }
    let seen: Vec<_> = seen.iter().map(|(name, status, error)| (name.as_str(), *status, error.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("basic", 401, "invalid_client"),
            ("good", 400, "invalid_client"),
            ("no-grant-type", 400, "invalid_request"),
            ("wrong-secret", 400, "invalid_client"),
        ]
    );
}

#[tokio::test]
async fn unknown_clients_and_wrong_secrets_are_answered_alike() {
    let scene = Scene::connected().await;
    let wrong = shown(&ask(&scene, "wrong-secret").await);
    let good = scene.event("token", "good").await;
    for (id, secret) in
        [("0".repeat(32), "x".to_owned()), ("no-id".into(), "x".into()), ("%FF".into(), "x".repeat(300))]
    {
        let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        assert_eq!(shown(&call(&scene, &good.clone().body(body)).await), wrong);
    }
}

#[tokio::test]
async fn a_client_whose_integration_has_ended_gets_no_token() {
    let scene = Scene::connected().await;
    let good = scene.event("token", "good").await;
    scene.disconnect().await;
    assert_eq!(refusal(&call(&scene, &good).await), "invalid_client");
}

#[tokio::test]
async fn anothers_secret_opens_nothing() {
    let scene = Scene::connected().await;
    let other = scene.another().await;
    let good = scene.event("token", "good").await;
    let (ours, theirs) = (scene.our_pair(), other.our_pair());
    let mixed = good.body_text().replace(ours.client_secret.expose(), theirs.client_secret.expose());
    assert_eq!(refusal(&call(&scene, &good.clone().body(mixed)).await), "invalid_client");
}

#[tokio::test]
async fn a_body_over_256_kib_is_too_large() {
    let scene = Scene::connected().await;
    let good = scene.event("token", "good").await;
    let large = good.body_text().to_owned() + "&x=" + &"x".repeat(256 * 1024);
    let reply = call(&scene, &good.body(large)).await;
    assert_eq!((reply.status().as_u16(), error_code(&reply).as_str()), (413, "body_too_large"));
}

#[tokio::test]
async fn trouble_of_ours_is_said_without_internals() {
    for (op, fault, status) in [
        (Op::Client, Fault::Before, 503),
        (Op::Client, Fault::Broken, 500),
        (Op::CompanySecret, Fault::Before, 503),
        (Op::CompanySecret, Fault::Broken, 500),
    ] {
        let scene = Scene::connected().await;
        let event = scene.event("token", "good").await;
        scene.fakes.clock().advance(testing::secrets::REMEMBERED);
        scene.fakes.faults.always(op, fault);
        let reply = call(&scene, &event).await;
        error_code(&reply);
        assert_eq!(reply.status(), status, "{op:?} {fault:?}");
    }
}

#[tokio::test]
async fn there_is_nothing_at_other_paths_or_by_other_methods() {
    let scene = Scene::connected().await;
    let event = scene.event("token", "good").await;
    for other in [event.clone().method("GET"), event.clone().path("/oauth"), event.path("/oauth/token/x")] {
        assert_eq!(error_code(&call(&scene, &other).await), "no_route");
    }
}

/// The statuses of the next requests, and the last answer.
async fn repeat(scene: &Scene, event: &Event, times: usize) -> (Vec<u16>, Response<Body>) {
    let mut statuses = vec![];
    for _ in 1..times {
        statuses.push(call(scene, event).await.status().as_u16());
    }
    let last = call(scene, event).await;
    statuses.push(last.status().as_u16());
    (statuses, last)
}

#[tokio::test]
async fn wrong_secrets_for_one_client_are_throttled_and_the_right_one_is_still_taken() {
    let scene = Scene::connected().await;
    let wrong = scene.event("token", "wrong-secret").await;
    let (statuses, last) = repeat(&scene, &wrong, 21).await;
    assert_eq!(statuses, [vec![400; 20], vec![429]].concat());
    assert_snapshot!("throttled", shown(&last));
    // From wherever they come.
    assert_eq!(call(&scene, &wrong.clone().from_address("198.51.100.7")).await.status(), 429);
    assert_eq!(ask(&scene, "good").await.status(), 200);
    scene.fakes.clock().advance(domain::tries::WINDOW);
    assert_eq!(call(&scene, &wrong).await.status(), 400);
}

#[tokio::test]
async fn wrong_pairs_from_one_place_are_throttled_whatever_their_client() {
    let scene = Scene::connected().await;
    let form = |client: usize| format!("grant_type=client_credentials&client_id={client:032x}&client_secret=wrong");
    let event = scene.event("token", "good").await;
    for client in 0..100 {
        assert_eq!(call(&scene, &event.clone().body(form(client))).await.status(), 400);
    }
    let one_more = event.body(form(100));
    assert_eq!(call(&scene, &one_more).await.status(), 429);
    assert_eq!(call(&scene, &one_more.clone().from_address("198.51.100.7")).await.status(), 400);
    // A client that does not exist is not counted by its name: nobody fills the table with made up ones.
    assert_eq!(scene.fakes.store.counts_of_tries(), 2);
    assert_eq!(ask(&scene, "good").await.status(), 200);
}

#[tokio::test]
async fn what_a_caller_says_of_its_address_is_not_believed() {
    let scene = Scene::connected().await;
    let wrong = scene.event("token", "wrong-secret").await;
    for name in ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip"] {
        call(&scene, &wrong.clone().header(name, "203.0.113.9")).await;
    }
    assert_eq!(scene.fakes.store.counts_of_tries(), 2, "one client, one place");
}

#[tokio::test]
async fn a_wrong_pair_that_cannot_be_counted_gets_no_token_either() {
    let scene = Scene::connected().await;
    scene.fakes.faults.always(Op::CountTry, Fault::Before);
    assert_eq!(ask(&scene, "wrong-secret").await.status(), 503);
    assert_eq!(ask(&scene, "good").await.status(), 200);
}

/// A form's parameter, or something like it.
fn any_parameter() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        prop::sample::select(vec!["grant_type", "client_id", "client_secret", "scope"]).prop_map(str::to_owned),
        "[\\PC]{0,8}"
    ];
    let value =
        prop_oneof![Just("client_credentials".to_owned()), "[0-9a-f]{32}", ".{0,40}", "(%[0-9a-fA-F]{0,2}){0,8}"];
    (name, value).prop_map(|(name, value)| format!("{name}={value}"))
}

proptest! {
    /// Whatever is sent, the answer is an error of RFC 6749, and repeats nothing of it.
    #[test]
    fn any_request_without_a_known_pair_is_refused(
        body in prop_oneof![prop::collection::vec(any_parameter(), 0..6).prop_map(|all| all.join("&")), ".{0,200}"],
        authorization in prop::option::of(prop_oneof!["Basic [A-Za-z0-9+/=]{0,60}", "[ -~]{0,60}"]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let scene = Scene::connected().await;
            let mut event = scene.event("token", "good").await.body(body);
            if let Some(authorization) = authorization {
                event = event.header("authorization", &authorization);
            }
            let error = refusal(&call(&scene, &event).await);
            assert!(["invalid_request", "invalid_client", "unsupported_grant_type"].contains(&error.as_str()), "{error}");
        });
    }
}
