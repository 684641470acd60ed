//! How long a partner asks to wait.

use std::time::Duration;

use domain::timestamp::Timestamp;
use http::HeaderMap;
use http::header::RETRY_AFTER;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Longest wait that is believed.
pub(crate) const LONGEST: Duration = Duration::from_secs(3600);
/// Shortest wait: "now" was just refused.
const SHORTEST: Duration = Duration::from_secs(1);

/// `Retry-After` (RFC 9110 section 10.2.3): seconds or a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = seconds(text).or_else(|| {
        let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
        Some(Timestamp::from_seconds(date.unix_timestamp()).since(now))
    })?;
    Some(bounded(wait))
}

/// `X-RateLimit-Reset`, which TestGorilla gives in seconds from now.
pub(crate) fn rate_limit_reset(headers: &HeaderMap) -> Option<Duration> {
    seconds(headers.get("x-ratelimit-reset")?.to_str().ok()?.trim()).map(bounded)
}

/// Whether `X-RateLimit-Remaining` says that nothing is left.
pub(crate) fn is_used_up(headers: &HeaderMap) -> bool {
    headers.get("x-ratelimit-remaining").is_some_and(|value| value.as_bytes().trim_ascii() == b"0")
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.parse().ok()?;
    // More than a duration can hold is more than is believed.
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST))
}

fn bounded(wait: Duration) -> Duration {
    wait.clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(text: &str, now: i64) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().ok()?);
        retry_after(&headers, Timestamp::from_seconds(now))
    }

    #[test]
    fn seconds_and_dates_are_read() {
        assert_eq!(after("17", 0), Some(Duration::from_secs(17)));
        assert_eq!(after("1.5", 0), Some(Duration::from_millis(1500)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_767), Some(Duration::from_secs(10)));
        for unreadable in ["", "soon", "-1", "NaN", "0x10"] {
            assert_eq!(after(unreadable, 0), None, "{unreadable}");
        }
    }

    #[test]
    fn a_wait_is_neither_nothing_nor_for_ever() {
        assert_eq!(after("0", 0), Some(SHORTEST));
        assert_eq!(after("99999999999999999999999", 0), Some(LONGEST));
        assert_eq!(after("inf", 0), Some(LONGEST));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777 + 5), Some(SHORTEST));
        assert_eq!(after("Fri, 06 Nov 2093 08:49:37 GMT", 0), Some(LONGEST));
    }

    proptest! {
        #[test]
        fn any_text_gives_a_bounded_wait_or_none(text in "[ -~]{0,40}", now in any::<i64>()) {
            if let Some(wait) = after(&text, now) {
                prop_assert!((SHORTEST..=LONGEST).contains(&wait));
            }
        }
    }
}
