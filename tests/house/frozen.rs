//! What was released is never edited. A schema is frozen by its shape: the words that describe it
//! may be mended. An example is frozen by its bytes.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{files, schemas};

const LIST: &str = "schemas/frozen.txt";

const HEAD: &str = "\
# SHA-256 of what was released: of each example its bytes, of each event schema its JSON without
# `title` and `description`, keys in order, no spaces. Lines are added, never changed or removed.
";

/// Every file that is frozen once it is there.
fn frozen_paths() -> BTreeSet<String> {
    let mut paths = BTreeSet::from(["event.v1.json".to_owned()]);
    for directory in [
        "events",
        "examples/events",
        "examples/commands",
        "examples/answers",
        "examples/queries",
    ] {
        let names = files::names(&format!("schemas/{directory}"), "");
        paths.extend(names.into_iter().map(|name| format!("{directory}/{name}")));
    }
    paths
}

fn listed() -> BTreeMap<String, String> {
    let list = files::bytes(LIST).unwrap_or_default();
    let list = String::from_utf8(list).expect("frozen.txt is text");
    let rows = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|row| {
        let (sum, path) = row
            .split_once("  ")
            .unwrap_or_else(|| panic!("{LIST}: {row:?}"));
        (path.to_owned(), sum.to_owned())
    })
    .collect()
}

fn sum(path: &str) -> Option<String> {
    let bytes = files::bytes(&format!("schemas/{path}"))?;
    let bytes = if path.starts_with("examples/") {
        bytes
    } else {
        let schema =
            serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::to_vec(&files::sorted(&shape(&schema))).unwrap()
    };
    Some(HEXLOWER.encode(&Sha256::digest(bytes)))
}

/// A schema without its words. A property may be called `title`, but then it is no text.
fn shape(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => map
            .iter()
            .filter(|(key, value)| {
                !(value.is_string() && matches!(key.as_str(), "title" | "description"))
            })
            .map(|(key, value)| (key.clone(), shape(value)))
            .collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        other => other.clone(),
    }
}

fn not_listed() -> Vec<String> {
    let rows = listed();
    frozen_paths()
        .into_iter()
        .filter(|path| !rows.contains_key(path))
        .collect()
}

/// Adds lines for what has none. What is there is left as it is.
pub(crate) fn add_missing() {
    let mut rows = listed();
    for path in not_listed() {
        let sum = sum(&path).expect("a file that was just listed");
        rows.insert(path, sum);
    }
    let rows = rows.iter().map(|(path, sum)| format!("{sum}  {path}\n"));
    files::write(
        LIST,
        (HEAD.to_owned() + &rows.collect::<String>()).as_bytes(),
    );
}

#[test]
fn what_was_released_is_never_changed() {
    schemas::settle();
    for (path, released) in listed() {
        assert_eq!(
            sum(&path).as_deref(),
            Some(released.as_str()),
            "schemas/{path} is released: add a v2 beside it, do not edit v1"
        );
    }
}

#[test]
fn everything_released_is_frozen() {
    schemas::settle();
    let fresh = not_listed();
    assert!(
        fresh.is_empty(),
        "not frozen yet: {fresh:?}; `{}` adds them",
        files::HOW
    );
}
