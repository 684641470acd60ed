//! Rows 10 and 11: progress and results; inline orders.

use std::time::Duration;

use serde_json::{Value, json};

use super::Journey;
use super::connect::Account;
use super::listing::Offered;
use super::ordering::{Orders, candidate, email};
use super::recruiter::Seen;
use super::tale::{Broken, promise};
use super::world::{Partner, text};

/// How long the reconciliation may take: it looks after silent candidates every few minutes only.
const RECONCILE_PATIENCE: Duration = Duration::from_secs(900);

/// What a candidate answers.
struct Answers {
    rust: f64,
    sql: f64,
    own: f64,
    types: &'static str,
    left_screen: bool,
}

impl Answers {
    fn body(&self, callback: &str) -> Value {
        json!({
            "scores": {"Rust": self.rust, "SQL": self.sql, "Why Acme?": self.own},
            "displays": {"16 types": self.types},
            "flags": {"is_camera_enabled": true, "is_exited_full_screen": false, "is_left_screen": self.left_screen,
                "repeated_ip": false},
            "callback": callback,
        })
    }

    /// The mean, rounded half up.
    fn overall(&self) -> f64 {
        ((self.rust + self.sql + self.own) / 3.0 + 0.5).floor()
    }
}

const JUNO: Answers = Answers { rust: 86.0, sql: 71.0, own: 78.5, types: "INTJ", left_screen: true };
const KIM: Answers = Answers { rust: 64.0, sql: 90.0, own: 55.0, types: "ENFP", left_screen: false };
const NIA: Answers = Answers { rust: 97.0, sql: 93.0, own: 88.0, types: "ISTP", left_screen: false };

impl Journey {
    /// Rows 10 and 11.
    pub(super) async fn results(
        &mut self,
        account: &Account,
        offered: &Offered,
        orders: &Orders,
    ) -> Result<(), Broken> {
        let juno = self.candidature(offered, "Juno").await?;
        self.start(&juno, "signed").await?;
        for order in [&orders.juno, &orders.juno_again] {
            self.wait_for_status("Juno Example", order, "IN_PROGRESS", self.patience).await?;
        }
        self.tale.tell("10", "Results", "Juno starts: both of her orders become in progress");
        self.complete(&juno, &JUNO, "signed").await?;
        let shown = self.completed("Juno Example", &orders.juno, &juno, &JUNO, self.patience).await?;
        self.tale.tell(
            "10",
            "Results",
            "Juno is done: overall score, See Results, anti-cheating flags and each test's score",
        );
        self.seen.push(shown);
        let again = self.completed("Juno Example (2nd)", &orders.juno_again, &juno, &JUNO, self.patience).await?;
        self.tale.tell("9", "Results", "Juno's second order shows the same results");
        self.seen.push(again);

        let kim = self.candidature(offered, "Kim").await?;
        let (callback, patience, told) = if self.with_reconcile {
            (
                "none",
                RECONCILE_PATIENCE.max(self.patience),
                "Kim is done without any callback: the reconciliation finds it",
            )
        } else {
            ("signed", self.patience, "Kim is done: the results of the auto-triggered order are shown")
        };
        self.start(&kim, callback).await?;
        self.complete(&kim, &KIM, callback).await?;
        let shown = self.completed("Kim Example", &orders.kim, &kim, &KIM, patience).await?;
        self.tale.tell("10", "Results", told);
        self.seen.push(shown);
        self.see_results(account).await
    }

    /// Row 11.
    async fn see_results(&mut self, account: &Account) -> Result<(), Broken> {
        let Some(link) = self.seen.first().map(|seen| seen.link.clone()) else { return Ok(()) };
        let own = self.world.open(&link, Some(&account.owner)).await?;
        promise("11", own.status == 200, format!("See Results answers {} to the account's owner", own.status))?;
        let other = self.world.open(&link, Some("rex@elsewhere.example")).await?;
        let told = other.status == 403 && other.text().contains("Request access from the account owner");
        promise("11", told, format!("See Results answers {} to somebody else", other.status))?;
        let text = "See Results opens the candidate page; who is no user of the account is told to request access";
        self.tale.tell("11", "TestGorilla", text);
        Ok(())
    }

    /// An inline order: the candidate takes the assessment at once, and is not mailed.
    pub(super) async fn inline(&mut self, offered: &Offered) -> Result<(), Broken> {
        let new = json!({"company": self.world.company, "package": offered.package,
            "candidate": candidate(&self.world, "Nia"), "inline": true});
        let made = self.world.act(Partner::SmartRecruiters, "orders", new).await?;
        promise("7", made.get("status") == Some(&json!(200)), format!("the inline order is not accepted: {made}"))?;
        let nia = self.candidature(offered, "Nia").await?;
        let link = made.pointer("/body/url").and_then(Value::as_str).unwrap_or_default();
        let leads = link.contains(text(&nia, "invitation_uuid"));
        promise("7", leads, format!("the inline order's URL does not lead to Nia's assessment: {link}"))?;
        let order = text(&made, "order").to_owned();
        self.tale.tell(
            "7",
            "Orders",
            "An inline order is answered with the page where Nia takes the assessment at once",
        );
        self.start(&nia, "signed").await?;
        self.complete(&nia, &NIA, "signed").await?;
        let shown = self.completed("Nia Example (inline)", &order, &nia, &NIA, self.patience).await?;
        let mails = self.world.mails(&email(&self.world, "Nia")).await?.len();
        promise("8", mails == 0, format!("Nia was mailed {mails} invitations to an assessment taken at once"))?;
        self.tale.tell("10", "Results", "Nia is done, and was never mailed");
        self.seen.push(shown);
        Ok(())
    }

