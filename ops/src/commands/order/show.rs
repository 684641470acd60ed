//! `ops order show`.

use domain::flows::company::Entry;
use domain::flows::stuck::{Stuck, stuck};
use domain::ids::{CompanyId, OrderId};
use domain::order::Order;
use domain::ports::{Clock, Ledger, Survey};

use super::story::{answer, facts, timeline};
use crate::cli::OrderShow;
use crate::connect::App;
use crate::fail::Failure;
use crate::report::Report;

pub(crate) async fn show(app: &App, which: &OrderShow) -> Result<Report, Failure> {
    let order = match &which.company {
        Some(company) => app.ports.store.order(company, which.id).await?.ok_or_else(|| foreign(which.id, company))?,
        None => find(app, which.id).await?,
    };
    let invitation = app.ports.store.invitation(&order.invitation).await?;
    let entry = Entry { order, invitation };
    let why = stuck(&entry.order, entry.invitation.as_ref(), app.ports.world.now());
    let advice = why.map(|why| format!("\n{}", advice(why))).unwrap_or_default();
    let text = format!("{}\n{}{advice}", facts(&entry, why), timeline(&entry));
    Ok(Report::new(text, answer(&entry, why)).wrong_if(why.is_some()))
}

fn foreign(id: OrderId, company: &CompanyId) -> Failure {
    let advice = "Leave --company out to look for it in all; a refused delivery leaves no order.";
    Failure::not_found(format!("{company} has no order {id}: it is another company's, or was never accepted. {advice}"))
}

/// Looks for an order through the whole table.
async fn find(app: &App, id: OrderId) -> Result<Order, Failure> {
    let (mut from, mut parts) = (None, 0);
    loop {
        let mut part = app.ports.store.orders_named(id, from.as_ref()).await?;
        if let Some(order) = part.items.pop() {
            app.console.progress_ends();
            return Ok(order);
        }
        parts += 1;
        app.console.progress("Parts of the table looked through", parts, None);
        from = part.next;
        if from.is_none() {
            app.console.progress_ends();
            let advice = "Take the uuid in its result URL; an order whose delivery was refused is not stored.";
            return Err(Failure::not_found(format!("There is no order {id} here. {advice}")));
        }
    }
}

const fn advice(why: Stuck) -> &'static str {
    match why {
        Stuck::Stranded => "Set it going: ops redrive.",
        Stuck::Overdue(_) => "Look whether the schedule runs (ops doctor), then set it going: ops redrive.",
        Stuck::Failing(_) => {
            "Look at the last error and at the partner (ops doctor); it goes on by itself when that is mended."
        }
    }
}
