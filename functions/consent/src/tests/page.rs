use insta::assert_snapshot;
use testing::events::Event;
use testing::faults::{Fault, Op};
use testing::http::{error_code, text};
use testing::scene::Scene;

use super::{between, call, form_token, open, page};

#[tokio::test]
async fn the_admin_lands_on_a_page_that_asks_for_the_key() {
    let scene = Scene::new();
    assert_snapshot!(page(&open(&scene, "page").await));
}

#[tokio::test]
async fn a_link_with_a_way_back_keeps_it_in_the_form() {
    let scene = Scene::new();
    let query = "companyId=acme-example&redirect=https%3A%2F%2Fwww.smartrecruiters.com%2Fapp%3Fa%3D1%26b%3D2";
    let reply = call(&scene, &scene.event("consent", "page").await.query(query)).await;
    let back = "name=\"redirect\" value=\"https://www.smartrecruiters.com/app?a=1&#38;b=2\"";
    assert!(text(&reply).contains(back), "{}", text(&reply));
}

#[tokio::test]
async fn two_pages_have_two_nonces_and_two_form_tokens() {
    let scene = Scene::new();
    let (one, two) = (open(&scene, "page").await, open(&scene, "page").await);
    assert_ne!(form_token(&one), form_token(&two));
    assert_ne!(one.headers()["content-security-policy"], two.headers()["content-security-policy"]);
}

#[tokio::test]
async fn style_and_script_are_allowed_by_the_pages_own_nonce_and_the_frame_is_smartrecruiters_alone() {
    let reply = open(&Scene::new(), "page").await;
    let policy = reply.headers()["content-security-policy"].to_str().unwrap();
    for element in ["style", "script"] {
        let nonce = between(text(&reply), &format!("<{element} nonce=\""), "\"").unwrap();
        assert!(policy.contains(&format!("{element}-src 'nonce-{nonce}'")), "{policy}");
        assert_eq!(text(&reply).matches(&format!("<{element}")).count(), 1);
    }
    assert!(policy.contains("frame-ancestors https://smartrecruiters.com https://*.smartrecruiters.com;"), "{policy}");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
}

#[tokio::test]
async fn a_link_that_cannot_be_followed_says_so() {
    let scene = Scene::new();
    let mut answers = String::new();
    for name in ["no-company", "foreign-redirect"] {
        let reply = open(&scene, name).await;
        assert_eq!(reply.status(), 400);
        answers += &format!("--- {name}\n{}\n\n", page(&reply));
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn a_link_is_followed_back_to_smartrecruiters_alone() {
    let scene = Scene::new();
    let event = scene.event("consent", "page").await;
    for foreign in [
        "https://smartrecruiters.com@evil.example/",
        "https://smartrecruiters.com.evil.example/",
        "https://www.smartrecruiters.com:8443/",
        "http://www.smartrecruiters.com/",
        "//www.smartrecruiters.com/",
        "javascript:alert(1)",
        "https%3A%2F%2Fwww.smartrecruiters.com%5C%40evil.example%2F",
        "https%3A%2F%2Fwww.smartrecruiters.com%2F%0D%0Ax%3A1",
    ] {
        let reply = call(&scene, &event.clone().query(&format!("companyId=acme-example&redirect={foreign}"))).await;
        assert_eq!(reply.status(), 400, "{foreign}");
        assert!(!text(&reply).contains("evil"));
    }
}

#[tokio::test]
async fn nothing_of_a_link_becomes_markup() {
    let scene = Scene::new();
    let event = scene.event("consent", "page").await;
    for query in [
        "companyId=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "companyId=acme-example&redirect=https://www.smartrecruiters.com/?%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "companyId=acme-example&redirect=https://www.smartrecruiters.com/%23%27onfocus=alert(1)",
    ] {
        let reply = call(&scene, &event.clone().query(query)).await;
        assert!(!text(&reply).contains("<script>") && !text(&reply).contains("'onfocus"), "{}", text(&reply));
    }
}

#[tokio::test]
async fn while_the_partner_secret_or_chance_is_away_the_page_asks_for_patience() {
    for op in [Op::PartnerKeys, Op::Bytes16] {
        let scene = Scene::new();
        scene.fakes.faults.always(op, Fault::Before);
        let reply = open(&scene, "page").await;
        assert_eq!(reply.status(), 503, "{op:?}");
        assert!(text(&reply).contains("Try again in a few minutes."));
    }
}

#[tokio::test]
async fn a_page_needs_no_account_of_aws_to_be_tried() {
    let scene = Scene::new();
    for (name, status) in [
        ("page", 400),
        ("no-company", 400),
        ("foreign-redirect", 400),
        ("form", 400),
        ("form-bad-key", 400),
        ("disconnect", 404),
        ("disconnect-wrong-key", 404),
        ("disconnect-by-token", 401),
    ] {
        assert_eq!(call(&scene, &Event::load("consent", name)).await.status(), status, "{name}");
    }
    assert_eq!(testing::events::names("consent").len(), 8, "each payload is in the list");
}

#[tokio::test]
async fn there_is_nothing_at_other_paths_or_by_other_methods() {
    let scene = Scene::new();
    let event = scene.event("consent", "page").await;
    for other in [event.clone().method("DELETE"), event.clone().path("/integrations"), event.path("/")] {
        assert_eq!(error_code(&call(&scene, &other).await), "no_route");
    }
}
