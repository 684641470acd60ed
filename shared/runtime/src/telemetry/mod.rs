//! Logs: one JSON object a line on standard output, which Lambda passes on. What each event is called stands in its field `event`. Among
//! them are the metrics of each invocation, from which CloudWatch makes what ops see.

mod emf;
mod line;
mod metrics;
mod tally;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

use lambda_runtime::Context;
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, Metadata};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::fmt::writer::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::telemetry::line::OneObject;
use crate::telemetry::tally::Tallies;
use crate::trace::Trace;

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

/// The name of an invocation's span.
const INVOCATION: &str = "invocation";

/// Starts logging at the level of `LOG_LEVEL` (`info` when absent or unknown), and writing metrics to the namespace `METRICS_NAMESPACE` (none when
/// absent), of a function of this name. A panic is logged by where it came up: what it says may hold anything.
pub fn init(function: &'static str) {
    let level = std::env::var("LOG_LEVEL").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let namespace = std::env::var("METRICS_NAMESPACE").ok().filter(|namespace| !namespace.is_empty());
    // A second start, as in tests, changes nothing.
    let _ = subscriber(level, namespace, function, std::io::stdout).try_init();
    std::panic::set_hook(Box::new(panicked));
}

fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(event = "process.panicked", place);
}

fn subscriber<W>(
    level: LevelFilter,
    namespace: Option<String>,
    function: &'static str,
    writer: W,
) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Clone + Send + Sync + 'static,
{
    let others = LevelFilter::WARN.min(level);
    let logged = filter_fn(move |event| *event.level() <= if is_ours(event) { level } else { others });
    // Whatever is logged: a metric that depended on the level would lie.
    let counted = filter_fn(|event| *event.level() <= LevelFilter::DEBUG && is_ours(event));
    let lines = tracing_subscriber::fmt::layer()
        .fmt_fields(JsonFields::new())
        .event_format(OneObject)
        .with_writer(writer.clone())
        .with_filter(logged.with_max_level_hint(level));
    let metrics = namespace.map(|namespace| {
        Tallies { namespace, function, writer }.with_filter(counted.with_max_level_hint(LevelFilter::DEBUG))
    });
    tracing_subscriber::registry().with(lines).with(metrics)
}

/// Whether a crate of ours logs it. By the crate's whole name: those of the SDK begin with the name of one of ours.
fn is_ours(event: &Metadata<'_>) -> bool {
    event.target().split("::").next().is_some_and(|name| OURS.contains(&name))
}

/// Logs why the process cannot start.
pub fn not_started(error: &(dyn std::error::Error + 'static)) {
    tracing::error!(event = "process.not_started", error = %error);
}

/// Does the work of one invocation: every event within carries the request's id, the trace's, and whether the process had just started. The
/// metrics are written when it ends.
pub fn invocation<F: Future>(context: &Context, work: F) -> impl Future<Output = F::Output> + use<F> {
    static STARTED: AtomicBool = AtomicBool::new(false);
    let trace = Trace::of(&context.request_id, context.xray_trace_id.as_deref());
    within(trace, &context.request_id, !STARTED.swap(true, Ordering::Relaxed), work)
}

fn within<F: Future>(
    trace: Trace,
    request_id: &str,
    cold_start: bool,
    work: F,
) -> impl Future<Output = F::Output> + use<F> {
    // Of the highest level, as all spans that events are known by: with lower ones it would be missing where only errors are logged.
    let span = tracing::error_span!("invocation", request_id, trace_id = %trace.id(), cold_start);
    // In a box: the layers around it are so many that the compiler would give up on what they hold in themselves.
    let work = Box::pin(async move {
        if cold_start {
            tracing::debug!(event = "process.started");
        }
        work.await
    });
    trace.within(work.instrument(span))
}
