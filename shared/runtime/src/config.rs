//! Configuration: environment variables, each read where it is needed and parsed at once. README.md lists them all.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use domain::candidate_page::CandidatePage;
use domain::hosts::AllowedHosts;
use domain::pace::Pace;

/// An environment variable that a function cannot do without is missing or wrong. It does not repeat the value.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not set, or empty.
    #[error("environment variable {0} is not set")]
    Missing(&'static str),
    /// Set to something that cannot be used.
    #[error("environment variable {name} cannot be used: {reason}")]
    Invalid {
        /// Which.
        name: &'static str,
        /// Why not.
        reason: String,
    },
}

/// Where values come from: the environment, or a table in tests.
pub struct Config<'a>(&'a dyn Fn(&str) -> Option<String>);

impl<'a> Config<'a> {
    /// Reads from a table.
    pub fn new(read: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(read)
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn text(&self, name: &'static str) -> Result<String, ConfigError> {
        (self.0)(name).filter(|value| !value.is_empty()).ok_or(ConfigError::Missing(name))
    }

    /// A value that must be there and parse.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn parsed<T>(&self, name: &'static str) -> Result<T, ConfigError>
    where
        T: FromStr<Err: Display>,
    {
        let invalid = |reason: T::Err| ConfigError::Invalid { name, reason: reason.to_string() };
        self.text(name)?.parse().map_err(invalid)
    }

    /// `TABLE_NAME`.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn table(&self) -> Result<String, ConfigError> {
        self.text("TABLE_NAME")
    }

    /// `INVITATION_QUEUE_URL`.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn invitation_queue(&self) -> Result<String, ConfigError> {
        self.text("INVITATION_QUEUE_URL")
    }

    /// `RESULT_QUEUE_URL`.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn result_queue(&self) -> Result<String, ConfigError> {
        self.text("RESULT_QUEUE_URL")
    }

    /// `COMPANY_SECRET_PREFIX`.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn company_secret_prefix(&self) -> Result<String, ConfigError> {
        self.text("COMPANY_SECRET_PREFIX")
    }

    /// `SMARTRECRUITERS_HOSTS`.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn smartrecruiters_hosts(&self) -> Result<AllowedHosts, ConfigError> {
        self.parsed("SMARTRECRUITERS_HOSTS")
    }

    /// `CANDIDATE_PAGE_URL`.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn candidate_page(&self) -> Result<CandidatePage, ConfigError> {
        self.parsed("CANDIDATE_PAGE_URL")
    }

    /// `INVITATION_DELAY_SECONDS`: 0 to 900, the longest that Amazon SQS delays.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn invitation_delay(&self) -> Result<Duration, ConfigError> {
        self.seconds("INVITATION_DELAY_SECONDS", 900)
    }

    /// `CATALOGUE_MAX_AGE_SECONDS`: up to a day.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn catalogue_max_age(&self) -> Result<Duration, ConfigError> {
        self.seconds("CATALOGUE_MAX_AGE_SECONDS", 86_400)
    }

    /// `INVITATIONS_PER_MINUTE`: TestGorilla's limit for a key, 1 to 6000.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn pace(&self) -> Result<Pace, ConfigError> {
        self.parsed("INVITATIONS_PER_MINUTE")
    }

    /// `PERSONAL_DATA_DAYS`: 1 to 3650.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn personal_data(&self) -> Result<Duration, ConfigError> {
        let name = "PERSONAL_DATA_DAYS";
        match self.parsed::<u64>(name)? {
            days @ 1..=3650 => Ok(Duration::from_secs(days * 86_400)),
            _ => Err(ConfigError::Invalid { name, reason: "not within 1 to 3650".into() }),
        }
    }

    fn seconds(&self, name: &'static str, most: u64) -> Result<Duration, ConfigError> {
        match self.parsed::<u64>(name)? {
            seconds if seconds <= most => Ok(Duration::from_secs(seconds)),
            _ => Err(ConfigError::Invalid { name, reason: format!("not within 0 to {most}") }),
        }
    }
}

/// The process's environment.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let read = |name: &str| match name {
            "INVITATION_DELAY_SECONDS" => Some("901".to_owned()),
            "PERSONAL_DATA_DAYS" => Some("ninety".to_owned()),
            "CATALOGUE_MAX_AGE_SECONDS" => Some("60".to_owned()),
            "TABLE_NAME" => Some(String::new()),
            _ => None,
        };
        let config = Config::new(&read);
        assert_eq!(config.catalogue_max_age().unwrap(), Duration::from_secs(60));
        let message = |error: ConfigError| error.to_string();
        assert_eq!(message(config.table().unwrap_err()), "environment variable TABLE_NAME is not set");
        assert!(message(config.invitation_delay().unwrap_err()).contains("not within 0 to 900"));
        assert!(message(config.personal_data().unwrap_err()).contains("PERSONAL_DATA_DAYS"));
    }
}
