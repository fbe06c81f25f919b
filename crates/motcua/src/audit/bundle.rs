//! `motcua audit bundle`: the evidence about one dossier, in one file to take home.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use auditor::bundle::write_proof;
use auditor::{Bundle, Evidence, Place};
use clap::Args;
use dossier::ids::DossierCode;
use envelope::KeyRegister;

use super::ended;
use super::gathered::Gathered;
use super::heads::Heads;
use super::journals::{self, Journals, Opened};
use super::verify::tell;
use crate::say;

/// Write the evidence about a dossier into one file.
#[derive(Debug, Args)]
pub(crate) struct MakeBundle {
    /// The dossier's code.
    #[arg(value_parser = DossierCode::parse)]
    dossier: DossierCode,
    #[command(flatten)]
    journals: Journals,
    /// The register of public keys.
    #[arg(long)]
    keys: PathBuf,
    #[command(flatten)]
    heads: Heads,
    /// The file to write, such as `000.04.27.H33-180312-0007.bundle.json`.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Also write a page to read, HTML.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl MakeBundle {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let (rows, register) = journals::keys(&self.keys)?;
        let opened = self.journals.open()?;
        let gathered = Gathered::from_journals(&opened, &self.dossier)?;
        ensure!(
            !gathered.said.is_empty(),
            "nothing is said about {} there: name the directories of the units that worked on it",
            self.dossier
        );
        let bundle = self.made(&opened, &gathered, &rows, &register)?;
        let report = auditor::verify(&bundle, Some(&rows));
        write(&self.output, &bundle.written()?)?;
        if let Some(path) = &self.html {
            write(path, auditor::page(&bundle, &report).as_bytes())?;
        }
        for contradiction in &gathered.contradictions {
            say(format_args!("{contradiction}"))?;
        }
        tell(&self.output, "events", &report)?;
        Ok(ended(
            report.is_sound() && gathered.contradictions.is_empty(),
        ))
    }

    fn made(
        &self,
        opened: &[Opened],
        gathered: &Gathered,
        rows: &envelope::KeyFile,
        register: &KeyRegister,
    ) -> anyhow::Result<Bundle> {
        let mut bundle = Bundle::about(self.dossier.as_str());
        let mut units = BTreeSet::new();
        // Number among the opened, number among the heads, entries under the head.
        let mut under = Vec::new();
        for (number, one) in opened.iter().enumerate() {
            let holds = |held: &(usize, u64)| held.0 == number;
            if !gathered
                .said
                .values()
                .any(|said| said.held.iter().any(holds))
            {
                continue;
            }
            let (head, size) = self.heads.of(one, register)?;
            units.insert(one.journal.unit().to_owned());
            under.push((number, bundle.heads.len(), size));
            bundle.heads.push(head);
        }
        for said in gathered.said.values() {
            let mut evidence = Evidence::of(&said.signed);
            for (number, head, size) in &under {
                for (_, index) in said.held.iter().filter(|held| held.0 == *number) {
                    if index >= size {
                        continue;
                    }
                    evidence.places.push(Place {
                        head: *head,
                        index: *index,
                        proof: write_proof(&opened[*number].journal.inclusion(*index, *size)?),
                    });
                }
            }
            if evidence.places.is_empty() {
                eprintln!(
                    "event {} of {} came after the head and is left out",
                    said.statement.id, said.statement.unit
                );
                continue;
            }
            units.insert(said.statement.unit.to_string());
            bundle.events.push(evidence);
        }
        let needed = rows.units.iter().filter(|row| units.contains(&row.unit));
        bundle.keys.units = needed.cloned().collect();
        bundle.put_in_order();
        Ok(bundle)
    }
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}
