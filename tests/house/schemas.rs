//! The schemas under `schemas/` are those of the code, all of them and no others.

use std::collections::BTreeSet;
use std::sync::Once;

use crate::{examples, files, frozen, published};

/// Written by hand: what the code writes or reads by hand, too. Each is checked against it.
pub(crate) const BY_HAND: [&str; 8] = [
    "answers/log_page.v1.json",
    "answers/unable.v1.json",
    "bundle.v1.json",
    "checkpoint.v1.json",
    "clock.v1.json",
    "event.v1.json",
    "held_read.v1.json",
    "log_read.v1.json",
];

/// Every schema file, by its path under `schemas/`.
pub(crate) fn paths() -> BTreeSet<String> {
    let by_hand = BY_HAND.iter().map(|path| (*path).to_owned());
    published::generated().into_keys().chain(by_hand).collect()
}

static WRITING: Once = Once::new();

/// When updating, writes what is generated before any test looks at it.
pub(crate) fn settle() {
    WRITING.call_once(|| {
        if files::updating() {
            stale()
                .iter()
                .for_each(|(path, fresh)| files::write(path, fresh.as_bytes()));
            examples::write_missing();
            frozen::add_missing();
        }
    });
}

/// Path and new text of each schema file that is not what the code says.
fn stale() -> Vec<(String, String)> {
    let generated = published::generated().into_iter();
    let texts = generated.map(|(path, schema)| (format!("schemas/{path}"), files::pretty(&schema)));
    texts
        .filter(|(path, fresh)| files::bytes(path).as_deref() != Some(fresh.as_bytes()))
        .collect()
}

#[test]
fn committed_schemas_are_what_the_code_says() {
    settle();
    let stale: Vec<String> = stale().into_iter().map(|(path, _)| path).collect();
    assert!(
        stale.is_empty(),
        "not what the code says: {stale:?}; look at the difference that `{}` makes",
        files::HOW
    );
}

#[test]
fn no_schema_file_is_left_over() {
    settle();
    let mut found = BTreeSet::new();
    for directory in ["events", "commands", "queries", "answers"] {
        let names = files::names(&format!("schemas/{directory}"), ".json");
        found.extend(names.into_iter().map(|name| format!("{directory}/{name}")));
    }
    found.extend(files::names("schemas", ".v1.json"));
    assert_eq!(
        found,
        paths(),
        "left: files under schemas/, right: what the code publishes"
    );
}

#[test]
fn every_schema_has_an_id_of_its_own() {
    settle();
    let mut ids = BTreeSet::new();
    for path in paths() {
        let schema = files::json(&format!("schemas/{path}"));
        let expected = path.trim_end_matches(".json").replace('/', ":");
        assert_eq!(
            schema["$id"],
            format!("urn:motcua:schema:{expected}"),
            "{path}"
        );
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{path}"
        );
        assert!(
            schema["description"].is_string(),
            "{path} does not say what it is"
        );
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(
            ids.insert(schema["$id"].to_string()),
            "{path} has the $id of another schema"
        );
    }
}

#[test]
fn every_command_of_a_desk_and_every_question_has_a_schema_and_no_other() {
    settle();
    let desks = published::command_names();
    let expected: BTreeSet<String> = desks
        .into_iter()
        .chain(unit::command::QUESTIONS)
        .map(|name| format!("{name}.v1.json"))
        .collect();
    assert_eq!(files::names("schemas/commands", ".json"), expected);
}

#[test]
fn every_query_has_a_schema_and_no_other() {
    settle();
    let expected: BTreeSet<String> = projector::Query::NAMES
        .iter()
        .chain([&published::PORTAL_HEALTH])
        .map(|name| format!("{name}.v1.json"))
        .collect();
    assert_eq!(files::names("schemas/queries", ".json"), expected);
}
