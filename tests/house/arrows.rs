//! Crates depend only along the arrows that `ARCHITECTURE.md` draws.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::files;

type Uses = BTreeMap<String, BTreeSet<String>>;

/// The table `| crate | may use |` of the section "Arrows".
fn drawn() -> Uses {
    table(&files::text("ARCHITECTURE.md"))
}

fn table(text: &str) -> Uses {
    let section = text
        .lines()
        .skip_while(|line| {
            !(line.starts_with('#') && line.trim_start_matches('#').trim() == "Arrows")
        })
        .skip(1)
        .take_while(|line| !line.starts_with('#'));
    let rows = section.filter(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<&str> = line
            .trim_matches(['|', ' '])
            .split('|')
            .map(str::trim)
            .collect();
        assert_eq!(
            cells.len(),
            2,
            "ARCHITECTURE.md, Arrows: two cells in {line:?}"
        );
        (words(cells[0]), words(cells[1]))
    });
    let mut uses = Uses::new();
    // The first two rows are the head and the line under it.
    for (name, may) in rows.skip(2) {
        let name = name.into_iter().next().expect("a row names its crate");
        assert!(
            uses.insert(name.clone(), may).is_none(),
            "{name} has two rows"
        );
    }
    assert!(
        !uses.is_empty(),
        "ARCHITECTURE.md has no table `| crate | may use |` under \"Arrows\""
    );
    uses
}

/// Names in a cell; a dash means none.
fn words(cell: &str) -> BTreeSet<String> {
    let parts = cell
        .split([',', ' '])
        .map(|word| word.trim_matches(['`', '*']));
    parts
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect()
}

/// What each crate of the house uses of the house, tests aside.
fn built() -> Uses {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(files::root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let house: BTreeSet<String> = packages
        .iter()
        .map(name)
        .filter(|name| name != "tests")
        .collect();
    let uses = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        dependencies
            .filter(|dependency| dependency["kind"].is_null())
            .map(name)
            .filter(|name| house.contains(name))
            .collect()
    };
    let rows = packages
        .iter()
        .map(|package| (name(package), uses(package)));
    rows.filter(|(name, _)| house.contains(name)).collect()
}

#[test]
fn every_crate_has_a_row_and_every_row_a_crate() {
    let (drawn, built) = (drawn(), built());
    assert_eq!(
        drawn.keys().collect::<Vec<_>>(),
        built.keys().collect::<Vec<_>>()
    );
}

#[test]
fn crates_use_only_what_their_row_allows() {
    let drawn = drawn();
    for (name, uses) in built() {
        let may = drawn.get(&name).cloned().unwrap_or_default();
        let extra: Vec<_> = uses.difference(&may).collect();
        assert!(
            extra.is_empty(),
            "{name} uses {extra:?}, which its row in ARCHITECTURE.md does not allow"
        );
    }
}

#[test]
fn no_row_allows_what_is_not_used() {
    let built = built();
    for (name, may) in drawn() {
        let uses = built.get(&name).cloned().unwrap_or_default();
        let spare: Vec<_> = may.difference(&uses).collect();
        assert!(
            spare.is_empty(),
            "the row of {name} in ARCHITECTURE.md allows {spare:?}, which it does not use"
        );
    }
}

#[test]
fn the_table_is_read_as_people_read_it() {
    let text = "# Motcua\n| not | this |\n\n## Arrows\n\nWho may use whom.\n\n| crate | may use |\n|---|---|\n\
                | `calendar` | - |\n| `dossier` | `calendar` |\n| unit | calendar, `dossier` |\n\n## Next\n| a | b |\n";
    let read: Vec<(String, Vec<String>)> = table(text)
        .into_iter()
        .map(|(name, may)| (name, may.into_iter().collect()))
        .collect();
    let row = |name: &str, may: &[&str]| {
        (
            name.to_owned(),
            may.iter().map(|m| (*m).to_owned()).collect(),
        )
    };
    assert_eq!(
        read,
        [
            row("calendar", &[]),
            row("dossier", &["calendar"]),
            row("unit", &["calendar", "dossier"])
        ]
    );
}
