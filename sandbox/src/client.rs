//! A plain HTTP client for loopback addresses. It follows no redirect and knows no TLS.

use std::time::Duration;

use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// How long an answer may take. Longer than any function of the product runs.
const TIMEOUT: Duration = Duration::from_secs(60);

/// No answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// The request cannot be written, e.g. for a bad address.
    #[error("not a request: {0}")]
    Request(#[from] axum::http::Error),
    /// The connection could not be made, or ended too early.
    #[error("no answer: {0}")]
    Connection(#[from] hyper_util::client::legacy::Error),
    /// The connection ended within the answer.
    #[error("half an answer: {0}")]
    Body(#[from] hyper::Error),
    /// It took too long.
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    Timeout,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

impl Answer {
    /// Whether the status is 2xx.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; as a string when it is none, null when it is empty.
    pub(crate) fn value(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|_| Value::from(self.text()))
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The client. Clones share their connections.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
}

impl Client {
    /// A client without connections.
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        // Small requests on kept connections: waiting to fill packets would add tens of milliseconds to each.
        connector.set_nodelay(true);
        Self { pool: Pool::builder(TokioExecutor::new()).build(connector) }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// See [`SendError`].
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Answer, SendError> {
        tokio::time::timeout(TIMEOUT, self.exchange(request)).await.map_err(|_| SendError::Timeout)?
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Answer, SendError> {
        let response = self.pool.request(request.map(Full::new)).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }
}
