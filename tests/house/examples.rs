//! Examples under `schemas/examples/` stay readable for ever: they follow their schemas, they
//! verify, and today's code understands them.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use dossier::fact::Fact;
use dossier::intake::Person;
use dossier::wire;
use envelope::{
    DossierKey, Event, KeyRegister, PublicKeys, Signed, UnitKey, sign::parse_signature,
};
use exchange::service::Unable;
use projector::Question;
use projector::query::NoParameters;
use serde_json::Value;
use serde_json::value::RawValue;
use unit::command::{Command, CommandEnvelope, QUESTIONS};

use crate::{checker, files, published, samples, schemas};

const EVENTS: &str = "schemas/examples/events";

fn short(kind: &str) -> &str {
    kind.strip_prefix("vn.motcua.")
        .expect("a type of this system")
}

/// Writes the examples of types that have none. What is there is left as it is.
pub(crate) fn write_missing() {
    for (place, kind) in wire::KINDS.iter().enumerate() {
        let path = format!("{EVENTS}/{}.1.json", short(kind));
        if files::bytes(&path).is_some() {
            continue;
        }
        let example = samples::event(place);
        files::write(&path, &example.bytes);
        files::write(
            &path.replace(".json", ".sig"),
            example.signature_text().as_bytes(),
        );
    }
}

fn example(name: &str) -> Signed {
    let bytes = files::bytes(&format!("{EVENTS}/{name}")).expect("a listed file");
    let signature = files::text(&format!("{EVENTS}/{}", name.replace(".json", ".sig")));
    Signed {
        bytes: bytes.into(),
        signature: parse_signature(signature.trim_end()).unwrap(),
        key: UnitKey::from_seed(samples::SIGNING_SEED).id(),
    }
}

#[test]
fn every_event_type_has_an_example_and_every_example_a_type() {
    schemas::settle();
    let names = files::names(EVENTS, ".json");
    let of_types: BTreeSet<&str> = names
        .iter()
        .map(|name| {
            name.trim_end_matches(".json")
                .rsplit_once('.')
                .expect("<type>.<n>.json")
                .0
        })
        .collect();
    let kinds = wire::KINDS.iter().map(|kind| short(kind)).collect();
    assert_eq!(
        of_types,
        kinds,
        "left: examples, right: types; {} adds what is missing",
        files::HOW
    );
    let signatures: BTreeSet<String> = files::names(EVENTS, ".sig")
        .iter()
        .map(|name| name.replace(".sig", ".json"))
        .collect();
    assert_eq!(
        names, signatures,
        "each example has its signature beside it"
    );
}

#[test]
fn examples_of_events_verify_and_are_read_as_facts() {
    schemas::settle();
    let public = UnitKey::from_seed(samples::SIGNING_SEED).public();
    let mut keys = KeyRegister::new();
    for unit in samples::WRITERS {
        keys.insert(&PublicKeys::new(unit, public, [1; 32]))
            .unwrap();
    }
    let envelope = checker::of("event.v1.json");
    for name in files::names(EVENTS, ".json") {
        let signed = example(&name);
        keys.verify(&signed)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let event = Event::read(&signed.bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            name.starts_with(short(event.kind)),
            "{name} is of type {}",
            event.kind
        );
        assert_eq!(event.schema, unit::writing::schema_of(event.kind), "{name}");
        let value: Value = serde_json::from_slice(&signed.bytes).unwrap();
        checker::follows(&envelope, &value, &name);
        let data = checker::of(&format!("events/{}.json", short(event.kind)));
        checker::follows(&data, &value["data"], &name);
        let read = |data: &RawValue| -> Fact {
            let fact = wire::read(event.kind, data);
            fact.unwrap_or_else(|error| panic!("{name}: {error}"))
                .expect("a known type")
        };
        let fact = read(event.data);
        assert_eq!(
            read(&wire::write(&fact).unwrap()),
            fact,
            "{name} written again"
        );
    }
}

#[test]
fn personal_data_in_examples_opens_with_the_documented_key() {
    schemas::settle();
    let key = DossierKey::from_bytes(samples::DOSSIER_KEY);
    for name in ["dossier.registered.v1.1.json", "dossier.received.v1.1.json"] {
        let value = files::json(&format!("{EVENTS}/{name}"));
        let sealed = serde_json::from_value(value["data"]["applicant"].clone()).unwrap();
        let plain = key.open("applicant", &sealed).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&plain).unwrap(),
            samples::person()
        );
    }
}

#[test]
fn the_documented_keys_are_those_of_the_examples() {
    let readme = files::text("schemas/examples/README.md");
    let key = UnitKey::from_seed(samples::SIGNING_SEED);
    for word in [
        HEXLOWER.encode(&samples::SIGNING_SEED),
        HEXLOWER.encode(&key.public()),
        key.id().to_string(),
        HEXLOWER.encode(&samples::DOSSIER_KEY),
    ] {
        assert!(
            readme.contains(&word),
            "schemas/examples/README.md does not name {word}"
        );
    }
}

