//! Where what stands on a form comes from: events and names of units from the projector, persons
//! from the home, names of papers that old events do not carry from the registers.

use std::path::Path;

use anyhow::{Context, bail};
use calendar::Calendar;
use catalogue::{Asked, Catalogue};
use data_encoding::BASE64;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId, UnitId};
use dossier::intake::Received;
use exchange::Connection;
use exchange::subject::{self, UnitToken};
use forms::{Applicant, Names};
use history::Statement;
use projector::answer::{Answer, Body};
use projector::told::Told;
use serde_json::json;
use unit::reader::Persons;

use crate::asking::{ask, reach};

/// A dossier and everything said about it.
#[derive(Debug)]
pub(super) struct Dossier {
    pub(super) code: DossierCode,
    pub(super) statements: Vec<Statement>,
    /// The profile's working time with the days declared later.
    pub(super) calendar: Calendar,
}

impl Dossier {
    fn receptions(&self) -> impl Iterator<Item = (&Statement, &Received)> {
        self.statements.iter().filter_map(|s| match s.fact()? {
            Fact::Received(received) => Some((s, received.as_ref())),
            _ => None,
        })
    }

    pub(super) fn is_received(&self) -> bool {
        self.receptions().next().is_some()
    }

    /// Whether its persons can be read by nobody any more.
    pub(super) fn is_erased(&self) -> bool {
        let mut facts = self.statements.iter().filter_map(Statement::fact);
        facts.any(|fact| matches!(fact, Fact::ErasureOrdered(_) | Fact::Erased(_)))
    }
}

/// Services that answer.
pub(super) struct Sources {
    connection: Connection,
}

impl Sources {
    pub(super) async fn reach(nats: &str) -> anyhow::Result<Self> {
        let connection = reach(nats).await?;
        Ok(Self { connection })
    }

    /// A dossier by its code, or by one that somebody else gave it.
    pub(super) async fn dossier(&self, called: &str) -> anyhow::Result<Dossier> {
        let subject = subject::query("events")?;
        let mut statements = Vec::new();
        let mut skip = 0;
        loop {
            let question = json!({ "code": called, "skip": skip });
            let answer: Answer = ask(&self.connection, &subject, &question).await?;
            let Body::Events(told) = answer.body else {
                bail!("{subject} answered something else; are both programs of one version?");
            };
            for event in &told.events {
                let bytes = BASE64
                    .decode(event.bytes.as_bytes())
                    .with_context(|| format!("reading an event of {called}"))?;
                statements.push(Statement::read(&bytes)?);
            }
            match told.next {
                Some(next) if next > skip => skip = next,
                _ => {
                    let calendar = working_time(&told)?;
                    let code = told.code;
                    return Ok(Dossier {
                        code,
                        statements,
                        calendar,
                    });
                }
            }
        }
    }

    /// The names of all units.
    pub(super) async fn units(&self) -> anyhow::Result<Vec<(UnitId, String)>> {
        let subject = subject::query("units")?;
        let answer: Answer = ask(&self.connection, &subject, &json!({})).await?;
        let Body::Units(told) = answer.body else {
            bail!("{subject} answered something else; are both programs of one version?");
        };
        Ok(told.units.into_iter().map(|c| (c.id, c.name)).collect())
    }

    /// The persons of a dossier, opened by its home.
    pub(super) async fn persons(
        &self,
        home: &UnitId,
        officer: &OfficerId,
        dossier: &Dossier,
    ) -> anyhow::Result<Applicant> {
        let (first, _) = dossier.receptions().next().context("not received")?;
        let subject = subject::command(&UnitToken::parse(home.as_str())?, "applicant")?;
        // That the persons were read is recorded; the identity of the question only has to be one.
        let question = json!({
            "id": first.id, "officer": officer, "dossier": dossier.code, "data": { "purpose": "form" },
        });
        let persons: Persons = ask(&self.connection, &subject, &question).await?;
        Ok(Applicant {
            owner: persons.applicant,
            delegate: persons.delegate,
        })
    }
}

fn working_time(told: &Told) -> anyhow::Result<Calendar> {
    let hours = told
        .office_hours
        .parse()
        .context("reading the office hours")?;
    let mut calendar = Calendar::published().clone().with_hours(hours);
    for said in told.declarations.iter().map(|d| &d.declared) {
        calendar = calendar
            .amended(&said.declaration, said.number)
            .context("amending the calendar by the declared days")?;
    }
    Ok(calendar)
}

/// Registers of procedures, for the names of papers: older events carry their positions only.
pub(super) struct Registers(Catalogue);

impl Registers {
    /// Reads the directory of registers and that of the profile.
    pub(super) fn load(registers: &Path, profile: &Path) -> anyhow::Result<Self> {
        Ok(Self(Catalogue::load(registers, profile)?))
    }

    /// Adds the papers of the procedure that the dossier pinned. A list of another version is not
    /// taken: the receipt then names papers by their position.
    pub(super) fn name_papers(&self, names: Names, dossier: &Dossier) -> Names {
        let mut names = names;
        for (statement, received) in dossier.receptions() {
            let pinned = &received.procedure;
            let asked = Asked {
                date: statement.at.date_naive(),
                channel: received.channel,
                options: &received.particulars.options,
            };
            let offered = self.0.procedure_for(&statement.unit, &pinned.code, &asked);
            let same = offered
                .ok()
                .filter(|(offered, _)| offered.version == pinned.version);
            if let Some((offered, _)) = same {
                let papers = offered.papers.into_iter().map(|paper| paper.name).collect();
                names = names.with_papers(pinned, papers);
            }
        }
        names
    }
}
