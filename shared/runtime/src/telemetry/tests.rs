use std::io;
use std::sync::{Arc, Mutex};

use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use tracing::subscriber::with_default;

use super::*;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn subscriber(&self, level: LevelFilter) -> impl tracing::Subscriber + Send + Sync + use<> {
        let writer = self.clone();
        subscriber(level, Some("assessments-test".to_owned()), "orders", move || writer.clone())
    }
}

/// What is written while an invocation does some work.
fn lines(level: LevelFilter, cold_start: bool, work: impl FnOnce()) -> Vec<String> {
    let lines = Lines::default();
    with_default(lines.subscriber(level), || {
        let invocation = within(Trace::of("req-1", None), "req-1", cold_start, async { work() });
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(invocation);
    });
    lines.text().lines().map(str::to_owned).collect()
}

/// The metrics among them, each line without its time, which is looked at here.
fn metrics(work: impl FnOnce()) -> Vec<String> {
    let lines = lines(LevelFilter::OFF, false, work);
    lines.iter().map(|line| without_time(line)).collect()
}

fn without_time(line: &str) -> String {
    let at = serde_json::from_str::<Value>(line).unwrap()["_aws"]["Timestamp"].as_i64().unwrap();
    assert!(at > 1_700_000_000_000, "milliseconds of this century: {at}");
    let [now, then] = [at, 0].map(|at| Timestamp::from_millis(at).to_string());
    line.replace(&at.to_string(), "0").replace(&now, &then)
}

#[test]
fn a_panic_is_logged_by_its_place_alone() {
    let lines = Lines::default();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(panicked));
    with_default(lines.subscriber(LevelFilter::INFO), || {
        let _ = std::panic::catch_unwind(|| panic!("about juno@example.com"));
    });
    std::panic::set_hook(before);
    let text = lines.text();
    assert!(text.contains("process.panicked") && text.contains("tests.rs:"), "{text}");
    assert!(!text.contains("juno"));
}

#[test]
fn an_event_is_one_json_object_with_the_request_id() {
    let lines = lines(LevelFilter::INFO, true, || {
        tracing::info!(event = "order.taken", order = "o-1", count = 2, is_new = true, how = ?Some(1));
        tracing::debug!(event = "not.logged");
        tracing::info!(target: "hyper", "not ours");
    });
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(line["event"], "order.taken");
    assert_eq!(line["level"], "INFO");
    assert_eq!((&line["order"], &line["count"], &line["is_new"]), (&json!("o-1"), &json!(2), &json!(true)));
    assert_eq!(line["how"], "Some(1)");
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    let trace_id = Trace::of("req-1", None).id().to_string();
    assert_eq!(line["span"], json!({"request_id": "req-1", "trace_id": trace_id, "cold_start": true}));
    assert_eq!(lines.len(), 2, "besides it the cold start is counted: {lines:?}");
}

#[test]
fn crates_of_others_say_no_more_than_warnings_whatever_the_level() {
    let lines = lines(LevelFilter::TRACE, false, || {
        tracing::debug!(target: "aws::table", event = "ours");
        tracing::info!(target: "aws_smithy_runtime::client", "juno@example.com");
        tracing::debug!(target: "tokio", "juno@example.com");
        tracing::warn!(target: "aws_smithy_runtime::client", "retried");
    });
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("ours") && lines[1].contains("retried"), "{lines:?}");
}

#[test]
fn an_event_shows_what_each_of_its_spans_knows_and_the_innermost_has_the_last_word() {
    let lines = lines(LevelFilter::INFO, false, || {
        let message = tracing::info_span!("message", trace_id = "t-2");
        let _message = message.enter();
        let invitation = tracing::info_span!("invitation", orders = "o-1 o-2");
        let _invitation = invitation.enter();
        tracing::info!(event = "invitation.looked_at");
    });
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    let known = json!({"request_id": "req-1", "trace_id": "t-2", "cold_start": false, "orders": "o-1 o-2"});
    assert_eq!(line["span"], known);
}

