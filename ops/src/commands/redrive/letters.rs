//! Dead letters go back where they came from.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use aws::{DeadLetters, Letter};
use domain::ports::QueueError;
use serde::de::DeserializeOwned;

use super::Done;
use crate::connect::App;
use crate::fail::Failure;

/// Puts what is in a queue of dead letters back where it came from: first it is sent, then removed, so that none is lost.
pub(super) async fn put_back<M: DeserializeOwned + Clone>(
    app: &App,
    url: &str,
    wake: impl AsyncFn(M) -> Result<(), QueueError>,
    pause: Duration,
    of: usize,
    done: &mut Done,
) -> Result<(), Failure> {
    let dead = app.queue(url);
    let mut unreadable = HashMap::new();
    let worked = each(app, &dead, wake, pause, of, done, &mut unreadable).await;
    app.console.progress_ends();
    for letter in unreadable.values() {
        leave(&dead, letter).await;
    }
    worked
}

async fn each<M: DeserializeOwned + Clone>(
    app: &App,
    dead: &DeadLetters,
    wake: impl AsyncFn(M) -> Result<(), QueueError>,
    pause: Duration,
    of: usize,
    done: &mut Done,
    unreadable: &mut HashMap<String, Letter<M>>,
) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    // What dies again meanwhile is for the next time.
    let most = dead.depth().await?.all();
    while (seen.len() as u64) < most && !app.console.interrupt.is_raised() {
        let letters = dead.take::<M>().await?;
        // What cannot be read shows again after a minute: only where nothing shows, nothing is left.
        if letters.is_empty() {
            break;
        }
        for letter in letters {
            let is_new = seen.insert(letter.id.clone());
            match letter.work.clone() {
                _ if app.console.interrupt.is_raised() => leave(dead, &letter).await,
                None => {
                    done.unreadable += usize::from(is_new);
                    unreadable.insert(letter.id.clone(), letter);
                }
                Some(work) => {
                    wake(work).await?;
                    dead.remove(&letter).await?;
                    done.letters += 1;
                    app.console.progress("Dead letters put back", done.letters, Some(of));
                    app.console.interrupt.pause(pause).await;
                }
            }
        }
    }
    Ok(())
}

/// Shows a letter to others at once. Where that fails, perhaps since its minute is over, it shows by itself.
async fn leave<M>(dead: &DeadLetters, letter: &Letter<M>) {
    let _ = dead.leave(letter).await;
}
