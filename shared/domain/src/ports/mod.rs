//! What the use cases need of the world. Each trait is one operation, or few that belong together; a function is granted exactly
//! the rights of the ports that its use case names.
//!
//! Implementations MUST keep to what the comments say; the `testing` crate holds the cases that check it.

// Use cases are generic over their ports and run on one thread; whether a future is `Send` shows where it is spawned.
#![allow(async_fn_in_trait)]

mod notes;
mod part;
mod partners;
mod queues;
mod secrets;
mod store;
mod survey;
mod tries;
mod turns;
mod world;

pub use notes::*;
pub use part::*;
pub use partners::*;
pub use queues::*;
pub use secrets::*;
pub use store::*;
pub use survey::*;
pub use tries::*;
pub use turns::*;
pub use world::*;
