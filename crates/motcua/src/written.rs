//! Sheets written as they were asked for: on the terminal or into a file.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use report::{Sheet, render};

use crate::say;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table on the terminal.
    Table,
    /// Comma-separated values, UTF-8.
    Csv,
    /// JSON, as the projector answers it.
    Json,
    /// A workbook (Office Open XML).
    Xlsx,
    /// A page to print, A4 landscape.
    Html,
}

/// How and where to.
#[derive(Debug, Args)]
pub(crate) struct Writing {
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// The file to write; standard output without it, except for a workbook.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

impl Writing {
    /// Refuses what cannot be written, before anything is asked.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.format != Format::Xlsx || self.output.is_some(),
            "a workbook goes to a file; name it with --output"
        );
        Ok(())
    }

    /// Writes the sheets; as JSON whatever stands behind them.
    pub(crate) fn write(
        &self,
        sheets: &[Sheet],
        behind: &impl serde::Serialize,
    ) -> anyhow::Result<()> {
        let bytes = match self.format {
            Format::Table => render::terminal(sheets).into_bytes(),
            Format::Csv => render::csv(sheets)?.into_bytes(),
            Format::Json => render::json(behind)?.into_bytes(),
            Format::Xlsx => render::xlsx(sheets)?,
            Format::Html => render::html(sheets).into_bytes(),
        };
        match &self.output {
            Some(path) => {
                std::fs::write(path, &bytes).with_context(|| format!("writing {}", path.display()))
            }
            None => say(format_args!(
                "{}",
                String::from_utf8_lossy(&bytes).trim_end()
            )),
        }
    }
}
