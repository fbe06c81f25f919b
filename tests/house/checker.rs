//! Checks of a JSON value against a published schema.

use jsonschema::{Draft, Validator};
use serde_json::Value;

use crate::{files, schemas};

/// The validator of a schema file, by its path under `schemas/`. Formats count.
pub(crate) fn of(path: &str) -> Validator {
    schemas::settle();
    let schema = files::json(&format!("schemas/{path}"));
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&schema)
        .unwrap_or_else(|error| panic!("schemas/{path}: {error}"))
}

/// Panics with what is wrong when `value` does not follow the schema; `what` names it.
pub(crate) fn follows(validator: &Validator, value: &Value, what: &str) {
    let faults: Vec<String> = validator
        .iter_errors(value)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(
        faults.is_empty(),
        "{what} does not follow its schema: {}",
        faults.join("; ")
    );
}
