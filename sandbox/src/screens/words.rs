//! Times and sentences as people read them.

use time::OffsetDateTime;
use time::macros::format_description;

/// Day and time in UTC, e.g. `3 Jan 2026, 09:12 UTC`.
pub(crate) fn moment(at: &OffsetDateTime) -> String {
    let form = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    at.to_offset(time::UtcOffset::UTC).format(form).unwrap_or_default()
}

/// The time of a day in UTC to the millisecond, e.g. `09:12:00.512`.
pub(crate) fn time_of_day(at: &OffsetDateTime) -> String {
    let form = format_description!("[hour]:[minute]:[second].[subsecond digits:3]");
    at.to_offset(time::UtcOffset::UTC).format(form).unwrap_or_default()
}

/// A reason as a sentence of its own: with a capital and a full stop.
pub(crate) fn sentence(reason: &str) -> String {
    let mut characters = reason.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let stop = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sentences_are_written_for_people() {
        let at = OffsetDateTime::from_unix_timestamp_nanos(1_767_431_520_512_000_000).unwrap();
        assert_eq!(moment(&at), "3 Jan 2026, 09:12 UTC");
        assert_eq!(time_of_day(&at), "09:12:00.512");
        assert_eq!(sentence("there is no account x"), "There is no account x.");
    }
}
