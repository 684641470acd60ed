//! `ops restore`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use aws::{Compared, Lost, Origin, Pass, Table};
use domain::ports::{Clock, Cursor, StoreError};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

use crate::cli::Restore;
use crate::connect::App;
use crate::console::Consent;
use crate::fail::{Exit, Failure};
use crate::report::{Report, count};

/// Items that are brought back at once.
const AT_ONCE: usize = 32;

/// What was found, or done.
#[derive(Debug, Default)]
struct Done {
    /// Items that were looked at.
    looked_at: usize,
    /// Items that were lacking, or brought back, by their kinds.
    lost: BTreeMap<&'static str, usize>,
    /// Companies whose integration was made anew, and stays.
    made_anew: BTreeSet<String>,
}

impl Done {
    fn all_lost(&self) -> usize {
        self.lost.values().sum()
    }

    fn count(&mut self, kind: &'static str) {
        *self.lost.entry(kind).or_default() += 1;
    }
}

pub(super) async fn restore(app: &App, what: &Restore) -> Result<Report, Failure> {
    let (mine, other) = (&app.stack.table, &what.from_table);
    if other == mine {
        return Err(Failure::usage(format!(
            "{mine} is the stack's own table. Name the one that was restored beside it."
        )));
    }
    let restored = app.table(other);
    let origin = app.console.interrupt.or(async { Ok(restored.origin().await?) }).await?;
    check(origin, what.origin_unknown, mine, other)?;
    let told = format!("What {mine} lacks is copied back from {other}; what it has stays.");
    if app.console.ask(&what.asking, &told).await? == Consent::DryRun {
        let mut found = Done::default();
        let counted = each(app, &restored, &mut found, async |lost: Vec<Lost>, found: &mut Done| {
            lost.iter().for_each(|one| found.count(one.kind()));
            Ok(())
        });
        app.console.interrupt.or(counted).await?;
        app.console.progress_ends();
        let text = format!("Nothing was copied back (--dry-run). {}", sentence(&found, "lacking"));
        return Ok(Report::new(text, answer("lacking", &found, false)));
    }
    let mut done = Done::default();
    let worked =
        each(app, &restored, &mut done, async |lost: Vec<Lost>, done: &mut Done| bring_back(app, lost, done).await)
            .await;
    app.console.progress_ends();
    match worked {
        Ok(()) => Ok(report(&done)),
        Err(failure) if failure.exit == Exit::Interrupted => {
            let mut report = report(&done);
            report.text.push_str(" Interrupted: do it again for the rest.");
            report.exit = Exit::Interrupted;
            Ok(report)
        }
        Err(failure) => Err(failure.after(&sentence(&done, "copied back"))),
    }
}

/// Whether a table can be copied back from: it was restored from the stack's own, by DynamoDB's word or by the operator's.
fn check(origin: Option<Origin>, is_vouched_for: bool, mine: &str, other: &str) -> Result<(), Failure> {
    let Some(origin) = origin else {
        let advice = "aws dynamodb list-tables shows what there is in this account and region.";
        return Err(Failure::not_found(format!("There is no table called {other}. {advice}")));
    };
    if !origin.is_ready {
        let advice = format!("Wait for it: aws dynamodb wait table-exists --table-name {other}.");
        return Err(Failure::new(Exit::NotNow, format!("The table {other} is still being restored. {advice}")));
    }
    let refused = match origin.source {
        Some(source) if source == mine => return Ok(()),
        None if is_vouched_for => return Ok(()),
        Some(source) => format!("{other} was restored from {source}, and this stack's table is {mine}."),
        None => {
            let advice = format!("If you are sure that it was {mine}: --origin-unknown.");
            format!("DynamoDB does not say what {other} was restored from. {advice}")
        }
    };
    Err(Failure::new(Exit::NotNow, format!("{refused} Nothing was copied.")))
}

