//! The payloads under `events/`, which `sam local invoke` and the unit tests share.

use std::path::PathBuf;

use serde::de::DeserializeOwned;

fn folder(function: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events").join(function)
}

/// The text of `events/<function>/<name>.json`.
///
/// # Panics
/// When there is no such file.
pub fn text(function: &str, name: &str) -> String {
    let path = folder(function).join(format!("{name}.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The payload of `events/<function>/<name>.json`, read as any type.
///
/// # Panics
/// When there is no such file, or it does not fit the type.
pub fn load<T: DeserializeOwned>(function: &str, name: &str) -> T {
    serde_json::from_str(&text(function, name)).unwrap_or_else(|error| panic!("events/{function}/{name}.json: {error}"))
}

/// The names of all payloads of a function, without their ending, sorted.
///
/// # Panics
/// When the function has no folder.
pub fn names(function: &str) -> Vec<String> {
    let folder = folder(function);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let json = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let mut names: Vec<String> =
        json.filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())).collect();
    names.sort();
    names
}
