//! The use cases as processes: each as its function runs it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::flows::authorise::{Caller, Denied, authorise};
use domain::flows::consent::{Grant, GrantError, Granted, grant};
use domain::flows::hint::{Disbelieved, Hint, act, believe};
use domain::flows::inline::{self, InlineError};
use domain::flows::order::{OrderError, OrderRequest, accept};
use domain::flows::token::{TokenError, issue};
use domain::flows::{end, follow, invite, listing, reconcile, refresh, why};
use domain::ids::{AssessmentId, CompanyId};
use domain::integration::EndCause;
use domain::order::OrderKind;
use domain::ports::{Clock, ResultWork};
use domain::sensitive::ClientCredentials;
use domain::timestamp::Timestamp;
use domain::webhook::Headers;
use futures_util::stream::{self, StreamExt};
use ring::hmac;
use testing::FakePorts;
use testing::queues::Work as MessageWork;

use crate::history::{AccountNo, Callback, CompanyNo, OrderNo};
use crate::process::Work;

/// How old a copy of the catalogue may be (`CatalogueMaxAgeSeconds`).
pub(crate) const MAX_AGE: Duration = Duration::from_secs(60);
/// SmartRecruiters fetches a new token before the old one ends.
const TOKEN_KEPT: Duration = Duration::from_secs(25 * 60);
/// Work that has begun is given this long to end before Lambda ends the process (`functions/reconcile`).
const MARGIN: Duration = Duration::from_secs(75);

/// A request from outside, which its caller may repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) ask: Ask,
    /// How often it was made before.
    pub(crate) attempt: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    Order { order: OrderNo, reworded: bool },
    Grant { company: CompanyNo, account: AccountNo, key: u64, form: u8 },
    Disconnect(CompanyNo),
    List(CompanyNo),
    Why(CompanyNo, AssessmentId),
    CallBack { hint: Hint, how: Callback },
    ForgeToken(CompanyNo, CompanyNo),
}

/// What the caller hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Done.
    Good,
    /// No, and asking again will not help.
    No(&'static str),
    /// Not now: it is asked again.
    Later,
}

/// What a process came to.
#[derive(Debug)]
pub(crate) enum Done {
    /// Messages by their ids, and whether each was worked on.
    Messages(Vec<(u64, bool)>),
    Swept,
    Replied(Reply),
    Granted(Result<Granted, GrantError>),
    Listed(Vec<AssessmentId>),
}

/// Access tokens that SmartRecruiters holds, with the time from which it would fetch a new one.
pub(crate) type Tokens = Rc<RefCell<BTreeMap<CompanyNo, (String, Timestamp)>>>;

pub(crate) fn messages(ports: Rc<FakePorts>, settings: Rc<follow::Settings>, batch: Vec<(u64, MessageWork)>) -> Work {
    Box::pin(async move {
        let (ports, settings) = (&*ports, &*settings);
        let work = |(id, work)| async move { (id, message(ports, settings, work).await) };
        Done::Messages(stream::iter(batch).map(work).buffer_unordered(10).collect().await)
    })
}

async fn message(ports: &FakePorts, settings: &follow::Settings, work: MessageWork) -> bool {
    match work {
        MessageWork::Invite(key) => invite::attend(ports, settings, &key).await.is_ok(),
        MessageWork::Result(ResultWork::Follow { invitation, called_back: true, .. }) => {
            follow::follow_callback(ports, settings, &invitation).await.is_ok()
        }
        MessageWork::Result(ResultWork::Follow { invitation, hinted, called_back: false }) => {
            follow::follow(ports, settings, &invitation, hinted).await.is_ok()
        }
        MessageWork::Result(ResultWork::Refresh { company }) => {
            refresh::refresh(ports, &company, MAX_AGE, true).await.map(|outcome| outcome.log(&company)).is_ok()
        }
        MessageWork::Result(ResultWork::WindDown { company }) => {
            end::wind_down(ports, settings, &company).await.is_ok()
        }
    }
}

pub(crate) fn sweep(ports: Rc<FakePorts>, settings: Rc<follow::Settings>) -> Work {
    Box::pin(async move {
        let stop_at = ports.world.now() + Duration::from_secs(285) - MARGIN;
        let _ = reconcile::sweep(&ports, &settings, stop_at).await;
        Done::Swept
    })
}

/// What SmartRecruiters knows when it calls.
pub(crate) struct Access {
    pub(crate) company: CompanyNo,
    /// Its pair at our token endpoint, while it is connected.
    pub(crate) pair: Option<ClientCredentials>,
    pub(crate) tokens: Tokens,
    /// Where tokens are issued.
    pub(crate) issuer: Rc<FakePorts>,
    pub(crate) now: Timestamp,
}

impl Access {
    async fn token(&self) -> Result<String, Reply> {
        let known = self.tokens.borrow().get(&self.company).cloned();
        let is_fresh = |until: Timestamp| self.pair.is_none() || self.now < until;
        if let Some((token, _)) = known.filter(|(_, until)| is_fresh(*until)) {
            return Ok(token);
        }
        let pair = self.pair.as_ref().ok_or(Reply::No("not_connected"))?;
        match issue(&self.issuer, pair).await {
            Ok(issued) => {
                let token = issued.token.expose().to_owned();
                self.tokens.borrow_mut().insert(self.company, (token.clone(), self.now + TOKEN_KEPT));
                Ok(token)
            }
            Err(TokenError::Store(_)) => Err(Reply::Later),
            Err(_) => Err(Reply::No("invalid_client")),
        }
    }

