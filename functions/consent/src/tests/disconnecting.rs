use domain::integration::{EndCause, Status};
use domain::ports::PartnerKeys;
use domain::sensitive::Secret;
use insta::assert_snapshot;
use testing::faults::{Fault, Op};
use testing::http::{error_code, shown};
use testing::scene::Scene;

use super::{call, open};

/// Whether the company's integration has ended by a disconnect.
fn is_disconnected(scene: &Scene) -> bool {
    let status = scene.fakes.store.integration_of(&scene.company).unwrap().status;
    matches!(status, Status::Ended { cause: EndCause::Disconnected, .. })
}

#[tokio::test]
async fn disconnecting_ends_the_integration_and_destroys_its_keys() {
    for name in ["disconnect", "disconnect-by-token"] {
        let scene = Scene::connected().await;
        let reply = open(&scene, name).await;
        assert_snapshot!("disconnected", shown(&reply));
        assert!(is_disconnected(&scene), "{name}");
        scene.work_queues().await;
        assert!(scene.fakes.secrets.names().is_empty() && scene.fakes.store.clients().is_empty());
    }
}

#[tokio::test]
async fn disconnecting_again_or_what_was_never_connected_is_fine() {
    let scene = Scene::connected().await;
    let event = scene.event("consent", "disconnect").await;
    for _ in 0..2 {
        assert_eq!(call(&scene, &event).await.status(), 204);
    }
    for company in ["unknown-example", "%3Cscript%3E", "%FF", "a%20b"] {
        let path = format!("/integrations/disconnect-key/companies/{company}");
        assert_eq!(call(&scene, &event.clone().path(&path)).await.status(), 204, "{company}");
    }
}

#[tokio::test]
async fn a_wrong_key_finds_nothing() {
    let scene = Scene::connected().await;
    let reply = open(&scene, "disconnect-wrong-key").await;
    assert_snapshot!(shown(&reply));
    let event = scene.event("consent", "disconnect").await;
    for wrong in ["disconnect-key2", "DISCONNECT-KEY", "%20", "disconnect-key%00", "disconnect-key%20"] {
        let path = format!("/integrations/{wrong}/companies/acme-example");
        assert_eq!(shown(&call(&scene, &event.clone().path(&path)).await), shown(&reply), "{wrong}");
    }
    assert!(!is_disconnected(&scene));
}

#[tokio::test]
async fn while_the_key_rotates_the_old_url_works_too() {
    let scene = Scene::connected().await;
    let disconnect_keys = vec![Secret::new("new-key"), Secret::new("disconnect-key")];
    // It remembers the old one alone.
    open(&scene, "disconnect-wrong-key").await;
    scene.fakes.secrets.set_partner_keys(PartnerKeys { master: None, disconnect_keys });
    let event = scene.event("consent", "disconnect").await;
    assert_eq!(call(&scene, &event.clone().path("/integrations/new-key/companies/x")).await.status(), 204);
    assert!(!is_disconnected(&scene), "another company was meant");
    assert_eq!(
        call(&scene, &event.path("/integrations/disconnect%2Dkey/companies/acme%2Dexample/")).await.status(),
        204
    );
    assert!(is_disconnected(&scene));
}

#[tokio::test]
async fn a_companys_token_disconnects_that_company_alone() {
    let scene = Scene::connected().await;
    let other = scene.another().await;
    let event = other.event("consent", "disconnect-by-token").await.path("/integrations/companies/acme-example");
    let reply = call(&scene, &event).await;
    assert_eq!(error_code(&reply), "company_foreign");
    assert_snapshot!(shown(&reply));
    let unnamed = call(&scene, &event.clone().without_header("authorization")).await;
    assert_eq!(error_code(&unnamed), "token_missing");
    assert_eq!(error_code(&call(&scene, &event.header("authorization", "Bearer x")).await), "token_invalid");
    assert!(!is_disconnected(&scene) && !is_disconnected(&other));
}

#[tokio::test]
async fn trouble_of_ours_is_said_and_asking_again_goes_on() {
    for (op, fault, status) in [
        (Op::PartnerKeys, Fault::Before, 503),
        (Op::PartnerKeys, Fault::Broken, 500),
        (Op::SaveIntegration, Fault::Before, 503),
        (Op::DeleteClient, Fault::Before, 503),
    ] {
        let scene = Scene::connected().await;
        scene.fakes.clock().advance(testing::secrets::REMEMBERED);
        scene.fakes.faults.always(op, fault);
        let reply = open(&scene, "disconnect").await;
        error_code(&reply);
        assert_eq!(reply.status(), status, "{op:?}");
        scene.fakes.faults.heal();
        assert_eq!(open(&scene, "disconnect").await.status(), 204);
        assert!(is_disconnected(&scene) && scene.fakes.store.clients().is_empty());
    }
}
