//! A process that keeps keys is stopped the hard way; whatever it was told is kept must be there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use envelope::DossierKey;
use uuid::Uuid;
use vault::Vault;

const DIR: &str = "MOTCUA_VAULT_CRASH_DIR";
const FROM: &str = "MOTCUA_VAULT_CRASH_FROM";

fn id(number: u64) -> Uuid {
    let (version, variant) = (7 << 76, 0b10 << 62);
    Uuid::from_u128(1_714_960_000_000_u128 << 80 | version | variant | u128::from(number))
}

fn key(number: u64) -> DossierKey {
    let mut bytes = [1; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    DossierKey::from_bytes(bytes)
}

/// The other process: keeps keys, eight at a time, and says each number after it was answered.
/// Does nothing when the tests are run as tests.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let from = std::env::var_os(FROM)
        .unwrap()
        .into_string()
        .unwrap()
        .parse()
        .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let vault = Vault::open(Path::new(&dir)).unwrap();
        for first in (from..).step_by(8) {
            let keeping: Vec<_> = (first..first + 8)
                .map(|number| {
                    let vault = vault.clone();
                    tokio::spawn(async move {
                        vault.keep(id(number), key(number)).await.unwrap();
                        writeln!(std::io::stdout(), "kept {number}").unwrap();
                    })
                })
                .collect();
            for kept in keeping {
                kept.await.unwrap();
            }
        }
    });
}

fn start(dir: &Path, from: u64, file_blocks: &str) -> Child {
    // The shell sets the limit; ignoring the signal turns it into a failed write.
    Command::new("sh")
        .args([
            "-c",
            r#"trap '' XFSZ; ulimit -f "$1"; exec "$0" --exact child --nocapture"#,
        ])
        .arg(std::env::current_exe().unwrap())
        .arg(file_blocks)
        .env(DIR, dir)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Reads what the child says was kept; kills it after `kill_after` of them.
fn kept_by(child: &mut Child, kill_after: usize) -> Vec<u64> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut kept = Vec::new();
    for line in lines.map_while(Result::ok) {
        let Some((_, number)) = line.split_once("kept ") else {
            continue;
        };
        kept.push(number.parse().unwrap());
        if kept.len() == kill_after {
            child.kill().unwrap();
        }
    }
    kept
}

fn assert_all_there(dir: &Path, kept: &[u64]) {
    let vault = Vault::open(dir).unwrap();
    for number in kept {
        assert_eq!(
            vault.find(id(*number)).unwrap(),
            Some(key(*number)),
            "key {number}"
        );
    }
    assert!(vault.check().unwrap() >= kept.len() as u64);
}

#[test]
fn a_killed_process_leaves_every_acknowledged_key() {
    let dir = tempfile::tempdir().unwrap();
    let mut kept = Vec::new();
    for round in 0..20 {
        let mut child = start(dir.path(), round * 100_000, "unlimited");
        kept.extend(kept_by(&mut child, 1 + 7 * round as usize));
        child.wait().unwrap();
        assert_all_there(dir.path(), &kept);
    }
}

#[test]
fn a_write_that_fails_ends_the_process_and_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = start(dir.path(), 0, "16");
    let kept = kept_by(&mut child, usize::MAX);
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(6), "ended by abort: {status}");
    assert!(!kept.is_empty());
    assert_all_there(dir.path(), &kept);
}
