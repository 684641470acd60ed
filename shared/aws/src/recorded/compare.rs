use serde_json::Value;

/// Whether a value still holds all of an earlier one, unchanged: properties may be added, nothing else. What is lost is named by where
/// it is.
pub(super) fn holds(now: &Value, earlier: &Value) -> Result<(), String> {
    at("", now, earlier)
}

fn at(place: &str, now: &Value, earlier: &Value) -> Result<(), String> {
    match (now, earlier) {
        (Value::Object(now), Value::Object(earlier)) => earlier.iter().try_for_each(|(name, value)| {
            let place = format!("{place}/{name}");
            now.get(name).map_or_else(|| Err(format!("{place} is gone")), |now| at(&place, now, value))
        }),
        (Value::Array(now), Value::Array(earlier)) if now.len() == earlier.len() => {
            now.iter().zip(earlier).try_for_each(|(now, earlier)| at(place, now, earlier))
        }
        _ if now == earlier => Ok(()),
        _ => Err(format!("{place} was {earlier} and is {now}")),
    }
}
