//! Makes every test build have this program, and holds it to its first promise: without a
//! configuration it says which file it wanted and fails.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn without_its_configuration_the_portal_adapter_says_so_and_fails() {
    let program = env!("CARGO_BIN_EXE_motcua-portal");
    let output = Command::new(program)
        .args(["--config", "nowhere.toml"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.toml"));
}
