use axum::http::Method;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::testgorilla::{CallbackSettings, TestGorilla, router};
use crate::testing::Server;

/// A stand-in with the accounts to begin with, and a browser for it.
struct World {
    server: Server,
}

impl World {
    async fn new() -> Self {
        let server = Server::start(|url| {
            let app = TestGorilla::new(url, CallbackSettings::default()).unwrap();
            app.furnish().unwrap();
            router(app)
        })
        .await;
        server.control(Method::PUT, "callbacks", json!({"sending": "none"})).await;
        Self { server }
    }

    /// Opens a page as a person, whose name is that of one of acme-example's users unless it is an address.
    async fn open(&self, person: &str, path: &str) -> Answer {
        self.server.send(Method::GET, path, &[("cookie", &cookie(person))], "").await.unwrap()
    }

    /// Posts a form as a person and follows to the next page, with the message for it.
    async fn post(&self, person: &str, path: &str, form: &str) -> Answer {
        let headers = [("cookie", cookie(person)), ("content-type", "application/x-www-form-urlencoded".to_owned())];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = self.server.send(Method::POST, path, &headers, form).await.unwrap();
        if answer.status != 303 {
            return answer;
        }
        let notice = answer.header("set-cookie").unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
        let next = answer.header("location").unwrap().to_owned();
        let cookies = format!("{}; {notice}", cookie(person));
        self.server.send(Method::GET, &next, &[("cookie", &cookies)], "").await.unwrap()
    }

    async fn key(&self, account: &str) -> Option<String> {
        let account = self.server.control(Method::GET, &format!("accounts/{account}"), Value::Null).await;
        account["integration"]["api_key"].as_str().map(str::to_owned)
    }
}

fn cookie(person: &str) -> String {
    match person {
        "" => String::new(),
        address if address.contains('@') => format!("signed_in_as={address}"),
        name => format!("signed_in_as={name}@acme-example.example"),
    }
}

const INTEGRATIONS: &str = "/customer/acme-example/integrations";

#[tokio::test]
async fn owner_and_admin_alone_see_the_integrations_page_and_its_key() {
    let world = World::new().await;
    for person in ["rosa", "hugo", "oskar@other-example.example", "nobody@example.com"] {
        let page = world.open(person, INTEGRATIONS).await;
        assert_eq!((page.status, page.text().contains("Enable integration")), (403, false), "{person}");
        world.post(person, "/customer/acme-example/integrations/enable", "").await;
        assert_eq!(world.key("acme-example").await, None, "{person}");
    }
    let enabled = world.post("adam", "/customer/acme-example/integrations/enable", "").await.text();
    let key = world.key("acme-example").await.unwrap();
    assert!(enabled.contains(&key) && enabled.contains("The SmartRecruiters integration is enabled."));
    assert!(world.open("olga", INTEGRATIONS).await.text().contains(&key));
    assert!(!world.open("rosa", INTEGRATIONS).await.text().contains(&key));
    assert!(!world.open("rosa", "/customer/acme-example/assessments").await.text().contains(INTEGRATIONS));
    let disabled = world.post("olga", "/customer/acme-example/integrations/disable", "").await.text();
    assert!(disabled.contains("no longer accepted") && !disabled.contains(&key));
    assert_eq!(world.key("acme-example").await, None);
}

