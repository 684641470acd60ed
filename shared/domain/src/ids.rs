//! Identifiers: one type for each, so that none can stand where another is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an identifier of the wanted kind. It does not repeat the text: that came from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct InvalidId {
    /// What was wanted, e.g. `company id`.
    pub kind: &'static str,
}

/// SmartRecruiters' identifier of a company (its customer).
///
/// 1 to 128 letters, digits, `-`, `.`, `_` or `~` (the characters that need no escaping in a URL, RFC 3986 section 2.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CompanyId(String);

impl CompanyId {
    /// The identifier as SmartRecruiters writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CompanyId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        let only_dots = text.chars().all(|c| c == '.');
        if text.len() <= 128 && !only_dots && text.chars().all(unreserved) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId { kind: "company id" })
        }
    }
}

impl TryFrom<String> for CompanyId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<CompanyId> for String {
    fn from(id: CompanyId) -> Self {
        id.0
    }
}

impl fmt::Display for CompanyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Defines an identifier that TestGorilla writes as a positive integer.
macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                // One spelling for each number: it becomes part of keys.
                let canonical = text == "0" || !text.starts_with('0');
                match text.parse() {
                    Ok(number) if digits && canonical => Ok(Self(number)),
                    _ => Err(InvalidId { kind: $kind }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

numeric_id!(
    /// TestGorilla's identifier of an assessment; SmartRecruiters knows it, as text, as the package's id.
    AssessmentId,
    "assessment id"
);
numeric_id!(
    /// TestGorilla's identifier of one person's taking of one assessment.
    CandidatureId,
    "candidature id"
);
numeric_id!(
    /// TestGorilla's identifier of a person who takes assessments.
    TestTakerId,
    "test taker id"
);

/// SmartRecruiters' identifier of an order: the uuid in the path of its result URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(pub Uuid);

impl FromStr for OrderId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match Uuid::try_parse(text) {
            Ok(uuid) if text.len() == 36 => Ok(Self(uuid)),
            _ => Err(InvalidId { kind: "order id" }),
        }
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Defines an opaque identifier of ours: lower-case hex of a fixed length.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $length:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Length of the text.
            pub const LENGTH: usize = $length;

            /// From random or hashed bytes.
            pub fn from_bytes(bytes: [u8; $length / 2]) -> Self {
                Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                if text.len() == $length && text.bytes().all(hex) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId { kind: $kind })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

hex_id!(
    /// Our identifier of a client that SmartRecruiters uses at the token endpoint: one for each connection of a company.
    ClientId,
    32,
    "client id"
);
hex_id!(
    /// One attempt to connect a company: the nonce of the consent form, so that a form sent twice is one attempt.
    AttemptId,
    32,
    "attempt id"
);
hex_id!(
    /// A record of what was done on a candidate's request.
    RecordId,
    32,
    "record id"
);
hex_id!(
    /// Stands for a candidate of a company without naming them: a keyed hash (see [`crate::candidate`]).
    CandidateKey,
    32,
    "candidate key"
);
hex_id!(
    /// SHA-256 of a TestGorilla API key: recognises a key without keeping it.
    ApiKeyHash,
    64,
    "API key hash"
);

/// What makes an invitation unique: one company, one assessment, one candidate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InvitationKey {
    /// Whose invitation it is.
    pub company: CompanyId,
    /// To what.
    pub assessment: AssessmentId,
    /// For whom.
    pub candidate: CandidateKey,
}

impl fmt::Display for InvitationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.company, self.assessment, self.candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_id_is_safe_in_urls_and_keys() {
        assert!("Acme-Example_1.~".parse::<CompanyId>().is_ok());
        for bad in ["", "a/b", "a#b", "a b", "<b>", "..", "é", &"x".repeat(129)] {
            assert!(bad.parse::<CompanyId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!("439706".parse(), Ok(AssessmentId(439_706)));
        for bad in ["", "+1", "01", "1.0", "-1", " 1", "99999999999999999999"] {
            assert!(bad.parse::<AssessmentId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_order_id_is_a_hyphenated_uuid() {
        assert!("0f8fad5b-d9cb-469f-a165-70867728950e".parse::<OrderId>().is_ok());
        assert!("0f8fad5bd9cb469fa16570867728950e".parse::<OrderId>().is_err());
    }
}