    async fn caller(&self, ports: &FakePorts) -> Result<Caller, Reply> {
        let token = self.token().await?;
        authorise(ports, &token).await.map_err(|denied| match denied {
            Denied::Store(_) => Reply::Later,
            Denied::NotActive => Reply::No("not_active"),
            Denied::Token(_) => {
                self.tokens.borrow_mut().remove(&self.company);
                Reply::No("token")
            }
        })
    }
}

fn order_reply(error: &OrderError) -> Reply {
    match error {
        OrderError::UnknownPackage => Reply::No("unknown_package"),
        OrderError::KeyRefused => Reply::No("key_refused"),
        OrderError::TooMany => Reply::No("too_many"),
        OrderError::Store(_) => Reply::Later,
    }
}

pub(crate) fn order(ports: Rc<FakePorts>, access: Access, request: OrderRequest, delay: Duration) -> Work {
    Box::pin(async move {
        let caller = match access.caller(&ports).await {
            Ok(caller) => caller,
            Err(reply) => return Done::Replied(reply),
        };
        Done::Replied(match request.kind {
            OrderKind::Package => match accept(&ports, &caller, &request, delay).await {
                Ok(_) => Reply::Good,
                Err(error) => order_reply(&error),
            },
            OrderKind::Inline => match inline::accept(&ports, &caller, &request).await {
                Ok(_) => Reply::Good,
                Err(InlineError::Order(error)) => order_reply(&error),
                Err(InlineError::Refused(_)) => Reply::No("refused"),
                Err(InlineError::NotNow(_)) => Reply::Later,
            },
        })
    })
}

pub(crate) fn list(ports: Rc<FakePorts>, access: Access) -> Work {
    Box::pin(async move {
        let caller = match access.caller(&ports).await {
            Ok(caller) => caller,
            Err(reply) => return Done::Replied(reply),
        };
        match listing::list(&ports, &caller, MAX_AGE).await {
            Ok(listing) => Done::Listed(listing.offered.iter().map(domain::assessment::Assessment::id).collect()),
            Err(listing::ListingError::Store(_)) => Done::Replied(Reply::Later),
            Err(_) => Done::Replied(Reply::No("key_refused")),
        }
    })
}

/// A token that one company's key signed is shown under another company's name.
pub(crate) fn forge(ports: Rc<FakePorts>, access: Access, company: CompanyId) -> Work {
    Box::pin(async move {
        let Ok(token) = access.token().await else { return Done::Replied(Reply::No("not_connected")) };
        let mut parts = token.split('.');
        let (header, claims) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let signature = parts.next().unwrap_or_default();
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let own = format!("company-{}", access.company);
        let claims = String::from_utf8(engine.decode(claims).expect("claims")).expect("JSON");
        let forged = format!("{header}.{}.{signature}", engine.encode(claims.replace(&own, company.as_str())));
        Done::Replied(match authorise(&ports, &forged).await {
            Ok(caller) if caller.integration.company != company || own != company.as_str() => Reply::Good,
            Ok(_) | Err(_) => Reply::No("forged"),
        })
    })
}

pub(crate) fn consent(ports: Rc<FakePorts>, request: Grant) -> Work {
    Box::pin(async move { Done::Granted(grant(&ports, &request).await) })
}

pub(crate) fn disconnect(ports: Rc<FakePorts>, company: CompanyId) -> Work {
    Box::pin(async move {
        let ended = end::end(&ports, &company, EndCause::Disconnected).await;
        Done::Replied(if ended.is_ok() { Reply::Good } else { Reply::Later })
    })
}

pub(crate) fn ask_why(ports: Rc<FakePorts>, company: CompanyId, assessment: AssessmentId) -> Work {
    Box::pin(async move {
        let answer = why::why(&ports, &company, assessment).await;
        if let Ok(answer) = &answer {
            tracing::info!(event = "why.answered", ?answer, sentence = answer.reason.sentence());
        }
        Done::Replied(if answer.is_ok() { Reply::Good } else { Reply::Later })
    })
}

/// A callback, signed with a key at a time.
pub(crate) fn callback(ports: Rc<FakePorts>, hint: Hint, key: Vec<u8>, sent: Timestamp) -> Work {
    Box::pin(async move {
        let (id, timestamp, body) = ("msg_1", sent.as_seconds().to_string(), b"{}");
        let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &signed);
        let signature = format!("v1,{}", STANDARD.encode(tag));
        let headers = Headers { id, timestamp: &timestamp, signature: &signature };
        match believe(&ports, headers, body).await {
            Ok(()) => {}
            Err(Disbelieved::Signature(_)) => return Done::Replied(Reply::No("disbelieved")),
            Err(Disbelieved::Store(_)) => return Done::Replied(Reply::Later),
        }
        Done::Replied(if act(&ports, &hint).await.is_ok() { Reply::Good } else { Reply::Later })
    })
}
