//! The form is no way to try keys by the thousand.

use insta::assert_snapshot;
use testing::faults::{Fault, Op};
use testing::scene::{API_KEY, Scene};

use super::{assert_nothing_is_stored, call, form, told};

#[tokio::test]
async fn after_twenty_keys_for_a_company_no_more_reach_testgorilla() {
    let scene = Scene::new();
    let right = form(&scene).await;
    for number in 0..20 {
        let wrong = right.clone().body(right.body_text().replace(API_KEY, &format!("guess-{number}")));
        assert_eq!(call(&scene, &wrong).await.status(), 422);
    }
    assert_eq!(scene.fakes.faults.count(Op::CheckKey), 20);
    // The right one, too: who guesses cannot learn that it is right.
    assert_snapshot!(told(&call(&scene, &right).await));
    assert_eq!(scene.fakes.faults.count(Op::CheckKey), 20);
    assert_nothing_is_stored(&scene);
    // It was only a matter of time.
    scene.fakes.clock().advance(domain::tries::WINDOW);
    assert_eq!(call(&scene, &right).await.status(), 303);
}

#[tokio::test]
async fn nobody_uses_up_the_tries_of_a_company_for_its_own_admin() {
    let scene = Scene::new();
    let right = form(&scene).await;
    for number in 0..25 {
        let wrong = right.clone().body(right.body_text().replace(API_KEY, &format!("guess-{number}")));
        call(&scene, &wrong.from_address("198.51.100.7")).await;
    }
    assert_eq!(call(&scene, &right.from_address("192.0.2.10")).await.status(), 303);
}

#[tokio::test]
async fn after_sixty_keys_from_one_place_no_more_reach_testgorilla_whatever_the_company() {
    let mut scene = Scene::new();
    for number in 0..60 {
        scene.company = format!("company-{number}").parse().unwrap();
        let form = form(&scene).await;
        let wrong = form.clone().body(form.body_text().replace(API_KEY, "guess"));
        assert_eq!(call(&scene, &wrong).await.status(), 422);
    }
    scene.company = "acme-example".parse().unwrap();
    let form = form(&scene).await;
    assert_eq!(call(&scene, &form).await.status(), 429);
    assert_eq!(scene.fakes.faults.count(Op::CheckKey), 60);
    // Another place is not held back.
    assert_eq!(call(&scene, &form.from_address("2001:db8::7")).await.status(), 303);
}

#[tokio::test]
async fn a_form_that_is_not_ours_is_refused_before_anything_is_counted() {
    let scene = Scene::new();
    let form = form(&scene).await;
    for token in ["", "x", "a.b.c"] {
        let forged = form.clone().body(format!("companyId={}&apiKey=x&formToken={token}", scene.company));
        assert_eq!(call(&scene, &forged).await.status(), 400);
    }
    assert_eq!(scene.fakes.faults.count(Op::CountTry), 0);
}

#[tokio::test]
async fn a_key_that_cannot_be_counted_is_not_tried() {
    let scene = Scene::new();
    let form = form(&scene).await;
    scene.fakes.faults.always(Op::CountTry, Fault::Before);
    assert_eq!(call(&scene, &form).await.status(), 503);
    assert_eq!(scene.fakes.faults.count(Op::CheckKey), 0);
    scene.fakes.faults.heal();
    assert_eq!(call(&scene, &form).await.status(), 303);
}
