//! Dead letters go back where they came from.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use aws::{DeadLetters, Letter};
use domain::ports::QueueError;
use serde::de::DeserializeOwned;

use super::Done;
use crate::console::Console;
use crate::fail::Failure;

/// A queue of dead letters.
pub(super) trait Dead<M> {
    async fn number(&self) -> Result<u64, QueueError>;
    async fn take(&self) -> Result<Vec<Letter<M>>, QueueError>;
    async fn remove(&self, letter: &Letter<M>) -> Result<(), QueueError>;
    /// Shows a letter to others at once. Where that fails, perhaps since its minute is over, it shows by itself.
    async fn leave(&self, letter: &Letter<M>);
}

impl<M: DeserializeOwned> Dead<M> for DeadLetters {
    async fn number(&self) -> Result<u64, QueueError> {
        Ok(self.depth().await?.all())
    }

    async fn take(&self) -> Result<Vec<Letter<M>>, QueueError> {
        Self::take(self).await
    }

    async fn remove(&self, letter: &Letter<M>) -> Result<(), QueueError> {
        Self::remove(self, letter).await
    }

    async fn leave(&self, letter: &Letter<M>) {
        let _ = Self::leave(self, letter).await;
    }
}

/// How fast, of how many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) pause: Duration,
    pub(super) of: usize,
}

/// Puts what is in a queue of dead letters back where it came from: first it is sent, then removed, so that none is lost.
pub(super) async fn put_back<M: Clone>(
    console: &Console,
    dead: &impl Dead<M>,
    wake: impl AsyncFn(M) -> Result<(), QueueError>,
    pace: Pace,
    done: &mut Done,
) -> Result<(), Failure> {
    let mut unreadable = HashMap::new();
    let worked = each(console, dead, wake, pace, done, &mut unreadable).await;
    console.progress_ends();
    for letter in unreadable.values() {
        dead.leave(letter).await;
    }
    worked
}

async fn each<M: Clone>(
    console: &Console,
    dead: &impl Dead<M>,
    wake: impl AsyncFn(M) -> Result<(), QueueError>,
    pace: Pace,
    done: &mut Done,
    unreadable: &mut HashMap<String, Letter<M>>,
) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    // What dies again meanwhile is for the next time.
    let most = dead.number().await?;
    while (seen.len() as u64) < most && !console.interrupt.is_raised() {
        let letters = dead.take().await?;
        // What cannot be read shows again after a minute: only where nothing shows, nothing is left.
        if letters.is_empty() {
            break;
        }
        for letter in letters {
            let is_new = seen.insert(letter.id.clone());
            match letter.work.clone() {
                _ if console.interrupt.is_raised() => dead.leave(&letter).await,
                None => {
                    done.unreadable += usize::from(is_new);
                    unreadable.insert(letter.id.clone(), letter);
                }
                Some(work) => {
                    wake(work).await?;
                    dead.remove(&letter).await?;
                    done.letters += 1;
                    console.progress("Dead letters put back", done.letters, Some(pace.of));
                    console.interrupt.pause(pace.pause).await;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;

    use super::*;
    use crate::interrupt::Interrupt;

    /// What is taken, one after the other; a number is what can be read of a letter.
    #[derive(Default)]
    struct Fake {
        number: u64,
        taken: RefCell<VecDeque<Vec<Letter<u8>>>>,
        removed: RefCell<Vec<String>>,
        left: RefCell<Vec<String>>,
    }

    impl Dead<u8> for Fake {
        async fn number(&self) -> Result<u64, QueueError> {
            Ok(self.number)
        }

        async fn take(&self) -> Result<Vec<Letter<u8>>, QueueError> {
            Ok(self.taken.borrow_mut().pop_front().unwrap_or_default())
        }

        async fn remove(&self, letter: &Letter<u8>) -> Result<(), QueueError> {
            self.removed.borrow_mut().push(letter.id.clone());
            Ok(())
        }

        async fn leave(&self, letter: &Letter<u8>) {
            self.left.borrow_mut().push(letter.receipt.clone());
        }
    }

    fn letter(work: Option<u8>, id: &str, receipt: &str) -> Letter<u8> {
        Letter { work, id: id.to_owned(), receipt: receipt.to_owned() }
    }

    fn fake(number: u64, taken: Vec<Vec<Letter<u8>>>) -> Fake {
        Fake { number, taken: RefCell::new(taken.into()), ..Fake::default() }
    }

    const PACE: Pace = Pace { pause: Duration::ZERO, of: 9 };

    #[tokio::test]
    async fn letters_that_cannot_be_read_and_show_again_do_not_hide_those_behind_them() {
        let dead = fake(
            9,
            vec![
                vec![letter(None, "bad", "first")],
                vec![letter(None, "bad", "again")],
                vec![letter(Some(7), "good", "first")],
            ],
        );
        let (mut done, woken) = (Done::default(), Cell::new(0));
        let wake = async |work| {
            woken.set(work);
            Ok(())
        };
        put_back(&Console::new(Interrupt::default()), &dead, wake, PACE, &mut done).await.unwrap();
        assert_eq!((woken.get(), done.letters, done.unreadable), (7, 1, 1));
        assert_eq!(
            (dead.removed.into_inner(), dead.left.into_inner()),
            (vec!["good".to_owned()], vec!["again".to_owned()])
        );
    }

    #[tokio::test]
    async fn no_more_are_taken_than_there_were_at_first() {
        let again = || vec![letter(Some(1), "a", "x"), letter(Some(1), "b", "x")];
        let dead = fake(2, vec![again(), again()]);
        let mut done = Done::default();
        let wake = async |_| Ok(());
        put_back(&Console::new(Interrupt::default()), &dead, wake, PACE, &mut done).await.unwrap();
        assert_eq!((done.letters, dead.taken.borrow().len()), (2, 1));
    }

    #[tokio::test]
    async fn what_was_done_before_a_failure_is_counted_and_what_cannot_be_read_is_left() {
        let dead = fake(3, vec![vec![letter(None, "bad", "x"), letter(Some(1), "a", "x"), letter(Some(2), "b", "x")]]);
        let mut done = Done::default();
        let wake = async |work| if work == 2 { Err(QueueError("no answer".into())) } else { Ok(()) };
        let failed = put_back(&Console::new(Interrupt::default()), &dead, wake, PACE, &mut done).await;
        assert!(failed.is_err());
        assert_eq!((done.letters, done.unreadable), (1, 1));
        assert_eq!((dead.removed.into_inner().len(), dead.left.into_inner().len()), (1, 1));
    }
}
