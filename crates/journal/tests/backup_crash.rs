//! A process that is killed while it makes a backup, or restores one, leaves nothing that could be
//! taken for a whole one.
//!
//! The process is this very program, told by environment variables what to do instead of testing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use journal::{Journal, restore, verify_backup};
use rand::{Rng, SeedableRng};
use support::*;

const DIRECTORY: &str = "MOTCUA_TEST_BACKUP";
const RESTORES: &str = "MOTCUA_TEST_RESTORES";
const FULL: &str = "MOTCUA_TEST_FULL";
const PARTIAL: &str = ".partial";
const RESTORING: &str = ".restoring";
const ENTRIES: u64 = 1_500;

/// Not a test: what the child process does, until it is killed.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(DIRECTORY).map(PathBuf::from) else {
        return;
    };
    let restores = std::env::var_os(RESTORES).is_some();
    let journal = (!restores).then(|| open(&dir.join("journal")));
    println!("\nbegun");
    if let (Some(journal), true) = (&journal, std::env::var_os(FULL).is_some()) {
        // Until the disk has been filled.
        std::io::stdin().read_line(&mut String::new()).unwrap();
        let refused = journal.backup(&dir.join("made.full"), None).unwrap_err();
        println!("{refused}");
        std::process::exit(0);
    }
    for n in 0.. {
        let n = format!("{}.{n}", std::process::id());
        match &journal {
            Some(journal) => drop(
                journal
                    .backup(&dir.join(format!("made.{n}")), None)
                    .unwrap(),
            ),
            None => drop(
                restore(
                    &dir.join("sound"),
                    &dir.join(format!("new.{n}")),
                    AT,
                    BY,
                    REASON,
                )
                .unwrap(),
            ),
        }
        println!("done");
    }
}

fn spawn(dir: &Path, restores: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    if restores {
        command.env(RESTORES, "1");
    }
    command
        .args(["--exact", "child", "--nocapture"])
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets the child finish `enough` pieces of work, and kills it in the midst of the next: once what it
/// has half done, under a name that ends with `half`, holds `bytes`.
fn kill_within(dir: &Path, half: &str, enough: usize, bytes: u64) {
    let mut child = spawn(dir, half == RESTORING);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut marks = lines
        .map(Result::unwrap)
        .filter(|line| line == "begun" || line == "done");
    assert_eq!(marks.by_ref().take(enough + 1).count(), enough + 1);
    let of_child = format!(".{}.", child.id());
    while named(dir, |name| name.contains(&of_child) && name.ends_with(half))
        .iter()
        .all(|path| size(path) < bytes)
    {
        std::thread::yield_now();
        assert!(
            child.try_wait().unwrap().is_none(),
            "the child ended by itself"
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Of a file, or of the files in a directory; 0 when it has just been renamed.
fn size(path: &Path) -> u64 {
    let Ok(of) = fs::metadata(path) else { return 0 };
    if of.is_file() {
        return of.len();
    }
    let Ok(files) = fs::read_dir(path) else {
        return 0;
    };
    files
        .filter_map(|file| file.ok()?.metadata().ok())
        .map(|of| of.len())
        .sum()
}

fn written(dir: &Path) -> Journal {
    let journal = open(&dir.join("journal"));
    for first in (1..=ENTRIES).step_by(250) {
        let entries = (first..first + 250)
            .map(|sequence| delivering(own(sequence), PEER, sequence, id(HOME, sequence)));
        append(&journal, group(entries)).unwrap();
    }
    journal
}

fn named(dir: &Path, is: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| is(path.file_name().unwrap().to_str().unwrap()))
        .collect()
}

#[test]
fn killed_while_backing_up_it_leaves_no_file_under_the_name_that_is_not_whole() {
    let dir = tempfile::tempdir().unwrap();
    drop(written(dir.path()));
    let mut rng = rand::rngs::StdRng::seed_from_u64(20_240_507);
    for round in 0..12 {
        let bytes = rng.gen_range(0..900_000);
        kill_within(dir.path(), PARTIAL, round % 2, bytes);
    }
    let partial = named(dir.path(), |name| name.ends_with(PARTIAL));
    assert!(!partial.is_empty(), "no kill met a backup half done");
    let made = named(dir.path(), |name| {
        name.starts_with("made.") && !name.ends_with(PARTIAL)
    });
    assert!(made.len() >= 6);
    for path in made {
        let report = verify_backup(&path, Some(&register())).unwrap();
        assert_eq!(report.entries, ENTRIES);
    }
    verify(&open(&dir.path().join("journal")));
}

#[test]
fn a_disk_that_fills_while_a_backup_is_made_leaves_nothing_under_any_name() {
    let dir = tempfile::tempdir().unwrap();
    let journal = written(dir.path());
    let head = journal.head();
    drop(journal);
    // A write over the limit then gives an error instead of ending the process.
    let run = "trap '' XFSZ; exec \"$0\" --exact child --nocapture";
    let mut child = Command::new("bash")
        .args(["-c", run])
        .arg(std::env::current_exe().unwrap())
        .env(DIRECTORY, dir.path())
        .env(FULL, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    assert!(lines.any(|line| line == "begun"));
    let pid = child.id().to_string();
    let limit = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=100000"])
        .status()
        .unwrap();
    assert!(limit.success());
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    let said: Vec<String> = lines.collect();
    assert!(
        said.iter().any(|line| line.contains("there is no backup")),
        "{said:?}"
    );
    assert!(child.wait().unwrap().success());
    assert!(named(dir.path(), |name| name.starts_with("made")).is_empty());
    let journal = open(&dir.path().join("journal"));
    assert_eq!(journal.head(), head);
    verify(&journal);
    journal.backup(&dir.path().join("made.full"), None).unwrap();
}

#[test]
fn killed_while_restoring_it_leaves_no_journal_that_is_not_whole() {
    let dir = tempfile::tempdir().unwrap();
    let journal = written(dir.path());
    let root = journal.root();
    journal.backup(&dir.path().join("sound"), None).unwrap();
    let mut rng = rand::rngs::StdRng::seed_from_u64(20_240_508);
    for round in 0..8 {
        let bytes = rng.gen_range(0..4_000_000);
        kill_within(dir.path(), RESTORING, round % 2, bytes);
    }
    let half = named(dir.path(), |name| name.ends_with(RESTORING));
    assert!(!half.is_empty(), "no kill met a restore half done");
    let whole = named(dir.path(), |name| {
        name.starts_with("new.") && !name.ends_with(RESTORING)
    });
    assert!(whole.len() >= 4);
    for path in whole {
        let journal = open(&path);
        assert_eq!((journal.size(), journal.root()), (ENTRIES, root));
        assert!(journal.restored().is_some());
        verify(&journal);
    }
}
