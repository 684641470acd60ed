//! Row 12: disconnect, connect again, disable.

use axum::http::Method;
use serde_json::{Value, json};

use super::Journey;
use super::connect::Account;
use super::listing::Offered;
use super::ordering::{Orders, candidate};
use super::tale::{Broken, promise};
use super::world::Partner;

impl Journey {
    /// Row 12: Disconnect in SmartRecruiters, and connecting again.
    pub(super) async fn disconnect(
        &mut self,
        account: &Account,
        offered: &Offered,
        orders: &Orders,
    ) -> Result<(), Broken> {
        let token = self.token().await?;
        promise("12", self.list_with(&token).await? == 200, "the listing is refused before disconnecting")?;
        let before = self.world.order(&orders.juno).await?;
        let path = format!("companies/{}/disconnect", self.world.company);
        let how = json!({"with_token": self.disconnect_key.is_none()});
        let told = self.world.act(Partner::SmartRecruiters, &path, how).await?;
        promise("12", told.get("status") == Some(&json!(204)), format!("the disconnect call is refused: {told}"))?;
        self.wait_until_refused(&token).await?;
        let former = format!("companies/{}/former-token", self.world.company);
        let former = self.world.act(Partner::SmartRecruiters, &former, Value::Null).await?;
        promise("12", former.get("works") == Some(&json!(false)), "the former credentials still get a token")?;
        self.tale.tell(
            "12",
            "Consent",
            "Disconnect in SmartRecruiters: no more listing; former tokens and credentials are refused",
        );
        let after = self.world.order(&orders.juno).await?;
        promise("12", before.get("result") == after.get("result"), "results changed with the disconnect")?;
        self.tale.tell("12", "Results", "Results already delivered stay");

        self.connect_again(account).await?;
        let packages = self.wait_for_package("Backend engineer").await?;
        let known = packages.iter().any(|package| package.get("id") == Some(&json!(offered.package)));
        promise("12", known, "after connecting again the assessment has vanished")?;
        self.tale.tell(
            "12",
            "Consent",
            "Connecting again with the same API key works; Backend engineer is still offered",
        );
        Ok(())
    }

    /// Row 12: Disable integration in TestGorilla.
    pub(super) async fn disable(&mut self, account: &Account, offered: &Offered) -> Result<(), Broken> {
        let token = self.token().await?;
        let path = format!("accounts/{}/integration", self.world.account);
        let by = json!({"user": account.owner});
        self.world.control(Partner::TestGorilla, Method::DELETE, &path, by).await?;
        self.wait_until_refused(&token).await?;
        let lee = candidate(&self.world, "Lee");
        let order = json!({"company": self.world.company, "package": offered.package, "candidate": lee});
        let refused = self.world.try_control(Partner::SmartRecruiters, Method::POST, "orders", order).await?;
        let accepted = refused.value().get("status").and_then(Value::as_u64) == Some(202);
        promise("12", !accepted, "an order is accepted after the integration was disabled")?;
        self.tale.tell("12", "TestGorilla", "Disable integration in TestGorilla: no more listing, no more orders");
        Ok(())
    }

    async fn token(&self) -> Result<String, Broken> {
        let path = format!("companies/{}/token", self.world.company);
        let token = self.world.look(Partner::SmartRecruiters, &path).await?;
        Ok(super::world::text(&token, "access_token").to_owned())
    }

    async fn wait_until_refused(&self, token: &str) -> Result<(), Broken> {
        self.tale
            .wait("12", "the listing to be refused", self.patience, async || {
                let status = self.list_with(token).await?;
                promise("12", status < 500, format!("the listing answers {status}"))?;
                Ok(matches!(status, 401 | 403).then_some(()))
            })
            .await
    }
}
