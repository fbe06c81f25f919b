//! A writer that is killed, or whose disk is full, loses nothing that it acknowledged.
//!
//! The writer is a child process: this very program, told by an environment variable to append to
//! a journal instead of testing, and to print each sequence once it is acknowledged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use journal::{Group, Journal, Note, Options};
use rand::{Rng, SeedableRng};
use support::*;
use tokio::task::JoinSet;

const DIRECTORY: &str = "MOTCUA_TEST_JOURNAL";

/// Not a test: what the child process does, until it is ended from outside.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(DIRECTORY) else {
        return;
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let journal = match Journal::open(Path::new(&dir), Options::new(HOME, epoch())) {
        Ok(journal) => journal,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    println!("\nopened {}", journal.last_sequence());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut waiting = JoinSet::new();
        let mut sequence = journal.last_sequence();
        let mut link = journal.last_link(PEER);
        loop {
            let mut entries = Vec::new();
            for _ in 0..=sequence % 3 {
                sequence += 1;
                link += 1;
                entries.push(delivering(entry(sequence), PEER, link, id(HOME, sequence)));
            }
            let value = Some(sequence.to_be_bytes().to_vec());
            let notes = vec![Note {
                key: b"last".to_vec(),
                value,
            }];
            let receipt = journal
                .append(Group {
                    entries,
                    notes,
                    ..Group::default()
                })
                .await;
            journal.set_cursor("outbox", sequence.to_be_bytes().to_vec());
            let acknowledged = sequence;
            waiting.spawn(async move {
                receipt.await.unwrap();
                println!("acknowledged {acknowledged}");
            });
            while waiting.len() >= 32 {
                waiting.join_next().await.unwrap().unwrap();
            }
        }
    });
}

/// Of differing lengths, so that pages break at differing places.
fn entry(sequence: u64) -> journal::NewEntry {
    let mut entry = own(sequence);
    let text = "ạ".repeat(usize::try_from(sequence * 37 % 700).unwrap());
    entry.signed = event(HOME, sequence, SUBJECT, &text);
    entry
}

fn spawn(dir: &Path, limit_kib: Option<u64>) -> Child {
    let program = std::env::current_exe().unwrap();
    // A file over the limit then gives an error to the write instead of ending the process.
    let limit = limit_kib.map_or(String::new(), |kib| format!("ulimit -f {kib}; "));
    Command::new("bash")
        .args([
            "-c",
            &format!("trap '' XFSZ; {limit}exec \"$0\" --exact child --nocapture"),
        ])
        .arg(program)
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The highest sequence acknowledged, reading to the end or until `enough` acknowledgements came.
fn acknowledged(lines: &mut impl BufRead, enough: Option<usize>) -> u64 {
    let (mut highest, mut count) = (0, 0);
    let mut line = String::new();
    while enough.is_none_or(|enough| count < enough) {
        line.clear();
        if lines.read_line(&mut line).unwrap() == 0 {
            break;
        }
        // The end of a killed writer's output may be half a line.
        if let Some(number) = line
            .strip_suffix('\n')
            .and_then(|l| l.strip_prefix("acknowledged "))
        {
            highest = highest.max(number.parse().unwrap());
            count += 1;
        }
    }
    highest
}

fn check(journal: &Journal, acknowledged: u64) {
    let last = journal.last_sequence();
    assert!(
        last >= acknowledged,
        "acknowledged {acknowledged}, kept {last}"
    );
    for (sequence, kept) in (1..).zip(journal.scan(0)) {
        assert_eq!(kept.unwrap().signed, entry(sequence).signed);
    }
    assert_eq!((journal.size(), journal.last_link(PEER)), (last, last));
    let note = journal.note(b"last").unwrap();
    assert_eq!(note, (last > 0).then(|| last.to_be_bytes().to_vec()));
    if let Some(cursor) = journal.cursor("outbox") {
        assert!(u64::from_be_bytes(cursor.try_into().unwrap()) > 0);
    }
    verify(journal);
}

#[test]
fn a_killed_writer_keeps_everything_acknowledged_and_has_no_gap() {
    let mut rng = rand_seeded();
    for (journals, kills) in [(3, 5), (1, 8)] {
        for _ in 0..journals {
            let dir = tempfile::tempdir().unwrap();
            let mut highest = 0;
            for _ in 0..kills {
                let mut child = spawn(dir.path(), None);
                let mut lines = BufReader::new(child.stdout.take().unwrap());
                let before = acknowledged(&mut lines, Some(rng.gen_range(0..120)));
                child.kill().unwrap();
                highest = highest.max(before).max(acknowledged(&mut lines, None));
                child.wait().unwrap();
                check(&open(dir.path()), highest);
            }
        }
    }
}

#[test]
fn a_full_disk_ends_the_writer_and_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    check(&open(dir.path()), 0);
    let mut highest = 0;
    for room_kib in [1_000, 5_003, 0, 4_100, 9_001] {
        let used_kib = std::fs::metadata(dir.path().join("db")).unwrap().len() / 1024;
        let mut child = spawn(dir.path(), Some(used_kib + room_kib));
        let mut output = BufReader::new(child.stdout.take().unwrap());
        highest = highest.max(acknowledged(&mut output, None));
        let status = child.wait().unwrap();
        let mut message = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut message)
            .unwrap();
        assert!(!status.success(), "{message}");
        assert!(message.contains("disk"), "{message}");
        check(&open(dir.path()), highest);
    }
    assert!(highest > 0);
}

fn rand_seeded() -> impl Rng {
    rand::rngs::StdRng::seed_from_u64(20_240_506)
}
