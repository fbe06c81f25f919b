//! What comes over the wire or out of a file: facts, commands, questions, pages, backups, registers,
//! answers of the portal.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use catalogue::Catalogue;
use dossier::wire;
use envelope::{Event, KeyRegister, brief};
use exchange::log;
use journal::{Journal, Options};
use portal::call::Reply;
use portal::partner::Partner;
use projector::Question;
use serde_json::value::RawValue;
use tempfile::TempDir;
use unit::answer::Refused;
use unit::command::{Command, CommandEnvelope};
use uuid::Uuid;

use crate::golden;
use crate::paper::said;
use crate::spoil::{hold, hold_spoilt};

#[test]
fn a_fact_is_read_or_its_fault_is_named() {
    for (name, bytes) in golden::examples("events") {
        let event = Event::read(&bytes).unwrap();
        let kind = event.kind.to_owned();
        let data = event.data.get().as_bytes().to_vec();
        hold(&format!("fact/{name}"), &[data], |bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let data = RawValue::from_string(text).map_err(|error| brief(&error))?;
            let Some(fact) = wire::read(&kind, &data).map_err(said)? else {
                return Ok(());
            };
            // What was read can be written again.
            wire::write(&fact).map(drop).map_err(said)
        });
    }
}

#[test]
fn a_command_is_read_or_its_fault_is_named() {
    for (name, bytes) in golden::examples("commands") {
        let command = name.trim_end_matches(".v1").to_owned();
        hold_spoilt(&format!("command/{name}"), &[bytes], |bytes| {
            let refused = |error: serde_json::Error| Refused::malformed(error.to_string()).message;
            let sent: CommandEnvelope = serde_json::from_slice(bytes).map_err(refused)?;
            Command::read(&command, &sent.data)
                .map(drop)
                .map_err(refused)
        });
    }
}

#[test]
fn a_question_over_nats_is_read_or_refused() {
    for (name, bytes) in golden::examples("queries") {
        let query = name.trim_end_matches(".v1").to_owned();
        hold_spoilt(&format!("query/{name}"), &[bytes], |bytes| {
            Question::read(&query, bytes).map(drop).map_err(said)
        });
    }
}

#[test]
fn a_question_in_a_url_is_read_or_refused() {
    let good = [
        "summary\ngroup_by=unit,month&rules=original&from=2018-01&to=2018-12&at_least=H33:00000000-0000-0000-0000-0000000000ee:3",
        "overdue\nunit=H33-27&limit=10",
        "report\nform=ii06a&from=2018-01-01&until=2018-03-31&role=home&skip=2",
        "why\ncode=000.00.27.H33-180102-0001&at=2018-03-12T08:30:00+07:00",
        "quarantine\nnumber=1&before=7",
    ]
    .map(|text| text.as_bytes().to_vec());
    hold("url", &good, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let (name, pairs) = text.split_once('\n').unwrap_or((&text, ""));
        let pairs: Vec<(String, String)> = pairs
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Question::from_url(name, &pairs).map(drop).map_err(said)
    });
}

fn small_journal(dir: &Path) -> Journal {
    Journal::open(dir, Options::new("H33-27-04", Uuid::from_u128(0xee))).unwrap()
}

#[test]
fn a_page_of_a_journal_is_read_or_is_none() {
    let page = golden::examples("answers")
        .into_iter()
        .find(|(name, _)| name == "log_page.v1")
        .expect("a published page")
        .1;
    hold("page", &[page], |bytes| {
        log::read_page("H33-27", bytes).map(drop).map_err(said)
    });
}

#[test]
fn a_question_to_a_journal_is_answered_or_refused() {
    let dir = TempDir::new().unwrap();
    let journal = small_journal(dir.path());
    let good = [
        r#"{"from_sequence":1}"#,
        r#"{"from_sequence":1,"epoch":"00000000-0000-0000-0000-0000000000ee","limit":3}"#,
        r#"{"to":"H33-27","from_link":1,"limit":18446744073709551615}"#,
        r#"{"origin":"H33-27","from_link":1}"#,
        r#"{"origin":"H33-27","epoch":"00000000-0000-0000-0000-0000000000ee","from_sequence":1}"#,
    ]
    .map(|text| text.as_bytes().to_vec());
    hold_spoilt("ask", &good, |bytes| {
        let held = log::answer_held(&journal, bytes).map(drop);
        let own = log::answer(&journal, bytes).map(drop);
        held.or(own).map_err(|(_, why)| why)
    });
}

