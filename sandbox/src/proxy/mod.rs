//! A proxy between the deployed functions and the emulated AWS: it records what each function asks for, and misbehaves on request.

mod call;
mod caller;
mod control;
mod kind;
mod record;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use bytes::Bytes;

use crate::client::Client;
use crate::faults::Faults;
use crate::misbehave::cut;
use crate::serve::Peer;
use call::Call;
use caller::Callers;
use kind::{Kind, Place};
use record::Record;

/// No call of the functions needs a larger body.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// What a proxy says of a connection and not of the message.
const OF_THE_CONNECTION: [HeaderName; 2] = [header::CONNECTION, header::TRANSFER_ENCODING];

/// The proxy.
#[derive(Debug)]
pub(crate) struct Proxy {
    /// The emulated AWS, e.g. `http://127.0.0.1:4566`.
    upstream: String,
    client: Client,
    faults: Arc<Faults<Kind>>,
    record: Record,
    callers: Callers,
}

impl Proxy {
    /// A proxy in front of `upstream` (without a slash at its end).
    pub(crate) fn new(upstream: String) -> Arc<Self> {
        Arc::new(Self {
            upstream,
            client: Client::new(),
            faults: Arc::default(),
            record: Record::default(),
            callers: Callers::default(),
        })
    }

    /// Sends the call on as it is, its signature included, and returns the answer as it is.
    async fn forward(&self, mut request: axum::http::Request<Bytes>) -> Response {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let Ok(uri) = format!("{}{path}", self.upstream).parse::<Uri>() else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        *request.uri_mut() = uri;
        OF_THE_CONNECTION.iter().for_each(|name| drop(request.headers_mut().remove(name)));
        // No answer is passed on as none.
        let Ok(answer) = self.client.send(request).await else {
            return cut();
        };
        let mut response = Response::new(Body::from(answer.body));
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
        *response.headers_mut() = answer.headers;
        OF_THE_CONNECTION.iter().for_each(|name| drop(response.headers_mut().remove(name)));
        response
    }
}

/// Everything that the proxy serves: its control API, and all else by the emulated AWS.
pub(crate) fn router(proxy: Arc<Proxy>) -> Router {
    let passing = Router::new().fallback(pass).with_state(Arc::clone(&proxy));
    control::router(proxy).fallback_service(passing)
}

async fn pass(State(proxy): State<Arc<Proxy>>, Extension(peer): Extension<Peer>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Some(call) = Call::read(&parts.headers, &body) else {
        return proxy.forward(Request::from_parts(parts, body)).await;
    };
    let function = proxy.callers.function(&call.key);
    proxy.record.add(function.as_deref(), &call.rights);
    let request = Request::from_parts(parts, body);
    let Some(kind) = proxy.faults.take(&call.operation, function.as_deref(), request.body()) else {
        return proxy.forward(request).await;
    };
    match kind.place() {
        Place::Instead => kind.answer(&call),
        Place::After => {
            let response = proxy.forward(request).await;
            let _held = proxy.faults.held().add(function, &call.operation, peer);
            kind.wait().await;
            if kind.is_late_only() { response } else { kind.answer(&call) }
        }
        Place::Before => {
            {
                let _held = proxy.faults.held().add(function, &call.operation, peer);
                kind.wait().await;
            }
            proxy.forward(request).await
        }
    }
}

#[cfg(test)]
mod tests;