#[test]
fn what_happens_in_an_invocation_is_one_line_of_metrics() {
    let lines = metrics(|| {
        tracing::info!(event = "order.accepted", how = ?"First", company = "acme-example");
        tracing::info!(event = "order.accepted", how = "Repeated");
        tracing::info!(event = "order.accepted", how = "Joined");
        tracing::info!(event = "invitation.sent", waited_ms = 600_000_u64, email = "juno@example.com");
        tracing::info!(event = "invitation.sent", waited_ms = 601_000_u64);
        tracing::info!(event = "unheard.of", waited_ms = 1_u64);
    });
    assert_eq!(
        lines,
        [concat!(
            r#"{"InvitationDelay":[600000,601000],"InvitationsSent":2,"OrdersAccepted":2,"#,
            r#""_aws":{"CloudWatchMetrics":[{"Dimensions":[[]],"Metrics":[{"Name":"InvitationDelay","Unit":"Milliseconds"},"#,
            r#"{"Name":"InvitationsSent","Unit":"Count"},{"Name":"OrdersAccepted","Unit":"Count"}],"#,
            r#""Namespace":"assessments-test"}],"Timestamp":0},"event":"metrics","level":"INFO","request_id":"req-1","timestamp":"1970-01-01T00:00:00Z"}"#
        )]
    );
}

#[test]
fn each_kind_of_partner_call_is_a_line_with_its_durations_and_waits() {
    let call = |operation, outcome, duration_ms: u64| {
        tracing::debug!(event = "partner.call", partner = "testgorilla", operation, outcome, status = 200, duration_ms);
    };
    let lines = metrics(|| {
        call("inviteCandidate", "ok", 120);
        call("inviteCandidate", "ok", 80);
        call("inviteCandidate", "rate_limited", 9);
        let (partner, operation) = ("testgorilla", "inviteCandidate");
        tracing::debug!(
            event = "partner.rate_limited",
            partner,
            operation,
            outcome = "rate_limited",
            wait_ms = 30_000_u64
        );
    });
    let definition = concat!(
        r#""Dimensions":[["Partner","Operation"],["Partner","Outcome"]],"#,
        r#""Metrics":[{"Name":"PartnerCallDuration","Unit":"Milliseconds"}],"Namespace":"assessments-test"}"#
    );
    let waits = r#"{"Dimensions":[["Partner"]],"Metrics":[{"Name":"RateLimitWait","Unit":"Milliseconds"}],"Namespace":"assessments-test"}"#;
    assert_eq!(
        lines,
        [
            format!(
                r#"{{"Operation":"inviteCandidate","Outcome":"ok","Partner":"testgorilla","PartnerCallDuration":[120,80],"_aws":{{"CloudWatchMetrics":[{{{definition}],"Timestamp":0}},"event":"metrics","level":"INFO","request_id":"req-1","timestamp":"1970-01-01T00:00:00Z"}}"#
            ),
            format!(
                r#"{{"Operation":"inviteCandidate","Outcome":"rate_limited","Partner":"testgorilla","PartnerCallDuration":9,"RateLimitWait":30000,"_aws":{{"CloudWatchMetrics":[{{{definition},{waits}],"Timestamp":0}},"event":"metrics","level":"INFO","request_id":"req-1","timestamp":"1970-01-01T00:00:00Z"}}"#
            ),
        ]
    );
}

#[test]
fn a_cold_start_counts_for_its_function() {
    let lines = lines(LevelFilter::OFF, true, || {});
    assert_eq!(
        lines.iter().map(|line| without_time(line)).collect::<Vec<_>>(),
        [concat!(
            r#"{"ColdStarts":1,"Function":"orders","_aws":{"CloudWatchMetrics":[{"Dimensions":[["Function"]],"#,
            r#""Metrics":[{"Name":"ColdStarts","Unit":"Count"}],"Namespace":"assessments-test"}],"Timestamp":0},"#,
            r#""event":"metrics","level":"INFO","request_id":"req-1","timestamp":"1970-01-01T00:00:00Z"}"#
        )]
    );
}

