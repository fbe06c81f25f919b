//! The table in this program's head is true: every row has a test, and every test exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What the rows are numbered by, and how many there are of each.
const NUMBERS: [(&str, usize); 4] = [("S", 12), ("P", 15), ("Q", 22), ("R", 24)];

struct Row {
    number: String,
    shown_by: String,
}

/// The rows of the tables in the head of `main.rs`.
fn rows() -> Vec<Row> {
    let head = include_str!("main.rs").lines();
    let lines = head.filter_map(|line| line.strip_prefix("//! | "));
    let cells = lines.map(|line| {
        line.trim_end_matches('|')
            .split(" | ")
            .map(str::trim)
            .collect::<Vec<_>>()
    });
    let rows = cells.filter(|cells| cells[0].len() > 1 && cells[0][1..].parse::<usize>().is_ok());
    rows.map(|cells| {
        assert_eq!(cells.len(), 4, "{cells:?}");
        Row {
            number: cells[0].to_owned(),
            shown_by: cells[3].to_owned(),
        }
    })
    .collect()
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Names of everything that is marked as a test, or stands in a `proptest!`.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for dir in ["crates", "tests"] {
        sources(&root.join(dir), &mut found);
    }
    let mut names = BTreeSet::new();
    for path in found {
        let text = fs::read_to_string(path).unwrap();
        let mut marked = false;
        for line in text.lines().map(str::trim) {
            let function = line.trim_start_matches("async ").strip_prefix("fn ");
            match function.and_then(|rest| rest.split('(').next()) {
                Some(name) if marked => {
                    names.insert(name.to_owned());
                    marked = false;
                }
                Some(_) => marked = false,
                None if line.starts_with("#[test]") || line.starts_with("#[tokio::test") => {
                    marked = true
                }
                None => {}
            }
        }
    }
    names
}

#[test]
fn every_defect_and_every_pain_has_a_row() {
    let known: Vec<String> = rows().into_iter().map(|row| row.number).collect();
    let all = NUMBERS
        .iter()
        .flat_map(|(letter, count)| (1..=*count).map(move |n| format!("{letter}{n}")));
    assert_eq!(known, all.collect::<Vec<_>>());
}

#[test]
fn every_row_names_tests_that_exist_or_says_why_there_is_none() {
    let tests = tests();
    for Row { number, shown_by } in rows() {
        for name in names(&shown_by) {
            assert!(tests.contains(name), "{number}: there is no test {name}");
        }
        let excused = shown_by.starts_with("later: ") || shown_by.starts_with("not ours: ");
        assert!(
            excused || names(&shown_by).next().is_some(),
            "{number}: {shown_by}"
        );
    }
}
