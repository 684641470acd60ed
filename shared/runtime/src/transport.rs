//! The one HTTP and TLS stack of a binary: the AWS SDK and the partners' clients send through the same connector.
//!
//! Building a connector parses every root certificate of the system (the costliest part of a small function's start), and the
//! SDK's own HTTP client builds one for each of its clients and once more for each pair of time-outs. [`Transport`] builds a
//! single one, at the first call or in [`Transport::warm`], and hands it to all: one pool of connections, one TLS
//! configuration (rustls on ring), one parse.
//!
//! Trusted roots are the system's, or those of the PEM file or folder that the environment variables `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` name. Plain `http` URLs are sent as such: who may use them is decided where URLs are read. Redirects are never
//! followed, proxies never used.

use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// Longest wait for a connection, TLS handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest wait for the first byte of an answer, whoever asks; callers set shorter ones.
const READ_TIMEOUT: Duration = Duration::from_secs(25);
/// How long an unused connection is kept: less than the minute after which load balancers commonly close it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// The HTTP stack. Cloning it shares it; nothing is built before the first use.
#[derive(Clone, Debug, Default)]
pub struct Transport(Arc<OnceLock<SharedHttpConnector>>);

/// What one call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest time from the call to the last byte of the answer, a repetition included.
    pub timeout: Duration,
    /// Longest body that is read, in bytes.
    pub max_body: usize,
    /// The request may be sent once more when the connection closed before any answer: servers close connections that were
    /// idle just as they are used again. Only for requests that may arrive twice.
    pub repeatable: bool,
}

/// Why a call has no answer. None of the texts names an address or repeats what was sent or received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Time ran out; the request may have arrived.
    #[error("no answer in time")]
    Timeout,
    /// No connection, so nothing was sent: the name is unknown, nobody listens, or TLS failed (`invalid data`).
    #[error("no connection ({0})")]
    Connect(io::ErrorKind),
    /// The connection closed before the answer was complete; the request may have arrived.
    #[error("the connection closed early")]
    Closed,
    /// The answer's body is longer than [`Limits::max_body`].
    #[error("the answer is too long")]
    TooLarge,
    /// The answer is not HTTP.
    #[error("the answer is not HTTP")]
    Protocol,
    /// The request cannot be written as HTTP.
    #[error("the request cannot be sent")]
    Unsendable,
}

impl Transport {
    /// A stack that is built when it is first used.
    pub fn new() -> Self {
        Self::default()
    }

    /// A stack that is built now: in a function's initialisation, where the processor is faster than in its calls.
    pub fn warmed() -> Self {
        let transport = Self::new();
        transport.connector();
        transport
    }

    /// The stack as the AWS SDK wants it, for the `http_client` of its configuration. The SDK's connect and read time-outs are
    /// the stack's own, whatever is configured there; its attempt and operation time-outs are kept by the SDK itself.
    pub fn sdk_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(SdkClient(self.clone()))
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// See [`TransportError`].
    pub async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let call = async {
            let spare = limits.repeatable.then(|| request.clone());
            let response = match (self.call(request).await, spare) {
                (Err(TransportError::Closed), Some(request)) => self.call(request).await?,
                (response, _) => response?,
            };
            read(response, limits.max_body).await
        };
        tokio::time::timeout(limits.timeout, call).await.unwrap_or(Err(TransportError::Timeout))
    }

    async fn call(&self, request: http::Request<Bytes>) -> Result<HttpResponse, TransportError> {
        let request = HttpRequest::try_from(request.map(SdkBody::from)).map_err(|_| TransportError::Unsendable)?;
        self.connector().call(request).await.map_err(|error| classify(&error))
    }

    fn connector(&self) -> &SharedHttpConnector {
        self.0.get_or_init(|| {
            let settings =
                HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
            let connector = Connector::builder()
                .connector_settings(settings)
                .sleep_impl(TokioSleep::new())
                .pool_idle_timeout(IDLE_TIMEOUT)
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build();
            SharedHttpConnector::new(connector)
        })
    }
}

async fn read(response: HttpResponse, max_body: usize) -> Result<http::Response<Bytes>, TransportError> {
    let (parts, body) = response.try_into_http1x().map_err(|_| TransportError::Protocol)?.into_parts();
    let body = Limited::new(body, max_body).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() { TransportError::TooLarge } else { TransportError::Closed }
    })?;
    Ok(http::Response::from_parts(parts, body.to_bytes()))
}

fn classify(error: &ConnectorError) -> TransportError {
    use hyper_util::client::legacy::Error as ClientError;
    let connecting = causes(error).filter_map(|cause| cause.downcast_ref::<ClientError>()).any(ClientError::is_connect);
    if connecting {
        let io = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>());
        let late = if error.is_timeout() { io::ErrorKind::TimedOut } else { io::ErrorKind::Other };
        return TransportError::Connect(io.map_or(late, io::Error::kind));
    }
    // Besides I/O errors the connector marks an answer that broke off as transient.
    if error.is_timeout() {
        TransportError::Timeout
    } else if error.is_io() || error.as_other().is_some() {
        TransportError::Closed
    } else if error.is_user() {
        TransportError::Unsendable
    } else {
        TransportError::Protocol
    }
}

/// An error and what caused it, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Gives every SDK client the one connector, and builds none for checking.
#[derive(Debug)]
struct SdkClient(Transport);

impl HttpClient for SdkClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.connector().clone()
    }
}
