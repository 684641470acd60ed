//! What a person or a program sees: the answer on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::io::AsyncReadExt;

use crate::cli::Asking;
use crate::fail::{Exit, Failure};
use crate::interrupt::Interrupt;

/// Between two lines of progress where nobody watches a terminal.
const QUIET: Duration = Duration::from_secs(5);

/// The terminal, or whatever is in its place.
#[derive(Debug)]
pub(crate) struct Console {
    pub(crate) interrupt: Interrupt,
    is_terminal: bool,
    last: Mutex<Option<Instant>>,
}

/// What was answered to "shall it be done?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// It is to be done.
    Given,
    /// It is only to be shown.
    DryRun,
}

impl Console {
    pub(crate) fn new(interrupt: Interrupt) -> Self {
        Self { interrupt, is_terminal: std::io::stderr().is_terminal(), last: Mutex::new(None) }
    }

    /// Says something beside the answer.
    pub(crate) fn say(&self, sentence: &str) {
        // Who has closed standard error does not want to hear it.
        let _ = writeln!(std::io::stderr(), "{sentence}");
    }

    /// Shows how far long work is: in place on a terminal, else now and then.
    pub(crate) fn progress(&self, what: &str, done: usize, of: Option<usize>) {
        let of = of.map(|of| format!(" of {of}")).unwrap_or_default();
        let line = format!("{what}: {done}{of}");
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.is_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
        } else if last.get_or_insert_with(Instant::now).elapsed() >= QUIET {
            let _ = writeln!(std::io::stderr(), "{line} ...");
            *last = Some(Instant::now());
        }
    }

    /// Ends the line that [`Console::progress`] writes in place.
    pub(crate) fn progress_ends(&self) {
        if self.is_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
        *self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }

    /// Shows what a command will do, and asks whether it shall.
    pub(crate) async fn ask(&self, asking: &Asking, what: &str) -> Result<Consent, Failure> {
        self.interrupt.check()?;
        self.say(what);
        if asking.dry_run {
            return Ok(Consent::DryRun);
        }
        if asking.yes {
            return Ok(Consent::Given);
        }
        if !std::io::stdin().is_terminal() {
            let sentence =
                "Nobody is there to confirm it, and nothing was changed. Say --yes, or --dry-run to look only.";
            return Err(Failure::new(Exit::Declined, sentence));
        }
        let _ = write!(std::io::stderr(), "Go on? [y/N] ");
        let answer = self.interrupt.or(async { Ok(line().await) }).await?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(Consent::Given),
            _ => Err(Failure::new(Exit::Declined, "It was not confirmed: nothing was changed.")),
        }
    }

    /// Reads a secret that is piped in or typed: secrets are no arguments, which every process of the machine can read.
    pub(crate) async fn secret(&self, what: &str) -> Result<String, Failure> {
        if std::io::stdin().is_terminal() {
            // Hidden first, asked then: what is typed or pasted as soon as the question shows is the answer.
            let hidden = Hidden::begin();
            let hidden = hidden.map_err(|_| Failure::usage(format!("{what} would be shown here: pipe it in.")))?;
            let _ = write!(std::io::stderr(), "{what} (is not shown): ");
            let typed = self.interrupt.or(async { Ok(line().await.trim().to_owned()) }).await;
            drop(hidden);
            return not_empty(typed?, what);
        }
        let mut text = String::new();
        let read = async {
            // A secret is short: whatever is piped in by mistake is not read to its end.
            let mut input = tokio::io::stdin().take(16 * 1024);
            input
                .read_to_string(&mut text)
                .await
                .map_err(|_| Failure::usage(format!("{what} cannot be read from standard input.")))
        };
        self.interrupt.or(read).await?;
        not_empty(text.trim().to_owned(), what)
    }
}

fn not_empty(text: String, what: &str) -> Result<String, Failure> {
    if text.is_empty() {
        Err(Failure::usage(format!("{what} is empty. Type it, or pipe it in: it is read from standard input.")))
    } else {
        Ok(text)
    }
}

/// What is typed is not shown as long as this lives, however the reading ends.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> rustix::io::Result<Self> {
        let shown = tcgetattr(std::io::stdin())?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        // The end of the line shows, so that what comes next has a line of its own.
        hidden.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &hidden)?;
        Ok(Self(shown))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that has gone shows nothing.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// A line of standard input; what comes after it is nobody's.
async fn line() -> String {
    let mut line = Vec::new();
    let mut input = tokio::io::stdin();
    while let Ok(byte) = input.read_u8().await {
        if byte == b'\n' {
            break;
        }
        line.push(byte);
    }
    String::from_utf8_lossy(&line).into_owned()
}
