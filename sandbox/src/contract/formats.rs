//! The string formats that the contracts use.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;
use uuid::Uuid;

/// Whether `text` has the format. Formats that say nothing about a string's form (`binary`) always fit.
pub(crate) fn fits(format: &str, text: &str) -> bool {
    match format {
        "date-time" => OffsetDateTime::parse(text, &Rfc3339).is_ok(),
        "uri" => is_uri(text),
        "uuid" => text.len() == 36 && Uuid::parse_str(text).is_ok(),
        "email" => is_email(text),
        _ => true,
    }
}

fn is_uri(text: &str) -> bool {
    !text.contains(char::is_whitespace) && Url::parse(text).is_ok()
}

/// The plain form `local@domain`: what the partners take, not all that RFC 5322 allows.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let fits =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
    fits(local) && fits(domain) && domain.split('.').all(|label| !label.is_empty())
}
