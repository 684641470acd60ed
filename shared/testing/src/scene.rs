//! A company that is connected, its TestGorilla account with an assessment, and the use cases run by hand.
//!
//! Names, keys and chance are the same in every run, so that what is answered can be compared with a snapshot.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::access_token;
use domain::assessment::{AssessmentDetails, AssessmentStatus, AssessmentSummary, Test};
use domain::candidate::Candidate;
use domain::flows::authorise::{Caller, authorise};
use domain::flows::consent::{Grant, GrantError, Granted, grant};
use domain::flows::order::{Accepted, OrderError, OrderRequest, accept};
use domain::flows::{end, follow, invite, listing, reconcile, refresh, token};
use domain::ids::{AssessmentId, AttemptId, CandidatureId, CompanyId, InvitationKey, OrderId};
use domain::integration::EndCause;
use domain::invitation::Invitation;
use domain::order::OrderKind;
use domain::outcome::{Flags, Metric, TestResult};
use domain::ports::{Clock, Ledger, ResultWork};
use domain::report::Score;
use domain::sensitive::{ApiKey, ClientCredentials};
use domain::timestamp::Timestamp;

use crate::events::Event;
use crate::queues::Work;
use crate::smartrecruiters::SeenOrder;
use crate::testgorilla::{Account, Completion};
use crate::{FakePorts, Fakes, samples, secrets};

/// The company of [`Scene::new`].
pub const COMPANY: &str = "acme-example";
/// The API key of [`Scene::new`].
pub const API_KEY: &str = "tg-key-of-acme-example";
/// The assessment of [`Scene::connected`].
pub const ASSESSMENT: AssessmentId = AssessmentId(439_706);
/// Juno Example's address.
pub const EMAIL: &str = "juno@example.com";
/// How long invitations are delayed.
pub const DELAY: Duration = Duration::from_secs(600);
/// A minute.
pub const MINUTE: Duration = Duration::from_secs(60);

/// What the tests act on.
pub struct Scene {
    /// Everything in memory.
    pub fakes: Fakes,
    /// What a use case takes.
    pub ports: FakePorts,
    /// The company.
    pub company: CompanyId,
    /// The key its admin pastes.
    pub key: ApiKey,
    /// Its account in TestGorilla.
    pub account: Account,
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

impl Scene {
    /// A company that could connect, and has not.
    pub fn new() -> Self {
        Self::of(&Fakes::default(), COMPANY, API_KEY)
    }

    fn of(fakes: &Fakes, company: &str, key: &str) -> Self {
        let (company, key) = (company.parse().unwrap(), ApiKey::from_pasted(key).unwrap());
        let account = fakes.testgorilla.open_account(&key);
        fakes.smartrecruiters.consent(&company);
        Self { ports: fakes.ports(), fakes: fakes.clone(), company, key, account }
    }

    /// A connected company with one listed assessment.
    pub async fn connected() -> Self {
        let scene = Self::new();
        scene.grant(1).await.unwrap();
        scene.fakes.clock().advance(MINUTE);
        scene.create(ASSESSMENT);
        scene.refresh().await;
        scene.fakes.queues.lose_all();
        scene
    }

    /// Another connected company, with an account of its own in the same TestGorilla.
    pub async fn another(&self) -> Self {
        let other = Self::of(&self.fakes, "other-example", "tg-key-of-other-example");
        other.grant(2).await.unwrap();
        other
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.fakes.clock().now()
    }

    /// The admin sends a form with the company's key.
    pub async fn grant(&self, form: u8) -> Result<Granted, GrantError> {
        self.grant_with(form, &self.key).await
    }

    /// The admin sends a form with any key.
    pub async fn grant_with(&self, form: u8, key: &ApiKey) -> Result<Granted, GrantError> {
        let attempt = AttemptId::from_bytes([form; 16]);
        grant(&self.ports, &Grant { company: self.company.clone(), attempt, api_key: key.clone() }).await
    }

    /// Creates an assessment in TestGorilla now.
    pub fn create(&self, id: AssessmentId) {
        self.create_as(id, |_| ());
    }

