//! How long the personal data of a dossier has to be kept after its end, by procedure or by field: a
//! table of its own, since the law on archives names kinds of documents, not versions of procedures.

use chrono::NaiveDate;
use dossier::ids::ProcedureCode;
use dossier::privacy::Retention;
use serde::Deserialize;

use crate::catalogue::Catalogue;
use crate::error::Faults;
use crate::period::Period;
use crate::procedures::Listing;
use crate::table;

const REQUIRED: [&str; 7] = [
    "code", "field", "document", "keep", "basis", "known", "source",
];
const OPTIONAL: [&str; 2] = ["valid_from", "valid_to"];

/// A row: for one procedure, or for a whole field.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The procedure; none for all of the field.
    code: Option<ProcedureCode>,
    field: String,
    retention: Retention,
    valid: Period,
    line: u64,
}

#[derive(Deserialize)]
struct Row {
    code: String,
    field: String,
    /// What the law calls the thing that is kept: words for whoever reads the table.
    document: String,
    keep: String,
    basis: String,
    /// Whether the text of the law was read, or the rule is only assumed.
    known: String,
    source: String,
    #[serde(default)]
    valid_from: String,
    #[serde(default)]
    valid_to: String,
}

/// Reads the table, whose codes and fields stand in `listing`. Rows that are wrong are left out and
/// told of.
pub(crate) fn read(text: &str, listing: &Listing, faults: &mut Faults<'_>) -> Vec<Kept> {
    let mut rules: Vec<Kept> = Vec::new();
    for (line, row) in table::rows::<Row>(text, &REQUIRED, &OPTIONAL, faults) {
        match entry(row, listing, line) {
            Err(problem) => faults.at_line(line, problem),
            Ok(rule) => {
                let same = |other: &&Kept| {
                    (&other.code, &other.field) == (&rule.code, &rule.field)
                        && other.valid.overlaps(&rule.valid)
                };
                match rules.iter().find(same) {
                    Some(other) => faults.at_line(
                        line,
                        format!(
                            "line {} says for the same days how long this is kept; give one of them a valid_to",
                            other.line
                        ),
                    ),
                    None => rules.push(rule),
                }
            }
        }
    }
    rules
}

fn entry(row: Row, listing: &Listing, line: u64) -> Result<Kept, String> {
    let code = match row.code.trim() {
        "" => None,
        code => Some(ProcedureCode::parse(code).map_err(|error| error.to_string())?),
    };
    let field = row.field.trim().to_owned();
    if code.is_some() != field.is_empty() {
        return Err("name either a procedure's code or a field, not both".to_owned());
    }
    if let Some(code) = code.as_ref().filter(|code| !listing.contains_key(*code)) {
        return Err(format!("{code} is in no register of procedures"));
    }
    let mut listed = listing.values().flatten();
    if code.is_none() && !listed.any(|listed| listed.field == field) {
        return Err(format!("no procedure is in the field {field:?}"));
    }
    for (column, text) in [
        ("document", &row.document),
        ("basis", &row.basis),
        ("source", &row.source),
    ] {
        if text.trim().is_empty() {
            return Err(format!("the rule has no {column}"));
        }
    }
    if !matches!(row.known.as_str(), "read" | "assumed") {
        return Err(format!(
            "known is {:?}; write read where the text of the law was read, or assumed",
            row.known
        ));
    }
    let years = match row.keep.as_str() {
        "forever" => None,
        years => match years.parse() {
            Ok(years) if (1..=200).contains(&years) => Some(years),
            _ => {
                return Err(format!(
                    "keep is {years:?}; write a number of years from 1 to 200, or forever"
                ));
            }
        },
    };
    Ok(Kept {
        code,
        field,
        retention: Retention {
            years,
            basis: row.basis,
        },
        valid: Period::parse(&row.valid_from, &row.valid_to)?,
        line,
    })
}

impl Catalogue {
    /// How long dossiers of a procedure in a field are kept, by the rules in force on `date`: the
    /// procedure's own, or that of its field. None where nobody has written down a rule.
    pub fn retention(
        &self,
        code: &ProcedureCode,
        field: &str,
        date: NaiveDate,
    ) -> Option<&Retention> {
        let in_force = || {
            self.retention
                .iter()
                .filter(|rule| rule.valid.holds_on(date))
        };
        let own = in_force().find(|rule| rule.code.as_ref() == Some(code));
        let of_field = || in_force().find(|rule| rule.code.is_none() && rule.field == field);
        own.or_else(of_field).map(|rule| &rule.retention)
    }
}
