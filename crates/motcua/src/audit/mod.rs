//! `motcua audit`: what an auditor asks of journals, mostly of copies and without any service. Evidence
//! is checked by the crate `auditor`; here files and journals are opened and findings printed.

mod bundle;
mod compare;
mod cut;
mod diff;
mod directory;
mod export;
mod gathered;
mod heads;
mod history;
mod journals;
mod replay;
mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// Follow a dossier, take evidence home, check it, tell how things stood, compare two units.
#[derive(Debug, Args)]
pub(crate) struct AuditCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// One dossier across all units, in causal order, with the gap between happening and recording.
    History(history::History),
    /// Write the evidence about a dossier into one file that can be checked anywhere.
    Bundle(bundle::MakeBundle),
    /// Check a bundle, an exported journal or a unit's directory, without any service.
    Verify(verify::Verify),
    /// Tell how a dossier, or all figures, stood at a time.
    Replay(replay::Replay),
    /// Tell what changed between two times, and by whom.
    Diff(diff::Diff),
    /// Hold two units' journals against each other: do they agree on what passed between them?
    Compare(compare::Compare),
    /// Write a whole journal as JSON Lines, or as a Parquet table.
    Export(export::Export),
}

impl AuditCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::History(history) => history.run(),
            What::Bundle(bundle) => bundle.run(),
            What::Verify(verify) => verify.run(),
            What::Replay(replay) => replay.run(),
            What::Diff(diff) => diff.run(),
            What::Compare(compare) => compare.run(),
            What::Export(export) => export.run(),
        }
    }
}

/// Success when nothing was found.
fn ended(sound: bool) -> ExitCode {
    if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
