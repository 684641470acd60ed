use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use domain::ports::{Cursor, StoreError, unreadable};
use futures_util::future::try_join_all;

use super::{Table, query};
use crate::failure::Failure;
use crate::items::Item;

/// Segments of the table that are read side by side. DynamoDB divides it by partition keys, so that a company's items are in one of them.
const SEGMENTS: i32 = 8;

/// A page of each segment that was not at its end.
pub(super) struct Scanned {
    pub(super) items: Vec<Item>,
    /// Where the next pages begin; `None` after the last.
    pub(super) next: Option<Cursor>,
}

/// A segment that is not at its end.
struct Segment {
    number: i32,
    /// The key that its next page begins after.
    start: Option<Item>,
}

impl Table {
    /// Reads a megabyte of each segment, all at once: one `Scan` each.
    pub(super) async fn scanned(&self, scan: ScanFluentBuilder, from: Option<&Cursor>) -> Result<Scanned, StoreError> {
        let scan = scan.table_name(&self.name).consistent_read(true).total_segments(SEGMENTS);
        let pages = segments(from)?.into_iter().map(|Segment { number, start }| {
            let request = scan.clone().segment(number).set_exclusive_start_key(start);
            async move { request.send().await.map(|page| (number, page)).map_err(|error| Failure::new("Scan", &error)) }
        });
        let (mut items, mut open) = (vec![], vec![]);
        for (number, page) in try_join_all(pages).await? {
            items.append(&mut page.items.unwrap_or_default());
            if let Some(key) = page.last_evaluated_key.filter(|key| !key.is_empty()) {
                open.push((number, query::cursor(&key)?.0));
            }
        }
        let next = if open.is_empty() { None } else { Some(cursor(&open)?) };
        Ok(Scanned { items, next })
    }
}

/// The segments that are not at their end, each with the cursor of its own page.
fn cursor(open: &[(i32, String)]) -> Result<Cursor, StoreError> {
    serde_json::to_string(open).map(Cursor).map_err(|error| unreadable(format!("a cursor cannot be written: {error}")))
}

fn segments(from: Option<&Cursor>) -> Result<Vec<Segment>, StoreError> {
    let Some(Cursor(cursor)) = from else {
        return Ok((0..SEGMENTS).map(|number| Segment { number, start: None }).collect());
    };
    let open: Vec<(i32, String)> = serde_json::from_str(cursor).map_err(|_| unreadable("a cursor of another store"))?;
    let segment = |(number, page)| Ok(Segment { number, start: query::start(Some(&Cursor(page)))? });
    open.into_iter().map(segment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::Key;

    #[test]
    fn a_cursor_leads_to_the_segments_that_are_not_at_their_end() {
        let written = cursor(&[(2, "COMPANY#acme-example\nINTEGRATION".into())]).unwrap();
        let read = segments(Some(&written)).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(
            (read[0].number, read[0].start.as_ref().and_then(Key::read).unwrap().sk.as_str()),
            (2, "INTEGRATION")
        );
        assert_eq!(segments(None).unwrap().len(), 8);
        assert!(segments(Some(&Cursor("2".into()))).is_err(), "another store's");
    }
}
