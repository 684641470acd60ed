use domain::access_token::LIFETIME;
use domain::ports::KeyRefusal;
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use testing::arbitrary;
use testing::events::Event;
use testing::faults::{Fault, Op};
use testing::http::{error_code, shown};
use testing::scene::{ASSESSMENT, Scene};

use super::{assert_nothing_is_ordered, call, order};

/// A connected company refuses this order; nothing comes of it.
async fn refused(change: impl FnOnce(Event) -> Event) -> String {
    let scene = Scene::connected().await;
    let event = change(scene.event("orders", "good").await);
    let reply = call(&scene, &event).await;
    error_code(&reply);
    assert_nothing_is_ordered(&scene);
    shown(&reply)
}

async fn refused_body(change: impl FnOnce(&mut Value)) -> String {
    refused(|event| event.edit(change)).await
}

#[tokio::test]
async fn the_payloads_as_they_are_are_answered_with_401() {
    let scene = Scene::connected().await;
    for name in testing::events::names("orders") {
        assert_eq!(call(&scene, &Event::load("orders", &name)).await.status(), 401, "{name}");
    }
}

#[tokio::test]
async fn each_bad_payload_is_answered_with_what_is_wrong() {
    let scene = Scene::connected().await;
    let mut answers = String::new();
    for name in ["no-token", "malformed-json", "foreign-company", "foreign-result-url"] {
        let reply = order(&scene, name).await;
        error_code(&reply);
        answers += &format!("--- {name}\n{}\n\n", shown(&reply));
    }
    assert_nothing_is_ordered(&scene);
    assert_snapshot!(answers);
}