    /// Creates an assessment in TestGorilla that differs from the usual.
    pub fn create_as(&self, id: AssessmentId, change: impl FnOnce(&mut AssessmentSummary)) {
        let now = self.now();
        let mut summary = AssessmentSummary {
            id,
            name: "Rust engineer".into(),
            status: AssessmentStatus::Active,
            created_at: now,
            modified_at: now,
            is_empty: false,
        };
        change(&mut summary);
        let tests = vec![Test { id: 11, name: "Rust".into(), duration_seconds: Some(600) }];
        let is_archived = summary.status == AssessmentStatus::Archived;
        let details = AssessmentDetails { tests, expires_at: None, is_archived };
        self.fakes.testgorilla.put_assessment(self.account, summary, details);
    }

    /// The catalogue is refreshed.
    pub async fn refresh(&self) -> refresh::Outcome {
        refresh::refresh(&self.ports, &self.company, Duration::ZERO, false).await.unwrap()
    }

    /// The customer presses Disconnect, and our integration ends.
    pub async fn disconnect(&self) {
        self.fakes.smartrecruiters.disconnect(&self.company);
        assert!(end::end(&self.ports, &self.company, EndCause::Disconnected).await.unwrap());
    }

    /// What SmartRecruiters uses at our token endpoint.
    pub fn our_pair(&self) -> ClientCredentials {
        self.fakes.smartrecruiters.our_pair(&self.company).expect("a connected company")
    }

    /// SmartRecruiters gets a token.
    pub async fn token(&self) -> String {
        self.try_token().await.expect("a connected company")
    }

    async fn try_token(&self) -> Option<String> {
        let pair = self.fakes.smartrecruiters.our_pair(&self.company)?;
        let issued = token::issue(&self.ports, &pair).await.ok()?;
        assert_eq!(issued.expires_in, access_token::LIFETIME.as_secs());
        Some(issued.token.expose().to_owned())
    }

    /// SmartRecruiters gets a token and calls with it.
    pub async fn caller(&self) -> Caller {
        authorise(&self.ports, &self.token().await).await.unwrap()
    }

    /// A payload of `events/`, with everything filled in that this scene knows: without a connection there is no client and no
    /// token, without an invitation no candidature.
    pub async fn event(&self, function: &str, name: &str) -> Event {
        let mut event = Event::load(function, name)
            .fill("COMPANY", &self.company)
            .fill("PACKAGE", ASSESSMENT)
            .fill("SMARTRECRUITERS_URL", "https://api.smartrecruiters.com")
            .fill("API_KEY", self.key.expose())
            .fill("API_KEY_SHA256", self.key.hash())
            .fill("DISCONNECT_KEY", secrets::DISCONNECT_KEY)
            .fill("NOW", self.now().as_seconds());
        if let Some(ClientCredentials { client_id, client_secret }) = self.fakes.smartrecruiters.our_pair(&self.company)
        {
            let basic = STANDARD.encode(format!("{client_id}:{}", client_secret.expose()));
            event = event.fill("CLIENT_ID", client_id).fill("CLIENT_SECRET", client_secret.expose());
            event = event.fill("CLIENT_BASIC", basic);
        }
        if let Some(token) = self.try_token().await {
            event = event.fill("TOKEN", token);
        }
        if let Some(candidature) = self.candidature() {
            event = event.fill("CANDIDATURE", candidature);
        }
        if event.header_text("webhook-signature") == "${SIGNATURE}" { event.sign(secrets::CALLBACK_KEY) } else { event }
    }

    /// What the company's recruiters may order.
    pub async fn listed(&self) -> Vec<AssessmentId> {
        let listing = listing::list(&self.ports, &self.caller().await, MINUTE).await.unwrap();
        listing.offered.iter().map(domain::assessment::Assessment::id).collect()
    }

    /// An order by mail.
    pub fn request(&self, order: OrderId, candidate: Candidate) -> OrderRequest {
        let result_url = samples::result_url(order);
        OrderRequest { assessment: ASSESSMENT, candidate, result_url, kind: OrderKind::Package }
    }

    /// SmartRecruiters orders for Juno Example; says which order.
    pub async fn order(&self) -> OrderId {
        let id = samples::order_id();
        self.deliver(id, samples::candidate()).await.unwrap();
        id
    }

    /// SmartRecruiters delivers an order.
    pub async fn deliver(&self, id: OrderId, candidate: Candidate) -> Result<Accepted, OrderError> {
        let request = self.request(id, candidate);
        if self.fakes.smartrecruiters.order(id).is_none() {
            self.fakes.smartrecruiters.create_order(&self.company, &request.result_url);
        }
        accept(&self.ports, &self.caller().await, &request, DELAY).await
    }

