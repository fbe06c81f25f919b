//! `motcua report`: the reports of a period, from the projector; and closing a period at its unit.

use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use calendar::{Moment, parse_moment};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use data_encoding::HEXLOWER;
use dossier::ids::{OfficerId, ProcedureCode, UnitId};
use exchange::Connection;
use exchange::subject::{self, UnitToken};
use projector::answer::{Answer, Body, Report as Answered};
use projector::paging::joined;
use projector::query::{self, ReportQuery};
use report::ii06a::{Change, Column, Statement, beside};
use report::scope;
use report::sheet::Cell;
use report::{Period, RuleSet, Sheet, sheet};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::asking::{ask, reach};
use crate::written::Writing;

/// A report of a period.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Which report.
    #[arg(value_enum)]
    form: Form,
    /// The period: 2018, 2018-Q1, 2018-01, 2018-01-15 or 2018-01-01..2018-03-31.
    #[arg(long, conflicts_with_all = ["from", "to"], required_unless_present_all = ["from", "to"])]
    period: Option<Period>,
    /// First day, such as 2018-01-01.
    #[arg(long, requires = "to")]
    from: Option<NaiveDate>,
    /// Last day.
    #[arg(long, requires = "from")]
    to: Option<NaiveDate>,
    /// Of this unit only.
    #[arg(long, value_parser = UnitId::parse)]
    unit: Option<UnitId>,
    /// As what the unit is looked at: as the desk that received, or as the one that decides.
    #[arg(long, value_enum, default_value_t = Role::Home)]
    role: Role,
    /// Of this field only.
    #[arg(long)]
    field: Option<String>,
    /// Of this procedure only.
    #[arg(long, value_parser = ProcedureCode::parse)]
    procedure: Option<ProcedureCode>,
    /// The meanings of "on time", separated by commas: ii06a, original, qd766, tt01.
    #[arg(long, value_delimiter = ',', default_value = "ii06a")]
    rules: Vec<RuleSet>,
    /// By what the rows are made.
    #[arg(long, value_enum, default_value_t = Grouping::Field)]
    by: Grouping,
    /// Only what had been recorded by then, RFC 3339.
    #[arg(long, value_parser = parse_moment)]
    known_by: Option<Moment>,
    /// The dossiers behind this column of form II.06a, 3 to 13, instead of the form.
    #[arg(long)]
    column: Option<u8>,
    /// In this row only, such as the name of a field.
    #[arg(long, requires = "column")]
    row: Option<String>,
    /// Close the period at the unit: what the form says now is recorded there. Needs --unit.
    #[arg(long, requires = "unit", conflicts_with_all = ["column", "known_by"])]
    close: bool,
    /// Tell a closed period otherwise, with this reason. Needs --unit.
    #[arg(long, requires = "unit", value_name = "REASON", conflicts_with_all = ["close", "column", "known_by"])]
    restate: Option<String>,
    /// Who closes or restates.
    #[arg(long, default_value = "lanh-dao", value_parser = OfficerId::parse)]
    officer: OfficerId,
    /// Identity of the closing command; without it the same statement has the same one, so that it
    /// can be repeated safely.
    #[arg(long)]
    id: Option<Uuid>,
    #[command(flatten)]
    writing: Writing,
    /// The broker.
    #[arg(long, env = "MOTCUA_NATS", default_value = "nats://127.0.0.1:4222")]
    nats: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// II.06a/VPCP/KSTT.
    #[value(name = "06a")]
    Ii06a,
    /// Sổ theo dõi hồ sơ.
    Register,
    /// The progress indicators of QĐ 766/QĐ-TTg.
    #[value(name = "766")]
    Index766,
    /// Whose delay.
    Delay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    Home,
    Competent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Grouping {
    Field,
    Procedure,
    Unit,
}

impl From<Form> for query::Form {
    fn from(form: Form) -> Self {
        match form {
            Form::Ii06a => Self::Ii06a,
            Form::Register => Self::Register,
            Form::Index766 => Self::Index766,
            Form::Delay => Self::Delay,
        }
    }
}

impl From<Role> for scope::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Home => Self::Home,
            Role::Competent => Self::Competent,
        }
    }
}

impl From<Grouping> for scope::Grouping {
    fn from(grouping: Grouping) -> Self {
        match grouping {
            Grouping::Field => Self::Field,
            Grouping::Procedure => Self::Procedure,
            Grouping::Unit => Self::Unit,
        }
    }
}

