//! Makes every test build have this program, and holds it to its first promise: what it cannot do
//! it says, by name, and fails.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn a_journal_that_is_not_there_is_named() {
    let program = env!("CARGO_BIN_EXE_motcua");
    let output = Command::new(program)
        .args(["journal", "check", "nowhere"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere"));
}
