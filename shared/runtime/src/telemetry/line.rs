//! How an event becomes a line of the log: time, level, its own fields, and in `span` what is known of the work that it belongs to.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// One JSON object a line. Unlike the subscriber's own format it shows the fields of all enclosing spans together, since each of them
/// knows a part: the invocation its request, the message its trace, the invitation its orders.
pub(super) struct OneObject;

impl<S> FormatEvent<S, JsonFields> for OneObject
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut span = Map::new();
        for part in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(known) = part.extensions().get::<FormattedFields<JsonFields>>() {
                // A span without fields is an empty text.
                span.extend(serde_json::from_str::<Map<String, Value>>(known).unwrap_or_default());
            }
        }
        let line = Line { timestamp, level: *event.metadata().level(), fields, span };
        writeln!(writer, "{}", serde_json::to_string(&line).map_err(|_| fmt::Error)?)
    }
}

struct Line {
    timestamp: String,
    level: Level,
    fields: Fields,
    span: Map<String, Value>,
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("timestamp", &self.timestamp)?;
        line.serialize_entry("level", self.level.as_str())?;
        for (name, value) in &self.fields.0 {
            line.serialize_entry(name, value)?;
        }
        if !self.span.is_empty() {
            line.serialize_entry("span", &self.span)?;
        }
        line.end()
    }
}

/// The fields of an event, in its own order.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.push((field.name(), value.into()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.into()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}").into()));
    }
}
