//! `ops order`.

mod list;
mod show;
mod story;

pub(super) use list::list;
pub(super) use show::show;
