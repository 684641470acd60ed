use domain::ports::{PartnerKeys, PartnerSecret};
use domain::sensitive::Secret;
use insta::assert_snapshot;
use testing::FakePorts;
use testing::faults::Op;
use testing::http::{shown, text};
use testing::scene::{MINUTE, Scene};

use super::{call, follow, form, form_token, open, page};

/// Whether the company is connected, with the pair that SmartRecruiters holds.
fn is_connected(scene: &Scene) -> bool {
    let integration = scene.fakes.store.integration_of(&scene.company);
    let client = integration.and_then(|stored| stored.connection().map(|connection| connection.client.to_string()));
    client.is_some() && client == scene.fakes.smartrecruiters.our_pair(&scene.company).map(|pair| pair.client_id)
}

#[tokio::test]
async fn a_good_key_connects_the_company() {
    let scene = Scene::new();
    let reply = call(&scene, &form(&scene).await).await;
    assert!(is_connected(&scene));
    let location = reply.headers()["location"].to_str().unwrap();
    let token = location.rsplit_once('=').unwrap().1;
    assert_snapshot!("granted", shown(&reply).replace(token, "[token]"));
    assert_snapshot!("connected", page(&follow(&scene, &reply).await));
    scene.fakes.clock().advance(MINUTE);
    scene.create(testing::scene::ASSESSMENT);
    scene.work_queues().await;
    assert_eq!(scene.listed().await, [testing::scene::ASSESSMENT], "the first listing was asked for");
}

#[tokio::test]
async fn the_last_page_is_shown_behind_our_own_link_alone() {
    let scene = Scene::new();
    let page = scene.event("consent", "page").await;
    let connected = call(&scene, &form(&scene).await).await;
    let link = connected.headers()["location"].to_str().unwrap().strip_prefix("integration?").unwrap();
    let is_last = async |query: &str| {
        let reply = call(&scene, &page.clone().query(query)).await;
        assert_eq!(reply.status(), 200);
        !text(&reply).contains("name=\"apiKey\"")
    };
    assert!(is_last(link).await && is_last(link).await, "reloading sends nothing again");
    assert!(!is_last(&link.replace("acme-example", "other-example")).await);
    assert!(!is_last("companyId=acme-example&connected=yes").await);
    let opened = open(&scene, "page").await;
    assert!(!is_last(&format!("companyId=acme-example&connected={}", form_token(&opened))).await);
    scene.fakes.clock().advance(60 * MINUTE);
    assert!(!is_last(link).await);
}

#[tokio::test]
async fn with_a_way_back_the_browser_is_sent_there() {
    let scene = Scene::new();
    let query = "companyId=acme-example&redirect=https%3A%2F%2Fwww.smartrecruiters.com%2Fapp%3Fa%3D1%26b%3D2";
    let opened = call(&scene, &scene.event("consent", "page").await.query(query)).await;
    let body = format!("{query}&formToken={}&apiKey={}", form_token(&opened), scene.key.expose());
    let reply = call(&scene, &scene.event("consent", "form").await.body(body)).await;
    assert!(is_connected(&scene));
    assert_snapshot!(shown(&reply));
}

#[tokio::test]
async fn the_key_is_read_as_people_paste_it_and_the_form_as_gateways_hand_it_over() {
    let key = Scene::new().key.expose().to_owned();
    for paste in [format!("++{key}%0A"), format!("Token+{key}"), key.replace('-', "%2D")] {
        let scene = Scene::new();
        let form = form(&scene).await;
        let pasted = form.body_text().replace(&key, &paste);
        let form = form.body(pasted).in_base64().rename_headers(str::to_uppercase).path("/integration/");
        assert_eq!(call(&scene, &form).await.status(), 303, "{paste}");
        assert!(is_connected(&scene));
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_connects_once() {
    let scene = Scene::new();
    let form = form(&scene).await;
    for _ in 0..2 {
        assert_eq!(call(&scene, &form).await.status(), 303);
    }
    assert_eq!(scene.fakes.faults.count(Op::SetUpIntegration), 1);
    assert_eq!((scene.fakes.store.clients().len(), scene.fakes.secrets.names().len()), (1, 1));
}

#[tokio::test]
async fn after_disconnecting_connecting_again_works() {
    let scene = Scene::connected().await;
    scene.disconnect().await;
    scene.work_queues().await;
    scene.fakes.smartrecruiters.consent(&scene.company);
    assert_eq!(call(&scene, &form(&scene).await).await.status(), 303);
    assert!(is_connected(&scene));
}

#[tokio::test]
async fn while_the_disconnect_key_rotates_no_form_is_refused() {
    let scene = Scene::new();
    // This process remembers the old key; the form comes from one that has read the new one.
    open(&scene, "page").await;
    let disconnect_keys = vec![Secret::new("new-key"), Secret::new(testing::secrets::DISCONNECT_KEY)];
    let master = scene.ports.secrets.partner_keys().await.unwrap().master;
    scene.fakes.secrets.set_partner_keys(PartnerKeys { master, disconnect_keys });
    let secrets = scene.fakes.secrets.another_process();
    let (fakes, ports) = (scene.fakes.clone(), FakePorts { secrets, ..scene.ports.clone() });
    let other = Scene { fakes, ports, company: scene.company.clone(), key: scene.key.clone(), account: scene.account };
    let made_with_the_new_key = form(&other).await;
    assert_eq!(call(&scene, &made_with_the_new_key).await.status(), 303);
    assert!(is_connected(&scene));
}
