//! Tables that people edit, as CSV with comments: columns checked once, rows with their lines.

use serde::de::{DeserializeOwned, IntoDeserializer, value};

use calendar::{Limit, LimitUnit};
use serde::Deserialize;

use crate::error::Faults;

/// Reads the rows of a table with these columns, of which the optional ones may be left out.
/// Rows that cannot be read are left out and told of; a wrong header leaves nothing.
pub(crate) fn rows<R: DeserializeOwned>(
    text: &str,
    required: &[&str],
    optional: &[&str],
    faults: &mut Faults<'_>,
) -> Vec<(u64, R)> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            faults.at_line(1, error.to_string());
            return Vec::new();
        }
    };
    let at = header.position().map_or(1, csv::Position::line);
    let columns_are_known = check_columns(&header, required, optional, at, faults);
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                faults.at_line(line, error.to_string());
            }
            Ok(record) => {
                let line = record.position().map_or(1, csv::Position::line);
                if record.len() != header.len() {
                    faults.at_line(
                        line,
                        format!(
                            "the row has {} fields and the header {}; quote what holds a comma",
                            record.len(),
                            header.len()
                        ),
                    );
                } else if columns_are_known {
                    match record.deserialize(Some(&header)) {
                        Ok(row) => rows.push((line, row)),
                        Err(error) => faults.at_line(line, error.to_string()),
                    }
                }
            }
        }
    }
    rows
}

fn check_columns(
    header: &csv::StringRecord,
    required: &[&str],
    optional: &[&str],
    line: u64,
    faults: &mut Faults<'_>,
) -> bool {
    let before = faults.found.len();
    for missing in required
        .iter()
        .filter(|name| header.iter().all(|column| column != **name))
    {
        faults.at_line(line, format!("the column {missing} is missing"));
    }
    for (position, column) in header.iter().enumerate() {
        if !required.contains(&column) && !optional.contains(&column) {
            faults.at_line(
                line,
                format!(
                    "the column {column:?} is not known; the columns are {} and, where needed, {}",
                    required.join(", "),
                    optional.join(", ")
                ),
            );
        } else if header.iter().take(position).any(|other| other == column) {
            faults.at_line(line, format!("the column {column} occurs twice"));
        }
    }
    faults.found.len() == before
}

/// Reads a limit out of its two columns. A number alone is no limit: portals publish "1 OTHER".
pub(crate) fn limit(amount: &str, unit: &str) -> Result<Limit, String> {
    let (amount, unit) = (amount.trim(), unit.trim());
    if unit.is_empty() {
        return Err(format!(
            "the limit {amount:?} has no unit; write working_days, days, working_hours, hours, months, same_day or none_stated"
        ));
    }
    let read: Result<LimitUnit, value::Error> = LimitUnit::deserialize(unit.into_deserializer());
    let unit = read.map_err(|_| {
        format!(
            "{unit:?} is no unit of a limit; write working_days, days, working_hours, hours, months, same_day or none_stated"
        )
    })?;
    let amount: u32 = amount.parse().map_err(|_| {
        format!("the limit {amount:?} is no whole number; write half days in working_hours")
    })?;
    Limit::new(amount, unit).map_err(|error| error.to_string())
}