    async fn candidature(&self, offered: &Offered, name: &str) -> Result<Value, Broken> {
        let address = email(&self.world, name);
        let path =
            format!("candidatures?account={}&assessment={}&email={address}", self.world.account, offered.assessment);
        let found = self.world.look(Partner::TestGorilla, &path).await?;
        found.get(0).cloned().ok_or_else(|| Broken::new("8", format!("{name} has no candidature")))
    }

    async fn start(&self, candidature: &Value, callback: &str) -> Result<(), Broken> {
        let path = format!("candidatures/{}/start", id(candidature));
        let done = self.world.act(Partner::TestGorilla, &path, json!({"callback": callback})).await?;
        taken(&done)
    }

    async fn complete(&self, candidature: &Value, answers: &Answers, callback: &str) -> Result<(), Broken> {
        let path = format!("candidatures/{}/complete", id(candidature));
        taken(&self.world.act(Partner::TestGorilla, &path, answers.body(callback)).await?)
    }

    async fn wait_for_status(
        &self,
        name: &str,
        order: &str,
        status: &str,
        patience: Duration,
    ) -> Result<Value, Broken> {
        self.tale
            .wait("10", &format!("the order of {name} to become {status}"), patience, async || {
                let shown = self.world.order(order).await?;
                Ok((text(&shown, "status") == status).then_some(shown))
            })
            .await
    }

    /// Waits for the results and holds them against what the candidate answered.
    async fn completed(
        &self,
        name: &str,
        order: &str,
        candidature: &Value,
        answers: &Answers,
        patience: Duration,
    ) -> Result<Seen, Broken> {
        let shown = self.wait_for_status(name, order, "COMPLETED", patience).await?;
        let backwards = shown.get("regressions").and_then(Value::as_u64).unwrap_or(0);
        promise("10", backwards == 0, format!("the order's status went backwards {backwards} times"))?;
        let seen = Seen::of(name, &shown);
        let overall = json!({"raw": answers.overall() as i64, "min": 0, "max": 100});
        let score = shown.pointer("/result/score").cloned().unwrap_or_default();
        promise("10", score == overall, format!("{name}'s overall score is {score}, not {overall}"))?;
        for (test, right) in [("Rust", answers.rust), ("SQL", answers.sql), ("Why Acme?", answers.own)] {
            let given = seen.test(test).and_then(|test| test.score);
            let right = (right + 0.5).floor() as i64;
            promise("10", given == Some(right), format!("{name}'s score in {test} is {given:?}, not {right}"))?;
        }
        let types = seen.test("16 types");
        promise("10", types.is_some_and(|test| test.score.is_none()), "a personality test has a score, or is missing")?;
        for (question, right) in [
            ("Webcam enabled?", true),
            ("Full-screen mode always active?", true),
            ("Mouse always in assessment window?", !answers.left_screen),
            ("Filled out only once from IP address?", true),
        ] {
            let given = flag(&seen.summary, question);
            promise(
                "10",
                given == Some(right),
                format!("the flag {question:?} is wrong or missing: {:?}", seen.summary),
            )?;
        }
        let page = [("assessment", "assessment"), ("testtaker_id", "test taker")];
        for (property, what) in page {
            let wanted = candidature.get(property).and_then(Value::as_u64).unwrap_or_default().to_string();
            promise(
                "10",
                seen.link.contains(&wanted),
                format!("See Results does not name the {what}: {:?}", seen.link),
            )?;
        }
        let link = seen.link.to_lowercase();
        let telling = ["token", "key=", "score", "secret"].into_iter().find(|word| link.contains(word));
        promise("11", telling.is_none(), format!("See Results carries more than a place: {:?}", seen.link))?;
        Ok(seen)
    }
}

/// Whether the summary answers the question with yes.
fn flag(summary: &str, question: &str) -> Option<bool> {
    let (_, after) = summary.split_once(question)?;
    let after = after.trim_start().to_lowercase();
    if after.starts_with("yes") { Some(true) } else { after.starts_with("no").then_some(false) }
}

fn id(candidature: &Value) -> u64 {
    candidature.get("id").and_then(Value::as_u64).unwrap_or_default()
}

/// Every callback must have been taken in the end.
fn taken(done: &Value) -> Result<(), Broken> {
    let last = done.get("callbacks").and_then(Value::as_array).and_then(|callbacks| callbacks.last());
    let refused = last.filter(|callback| callback.get("status") != Some(&json!(202)));
    promise("10", refused.is_none(), format!("a signed callback is not taken: {}", refused.unwrap_or(&Value::Null)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_from_the_summary() {
        let summary = "Anti-cheating: Webcam enabled? Yes. Full-screen mode always active? No.";
        assert_eq!(flag(summary, "Webcam enabled?"), Some(true));
        assert_eq!(flag(summary, "Full-screen mode always active?"), Some(false));
        assert_eq!(flag(summary, "Mouse always in assessment window?"), None);
    }

    #[test]
    fn the_overall_score_is_rounded_half_up() {
        assert!((JUNO.overall() - 79.0).abs() < f64::EPSILON, "(86 + 71 + 78.5) / 3 is 78.5");
    }
}
