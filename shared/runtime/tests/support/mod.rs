//! Servers that do exactly what a test says, byte by byte.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A small good answer, JSON so that the SDK takes it too.
pub(crate) const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// What a connection does after reading a request.
#[derive(Clone)]
pub(crate) enum Step {
    Answer(String),
    AnswerThenWait(String),
    AnswerThenClose(String),
    Wait,
    Close,
}

pub(crate) fn answer(text: &str) -> Step {
    Step::Answer(text.to_owned())
}

pub(crate) fn answer_then_wait(text: &str) -> Step {
    Step::AnswerThenWait(text.to_owned())
}

pub(crate) fn answer_then_close(text: &str) -> Step {
    Step::AnswerThenClose(text.to_owned())
}

/// A server whose connections follow a script each, in the order in which they come.
pub(crate) struct Wire {
    address: std::net::SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Wire {
    pub(crate) fn start(script: impl IntoIterator<Item = Vec<Step>>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let script: Vec<_> = script.into_iter().collect();
        let (opened, seen) = (connections.clone(), requests.clone());
        tokio::spawn(async move {
            for steps in script {
                let (stream, _) = listener.accept().await.unwrap();
                opened.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(follow(stream, steps, seen.clone()));
            }
        });
        Self { address, connections, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn follow(mut stream: TcpStream, steps: Vec<Step>, seen: Arc<AtomicUsize>) {
    for step in steps {
        read_request(&mut stream).await;
        seen.fetch_add(1, Ordering::SeqCst);
        match step {
            Step::Answer(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Step::AnswerThenClose(text) => return stream.write_all(text.as_bytes()).await.unwrap(),
            Step::AnswerThenWait(text) => {
                stream.write_all(text.as_bytes()).await.unwrap();
                return std::future::pending().await;
            }
            Step::Wait => return std::future::pending().await,
            Step::Close => return,
        }
    }
    // Open until the client goes.
    let _ = stream.read(&mut [0; 16]).await;
}

/// Reads a request's head, and its body by `content-length`.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
}

/// A server behind TLS, with a certificate authority of its own.
pub(crate) struct TlsServer {
    pub(crate) url: String,
    folder: PathBuf,
}

impl TlsServer {
    pub(crate) fn ca_file(&self) -> String {
        self.folder.join("ca.pem").display().to_string()
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) async fn tls_server() -> TlsServer {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();

    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // A client that does not trust the certificate ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            read_request(&mut stream).await;
            stream.write_all(ANSWER.as_bytes()).await.unwrap();
            let _ = stream.read(&mut [0; 16]).await;
        }
    });

    let folder = std::env::temp_dir().join(format!("transport-test-{}-{port}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    TlsServer { url: format!("https://localhost:{port}/"), folder }
}