#[tokio::test]
async fn each_property_that_cannot_be_used_is_named() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 13] = [
        ("no object", |body| *body = json!(["assessmentPackageId"])),
        ("no company", |body| drop(body.as_object_mut().unwrap().remove("companyId"))),
        ("company of another type", |body| body["companyId"] = json!(7)),
        ("no package", |body| body["assessmentPackageId"] = json!(null)),
        ("package of another type", |body| body["assessmentPackageId"] = json!(439_706)),
        ("no candidate", |body| drop(body.as_object_mut().unwrap().remove("candidate"))),
        ("candidate of another type", |body| body["candidate"] = json!("Juno Example")),
        ("name of another type", |body| body["candidate"]["firstName"] = json!(["Juno"])),
        ("nobody", |body| body["candidate"] = json!({"firstName": "Juno"})),
        ("an address that is none", |body| body["candidate"]["email"] = json!("juno@example")),
        ("an endless name", |body| body["candidate"]["lastName"] = json!("x".repeat(201))),
        ("no result URL", |body| drop(body.as_object_mut().unwrap().remove("resultCallbackURL"))),
        ("no order id", |body| body["resultCallbackURL"] = json!("https://api.smartrecruiters.com/orders/42/results")),
    ];
    let mut answers = String::new();
    for (what, change) in changes {
        answers += &format!("--- {what}\n{}\n\n", refused_body(change).await);
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn results_are_promised_to_addresses_of_smartrecruiters_alone() {
    const PATH: &str = "/assessment-api/v202010/orders/0f8fad5b-d9cb-469f-a165-70867728950e/results";
    for origin in [
        "https://smartrecruiters.com@evil.example",
        "https://smartrecruiters.com.evil.example",
        "https://evilsmartrecruiters.com",
        "https://api.smartrecruiters.com:8443",
        "http://api.smartrecruiters.com",
        "ftp://api.smartrecruiters.com",
        "https://user:pw@api.smartrecruiters.com",
        "https://api.smartrecruiters.com\\@evil.example",
        "https://api.smartrecruiters.com.",
        "https://127.0.0.1",
        "https://[::1]",
        "//api.smartrecruiters.com",
        "",
    ] {
        let shown = refused_body(|body| body["resultCallbackURL"] = json!(format!("{origin}{PATH}"))).await;
        assert!(shown.starts_with("400") && shown.contains("\"result_url_forbidden\""), "{origin}: {shown}");
    }
}

#[tokio::test]
async fn an_unknown_package_is_not_found() {
    let answer = refused_body(|body| body["assessmentPackageId"] = json!("999999999")).await;
    for other in ["", "../1", "0439706", "-1", "99999999999999999999"] {
        assert_eq!(refused_body(|body| body["assessmentPackageId"] = json!(other)).await, answer, "{other}");
    }
    assert_snapshot!(answer);
}

#[tokio::test]
async fn a_package_of_another_company_is_not_found() {
    let scene = Scene::connected().await;
    let other = scene.another().await;
    let event = other.event("orders", "good").await.fill("PACKAGE", ASSESSMENT);
    assert_eq!(error_code(&call(&scene, &event).await), "package_unknown");
}

#[tokio::test]
async fn another_companys_token_orders_nothing() {
    let scene = Scene::connected().await;
    let other = scene.another().await;
    let token = format!("Bearer {}", other.token().await);
    let event = scene.event("orders", "good").await.header("authorization", &token);
    assert_eq!(error_code(&call(&scene, &event).await), "company_foreign");
}

#[tokio::test]
async fn a_token_that_is_not_valid_lets_nobody_in() {
    let scene = Scene::connected().await;
    let event = scene.event("orders", "good").await;
    let good = event.header_text("authorization").to_owned();
    for bad in [format!("{good}x"), good.replace("Bearer ", "Bearer x"), "Bearer x.y.z".into(), "Bearer ".into()] {
        let reply = call(&scene, &event.clone().header("authorization", &bad)).await;
        assert_eq!(error_code(&reply), "token_invalid", "{bad}");
    }
    scene.fakes.clock().advance(LIFETIME);
    let expired = call(&scene, &event).await;
    assert_eq!(error_code(&expired), "token_invalid");
    assert_snapshot!(shown(&expired));
    let scene = Scene::connected().await;
    let event = scene.event("orders", "good").await;
    scene.disconnect().await;
    assert_eq!(error_code(&call(&scene, &event).await), "token_invalid", "the integration has ended");
}

#[tokio::test]
async fn a_body_over_256_kib_is_too_large() {
    let largest = |body: &mut Value| body["padding"] = json!("x".repeat(255 * 1024));
    let scene = Scene::connected().await;
    let event = scene.event("orders", "good").await.edit(largest);
    assert_eq!(call(&scene, &event).await.status(), 202);

    let over = |body: &mut Value| body["padding"] = json!("x".repeat(256 * 1024));
    let answer = refused_body(over).await;
    assert_eq!(refused(|event| event.edit(over).in_base64()).await, answer);
    assert_snapshot!(answer);
}

#[tokio::test]
async fn nothing_is_ordered_under_a_key_that_testgorilla_refuses() {
    let scene = Scene::connected().await;
    scene.fakes.testgorilla.refuse_key(&scene.key, Some(KeyRefusal::NotPro));
    scene.refresh().await;
    scene.fakes.queues.lose_all();
    let reply = order(&scene, "good").await;
    assert_nothing_is_ordered(&scene);
    assert_snapshot!(shown(&reply));
}

#[tokio::test]
async fn trouble_of_ours_is_said_without_internals() {
    let mut answers = String::new();
    for op in [Op::Integration, Op::Assessment, Op::Accept] {
        for fault in [Fault::Before, Fault::Broken] {
            let scene = Scene::connected().await;
            let event = scene.event("orders", "good").await;
            scene.fakes.faults.always(op, fault);
            let reply = call(&scene, &event).await;
            error_code(&reply);
            assert_nothing_is_ordered(&scene);
            answers += &format!("--- {op:?}: {fault:?}\n{}\n\n", shown(&reply));
        }
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn there_is_nothing_at_other_paths_or_by_other_methods() {
    let scene = Scene::connected().await;
    let event = scene.event("orders", "good").await;
    let answer = refused(|event| event.path("/packages/order")).await;
    for other in [event.clone().method("GET"), event.clone().path("/"), event.path("/packages//inline")] {
        assert_eq!(shown(&call(&scene, &other).await), answer);
    }
    assert_snapshot!(answer);
}

/// Any JSON, with the names of an order's properties among others.
fn any_json() -> impl Strategy<Value = Value> {
    arbitrary::json_naming(&["companyId", "assessmentPackageId", "candidate", "email", "resultCallbackURL"])
}

proptest! {
    /// Whatever the body, the answer is an error in the contract's shape, and nothing is half done.
    #[test]
    fn any_other_body_is_answered_with_an_error(body in prop_oneof!["\\PC*", any_json().prop_map(|body| body.to_string())]) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(refused(|event| event.body(body)));
    }

    /// Whatever one property is, the answer is an error in the contract's shape, or the order is taken.
    #[test]
    fn any_value_of_a_property_is_answered(
        name in prop::sample::select(vec!["companyId", "assessmentPackageId", "candidate", "job", "resultCallbackURL"]),
        value in any_json(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let scene = Scene::connected().await;
            let event = scene.event("orders", "good").await.edit(|body| body[name] = value);
            let reply = call(&scene, &event).await;
            if reply.status() != 202 {
                error_code(&reply);
                assert_nothing_is_ordered(&scene);
            }
        });
    }
}
