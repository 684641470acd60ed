//! Turns: many workers share TestGorilla's limit of invitations for a key.

use crate::ids::ApiKeyHash;
use crate::pace::Pace;
use crate::ports::StoreError;
use crate::timestamp::Timestamp;

/// Hands out turns.
pub trait Turns {
    /// Joins the line of those who want to invite with a key, or begins one when nobody waits, and returns the turn
    /// ([`crate::pace::Line::last_turn`]): until then nothing may be sent. Concurrent calls MUST each get a turn of their own; one whose answer was
    /// lost may have used one up.
    async fn take_turn(&self, key: &ApiKeyHash, pace: Pace, now: Timestamp) -> Result<Timestamp, StoreError>;
}
