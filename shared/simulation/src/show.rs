//! A history in words.

use crate::history::History;

/// The command that replays the history of a seed.
pub fn replay_command(seed: u64, most_events: usize) -> String {
    format!("cargo run -p simulation --release -- --replay {seed} --steps {most_events}")
}

/// A history, a line for each event.
pub fn describe(history: &History) -> String {
    let settings = &history.settings;
    let mut lines = vec![format!(
        "{} companies, {} accounts, {} persons; invitations after {:?}, clocks apart by {} ms; {} faults",
        history.companies,
        history.accounts,
        history.people.len(),
        settings.delay,
        settings.clocks_apart,
        history.only.as_ref().map_or_else(|| "any".to_owned(), |only| only.len().to_string()),
    )];
    for event in &history.events {
        let seconds = event.at / 1000;
        let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        lines.push(format!("{time}  {:?}{}", event.what, order_of(history, &event.what)));
    }
    lines.join("\n")
}

fn order_of(history: &History, what: &crate::history::What) -> String {
    match what {
        crate::history::What::Order(order) => format!("  {:?}", history.orders[*order]),
        _ => String::new(),
    }
}
