//! Lists that are read a part at a time.

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<T> {
    /// What is in it; a part may be empty and not the last.
    pub items: Vec<T>,
    /// Where the next part begins; `None` after the last.
    pub next: Option<Cursor>,
}

/// Where a part of a list begins. Only the store that gave it can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// Reads a list to its end, part by part, and returns what is to be kept of it: the rest is not held in memory.
///
/// # Errors
/// The first one of `read`.
pub async fn gather<T, E>(
    read: impl AsyncFn(Option<&Cursor>) -> Result<Part<T>, E>,
    mut is_kept: impl FnMut(&T) -> bool,
) -> Result<Vec<T>, E> {
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let part = read(from.as_ref()).await?;
        found.extend(part.items.into_iter().filter(&mut is_kept));
        from = part.next;
        if from.is_none() {
            return Ok(found);
        }
    }
}
