//! Reports of a period: every dossier that the period holds, folded as it was known at the cut, and
//! handed to the crate `report`.
//!
//! A closed period is told again from what was known when it was closed: from each origin up to the
//! number that the closing statement names. It therefore never drifts, and what is told otherwise
//! today can be named dossier by dossier.

use std::collections::BTreeMap;

use calendar::{Calendar, Moment};
use dossier::dossier::Dossier;
use dossier::ids::{DossierCode, UnitId};
use history::{Cut, Statement, Tale, as_known, fold};
use report::delay::{Sums, divide};
use report::ii06a::{self, Heard, Table};
use report::index766::index;
use report::register::register;
use report::why::explain;
use report::{Names, Sheet};
use uuid::Uuid;

use crate::answer::Report;
use crate::closed::{self, ClosedPeriod};
use crate::directory::Directory;
use crate::query::{Form, QueryError, ReportQuery};
use crate::row::Row;
use crate::store::Store;

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The events.
    pub store: &'a Store,
    /// How many of them.
    pub upto: u64,
    /// Names of units.
    pub directory: &'a Directory,
    /// Working time, with the days declared later.
    pub calendar: &'a Calendar,
    /// Periods that were closed.
    pub closed: &'a [ClosedPeriod],
}

/// Up to where each origin is known; none is everything.
type Known = BTreeMap<(UnitId, Uuid), u64>;

/// The dossiers that a report of this kind may concern, out of the rows that are known.
pub fn candidates<'a>(
    rows: impl Iterator<Item = &'a Row>,
    query: &ReportQuery,
) -> Vec<DossierCode> {
    let to = query.period().map(|period| period.to());
    let asked = |row: &&Row| {
        let began = row.received_at.or(row.declined_at);
        let of_unit = |unit: &UnitId| row.home == *unit || row.competent.as_ref() == Some(unit);
        began.is_some_and(|at| to.as_ref().is_ok_and(|to| at < *to))
            && query.unit.as_ref().is_none_or(of_unit)
            && query.field.as_ref().is_none_or(|field| row.field == *field)
            && query
                .procedure
                .as_ref()
                .is_none_or(|code| row.procedure == *code)
    };
    rows.filter(asked).map(|row| row.code.clone()).collect()
}

/// Makes a report about `codes`.
///
/// # Errors
/// [`QueryError`] for a period that is none, days that no calendar covers, or a journal that cannot
/// be read.
pub fn report(
    sources: &Sources<'_>,
    query: &ReportQuery,
    codes: &[DossierCode],
) -> Result<Report, QueryError> {
    let period = query.period()?;
    let scope = query.scope();
    let names = names(sources.directory);
    let (tales, as_of) = tales(sources, period.cut(query.known_by), codes, None)?;
    let mut answer = Report {
        form: query.form,
        sheets: Vec::new(),
        next: None,
        broken: Vec::new(),
        statement: None,
        closed: Vec::new(),
        changes: Vec::new(),
    };
    match query.form {
        Form::Ii06a => {
            let table = ii06a::table(&tales, query.table(period), &names);
            answer.broken = table.check().iter().map(ToString::to_string).collect();
            answer.sheets = match query.column {
                Some(column) => vec![table.behind(query.row.as_deref(), column)],
                None => table.sheets(&names),
            };
            answer.statement = Some(table.stated(as_of).map_err(|error| unwritable(&error))?);
            for closed in closed::of(sources.closed, &table.query) {
                answer.changes = since(sources, codes, closed, &table, &names)?;
                answer.closed.push(closed.clone());
            }
        }
        Form::Register => answer.sheets = vec![register(&tales, period, &scope, &names)],
        Form::Index766 => {
            let index = index(&tales, period, &scope, sources.calendar)
                .map_err(|error| not_covered(&error))?;
            answer.sheets = vec![index.sheet(period, &scope, &names)];
        }
        Form::Delay => {
            let mut divisions = Vec::new();
            let scoped = tales.iter().filter(|tale| {
                let received = |d: &Dossier| d.received().is_some_and(|r| scope.holds(d, r));
                tale.dossier.as_ref().is_some_and(received)
            });
            for tale in scoped {
                let division = divide(tale, period.last(), sources.calendar);
                divisions.extend(division.map_err(|error| not_covered(&error))?);
            }
            // What ended before the period belongs to an earlier one.
            divisions.retain(|division| division.until >= period.from());
            let subtitle = [period.to_string(), scope.written(&names)];
            answer.sheets = Sums::of(&divisions).sheets(&names, &subtitle);
        }
    }
    Ok(answer)
}

