//! The proxy in front of a service that counts what reaches it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{HeaderMap, Method};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Proxy, router};
use crate::client::{Answer, SendError};
use crate::testing::Server;

const SIGNED: (&str, &str) =
    ("authorization", "AWS4-HMAC-SHA256 Credential=ASIA1/20260103/us-east-1/dynamodb/aws4_request, Signature=0");
const TARGET: (&str, &str) = ("x-amz-target", "DynamoDB_20120810.TransactWriteItems");

struct Scene {
    proxy: Server,
    reached: Arc<AtomicUsize>,
    _service: Server,
}

impl Scene {
    /// A service that tells the header it was asked by, and a proxy before it.
    async fn new() -> Self {
        let reached = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&reached);
        let service = Server::start(|_| {
            Router::new().fallback(move |headers: HeaderMap, body: String| async move {
                counter.fetch_add(1, Ordering::SeqCst);
                let host = headers["host"].to_str().unwrap().to_owned();
                ([("x-amz-crc32", "1")], Json(json!({"host": host, "body": body})))
            })
        })
        .await;
        let upstream = service.url.clone();
        let proxy = Server::start(|_| router(Proxy::new(upstream))).await;
        Self { proxy, reached, _service: service }
    }

    async fn call(&self) -> Result<Answer, SendError> {
        let body = json!({"TransactItems": [{"Put": {"TableName": "t"}}, {"Delete": {"TableName": "t"}}]});
        self.proxy.send(Method::POST, "/?x=1", &[SIGNED, TARGET], &body.to_string()).await
    }

    async fn goes_wrong(&self, kind: Value) -> Result<Answer, SendError> {
        self.proxy.fault("dynamodb:TransactWriteItems", kind).await;
        self.call().await
    }

    fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_call_and_its_answer_pass_untouched() {
    let scene = Scene::new().await;
    let answer = scene.call().await.unwrap();
    let own = scene.proxy.url.strip_prefix("http://").unwrap();
    assert_eq!(answer.value()["host"], own, "the signature covers it");
    assert!(answer.value()["body"].as_str().unwrap().contains("TransactItems"));
    assert_eq!((answer.status, answer.header("x-amz-crc32")), (200, Some("1")));
}

#[tokio::test]
async fn rights_are_recorded_by_name_whether_or_not_the_call_goes_wrong() {
    let scene = Scene::new().await;
    scene.call().await.unwrap();
    scene.goes_wrong(json!({"kind": "throttled"})).await.unwrap();
    let uses = scene.proxy.control(Method::GET, "uses", Value::Null).await;
    assert_eq!(
        uses,
        json!([
            {"function": null, "action": "dynamodb:DeleteItem", "resource": "table/t", "count": 2},
            {"function": null, "action": "dynamodb:PutItem", "resource": "table/t", "count": 2},
        ])
    );
}

#[tokio::test]
async fn a_failure_before_the_effect_never_reaches_the_service() {
    let scene = Scene::new().await;
    for kind in ["throttled", "conflict"] {
        let answer = scene.goes_wrong(json!({"kind": kind})).await.unwrap();
        assert_eq!(answer.status, 400);
        assert_eq!(answer.value()["__type"], "com.amazonaws.dynamodb.v20120810#TransactionCanceledException");
        assert_eq!(answer.value()["CancellationReasons"][1], json!({"Code": "None"}));
    }
    let answer = scene.goes_wrong(json!({"kind": "status", "status": 503})).await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (503, Some("application/x-amz-json-1.0")));
    assert!(scene.goes_wrong(json!({"kind": "cut_before"})).await.is_err());
    assert_eq!(scene.reached(), 0);
    assert_eq!(scene.call().await.unwrap().status, 200, "each was asked for once");
}

#[tokio::test]
async fn a_failure_after_the_effect_does_reach_it() {
    let scene = Scene::new().await;
    let failed = scene.goes_wrong(json!({"kind": "status", "status": 500, "after_effect": true})).await.unwrap();
    assert_eq!((failed.status, scene.reached()), (500, 1));
    assert!(scene.goes_wrong(json!({"kind": "cut_after"})).await.is_err());
    assert_eq!(scene.reached(), 2);
}

#[tokio::test]
async fn a_late_call_is_listed_as_held_meanwhile() {
    let scene = Scene::new().await;
    let held = || scene.proxy.control(Method::GET, "held", Value::Null);
    for after_effect in [false, true] {
        let before = scene.reached();
        let slow = json!({"kind": "slow", "delay_ms": 300, "after_effect": after_effect});
        scene.proxy.fault("dynamodb:TransactWriteItems", slow).await;
        let seen = async {
            loop {
                let held = held().await;
                if held != json!([]) {
                    return (held, scene.reached());
                }
                tokio::task::yield_now().await;
            }
        };
        let (answer, (seen, reached)) = tokio::join!(scene.call(), seen);
        assert_eq!(answer.unwrap().status, 200);
        assert_eq!(seen[0]["operation"], "dynamodb:TransactWriteItems");
        assert!(seen[0]["port"].as_u64().unwrap() > 0);
        assert_eq!(reached - before, usize::from(after_effect));
        assert_eq!((held().await, scene.reached() - before), (json!([]), 1));
    }
}

#[tokio::test]
async fn an_operation_that_is_no_name_is_refused() {
    let scene = Scene::new().await;
    let fault = json!({"operation": "GetItem", "kind": "throttled"});
    assert_eq!(scene.proxy.try_control(Method::POST, "faults", fault).await.status, 400);
}
