//! Identifiers and secrets that nobody can guess.

use uuid::Uuid;

/// A random UUID.
pub(crate) fn uuid() -> String {
    Uuid::new_v4().to_string()
}

/// A random secret: 64 hexadecimal digits, 244 random bits.
pub(crate) fn secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// A TestGorilla API key: 40 hexadecimal digits.
pub(crate) fn api_key() -> String {
    secret().chars().take(40).collect()
}
