//! What the stand-ins' tests share: servers on free ports and requests to them.

use axum::Router;
use axum::http::{Method, Request};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::client::{Answer, Client, SendError};
use crate::serve;

/// A server on a free port that ends with the test.
pub(crate) struct Server {
    pub(crate) url: String,
    client: Client,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Serves what `router` makes of the server's address.
    pub(crate) async fn start(router: impl FnOnce(String) -> Router) -> Self {
        let (listener, address) = serve::listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let url = format!("http://{address}");
        let task = tokio::spawn(serve::serve(listener, router(url.clone())));
        Self { url, client: Client::new(), task }
    }

    /// Sends any request.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, SendError> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.client.send(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await
    }

    /// Uses the control API, which must take it.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.try_control(method, path, body).await;
        assert!(answer.is_success(), "{path}: {} {}", answer.status, answer.text());
        answer.value()
    }

    /// Uses the control API.
    pub(crate) async fn try_control(&self, method: Method, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let path = format!("/_control/{path}");
        self.send(method, &path, &[("content-type", "application/json")], &body).await.unwrap()
    }

    /// Lets answers go wrong.
    pub(crate) async fn fault(&self, operation: &str, kind: Value) {
        let mut fault = json!({"operation": operation});
        crate::smartrecruiters::merge(&mut fault, &kind);
        self.control(Method::POST, "faults", fault).await;
    }

    /// Asserts that the stand-in itself has kept to its contract.
    pub(crate) async fn assert_keeps_its_contract(&self) {
        let found = self.control(Method::GET, "violations", Value::Null).await;
        assert_eq!(found["own"], json!([]));
    }
}
