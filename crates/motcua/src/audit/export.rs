//! `motcua audit export`: a whole journal as JSON Lines or as a Parquet table; `audit verify` checks both.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use auditor::table::Table;
use auditor::{Header, Line, export};
use clap::{Args, ValueEnum};
use envelope::Signed;
use tempfile::NamedTempFile;

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
    /// How it is written; without it, as the end of the file's name says: `.parquet`, or else lines.
    #[arg(long, value_enum)]
    format: Option<Format>,
}

/// How a journal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// JSON Lines: first the signed head and the keys, then an entry a line.
    Jsonl,
    /// A Parquet table, an entry a row.
    Parquet,
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let (rows, register) = journals::keys(&self.keys)?;
        let opened = journals::open(std::slice::from_ref(&self.dir))?;
        let [one] = opened.as_slice() else {
            anyhow::bail!("export takes one unit's directory");
        };
        let (head, size) = self.heads.of(one, &register)?;
        let header = Header {
            format: export::FORMAT.to_owned(),
            head: head.note,
            keys: rows,
        };
        let named = || format!("writing {}", self.output.display());
        // What is cut off half-way must not stand where the whole is looked for.
        let beside = self
            .output
            .parent()
            .filter(|dir| !dir.as_os_str().is_empty());
        let file = NamedTempFile::new_in(beside.unwrap_or(Path::new("."))).with_context(named)?;
        let file = match self.format() {
            Format::Jsonl => lines(one, size, &header, file),
            Format::Parquet => table(one, size, header, file),
        };
        let file = file.with_context(named)?;
        file.as_file().sync_all().with_context(named)?;
        file.persist(&self.output).with_context(named)?;
        crate::say(format_args!(
            "{}: {size} entries of {}",
            self.output.display(),
            one.journal.unit()
        ))?;
        Ok(ExitCode::SUCCESS)
    }

    fn format(&self) -> Format {
        let table = self.output.extension() == Some("parquet".as_ref());
        let by_name = if table {
            Format::Parquet
        } else {
            Format::Jsonl
        };
        self.format.unwrap_or(by_name)
    }
}

fn lines(
    opened: &Opened,
    size: u64,
    header: &Header,
    file: NamedTempFile,
) -> anyhow::Result<NamedTempFile> {
    let mut out = BufWriter::new(file);
    serde_json::to_writer(&mut out, header)?;
    out.write_all(b"\n")?;
    entries(opened, size, |index, signed| {
        serde_json::to_writer(&mut out, &Line::of(index, signed))?;
        Ok(out.write_all(b"\n")?)
    })?;
    Ok(out
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?)
}

fn table(
    opened: &Opened,
    size: u64,
    header: Header,
    file: NamedTempFile,
) -> anyhow::Result<NamedTempFile> {
    let mut table = Table::begin(file, header)?;
    entries(opened, size, |_, signed| Ok(table.entry(signed)?))?;
    Ok(table.end()?)
}

/// Hands the first `size` entries on, one after the other.
fn entries(
    opened: &Opened,
    size: u64,
    mut each: impl FnMut(u64, &Signed) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut written = 0;
    for entry in opened.journal.scan(0) {
        let entry = entry?;
        if entry.index >= size {
            break;
        }
        each(entry.index, &entry.signed)?;
        written += 1;
        progress(opened.journal.unit(), written);
    }
    ensure!(
        written == size,
        "the head has {size} entries, {written} could be read"
    );
    Ok(())
}
