//! The candidate of an order, and the key that stands for them once their data is erased.

use crate::crypto;
use crate::ids::CandidateKey;
use crate::sensitive::Personal;

/// An order that names nobody who could be invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCandidate {
    /// Neither an id nor an e-mail address.
    #[error("the candidate has neither an id nor an e-mail address")]
    Nobody,
    /// The e-mail address cannot be one.
    #[error("the candidate's e-mail address is not one")]
    Email,
    /// A name or id is longer than any real one.
    #[error("the candidate's id or name is too long")]
    TooLong,
}

/// Who is to be invited. SmartRecruiters does not say which properties it always sends: one of id and e-mail address is required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// SmartRecruiters' candidate id; inline orders have none.
    pub id: Option<Personal<String>>,
    /// E-mail address, as sent. When absent it is read from SmartRecruiters by the id before inviting.
    pub email: Option<Personal<String>>,
    /// First name, for the invitation's salutation.
    pub first_name: Option<Personal<String>>,
    /// Last name.
    pub last_name: Option<Personal<String>>,
}

/// Longest text taken for an id or a name, in characters.
const MAX_TEXT: usize = 200;
/// Longest e-mail address (RFC 5321 section 4.5.3.1.3, less the angle brackets).
const MAX_EMAIL: usize = 254;

impl Candidate {
    /// Reads a candidate from what an order carries. Blank texts count as absent.
    ///
    /// # Errors
    /// See [`InvalidCandidate`].
    pub fn parse(
        id: Option<&str>,
        email: Option<&str>,
        first_name: Option<&str>,
        last_name: Option<&str>,
    ) -> Result<Self, InvalidCandidate> {
        let email = present(email);
        if email.is_some_and(|email| !is_email(email)) {
            return Err(InvalidCandidate::Email);
        }
        let (id, first_name, last_name) = (present(id), present(first_name), present(last_name));
        let too_long = |text: &&str| text.chars().count() > MAX_TEXT;
        if [id, first_name, last_name].iter().flatten().any(too_long) {
            return Err(InvalidCandidate::TooLong);
        }
        if id.is_none() && email.is_none() {
            return Err(InvalidCandidate::Nobody);
        }
        let own = |text: Option<&str>| text.map(|text| Personal::new(single_line(text)));
        let (first_name, last_name) = (first_name.and_then(name), last_name.and_then(name));
        Ok(Self { id: own(id), email: own(email), first_name, last_name })
    }

    /// Whether both are one person: the same id, or the same address, whatever its case.
    pub fn is_same_person(&self, other: &Self) -> bool {
        let same = |one: &Option<Personal<String>>, other: &Option<Personal<String>>, is: fn(&str, &str) -> bool| {
            one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| is(one.reveal(), other.reveal()))
        };
        let ignoring_case = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
        same(&self.id, &other.id, |one, other| one == other) || same(&self.email, &other.email, ignoring_case)
    }

    /// The key of this candidate within a company: a hash with the company's salt, of the id where there is one, else of the
    /// e-mail address in lower case. Who holds the salt and an address can recompute it; who holds the key alone learns nothing.
    pub fn key(&self, salt: &[u8; 16]) -> CandidateKey {
        let id = self.id.as_ref().map(|id| ("id", id.reveal().clone()));
        let email = || self.email.as_ref().map(|email| ("email", email.reveal().to_lowercase()));
        let (kind, value) = id.or_else(email).unwrap_or_default();
        let hash = crypto::hmac_sha256(salt, &[kind.as_bytes(), value.as_bytes()]);
        CandidateKey::from_bytes(crypto::truncate(hash))
    }
}

