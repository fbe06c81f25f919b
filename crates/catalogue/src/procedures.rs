//! The registers of procedures: one row for each version, with its level, the time that the law
//! gives, and from when until when it holds.

use std::collections::BTreeMap;

use calendar::Limit;
use dossier::ids::ProcedureCode;
use serde::Deserialize;

use crate::error::Faults;
use crate::period::Period;
use crate::table;
use crate::unit::Level;

const REQUIRED: [&str; 9] = [
    "code", "name", "field", "level", "at_once", "limit", "unit", "basis", "source",
];
const OPTIONAL: [&str; 3] = ["valid_from", "valid_to", "successor"];

/// Versions of every code, in the order of the files.
pub(crate) type Listing = BTreeMap<ProcedureCode, Vec<Listed>>;

/// A row of a register: one version of a procedure.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) field: String,
    /// Levels whose desks take it in; none where only a provincial desk does, or where the row only
    /// remembers a repealed code whose limit is not known.
    pub(crate) levels: Vec<Level>,
    pub(crate) at_once: bool,
    pub(crate) limit: Limit,
    pub(crate) basis: String,
    pub(crate) source: String,
    pub(crate) valid: Period,
    /// The code that took its place, where it was repealed.
    pub(crate) successor: Option<ProcedureCode>,
    pub(crate) file: String,
    pub(crate) line: u64,
}

#[derive(Deserialize)]
struct Row {
    code: String,
    name: String,
    field: String,
    level: String,
    at_once: String,
    limit: String,
    unit: String,
    basis: String,
    source: String,
    #[serde(default)]
    valid_from: String,
    #[serde(default)]
    valid_to: String,
    #[serde(default)]
    successor: String,
}

/// Reads one table into the listing. Rows that are wrong are left out and told of.
pub(crate) fn read(file: &str, text: &str, listing: &mut Listing, faults: &mut Faults<'_>) {
    for (line, row) in table::rows::<Row>(text, &REQUIRED, &OPTIONAL, faults) {
        match entry(row, file, line) {
            Err(problem) => faults.at_line(line, problem),
            Ok((code, entry)) => {
                let versions = listing.entry(code.clone()).or_default();
                match versions.iter().find(|v| v.valid.overlaps(&entry.valid)) {
                    Some(other) => faults.at_line(
                        line,
                        format!(
                            "{code} stands on line {} of {} already, for days that this row claims too; give one of them a valid_to",
                            other.line, other.file
                        ),
                    ),
                    None => versions.push(entry),
                }
            }
        }
    }
}

fn entry(row: Row, file: &str, line: u64) -> Result<(ProcedureCode, Listed), String> {
    let code = ProcedureCode::parse(&row.code).map_err(|error| error.to_string())?;
    let named = |problem: String| format!("{code}: {problem}");
    for (column, text) in [
        ("name", &row.name),
        ("field", &row.field),
        ("basis", &row.basis),
        ("source", &row.source),
    ] {
        if text.trim().is_empty() {
            return Err(format!("{code} has no {column}"));
        }
    }
    let at_once = match row.at_once.as_str() {
        "yes" => true,
        "no" => false,
        other => return Err(format!("{code} has at_once {other:?}; write yes or no")),
    };
    let valid = Period::parse(&row.valid_from, &row.valid_to).map_err(named)?;
    let successor = match row.successor.trim() {
        "" => None,
        text => Some(ProcedureCode::parse(text).map_err(|error| named(error.to_string()))?),
    };
    if successor.is_some() && valid.to.is_none() {
        return Err(format!(
            "{code} has a successor but no valid_to; say until when it was offered"
        ));
    }
    let forgotten = row.limit.is_empty() && row.unit.is_empty() && successor.is_some();
    let (limit, levels) = if forgotten {
        (Limit::NONE_STATED, Vec::new())
    } else {
        let limit = table::limit(&row.limit, &row.unit).map_err(named)?;
        (limit, levels(&row.level).map_err(named)?)
    };
    if at_once && limit != Limit::SAME_DAY {
        return Err(format!(
            "{code} is returned at once but has a limit of {limit}; give 0,same_day"
        ));
    }
    Ok((
        code,
        Listed {
            name: row.name,
            field: row.field,
            levels,
            at_once,
            limit,
            basis: row.basis,
            source: row.source,
            valid,
            successor,
            file: file.to_owned(),
            line,
        },
    ))
}

fn levels(written: &str) -> Result<Vec<Level>, String> {
    if written == "province" {
        return Ok(Vec::new());
    }
    written
        .split('|')
        .map(|level| match level {
            "district" => Ok(Level::District),
            "commune" => Ok(Level::Commune),
            other => Err(format!(
                "the level {other:?} is not known; write district, commune, district|commune or province"
            )),
        })
        .collect()
}
