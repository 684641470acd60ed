//! What failed while the rest was done.

use domain::ports::StoreError;
use serde_json::Value;

use crate::fail::{Exit, Failure};
use crate::report::count;

/// After so many failures in a row the rest is left: what failed is hardly to blame then.
pub(super) const DOWN: usize = 10;

/// What failed, each by its name and with why.
#[derive(Debug, Default)]
pub(super) struct Failed {
    each: Vec<(String, Failure)>,
    in_a_row: usize,
}

impl Failed {
    /// What the work on something came to, if it did not fail.
    pub(super) fn note<T, E: Into<Failure>>(&mut self, name: impl ToString, outcome: Result<T, E>) -> Option<T> {
        match outcome {
            Ok(done) => {
                self.in_a_row = 0;
                Some(done)
            }
            Err(error) => {
                self.in_a_row += 1;
                self.each.push((name.to_string(), error.into()));
                None
            }
        }
    }

    /// What was read of something, if it can be read.
    ///
    /// # Errors
    /// When it is not what is stored that is to blame: the rest would fare no better.
    pub(super) fn note_unreadable<T>(
        &mut self,
        name: impl ToString,
        read: Result<T, StoreError>,
    ) -> Result<Option<T>, Failure> {
        match read.map_err(Failure::from) {
            Err(failure) if failure.exit != Exit::Wrong => Err(failure),
            read => Ok(self.note(name, read)),
        }
    }

    /// Whether all fails.
    pub(super) const fn is_down(&self) -> bool {
        self.in_a_row >= DOWN
    }

    /// How many.
    pub(super) const fn number(&self) -> usize {
        self.each.len()
    }

    /// Why, the first time.
    pub(super) fn first(&self) -> Option<&Failure> {
        self.each.first().map(|(_, failure)| failure)
    }

    /// A line for each, to be put below a sentence.
    pub(super) fn lines(&self) -> String {
        self.each.iter().map(|(name, failure)| format!("\n  {name}: {failure}")).collect()
    }

    /// Why, by name.
    pub(super) fn json(&self) -> Value {
        self.each.iter().map(|(name, failure)| (name.clone(), Value::from(failure.sentence.as_str()))).collect()
    }
}

/// What is said behind a number of failures of those that were left; nothing when there are none.
pub(super) fn not_tried(left: usize) -> String {
    if left > 0 { format!(", and {} not tried", count(left, "was", "were")) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn unreadable() -> StoreError {
        StoreError::Broken("the item x cannot be read or written".into())
    }

    #[test]
    fn what_failed_is_named_and_what_went_well_in_between_says_that_not_all_fails() {
        let mut failed = Failed::default();
        for number in 0..2 * DOWN - 1 {
            let outcome = if number == DOWN - 1 { Ok(number) } else { Err(unreadable()) };
            assert_eq!(failed.note(number, outcome), (number == DOWN - 1).then_some(number));
            assert!(!failed.is_down());
        }
        assert_eq!(failed.note("the last", Err::<(), _>(unreadable())), None);
        assert!(failed.is_down() && failed.number() == 2 * DOWN - 1);
        assert!(failed.lines().ends_with(&format!("\n  the last: {}", Failure::from(unreadable()))));
        assert_eq!(failed.json()["the last"], json!(Failure::from(unreadable()).sentence));
    }

    #[test]
    fn what_cannot_be_read_holds_up_nothing_and_a_store_that_does_not_answer_does() {
        let mut failed = Failed::default();
        assert!(matches!(failed.note_unreadable("acme-example", Err::<(), _>(unreadable())), Ok(None)));
        let away = failed.note_unreadable("acme-example", Err::<(), _>(StoreError::Unavailable("no answer".into())));
        assert_eq!(away.map_err(|failure| failure.exit), Err(Exit::Aws));
        assert_eq!(failed.number(), 1);
    }
}