/// Why a dossier is due when it is, as of `at`; none when it was not received by then.
///
/// # Errors
/// [`QueryError`] with status 422 for days that no calendar covers.
pub fn why(tale: &Tale, at: Moment, calendar: &Calendar) -> Result<Option<Sheet>, QueryError> {
    let explained = explain(tale, at, calendar).map_err(|error| not_covered(&error))?;
    Ok(explained.map(|why| why.sheet()))
}

/// The control slip of a dossier as of `at`; none when it was not received by then.
///
/// # Errors
/// As [`why`].
pub fn slip(
    tale: &Tale,
    at: Moment,
    calendar: &Calendar,
    directory: &Directory,
) -> Result<Option<Sheet>, QueryError> {
    let slip = report::slip::slip(tale, at, calendar, &names(directory));
    slip.map_err(|error| not_covered(&error))
}

fn names(directory: &Directory) -> Names {
    let cards = directory.cards();
    cards
        .map(|card| (card.id.clone(), card.name.clone()))
        .collect()
}

/// What is told otherwise today than when the period was closed.
fn since(
    sources: &Sources<'_>,
    codes: &[DossierCode],
    closed: &ClosedPeriod,
    today: &Table,
    names: &Names,
) -> Result<Vec<ii06a::Change>, QueryError> {
    let latest = closed.latest();
    let known: Known = latest
        .as_of
        .iter()
        .map(|heard| ((heard.unit.clone(), heard.epoch), heard.sequence))
        .collect();
    // What was known then is told by the numbers of the origins alone.
    let cut = today.query.period.cut(None);
    let (tales, _) = tales(sources, cut, codes, Some(&known))?;
    let then = ii06a::table(&tales, today.query.clone(), names);
    if !latest.is_of(&then) {
        let message = format!(
            "the statement that closed the period ({}) is not what its own events say: it was made \
             from something else, or this projector misses events of its origins",
            closed.event
        );
        return Err(QueryError::new(409, "report.statement_differs", message));
    }
    Ok(then.changes(today))
}

/// The dossiers folded at the cut, and up to where each origin they rest on is known.
fn tales(
    sources: &Sources<'_>,
    cut: Cut,
    codes: &[DossierCode],
    known: Option<&Known>,
) -> Result<(Vec<Tale>, Vec<Heard>), QueryError> {
    let within = |statement: &Statement| {
        known.is_none_or(|known| {
            known
                .get(&(statement.unit.clone(), statement.epoch))
                .is_some_and(|upto| statement.sequence <= *upto)
        })
    };
    let mut rested: Known = Known::new();
    let mut tales = Vec::with_capacity(codes.len());
    for code in codes {
        let mut statements = sources.store.about(code, sources.upto)?;
        statements.retain(|statement| within(statement));
        for statement in &statements {
            let upto = rested
                .entry((statement.unit.clone(), statement.epoch))
                .or_default();
            *upto = (*upto).max(statement.sequence);
        }
        tales.push(fold(code, as_known(&statements, cut)));
    }
    let heard = rested.into_iter().map(|((unit, epoch), sequence)| Heard {
        unit,
        epoch,
        sequence,
    });
    Ok((tales, heard.collect()))
}

fn not_covered(error: &impl ToString) -> QueryError {
    QueryError::new(422, "report.not_covered", error.to_string())
}

fn unwritable(error: &serde_json::Error) -> QueryError {
    QueryError::new(500, "report.json", error.to_string())
}
