//! The register of procedures: one row each, with its level and the time that the law gives.

use std::collections::BTreeMap;

use calendar::{Limit, LimitUnit};
use dossier::ids::ProcedureCode;
use serde::Deserialize;

use crate::error::Faults;
use crate::unit::Level;

/// A row of the register.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) field: String,
    pub(crate) levels: Vec<Level>,
    pub(crate) at_once: bool,
    pub(crate) limit: Limit,
    pub(crate) basis: String,
    pub(crate) line: u64,
}

#[derive(Deserialize)]
struct Row {
    code: String,
    name: String,
    field: String,
    level: String,
    at_once: String,
    limit: u32,
    unit: LimitUnit,
    basis: String,
    source: String,
}

/// Reads the table. Rows that are wrong are left out and told of.
pub(crate) fn read(text: &str, faults: &mut Faults<'_>) -> BTreeMap<ProcedureCode, Listed> {
    let mut listed: BTreeMap<ProcedureCode, Listed> = BTreeMap::new();
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            faults.at_line(1, error.to_string());
            return listed;
        }
    };
    for record in reader.records() {
        let (line, row) = match record {
            Ok(record) => (
                record.position().map_or(1, csv::Position::line),
                record.deserialize::<Row>(Some(&header)),
            ),
            Err(error) => (error.position().map_or(1, csv::Position::line), Err(error)),
        };
        let read = row
            .map_err(|error| error.to_string())
            .and_then(|row| entry(row, line));
        match read {
            Err(problem) => faults.at_line(line, problem),
            Ok((code, entry)) => match listed.get(&code) {
                Some(earlier) => faults.at_line(
                    line,
                    format!(
                        "{code} stands on line {} already; list each code once",
                        earlier.line
                    ),
                ),
                None => {
                    listed.insert(code, entry);
                }
            },
        }
    }
    listed
}

fn entry(row: Row, line: u64) -> Result<(ProcedureCode, Listed), String> {
    let code = ProcedureCode::parse(&row.code).map_err(|error| error.to_string())?;
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
    let levels = row
        .level
        .split('|')
        .map(|level| match level {
            "district" => Ok(Level::District),
            "commune" => Ok(Level::Commune),
            other => Err(format!(
                "{code} has the level {other:?}; write district, commune or district|commune"
            )),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let at_once = match row.at_once.as_str() {
        "yes" => true,
        "no" => false,
        other => return Err(format!("{code} has at_once {other:?}; write yes or no")),
    };
    let limit = Limit::new(row.limit, row.unit).map_err(|error| format!("{code}: {error}"))?;
    if at_once && limit != Limit::SAME_DAY {
        return Err(format!(
            "{code} is returned at once but has a limit of {limit}; give 0,same_day"
        ));
    }
    let Row {
        name, field, basis, ..
    } = row;
    Ok((
        code,
        Listed {
            name,
            field,
            levels,
            at_once,
            limit,
            basis,
            line,
        },
    ))
}