/// The values of a metric, of the first line that has it.
fn values(lines: &[String], metric: &str) -> Value {
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|mut line| line.get_mut(metric).map(Value::take)).next().unwrap_or_default()
}

#[test]
fn who_waits_for_a_customer_is_counted_as_a_refused_key_and_not_as_waiting() {
    let deferred = |code| tracing::warn!(event = "invitation.deferred", code, waited_ms = 1_500_000_u64);
    let lines = metrics(|| {
        deferred("testgorilla_key_refused");
        deferred("smartrecruiters_credentials_refused");
        deferred("testgorilla_unavailable");
        tracing::warn!(event = "integration.key_refused");
        tracing::warn!(event = "integration.key_still_refused", code = "testgorilla_key_refused");
    });
    assert_eq!(values(&lines, "InvitationWaiting"), 1_500_000);
    assert_eq!(values(&lines, "KeysRefused"), 3, "the key when it began and at each try, the credentials at each try");
}

#[test]
fn failures_in_a_row_are_those_of_results_and_lists_that_have_no_other_name() {
    let lines = metrics(|| {
        let failed = |code, failures: Option<u32>| tracing::warn!(event = "result.deferred", code, failures);
        failed("testgorilla_unavailable", Some(7));
        failed("testgorilla_rate_limited", None);
        failed("report_missing", Some(90));
        failed("testgorilla_key_refused", Some(91));
        failed("smartrecruiters_credentials_refused", Some(92));
        tracing::warn!(event = "catalogue.failed", code = "testgorilla_unexpected", failures = 4_u32);
        tracing::warn!(event = "catalogue.failed", code = "testgorilla_key_refused", failures = 93_u32);
    });
    assert_eq!(values(&lines, "FailuresInARow"), json!([7, 4]));
    assert!(lines[0].contains(r#"{"Name":"FailuresInARow","Unit":"Count"}"#), "{lines:?}");
}

#[test]
fn a_message_that_fails_counts_for_its_function() {
    let lines = metrics(|| {
        tracing::error!(event = "message.failed", message_id = "m-1");
        tracing::error!(event = "message.failed", message_id = "m-2");
    });
    assert_eq!((values(&lines, "MessagesFailed"), values(&lines, "Function")), (json!(2), json!("orders")));
}

#[test]
fn more_values_than_a_document_may_have_are_several_documents() {
    let lines = metrics(|| {
        for waited_ms in 0..201_u64 {
            tracing::info!(event = "invitation.sent", waited_ms);
        }
    });
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers = |line: &Value| line["InvitationDelay"].as_array().map_or(1, Vec::len);
    assert_eq!(lines.iter().map(numbers).collect::<Vec<_>>(), [100, 100, 1]);
    let counts: Vec<_> = lines.iter().map(|line| line.get("InvitationsSent").cloned()).collect();
    assert_eq!(counts, [Some(json!(201)), None, None], "what is counted is counted once");
    let named = lines[2]["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    assert_eq!(named.len(), 1, "a document names what it has");
}

#[test]
fn an_invocation_in_which_nothing_is_measured_writes_nothing() {
    assert!(metrics(|| tracing::info!(event = "invitation.sending", status = 200)).is_empty());
}

#[test]
fn without_a_namespace_there_are_no_metrics() {
    let lines = Lines::default();
    let writer = lines.clone();
    with_default(subscriber(LevelFilter::INFO, None, "orders", move || writer.clone()), || {
        let work = async { tracing::info!(event = "invitation.sent", waited_ms = 1_u64) };
        let invocation = within(Trace::of("req-1", None), "req-1", true, work);
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(invocation);
    });
    let text = lines.text();
    assert!(text.contains("invitation.sent") && !text.contains("_aws"), "{text}");
}
