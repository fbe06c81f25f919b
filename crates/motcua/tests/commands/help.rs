//! Every subcommand explains itself.

use crate::motcua;

const COMMANDS: [&[&str]; 36] = [
    &["demo"],
    &["deadline"],
    &["catalogue"],
    &["catalogue", "check"],
    &["form"],
    &["report"],
    &["check-form"],
    &["why"],
    &["slip"],
    &["keys"],
    &["permissions"],
    &["readings"],
    &["send"],
    &["ask"],
    &["journal"],
    &["journal", "check"],
    &["journal", "backup"],
    &["journal", "restore"],
    &["journal", "repair"],
    &["journal", "quarantine"],
    &["health"],
    &["quarantine"],
    &["quarantine", "list"],
    &["quarantine", "show"],
    &["quarantine", "retry"],
    &["quarantine", "reject"],
    &["bench"],
    &["bench", "verify"],
    &["audit"],
    &["audit", "history"],
    &["audit", "bundle"],
    &["audit", "verify"],
    &["audit", "replay"],
    &["audit", "diff"],
    &["audit", "compare"],
    &["audit", "export"],
];

#[test]
fn every_subcommand_has_help_with_a_sentence_for_each_of_its_arguments() {
    for command in COMMANDS {
        let mut arguments = command.to_vec();
        arguments.push("-h");
        let help = motcua(&arguments).done();
        let usage = format!("Usage: motcua {}", command.join(" "));
        assert!(help.contains(&usage), "{help}");
        let (about, rest) = help.split_once('\n').unwrap();
        assert!(about.split(' ').count() > 3, "{command:?}: {about}");
        // A second usage stands under the first.
        let of_an_argument = |line: &&str| {
            line.starts_with("  ") && !line.trim().is_empty() && !line.trim().starts_with("motcua ")
        };
        for line in rest.lines().filter(of_an_argument) {
            // Name and sentence stand at least two spaces apart.
            let said = line.trim().split_once("  ");
            assert!(
                said.is_some_and(|(_, words)| !words.trim().is_empty()),
                "{command:?}: {line}"
            );
        }
    }
}

#[test]
fn the_program_lists_its_subcommands_and_says_its_version() {
    let help = motcua(&["--help"]).done();
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {} ", command[0])), "{help}");
    }
    assert_eq!(
        motcua(&["--version"]).done().trim(),
        format!("motcua {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn what_is_no_subcommand_is_named() {
    motcua(&["projekt"]).names(&["projekt"]);
    motcua(&["journal", "mend"]).names(&["mend"]);
    motcua(&["bench", "--rounds", "3"]).names(&["--rounds"]);
}
