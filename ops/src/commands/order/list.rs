//! `ops order list`.

use domain::flows::stuck::{Stuck, stuck};
use domain::ports::Clock;
use serde_json::{Value, json};

use super::story::{answer, next_attempt, word};
use crate::cli::OrderList;
use crate::commands::{companies, entries_of};
use crate::connect::App;
use crate::fail::Failure;
use crate::report::{Report, Table, count, time, time_or_dash};

pub(crate) async fn list(app: &App, which: &OrderList) -> Result<Report, Failure> {
    let companies = companies(app, which.company.as_ref()).await?;
    let now = app.ports.world.now();
    let mut found = Vec::new();
    for entry in entries_of(app, companies).await? {
        let why = stuck(&entry.order, entry.invitation.as_ref(), now);
        let is_wanted = which.state.as_deref().is_none_or(|state| entry.state() == state);
        if is_wanted && (why.is_some() || !which.stuck) {
            found.push((entry, why));
        }
    }
    found.sort_by_key(|(entry, _)| std::cmp::Reverse((entry.order.accepted_at, entry.order.id())));
    let all = found.len();
    if which.limit > 0 {
        found.truncate(which.limit);
    }
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
    Ok(Report::new(text, json!({"orders": orders, "count": all})))
}