    /// An order for Juno Example that was taken under a key that is given, without any message.
    pub async fn order_as(&self, key: &InvitationKey) -> OrderId {
        let id = samples::order_id();
        let (order, invitation) = (samples::order(key, id), samples::invitation(key, id));
        self.fakes.smartrecruiters.create_order(&self.company, &samples::result_url(id));
        self.ports.store.accept(&order, &invitation).await.unwrap();
        id
    }

    /// Where the candidate page lies, and how long personal data is kept.
    pub fn follow_settings() -> follow::Settings {
        let page = "https://app.testgorilla.example/{assessment}/{testtaker}/{candidature}";
        follow::Settings { candidate_page: page.parse().unwrap(), personal_data: 90 * 24 * 60 * MINUTE }
    }

    /// Works on every message whose time has come; says how many.
    pub async fn work_queues(&self) -> usize {
        let mut count = 0;
        while let Some(message) = self.fakes.queues.take_visible() {
            count += 1;
            assert!(count < 1000, "messages beget messages");
            match message.work {
                Work::Invite(key) => drop(invite::attend(&self.ports, &Self::follow_settings(), &key).await),
                Work::Result(ResultWork::Follow { invitation, called_back: true, .. }) => {
                    drop(follow::follow_callback(&self.ports, &Self::follow_settings(), &invitation).await);
                }
                Work::Result(ResultWork::Follow { invitation, hinted, called_back: false }) => {
                    drop(follow::follow(&self.ports, &Self::follow_settings(), &invitation, hinted).await);
                }
                Work::Result(ResultWork::Refresh { company }) => {
                    drop(refresh::refresh(&self.ports, &company, MINUTE, true).await);
                }
                Work::Result(ResultWork::WindDown { company }) => {
                    drop(end::wind_down(&self.ports, &Self::follow_settings(), &company).await);
                }
            }
        }
        count
    }

    /// The schedule fires once.
    pub async fn sweep(&self) -> reconcile::Swept {
        let deadline = self.now() + 60 * MINUTE;
        reconcile::sweep(&self.ports, &Self::follow_settings(), deadline).await.unwrap()
    }

    /// Time passes with the schedule firing every five minutes and every message delivered in its time.
    pub async fn pass(&self, minutes: u32) {
        for _ in 0..minutes.div_ceil(5) {
            self.fakes.clock().advance(5 * MINUTE);
            self.work_queues().await;
            self.sweep().await;
        }
    }

    /// The invitation goes out in its time.
    pub async fn invited(&self) -> CandidatureId {
        self.fakes.clock().advance(DELAY);
        self.work_queues().await;
        self.candidature().expect("an invitation went out")
    }

    /// Juno Example's candidature.
    pub fn candidature(&self) -> Option<CandidatureId> {
        self.fakes.testgorilla.candidature_of(self.account, ASSESSMENT, EMAIL)
    }

    /// The only invitation there is.
    pub fn invitation(&self) -> Invitation {
        let invitations = self.fakes.store.invitations();
        assert_eq!(invitations.len(), 1);
        invitations[0].clone()
    }

    /// Mails that Juno Example was sent.
    pub fn mails(&self) -> usize {
        self.fakes.testgorilla.mails_to(EMAIL)
    }

    /// An order as SmartRecruiters shows it.
    pub fn seen(&self, order: OrderId) -> SeenOrder {
        self.fakes.smartrecruiters.order(order).expect("an order")
    }

    /// A finished candidature with a score, flags and two tests.
    pub fn completion() -> Completion {
        let test = |test, name: &str, score: Option<f64>, display: Option<&str>| TestResult {
            test,
            name: name.into(),
            score: score.and_then(Score::from_average),
            display: display.map(str::to_owned),
            is_completed: true,
        };
        Completion {
            average: Some(82.5),
            metric: Some(Metric::Average),
            flags: Flags {
                webcam_enabled: Some(true),
                full_screen_always_active: Some(false),
                mouse_always_in_window: None,
                only_once_from_ip: Some(true),
            },
            tests: vec![test(11, "Rust", Some(82.5), None), test(12, "16 types", None, Some("INTJ"))],
        }
    }
}
