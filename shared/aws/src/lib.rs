//! Amazon DynamoDB, SQS and Secrets Manager behind the domain's ports.
//!
//! [`Sdk`] is built once from the environment that Lambda gives; each adapter takes it and stands for one resource, so that what a
//! function builds is what its policy grants:
//!
//! | adapter | ports | resource |
//! |---|---|---|
//! | [`Table`] | all of the store | the table, with its indexes `due`, `lookup` and `listed` for `DueWork`, `Lookup` and `Survey` |
//! | [`InvitationSqs`], [`ResultSqs`] | `InvitationQueue`, `ResultQueue` | a queue |
//! | [`CompanySecretStore`] | `CompanySecrets` | secrets below a prefix |
//! | [`PartnerSecretStore`], [`CallbackSecretStore`] | `PartnerSecret`, `CallbackSecret` | one secret |
//!
//! For ops alone: [`DeadLetters`] looks into a queue, [`Table::compare`] finds in a restored table what the stack's has lost, and
//! [`PartnerSecretStore`] and [`CallbackSecretStore`] are `PartnerSecretWriter` and `CallbackSecretWriter`, too.
//!
//! [`Queues`] and [`Secrets`] join two of them where a use case needs both.

mod dead_letters;
mod failure;
mod items;
mod queues;
#[cfg(test)]
mod recorded;
mod sdk;
mod secrets;
mod table;

pub use dead_letters::{DeadLetters, Depth, Letter};
pub use failure::Failure;
pub use queues::{InvitationSqs, Queues, ResultSqs};
pub use sdk::{IncompleteEnvironment, Sdk};
pub use secrets::{CallbackSecretStore, CompanySecretStore, PartnerSecretStore, Secrets};
pub use table::{Compared, Lost, Origin, Pass, Table};
