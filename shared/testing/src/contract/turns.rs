//! [`Turns`]: one line for each key, in which everybody has a turn of their own.

use std::time::Duration;

use domain::ids::ApiKeyHash;
use domain::pace::Pace;
use domain::ports::Turns;
use domain::timestamp::Timestamp;

use crate::samples;

/// Tests of an implementation of [`Turns`].
#[macro_export]
macro_rules! turns_contract {
    ($store:ident) => {
        $crate::each_case! { turns, $store:
            a_handful_need_not_wait
            all_others_come_a_step_after_one_another
            a_line_that_has_passed_begins_anew
            each_key_has_a_line_of_its_own
            those_who_come_at_once_each_have_a_turn
        }
    };
}

const PACE: Pace = Pace::DOCUMENTED;
const NOW: Timestamp = samples::NOW;

fn key() -> ApiKeyHash {
    ApiKeyHash::from_bytes([1; 32])
}

async fn take(store: &impl Turns, count: usize) -> Vec<Timestamp> {
    let mut turns = vec![];
    for _ in 0..count {
        turns.push(store.take_turn(&key(), PACE, NOW).await.unwrap());
    }
    turns
}

/// A third of a minute's.
pub async fn a_handful_need_not_wait(store: &impl Turns) {
    assert_eq!(take(store, 20).await, [NOW; 20]);
}

/// Whoever comes later has their turn later.
pub async fn all_others_come_a_step_after_one_another(store: &impl Turns) {
    let turns = take(store, 23).await;
    assert_eq!(turns[20], NOW + PACE.step() * 20);
    assert_eq!(turns[21], turns[20] + PACE.step());
    let later = store.take_turn(&key(), PACE, NOW + Duration::from_secs(5)).await.unwrap();
    assert_eq!(later, turns[22] + PACE.step());
}

/// Nobody waits for what nobody uses.
pub async fn a_line_that_has_passed_begins_anew(store: &impl Turns) {
    take(store, 30).await;
    let later = NOW + PACE.step() * 30;
    assert_eq!(store.take_turn(&key(), PACE, later).await.unwrap(), later);
}

/// One company's thousand orders do not hold up another's one.
pub async fn each_key_has_a_line_of_its_own(store: &impl Turns) {
    take(store, 40).await;
    let other = ApiKeyHash::from_bytes([2; 32]);
    assert_eq!(store.take_turn(&other, PACE, NOW).await.unwrap(), NOW);
}

/// None is given twice, but for the handful's, which are now.
pub async fn those_who_come_at_once_each_have_a_turn(store: &impl Turns) {
    take(store, 20).await;
    let key = key();
    let turn = || async { store.take_turn(&key, PACE, NOW).await.unwrap() };
    let (a, b, c, d) = tokio::join!(turn(), turn(), turn(), turn());
    let mut turns = [a, b, c, d];
    turns.sort_unstable();
    assert_eq!(turns, [20, 21, 22, 23].map(|number| NOW + PACE.step() * number));
}