/// Goes through all that is lacking, part by part.
async fn each(
    app: &App,
    restored: &Table,
    done: &mut Done,
    work: impl AsyncFn(Vec<Lost>, &mut Done) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for pass in Pass::ALL {
        let mut from: Option<Cursor> = None;
        loop {
            app.console.interrupt.check()?;
            let part: Compared = app.ports.store.compare(restored, pass, from.as_ref()).await?;
            done.made_anew.extend(part.made_anew);
            work(part.lost, done).await?;
            done.looked_at += part.looked_at;
            app.console.progress("Items looked at", done.looked_at, None);
            from = part.next;
            if from.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// Brings items back, some at once. What somebody has made meanwhile stays, and is not counted.
async fn bring_back(app: &App, lost: Vec<Lost>, done: &mut Done) -> Result<(), Failure> {
    let now = app.ports.world.now();
    let one = |lost: Lost| async move {
        let (kind, company) = (lost.kind(), lost.integration_of());
        let is_back = app.ports.store.bring_back(lost, now).await?;
        Ok::<_, StoreError>(if is_back { Ok(kind) } else { Err(company) })
    };
    let failed: RefCell<Option<StoreError>> = RefCell::default();
    let goes_on = |_: &Lost| std::future::ready(failed.borrow().is_none() && !app.console.interrupt.is_raised());
    let mut each = stream::iter(lost).take_while(goes_on).map(one).buffer_unordered(AT_ONCE);
    // To the end: what is under way when one fails is counted, too.
    while let Some(outcome) = each.next().await {
        match outcome {
            Ok(Ok(kind)) => done.count(kind),
            Ok(Err(company)) => done.made_anew.extend(company),
            Err(error) => *failed.borrow_mut() = Some(error),
        }
    }
    drop(each);
    match failed.into_inner() {
        Some(error) => Err(error.into()),
        None => app.console.interrupt.check(),
    }
}

fn report(done: &Done) -> Report {
    let mut text = sentence(done, "copied back");
    if !done.made_anew.is_empty() {
        let companies: Vec<&str> = done.made_anew.iter().map(String::as_str).collect();
        let left = companies.join(", ");
        text.push_str(&format!(" Made anew since, or being made, and left as they are: {left}."));
    }
    if done.all_lost() > 0 {
        text.push_str(" Go on with: ops redrive.");
    }
    Report::new(text, answer("copied", done, true)).wrong_if(!done.made_anew.is_empty())
}

/// What was copied back, or is lacking, by kinds.
fn sentence(done: &Done, what: &str) -> String {
    let kinds: Vec<String> = done.lost.iter().map(|(kind, number)| count(*number, kind, &plural(kind))).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
    let all = count(done.all_lost(), "item", "items");
    format!("{all} {what}{kinds}. {} looked at.", count(done.looked_at, "item was", "items were"))
}

fn plural(kind: &str) -> String {
    if kind == "other" { "others".to_owned() } else { format!("{kind}s") }
}

fn answer(what: &str, done: &Done, is_done: bool) -> Value {
    json!({
        what: done.lost, "looked_at": done.looked_at, "made_anew": done.made_anew,
        "changed": is_done && done.all_lost() > 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_restored_from_the_stacks_own_table_is_copied_back() {
        let exit = |source: Option<&str>, is_ready, is_vouched_for| {
            let origin = Origin { source: source.map(str::to_owned), is_ready };
            check(Some(origin), is_vouched_for, "Table", "Table-restored").map_err(|failure| failure.exit)
        };
        assert_eq!(exit(Some("Table"), true, false), Ok(()));
        assert_eq!(exit(Some("Staging"), true, true), Err(Exit::NotNow));
        assert_eq!(exit(Some("Table"), false, true), Err(Exit::NotNow), "still being restored");
        assert_eq!(exit(None, true, false), Err(Exit::NotNow));
        assert_eq!(exit(None, true, true), Ok(()));
        let nowhere = check(None, true, "Table", "Table-restored").map_err(|failure| failure.exit);
        assert_eq!(nowhere, Err(Exit::NotFound));
    }

    #[test]
    fn what_was_done_is_told_by_kinds() {
        let mut done = Done { looked_at: 7, lost: [("order", 2), ("invitation", 1)].into(), ..Done::default() };
        let told = report(&done);
        let text = "3 items copied back: 1 invitation, 2 orders. 7 items were looked at. Go on with: ops redrive.";
        assert_eq!((told.exit, told.text.as_str()), (Exit::Fine, text));
        assert_eq!(
            (&told.json["copied"], &told.json["changed"]),
            (&json!({"order": 2, "invitation": 1}), &json!(true))
        );
        done.made_anew.insert("acme-example".to_owned());
        let told = report(&done);
        assert!(told.exit == Exit::Wrong && told.text.contains("left as they are: acme-example."), "{}", told.text);
        let nothing = report(&Done { looked_at: 1, ..Done::default() });
        assert_eq!(nothing.text, "0 items copied back. 1 item was looked at.");
        assert_eq!(nothing.json["changed"], json!(false));
    }
}
