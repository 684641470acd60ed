//! `ops order list`.

use domain::flows::company::Entry;
use domain::flows::stuck::{Stuck, stuck};
use domain::ports::Clock;
use serde_json::{Value, json};

use super::story::{answer, next_attempt, word};
use crate::cli::OrderList;
use crate::commands::{companies, entries, look_at_entries};
use crate::connect::App;
use crate::fail::Failure;
use crate::report::{Report, Table, count, time, time_or_dash};

pub(crate) async fn list(app: &App, which: &OrderList) -> Result<Report, Failure> {
    let companies = companies(app, which.company.as_ref()).await?;
    let now = app.ports.world.now();
    let (mut newest, mut all) = (Newest { limit: which.limit, found: Vec::new() }, 0);
    let look = |entry: Entry| {
        let why = stuck(&entry.order, entry.invitation.as_ref(), now);
        let is_wanted = which.state.as_deref().is_none_or(|state| entry.state() == state);
        if is_wanted && (why.is_some() || !which.stuck) {
            newest.add(entry, why);
            all += 1;
        }
    };
    let left_out = look_at_entries(app, companies, look).await?;
    let found = newest.sorted();
    let mut table = Table::new([
        "order",
        "company",
        "assessment",
        "accepted",
        "state",
        "told",
        "next attempt",
        "last error",
        "stuck",
    ]);
    for (entry, why) in &found {
        let (order, invitation) = (&entry.order, entry.invitation.as_ref());
        table.row([
            order.id().to_string(),
            order.invitation.company.to_string(),
            order.invitation.assessment.to_string(),
            time(order.accepted_at),
            entry.state().to_owned(),
            order.published.as_ref().map_or("-", |published| word(published.status)).to_owned(),
            time_or_dash(next_attempt(entry)),
            invitation.and_then(|invitation| invitation.last_error.clone()).unwrap_or_else(|| "-".to_owned()),
            why.map_or("-", Stuck::code).to_owned(),
        ]);
    }
    let orders: Vec<Value> = found.iter().map(|(entry, why)| answer(entry, *why)).collect();
    let counted = count(all, "order", "orders");
    let more = if all > found.len() {
        format!(", the newest {} are shown (--limit 0 shows all)", found.len())
    } else {
        String::new()
    };
    let text = if all == 0 { "No orders.".to_owned() } else { format!("{table}\n{counted}{more}.") };
    let json = json!({"orders": orders, "count": all, "left_out": left_out.json()});
    Ok(Report::new(text + &entries::told(&left_out), json).wrong_if(left_out.number() > 0))
}

/// The newest orders of all that were seen: the others are not held.
struct Newest {
    /// How many; 0 for all.
    limit: usize,
    found: Vec<(Entry, Option<Stuck>)>,
}

impl Newest {
    fn add(&mut self, entry: Entry, why: Option<Stuck>) {
        self.found.push((entry, why));
        // Now and then: sorting costs.
        if self.limit > 0 && self.found.len() > self.limit.saturating_mul(2) {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        self.found.sort_by_key(|(entry, _)| std::cmp::Reverse((entry.order.accepted_at, entry.order.id())));
        if self.limit > 0 {
            self.found.truncate(self.limit);
        }
    }

    /// The newest first.
    fn sorted(mut self) -> Vec<(Entry, Option<Stuck>)> {
        self.shorten();
        self.found
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use testing::samples::{self, NOW};

    use super::*;

    #[test]
    fn the_newest_are_kept_in_whatever_order_they_are_seen_and_no_more_are_held() {
        let company = "acme-example".parse().unwrap();
        let id = samples::order_id();
        let key = samples::invitation_key(&company, 439_706);
        let entry = |minutes: u64| {
            let order = samples::order(&key, id);
            Entry {
                order: domain::order::Order { accepted_at: NOW + Duration::from_secs(60 * minutes), ..order },
                invitation: None,
            }
        };
        for limit in [0, 3] {
            let mut newest = Newest { limit, found: Vec::new() };
            for number in 0..100 {
                newest.add(entry(number * 37 % 100), None);
                assert!(limit == 0 || newest.found.len() <= 6);
            }
            let minutes = |(entry, _): &(Entry, Option<Stuck>)| entry.order.accepted_at.since(NOW).as_secs() / 60;
            let kept: Vec<u64> = newest.sorted().iter().map(minutes).collect();
            let all: Vec<u64> = (0..100).rev().take(if limit == 0 { 100 } else { limit }).collect();
            assert_eq!(kept, all);
        }
    }
}
