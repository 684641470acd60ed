//! Lambda's Runtime API (version 2018-06-01) for one function: as little as a runtime needs.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::Failure;

const VERSION: &str = "/2018-06-01/runtime/";
/// How long an event may take, as the runtime is told: the longest time-out of a function.
const DEADLINE_MS: u128 = 285_000;

/// The function asks for an event.
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(crate) deliver: oneshot::Sender<String>,
}

/// The function has answered an event, or says why it does not start.
pub(crate) struct Answered {
    pub(crate) at: Instant,
    pub(crate) is_failure: bool,
    pub(crate) body: Bytes,
}

/// What a function says, as it comes.
pub(crate) struct Said {
    pub(crate) asked: mpsc::UnboundedReceiver<Asked>,
    pub(crate) answered: mpsc::UnboundedReceiver<Answered>,
}

/// Listens on a free port of the loopback interface.
pub(crate) async fn listen() -> Result<(u16, Said), Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let (ask, asked) = mpsc::unbounded_channel();
    let (answer, answered) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).ok();
            let (ask, answer) = (ask.clone(), answer.clone());
            let service = service_fn(move |request| serve(request, ask.clone(), answer.clone()));
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move { connection.await.ok() });
        }
    });
    Ok((port, Said { asked, answered }))
}

async fn serve(
    request: Request<Incoming>,
    ask: mpsc::UnboundedSender<Asked>,
    answer: mpsc::UnboundedSender<Answered>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let path = request.uri().path().strip_prefix(VERSION).unwrap_or_default().to_owned();
    if request.method() == Method::GET && path == "invocation/next" {
        let (deliver, delivered) = oneshot::channel();
        ask.send(Asked { at: Instant::now(), deliver }).ok();
        return Ok(delivered.await.map_or_else(|_| empty(StatusCode::GONE), event));
    }
    let is_failure = path.ends_with("error");
    let body = request.into_body().collect().await?.to_bytes();
    answer.send(Answered { at: Instant::now(), is_failure, body }).ok();
    Ok(empty(StatusCode::ACCEPTED))
}

fn event(event: String) -> Response<Full<Bytes>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    // Nothing here depends on the identity of a request: one is under way at a time.
    let id = format!("{now:08x}-0000-4000-8000-{now:012x}");
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", id)
        .header("lambda-runtime-deadline-ms", (now + DEADLINE_MS).to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:bench")
        .header("lambda-runtime-trace-id", "Root=1-695b7e10-0a1b2c3d4e5f60718293a4b5;Parent=0a1b2c3d4e5f6071;Sampled=0")
        .body(Full::from(event))
        .unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}
