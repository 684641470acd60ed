//! Row 8: the invitation, once, and not before its time.

use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Journey;
use super::listing::Offered;
use super::ordering::{Orders, email};
use super::tale::{Broken, promise};
use crate::clock;

/// A second invitation would come soon after its delay.
const AFTERWARDS: Duration = Duration::from_secs(5);

impl Journey {
    /// Row 8.
    pub(super) async fn invitations(&mut self, offered: &Offered, orders: &Orders) -> Result<(), Broken> {
        for (name, order) in [("Juno", &orders.juno), ("Kim", &orders.kim)] {
            let address = email(&self.world, name);
            let what = format!("{name}'s invitation");
            let patience = self.invitation_delay + self.patience;
            let mail = self
                .tale
                .wait("8", &what, patience, async || Ok(self.world.mails(&address).await?.into_iter().next()))
                .await?;
            let of_assessment = mail.get("assessment").and_then(Value::as_u64) == Some(offered.assessment);
            promise("8", of_assessment, "the invitation is to another assessment")?;
            let ordered = moment(&self.world.order(order).await?, "/deliveries/0/sent_at");
            let (Some(ordered), Some(sent)) = (ordered, moment(&mail, "/sent_at")) else {
                return Err(Broken::new("8", "an order or an invitation has no time"));
            };
            let after = (sent - ordered).as_seconds_f64();
            let delay = self.invitation_delay.as_secs();
            let early = format!("{name} was invited {after:.1} s after the order, before the delay of {delay} s");
            promise("8", sent - ordered >= self.invitation_delay, early)?;
            let told = format!(
                "{name} receives the invitation from TestGorilla {after:.1} s after the order (delay {delay} s)"
            );
            self.tale.tell("8", "Invitations", told);
        }
        Ok(())
    }

    /// Rows 8 and 9, at the end: nobody was mailed twice, although every order's delay is long over.
    pub(super) async fn invited_once(&mut self, orders: &Orders) -> Result<(), Broken> {
        let last = moment(&self.world.order(&orders.juno_again).await?, "/deliveries/0/sent_at");
        let last = last.ok_or_else(|| Broken::new("9", "the second order has no time"))?;
        let over = last + self.invitation_delay + AFTERWARDS;
        let patience = self.invitation_delay + AFTERWARDS + self.patience;
        let what = "the delay of the second order to pass";
        self.tale.wait("9", what, patience, async || Ok((clock::now() > over).then_some(()))).await?;
        for name in ["Juno", "Kim"] {
            let mails = self.world.mails(&email(&self.world, name)).await?.len();
            promise("9", mails == 1, format!("{name} was mailed {mails} invitations"))?;
        }
        let told = "Juno and Kim were each mailed exactly once, in spite of the second order and the second delivery";
        self.tale.tell("9", "Invitations", told);
        Ok(())
    }
}

fn moment(value: &Value, pointer: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(value.pointer(pointer)?.as_str()?, &Rfc3339).ok()
}
