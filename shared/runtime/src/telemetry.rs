//! Logs: one JSON object a line on standard output, which Lambda passes on. What each event is called stands in its field `event`.

use std::sync::atomic::{AtomicBool, Ordering};

use tracing::Span;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::writer::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Crates of ours; those of others log warnings at most, for they do not know what is personal.
const OURS: [&str; 12] = [
    "assessments",
    "aws",
    "callbacks",
    "consent",
    "domain",
    "invitations",
    "orders",
    "partners",
    "reconcile",
    "results",
    "runtime",
    "token",
];

/// Starts logging at the level of `LOG_LEVEL` (`info` when absent or unknown). A panic is logged by where it came up: what it says may
/// hold anything.
pub fn init() {
    let level = std::env::var("LOG_LEVEL").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    // A second start, as in tests, changes nothing.
    let _ = subscriber(level, std::io::stdout).try_init();
    std::panic::set_hook(Box::new(panicked));
}

fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(event = "process.panicked", place);
}

fn subscriber<W>(level: LevelFilter, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let others = LevelFilter::WARN.min(level);
    let targets = Targets::new().with_default(others).with_targets(OURS.map(|name| (name, level)));
    let json = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_writer(writer);
    tracing_subscriber::registry().with(targets).with(json)
}

/// Logs why the process cannot start.
pub fn not_started(error: &(dyn std::error::Error + 'static)) {
    tracing::error!(event = "process.not_started", error = %error);
}

/// The span of one invocation: every event within it carries the request's id, and whether the process had just started.
pub fn invocation(request_id: &str) -> Span {
    static STARTED: AtomicBool = AtomicBool::new(false);
    let cold_start = !STARTED.swap(true, Ordering::Relaxed);
    tracing::info_span!("invocation", request_id, cold_start)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

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

    #[test]
    fn a_panic_is_logged_by_its_place_alone() {
        let lines = Lines::default();
        let writer = lines.clone();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(panicked));
        tracing::subscriber::with_default(subscriber(LevelFilter::INFO, move || writer.clone()), || {
            let _ = std::panic::catch_unwind(|| panic!("about juno@example.com"));
        });
        std::panic::set_hook(before);
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("process.panicked") && text.contains("telemetry.rs:"), "{text}");
        assert!(!text.contains("juno"));
    }

    #[test]
    fn an_event_is_one_json_object_with_the_request_id() {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(LevelFilter::INFO, move || writer.clone()), || {
            invocation("req-1").in_scope(|| tracing::info!(event = "order.accepted", order = "o-1"));
            tracing::debug!(event = "not.logged");
            tracing::info!(target: "hyper", "not ours");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let line: serde_json::Value = serde_json::from_str(&text).expect("exactly one line");
        assert_eq!(line["event"], "order.accepted");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["span"]["request_id"], "req-1");
    }
}
