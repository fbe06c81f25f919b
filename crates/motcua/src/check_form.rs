//! `motcua check-form`: the identities of a filled-in form II.06a, whoever filled it in.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use report::ii06a::Filled;

use crate::say;

/// Check a filled-in form II.06a.
#[derive(Debug, Args)]
pub(crate) struct CheckForm {
    /// The form as CSV: columns named by their printed numbers, 3 to 13; 8+9 for both in one.
    form: PathBuf,
    /// The form of the period before: its column 11 is this one's column 6.
    #[arg(long, value_name = "CSV")]
    previous: Option<PathBuf>,
}

impl CheckForm {
    /// Prints every identity; the status is 1 where one does not hold.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let form = read(&self.form)?;
        let mut checked = form.check();
        if let Some(previous) = &self.previous {
            checked.extend(form.continues(&read(previous)?));
        }
        for identity in &checked {
            say(format_args!("{identity}"))?;
        }
        for row in &form.rows {
            for (name, share) in row.rates() {
                say(format_args!("{}: {name}: {}", row.label, share.written()))?;
            }
        }
        Ok(ExitCode::from(u8::from(
            checked.iter().any(report::ii06a::Checked::is_broken),
        )))
    }
}

fn read(path: &Path) -> anyhow::Result<Filled> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Filled::read(&text).with_context(|| format!("{} is not a filled-in form", path.display()))
}
