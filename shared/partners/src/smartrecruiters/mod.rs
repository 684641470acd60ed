//! SmartRecruiters' API for assessment partners.

mod answers;
mod client;
mod configuration;
mod multipart;
mod tokens;
mod unconfirmed;
mod wire;

use std::time::Duration;

use bytes::Bytes;
use domain::hosts::AllowedHosts;
use domain::ports::{Clock, SmartRecruitersError};
use domain::sensitive::{ClientCredentials, Secret};
use http::{HeaderValue, Method, StatusCode};
use runtime::transport::{Limits, Transport};
use tokio::sync::Semaphore;
use url::Url;

use crate::base_url::BaseUrl;
use crate::call::{self, Ask, MAX_JSON_BYTES, Reply};
use crate::fault::Fault;
use crate::report_slot::ReportSlot;
use tokens::{Fresh, Token, Tokens};
use wire::{TokenAnswer, TokenRefusal};

/// Where SmartRecruiters is, where results may go, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmartRecruitersConfig {
    /// The API's address, `https://api.smartrecruiters.com` in production.
    pub base: BaseUrl,
    /// The hosts of result URLs: the only ones beside `base` that an access token is sent to.
    pub hosts: AllowedHosts,
    /// Longest wait for an answer.
    pub timeout: Duration,
    /// Longest wait for an answer to an attachment.
    pub upload_timeout: Duration,
}

impl SmartRecruitersConfig {
    /// With time-outs of 5 seconds, and 15 for attachments: all calls of one invocation fit its function's time.
    pub const fn new(base: BaseUrl, hosts: AllowedHosts) -> Self {
        Self { base, hosts, timeout: Duration::from_secs(5), upload_timeout: Duration::from_secs(15) }
    }
}

/// Most requests at once: what SmartRecruiters allows for one credential.
const MAX_CONCURRENT: usize = 8;
/// The partner's name in the log.
const PARTNER: &str = "smartrecruiters";

/// The client behind [`domain::ports::SmartRecruiters`] and, for ops, [`domain::ports::PartnerConfiguration`]. One for a process: it keeps the access tokens, and sends no more than eight
/// requests at once.
#[derive(Debug)]
pub struct SmartRecruitersClient<C> {
    transport: Transport,
    config: SmartRecruitersConfig,
    clock: C,
    tokens: Tokens<TokenError>,
    slots: Semaphore,
    report_slot: ReportSlot,
}

/// Why there is no token, in a form that those who waited for the same one can share.
#[derive(Debug, Clone, Copy)]
enum TokenError {
    CredentialsRefused,
    Refused(u16),
    RateLimited(Duration),
    Broken(Fault),
}

impl From<TokenError> for SmartRecruitersError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::CredentialsRefused => Self::CredentialsRefused,
            TokenError::Refused(status) => Self::Refused(status),
            TokenError::RateLimited(wait) => Self::RateLimited(wait),
            TokenError::Broken(fault) => answers::broken(fault),
        }
    }
}

impl<C: Clock> SmartRecruitersClient<C> {
    /// A client that sends through the process's HTTP stack.
    pub fn new(transport: Transport, config: SmartRecruitersConfig, clock: C) -> Self {
        Self {
            transport,
            config,
            clock,
            tokens: Tokens::new(),
            slots: Semaphore::new(MAX_CONCURRENT),
            report_slot: ReportSlot::new(),
        }
    }

    /// A request for JSON.
    fn request(&self, operation: &'static str, method: Method, url: Url) -> Ask {
        // All but POST may arrive twice: reading, and merge patches, which set what they name.
        let repeatable = method != Method::POST;
        let limits = Limits { timeout: self.config.timeout, max_body: MAX_JSON_BYTES, repeatable };
        Ask { operation, method, url, body: None, json: true, limits }
    }

    /// Sends when fewer than eight requests are on their way.
    async fn send(&self, ask: Ask, authorization: Option<HeaderValue>) -> Result<Reply, Fault> {
        // The semaphore is never closed; without a slot the request would only be one too many.
        let _slot = self.slots.acquire().await.ok();
        call::send(&self.transport, PARTNER, ask, authorization).await
    }

    /// Sends with an access token, a new one where the first is refused. `ask` goes to the configured host or to a checked result URL.
    async fn authorised(&self, credentials: &ClientCredentials, ask: Ask) -> Result<Reply, SmartRecruitersError> {
        let token = self.token(credentials, None).await?;
        let mut reply = self.send_with(&token, ask.clone()).await?;
        if reply.status == StatusCode::UNAUTHORIZED {
            let token = self.token(credentials, Some(&token)).await?;
            reply = self.send_with(&token, ask).await?;
        }
        Ok(reply)
    }

    async fn send_with(&self, token: &Token, ask: Ask) -> Result<Reply, SmartRecruitersError> {
        let unsendable = || answers::broken(Fault::body("getToken"));
        let authorization = call::authorization("Bearer", token.value.expose()).ok_or_else(unsendable)?;
        self.send(ask, Some(authorization)).await.map_err(answers::broken)
    }

    async fn token(&self, credentials: &ClientCredentials, refused: Option<&Token>) -> Result<Token, TokenError> {
        self.tokens.get(credentials, refused, self.clock.now(), || self.fetch_token(credentials)).await
    }

    /// Client credentials grant (RFC 6749 section 4.4).
    async fn fetch_token(&self, credentials: &ClientCredentials) -> Result<Fresh, TokenError> {
        let url = self.config.base.endpoint(&["identity", "oauth", "token"]);
        let mut ask = self.request("getToken", Method::POST, url);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &credentials.client_id)
            .append_pair("client_secret", credentials.client_secret.expose())
            .finish();
        ask.body = Some((HeaderValue::from_static("application/x-www-form-urlencoded"), Bytes::from(form)));
        // Asking twice gives two tokens, which harms nobody.
        ask.limits.repeatable = true;
        let reply = self.send(ask, None).await.map_err(TokenError::Broken)?;
        let reply = self.accept_token(reply)?;
        let answer: TokenAnswer = reply.json().map_err(TokenError::Broken)?;
        let life = answer.expires_in.map_or(unconfirmed::DEFAULT_TOKEN_LIFE, Duration::from_secs);
        Ok(Fresh { value: Secret::new(answer.access_token), life })
    }

    fn accept_token(&self, reply: Reply) -> Result<Reply, TokenError> {
        let error = || reply.json::<TokenRefusal>().ok().and_then(|refusal| refusal.error);
        if reply.status.is_client_error() && unconfirmed::is_about_credentials(reply.status, error().as_deref()) {
            return Err(TokenError::CredentialsRefused);
        }
        let fault = reply.fault();
        answers::accept(reply, self.clock.now()).map_err(|refusal| match refusal {
            SmartRecruitersError::Refused(status) => TokenError::Refused(status),
            SmartRecruitersError::RateLimited(wait) => TokenError::RateLimited(wait),
            _ => TokenError::Broken(fault),
        })
    }
}
