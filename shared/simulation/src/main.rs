//! Runs many histories, or one again.

// The tool speaks to who runs it.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used)]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use simulation::history::History;
use simulation::{Counts, Violation, describe, generate, generate_sparse, replay_command, run, shrink};

/// Runs histories of the real use cases under a deterministic simulator, and checks the product's promises after every step.
#[derive(Parser)]
#[command(
    name = "simulate",
    after_help = "Examples:\n  simulate --histories 100000 --progress     a hundred thousand histories from seed 0 on\n  simulate --histories 5000 --seed 700000    others\n  simulate --replay 4711                     the history of a seed, shrunk when it fails\n  simulate --replay 4711 --trace             with every port call\n\nExit codes: 0 all promises were kept; 1 one was not; 2 the options make no sense; 3 a kind of fault was never met\n(looked at from 10,000 histories on)."
)]
struct Options {
    /// How many histories
    #[arg(long, default_value_t = 10_000)]
    histories: u64,
    /// The first seed; the others follow
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Events of a history at most, beside the first connections and assessments
    #[arg(long, default_value_t = simulation::EVENTS)]
    steps: usize,
    /// Threads; all cores unless told
    #[arg(long)]
    jobs: Option<usize>,
    /// Print how far it is, and the rate
    #[arg(long)]
    progress: bool,
    /// Run the history of this seed alone, and shrink it when it fails
    #[arg(long)]
    replay: Option<u64>,
    /// With --replay: print every event, process and port call, and do not shrink
    #[arg(long, requires = "replay")]
    trace: bool,
    /// Fewer coincidences, as histories were made when the first seeds were noted
    #[arg(long)]
    sparse: bool,
    /// Do not look for the smallest history when one fails
    #[arg(long)]
    no_shrink: bool,
    /// Give up after this many failing histories
    #[arg(long, default_value_t = 1)]
    failures: usize,
}

impl Options {
    /// The history of a seed.
    fn history(&self, seed: u64) -> History {
        let make = if self.sparse { generate_sparse } else { generate };
        make(seed, self.steps)
    }

    /// How to see it again.
    fn replay_command(&self, seed: u64) -> String {
        let sparse = if self.sparse { " --sparse" } else { "" };
        format!("{}{sparse}", replay_command(seed, self.steps))
    }
}

/// From so many histories on, each kind of fault must have been met.
const ENOUGH: u64 = 10_000;

fn main() -> ExitCode {
    let options = Options::parse();
    match options.replay {
        Some(seed) => replay(seed, &options),
        None => many(&options),
    }
}

fn replay(seed: u64, options: &Options) -> ExitCode {
    let history = options.history(seed);
    if options.trace {
        let report = run(&history, true);
        println!("{}\n\n{}", describe(&history), report.trace.join("\n"));
        if let Some(violation) = report.violation {
            println!("\nNOT KEPT  {violation}");
            return ExitCode::from(1);
        }
        return ExitCode::SUCCESS;
    }
    match show_smallest(seed, options) {
        Some(text) => {
            println!("{text}");
            ExitCode::from(1)
        }
        None => {
            println!("{}\n\nseed {seed}: all promises are kept", describe(&history));
            ExitCode::SUCCESS
        }
    }
}

/// The smallest failing history that a seed's history shrinks to, with what happened in it.
fn show_smallest(seed: u64, options: &Options) -> Option<String> {
    let (smallest, report) = shrink(&options.history(seed))?;
    let violation = report.violation?;
    let trace = report.trace.join("\n");
    let (story, command) = (describe(&smallest), options.replay_command(seed));
    Some(format!("{story}\n\n{trace}\n\nNOT KEPT  {violation}\nseed {seed}: {command}"))
}

#[derive(Default)]
struct Total {
    counts: Counts,
    steps: u64,
    failed: Vec<(u64, Violation)>,
}

fn many(options: &Options) -> ExitCode {
    let jobs = options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let (next, total) = (AtomicU64::new(0), Mutex::new(Total::default()));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| work(options, &next, &total));
        }
        if options.progress {
            scope.spawn(|| tell_progress(options, &next, &total, begin));
        }
    });
    let total = total.into_inner().expect("no thread has failed");
    let (seconds, done) = (begin.elapsed().as_secs_f64(), next.load(Ordering::Relaxed).min(options.histories));
    println!("{}", total.counts.table());
    println!(
        "{done} histories from seed {}, {} port calls, {seconds:.1} s, {:.0} histories/s with {jobs} threads",
        options.seed,
        total.steps,
        done as f64 / seconds
    );
    judge(options, &total)
}

fn judge(options: &Options, total: &Total) -> ExitCode {
    for (seed, violation) in &total.failed {
        println!("\nNOT KEPT  seed {seed}: {violation}\n{}", options.replay_command(*seed));
    }
    if options.no_shrink && !total.failed.is_empty() {
        return ExitCode::from(1);
    }
    if let Some((seed, _)) = total.failed.first() {
        let text = show_smallest(*seed, options).unwrap_or_default();
        println!("\nThe smallest history of seed {seed} that fails in the same way:\n\n{text}");
        return ExitCode::from(1);
    }
    let holes = total.counts.never_met();
    if options.histories >= ENOUGH && !holes.is_empty() {
        holes.iter().for_each(|kind| println!("never met: {}", kind.text()));
        return ExitCode::from(3);
    }
    ExitCode::SUCCESS
}

fn work(options: &Options, next: &AtomicU64, total: &Mutex<Total>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= options.histories {
            return;
        }
        let seed = options.seed.wrapping_add(number);
        let report = run(&options.history(seed), false);
        let mut total = total.lock().expect("no thread has failed");
        total.counts.add_all(&report.counts);
        total.steps += report.steps;
        total.failed.extend(report.violation.map(|violation| (seed, violation)));
        if total.failed.len() >= options.failures {
            next.store(options.histories, Ordering::Relaxed);
        }
    }
}

fn tell_progress(options: &Options, next: &AtomicU64, total: &Mutex<Total>, begin: Instant) {
    let mut told = Instant::now();
    while next.load(Ordering::Relaxed) < options.histories {
        std::thread::sleep(Duration::from_millis(100));
        if told.elapsed() >= Duration::from_secs(5) {
            told = Instant::now();
            let done = next.load(Ordering::Relaxed).min(options.histories);
            let failed = total.lock().expect("no thread has failed").failed.len();
            let rate = done as f64 / begin.elapsed().as_secs_f64();
            let left = (options.histories - done) as f64 / rate;
            eprintln!("{done} of {} histories, {rate:.0}/s, {left:.0} s left, {failed} failed", options.histories);
        }
    }
}
