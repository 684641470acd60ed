//! CloudWatch's embedded metric format: a line of the log from which CloudWatch Logs makes metrics, without any call of ours.
//!
//! Of its specification matter here: `_aws.CloudWatchMetrics` names metrics by the dimension sets that they share; their values and
//! those of the dimensions are members of the root; a value is a number or a list of at most 100; a document has at most 100 metrics.

use std::collections::BTreeMap;

use domain::timestamp::Timestamp;
use serde_json::{Map, Value, json};

use crate::telemetry::metrics::{Metric, Place};
use crate::telemetry::tally::Call;

/// The most values that a metric may have in a document.
const MOST_VALUES: usize = 100;

/// The values of metrics, each under its name.
pub(super) type Measured = BTreeMap<&'static str, (&'static Metric, Vec<u64>)>;

/// What an invocation has measured, of one kind of partner call or of none.
pub(super) struct Document<'a> {
    pub(super) namespace: &'a str,
    /// Milliseconds since 1970.
    pub(super) at: u64,
    pub(super) request_id: &'a str,
    pub(super) function: &'static str,
    pub(super) call: &'a Call,
    pub(super) measured: &'a Measured,
}

impl Document<'_> {
    /// The document as a line; several, where there are more values than one may have.
    pub(super) fn lines(&self) -> String {
        let most = self.measured.values().map(|(_, values)| values.len()).max().unwrap_or(0);
        (0..most.div_ceil(MOST_VALUES)).map(|part| format!("{}\n", Value::Object(self.part(part)))).collect()
    }

    fn part(&self, part: usize) -> Map<String, Value> {
        let measured = self.measured.values();
        let present: Vec<(&Metric, &[u64])> =
            measured.filter_map(|(metric, values)| Some((*metric, values.chunks(MOST_VALUES).nth(part)?))).collect();
        let mut root = Map::new();
        for (metric, values) in &present {
            let value = if let [only] = values { json!(only) } else { json!(values) };
            root.insert(metric.name.to_owned(), value);
            for name in metric.by.dimensions().iter().copied().flatten() {
                root.insert((*name).to_owned(), json!(self.dimension(name)));
            }
        }
        let directives: Vec<Value> = Place::ALL.iter().filter_map(|by| self.directive(*by, &present)).collect();
        root.insert("_aws".to_owned(), json!({"Timestamp": self.at, "CloudWatchMetrics": directives}));
        root.extend(self.as_an_event());
        root
    }

    /// What every line of the log has, and by what the invocation is found. Without level and time, Lambda would add them by its own rules.
    fn as_an_event(&self) -> [(String, Value); 4] {
        let at = Timestamp::from_millis(i64::try_from(self.at).unwrap_or(i64::MAX)).to_string();
        [("event", "metrics"), ("level", "INFO"), ("request_id", self.request_id), ("timestamp", &at)]
            .map(|(name, value)| (name.to_owned(), json!(value)))
    }

    /// The metrics that share dimensions; `None` when there are none.
    fn directive(&self, by: Place, present: &[(&Metric, &[u64])]) -> Option<Value> {
        let shared = present.iter().filter(|(metric, _)| metric.by == by);
        let named: Vec<Value> =
            shared.map(|(metric, _)| json!({"Name": metric.name, "Unit": metric.value.unit()})).collect();
        let directive = json!({"Namespace": self.namespace, "Dimensions": by.dimensions(), "Metrics": named});
        (!named.is_empty()).then_some(directive)
    }

    fn dimension(&self, name: &str) -> &str {
        match name {
            "Partner" => &self.call.partner,
            "Operation" => &self.call.operation,
            "Outcome" => &self.call.outcome,
            _ => self.function,
        }
    }
}
