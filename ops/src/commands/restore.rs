//! `ops restore`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws::{Compared, Lost, Origin, Pass, Table};
use domain::ports::{Cursor, StoreError};
use futures_util::stream::{self, StreamExt};
use serde_json::json;

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
}

impl Done {
    fn all_lost(&self) -> usize {
        self.lost.values().sum()
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
    let doubt = checked(app.console.interrupt.or(async { Ok(restored.origin().await?) }).await?, mine, other)?;
    let told = format!("What {mine} lacks is copied back from {other}; what it has stays.{doubt}");
    if app.console.ask(&what.asking, &told).await? == Consent::DryRun {
        let mut found = Done::default();
        let counted = each(app, &restored, &mut found, async |lost: Vec<Lost>, found: &mut Vec<&'static str>| {
            found.extend(lost.iter().map(Lost::kind));
            Ok(())
        });
        app.console.interrupt.or(counted).await?;
        app.console.progress_ends();
        let text = format!("Nothing was copied back (--dry-run). {}", sentence(&found, "lacking"));
        return Ok(Report::new(text, answer("lacking", &found, false)));
    }
    let mut done = Done::default();
    let worked = each(app, &restored, &mut done, async |lost: Vec<Lost>, brought: &mut Vec<&'static str>| {
        bring_back(app, lost, brought).await
    })
    .await;
    app.console.progress_ends();
    let text = sentence(&done, "copied back");
    match worked {
        Ok(()) => Ok(Report::new(text, answer("copied", &done, true))),
        Err(failure) if failure.exit == Exit::Interrupted => {
            let mut report =
                Report::new(format!("{text} Interrupted: do it again for the rest."), answer("copied", &done, true));
            report.exit = Exit::Interrupted;
            Ok(report)
        }
        Err(failure) => Err(failure.after(&text)),
    }
}

/// Whether a table can be copied back from; what has to be looked at before, when DynamoDB does not say where it comes from.
fn checked(origin: Option<Origin>, mine: &str, other: &str) -> Result<String, Failure> {
    let Some(origin) = origin else {
        let advice = "aws dynamodb list-tables shows what there is in this account and region.";
        return Err(Failure::not_found(format!("There is no table called {other}. {advice}")));
    };
    if !origin.is_ready {
        let advice = format!("Wait for it: aws dynamodb wait table-exists --table-name {other}.");
        return Err(Failure::new(Exit::NotNow, format!("The table {other} is still being restored. {advice}")));
    }
    match origin.source {
        Some(source) if source == mine => Ok(String::new()),
        Some(source) => {
            let sentence = format!(
                "The table {other} was restored from {source}, and this stack's is {mine}: nothing was copied."
            );
            Err(Failure::new(Exit::NotNow, sentence))
        }
        None => Ok(format!(" DynamoDB does not say what {other} was restored from: be sure that it was {mine}.")),
    }
}

/// Goes through all that is lacking, part by part, and notes the kinds of what was worked on.
async fn each(
    app: &App,
    restored: &Table,
    done: &mut Done,
    work: impl AsyncFn(Vec<Lost>, &mut Vec<&'static str>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for pass in Pass::BOTH {
        let mut from: Option<Cursor> = None;
        loop {
            app.console.interrupt.check()?;
            let part: Compared = app.ports.store.compare(restored, pass, from.as_ref()).await?;
            let mut kinds = vec![];
            let worked = work(part.lost, &mut kinds).await;
            kinds.into_iter().for_each(|kind| *done.lost.entry(kind).or_default() += 1);
            worked?;
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
async fn bring_back(app: &App, lost: Vec<Lost>, brought: &mut Vec<&'static str>) -> Result<(), Failure> {
    let one = |lost: Lost| async move {
        let kind = lost.kind();
        Ok::<_, StoreError>(app.ports.store.bring_back(lost).await?.then_some(kind))
    };
    let failed: RefCell<Option<StoreError>> = RefCell::default();
    let goes_on = |_: &Lost| std::future::ready(failed.borrow().is_none() && !app.console.interrupt.is_raised());
    let mut each = stream::iter(lost).take_while(goes_on).map(one).buffer_unordered(AT_ONCE);
    // To the end: what is under way when one fails is counted, too.
    while let Some(outcome) = each.next().await {
        match outcome {
            Ok(kind) => brought.extend(kind),
            Err(error) => *failed.borrow_mut() = Some(error),
        }
    }
    drop(each);
    match failed.into_inner() {
        Some(error) => Err(error.into()),
        None => app.console.interrupt.check(),
    }
}

/// Two orders and one invitation were copied back.
fn sentence(done: &Done, what: &str) -> String {
    let kinds: Vec<String> = done.lost.iter().map(|(kind, number)| count(*number, kind, &plural(kind))).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
    let all = count(done.all_lost(), "item", "items");
    format!("{all} {what}{kinds}. {} looked at.", count(done.looked_at, "item was", "items were"))
}

fn plural(kind: &str) -> String {
    if kind == "other" { "others".to_owned() } else { format!("{kind}s") }
}

fn answer(what: &str, done: &Done, is_done: bool) -> serde_json::Value {
    json!({ what: done.lost, "looked_at": done.looked_at, "changed": is_done && done.all_lost() > 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(source: Option<&str>, is_ready: bool) -> Option<Origin> {
        Some(Origin { source: source.map(str::to_owned), is_ready })
    }

    #[test]
    fn only_what_was_restored_from_the_stacks_own_table_is_copied_back() {
        let exit = |origin| checked(origin, "Table", "Table-restored").map_err(|failure| failure.exit);
        assert_eq!(exit(origin(Some("Table"), true)), Ok(String::new()));
        assert_eq!(exit(origin(Some("Staging"), true)), Err(Exit::NotNow));
        assert_eq!(exit(origin(Some("Table"), false)), Err(Exit::NotNow), "still being restored");
        assert_eq!(exit(None), Err(Exit::NotFound));
        let doubt = exit(origin(None, true)).unwrap();
        assert!(doubt.contains("does not say what Table-restored was restored from"), "{doubt}");
    }

    #[test]
    fn what_was_done_is_told_by_kinds() {
        let done = Done { looked_at: 7, lost: [("order", 2), ("invitation", 1)].into() };
        assert_eq!(
            sentence(&done, "copied back"),
            "3 items copied back: 1 invitation, 2 orders. 7 items were looked at."
        );
        assert_eq!(
            answer("copied", &done, true),
            json!({"copied": {"order": 2, "invitation": 1}, "looked_at": 7, "changed": true})
        );
        let nothing = Done { looked_at: 1, ..Done::default() };
        assert_eq!(sentence(&nothing, "lacking"), "0 items lacking. 1 item was looked at.");
        assert_eq!(answer("copied", &nothing, true)["changed"], json!(false));
    }
}