/// Each schema of `kind` has a valid and an invalid example; `read` agrees with the schema.
fn valid_and_invalid(kind: &str, read: impl Fn(&str, &[u8]) -> Result<(), String>) {
    let directory = format!("schemas/examples/{kind}");
    let names = files::names(&directory, ".json");
    for schema in files::names(&format!("schemas/{kind}"), ".json") {
        let name = schema.trim_end_matches(".json");
        let validator = checker::of(&format!("{kind}/{schema}"));
        let mut seen = [0, 0];
        for file in names
            .iter()
            .filter(|file| file.starts_with(&format!("{name}.")))
        {
            let path = format!("{directory}/{file}");
            let said = read(name.trim_end_matches(".v1"), &files::bytes(&path).unwrap());
            if file.contains(".invalid.") {
                seen[1] += 1;
                assert!(
                    !validator.is_valid(&files::json(&path)),
                    "{path} follows its schema"
                );
                assert!(said.is_err(), "{path} is taken by the code");
            } else {
                seen[0] += 1;
                checker::follows(&validator, &files::json(&path), &path);
                said.unwrap_or_else(|error| panic!("{path}: {error}"));
            }
        }
        assert!(
            seen.iter().all(|n| *n > 0),
            "{directory} has {seen:?} valid, invalid of {name}"
        );
    }
    let stray = |file: &&String| {
        let name = file.split(".v1.").next().unwrap_or_default();
        files::bytes(&format!("schemas/{kind}/{name}.v1.json")).is_none()
    };
    assert_eq!(names.iter().find(stray), None, "an example of no schema");
}

fn text<E: ToString>(error: E) -> String {
    error.to_string()
}

fn of<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<(), String> {
    serde_json::from_slice::<T>(bytes).map(drop).map_err(text)
}

#[test]
fn examples_of_commands_are_taken_or_refused_as_their_schemas_say() {
    valid_and_invalid("commands", |name, bytes| {
        let sent: CommandEnvelope = serde_json::from_slice(bytes).map_err(text)?;
        let data = sent.data.get();
        match name {
            "register" => of::<dossier::desk::Register<Person>>(data.as_bytes()),
            "receive" => of::<dossier::receive::Receive<Person>>(data.as_bytes()),
            "applicant" => of::<unit::reader::PersonsWanted>(data.as_bytes()),
            "key" => of::<unit::reader::KeyWanted>(data.as_bytes()),
            "readings" => of::<unit::readings::ReadingsAsked>(data.as_bytes()),
            "quarantine" => of::<unit::quarantine::QuarantineAsked>(data.as_bytes()),
            "back_up" => of::<unit::backing_up::BackUp>(data.as_bytes()),
            name if QUESTIONS.contains(&name) => Ok(()),
            name => Command::read(name, &sent.data).map(drop).map_err(text),
        }
    });
}

#[test]
fn examples_of_queries_are_taken_or_refused_as_their_schemas_say() {
    valid_and_invalid("queries", |name, bytes| match name {
        published::PORTAL_HEALTH => of::<NoParameters>(bytes),
        name => Question::read(name, bytes).map(drop).map_err(text),
    });
}

#[test]
fn examples_of_answers_are_understood_or_not_as_their_schemas_say() {
    valid_and_invalid("answers", |name, bytes| match name {
        "answer" => of::<unit::answer::Answer>(bytes),
        "noted" => of::<unit::answer::Noted>(bytes),
        "backdated" => of::<unit::answer::Backdated>(bytes),
        "health" => of::<unit::health::Health>(bytes),
        "backed_up" => of::<unit::backing_up::BackedUp>(bytes),
        "quarantine" => of::<unit::quarantine::Quarantine>(bytes),
        "refused" => of::<unit::answer::Refused>(bytes),
        "worklist" => of::<unit::answer::Worklist>(bytes),
        "persons" => of::<unit::reader::Persons>(bytes),
        "key_granted" => of::<unit::reader::KeyGranted>(bytes),
        "readings" => of::<unit::readings::Readings>(bytes),
        "query" => of::<projector::Answer>(bytes),
        "query_refused" => of::<projector::QueryError>(bytes),
        "log_page" => log_page(bytes),
        "unable" => unable(bytes),
        other => Err(format!("no type is known for {other}")),
    });
}

/// What a caller that repeats a request relies on.
fn unable(bytes: &[u8]) -> Result<(), String> {
    let said: Value = serde_json::from_slice(bytes).map_err(text)?;
    let why = [Unable::Busy, Unable::Stopping, Unable::Recovering]
        .into_iter()
        .find(|why| said["code"] == why.code())
        .ok_or("no known reason")?;
    let after = said["retry_after_ms"].as_u64().ok_or("no time")?;
    if said["message"] != why.message() || u128::from(after) != why.retry_after().as_millis() {
        return Err("not what is said".to_owned());
    }
    Ok(())
}

/// What a reader of a page relies on; the type itself is private to its room.
fn log_page(bytes: &[u8]) -> Result<(), String> {
    let page: Value = serde_json::from_slice(bytes).map_err(text)?;
    for entry in page["events"].as_array().ok_or("no events")? {
        let event = entry["event"].as_str().ok_or("no event")?;
        Event::read(event.as_bytes()).map_err(text)?;
        parse_signature(entry["signature"].as_str().ok_or("no signature")?).map_err(text)?;
    }
    Ok(())
}
