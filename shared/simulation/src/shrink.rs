//! Makes a failing history smaller: takes out faults and events as long as the same promise stays broken.

use std::collections::BTreeSet;

use crate::drive::{Report, run};
use crate::history::{Event, History};

/// Runs spent on one history.
const MOST_RUNS: usize = 3_000;

/// The smallest history found that breaks the same promise, with its last run, or `None` when the history breaks none.
pub fn shrink(history: &History) -> Option<(History, Report)> {
    let first = run(history, false);
    let rule = first.violation.as_ref()?.rule;
    let mut shrinker = Shrinker { rule, runs: 0, best: history.clone() };
    let mut named = history.clone();
    named.only = Some(first.met);
    shrinker.accept(named);
    loop {
        let before = (shrinker.best.only.as_ref().map(BTreeSet::len), shrinker.best.events.len());
        shrinker.simplify_settings();
        shrinker.take_out_events();
        shrinker.take_out_faults();
        let after = (shrinker.best.only.as_ref().map(BTreeSet::len), shrinker.best.events.len());
        if before == after || shrinker.runs >= MOST_RUNS {
            break;
        }
    }
    let last = run(&shrinker.best, true);
    Some((shrinker.best, last))
}

struct Shrinker {
    rule: &'static str,
    runs: usize,
    best: History,
}

impl Shrinker {
    /// Takes a history for the best one when it still fails.
    fn accept(&mut self, mut candidate: History) -> bool {
        if self.runs >= MOST_RUNS || candidate == self.best {
            return false;
        }
        self.runs += 1;
        let report = run(&candidate, false);
        let still_fails = report.violation.is_some_and(|violation| violation.rule == self.rule);
        if still_fails {
            // What was not met is not needed.
            if let Some(only) = &mut candidate.only {
                only.retain(|id| report.met.contains(id));
            }
            self.best = candidate;
        }
        still_fails
    }

    fn simplify_settings(&mut self) {
        let mut calm = self.best.clone();
        calm.settings.clocks_apart = 0;
        self.accept(calm);
        let mut short = self.best.clone();
        short.settings.until_erased = false;
        self.accept(short);
    }

    fn take_out_events(&mut self) {
        let mut size = self.best.events.len().div_ceil(2).max(1);
        loop {
            let mut at = 0;
            while at < self.best.events.len() {
                let mut candidate = self.best.clone();
                let end = (at + size).min(candidate.events.len());
                let _: Vec<Event> = candidate.events.drain(at..end).collect();
                if !self.accept(candidate) {
                    at += size;
                }
            }
            if size == 1 {
                return;
            }
            size = size.div_ceil(2);
        }
    }

    fn take_out_faults(&mut self) {
        let count = |best: &History| best.only.as_ref().map_or(0, BTreeSet::len);
        let mut size = count(&self.best).div_ceil(2).max(1);
        loop {
            let mut at = 0;
            while at < count(&self.best) {
                let mut candidate = self.best.clone();
                let all: Vec<u64> = candidate.only.take().unwrap_or_default().into_iter().collect();
                let kept = all.iter().enumerate().filter(|(place, _)| !(at..at + size).contains(place));
                candidate.only = Some(kept.map(|(_, id)| *id).collect());
                if !self.accept(candidate) {
                    at += size;
                }
            }
            if size == 1 {
                return;
            }
            size = size.div_ceil(2);
        }
    }
}
