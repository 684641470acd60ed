//! The orders of companies.

use std::cell::Cell;

use domain::flows::company::{Entry, entries_told};
use domain::ids::CompanyId;
use domain::ports::StoreError;
use futures_util::stream::{self, StreamExt};

use super::Failed;
use crate::connect::App;
use crate::console::Console;
use crate::fail::Failure;
use crate::report::count;

/// Companies whose orders are read side by side.
const AT_ONCE: usize = 8;

/// Looks at the orders of some companies: no more are held at once than those of the companies that are being read. Returns the companies
/// of which something cannot be read, and whose orders were left out.
pub(super) async fn look_at_entries(
    app: &App,
    companies: Vec<CompanyId>,
    look: impl FnMut(Entry),
) -> Result<Failed, Failure> {
    let (all, looked_at, parts) = (companies.len(), Cell::new(0), Cell::new(0));
    let tell = || {
        let what = format!("Companies looked at ({})", count(parts.get(), "part read", "parts read"));
        app.console.progress(&what, looked_at.get(), Some(all));
    };
    let tell_part = || {
        parts.set(parts.get() + 1);
        tell();
    };
    let read = async |company: &CompanyId| entries_told(&app.ports, company, tell_part).await;
    let tell_company = || {
        looked_at.set(looked_at.get() + 1);
        tell();
    };
    let left_out = each(&app.console, companies, read, look, tell_company).await;
    app.console.progress_ends();
    left_out
}

async fn each(
    console: &Console,
    companies: Vec<CompanyId>,
    read: impl AsyncFn(&CompanyId) -> Result<Vec<Entry>, StoreError>,
    mut look: impl FnMut(Entry),
    tell: impl Fn(),
) -> Result<Failed, Failure> {
    let read = &read;
    let read = |company: CompanyId| async move {
        let entries = read(&company).await;
        (company, entries)
    };
    let mut left_out = Failed::default();
    let mut each = stream::iter(companies).map(read).buffer_unordered(AT_ONCE);
    while let Some((company, entries)) = each.next().await {
        console.interrupt.check()?;
        let entries = left_out.note_unreadable(company, entries)?;
        entries.into_iter().flatten().for_each(&mut look);
        tell();
    }
    Ok(left_out)
}

/// What is said below an answer of companies whose orders were left out; nothing when there are none.
pub(super) fn told(left_out: &Failed) -> String {
    if left_out.number() == 0 {
        return String::new();
    }
    let companies = count(left_out.number(), "company is", "companies are");
    format!("\n{companies} left out, of which not everything can be read:{}", left_out.lines())
}

#[cfg(test)]
mod tests {
    use testing::samples;

    use super::*;
    use crate::fail::Exit;
    use crate::interrupt::Interrupt;

    fn companies() -> Vec<CompanyId> {
        ["acme-example", "broken-example", "other-example"].iter().map(|id| id.parse().unwrap()).collect()
    }

    /// An order of each company, but for one.
    async fn seen(broken: fn() -> StoreError) -> Result<(Vec<String>, Failed), Failure> {
        let read = async |company: &CompanyId| {
            if company.as_str() == "broken-example" {
                return Err(broken());
            }
            let order = samples::order(&samples::invitation_key(company, 1), samples::order_id());
            Ok(vec![Entry { order, invitation: None }])
        };
        let mut seen = vec![];
        let look = |entry: Entry| seen.push(entry.order.invitation.company.to_string());
        let left_out = each(&Console::new(Interrupt::default()), companies(), read, look, || ()).await?;
        seen.sort();
        Ok((seen, left_out))
    }

    #[tokio::test]
    async fn a_company_of_which_something_cannot_be_read_is_named_and_the_others_are_looked_at() {
        let broken = || StoreError::Broken("the item COMPANY#broken-example/ORDER#1 cannot be read or written".into());
        let (seen, left_out) = seen(broken).await.unwrap();
        assert_eq!(seen, ["acme-example", "other-example"]);
        let told = told(&left_out);
        assert!(told.starts_with("\n1 company is left out") && told.contains("\n  broken-example: "), "{told}");
    }

    #[tokio::test]
    async fn a_table_that_does_not_answer_is_a_failure_of_its_own() {
        let failure = seen(|| StoreError::Unavailable("no answer".into())).await.unwrap_err();
        assert_eq!(failure.exit, Exit::Aws);
    }
}
