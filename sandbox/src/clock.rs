//! Times as the partners write them.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// The present moment.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// RFC 3339 in UTC, e.g. `2026-01-03T09:12:00.5Z`.
pub(crate) fn rfc3339(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(&Rfc3339).unwrap_or_default()
}

/// As TestGorilla writes times: always microseconds, in the account's own offset, e.g. `2022-12-12T15:01:28.085062+02:00`.
pub(crate) fn microseconds(at: OffsetDateTime, offset_hours: i8) -> String {
    let offset = UtcOffset::from_hms(offset_hours, 0, 0).unwrap_or(UtcOffset::UTC);
    let at = at.to_offset(offset);
    format!(
        "{}T{:02}:{:02}:{:02}.{:06}{:+03}:00",
        at.date(),
        at.hour(),
        at.minute(),
        at.second(),
        at.microsecond(),
        offset.whole_hours()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_always_written_and_offsets_always_signed() {
        let at = OffsetDateTime::parse("2022-12-12T13:01:28.085062Z", &Rfc3339).unwrap();
        assert_eq!(microseconds(at, 2), "2022-12-12T15:01:28.085062+02:00");
        assert_eq!(microseconds(at, -5), "2022-12-12T08:01:28.085062-05:00");
        assert_eq!(microseconds(OffsetDateTime::UNIX_EPOCH, 0), "1970-01-01T00:00:00.000000+00:00");
        assert_eq!(OffsetDateTime::parse(&microseconds(at, 14), &Rfc3339).unwrap(), at);
    }
}