#[tokio::test]
async fn a_lower_plan_is_told_that_pro_is_needed_and_the_owner_can_change_it() {
    let world = World::new().await;
    let olga = "olga";
    let page = world.post(olga, "/customer/acme-example/plan", "plan=Starter").await.text();
    assert!(page.contains("The account has the Starter plan now."));
    let page = world.open(olga, INTEGRATIONS).await.text();
    assert!(page.contains("Integrations are part of the Pro plan.") && !page.contains("Enable integration"));
    let refused = world.post(olga, "/customer/acme-example/integrations/enable", "").await.text();
    assert!(refused.contains("Integrations are part of the Pro plan.") && world.key("acme-example").await.is_none());
    assert_eq!(world.post("adam", "/customer/acme-example/plan", "plan=Pro").await.status, 403);
    assert!(world.open(olga, INTEGRATIONS).await.text().contains("has the Starter plan"));
    world.post(olga, "/customer/acme-example/plan", "plan=Pro").await;
    assert!(world.open(olga, INTEGRATIONS).await.text().contains("Enable integration"));
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_and_comes_back() {
    let world = World::new().await;
    let asked = world.server.send(Method::GET, INTEGRATIONS, &[], "").await.unwrap();
    assert_eq!(
        (asked.status, asked.header("location")),
        (303, Some("/sign-in?next=%2Fcustomer%2Facme%2Dexample%2Fintegrations"))
    );
    let page = world.open("", asked.header("location").unwrap()).await.text();
    assert!(
        page.contains("value=\"/customer/acme-example/integrations\"") && page.contains("olga@acme-example.example")
    );
    let form = "email=olga%40acme-example.example&next=%2Fcustomer%2Facme-example%2Fintegrations";
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let signed = world.server.send(Method::POST, "/sign-in", &headers, form).await.unwrap();
    assert_eq!((signed.status, signed.header("location")), (303, Some(INTEGRATIONS)));
    let form = "email=olga%40acme-example.example&next=https%3A%2F%2Fevil.example";
    let signed = world.server.send(Method::POST, "/sign-in", &headers, form).await.unwrap();
    assert_eq!(signed.header("location"), Some("/"));
}

/// Creates an assessment as a recruiter and returns its id.
async fn create(world: &World, form: &str) -> u64 {
    let page = world.post("rosa", "/customer/acme-example/assessments", form).await.text();
    assert!(page.contains("The assessment is created."), "{page}");
    let (_, rest) = page.split_once("No. ").unwrap();
    rest.split(',').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn assessments_are_created_archived_and_emptied_but_not_by_hiring_managers() {
    let world = World::new().await;
    let list = "/customer/acme-example/assessments";
    assert_eq!(world.post("hugo", list, "name=X&test=SQL").await.status, 403);
    assert!(!world.open("hugo", list).await.text().contains("Create assessment"));
    let id = create(
        &world,
        "name=Backend+%3Cengineer%3E&test=SQL&test=Big+5+%28OCEAN%29&test=Custom+questions&test=Unknown",
    )
    .await;
    let page = world.open("rosa", &format!("{list}/{id}")).await.text();
    for shown in ["SQL", "Big 5 (OCEAN)", "Custom questions", "Personality test", "Backend &#60;engineer&#62;"] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("Unknown"));
    let change = format!("{list}/{id}/change");
    assert!(world.post("rosa", &change, "change=archive").await.text().contains("Archived"));
    assert!(world.post("rosa", &change, "change=unarchive").await.text().contains("no longer archived"));
    assert!(world.post("rosa", &change, "change=empty").await.text().contains("The assessment is empty"));
    assert_eq!(world.post("hugo", &change, "change=archive").await.status, 403);
    let stranger = format!("/customer/other-example/assessments/{id}/change");
    let refused = world.post("oskar@other-example.example", &stranger, "change=archive").await.text();
    assert!(refused.contains(&format!("There is no assessment {id}.")));
    assert!(world.open("rosa", list).await.text().contains("Empty"));
}

#[tokio::test]
async fn a_candidate_opens_the_mail_takes_the_assessment_and_is_seen_by_their_account_alone() {
    let world = World::new().await;
    let id = create(&world, "name=Engineer&test=SQL&test=Big+5+%28OCEAN%29").await;
    let invite = format!("/customer/acme-example/assessments/{id}/invite");
    let form = "email=juno%40example.com&first_name=Juno&last_name=Example";
    assert!(world.post("rosa", &invite, form).await.text().contains("juno@example.com is invited."));
    assert!(world.post("rosa", &invite, form).await.text().contains("The candidate was invited before."));
    let mailbox = world.open("", "/mailbox?email=Juno@example.com").await.text();
    let mail = &world.server.control(Method::GET, "mailbox", Value::Null).await[0];
    let link = mail["link"].as_str().unwrap();
    assert!(mailbox.contains(link) && !world.open("", "/mailbox?email=kim@example.com").await.text().contains(link));
    let path = link.strip_prefix(&world.server.url).unwrap();
    assert!(world.open("", path).await.text().contains("Start assessment"));
    assert!(world.post("", &format!("{path}/start"), "").await.text().contains("Finish assessment"));
    let taking = world.open("", path).await.text();
    let names: Vec<&str> = taking.split("name=\"answer-").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let [sql, personality] = names[..] else { panic!("two tests: {names:?}") };
    let wrong = world.post("", &format!("{path}/finish"), &format!("answer-{sql}=101")).await.text();
    assert!(wrong.contains("SQL has no such score."));
    let answers = format!("answer-{sql}=72.5&answer-{personality}=Open&is_left_screen=on&is_camera_enabled=on");
    assert!(world.post("", &format!("{path}/finish"), &answers).await.text().contains("You have finished."));
    assert!(!world.open("", path).await.text().contains("Finish assessment"));
    let known = &world.server.control(Method::GET, "candidatures", Value::Null).await[0];
    let page = format!("/customer/assessments/{id}/candidates/{}?candidature={}", known["testtaker_id"], known["id"]);
    for person in ["olga", "hugo"] {
        let shown = world.open(person, &page).await;
        let text = shown.text();
        assert!(shown.status == 200 && text.contains("72.5") && text.contains("Open"), "{person}");
        let flags: Vec<bool> = text.split("<span class=\"badge").skip(2).map(|rest| rest.contains(">Yes<")).collect();
        assert_eq!(flags, [true, true, false, true], "the mouse left the window");
    }
    let stranger = world.open("oskar@other-example.example", &page).await;
    let text = stranger.text();
    assert!(
        stranger.status == 403 && text.contains("Request access from the account owner (olga@acme-example.example)")
    );
    assert!(!text.contains("Juno") && !text.contains("72.5"));
    let unknown = world.server.send(Method::GET, &page, &[], "").await.unwrap();
    assert!(unknown.status == 303 && unknown.header("location").unwrap().starts_with("/sign-in?next="));
    assert_eq!(world.open("olga", "/customer/assessments/1/candidates/1?candidature=1").await.status, 404);
    assert_eq!(world.open("", "/candidate/take-assessment/none").await.status, 404);
}

#[tokio::test]
async fn an_assessment_that_was_archived_meanwhile_is_closed_to_the_candidate() {
    let world = World::new().await;
    let id = create(&world, "name=Engineer&test=SQL").await;
    let invitee = json!({"email": "kim@example.com", "first_name": "Kim", "last_name": "Example"});
    world.server.control(Method::POST, &format!("assessments/{id}/invite"), invitee).await;
    let mail = &world.server.control(Method::GET, "mailbox", Value::Null).await[0];
    let path = mail["link"].as_str().unwrap().strip_prefix(&world.server.url).unwrap().to_owned();
    world.post("olga", &format!("/customer/acme-example/assessments/{id}/change"), "change=archive").await;
    assert!(world.open("", &path).await.text().contains("this assessment is closed"));
    assert!(world.post("", &format!("{path}/start"), "").await.text().contains("is closed."));
}
