//! Counts what happens in an invocation, and writes its metrics when it ends: one line for itself, and one for each kind of partner call.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::writer::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::telemetry::INVOCATION;
use crate::telemetry::emf::{Document, Measured};
use crate::telemetry::metrics::{METRICS, Measure, Place};

/// Listens to events within invocations.
pub(super) struct Tallies<W> {
    pub(super) namespace: String,
    pub(super) function: &'static str,
    pub(super) writer: W,
}

/// What one invocation has come to.
#[derive(Default)]
struct Tally {
    request_id: String,
    measured: BTreeMap<Call, Measured>,
}

/// The partner's call that a measurement is about; empty texts where it is about none.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    pub(super) partner: String,
    pub(super) operation: String,
    pub(super) outcome: String,
}

/// What an event says, as far as metrics may be made of it.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) event: String,
    texts: Vec<(&'static str, String)>,
    numbers: Vec<(&'static str, u64)>,
}

impl Seen {
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.texts.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }

    pub(super) fn number(&self, field: &str) -> Option<u64> {
        self.numbers.iter().find(|(name, _)| *name == field).map(|(_, number)| *number)
    }

    fn call(&self) -> Call {
        let of = |field| self.text(field).unwrap_or_default().to_owned();
        Call { partner: of("partner"), operation: of("operation"), outcome: of("outcome") }
    }
}

impl Visit for Seen {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.numbers.push((field.name(), value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => value.clone_into(&mut self.event),
            name => self.texts.push((name, value.to_owned())),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // No metric is made of any other field that has to be printed.
        if field.name() == "how" {
            self.texts.push(("how", format!("{value:?}")));
        }
    }
}

/// The id of the request, among a span's fields.
struct RequestId(String);

impl Visit for RequestId {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "request_id" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

impl Tally {
    fn add(&mut self, seen: &Seen) {
        for metric in METRICS {
            let Some(value) = metric.measure(seen) else { continue };
            let call = if let Place::Call | Place::Partner = metric.by { seen.call() } else { Call::default() };
            let (_, values) =
                self.measured.entry(call).or_default().entry(metric.name).or_insert_with(|| (metric, vec![]));
            match (metric.value, values.first_mut()) {
                (Measure::Count, Some(count)) => *count += value,
                _ => values.push(value),
            }
        }
    }
}

impl<S, W> Layer<S> for Tallies<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().name() != INVOCATION {
            return;
        }
        let mut request = RequestId(String::new());
        attributes.record(&mut request);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Tally { request_id: request.0, ..Tally::default() });
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut seen = Seen::default();
        event.record(&mut seen);
        let invocation = context.event_scope(event).and_then(|mut scope| scope.find(|span| span.name() == INVOCATION));
        if let Some(invocation) = invocation
            && let Some(tally) = invocation.extensions_mut().get_mut::<Tally>()
        {
            tally.add(&seen);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(tally) = context.span(&id).and_then(|span| span.extensions_mut().remove::<Tally>()) else { return };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        for (call, measured) in &tally.measured {
            let document = Document {
                namespace: &self.namespace,
                at,
                request_id: &tally.request_id,
                function: self.function,
                call,
                measured,
            };
            // There is nowhere to complain of a log that cannot be written.
            let _ = self.writer.make_writer().write_all(document.lines().as_bytes());
        }
    }
}