impl Report {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        self.writing.check()?;
        let closes = self.close || self.restate.is_some();
        ensure!(
            !closes || (self.form == Form::Ii06a && self.rules.len() == 1),
            "a period is closed by form 06a under one rule set; name one with --rules"
        );
        let period = match (self.period, self.from, self.to) {
            (Some(period), ..) => period,
            (None, Some(from), Some(to)) => Period::of_days(from, to)?,
            _ => bail!("name the period with --period, or with --from and --to"),
        };
        crate::runtime()?.block_on(async {
            let connection = reach(&self.nats).await?;
            let (mut sheets, mut answers) = (Vec::new(), Vec::new());
            for rules in &self.rules {
                let (answer, known_by) = self.asked(&connection, period, *rules).await?;
                ensure!(
                    answer.broken.is_empty(),
                    "the form contradicts itself, so nothing is written; rebuild the projector \
                     (`motcua ask rebuild`) and ask again: {}",
                    answer.broken.join("; ")
                );
                sheets.extend(answer.sheets.iter().cloned());
                // Who asks for one cell gets its dossiers and nothing else.
                sheets.extend(since(&answer).filter(|_| self.column.is_none()));
                answers.push((answer, known_by));
            }
            if self.column.is_none() {
                let stated: Vec<&Statement> = answers
                    .iter()
                    .filter_map(|(a, _)| a.statement.as_ref())
                    .collect();
                sheets.extend(beside(&stated));
            }
            self.writing.write(&sheets, &answers)?;
            if let Some((answer, known_by)) = answers.first().filter(|_| closes) {
                self.state(&connection, period, answer, *known_by).await?;
            }
            Ok(ExitCode::SUCCESS)
        })
    }

    /// The whole report under one rule set, however many answers it takes.
    async fn asked(
        &self,
        connection: &Connection,
        period: Period,
        rules: RuleSet,
    ) -> anyhow::Result<(Answered, Moment)> {
        let subject = subject::query("report")?;
        let mut question = self.question(period, rules)?;
        let mut parts = Vec::new();
        loop {
            let answer: Answer = ask(connection, &subject, &json!(question)).await?;
            let now = answer.now;
            let Body::Report(mut told) = answer.body else {
                bail!("{subject} answered something else; are both programs of one version?");
            };
            parts.push(std::mem::take(&mut told.sheets));
            match told.next {
                Some(next) => question.skip = next,
                None => {
                    told.sheets = joined(parts);
                    return Ok((told, now));
                }
            }
        }
    }

    fn question(&self, period: Period, rules: RuleSet) -> anyhow::Result<ReportQuery> {
        let column = match self.column {
            None => None,
            Some(number) => {
                let known = Column::ALL.into_iter().find(|c| c.number() == number);
                Some(known.with_context(|| {
                    format!("form II.06a has no column {number} of dossiers; name 3 to 13")
                })?)
            }
        };
        Ok(ReportQuery {
            form: self.form.into(),
            from: period.first_day(),
            until: period.last_day(),
            rules,
            unit: self.unit.clone(),
            role: self.role.into(),
            field: self.field.clone(),
            procedure: self.procedure.clone(),
            group_by: self.by.into(),
            known_by: self.known_by,
            column,
            row: self.row.clone(),
            skip: 0,
        })
    }

    /// Sends the statement to the unit that closes or restates the period.
    async fn state(
        &self,
        connection: &Connection,
        period: Period,
        answer: &Answered,
        known_by: Moment,
    ) -> anyhow::Result<()> {
        let unit = self.unit.as_ref().context("name the unit with --unit")?;
        let (Some(rows), Some(rules)) = (&answer.statement, self.rules.first()) else {
            bail!("the projector gave no statement to close the period with");
        };
        let (name, data) = match &self.restate {
            None => (
                "close_period",
                json!({
                    "form": "ii06a", "from": period.from(), "to": period.to(),
                    "rules": rules, "known_by": known_by, "rows": rows,
                }),
            ),
            Some(reason) => {
                let closed = answer
                    .closed
                    .iter()
                    .find(|closed| closed.unit == *unit)
                    .context("this period was not closed by that unit; close it first")?;
                (
                    "restate_period",
                    json!({
                        "closed": closed.event, "reason": reason,
                        "known_by": known_by, "rows": rows,
                    }),
                )
            }
        };
        let command = json!({
            "id": self.id.map_or_else(|| identity(name, rows), Ok)?,
            "officer": self.officer, "data": data,
        });
        let subject = subject::command(&UnitToken::parse(unit.as_str())?, name)?;
        let said: Value = ask(connection, &subject, &command).await?;
        eprintln!("{said}");
        Ok(())
    }
}

/// The same statement under the same command is the same command.
fn identity(name: &str, statement: &Statement) -> anyhow::Result<Uuid> {
    let mut bytes = [0; 16];
    let hash = HEXLOWER.decode(statement.sha256.as_bytes());
    let hash = hash.context("reading the hash of the statement")?;
    for (byte, hashed) in bytes.iter_mut().zip(hash) {
        *byte = hashed ^ name.as_bytes()[0];
    }
    Ok(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// What is told otherwise than when the period was closed, as a sheet of its own.
fn since(answer: &Answered) -> Option<Sheet> {
    let closed = answer.closed.last()?;
    let codes = |codes: &[dossier::ids::DossierCode]| {
        let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        Cell::from(codes.join(", "))
    };
    let row = |change: &Change| {
        vec![
            Cell::from(change.row.as_str()),
            Cell::from(i64::from(change.column.number())),
            codes(&change.gone),
            codes(&change.come),
        ]
    };
    let head = format!(
        "Kỳ đã khóa lúc {} bởi {} (sự kiện {}); điều chỉnh {} lần",
        sheet::moment(closed.at),
        closed.officer.as_str(),
        closed.event,
        closed.restated.len()
    );
    let restated = closed.restated.iter().map(|restated| {
        let at = sheet::moment(restated.at);
        let officer = restated.officer.as_str();
        format!("Điều chỉnh lúc {at} bởi {officer}: {}", restated.reason)
    });
    Some(Sheet {
        title: "Thay đổi so với số liệu đã khóa".to_owned(),
        subtitle: [head].into_iter().chain(restated).collect(),
        columns: ["Dòng", "Cột", "Hồ sơ không còn", "Hồ sơ thêm"]
            .map(sheet::Column::named)
            .to_vec(),
        rows: answer.changes.iter().map(row).collect(),
        notes: Vec::new(),
    })
}
