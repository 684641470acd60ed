//! What is noted for ops.

use domain::ports::Run;
use domain::record::{Found, Record};
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Key, codes};

/// The last run of the reconciliation: one item.
#[derive(Serialize, Deserialize)]
pub(crate) struct RunBody {
    at: Timestamp,
    done: u64,
    failed: u64,
    is_cut: bool,
}

impl Entity for Run {
    type Body = RunBody;

    fn key(&self) -> Key {
        Key::run()
    }

    fn version(&self) -> Option<u64> {
        None
    }

    fn body(&self) -> RunBody {
        RunBody { at: self.at, done: self.done, failed: self.failed, is_cut: self.is_cut }
    }

    fn read(_: &Key, _: u64, body: RunBody) -> Option<Self> {
        Some(Self { at: body.at, done: body.done, failed: body.failed, is_cut: body.is_cut })
    }
}

/// A record of a candidate's request: it does not tell whose.
#[derive(Serialize, Deserialize)]
pub(crate) struct RecordBody {
    request: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    busy: Option<u64>,
}

impl Entity for Record {
    type Body = RecordBody;

    fn key(&self) -> Key {
        Key::record(self)
    }

    fn version(&self) -> Option<u64> {
        None
    }

    fn body(&self) -> RecordBody {
        let (done, busy) = self.found.map(|found| (found.done, found.busy)).unzip();
        RecordBody { request: codes::request::word(self.request), done, busy }
    }

    fn read(key: &Key, _: u64, body: RecordBody) -> Option<Self> {
        let (at, id) = key.record_time_and_id()?;
        let found = body.done.zip(body.busy).map(|(done, busy)| Found { done, busy });
        Some(Self { id, company: key.company()?, at, request: codes::request::read(&body.request)?, found })
    }
}
