//! How often something may be tried in vain, so that nobody guesses by the thousand.
//!
//! Tries are counted in windows of a quarter of an hour. What is counted is kept a little longer than its window.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crate::crypto;
use crate::ids::{ClientId, CompanyId};
use crate::timestamp::Timestamp;

/// How long a window is.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);

/// Where somebody calls from: 20 bits of the address's hash. That tells callers apart, and names nobody: each value stands for
/// thousands of addresses. Of IPv6 the network counts (the first 64 bits), since whoever has one has all of its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(u32);

impl Origin {
    /// The origin of an address; `None` for this machine's own, which never calls from outside.
    pub fn of(address: IpAddr) -> Option<Self> {
        let address = address.to_canonical();
        let network: Vec<u8> = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().into_iter().take(8).collect(),
        };
        let hash = crypto::sha256(&network).into_iter().take(4).fold(0, |bits, byte| (bits << 8) | u32::from(byte));
        (!address.is_loopback()).then_some(Self(hash >> 12))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05x}", self.0)
    }
}

/// What is tried, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tried {
    /// A wrong secret at the token endpoint, for a client that exists.
    TokenOfClient(ClientId),
    /// A wrong pair at the token endpoint.
    TokenFrom(Origin),
    /// An API key on the consent form of a company, right or wrong, from one origin: nobody uses up the tries of others.
    KeyForCompany(CompanyId, Option<Origin>),
    /// An API key on any consent form, right or wrong.
    KeyFrom(Origin),
}

impl Tried {
    /// How many of them are let through in a window. A person mistypes a key a few times; an office connects a few companies.
    pub const fn limit(&self) -> u32 {
        match self {
            Self::TokenOfClient(_) | Self::KeyForCompany(..) => 20,
            Self::TokenFrom(_) => 100,
            Self::KeyFrom(_) => 60,
        }
    }
}

impl fmt::Display for Tried {
    /// A stable name, for the store and the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenOfClient(client) => write!(f, "token#client#{client}"),
            Self::TokenFrom(origin) => write!(f, "token#origin#{origin}"),
            Self::KeyForCompany(company, None) => write!(f, "key#company#{company}"),
            Self::KeyForCompany(company, Some(origin)) => write!(f, "key#company#{company}#{origin}"),
            Self::KeyFrom(origin) => write!(f, "key#origin#{origin}"),
        }
    }
}

/// A stretch of time in which tries are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window(Timestamp);

impl Window {
    /// The window that holds `now`.
    pub const fn at(now: Timestamp) -> Self {
        let millis = now.as_millis();
        Self(Timestamp::from_millis(millis - millis.rem_euclid(WINDOW.as_millis() as i64)))
    }

    /// When it begins.
    pub const fn begins(self) -> Timestamp {
        self.0
    }

    /// When it ends, and counting begins anew.
    pub fn ends(self) -> Timestamp {
        self.0 + WINDOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(address: &str) -> Option<Origin> {
        Origin::of(address.parse().unwrap())
    }

    #[test]
    fn callers_are_told_apart_without_being_named() {
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
        assert_eq!(origin("192.0.2.1"), origin("::ffff:192.0.2.1"));
        assert_eq!(origin("2001:db8:1:2::1"), origin("2001:db8:1:2:ffff::9"));
        assert_ne!(origin("2001:db8:1:2::1"), origin("2001:db8:1:3::1"));
        assert_eq!(origin("192.0.2.1").unwrap().to_string().len(), 5);
    }

    #[test]
    fn this_machine_is_nobody() {
        for own in ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(origin(own), None);
        }
    }

    #[test]
    fn windows_follow_one_another() {
        let first = Window::at(Timestamp::from_seconds(1_800_000_123));
        assert_eq!(first.begins(), Timestamp::from_seconds(1_800_000_000));
        assert_eq!(Window::at(first.ends() - Duration::from_millis(1)), first);
        assert_eq!(Window::at(first.ends()).begins(), first.ends());
    }
}
