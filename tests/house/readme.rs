//! The two commands of the README are the commands that are run.

use crate::files;

/// The lines of each `sh` block of a Markdown text.
fn blocks(text: &str) -> Vec<Vec<&str>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while lines.by_ref().any(|line| line.trim_end() == "```sh") {
        let block = lines.by_ref().take_while(|line| line.trim_end() != "```");
        blocks.push(block.filter(|line| !line.trim().is_empty()).collect());
    }
    blocks
}

#[test]
fn the_first_two_blocks_of_the_readme_hold_one_command_each() {
    let text = files::text("README.md");
    let blocks = blocks(&text);
    assert!(
        blocks.len() >= 2,
        "README.md has {} blocks marked sh",
        blocks.len()
    );
    for block in &blocks[..2] {
        assert_eq!(block.len(), 1, "one command in {block:?}");
    }
}

#[test]
fn the_machine_runs_the_command_that_people_are_told_to_run() {
    let text = files::text("README.md");
    let told = blocks(&text)
        .get(1)
        .and_then(|block| block.first().copied())
        .expect("a second command");
    let run = files::text(".ci/run");
    let commands = run
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    // Format and lints are checked beside the tests.
    let beside = ["set -", "cargo fmt ", "cargo clippy "];
    let commands: Vec<&str> = commands
        .filter(|line| !beside.iter().any(|start| line.starts_with(start)))
        .collect();
    assert_eq!(
        commands,
        [told.trim()],
        ".ci/run and the second command of README.md"
    );
}
