//! `motcua form`: the forms of a dossier, filled from its events as they stood on that day.

mod pdf;
mod sources;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use calendar::{Moment, parse_moment};
use clap::{Args, ValueEnum};
use dossier::ids::{OfficerId, UnitId};
use forms::{Applicant, Available, Entry, FormId, Kind, Names, available};
use report::sheet::moment;
use uuid::Uuid;

use crate::say;
use sources::{Dossier, Registers, Sources};

/// List the forms of a dossier, or print one of them.
#[derive(Debug, Args)]
pub(crate) struct Form {
    /// The unit that took the dossier in, such as H33-27-04: it alone opens the persons' names.
    #[arg(value_parser = UnitId::parse)]
    unit: UnitId,
    /// The dossier's code; for the register as many as it is to hold.
    #[arg(required = true)]
    dossiers: Vec<String>,
    /// Which form, by set and number: tt01/1 to tt01/6, tt03/1 to tt03/7. Lists them without it.
    #[arg(long)]
    form: Option<FormId>,
    /// The event that gave rise to it; the latest that did without it.
    #[arg(long, conflicts_with = "as_of")]
    event: Option<Uuid>,
    /// For the register: as it stood then, RFC 3339, such as 2026-12-31T17:00:00+07:00.
    #[arg(long, value_parser = parse_moment)]
    as_of: Option<Moment>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// The file to write; standard output without it, for HTML alone.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leave the persons' lines dotted, to be filled in by hand.
    #[arg(long)]
    blank: bool,
    /// Who asks for the persons' names.
    #[arg(long, default_value = "motcua", value_parser = OfficerId::parse)]
    officer: OfficerId,
    /// Directory of the registers, for names of papers that old events do not carry.
    #[arg(long, value_name = "DIR", requires = "profile")]
    registers: Option<PathBuf>,
    /// Directory of the profile, with its register of units.
    #[arg(long, value_name = "DIR", requires = "registers")]
    profile: Option<PathBuf>,
    /// The broker.
    #[arg(long, env = "MOTCUA_NATS", default_value = "nats://127.0.0.1:4222")]
    nats: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Html,
    Pdf,
}

impl Form {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let is_register = self.form.is_some_and(|form| form.kind() == Kind::Register);
        ensure!(
            is_register || self.dossiers.len() == 1,
            "only the register, tt01/6 or tt03/7, takes more than one dossier"
        );
        ensure!(
            self.format == Format::Html || self.output.is_some(),
            "a PDF goes to a file; name it with --output"
        );
        crate::runtime()?.block_on(async {
            let sources = Sources::reach(&self.nats).await?;
            let mut dossiers = Vec::new();
            for code in &self.dossiers {
                dossiers.push(sources.dossier(code).await?);
            }
            match (self.form, dossiers.as_slice()) {
                (None, [dossier]) => list(dossier)?,
                (Some(form), dossiers) => {
                    let page = self.page(&sources, form, dossiers).await?;
                    self.write(&page).await?;
                }
                (None, _) => bail!("name the form with --form"),
            }
            Ok(ExitCode::SUCCESS)
        })
    }

    async fn page(
        &self,
        sources: &Sources,
        form: FormId,
        dossiers: &[Dossier],
    ) -> anyhow::Result<String> {
        let registers = match self.registers.as_deref().zip(self.profile.as_deref()) {
            Some((registers, profile)) => Some(Registers::load(registers, profile)?),
            None => None,
        };
        let mut names = Names::of_units(sources.units().await?);
        let mut persons = Vec::new();
        for dossier in dossiers {
            if let Some(registers) = &registers {
                names = registers.name_papers(names, dossier);
            }
            persons.push(self.persons(sources, dossier).await?);
        }
        if form.kind() == Kind::Register {
            return self.register(form, dossiers, &persons, &names);
        }
        let (Some(dossier), Some(persons)) = (dossiers.first(), persons.first()) else {
            bail!("name a dossier");
        };
        let event = match self.event {
            Some(event) => event,
            None => latest(form, dossier)?,
        };
        let Dossier {
            code,
            statements,
            calendar,
        } = dossier;
        let persons = persons.as_ref();
        let page = forms::render(form, code, statements, event, &names, persons, calendar);
        page.with_context(|| format!("filling form {form} of {}", code.as_str()))
    }

    fn register(
        &self,
        form: FormId,
        dossiers: &[Dossier],
        persons: &[Option<Applicant>],
        names: &Names,
    ) -> anyhow::Result<String> {
        let as_of = self
            .as_of
            .context("a register is printed as it stood at a moment; name it with --as-of")?;
        let entries: Vec<Entry<'_>> = dossiers
            .iter()
            .zip(persons)
            .map(|(dossier, persons)| Entry {
                code: &dossier.code,
                statements: &dossier.statements,
                applicant: persons.as_ref(),
            })
            .collect();
        forms::register(form, &self.unit, as_of, &entries, names)
            .with_context(|| format!("filling form {form} of {}", self.unit))
    }

    /// The persons, unless lines are to stay blank. What was never received has none that could be
    /// asked for, and of what was erased nobody has any.
    async fn persons(
        &self,
        sources: &Sources,
        dossier: &Dossier,
    ) -> anyhow::Result<Option<Applicant>> {
        if self.blank || !dossier.is_received() {
            return Ok(None);
        }
        if dossier.is_erased() {
            let code = dossier.code.as_str();
            eprintln!(
                "Dữ liệu cá nhân của hồ sơ {code} đã có lệnh xóa: các dòng về người nộp để trống"
            );
            return Ok(None);
        }
        let persons = sources.persons(&self.unit, &self.officer, dossier).await;
        persons
            .map(Some)
            .context("asking for the persons; --blank leaves their lines to be filled in by hand")
    }

    async fn write(&self, page: &str) -> anyhow::Result<()> {
        let bytes = match self.format {
            Format::Html => page.as_bytes().to_vec(),
            Format::Pdf => pdf::printed(page).await?,
        };
        match &self.output {
            Some(path) => {
                whole(path, &bytes).with_context(|| format!("writing {}", path.display()))
            }
            None => say(format_args!("{page}")),
        }
    }
}

/// Writes a file whole or not at all. It is readable by its owner alone: persons are named in it.
fn whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(parent.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

fn list(dossier: &Dossier) -> anyhow::Result<()> {
    let found = available(&dossier.code, &dossier.statements);
    if found.is_empty() {
        return say(format_args!(
            "Hồ sơ {} chưa có biểu mẫu nào",
            dossier.code.as_str()
        ));
    }
    for Available { form, event, at } in found {
        let at = moment(at);
        say(format_args!("{form}  {at}  {event}  {}", form.title()))?;
    }
    Ok(())
}

/// The latest event that gave rise to the form.
fn latest(form: FormId, dossier: &Dossier) -> anyhow::Result<Uuid> {
    let found = available(&dossier.code, &dossier.statements);
    if let Some(found) = found.iter().rfind(|found| found.form == form) {
        return Ok(found.event);
    }
    let mut there: Vec<String> = found.iter().map(|found| found.form.to_string()).collect();
    there.dedup();
    let code = dossier.code.as_str();
    if there.is_empty() {
        bail!("{code} has no form yet");
    }
    bail!(
        "{code} has no form {form} ({}); it has {}",
        form.title(),
        there.join(", ")
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("form.html");
        whole(&path, b"first").unwrap();
        whole(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
