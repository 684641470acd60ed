//! A property whose JSON type TestGorilla does not settle.

use std::fmt;

use domain::timestamp::Timestamp;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Any JSON value, of which only what can be a flag, a number or a text is kept. Reading it never fails.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Scalar {
    /// `null`, an object, an array, or no such property.
    #[default]
    Nothing,
    Flag(bool),
    Whole(u64),
    Number(f64),
    Text(String),
}

impl Scalar {
    /// A boolean, or the text `true` or `false`.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A finite number, or a text that is one.
    pub(crate) fn number(&self) -> Option<f64> {
        let number = match self {
            #[allow(clippy::cast_precision_loss)] // Scores and durations are far below 2^53.
            Self::Whole(number) => *number as f64,
            Self::Number(number) => *number,
            Self::Text(text) => text.trim().parse().ok()?,
            Self::Nothing | Self::Flag(_) => return None,
        };
        number.is_finite().then_some(number)
    }

    /// A whole number from 0, or a text of digits.
    pub(crate) fn whole(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A text that is not blank, without surrounding white space.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// A time with any offset (RFC 3339).
    pub(crate) fn time(&self) -> Option<Timestamp> {
        Timestamp::parse_rfc3339(self.text()?)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Flag(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(value))
    }

    #[allow(clippy::cast_precision_loss)] // Negative numbers are out of every range that is read.
    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Scalar, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Scalar {
        serde_json::from_str(&value.to_string()).unwrap()
    }

    #[test]
    fn flags_are_booleans_or_their_names() {
        for (value, flag) in [
            (json!(true), Some(true)),
            (json!(false), Some(false)),
            (json!("true"), Some(true)),
            (json!("False"), Some(false)),
            (json!(null), None),
            (json!("yes"), None),
            (json!(""), None),
            (json!(1), None),
            (json!({"value": true}), None),
        ] {
            assert_eq!(read(&value).flag(), flag, "{value}");
        }
    }

    #[test]
    fn numbers_are_numbers_or_their_digits() {
        for (value, number) in [
            (json!(66.5), Some(66.5)),
            (json!(66), Some(66.0)),
            (json!(-1), Some(-1.0)),
            (json!("66.50"), Some(66.5)),
            (json!("NaN"), None),
            (json!("inf"), None),
            (json!(""), None),
            (json!(null), None),
            (json!([66.5]), None),
        ] {
            assert_eq!(read(&value).number(), number, "{value}");
        }
        assert_eq!(read(&json!(u64::MAX)).whole(), Some(u64::MAX));
        assert_eq!(read(&json!("42")).whole(), Some(42));
        assert_eq!(read(&json!(-42)).whole(), None);
        assert_eq!(read(&json!(4.2)).whole(), None);
    }

    proptest! {
        #[test]
        fn any_value_is_read(value in testing::arbitrary::json()) {
            let scalar = read(&value);
            prop_assert_eq!(scalar.flag().is_some() && value.is_boolean(), value.is_boolean());
            let kept = matches!(value, Value::Array(_) | Value::Object(_) | Value::Null);
            prop_assert_eq!(scalar == Scalar::Nothing, kept);
        }
    }
}
