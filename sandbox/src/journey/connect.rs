//! Rows 1 to 3: enable the integration, connect, grant consent.

use axum::http::Method;
use serde_json::{Value, json};
use url::Url;

use super::Journey;
use super::page::{Form, news, sentences};
use super::tale::{Broken, promise};
use super::world::{Partner, text};
use crate::client::Answer;
use crate::ids;

/// The TestGorilla account with its key.
#[derive(Debug)]
pub(super) struct Account {
    /// The account's owner.
    pub(super) owner: String,
    /// The key copied from the Integrations page.
    pub(super) api_key: String,
}

impl Journey {
    /// Row 1.
    pub(super) async fn enable(&mut self) -> Result<Account, Broken> {
        let world = &self.world;
        let (account, owner) = (format!("accounts/{}", world.account), format!("olive@{}.example", world.account));
        let recruiter = format!("rita@{}.example", world.account);
        let users = json!([{"email": owner, "role": "owner"}, {"email": recruiter, "role": "recruiter"}]);
        world.control(Partner::TestGorilla, Method::PUT, &account, json!({"plan": "starter", "users": users})).await?;
        let enable = format!("{account}/integration");
        let try_enable = async |user: &str| {
            world.try_control(Partner::TestGorilla, Method::POST, &enable, json!({"user": user})).await
        };
        promise("1", !try_enable(&owner).await?.is_success(), "the integration was enabled below the Pro plan")?;
        world.control(Partner::TestGorilla, Method::PUT, &account, json!({"plan": "pro"})).await?;
        promise("1", !try_enable(&recruiter).await?.is_success(), "a recruiter enabled the integration")?;
        let enabled = try_enable(&owner).await?.value();
        let api_key = text(&enabled, "api_key").to_owned();
        promise("1", !api_key.is_empty(), "the owner of a Pro account gets no API key")?;
        self.tale.tell("1", "TestGorilla", "Refused below the Pro plan, and to a user who is neither Owner nor Admin");
        self.tale.tell("1", "TestGorilla", "The Owner of a Pro account enables the integration and copies the API key");
        let callbacks = json!({
            "url": format!("{}/callbacks/testgorilla", self.world.product),
            "secret": self.callback_secret,
            "sending": "signed",
        });
        self.world.control(Partner::TestGorilla, Method::PUT, "callbacks", callbacks).await?;
        Ok(Account { owner, api_key })
    }

    /// Between rows 1 and 2: ops register the product's URLs at SmartRecruiters.
    pub(super) async fn register(&mut self) -> Result<(), Broken> {
        let at = |path: &str| format!("{}{path}", self.world.product);
        let disable = match &self.disconnect_key {
            Some(key) => at(&format!("/integrations/{key}/companies/{{companyId}}")),
            None => at("/integrations/companies/{companyId}"),
        };
        let configuration = json!({
            "consentUrl": at("/integration"),
            "consentDisplayMode": "REDIRECT",
            "assessmentPackageListUrl": at("/packages"),
            "singleAssessmentPackageUrl": at("/packages/{assessmentPackageId}"),
            "packageOrderUrl": at("/packages/orders"),
            "inlineAssessmentPackageOrderUrl": at("/packages/inline/orders"),
            "oauthTokenUrl": at("/oauth/token"),
            "integrationDisableUrl": disable,
            "supportedAssessmentTypes": ["SKILL_TEST", "INLINE_ASSESSMENT"],
        });
        let token = self.world.master_token().await?;
        let answer = self.world.put_configuration(&token, &configuration).await?;
        promise("2", answer.status == 200, format!("the configuration is refused: {}", answer.text()))?;
        self.tale.tell("2", "Ops", "Register the product's URLs at SmartRecruiters, once for all companies");
        Ok(())
    }

    /// Rows 2 and 3.
    pub(super) async fn connect(&mut self, account: &Account) -> Result<(), Broken> {
        let company = format!("companies/{}", self.world.company);
        self.world.control(Partner::SmartRecruiters, Method::PUT, &company, json!({})).await?;
        let (consent_url, page) = self.allow_and_continue().await?;
        self.tale.tell("3", "Consent", "The browser lands on the Grant consent page");

        let refused = self.grant(&consent_url, &page, &ids::api_key()).await?;
        let sentence = news(&page, &refused.text());
        promise("3", !sentence.is_empty(), "a wrong key gets no sentence on the page")?;
        promise("3", !self.is_connected().await?, "a wrong key connected the company")?;
        self.tale.tell("3", "Consent", format!("A wrong key is refused on the same page: \u{201c}{sentence}\u{201d}"));

        self.grant_rightly(&consent_url, &refused.text(), account).await?;
        self.tale.tell(
            "3",
            "Consent",
            "The admin pastes the API key and presses Grant consent: the company is connected",
        );
        Ok(())
    }

    /// The admin connects once more, without mistakes.
    pub(super) async fn connect_again(&mut self, account: &Account) -> Result<(), Broken> {
        let (consent_url, page) = self.allow_and_continue().await?;
        self.grant_rightly(&consent_url, &page, account).await
    }

    /// "Connect", then "Allow and continue": returns where the browser lands, and the page.
    async fn allow_and_continue(&mut self) -> Result<(Url, String), Broken> {
        let path = format!("companies/{}/consent", self.world.company);
        let consent = self.world.act(Partner::SmartRecruiters, &path, json!({})).await?;
        let url = text(&consent, "consent_url").to_owned();
        self.tale.tell("2", "SmartRecruiters", "An admin presses Connect, then Allow and continue");
        let page = self.world.open(&url, None).await?;
        promise("3", page.status == 200, format!("the consent page answers {}: {}", page.status, page.text()))?;
        let parsed = Url::parse(&url).map_err(|error| Broken::new("3", format!("{url}: {error}")))?;
        Ok((parsed, page.text()))
    }

    async fn grant_rightly(&mut self, consent_url: &Url, page: &str, account: &Account) -> Result<(), Broken> {
        let granted = self.grant(consent_url, page, &account.api_key).await?;
        let said = || sentences(&granted.text()).join(" ");
        promise("3", self.is_connected().await?, format!("the right key does not connect the company: {}", said()))?;
        if (300..400).contains(&granted.status) {
            let path = format!("/apps/{}", self.world.company);
            let leads_back = granted.header("location").is_some_and(|location| location.ends_with(&path));
            promise("3", leads_back, "the page does not lead back to SmartRecruiters")?;
        }
        Ok(())
    }

    /// Fills in the page's form and presses its button.
    async fn grant(&self, consent_url: &Url, page: &str, api_key: &str) -> Result<Answer, Broken> {
        let form = Form::find(page).ok_or_else(|| Broken::new("3", "the consent page has no form"))?;
        let pressed = form.is_post && form.buttons.iter().any(|button| button == "Grant consent");
        promise("3", pressed, "the consent page has no button that says Grant consent")?;
        let action = consent_url.join(&form.action).map_err(|error| Broken::new("3", error.to_string()))?;
        self.world.form(action.as_str(), form.filled("apiKey", api_key)).await
    }

    async fn is_connected(&self) -> Result<bool, Broken> {
        let company = self.world.look(Partner::SmartRecruiters, &format!("companies/{}", self.world.company)).await?;
        Ok(company.get("connected").and_then(Value::as_bool).unwrap_or(false))
    }
}
