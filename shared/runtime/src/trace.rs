//! All that happens because of one request has one trace, in whichever functions it happens: its id is in their log events, goes along
//! with queue messages, and is told to the partners (`traceparent`, W3C Trace Context). Where Lambda has begun a trace of AWS X-Ray, it is that one.

use std::fmt;
use std::str::FromStr;

use domain::crypto::{sha256, truncate};

/// The name of the header, and of the queue message's attribute.
pub const TRACEPARENT: &str = "traceparent";

tokio::task_local! {
    static CURRENT: Trace;
}

/// The trace that the running work belongs to; `None` outside any invocation.
pub fn current() -> Option<Trace> {
    CURRENT.try_with(|trace| *trace).ok()
}

/// A trace, and where in it we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    id: u128,
    /// This invocation: the parent of whatever it calls.
    parent: u64,
    is_sampled: bool,
}

/// The id of a trace: 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u128);

/// A text that is no trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a trace")]
pub struct NoTrace;

impl Trace {
    /// The trace of an invocation: the one that `xray` (Lambda's tracing header) names, else one that follows from the request's id.
    pub fn of(request_id: &str, xray: Option<&str>) -> Self {
        let made = u128::from_be_bytes(truncate(sha256(request_id.as_bytes())));
        // The lower half; neither may be zero, which stands for none.
        let own = u64::try_from(made & u128::from(u64::MAX)).unwrap_or(1).max(1);
        let begun = xray.and_then(XRay::parse);
        Self {
            id: begun.and_then(|xray| xray.root).unwrap_or_else(|| made.max(1)),
            parent: begun.and_then(|xray| xray.parent).unwrap_or(own),
            is_sampled: begun.is_some_and(|xray| xray.is_sampled),
        }
    }

    /// Its id.
    pub const fn id(self) -> TraceId {
        TraceId(self.id)
    }

    /// Whoever woke this invocation belongs to the trace `earlier`: so does what it does.
    #[must_use]
    pub const fn continuing(self, earlier: Self) -> Self {
        Self { id: earlier.id, parent: self.parent, is_sampled: earlier.is_sampled }
    }

    /// Does some work as part of the trace.
    pub fn within<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }
}

impl fmt::Display for Trace {
    /// As `traceparent` has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.id, self.parent, u8::from(self.is_sampled))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Trace {
    type Err = NoTrace;

    /// Reads `traceparent`, also of a later version, which may have more at its end.
    fn from_str(text: &str) -> Result<Self, NoTrace> {
        let mut parts = text.split('-');
        let mut next = |digits| parts.next().and_then(|part| hex(part, digits)).ok_or(NoTrace);
        let (version, id, parent, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        let has_more = parts.next().is_some();
        let parent = u64::try_from(parent).map_err(|_| NoTrace)?;
        if version == 0xff || (version == 0 && has_more) || id == 0 || parent == 0 {
            return Err(NoTrace);
        }
        Ok(Self { id, parent, is_sampled: flags & 1 == 1 })
    }
}

/// Lambda's tracing header: `Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1`.
#[derive(Clone, Copy)]
struct XRay {
    root: Option<u128>,
    parent: Option<u64>,
    is_sampled: bool,
}

impl XRay {
    fn parse(header: &str) -> Option<Self> {
        let of = |name: &str| header.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        let root = of("Root").and_then(|root| {
            let (seconds, chance) = root.strip_prefix("1-")?.split_once('-')?;
            Some((hex(seconds, 8)? << 96) | hex(chance, 24)?)
        });
        let parent = of("Parent").and_then(|parent| u64::try_from(hex(parent, 16)?).ok());
        let is_sampled = of("Sampled") == Some("1");
        Some(Self { root: Some(root.filter(|id| *id != 0)?), parent: parent.filter(|id| *id != 0), is_sampled })
    }
}

/// A number of so many lower-case hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (text.len() == digits && is_hex).then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_trace_is_written_as_it_was_read() {
        assert_eq!(PUBLISHED.parse::<Trace>().unwrap().to_string(), PUBLISHED);
        assert_eq!(PUBLISHED.parse::<Trace>().unwrap().id().to_string(), "0af7651916cd43dd8448eb211c80319c");
    }

    #[test]
    fn what_is_no_trace_is_refused() {
        let id = "0af7651916cd43dd8448eb211c80319c";
        for bad in [
            String::new(),
            format!("00-{id}-b7ad6b7169203331"),
            format!("ff-{id}-b7ad6b7169203331-01"),
            format!("00-{id}-b7ad6b7169203331-01-more"),
            format!("00-{id}-0000000000000000-01"),
            format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            format!("00-{}-b7ad6b7169203331-01", id.to_uppercase()),
            PUBLISHED.replacen("0af", "+af", 1),
            "00-é".repeat(14),
        ] {
            assert_eq!(bad.parse::<Trace>(), Err(NoTrace), "{bad}");
        }
        let later = format!("01-{PUBLISHED}-more").replace("01-00-", "01-");
        assert!(later.parse::<Trace>().is_ok(), "a later version may have more: {later}");
    }

    #[test]
    fn where_lambda_has_begun_a_trace_it_is_that_one() {
        let header = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:1";
        let trace = Trace::of("req-1", Some(header));
        assert_eq!(trace.to_string(), "00-67891233abcdef012345678912345678-53995c3f42cd8ad8-01");
        let unsampled = Trace::of("req-1", Some("Root=1-67891233-abcdef012345678912345678;Sampled=0"));
        assert_eq!(unsampled.id(), trace.id());
        assert!(unsampled.to_string().ends_with("-00"));
    }

    #[test]
    fn without_one_it_follows_from_the_requests_id() {
        let trace = Trace::of("req-1", None);
        for unreadable in ["", "Root=1-67891233", "Root=2-67891233-abcdef012345678912345678", "Root=1-é-é"] {
            assert_eq!(Trace::of("req-1", Some(unreadable)), trace, "{unreadable}");
        }
        assert_eq!(trace.to_string().parse(), Ok(trace));
        assert_ne!(Trace::of("req-2", None).id(), trace.id());
    }

    #[test]
    fn what_was_woken_continues_the_trace_by_a_step_of_its_own() {
        let (earlier, own) = (Trace::of("req-1", None), Trace::of("req-2", None));
        let next = own.continuing(earlier);
        assert_eq!((next.id(), next.parent), (earlier.id(), own.parent));
    }

    #[tokio::test]
    async fn work_knows_its_trace_and_nothing_outside_it_does() {
        let trace = Trace::of("req-1", None);
        assert_eq!(trace.within(async { current() }).await, Some(trace));
        assert_eq!(current(), None);
    }
}
