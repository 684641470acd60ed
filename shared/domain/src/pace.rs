//! How fast one API key may invite. TestGorilla counts the invitations of a minute for each key, and many workers use a key at once:
//! so they stand in one line, and each is told its turn.
//!
//! Who comes while nobody waits begins a line. Its first third of a minute's invitations need not wait, so that a handful of orders
//! goes out at once; every further one has its turn a step after the one before. From its beginning on, a line thus never has more
//! invitations behind it than the limit allows.

use std::str::FromStr;
use std::time::Duration;

use crate::timestamp::Timestamp;

/// TestGorilla's limit for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    per_minute: u32,
}

/// The text is not a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number within 1 to 6000")]
pub struct BadPace;

impl FromStr for Pace {
    type Err = BadPace;

    fn from_str(text: &str) -> Result<Self, BadPace> {
        match text.parse() {
            Ok(per_minute @ 1..=6000) => Ok(Self { per_minute }),
            _ => Err(BadPace),
        }
    }
}

impl Pace {
    /// 60 invitations a minute, as TestGorilla documents it.
    pub const DOCUMENTED: Self = Self { per_minute: 60 };

    /// Percent of the limit that are used: messages come a little early or late, and a minute's last must not fall into the next.
    const USED: u64 = 97;

    /// From one turn to the next.
    pub fn step(self) -> Duration {
        Duration::from_millis((60_000 * 100_u64).div_ceil(u64::from(self.per_minute) * Self::USED))
    }

    /// How long after its beginning a line's turns need not be waited for.
    fn head_start(self) -> Duration {
        self.step() * (self.per_minute / 3)
    }
}

/// The line of those who want to invite with one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// When it began.
    pub began_at: Timestamp,
    /// The turn of whoever comes next. Once that is past nobody waits, and who comes begins a new line.
    pub next_turn: Timestamp,
}

impl Line {
    /// A line that begins: its first has its turn at once.
    pub fn begun(pace: Pace, now: Timestamp) -> Self {
        Self { began_at: now, next_turn: now + pace.step() }
    }

    /// The line once one more has joined it.
    pub fn joined(self, pace: Pace) -> Self {
        Self { next_turn: self.next_turn + pace.step(), ..self }
    }

    /// When the last who joined may invite: at once, or in their turn.
    pub fn last_turn(self, pace: Pace) -> Timestamp {
        let turn = self.next_turn - pace.step();
        if turn < self.began_at + pace.head_start() { self.began_at } else { turn }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn turns(pace: Pace, count: usize) -> Vec<Timestamp> {
        let lines = std::iter::successors(Some(Line::begun(pace, START)), |line| Some(line.joined(pace)));
        lines.take(count).map(|line| line.last_turn(pace)).collect()
    }

    #[test]
    fn a_handful_goes_at_once_and_a_thousand_within_eighteen_minutes() {
        let turns = turns(Pace::DOCUMENTED, 1000);
        assert!(turns[..20].iter().all(|turn| *turn == START));
        assert!(turns[20] > START);
        assert!(turns[999] <= START + Duration::from_secs(18 * 60), "{}", turns[999]);
    }

    proptest! {
        #[test]
        fn no_minute_from_a_lines_beginning_has_more_than_the_limit(per_minute in 1_u32..=6000, from in 0_u64..120_000) {
            let pace = Pace { per_minute };
            let turns = turns(pace, 4 * per_minute as usize + 1);
            // Who need not wait has used a turn all the same: nobody else is given it.
            let from = if from < 60_000 { START } else { START + Duration::from_millis(from) };
            let until = from + Duration::from_secs(60);
            let within = turns.iter().filter(|turn| (from..until).contains(turn)).count();
            prop_assert!(within <= per_minute as usize, "{within} of {per_minute}");
        }

        #[test]
        fn at_least_95_percent_of_the_limit_are_used(per_minute in 1_u32..=600) {
            let pace = Pace { per_minute };
            prop_assert!(pace.step() * per_minute * 95 <= Duration::from_secs(60) * 100);
        }
    }

    #[test]
    fn a_limit_is_a_number_in_words_that_make_sense() {
        assert_eq!("60".parse(), Ok(Pace::DOCUMENTED));
        for wrong in ["", "0", "6001", "-1", "60.5", "sixty"] {
            assert_eq!(wrong.parse::<Pace>(), Err(BadPace), "{wrong}");
        }
    }
}