#[test]
fn a_backup_is_sound_or_named_damaged_and_restores_nothing_by_half() {
    let dir = TempDir::new().unwrap();
    let journal = small_journal(&dir.path().join("journal"));
    let kept = journal::Group {
        notes: vec![journal::Note {
            key: b"a".to_vec(),
            value: Some(b"b".to_vec()),
        }],
        ..journal::Group::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime
        .block_on(async { journal.append(kept).await.await })
        .unwrap();
    let path = dir.path().join("good.backup");
    journal.backup(&path, None).unwrap();
    let good = fs::read(&path).unwrap();
    let keys = KeyRegister::new();
    hold("backup", &[good], |bytes| {
        let path = dir.path().join("spoilt.backup");
        fs::write(&path, bytes).unwrap();
        let read = journal::verify_backup(&path, Some(&keys));
        if read.is_err() {
            let into = dir.path().join("into");
            let refused = journal::restore(&path, &into, "2018-01-09T08:00:00+07:00", "qt", "thử");
            assert!(refused.is_err() && !into.exists(), "half a journal is left");
        }
        read.map(drop).map_err(said)
    });
}

#[test]
fn an_answer_of_the_portal_means_something_or_nothing() {
    let partner = Partner::new("000.00.00.H33");
    let good = [
        r#"{"error_code":"0","message":"ok"}"#,
        r#"{"error_code":97,"message":"Mã hồ sơ ĐÃ TỒN TẠI trên hệ thống"}"#,
    ]
    .map(|text| text.as_bytes().to_vec());
    hold("portal", &good, |bytes| {
        let reply = Reply::read(bytes).ok_or("no answer")?;
        let _ = reply.verdict(&partner);
        Ok(())
    });
}

/// The deployed registers in a directory of their own.
fn registers() -> (TempDir, BTreeMap<String, Vec<u8>>) {
    let dir = TempDir::new().unwrap();
    let mut files = BTreeMap::new();
    for place in ["registers", "registers/routes", "chau-thanh"] {
        fs::create_dir_all(dir.path().join(place)).unwrap();
        for entry in fs::read_dir(golden::root().join("deploy").join(place)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = format!("{place}/{}", path.file_name().unwrap().to_str().unwrap());
                let bytes = fs::read(&path).unwrap();
                fs::write(dir.path().join(&name), &bytes).unwrap();
                files.insert(name, bytes);
            }
        }
    }
    (dir, files)
}

#[test]
fn a_register_is_loaded_or_its_faults_are_listed() {
    let (dir, files) = registers();
    let load = || {
        Catalogue::load(
            &dir.path().join("registers"),
            &dir.path().join("chau-thanh"),
        )
    };
    load().unwrap();
    let routes = files.keys().filter(|name| name.contains("routes/")).take(2);
    let others = [
        "chau-thanh/units.toml",
        "registers/limits.csv",
        "registers/procedures.csv",
    ];
    for name in routes.map(String::as_str).chain(others) {
        let good = files[name].clone();
        hold(
            &format!("register/{name}"),
            std::slice::from_ref(&good),
            |bytes| {
                fs::write(dir.path().join(name), bytes).unwrap();
                // All faults are listed together: the list is as long as the file.
                load()
                    .map(drop)
                    .map_err(|error| error.faults.first().map_or(String::new(), said))
            },
        );
        fs::write(dir.path().join(name), &good).unwrap();
    }
}

#[test]
fn a_form_that_somebody_filled_in_is_read_or_its_line_is_named() {
    let good = report::ii06a::Filled::read("").err();
    assert!(good.is_some(), "an empty form is none");
    hold_spoilt(
        "filled",
        &[
            b"A,B\n1,2\n".to_vec(),
            golden::deployed("registers/limits.csv"),
        ],
        |bytes| {
            let text = String::from_utf8_lossy(bytes);
            report::ii06a::Filled::read(&text).map(drop).map_err(said)
        },
    );
}
