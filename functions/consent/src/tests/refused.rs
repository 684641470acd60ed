use domain::form_token::LIFETIME;
use domain::ports::{KeyRefusal, PartnerKeys};
use domain::sensitive::Secret;
use insta::assert_snapshot;
use proptest::prelude::*;
use testing::events::Event;
use testing::faults::{Fault, Op};
use testing::http::text;
use testing::scene::{API_KEY, Scene};

use super::{assert_nothing_is_stored, call, form, form_token, open, page, told};

/// What the admin is told by a form in a world that was changed after the page was opened; nothing is stored.
async fn refused(change: impl FnOnce(&Scene), edit: impl FnOnce(Event) -> Event) -> String {
    let scene = Scene::new();
    let form = edit(form(&scene).await);
    change(&scene);
    let reply = call(&scene, &form).await;
    assert!(!text(&reply).contains(API_KEY), "what was typed is never shown again");
    scene.fakes.faults.heal();
    scene.pass(10).await;
    assert_nothing_is_stored(&scene);
    told(&reply)
}

fn same(event: Event) -> Event {
    event
}

fn replaced(from: &'static str, to: &'static str) -> impl FnOnce(Event) -> Event {
    move |event| {
        let body = event.body_text().replace(from, to);
        event.body(body)
    }
}

#[tokio::test]
async fn a_key_that_is_not_good_is_told_why_on_the_same_page() {
    let refuse = |refusal| move |scene: &Scene| scene.fakes.testgorilla.refuse_key(&scene.key, Some(refusal));
    let mut answers = String::new();
    for (what, answer) in [
        ("another key", refused(|_| (), replaced(API_KEY, "another-key")).await),
        ("revoked", refused(refuse(KeyRefusal::Revoked), same).await),
        ("not on the Pro plan", refused(refuse(KeyRefusal::NotPro), same).await),
        ("not a key", refused(|_| (), replaced(API_KEY, "not+a+key")).await),
    ] {
        answers += &format!("--- {what}\n{answer}\n\n");
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn a_key_that_is_none_is_not_shown_to_testgorilla() {
    let not_a_key = refused(|_| (), replaced(API_KEY, "")).await;
    for typed in ["%20%20", "a+b", "%C3%A9", "k%00", "a%0Ab", "%FF"] {
        let scene = Scene::new();
        let form = form(&scene).await;
        let body = form.body_text().replace(API_KEY, typed);
        assert_eq!(told(&call(&scene, &form.body(body)).await), not_a_key, "{typed}");
        assert_eq!(scene.fakes.faults.count(Op::CheckKey), 0);
    }
    assert_eq!(
        refused(
            |_| (),
            |form| {
                let body = form.body_text().replace(API_KEY, &"k".repeat(257));
                form.body(body)
            }
        )
        .await,
        not_a_key
    );
}

#[tokio::test]
async fn each_refusal_of_smartrecruiters_has_its_sentence() {
    let fail = |op, fault| move |scene: &Scene| scene.fakes.faults.always(op, fault);
    let no_master = |scene: &Scene| {
        let disconnect_keys = vec![Secret::new(testing::secrets::DISCONNECT_KEY)];
        scene.fakes.secrets.set_partner_keys(PartnerKeys { master: None, disconnect_keys });
        scene.fakes.clock().advance(testing::secrets::REMEMBERED);
    };
    let mut answers = String::new();
    for (what, answer) in [
        ("no consent", refused(|scene| scene.fakes.smartrecruiters.disconnect(&scene.company), same).await),
        ("connected already", refused(fail(Op::SetUpIntegration, Fault::Conflict), same).await),
        ("no partner configuration", refused(fail(Op::SetUpIntegration, Fault::NotFound), same).await),
        ("no master credentials", refused(no_master, same).await),
        (
            "master credentials that are refused",
            refused(fail(Op::SetUpIntegration, Fault::KeyRefused(KeyRefusal::Unknown)), same).await,
        ),
        ("away", refused(fail(Op::SetUpIntegration, Fault::Before), same).await),
    ] {
        answers += &format!("--- {what}\n{answer}\n\n");
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn trouble_of_testgorilla_or_ours_is_said_without_internals() {
    let fail = |op, fault| move |scene: &Scene| scene.fakes.faults.always(op, fault);
    let mut answers = String::new();
    for (what, answer) in [
        ("TestGorilla away", refused(fail(Op::CheckKey, Fault::Before), same).await),
        ("store away", refused(fail(Op::Integration, Fault::Before), same).await),
        ("secrets away", refused(fail(Op::PutCompanySecret, Fault::Before), same).await),
        ("another window", refused(fail(Op::SaveIntegration, Fault::Conflict), same).await),
    ] {
        answers += &format!("--- {what}\n{answer}\n\n");
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn a_form_from_yesterday_or_for_something_else_connects_nothing() {
    let yesterday = |scene: &Scene| scene.fakes.clock().advance(24 * LIFETIME);
    let longer = |form: Event| {
        let body = form.body_text().to_owned() + "&apiKey=x";
        form.body(body)
    };
    let large = |form: Event| {
        let body = form.body_text().to_owned() + "&x=" + &"x".repeat(256 * 1024);
        form.body(body)
    };
    let mut answers = String::new();
    for (what, answer) in [
        ("from yesterday", refused(yesterday, same).await),
        ("for another company", refused(|_| (), replaced("companyId=acme-example", "companyId=other-example")).await),
        ("without its token", refused(|_| (), replaced("formToken=", "x=")).await),
        ("without a company", refused(|_| (), replaced("companyId=", "x=")).await),
        ("with two keys", refused(|_| (), longer).await),
        ("over 256 KiB", refused(|_| (), large).await),
    ] {
        answers += &format!("--- {what}\n{answer}\n\n");
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn a_form_holds_for_an_hour() {
    for (age, status) in [(LIFETIME - testing::scene::MINUTE, 303), (LIFETIME, 400)] {
        let scene = Scene::new();
        let form = form(&scene).await;
        scene.fakes.clock().advance(age);
        assert_eq!(call(&scene, &form).await.status(), status);
    }
}

#[tokio::test]
async fn the_form_of_a_refusal_can_be_sent_again() {
    let scene = Scene::new();
    let refused = call(&scene, &form(&scene).await.body("companyId=acme-example")).await;
    assert_snapshot!(page(&refused));
    let again = scene.event("consent", "form").await.fill("FORM_TOKEN", form_token(&refused));
    assert_eq!(call(&scene, &again).await.status(), 303);
}

#[tokio::test]
async fn the_bad_payload_gets_the_sentence_of_a_key_that_is_none() {
    let scene = Scene::new();
    let opened = open(&scene, "page").await;
    let event = scene.event("consent", "form-bad-key").await.fill("FORM_TOKEN", form_token(&opened));
    assert!(told(&call(&scene, &event).await).contains("This is not an API key."));
}

proptest! {
    /// Whatever a form carries, a page answers, and nothing is stored.
    #[test]
    fn any_other_form_is_answered_with_a_page(body in "[ -~]{0,60}", key in "\\PC{0,40}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let key = key.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
            for edit in [body, format!("companyId=acme-example&formToken=x&apiKey={key}")] {
                let scene = Scene::new();
                let reply = call(&scene, &scene.event("consent", "form").await.body(edit)).await;
                assert!(reply.status().is_client_error());
                told(&reply);
                assert_nothing_is_stored(&scene);
            }
        });
    }
}
