//! Stuck orders are set going.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::flows::company::Entry;
use domain::flows::stuck::{PushError, Pushed, stuck};
use domain::ids::{InvitationKey, OrderId};
use domain::ports::Clock;

use super::Done;
use crate::cli::Redrive;
use crate::commands::{Failed, companies, look_at_entries};
use crate::connect::App;
use crate::console::Console;
use crate::fail::Failure;

/// Orders that are not getting on, by the invitation that they share.
pub(super) type StuckOrders = BTreeMap<InvitationKey, Vec<OrderId>>;

/// Those that are asked for, and the companies of which something cannot be read.
pub(super) async fn find(app: &App, what: &Redrive) -> Result<(StuckOrders, Failed), Failure> {
    let mut found = StuckOrders::new();
    let now = app.ports.world.now();
    let companies = companies(app, what.company.as_ref()).await?;
    let look = |entry: Entry| {
        if stuck(&entry.order, entry.invitation.as_ref(), now).is_some() {
            let id = entry.order.id();
            found.entry(entry.order.invitation).or_default().push(id);
        }
    };
    let left_out = look_at_entries(app, companies, look).await?;
    Ok((found, left_out))
}

/// Sets them going, one after the other. One that fails holds up no other, unless all do.
pub(super) async fn set_going(
    console: &Console,
    stuck: &StuckOrders,
    push: impl AsyncFn(&InvitationKey, &[OrderId]) -> Result<Pushed, PushError>,
    pause: Duration,
    done: &mut Done,
) {
    for (key, orders) in stuck {
        if console.interrupt.is_raised() || done.failed.is_down() {
            break;
        }
        match done.failed.note(key, push(key, orders).await) {
            Some(Pushed::Going) => done.pushed += 1,
            Some(Pushed::Busy) => done.busy += 1,
            Some(Pushed::Lost) => done.lost += 1,
            None => {}
        }
        console.progress("Stuck invitations set going", done.pushed, Some(stuck.len()));
        console.interrupt.pause(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use domain::ports::StoreError;
    use testing::samples;

    use super::*;
    use crate::commands::failed::DOWN;
    use crate::interrupt::Interrupt;

    fn some(number: u64) -> StuckOrders {
        let one = |assessment| {
            let key = samples::invitation_key(&"acme-example".parse().unwrap(), assessment);
            (key, vec![samples::order_id()])
        };
        (1..=number).map(one).collect()
    }

    async fn work(stuck: &StuckOrders, fails: impl Fn(u64) -> bool) -> (Done, usize) {
        let (mut done, tried) = (Done::default(), Cell::new(0));
        let push = async |key: &InvitationKey, _: &[OrderId]| {
            tried.set(tried.get() + 1);
            if fails(key.assessment.0) {
                Err(StoreError::Unavailable("no answer".into()).into())
            } else {
                Ok(Pushed::Going)
            }
        };
        set_going(&Console::new(Interrupt::default()), stuck, push, Duration::ZERO, &mut done).await;
        (done, tried.get())
    }

    #[tokio::test]
    async fn an_invitation_that_cannot_be_set_going_holds_up_no_other_and_is_named() {
        let (done, _) = work(&some(3), |number| number == 2).await;
        assert_eq!((done.pushed, done.failed.number()), (2, 1));
        assert!(done.failed.lines().starts_with("\n  acme-example/2/"), "{}", done.failed.lines());
    }

    #[tokio::test]
    async fn the_rest_is_left_where_all_fail() {
        let (done, tried) = work(&some(DOWN as u64 + 5), |_| true).await;
        assert_eq!((done.pushed, done.failed.number(), tried), (0, DOWN, DOWN));
    }
}
