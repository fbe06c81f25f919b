//! Checking registers: what they hold, or every fault with its file and line.

use std::fs;
use std::path::{Path, PathBuf};

use crate::motcua;

fn deploy(part: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    path.join(part).display().to_string()
}

#[test]
fn the_published_registers_are_counted_for_each_profile() {
    let said = motcua(&[
        "catalogue",
        "check",
        "--registers",
        &deploy("registers"),
        "--profile",
        &deploy("chau-thanh"),
        "--profile",
        &deploy("an-giang"),
    ])
    .done();
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].starts_with("chau-thanh-2018.1: 15 units; "),
        "{said}"
    );
    assert!(lines[1].starts_with("an-giang-2026.1: 9 units; "), "{said}");
    assert_eq!(lines.len(), 2);
}

#[test]
fn every_fault_is_told_once_by_file_and_line_and_ends_in_failure() {
    let dir = tempfile::TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("routes")).unwrap();
    let source = PathBuf::from(deploy("registers")).join("procedures.csv");
    fs::copy(source, at("procedures.csv")).unwrap();
    fs::write(
        at("procedures-2030.csv"),
        "code,name,field,level,at_once,limit,unit,basis,source\n\
         9.000001,Thử,Hộ tịch,commune,no,1,OTHER,luật,cổng\n\
         9.000002,Thử,Hộ tịch,commune,no,5,,luật,cổng\n",
    )
    .unwrap();
    let registers = dir.path().display().to_string();
    let profile = deploy("chau-thanh");
    let said = motcua(&[
        "catalogue",
        "check",
        "--registers",
        &registers,
        "--profile",
        &profile,
        "--profile",
        &profile,
    ]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    let file = |line: u32| format!("{}:{line}: ", at("procedures-2030.csv").display());
    assert_eq!(told(&said.out, &file(2)), 1, "{}", said.out);
    assert_eq!(told(&said.out, &file(3)), 1, "{}", said.out);
    assert!(said.err.contains("faults; correct them"), "{}", said.err);
}

fn told(out: &str, beginning: &str) -> usize {
    out.lines()
        .filter(|line| line.starts_with(beginning))
        .count()
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let missing = Path::new("/nowhere/registers").display().to_string();
    let said = motcua(&["catalogue", "check", "--registers", &missing]);
    assert_eq!(said.code, Some(1));
    assert!(said.out.contains("/nowhere/registers"), "{}", said.out);
}