fn present(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Whether TestGorilla could be asked to write to it: one `@` with something on both sides, a dot in the domain, no white
/// space and no control character. Whether it can be delivered is TestGorilla's to say.
fn is_email(text: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"');
    match text.rsplit_once('@') {
        Some((local, domain)) => {
            let dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
            // Nobody's mailbox begins like a spreadsheet's formula.
            let is_named = !local.is_empty() && !local.starts_with('=') && !local.contains('@');
            text.len() <= MAX_EMAIL && is_named && dotted && !text.contains(bad)
        }
        None => false,
    }
}

/// What goes on to others ends up in mail headers and pages: control characters, line breaks among them, become spaces.
fn single_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// A name that also ends up in spreadsheets: what they take for the beginning of a formula is left out (OWASP, CSV injection). No
/// name begins with it. `None` when nothing is left.
fn name(text: &str) -> Option<Personal<String>> {
    let is_formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let line = single_line(text);
    let name = line.trim_start_matches(|c: char| is_formula(c) || c.is_whitespace()).trim_end();
    (!name.is_empty()).then(|| Personal::new(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_one_is_refused() {
        for bad in [
            "juno",
            "juno@",
            "@example.com",
            "juno@example",
            "a b@example.com",
            "a@b@example.com",
            "a@example.com\r\nBcc: x@y.example",
            "a@example.com\nBcc: x@y.example",
            "a@example.com\0",
            "a@example.com,b@example.com",
            "a@example.com;b@example.com",
            "Juno <a@example.com>",
            "<a@example.com>",
            "\"a b\"@example.com",
            "=cmd|'/c calc'!A1@example.com",
        ] {
            assert_eq!(Candidate::parse(None, Some(bad), None, None), Err(InvalidCandidate::Email), "{bad}");
        }
        assert_eq!(Candidate::parse(None, Some("  "), None, None), Err(InvalidCandidate::Nobody));
    }

    #[test]
    fn the_key_follows_the_id_then_the_address() {
        let salt = [7; 16];
        let by = |id, email| Candidate::parse(id, email, Some("Juno"), None).unwrap().key(&salt);
        assert_eq!(by(Some("c1"), Some("a@example.com")), by(Some("c1"), Some("b@example.com")));
        assert_eq!(by(None, Some("A@Example.com")), by(None, Some("a@example.com")));
        assert_ne!(by(Some("c1"), None), by(Some("c2"), None));
        assert_ne!(by(Some("a@example.com"), None), by(None, Some("a@example.com")));
        let other = Candidate::parse(Some("c1"), None, None, None).unwrap().key(&[8; 16]);
        assert_ne!(by(Some("c1"), None), other);
    }

    #[test]
    fn a_person_is_known_by_id_or_by_address() {
        let who = |id, email| Candidate::parse(id, email, Some("Juno"), None).unwrap();
        let juno = who(Some("c1"), Some("Juno@Example.com"));
        assert!(juno.is_same_person(&who(Some("c1"), None)));
        assert!(juno.is_same_person(&who(None, Some("juno@example.com"))));
        assert!(juno.is_same_person(&who(Some("c2"), Some("juno@example.com"))));
        assert!(!juno.is_same_person(&who(Some("C1"), Some("other@example.com"))));
        assert!(!who(Some("c1"), None).is_same_person(&who(None, Some("juno@example.com"))));
    }

    #[test]
    fn a_name_cannot_break_a_line() {
        let candidate = Candidate::parse(Some("c1"), None, Some("Ju\r\nno"), None).unwrap();
        assert_eq!(candidate.first_name.unwrap().reveal(), "Ju  no");
    }

    #[test]
    fn a_name_is_no_formula() {
        for (sent, kept) in [
            ("=HYPERLINK(\"https://evil.example\")", Some("HYPERLINK(\"https://evil.example\")")),
            ("+1+1", Some("1+1")),
            ("-2", Some("2")),
            ("@SUM(A1)", Some("SUM(A1)")),
            ("\t=1", Some("1")),
            ("\r\n@x", Some("x")),
            ("= + - @", None),
            ("＝1", Some("1")),
            ("Jean-Luc", Some("Jean-Luc")),
            ("O'Neil", Some("O'Neil")),
        ] {
            let candidate = Candidate::parse(Some("c1"), None, Some(sent), Some(sent)).unwrap();
            assert_eq!(candidate.first_name.as_ref().map(|name| name.reveal().as_str()), kept, "{sent:?}");
            assert_eq!(candidate.last_name.as_ref().map(|name| name.reveal().as_str()), kept, "{sent:?}");
        }
    }

    #[test]
    fn an_id_is_kept_as_it_came() {
        let candidate = Candidate::parse(Some("-=c1"), None, None, None).unwrap();
        assert_eq!(candidate.id.unwrap().reveal(), "-=c1");
    }
}
