//! `motcua journal repair`: damaged entries are had back from a backup, from whoever sent them, or from
//! whoever holds everybody's events, and the whole is held against what was acknowledged.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;
use envelope::Signed;
use exchange::{Connection, UnitToken, log};
use journal::{DamagedEntry, Entry, Origin, Place, RepairError, Repaired, Replacement};
use tokio::runtime::Runtime;
use unit::identity;
use unit::stamp::Stamp;

use crate::{asking, say};

/// Put damaged entries right from copies with the same bytes. The service must not be running.
#[derive(Debug, Args)]
pub(crate) struct Repair {
    /// The unit's directory.
    dir: PathBuf,
    /// The unit whose journal it is.
    #[arg(long)]
    unit: String,
    /// A backup of the journal.
    #[arg(long)]
    backup: Option<PathBuf>,
    /// The broker over which other units and the projector are asked.
    #[arg(long)]
    nats: Option<String>,
    /// The register of public keys, to verify every signature as well.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// Who repairs it: the officer's id.
    #[arg(long)]
    officer: String,
    /// Why; officer and reason stand in the event by which the unit tells the others.
    #[arg(long)]
    reason: String,
}

impl Repair {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let officer = dossier::ids::OfficerId::parse(&self.officer);
        let officer = officer.context("--officer must be an officer's id")?;
        ensure!(!self.reason.trim().is_empty(), "--reason must say why");
        let path = self.dir.join("journal");
        ensure!(
            path.join("db").is_file(),
            "there is no journal in {}: name the unit's own directory",
            path.display()
        );
        let sources = Sources::of(&self)?;
        let keys = self.keys.as_deref().map(identity::read_register);
        let keys = keys.transpose()?;
        let told = Repaired {
            at: Stamp::machine().now().to_rfc3339(),
            by: officer.to_string(),
            reason: self.reason,
            rows: Vec::new(),
        };
        let done = journal::repair(&path, &self.unit, keys.as_ref(), told, &mut |damaged| {
            let copy = sources.copy_of(damaged);
            let source = copy.as_ref().map_or("not found", |copy| &copy.source);
            // What is printed is told again by the journal; a closed output stops nothing.
            let _ = say(format_args!(
                "entry {}: {}: {source}",
                damaged.index, damaged.fault
            ));
            copy
        });
        match done {
            Ok(report) => {
                say(format_args!(
                    "{}: repaired, {} of {} entries from copies, indexes made anew; as it was it is kept \
                     in {}",
                    self.unit,
                    report.repaired.len(),
                    report.entries,
                    report.aside.display()
                ))?;
                Ok(ExitCode::SUCCESS)
            }
            Err(RepairError::Sound { .. }) => {
                say(format_args!("{}: sound, nothing to repair", self.unit))?;
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Who may have copies.
struct Sources {
    me: UnitToken,
    /// Entries of the backup by place, and how the backup is called.
    backup: BTreeMap<u64, Entry>,
    file: String,
    line: Option<(Runtime, Connection)>,
}

impl Sources {
    fn of(repair: &Repair) -> anyhow::Result<Sources> {
        let mut backup = BTreeMap::new();
        if let Some(file) = &repair.backup {
            let report = journal::verify_backup(file, None)?;
            ensure!(
                report.unit == repair.unit,
                "the backup is of unit {}, not of {}",
                report.unit,
                repair.unit
            );
            backup = journal::backup_entries(file, &(0..report.entries).collect())?;
        }
        let line = match &repair.nats {
            Some(nats) => {
                let runtime = crate::runtime()?;
                let connection = runtime.block_on(asking::reach(nats))?;
                Some((runtime, connection))
            }
            None => None,
        };
        let file = repair.backup.as_ref();
        Ok(Sources {
            me: UnitToken::parse(&repair.unit)?,
            backup,
            file: file.map_or_else(String::new, |file| format!("backup {}", file.display())),
            line,
        })
    }

    fn copy_of(&self, damaged: &DamagedEntry) -> Option<Replacement> {
        let kept = self.backup.get(&damaged.index);
        if let Some(entry) = kept.filter(|entry| damaged.fits(&entry.signed)) {
            return Some(Replacement {
                signed: entry.signed.clone(),
                origin: entry.origin.clone(),
                deliveries: Some(entry.deliveries.clone()),
                source: self.file.clone(),
            });
        }
        let (runtime, connection) = self.line.as_ref()?;
        let client = &connection.client;
        let place = damaged.place.as_ref()?;
        let (page, source, origin) = match place {
            Place::Own { epoch, sequence } => {
                let asked = log::read_held(client, &self.me, *epoch, *sequence, 1);
                (runtime.block_on(asked), "holder", Origin::Own)
            }
            Place::Received { from, link } => {
                let sender = UnitToken::parse(from).ok()?;
                let asked = log::read_links(client, &sender, &self.me, *link, 1);
                let (from, link) = (from.clone(), *link);
                let source = from.as_str().to_owned();
                let origin = Origin::Received { from, link };
                return fitting(runtime.block_on(asked), &source, origin, damaged);
            }
        };
        fitting(page, source, origin, damaged)
    }
}

/// The event of a page that the entry can have held.
fn fitting(
    page: Result<log::Page, log::LogError>,
    source: &str,
    origin: Origin,
    damaged: &DamagedEntry,
) -> Option<Replacement> {
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            eprintln!("entry {}: {error}", damaged.index);
            return None;
        }
    };
    let fits = |signed: &Signed| damaged.fits(signed);
    let event = page.events.into_iter().find(|event| fits(&event.signed))?;
    Some(Replacement {
        signed: event.signed,
        origin,
        deliveries: None,
        source: if page.unit.is_empty() {
            source.to_owned()
        } else {
            page.unit
        },
    })
}
