//! `schemas/asyncapi.json` is written by hand, since it says what types cannot: who may speak, and
//! when. Here it is held against the code: every subject and every message, once.

use std::collections::{BTreeMap, BTreeSet};

use dossier::wire;
use exchange::{headers, subject};
use projector::Query;
use serde_json::Value;
use unit::command::QUESTIONS;

use crate::{files, published, schemas};

fn document() -> Value {
    schemas::settle();
    files::json("schemas/asyncapi.json")
}

fn keys(value: &Value) -> BTreeSet<String> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect()
}

/// Every `$ref` below `value`.
fn refs(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| refs(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| refs(value, found)),
        _ => {}
    }
}

#[test]
fn every_subject_of_the_exchange_is_a_channel_and_no_other() {
    let document = document();
    let channels = document["channels"].as_object().unwrap();
    let described: BTreeMap<&str, &str> = channels
        .iter()
        .filter_map(|(name, channel)| Some((name.as_str(), channel["address"].as_str()?)))
        .collect();
    assert_eq!(described, subject::PATTERNS.iter().copied().collect());
    let replies: Vec<&String> = channels
        .iter()
        .filter(|(_, c)| c["address"].is_null())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        replies,
        ["reply"],
        "only replies have no subject of their own"
    );
}

#[test]
fn every_channel_says_who_may_speak_and_who_may_listen() {
    for (name, channel) in document()["channels"].as_object().unwrap() {
        for who in ["x-may-publish", "x-may-subscribe"] {
            assert!(
                name == "reply" || channel[who].is_string(),
                "{name} lacks {who}"
            );
        }
        let address = channel["address"].as_str().unwrap_or_default();
        let named: BTreeSet<String> = address
            .split('.')
            .filter_map(|token| Some(token.strip_prefix('{')?.strip_suffix('}')?.to_owned()))
            .collect();
        let parameters = channel.get("parameters").map(keys).unwrap_or_default();
        assert_eq!(parameters, named, "parameters of {name}");
    }
}

#[test]
fn each_channel_carries_the_messages_of_the_code() {
    let document = document();
    let carried = |channel: &str| keys(&document["channels"][channel]["messages"]);
    let prefixed = |prefix: &str, names: &[&str]| -> BTreeSet<String> {
        names.iter().map(|name| format!("{prefix}{name}")).collect()
    };
    let kinds = wire::KINDS.map(|kind| kind.strip_prefix("vn.motcua.").unwrap());
    assert_eq!(carried("event"), prefixed("", &kinds));
    assert_eq!(carried("inbox"), prefixed("", &kinds));
    let commands = [published::command_names(), QUESTIONS.to_vec()].concat();
    assert_eq!(carried("cmd"), prefixed("cmd.", &commands));
    let queries = [Query::NAMES.to_vec(), vec![published::PORTAL_HEALTH]].concat();
    assert_eq!(carried("query"), prefixed("query.", &queries));
    assert_eq!(carried("log"), prefixed("", &["log_read"]));
    assert_eq!(carried("held"), prefixed("", &["held_read"]));
    assert_eq!(carried("checkpoint"), prefixed("", &["checkpoint"]));
    assert_eq!(carried("clock"), prefixed("", &["clock"]));
    assert_eq!(carried("alert"), prefixed("", &["alert"]));
    let answers = files::names("schemas/answers", ".v1.json");
    let answers: Vec<&str> = answers
        .iter()
        .map(|name| name.trim_end_matches(".v1.json"))
        .collect();
    assert_eq!(carried("reply"), prefixed("answer.", &answers));
}

#[test]
fn every_schema_is_the_payload_of_one_message() {
    let document = document();
    let messages = document["components"]["messages"].as_object().unwrap();
    let mut used: Vec<String> = Vec::new();
    for (key, message) in messages {
        let mut found = Vec::new();
        refs(&message["payload"], &mut found);
        let own: Vec<String> = found
            .iter()
            .map(|path| path.strip_prefix("./").unwrap_or(path).to_owned())
            .filter(|path| path != "event.v1.json")
            .collect();
        assert_eq!(own.len(), 1, "{key} has one schema of its own: {own:?}");
        used.extend(own);
    }
    // The frame of every event, and a file that is carried by hand.
    used.extend(["event.v1.json", "bundle.v1.json"].map(str::to_owned));
    used.sort_unstable();
    assert_eq!(used, schemas::paths().into_iter().collect::<Vec<_>>());
}

#[test]
fn event_messages_name_their_type_and_their_schema() {
    let document = document();
    for kind in wire::KINDS {
        let short = kind.strip_prefix("vn.motcua.").unwrap();
        let message = &document["components"]["messages"][short];
        assert_eq!(message["name"], kind);
        let parts = &message["payload"]["allOf"];
        assert_eq!(parts[0]["$ref"], "./event.v1.json", "{kind}");
        let own = &parts[1]["properties"];
        assert_eq!(own["type"]["const"], kind);
        assert_eq!(own["dataschema"]["const"], unit::writing::schema_of(kind));
        assert_eq!(own["data"]["$ref"], format!("./events/{short}.json"));
    }
}

#[test]
fn every_operation_is_about_messages_of_its_channel_and_every_message_has_one() {
    let document = document();
    let mut operated: BTreeSet<String> = BTreeSet::new();
    for (name, operation) in document["operations"].as_object().unwrap() {
        let channel = operation["channel"]["$ref"].as_str().unwrap();
        let all = keys(&document.pointer(channel.trim_start_matches('#')).unwrap()["messages"]);
        let messages = operation.get("messages").map_or_else(
            || {
                all.iter()
                    .map(|message| format!("{channel}/messages/{message}"))
                    .collect()
            },
            |messages| {
                let mut found = Vec::new();
                refs(messages, &mut found);
                found
            },
        );
        let mut replies = Vec::new();
        refs(&operation["reply"]["messages"], &mut replies);
        for message in messages.into_iter().chain(replies) {
            let at = message.trim_start_matches('#');
            assert!(
                document.pointer(at).is_some(),
                "{name}: {message} is not there"
            );
            operated.insert(message);
        }
    }
    for (name, channel) in document["channels"].as_object().unwrap() {
        for message in keys(&channel["messages"]) {
            let path = format!("#/channels/{name}/messages/{message}");
            assert!(operated.contains(&path), "nobody sends or takes {path}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = Vec::new();
    refs(&document, &mut found);
    for path in found {
        let there = match (path.strip_prefix('#'), path.strip_prefix("./")) {
            (Some(pointer), _) => document.pointer(pointer).is_some(),
            (_, Some(file)) => files::bytes(&format!("schemas/{file}")).is_some(),
            _ => false,
        };
        assert!(there, "{path} leads nowhere");
    }
}

#[test]
fn the_headers_and_the_prefixes_of_signatures_are_named() {
    let document = document();
    let traits = &document["components"]["messageTraits"]["signed"]["headers"]["properties"];
    for header in [
        headers::SIGNATURE,
        headers::KEY,
        headers::LINK,
        "Nats-Msg-Id",
    ] {
        assert!(traits[header].is_object(), "{header} is not described");
    }
    let words = document["info"]["description"].as_str().unwrap();
    for prefix in ["motcua/event/v1", "motcua/checkpoint/v1"] {
        assert!(
            words.contains(&format!("`{prefix}`")),
            "{prefix} is not named"
        );
    }
}
