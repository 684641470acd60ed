use std::cell::RefCell;
use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::client::Answer;
use crate::smartrecruiters::tests::Partner;
use crate::smartrecruiters::{Pair, SmartRecruiters, router};
use crate::testing::Server;

/// A person with a browser that keeps cookies.
struct Browser<'a> {
    server: &'a Server,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    async fn signed_in(partner: &'a Partner, email: &str) -> Self {
        Self::signed_in_at(&partner.server, email).await
    }

    async fn signed_in_at(server: &'a Server, email: &str) -> Self {
        let browser = Self { server, cookies: RefCell::default() };
        let answer = browser.post("/sign-in", &[("email", email)]).await;
        assert_eq!(answer.status, 303);
        browser
    }

    async fn send(&self, method: Method, path: &str, form: Option<String>) -> Answer {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let headers = [("cookie", cookies.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let answer = self.server.send(method, path, &headers, &form.unwrap_or_default()).await.unwrap();
        for cookie in answer.headers.get_all("set-cookie") {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    async fn open(&self, path: &str) -> String {
        let answer = self.send(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, Some(form)).await
    }

    /// Posts a form and returns the page that the answer leads to.
    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        self.open(answer.header("location").unwrap()).await
    }

    /// Adds a candidate of Acme and returns where they are.
    async fn candidate(&self, first_name: &str) -> String {
        let email = format!("{}@example.com", first_name.to_lowercase());
        let new = [("first_name", first_name), ("last_name", "Example"), ("email", email.as_str())];
        let page = self.submit("/companies/acme/job/candidates", &new).await;
        assert!(page.contains(&format!("{first_name} Example was added.")));
        let (before, _) = page.split_once(&format!("\">{first_name} Example</a>")).unwrap();
        before.rsplit_once("href=\"").unwrap().1.to_owned()
    }

    async fn orders(&self) -> Value {
        self.server.control(Method::GET, "orders?company=acme", Value::Null).await
    }
}

fn id(candidate: &str) -> &str {
    candidate.rsplit_once('/').unwrap().1
}

const ADMIN: &str = "ada@acme.example";
const RECRUITER: &str = "rita@acme.example";

#[tokio::test]
async fn a_person_can_begin_at_once() {
    let furnished = |url| {
        let master = Pair { client_id: "partner".to_owned(), client_secret: "secret".to_owned() };
        let app = SmartRecruiters::new(url, master).unwrap();
        app.furnish();
        router(app)
    };
    let server = Server::start(furnished).await;
    let recruiter = Browser::signed_in_at(&server, "rita@acme-example.example").await;
    let job = recruiter.open("/companies/acme-example/job").await;
    for candidate in ["Juno", "Kim", "Lee"] {
        assert!(job.contains(&format!("Select {candidate} Example")), "{candidate}");
    }
    let step = recruiter.open("/companies/acme-example/job/skills-test").await;
    assert!(step.contains("There are no assessments to choose from."), "nobody has connected yet");
}

#[tokio::test]
async fn whoever_is_not_signed_in_at_the_company_signs_in_first_and_is_led_back() {
    let partner = Partner::new().await;
    let browser = Browser { server: &partner.server, cookies: RefCell::default() };
    let turned = browser.send(Method::GET, "/companies/acme/job", None).await;
    assert_eq!((turned.status, turned.header("location")), (303, Some("/?next=%2Fcompanies%2Facme%2Fjob")));
    let page = browser.open("/?next=%2Fcompanies%2Facme%2Fjob").await;
    assert!(page.contains("value=\"/companies/acme/job\"") && page.contains("value=\"rita@acme.example\""));
    let signed = browser.post("/sign-in", &[("email", ADMIN), ("next", "/companies/acme/job")]).await;
    assert_eq!(signed.header("location"), Some("/companies/acme/job"));
    let elsewhere = browser.post("/sign-in", &[("email", ADMIN), ("next", "https://evil.example/")]).await;
    assert_eq!(elsewhere.header("location"), Some("/apps/acme"));
    browser.submit("/companies", &[("company", "globex")]).await;
    assert_eq!(browser.send(Method::GET, "/companies/globex/job", None).await.status, 303, "another company's");
    assert_eq!(browser.send(Method::GET, "/companies/initech/job", None).await.status, 404);
    assert!(browser.submit("/companies", &[("company", "globex")]).await.contains("already"));
    assert!(browser.submit("/companies", &[("company", "../x")]).await.contains("small letters"));
    assert_eq!(browser.post("/sign-out", &[]).await.status, 303);
    assert_eq!(browser.send(Method::GET, "/apps/acme", None).await.status, 303);
}

#[tokio::test]
async fn an_admin_connects_in_a_frame_sees_it_and_disconnects() {
    let partner = Partner::new().await;
    let admin = Browser::signed_in(&partner, ADMIN).await;
    assert!(admin.open("/apps/acme/testgorilla").await.contains("has not registered"));
    let mut configuration = partner.configuration();
    configuration["consentDisplayMode"] = json!("POPUP");
    assert_eq!(partner.configure(configuration).await.status, 200);
    assert!(admin.open("/apps/acme?search=gorilla").await.contains("/apps/acme/testgorilla\">TestGorilla</a>"));
    assert!(admin.open("/apps/acme?search=other").await.contains("No app is called"));
    assert!(admin.open("/apps/acme/testgorilla").await.contains("/testgorilla/connect\">Connect</a>"));
    assert!(admin.open("/apps/acme/testgorilla/connect").await.contains("Allow and continue"));
    let shown = admin.submit("/apps/acme/testgorilla/consent", &[]).await;
    let source = format!("<iframe src=\"{}/integration?companyId=acme\"", partner.product.url);
    assert!(shown.contains(&source) && shown.contains("Not connected yet"));
    assert_eq!(partner.integrate("acme", "works").await.status, 200);
    assert!(admin.open("/apps/acme/testgorilla/consent").await.contains("You can close this window."));
    assert!(admin.open("/apps/acme/testgorilla").await.contains("<button class=\"danger\">Disconnect</button>"));
    let ended = admin.submit("/apps/acme/testgorilla/disconnect", &[]).await;
    assert!(ended.contains("TestGorilla is disconnected.") && ended.contains("Not connected"));
    let calls = partner.server.control(Method::GET, "calls?operation=deleteIntegration", Value::Null).await;
    assert_eq!(calls[0]["status"], 204);
}

#[tokio::test]
async fn with_redirect_the_browser_goes_to_the_partners_page_and_is_told_the_way_back() {
    let partner = Partner::new().await;
    partner.register().await;
    let admin = Browser::signed_in(&partner, ADMIN).await;
    let answer = admin.post("/apps/acme/testgorilla/consent", &[]).await;
    let location = answer.header("location").unwrap();
    assert!(location.starts_with(&format!("{}/integration?companyId=acme&redirect=", partner.product.url)));
    assert!(location.ends_with("%2Fapps%2Facme"));
}

#[tokio::test]
async fn a_recruiter_neither_connects_nor_disconnects() {
    let (partner, _) = Partner::connected().await;
    let recruiter = Browser::signed_in(&partner, RECRUITER).await;
    let shown = recruiter.open("/apps/acme/testgorilla").await;
    assert!(shown.contains("Only an admin") && !shown.contains("Disconnect</button>"));
    assert_eq!(recruiter.send(Method::GET, "/apps/acme/testgorilla/connect", None).await.status, 403);
    assert!(recruiter.submit("/apps/acme/testgorilla/disconnect", &[]).await.contains("Only an admin"));
    let company = partner.server.control(Method::GET, "companies/acme", Value::Null).await;
    assert_eq!(company["connected"], true);
}

#[tokio::test]
async fn a_recruiter_orders_by_hand_once() {
    let (partner, _) = Partner::connected().await;
    let recruiter = Browser::signed_in(&partner, RECRUITER).await;
    let juno = recruiter.candidate("Juno").await;
    assert!(recruiter.open(&format!("{juno}/assessment")).await.contains("No assessment was sent"));
    assert!(recruiter.open(&format!("{juno}/browse")).await.contains("/browse/testgorilla\">TestGorilla</a>"));
    let offered = recruiter.open(&format!("{juno}/browse/testgorilla")).await;
    assert!(offered.contains("type=\"checkbox\" name=\"package\" value=\"42\"") && offered.contains("CONTINUE"));
    let nothing = recruiter.send(Method::GET, &format!("{juno}/review"), None).await;
    assert_eq!(nothing.status, 303);
    let review = recruiter.open(&format!("{juno}/review?package=42")).await;
    assert!(review.contains("<li>Rust</li>") && review.contains("juno@example.com") && review.contains("SEND"));
    let sent = recruiter.submit(&format!("{juno}/orders"), &[("package", "42")]).await;
    assert!(sent.contains("Sent to Juno Example: Rust.") && sent.contains("data-status=\"PENDING\""));
    assert!(sent.contains("by Rita Example"));
    let orders = recruiter.orders().await;
    assert_eq!(orders[0]["request"]["requester"]["email"], RECRUITER);
    assert_eq!(orders[0]["request"]["job"]["title"], "Backend engineer");
    let calls = partner.server.control(Method::GET, "calls?operation=listPackages", Value::Null).await;
    assert_eq!(calls[0]["request_headers"]["requester"], format!("email,{RECRUITER}"));

    let offered = recruiter.open(&format!("{juno}/browse/testgorilla")).await;
    assert!(!offered.contains("CONTINUE") && offered.contains("not offered again: Rust"));
    let again = recruiter.submit(&format!("{juno}/orders"), &[("package", "42")]).await;
    assert!(again.contains("was ordered package 42 before"));
    assert_eq!(recruiter.orders().await.as_array().unwrap().len(), 1);
    partner.server.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn who_enters_an_auto_triggered_step_is_ordered_its_assessment_in_nobodys_name_and_once() {
    let (partner, _) = Partner::connected().await;
    let recruiter = Browser::signed_in(&partner, RECRUITER).await;
    let (juno, kim) = (recruiter.candidate("Juno").await, recruiter.candidate("Kim").await);
    let step = recruiter.open("/companies/acme/job/skills-test").await;
    assert!(step.contains("Preferred") && step.contains("type=\"radio\" name=\"package\" value=\"42\""));
    recruiter.submit("/companies/acme/job/skills-test", &[("package", "42")]).await;
    let moves = "/companies/acme/job/moves";
    let moved = recruiter.submit(moves, &[("candidate", id(&juno)), ("step", "skills-test")]).await;
    assert!(moved.contains("Juno Example: moved to Skills Test."));
    assert_eq!(recruiter.orders().await, json!([]), "not auto-triggered");

    let job = recruiter.submit("/companies/acme/job/skills-test", &[("package", "42"), ("auto_triggered", "on")]).await;
    assert!(job.contains("AUTO-TRIGGERED"));
    let both = [("candidate", id(&juno)), ("candidate", id(&kim)), ("step", "skills-test")];
    recruiter.submit(moves, &both).await;
    recruiter.submit(moves, &both).await;
    let orders = recruiter.orders().await;
    assert_eq!(orders.as_array().unwrap().len(), 2);
    assert!(orders.as_array().unwrap().iter().all(|order| order["request"].get("requester").is_none()));
    assert!(recruiter.open(&format!("{kim}/assessment")).await.contains("AUTO-TRIGGERED"));
    assert!(recruiter.submit(moves, &[("step", "offer")]).await.contains("Tick the candidates"));
    assert!(recruiter.submit(moves, &[("candidate", id(&kim)), ("step", "x")]).await.contains("no step x"));

    let profile = recruiter.submit(moves, &[("candidate", id(&kim)), ("step", "offer"), ("from_profile", "yes")]).await;
    assert!(profile.contains("<dt>Step</dt><dd>Offer</dd>"));
    let none = recruiter.submit("/companies/acme/job/skills-test", &[("package", "")]).await;
    assert!(none.contains("choose one"));
}

#[tokio::test]
async fn the_assessment_tab_shows_what_was_published() {
    let (partner, token) = Partner::connected().await;
    let recruiter = Browser::signed_in(&partner, RECRUITER).await;
    let juno = recruiter.candidate("Juno").await;
    recruiter.submit(&format!("{juno}/orders"), &[("package", "42")]).await;
    let order = recruiter.orders().await[0]["id"].as_str().unwrap().to_owned();
    let link = "https://testgorilla.example/candidates/7?candidature=9";
    let result = json!({
        "status": "COMPLETED", "name": "Rust basics", "summary": "Anti-cheating: Webcam enabled? Yes.",
        "score": {"raw": 76, "min": 0, "max": 100}, "submissionDate": "2026-01-03T09:12:00Z",
        "attachments": [{"type": "OTHER_URL", "url": link}, {"type": "PDF_URL", "url": "javascript:alert(1)"}],
        "assessmentResults": [
            {"assessmentId": "1", "name": "Ownership", "status": "COMPLETED", "score": {"raw": 81, "min": 0, "max": 100}},
            {"assessmentId": "2", "name": "<b>Type</b>", "status": "COMPLETED", "scoreLabel": "INTJ"},
        ],
    });
    assert_eq!(partner.patch(&token, &order, result).await.status, 200);
    let tab = recruiter.open(&format!("{juno}/assessment")).await;
    for shown in [
        "data-status=\"COMPLETED\"",
        "Rust basics",
        "<span class=\"score\">76</span> out of 100",
        "Webcam enabled? Yes.",
        "3 Jan 2026, 09:12 UTC",
        "81 out of 100",
        "INTJ",
        "See Results",
    ] {
        assert!(tab.contains(shown), "{shown}");
    }
    assert!(tab.contains("href=\"https://testgorilla.example/candidates/7?candidature=9\""));
    assert!(!tab.contains("javascript:") && !tab.contains("<b>Type</b>"));
    assert!(recruiter.open("/companies/acme/job").await.contains(" 76/100"));
}

#[tokio::test]
async fn what_the_product_refuses_is_told_and_may_be_sent_again_after_trouble() {
    let (partner, _) = Partner::connected().await;
    let recruiter = Browser::signed_in(&partner, RECRUITER).await;
    let juno = recruiter.candidate("Juno").await;
    let send = async |package: &str| recruiter.submit(&format!("{juno}/orders"), &[("package", package)]).await;
    let refused = send("404").await;
    assert!(refused.contains("TestGorilla refuses (404): No.") && refused.contains("Not sent"));
    assert!(!refused.contains("Send again"), "it was refused for good");
    let down = send("503").await;
    assert!(down.contains("not available at the moment (503)") && down.contains("Send again"));
    let orders = recruiter.orders().await;
    let failed = orders.as_array().unwrap().iter().find(|order| order["package"] == "503").unwrap();
    let again = format!("/companies/acme/orders/{}/deliveries", failed["id"].as_str().unwrap());
    assert!(recruiter.submit(&again, &[]).await.contains("not available"));
    assert_eq!(recruiter.post("/companies/acme/orders/unknown/deliveries", &[]).await.status, 404);
    partner.server.control(Method::POST, "companies/acme/disconnect", json!({})).await;
    assert!(recruiter.open(&format!("{juno}/browse/testgorilla")).await.contains("is not connected"));
    assert!(recruiter.open("/companies/acme/job/skills-test").await.contains("is not connected"));
    assert!(send("42").await.contains("is not connected"));
}

#[tokio::test]
async fn candidates_need_a_name_and_an_address_and_are_their_companys_own() {
    let partner = Partner::new().await;
    let recruiter = Browser::signed_in(&partner, RECRUITER).await;
    let juno = recruiter.candidate("Juno").await;
    let add = async |first_name: &str, email: &str| {
        let new = [("first_name", first_name), ("last_name", "Example"), ("email", email)];
        recruiter.submit("/companies/acme/job/candidates", &new).await
    };
    assert!(add("", "x@example.com").await.contains("are needed"));
    assert!(add("Lee", "no address").await.contains("is no email address"));
    let shown = add("<script>x</script>", "y@example.com").await;
    assert!(shown.contains("&#60;script&#62;x") && !shown.contains("<script>x"));
    recruiter.post("/companies", &[("company", "globex")]).await;
    let other = Browser::signed_in(&partner, "rita@globex.example").await;
    for path in ["", "/assessment", "/browse", "/browse/testgorilla", "/review?package=42"] {
        let foreign = format!("/companies/globex/candidates/{}{path}", id(&juno));
        assert_eq!(other.send(Method::GET, &foreign, None).await.status, 404, "{foreign}");
    }
}
