//! `motcua audit export`: a whole journal as JSON Lines, which `audit verify` checks.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use auditor::{Header, Line, export};
use clap::Args;
use envelope::KeyFile;

use super::heads::Heads;
use super::journals::{self, Opened, progress};

/// Write a whole journal.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The unit's directory.
    dir: PathBuf,
    /// The register of public keys.
    #[arg(long)]
    keys: PathBuf,
    #[command(flatten)]
    heads: Heads,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let (rows, register) = journals::keys(&self.keys)?;
        let opened = journals::open(std::slice::from_ref(&self.dir))?;
        let [one] = opened.as_slice() else {
            anyhow::bail!("export takes one unit's directory");
        };
        let (head, size) = self.heads.of(one, &register)?;
        let named = || format!("writing {}", self.output.display());
        let mut out = BufWriter::new(File::create(&self.output).with_context(named)?);
        let written = lines(one, &head.note, size, &rows, &mut out).with_context(named)?;
        out.into_inner()
            .map_err(std::io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all())
            .with_context(named)?;
        crate::say(format_args!(
            "{}: {written} entries of {}",
            self.output.display(),
            one.journal.unit()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn lines(
    opened: &Opened,
    head: &str,
    size: u64,
    rows: &KeyFile,
    out: &mut impl Write,
) -> anyhow::Result<u64> {
    let header = Header {
        format: export::FORMAT.to_owned(),
        head: head.to_owned(),
        keys: rows.clone(),
    };
    serde_json::to_writer(&mut *out, &header)?;
    out.write_all(b"\n")?;
    let mut written = 0;
    for entry in opened.journal.scan(0) {
        let entry = entry?;
        if entry.index >= size {
            break;
        }
        serde_json::to_writer(&mut *out, &Line::of(entry.index, &entry.signed))?;
        out.write_all(b"\n")?;
        written += 1;
        progress(opened.journal.unit(), written);
    }
    ensure!(
        written == size,
        "the head has {size} entries, {written} could be read"
    );
    Ok(written)
}
