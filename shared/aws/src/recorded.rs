//! What each version has stored and sent lies in `shared/aws/recorded/<version>`: items, queue messages and secrets. The present version
//! reads all of it; and whatever it writes can be read by the version before it, to which a deployment may go back at any time.
//!
//! `RECORD=1 cargo test -p aws recorded` writes the folder of the present version, which is not changed any more once it is released.

mod compare;
mod written;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::ids::InvitationKey;
use domain::integration::Integration;
use domain::invitation::Invitation;
use domain::order::Order;
use domain::ports::{CatalogueState, Client, ResultWork, Run};
use domain::record::Record;
use domain::sensitive::Secret;
use serde_json::Value;

use crate::items::{CompanyAssessment, Entity, decode, encode, json};
use crate::secrets::{parse_company_secret, write_company_secret};

use compare::holds;
use written::written;

/// What the present version reads and does not write, by its file: it is written from the next version on, when this one can read it.
const NOT_YET_WRITTEN: [&str; 0] = [];

/// Values by the file that they are recorded in.
type Files = BTreeMap<String, Value>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded")
}

/// A version as it is compared.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|number| number.parse().unwrap()).collect()
}

/// Every recorded version with its files, oldest first.
fn releases() -> Vec<(String, Files)> {
    let folders = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut releases: Vec<(String, Files)> =
        folders.map(|folder| (folder.file_name().unwrap().to_str().unwrap().to_owned(), files(&folder))).collect();
    releases.sort_by_key(|(version, _)| numbers(version));
    releases
}

fn files(folder: &Path) -> Files {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap())
        })
        .collect()
}

/// Reads what was recorded, and writes it as it is written now. The file's name begins with what it is.
fn rewritten(file: &str, recorded: &Value) -> Option<Value> {
    fn item<E: Entity>(recorded: &Value) -> Option<Value> {
        let entity = decode::<E>(json::item(recorded)).ok()?;
        Some(json::shown(encode(&entity, entity.version()).ok()?))
    }
    match file.split('-').next()? {
        "integration" => item::<Integration>(recorded),
        "client" => item::<Client>(recorded),
        "catalogue" => item::<CatalogueState>(recorded),
        "assessment" => item::<CompanyAssessment>(recorded),
        "invitation" => item::<Invitation>(recorded),
        "order" => item::<Order>(recorded),
        "run" => item::<Run>(recorded),
        "record" => item::<Record>(recorded),
        "invite" => serde_json::to_value(InvitationKey::deserialize(recorded)?).ok(),
        "result" => serde_json::to_value(ResultWork::deserialize(recorded)?).ok(),
        "secret" => {
            let secret = parse_company_secret(&Secret::new(recorded.to_string())).ok()?;
            serde_json::from_str(write_company_secret(&secret).ok()?.expose()).ok()
        }
        _ => None,
    }
}

/// Reads a message as the functions do.
trait Message: Sized {
    fn deserialize(recorded: &Value) -> Option<Self>;
}

impl<T: serde::de::DeserializeOwned> Message for T {
    fn deserialize(recorded: &Value) -> Option<Self> {
        serde_json::from_value(recorded.clone()).ok()
    }
}

#[test]
fn what_every_version_has_written_is_read_and_nothing_of_it_is_lost() {
    for (version, files) in releases() {
        assert!(!files.is_empty(), "{version} has nothing recorded");
        for (file, recorded) in &files {
            let now = rewritten(file, recorded).unwrap_or_else(|| panic!("{version}/{file} cannot be read"));
            assert_eq!(holds(&now, recorded), Ok(()), "{version}/{file}");
        }
    }
}

#[test]
fn everything_that_is_written_now_is_recorded() {
    let version = env!("CARGO_PKG_VERSION");
    if std::env::var_os("RECORD").is_some() {
        record(&folder().join(version));
    }
    let releases = releases();
    let (_, recorded) = releases.iter().find(|(name, _)| name == version).expect("the version is recorded: RECORD=1");
    for (file, now) in written() {
        let recorded = recorded.get(&file).unwrap_or_else(|| panic!("{file} is not recorded: RECORD=1"));
        assert_eq!(holds(&now, recorded), Ok(()), "{file}");
    }
}

#[test]
fn the_version_before_can_read_what_is_written_now() {
    let present = numbers(env!("CARGO_PKG_VERSION"));
    let releases = releases();
    let Some((version, before)) = releases.iter().rfind(|(version, _)| numbers(version) < present) else {
        // The first version has none before it.
        assert_eq!(releases.len(), 1);
        return;
    };
    assert_eq!(unreadable(before, &written()), Vec::<String>::new(), "for {version}");
}

/// What a version cannot read of what is written now: what it does not have, and what lacks something that it has.
fn unreadable(before: &Files, now: &Files) -> Vec<String> {
    let now = now.iter().filter(|(file, _)| !NOT_YET_WRITTEN.contains(&file.as_str()));
    now.filter_map(|(file, now)| match before.get(file) {
        None => Some(format!("{file} is not known")),
        Some(recorded) => holds(now, recorded).err().map(|lost| format!("{file}: {lost}")),
    })
    .collect()
}

#[test]
fn what_a_version_cannot_read_is_noticed() {
    let before = written();
    assert_eq!(unreadable(&before, &before), Vec::<String>::new());

    let mut added = before.clone();
    added.get_mut("client").unwrap()["added_later"] = serde_json::json!({"BOOL": true});
    assert_eq!(unreadable(&before, &added), Vec::<String>::new(), "an attribute more is ignored");

    let mut lost = before.clone();
    lost.get_mut("client").unwrap().as_object_mut().unwrap().remove("secret_hash");
    assert_eq!(unreadable(&before, &lost).len(), 1, "an attribute less");

    let mut other = before.clone();
    other.get_mut("order-package-accepted").unwrap()["schema"] = serde_json::json!({"N": "2"});
    assert_eq!(unreadable(&before, &other).len(), 1, "another schema");

    let mut word = before.clone();
    word.insert("invitation-postponed".into(), before["invitation-scheduled"].clone());
    assert_eq!(unreadable(&before, &word).len(), 1, "a state that it does not know");
}

fn record(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for (file, value) in written() {
        // Whole at once: another test may be reading it.
        let part = folder.join(format!("{file}.part"));
        fs::write(&part, format!("{value:#}\n")).unwrap();
        fs::rename(&part, part.with_extension("json")).unwrap();
    }
}
