//! Row 4: what SmartRecruiters offers.

use axum::http::Method;
use serde_json::{Value, json};
use time::Duration;

use super::Journey;
use super::tale::{Broken, promise};
use super::world::{Partner, text};
use crate::clock;

/// The assessment that the journey orders.
#[derive(Debug, Clone)]
pub(super) struct Offered {
    /// Its id in TestGorilla.
    pub(super) assessment: u64,
    /// Its id as a package in SmartRecruiters.
    pub(super) package: String,
}

/// The tests of the assessment, with the algorithm that decides whether they have a score.
pub(super) const TESTS: [(&str, &str); 4] =
    [("Rust", "basic"), ("SQL", "basic"), ("16 types", "16_types"), ("Why Acme?", "custom_questions")];

impl Journey {
    /// Row 4.
    pub(super) async fn offer(&mut self) -> Result<Offered, Broken> {
        let yesterday = clock::rfc3339(clock::now() - Duration::days(1));
        let tests: Value =
            TESTS.iter().map(|(name, algorithm)| json!({"name": name, "algorithm": algorithm})).collect();
        let create = async |name: &str, more: Value| -> Result<u64, Broken> {
            let mut new = json!({"account": self.world.account, "name": name, "tests": tests});
            if let (Some(new), Value::Object(more)) = (new.as_object_mut(), more) {
                new.extend(more);
            }
            let created = self.world.act(Partner::TestGorilla, "assessments", new).await?;
            created.get("id").and_then(Value::as_u64).ok_or_else(|| Broken::new("4", "an assessment has no id"))
        };
        let before = create("Created before enabling", json!({"created": yesterday})).await?;
        let archived = create("Archived", json!({"archived": true})).await?;
        let empty = create("Empty", json!({"tests": []})).await?;
        let assessment = create("Backend engineer", json!({})).await?;
        self.tale.tell(
            "4",
            "TestGorilla",
            "Four assessments: created before enabling, archived, empty, and Backend engineer",
        );

        let packages = self.wait_for_package("Backend engineer").await?;
        for (id, why) in
            [(before, "created before the integration was enabled"), (archived, "archived"), (empty, "empty")]
        {
            let offered = packages.iter().any(|package| text(package, "id") == id.to_string());
            promise("4", !offered, format!("an assessment that is {why} is offered"))?;
        }
        let package = packages.iter().find(|package| text(package, "name") == "Backend engineer");
        let package = package.map(|package| text(package, "id").to_owned()).unwrap_or_default();
        let company = format!("companies/{}/packages/{package}", self.world.company);
        let one = self.world.look(Partner::SmartRecruiters, &company).await?;
        promise("4", one.get("status") == Some(&json!(200)), format!("the package alone is not served: {one}"))?;
        self.tale.tell("4", "Listing", "SmartRecruiters lists Backend engineer, and none of the other three");
        Ok(Offered { assessment, package })
    }

    /// Lists the packages until one of this name is among them.
    pub(super) async fn wait_for_package(&mut self, name: &str) -> Result<Vec<Value>, Broken> {
        let path = format!("companies/{}/packages", self.world.company);
        self.tale
            .wait("4", &format!("{name} in the listing"), self.patience, async || {
                let listed = self.world.look(Partner::SmartRecruiters, &path).await?;
                let status = listed.get("status").and_then(Value::as_u64);
                promise("4", matches!(status, Some(200 | 204)), format!("the listing is refused: {listed}"))?;
                let packages = listed.get("body").and_then(Value::as_array).cloned().unwrap_or_default();
                Ok(packages.iter().any(|package| text(package, "name") == name).then_some(packages))
            })
            .await
    }

    /// What the product answers to a listing with this token.
    pub(super) async fn list_with(&self, token: &str) -> Result<u16, Broken> {
        let url = format!("{}/packages", self.world.product);
        Ok(self.world.json(Method::GET, &url, Some(token), &Value::Null).await?.status)
    }
}
