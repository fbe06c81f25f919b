//! Files of the repository, by their path from its root.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What a failing test tells the reader to do.
pub(crate) const HOW: &str = "UPDATE=1 cargo test -p tests --test house";

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests lies in the root")
        .to_owned()
}

/// Whether generated files are to be written instead of compared.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// The bytes of a file, if it exists.
pub(crate) fn bytes(path: &str) -> Option<Vec<u8>> {
    fs::read(root().join(path)).ok()
}

/// The text of a file that has to exist.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A JSON file that has to exist.
pub(crate) fn json(path: &str) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Writes a file and the directories above it.
pub(crate) fn write(path: &str, bytes: &[u8]) {
    let path = root().join(path);
    fs::create_dir_all(path.parent().expect("a file lies in a directory")).unwrap();
    fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Names of the files in a directory that end like this; none when there is no such directory.
pub(crate) fn names(directory: &str, ending: &str) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(root().join(directory)) else {
        return BTreeSet::new();
    };
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(ending))
        .collect()
}

/// JSON as it is committed: keys in order, indented, with a last line break.
pub(crate) fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(&sorted(value)).unwrap();
    text.push('\n');
    text
}

/// The order of keys must not depend on which features of serde_json a build has.
pub(crate) fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            pairs
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
