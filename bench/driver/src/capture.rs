//! Takes the requests that a partner's stand-in means for the product, says yes, and keeps them: they become events.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Failure;

/// A listener on the loopback interface.
pub(crate) struct Capture {
    port: u16,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl Capture {
    /// Listens on a free port.
    pub(crate) async fn listen() -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let taken = Arc::new(Mutex::new(vec![]));
        let kept = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = kept.clone();
                let service = service_fn(move |request| keep(request, kept.clone()));
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { connection.await.ok() });
            }
        });
        Ok(Self { port, taken })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What came since the last question, oldest first.
    pub(crate) fn take(&self) -> Vec<Value> {
        self.taken.lock().map(|mut taken| std::mem::take(&mut *taken)).unwrap_or_default()
    }
}

async fn keep(request: Request<Incoming>, kept: Arc<Mutex<Vec<Value>>>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: BTreeMap<&str, String> =
        head.headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    let seen = json!({
        "method": head.method.as_str(),
        "path": head.uri.path(),
        "query": head.uri.query().unwrap_or_default(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    });
    if let Ok(mut kept) = kept.lock() {
        kept.push(seen);
    }
    let mut answer = Response::new(Full::from("{}"));
    *answer.status_mut() = StatusCode::ACCEPTED;
    answer.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    Ok(answer)
}
