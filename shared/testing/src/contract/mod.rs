//! The promises of the ports, each as a case that any implementation can be put through.
//!
//! A module holds the cases of one port. Its macro makes a test of each of them from the name of an asynchronous function beside it that
//! builds what the cases are about:
//!
//! ```
//! # use testing::store::MemoryStore;
//! async fn store() -> MemoryStore {
//!     MemoryStore::default()
//! }
//! testing::ledger_contract!(store);
//! ```
//!
//! Cases use companies, clients and candidatures of their own, so that many can share a table.

pub mod catalogue;
pub mod clients;
pub mod company_secrets;
pub mod due;
pub mod integrations;
pub mod ledger;
pub mod lookup;
pub mod notes;
pub mod open_work;
pub mod personal_data;
pub mod queues;
pub mod survey;
pub mod tries;
pub mod turns;

use std::future::Future;
use std::time::Duration;

/// Makes a test of each case of a module of [`crate::contract`].
#[doc(hidden)]
#[macro_export]
macro_rules! each_case {
    ($port:ident, $subject:ident: $($case:ident)+) => {
        mod $port {
            $(
                #[test]
                fn $case() {
                    $crate::contract::run(async {
                        let subject = super::$subject().await;
                        $crate::contract::$port::$case(&subject).await;
                    });
                }
            )+
        }
    };
}

/// Runs a case.
///
/// # Panics
/// When there is no runtime to be had, or the case fails.
pub fn run(case: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(case);
}

/// Asks again until the answer is the expected one: some reads may be a moment behind. Gives up after ten seconds.
pub(crate) async fn eventually<T, F: Future<Output = T>>(read: impl Fn() -> F, expected: impl Fn(&T) -> bool) -> T {
    for _ in 0..200 {
        let answer = read().await;
        if expected(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    read().await
}

#[cfg(test)]
mod tests {
    /// The names after `before` in each line of a source that has it.
    fn names<'a>(source: &'a str, before: &str) -> Vec<&'a str> {
        let rest = source.lines().filter_map(|line| line.strip_prefix(before));
        rest.filter_map(|rest| rest.split(['<', '(']).next()).collect()
    }

    #[test]
    fn every_case_is_in_its_macro() {
        let sources = [
            include_str!("catalogue.rs"),
            include_str!("clients.rs"),
            include_str!("company_secrets.rs"),
            include_str!("due.rs"),
            include_str!("integrations.rs"),
            include_str!("ledger.rs"),
            include_str!("lookup.rs"),
            include_str!("notes.rs"),
            include_str!("open_work.rs"),
            include_str!("queues.rs"),
            include_str!("survey.rs"),
            include_str!("tries.rs"),
            include_str!("turns.rs"),
        ];
        for source in sources {
            let cases = names(source, "pub async fn ");
            assert!(!cases.is_empty());
            let listed: Vec<&str> = source.lines().map(str::trim).filter(|line| cases.contains(line)).collect();
            assert_eq!(listed, cases, "the macro lists each case once, in their order");
        }
    }
}
