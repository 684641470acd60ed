//! The journey in words: one line a step, as it happens.

use std::io::Write;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use super::recruiter::Seen;

/// How often to say that something is being waited for.
const PROGRESS: Duration = Duration::from_secs(5);
/// How often to look whether it has happened.
const LOOK: Duration = Duration::from_millis(300);

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{}: {sentence}", self.beginning())]
pub(super) struct Broken {
    /// The row of the journey, or `all`.
    pub(super) row: &'static str,
    /// What was seen instead.
    pub(super) sentence: String,
}

impl Broken {
    /// A promise of this row was not kept.
    pub(super) fn new(row: &'static str, sentence: impl Into<String>) -> Self {
        Self { row, sentence: sentence.into() }
    }

    fn beginning(&self) -> String {
        match self.row {
            "all" => "The journey cannot go on".to_owned(),
            row => format!("The promise of row {row} was not kept"),
        }
    }
}

/// Fails with the sentence unless the promise holds.
pub(super) fn promise(row: &'static str, holds: bool, otherwise: impl Into<String>) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken::new(row, otherwise)) }
}

#[derive(Debug, Serialize)]
struct Step {
    row: &'static str,
    who: &'static str,
    what: String,
    seconds: f64,
}

/// What has happened so far.
#[derive(Debug)]
pub(super) struct Tale {
    began: Instant,
    steps: Vec<Step>,
}

impl Tale {
    /// The beginning.
    pub(super) fn begin() -> Self {
        print("row  who              what (seconds since the beginning)");
        Self { began: Instant::now(), steps: Vec::new() }
    }

    /// Seconds since the beginning.
    pub(super) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// A step has happened.
    pub(super) fn tell(&mut self, row: &'static str, who: &'static str, what: impl Into<String>) {
        let step = Step { row, who, what: what.into(), seconds: self.seconds() };
        print(&format!("{:>3}  {:<16} {} ({:.1} s)", step.row, step.who, step.what, step.seconds));
        self.steps.push(step);
    }

    /// Looks again and again until there is something to see, and says now and then what is being waited for.
    pub(super) async fn wait<T>(
        &self,
        row: &'static str,
        what: &str,
        patience: Duration,
        mut look: impl AsyncFnMut() -> Result<Option<T>, Broken>,
    ) -> Result<T, Broken> {
        let began = Instant::now();
        let mut said = Duration::ZERO;
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            let waited = began.elapsed();
            if waited > patience {
                return Err(Broken::new(row, format!("waited {} s in vain for {what}", patience.as_secs())));
            }
            if waited >= said + PROGRESS {
                said = waited;
                print(&format!("     ... waiting for {what} ({:.0} s)", waited.as_secs_f64()));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The tale for machines.
    pub(super) fn summary(&self, seen: &[Seen], broken: Option<&Broken>) -> Value {
        json!({"kept": broken.is_none(), "broken": broken, "seconds": self.seconds(), "steps": self.steps, "orders": seen})
    }
}

/// Prints a line at once.
pub(super) fn print(line: &str) {
    let mut out = std::io::stdout();
    // Nobody reads any more: then nobody needs the line.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
