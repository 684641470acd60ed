//! Rows 5, 6, 7 and 9: orders.

use axum::http::Method;
use serde_json::{Value, json};

use super::Journey;
use super::listing::Offered;
use super::tale::{Broken, promise};
use super::world::{Partner, World, text};

/// The orders of the journey, by candidate.
#[derive(Debug)]
pub(super) struct Orders {
    /// Ordered by hand.
    pub(super) juno: String,
    /// The same candidate and assessment once more.
    pub(super) juno_again: String,
    /// Ordered when the candidate entered the hiring step.
    pub(super) kim: String,
}

impl Journey {
    /// Rows 5, 6, 7 and 9.
    pub(super) async fn order(&mut self, offered: &Offered) -> Result<Orders, Broken> {
        let requester = json!({"userId": "recruiter-1", "email": format!("rita@{}.example", self.world.company)});
        let by_hand = |again: bool| {
            let candidate = candidate(&self.world, "Juno");
            json!({"company": self.world.company, "package": offered.package, "candidate": candidate,
                "requester": requester, "again": again})
        };
        let juno = self.world.act(Partner::SmartRecruiters, "orders", by_hand(false)).await?;
        let juno = accepted("6", &juno)?;
        self.tale.tell("6", "SmartRecruiters", "A recruiter orders by hand: Juno Example, Backend engineer, SEND");

        let company = format!("companies/{}", self.world.company);
        let step = json!({"package": offered.package, "auto_triggered": true});
        let steps = json!({"steps": {"skills-test": step}});
        self.world.control(Partner::SmartRecruiters, Method::PUT, &company, steps).await?;
        let entering = json!({"candidates": [candidate(&self.world, "Kim")]});
        let path = format!("{company}/steps/skills-test/candidates");
        let made = self.world.act(Partner::SmartRecruiters, &path, entering).await?;
        let kim = accepted("5", made.get(0).unwrap_or(&Value::Null))?;
        self.tale.tell(
            "5",
            "SmartRecruiters",
            "Kim Example enters the Skills Test step: AUTO-TRIGGERED, so the order is made",
        );

        for order in [&juno, &kim] {
            let shown = self.world.order(order).await?;
            promise("7", text(&shown, "status") == "PENDING", format!("the order is {}", text(&shown, "status")))?;
        }
        self.tale.tell("7", "Orders", "Both orders are accepted at once; the Assessments tab shows them as pending");

        let offered_again =
            self.world.try_control(Partner::SmartRecruiters, Method::POST, "orders", by_hand(false)).await?;
        promise("9", !offered_again.is_success(), "SmartRecruiters offers the assessment to Juno again")?;
        let again = self.world.act(Partner::SmartRecruiters, "orders", by_hand(true)).await?;
        let juno_again = accepted("9", &again)?;
        self.tale.tell(
            "9",
            "Orders",
            "A second order for Juno and Backend engineer arrives all the same, and is accepted",
        );
        let delivery = format!("orders/{kim}/deliveries");
        let repeated = self.world.act(Partner::SmartRecruiters, &delivery, Value::Null).await?;
        promise(
            "9",
            repeated.get("status") == Some(&json!(202)),
            format!("a repeated delivery is refused: {repeated}"),
        )?;
        self.tale.tell("9", "Orders", "Kim's order is delivered a second time, and accepted as the same");
        Ok(Orders { juno, juno_again, kim })
    }
}

/// A candidate with this first name.
pub(super) fn candidate(world: &World, first_name: &str) -> Value {
    json!({"email": email(world, first_name), "first_name": first_name, "last_name": "Example"})
}

/// Their address, another one in each walk.
pub(super) fn email(world: &World, first_name: &str) -> String {
    format!("{}.{}@example.com", first_name.to_lowercase(), world.mark)
}

/// The id of an order that the product accepted.
fn accepted(row: &'static str, made: &Value) -> Result<String, Broken> {
    promise(row, made.get("status") == Some(&json!(202)), format!("the order is not accepted: {made}"))?;
    Ok(text(made, "order").to_owned())
}
