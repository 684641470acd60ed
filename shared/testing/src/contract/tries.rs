//! [`TryCounts`]: every try counts, for what it is counted for and in its window.

use domain::ports::TryCounts;
use domain::tries::{Tried, Window};

use crate::samples;

/// Tests of an implementation of [`TryCounts`].
#[macro_export]
macro_rules! tries_contract {
    ($store:ident) => {
        $crate::each_case! { tries, $store:
            tries_are_counted_from_one
            a_new_window_counts_anew
            what_is_tried_is_counted_apart
            tries_at_once_each_count
        }
    };
}

fn window() -> Window {
    Window::at(samples::NOW)
}

/// This one included.
pub async fn tries_are_counted_from_one(store: &impl TryCounts) {
    let tried = Tried::KeyForCompany(samples::company(), None);
    for count in 1..=3 {
        assert_eq!(store.count_try(&tried, window()).await.unwrap(), count);
    }
}

/// What came before is forgotten.
pub async fn a_new_window_counts_anew(store: &impl TryCounts) {
    let tried = Tried::TokenOfClient(samples::client_id());
    let next = Window::at(window().ends());
    assert_eq!(store.count_try(&tried, window()).await.unwrap(), 1);
    assert_eq!(store.count_try(&tried, next).await.unwrap(), 1);
    assert_eq!(store.count_try(&tried, window()).await.unwrap(), 2);
}

/// One company's tries are not another's.
pub async fn what_is_tried_is_counted_apart(store: &impl TryCounts) {
    for tried in [Tried::KeyForCompany(samples::company(), None), Tried::KeyForCompany(samples::company(), None)] {
        assert_eq!(store.count_try(&tried, window()).await.unwrap(), 1);
    }
}

/// None slips through between reading and writing.
pub async fn tries_at_once_each_count(store: &impl TryCounts) {
    let tried = Tried::KeyForCompany(samples::company(), None);
    let count = || async { store.count_try(&tried, window()).await.unwrap() };
    let (a, b, c, d) = tokio::join!(count(), count(), count(), count());
    let mut counts = [a, b, c, d];
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3, 4]);
}
