//! The product and both stand-ins, as the journey reaches them.

use axum::http::{Method, Request, header};
use bytes::Bytes;
use serde_json::{Value, json};

use super::tale::Broken;
use crate::client::{Answer, Client};
use crate::ids;

/// A stand-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Partner {
    /// TestGorilla.
    TestGorilla,
    /// SmartRecruiters.
    SmartRecruiters,
}

/// The numbers of the last calls before the journey.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    testgorilla: u64,
    smartrecruiters: u64,
}

/// Everyone's addresses, and the names of this walk: each has its own, so that walks do not meet.
#[derive(Debug)]
pub(super) struct World {
    client: Client,
    /// Where the product is served.
    pub(super) product: String,
    testgorilla: String,
    smartrecruiters: String,
    /// The company in SmartRecruiters.
    pub(super) company: String,
    /// The account in TestGorilla.
    pub(super) account: String,
    /// Part of every name of this walk.
    pub(super) mark: String,
}

impl World {
    /// Reaches nobody yet.
    pub(super) fn new(product: &str, testgorilla: &str, smartrecruiters: &str) -> Self {
        let trim = |url: &str| url.trim_end_matches('/').to_owned();
        let mark: String = ids::uuid().chars().take(6).collect();
        Self {
            client: Client::new(),
            product: trim(product),
            testgorilla: trim(testgorilla),
            smartrecruiters: trim(smartrecruiters),
            company: format!("acme-{mark}"),
            account: format!("acme-{mark}"),
            mark,
        }
    }

    fn base(&self, partner: Partner) -> &str {
        match partner {
            Partner::TestGorilla => &self.testgorilla,
            Partner::SmartRecruiters => &self.smartrecruiters,
        }
    }

    /// Sends any request.
    pub(super) async fn send(&self, request: Request<Bytes>) -> Result<Answer, Broken> {
        let uri = request.uri().clone();
        self.client.send(request).await.map_err(|error| Broken::new("all", format!("{uri}: {error}")))
    }

    /// Sends a request with JSON and a bearer token, where there are any.
    pub(super) async fn json(
        &self,
        method: Method,
        url: &str,
        bearer: Option<&str>,
        body: &Value,
    ) -> Result<Answer, Broken> {
        let mut request = Request::builder().method(method).uri(url);
        if let Some(token) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = if body.is_null() {
            Bytes::new()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            body.to_string().into()
        };
        self.send(request.body(body).map_err(|error| Broken::new("all", format!("{url}: {error}")))?).await
    }

    /// Sends a form.
    pub(super) async fn form(&self, url: &str, form: String) -> Result<Answer, Broken> {
        let request = Request::post(url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(form.into()).map_err(|error| Broken::new("all", format!("{url}: {error}")))?).await
    }

    /// Uses a stand-in's control API, whatever it answers.
    pub(super) async fn try_control(
        &self,
        partner: Partner,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<Answer, Broken> {
        self.json(method, &format!("{}/_control/{path}", self.base(partner)), None, &body).await
    }

    /// Uses a stand-in's control API, which must take it.
    pub(super) async fn control(
        &self,
        partner: Partner,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<Value, Broken> {
        let answer = self.try_control(partner, method, path, body).await?;
        if answer.is_success() {
            return Ok(answer.value());
        }
        Err(Broken::new("all", format!("{path} at the stand-in of {partner:?}: {} {}", answer.status, answer.text())))
    }

    /// What a stand-in shows.
    pub(super) async fn look(&self, partner: Partner, path: &str) -> Result<Value, Broken> {
        self.control(partner, Method::GET, path, Value::Null).await
    }

    /// Something is done at a stand-in.
    pub(super) async fn act(&self, partner: Partner, path: &str, body: Value) -> Result<Value, Broken> {
        self.control(partner, Method::POST, path, body).await
    }

    /// Opens a page as a browser, signed in as somebody or as nobody.
    pub(super) async fn open(&self, url: &str, signed_in_as: Option<&str>) -> Result<Answer, Broken> {
        let mut request = Request::get(url);
        if let Some(user) = signed_in_as {
            request = request.header(header::COOKIE, format!("signed_in_as={user}"));
        }
        self.send(request.body(Bytes::new()).map_err(|error| Broken::new("all", format!("{url}: {error}")))?).await
    }

    /// The ordered candidates' mails, all of them.
    pub(super) async fn mails(&self, email: &str) -> Result<Vec<Value>, Broken> {
        let path = format!("mailbox?account={}&email={email}", self.account);
        let mails = self.look(Partner::TestGorilla, &path).await?;
        Ok(mails.as_array().cloned().unwrap_or_default())
    }

    /// An order as SmartRecruiters shows it.
    pub(super) async fn order(&self, id: &str) -> Result<Value, Broken> {
        self.look(Partner::SmartRecruiters, &format!("orders/{id}")).await
    }

    /// The partner's own token at SmartRecruiters.
    pub(super) async fn master_token(&self) -> Result<String, Broken> {
        let master = self.look(Partner::SmartRecruiters, "master").await?;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", text(&master, "client_id"))
            .append_pair("client_secret", text(&master, "client_secret"))
            .finish();
        let answer = self.form(&format!("{}/identity/oauth/token", self.smartrecruiters), form).await?;
        Ok(text(&answer.value(), "access_token").to_owned())
    }

    /// Registers the product's URLs, as ops do.
    pub(super) async fn put_configuration(&self, token: &str, configuration: &Value) -> Result<Answer, Broken> {
        let url = format!("{}/assessment-api/v202010/partner/configuration", self.smartrecruiters);
        self.json(Method::PUT, &url, Some(token), configuration).await
    }

    /// Where the logs of the stand-ins end now.
    pub(super) async fn marks(&self) -> Result<Marks, Broken> {
        let last = async |partner| {
            let calls = self.look(partner, "calls").await?;
            let last = calls.as_array().and_then(|calls| calls.last()).and_then(|call| call.get("seq")?.as_u64());
            Ok(last.unwrap_or(0))
        };
        Ok(Marks {
            testgorilla: last(Partner::TestGorilla).await?,
            smartrecruiters: last(Partner::SmartRecruiters).await?,
        })
    }

    /// Every breach of a contract since then, by whoever.
    pub(super) async fn breaches(&self, since: Marks) -> Result<Vec<Value>, Broken> {
        let mut breaches = Vec::new();
        let marks = [(Partner::TestGorilla, since.testgorilla), (Partner::SmartRecruiters, since.smartrecruiters)];
        for (partner, since) in marks {
            let found = self.look(partner, &format!("violations?since={since}")).await?;
            for list in ["violations", "own"] {
                let calls = found.get(list).and_then(Value::as_array).into_iter().flatten();
                breaches.extend(calls.map(|call| {
                    let part = |name: &str| call.get(name).cloned().unwrap_or_default();
                    json!({"operation": part("operation"), "path": part("path"), "status": part("status"),
                        "violations": part("violations"), "own_violations": part("own_violations")})
                }));
            }
        }
        Ok(breaches)
    }
}

/// A property's text; empty where there is none.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
