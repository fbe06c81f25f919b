//! Rooms stay small, every crate says what it is, and one set of rules holds for all.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files;

/// Lines of a source file without its tests. A file that needs more has two purposes.
const LINES_MAX: usize = 450;

const HEADS: [&str; 4] = [
    "**What it is.**",
    "**What it does not",
    "**What it promises.**",
    "**Where to start reading.**",
];

fn crates() -> Vec<PathBuf> {
    let entries = fs::read_dir(files::root().join("crates")).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect()
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Lines before the test module; a file of tests alone has none.
fn lines_without_tests(path: &Path) -> usize {
    if path
        .file_stem()
        .is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
    {
        return 0;
    }
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .count()
}

#[test]
fn no_source_file_is_too_long() {
    let mut found = Vec::new();
    for directory in crates() {
        sources(&directory.join("src"), &mut found);
    }
    let long: Vec<String> = found
        .iter()
        .map(|path| (path, lines_without_tests(path)))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{}: {lines}", path.display()))
        .collect();
    assert!(
        long.is_empty(),
        "more than {LINES_MAX} lines without tests; split by purpose: {long:#?}"
    );
}

#[test]
fn one_set_of_lints_holds_for_all() {
    for directory in crates() {
        for name in [
            "clippy.toml",
            ".clippy.toml",
            "rustfmt.toml",
            ".rustfmt.toml",
        ] {
            let path = directory.join(name);
            assert!(
                !path.exists(),
                "{} would set the root's rules aside",
                path.display()
            );
        }
    }
}

#[test]
fn every_crate_says_what_it_is_and_is_not() {
    let mut lacking = Vec::new();
    for directory in crates() {
        let root = ["src/lib.rs", "src/main.rs"].map(|name| directory.join(name));
        let Some(root) = root.iter().find(|path| path.exists()) else {
            lacking.push(format!(
                "{}: neither lib.rs nor main.rs",
                directory.display()
            ));
            continue;
        };
        let text = fs::read_to_string(root).unwrap();
        let doc: String = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        for head in HEADS.iter().filter(|head| !doc.contains(**head)) {
            lacking.push(format!("{}: {head}", root.display()));
        }
    }
    assert!(
        lacking.is_empty(),
        "the doc of each crate's root has four heads; missing: {lacking:#?}"
    );
}
