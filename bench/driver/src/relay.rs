//! Relays: what a function takes for AWS and the partners. A relay ends TLS, passes requests on, and writes every call down.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, Uri, Version, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::Failure;

/// The calls of one lane, and whether what they carry is kept.
#[derive(Default)]
pub(crate) struct Calls {
    made: Mutex<Vec<Call>>,
    handshakes: AtomicU64,
    with_bodies: AtomicBool,
}

struct Call {
    to: String,
    what: String,
    status: u16,
    /// From the last byte of the request to the first of the answer: what the function waits for.
    from: Instant,
    until: Instant,
    request: Bytes,
    response: Bytes,
}

impl Calls {
    /// Forgets what was written down.
    pub(crate) fn begin(&self, with_bodies: bool) {
        self.with_bodies.store(with_bodies, Ordering::Relaxed);
        self.handshakes.store(0, Ordering::Relaxed);
        if let Ok(mut made) = self.made.lock() {
            made.clear();
        }
    }

    /// How long somebody waited for answers, calls at the same time counted once; and the calls.
    pub(crate) fn end(&self) -> (Duration, Value) {
        let made = self.made.lock().map(|mut made| std::mem::take(&mut *made)).unwrap_or_default();
        let with_bodies = self.with_bodies.load(Ordering::Relaxed);
        let waited = waited(&made);
        let calls: Vec<Value> = made.iter().map(|call| call.told(with_bodies)).collect();
        (waited, json!({"calls": calls, "handshakes": self.handshakes.load(Ordering::Relaxed)}))
    }
}

impl Call {
    fn told(&self, with_bodies: bool) -> Value {
        let mut told = json!({
            "to": self.to,
            "what": self.what,
            "status": self.status,
            "us": micros(self.until - self.from),
            "sent": self.request.len(),
            "received": self.response.len(),
        });
        if let (true, Some(fields)) = (with_bodies, told.as_object_mut()) {
            fields.insert("request".to_owned(), String::from_utf8_lossy(&self.request).into());
            fields.insert("response".to_owned(), String::from_utf8_lossy(&self.response).into());
        }
        told
    }
}

/// The length of the union of the calls' times.
fn waited(calls: &[Call]) -> Duration {
    let mut times: Vec<(Instant, Instant)> = calls.iter().map(|call| (call.from, call.until)).collect();
    times.sort();
    let mut sum = Duration::ZERO;
    let mut end: Option<Instant> = None;
    for (from, until) in times {
        let from = end.map_or(from, |end| from.max(end));
        sum += until.saturating_duration_since(from);
        end = Some(end.map_or(until, |end| end.max(until)));
    }
    sum
}

/// Whole microseconds.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// TLS as AWS speaks it: 1.2 and 1.3, HTTP/1.1 alone.
pub(crate) fn acceptor(chain: &Path, key: &Path) -> Result<TlsAcceptor, Failure> {
    let chain = CertificateDer::pem_reader_iter(BufReader::new(File::open(chain)?)).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_reader(BufReader::new(File::open(key)?))?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Listens on a free port of the loopback interface, and passes on to `upstream` (`host:port`), which is called `to`.
pub(crate) async fn listen(to: &str, upstream: &str, tls: &TlsAcceptor, calls: Arc<Calls>) -> Result<u16, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let relay = Arc::new(Relay {
        to: to.to_owned(),
        upstream: upstream.to_owned(),
        client: Client::builder(TokioExecutor::new()).build(connector),
        calls,
    });
    let tls = tls.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).ok();
            let (tls, relay) = (tls.clone(), relay.clone());
            tokio::spawn(async move {
                let Ok(stream) = tls.accept(stream).await else { return };
                relay.calls.handshakes.fetch_add(1, Ordering::Relaxed);
                let service = service_fn(|request| relay.pass(request));
                let server = hyper::server::conn::http1::Builder::new();
                server.serve_connection(TokioIo::new(stream), service).await.ok();
            });
        }
    });
    Ok(port)
}

struct Relay {
    to: String,
    upstream: String,
    client: Client<HttpConnector, Full<Bytes>>,
    calls: Arc<Calls>,
}

impl Relay {
    async fn pass(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
        let (mut head, body) = request.into_parts();
        let request = body.collect().await?.to_bytes();
        let from = Instant::now();
        let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let what = target.map_or_else(|| format!("{} {}", head.method, head.uri.path()), ToOwned::to_owned);
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = Uri::builder().scheme("http").authority(self.upstream.as_str()).path_and_query(path).build()?;
        head.headers.remove(header::CONNECTION);
        let answer = self.client.request(Request::from_parts(head, Full::new(request.clone()))).await?;
        let (mut head, body) = answer.into_parts();
        let response = body.collect().await?.to_bytes();
        for name in [header::CONNECTION, header::TRANSFER_ENCODING] {
            head.headers.remove(name);
        }
        head.version = Version::HTTP_11;
        let status = head.status.as_u16();
        let call = Call {
            to: self.to.clone(),
            what,
            status,
            from,
            until: Instant::now(),
            request,
            response: response.clone(),
        };
        if let Ok(mut made) = self.calls.made.lock() {
            made.push(call);
        }
        Ok(Response::from_parts(head, Full::new(response)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_at_the_same_time_are_waited_for_once() {
        let zero = Instant::now();
        let at = |ms| zero + Duration::from_millis(ms);
        let call = |from, until| Call {
            to: String::new(),
            what: String::new(),
            status: 200,
            from: at(from),
            until: at(until),
            request: Bytes::new(),
            response: Bytes::new(),
        };
        let calls = [call(30, 40), call(0, 10), call(5, 20), call(6, 8)];
        assert_eq!(waited(&calls), Duration::from_millis(30));
        assert_eq!(waited(&[]), Duration::ZERO);
    }
}
