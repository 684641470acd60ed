//! An HTTP server that can cut a connection instead of answering.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

use crate::misbehave::Cut;

/// A connection that is cut on request: the server's way to end it without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut, as was asked for")]
struct ConnectionCut;

/// The other end of the connection that a request came by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Listens on a loopback address, or wherever it is told to.
///
/// # Errors
/// The address cannot be had.
pub(crate) async fn listen(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves for as long as the future is polled.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of file descriptors, say: a moment later there may be some again.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        // Small answers on kept connections: waiting to fill packets would add tens of milliseconds to each.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer(router.clone(), peer, request));
            // It ends with an error when the connection is cut, by either side: nothing to be done about it.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    mut request: hyper::Request<Incoming>,
) -> Result<Response, ConnectionCut> {
    request.extensions_mut().insert(Peer(peer));
    let Ok(response) = TowerToHyperService::new(router).call(request.map(Body::new)).await;
    if response.extensions().get::<Cut>().is_some() {
        return Err(ConnectionCut);
    }
    Ok(response)
}
