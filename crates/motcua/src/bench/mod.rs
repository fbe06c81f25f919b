//! `motcua bench`: what this machine gives, with the disk's own limit beside it.

mod paper;
mod service;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::say;
use anyhow::Context;
use clap::{Args, Subcommand};
use comfy_table::{CellAlignment, Table};
use serde_json::json;

use paper::{append, disk};
use service::commands;

/// Bytes of a typical event; the raw disk is measured with the same.
const EVENT_BYTES: usize = 900;
/// Callers at once in the crowded rounds.
const CROWD: usize = 64;

/// Measure this machine.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: Option<What>,
    /// Directory with the registers and profiles.
    #[arg(long, default_value = "deploy")]
    deploy: PathBuf,
    /// Where to measure; the disk that the journals will live on.
    #[arg(long, default_value = "target")]
    dir: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Verify a large journal, beside the limits of hash and signature.
    Verify(verify::Verify),
}

/// One row: what was done, how often a second, and how long one took.
struct Row {
    what: &'static str,
    count: usize,
    took: Duration,
    each: Vec<Duration>,
}

impl Row {
    fn per_second(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }

    fn percentile(&self, hundredth: usize) -> Option<Duration> {
        let last = self.each.len().checked_sub(1)?;
        self.each.get(last * hundredth / 100).copied()
    }
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(What::Verify(verify)) = self.what {
            return verify.run();
        }
        crate::runtime()?.block_on(self.measure())
    }

    async fn measure(self) -> anyhow::Result<ExitCode> {
        std::fs::create_dir_all(&self.dir)
            .with_context(|| format!("creating {}", self.dir.display()))?;
        let scratch = tempfile::Builder::new()
            .prefix("motcua-bench-")
            .tempdir_in(&self.dir)?;
        let mut rows = vec![disk(scratch.path())?];
        rows.push(
            append(
                "journal append, 1 caller",
                &scratch.path().join("one"),
                1,
                2_000,
            )
            .await?,
        );
        rows.push(
            append(
                "journal append, 64 callers",
                &scratch.path().join("many"),
                CROWD,
                50_000,
            )
            .await?,
        );
        let (of_commands, memory) = commands(&self, scratch.path()).await?;
        rows.extend(of_commands);
        rows.push(disk(scratch.path())?);
        if self.json {
            let rows: Vec<_> = rows
                .iter()
                .map(|row| {
                    let micros = |hundredth| row.percentile(hundredth).map(|took| took.as_micros() as u64);
                    json!({ "what": row.what, "count": row.count, "per_second": row.per_second().round(), "p50_us": micros(50), "p99_us": micros(99) })
                })
                .collect();
            let memory: Vec<_> = memory
                .iter()
                .map(|after| json!({ "dossiers": after.dossiers, "events": after.dossiers * 3, "resident_kib": after.resident_kib }))
                .collect();
            say(format_args!(
                "{}",
                serde_json::to_string_pretty(&json!({ "rows": rows, "memory": memory }))?
            ))?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut table = Table::new();
        table.set_header(["what", "count", "per second", "p50", "p99"]);
        for row in &rows {
            let shown = |hundredth| {
                row.percentile(hundredth).map_or_else(String::new, |took| {
                    format!("{:.2} ms", took.as_secs_f64() * 1e3)
                })
            };
            table.add_row([
                row.what.to_owned(),
                row.count.to_string(),
                format!("{:.0}", row.per_second()),
                shown(50),
                shown(99),
            ]);
        }
        for column in 1..5 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        say(format_args!("{table}"))?;
        say(format_args!(
            "resident memory of the service that took them in:"
        ))?;
        for after in &memory {
            say(format_args!(
                "  after {:>6} dossiers ({:>6} events)  {:>4} MiB",
                after.dossiers,
                after.dossiers * 3,
                after.resident_kib / 1024
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
