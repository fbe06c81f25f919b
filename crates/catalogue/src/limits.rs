//! Limits that differ by channel or by case: a second table beside the procedures. What a
//! mountainous commune, a wanted certificate or a verification changes is a case, and cases are
//! options that the desk chooses at reception.

use std::collections::BTreeMap;

use calendar::Limit;
use dossier::ids::ProcedureCode;
use dossier::intake::Channel;
use serde::Deserialize;

use crate::error::Faults;
use crate::period::Period;
use crate::table;

const REQUIRED: [&str; 8] = [
    "code", "channel", "option", "case", "limit", "unit", "basis", "source",
];
const OPTIONAL: [&str; 2] = ["valid_from", "valid_to"];

/// Limits of every code that has more than its own, in the order of the file: the first that
/// matches holds.
pub(crate) type Limits = BTreeMap<ProcedureCode, Vec<CaseLimit>>;

/// A limit for a channel, for options, or for both.
#[derive(Debug, Clone)]
pub(crate) struct CaseLimit {
    pub(crate) channel: Option<Channel>,
    /// All of them have to be chosen.
    pub(crate) options: Vec<String>,
    pub(crate) limit: Limit,
    pub(crate) basis: String,
    pub(crate) source: String,
    pub(crate) valid: Period,
    pub(crate) line: u64,
}

impl CaseLimit {
    pub(crate) fn is_for(&self, channel: Channel, options: &[String]) -> bool {
        self.channel.is_none_or(|own| own == channel)
            && self.options.iter().all(|option| options.contains(option))
    }

    /// Whether it holds wherever `other` would, so that `other` after it is never reached.
    fn covers(&self, other: &Self) -> bool {
        self.valid.overlaps(&other.valid)
            && (self.channel.is_none() || self.channel == other.channel)
            && self.options.iter().all(|o| other.options.contains(o))
    }
}

#[derive(Deserialize)]
struct Row {
    code: String,
    channel: String,
    option: String,
    /// Words for whoever reads the table; the option is what the machine knows.
    case: String,
    limit: String,
    unit: String,
    basis: String,
    source: String,
    #[serde(default)]
    valid_from: String,
    #[serde(default)]
    valid_to: String,
}

/// Reads the table. Rows that are wrong are left out and told of.
pub(crate) fn read(text: &str, faults: &mut Faults<'_>) -> Limits {
    let mut limits = Limits::new();
    for (line, row) in table::rows::<Row>(text, &REQUIRED, &OPTIONAL, faults) {
        match entry(row, line) {
            Err(problem) => faults.at_line(line, problem),
            Ok((code, entry)) => {
                let rows = limits.entry(code.clone()).or_default();
                match rows.iter().find(|earlier| earlier.covers(&entry)) {
                    Some(earlier) => faults.at_line(
                        line,
                        format!(
                            "{code}: line {} matches wherever this row would, so it is never chosen; put this row first",
                            earlier.line
                        ),
                    ),
                    None => rows.push(entry),
                }
            }
        }
    }
    limits
}

fn entry(row: Row, line: u64) -> Result<(ProcedureCode, CaseLimit), String> {
    let code = ProcedureCode::parse(&row.code).map_err(|error| error.to_string())?;
    let named = |problem: String| format!("{code}: {problem}");
    let channel = match row.channel.as_str() {
        "" => None,
        "direct" => Some(Channel::Direct),
        "online" => Some(Channel::Online),
        "post" => Some(Channel::Post),
        other => {
            return Err(format!(
                "{code}: the channel {other:?} is not known; write direct, online, post or nothing"
            ));
        }
    };
    let options: Vec<String> = row
        .option
        .split('+')
        .map(|option| option.trim().to_owned())
        .filter(|option| !option.is_empty())
        .collect();
    if channel.is_none() && options.is_empty() {
        return Err(format!(
            "{code}: names neither a channel nor an option; the procedure's own limit stands in its register"
        ));
    }
    for (column, text) in [
        ("case", &row.case),
        ("basis", &row.basis),
        ("source", &row.source),
    ] {
        if text.trim().is_empty() {
            return Err(format!("{code}: the limit has no {column}"));
        }
    }
    let limit = table::limit(&row.limit, &row.unit).map_err(named)?;
    let valid = Period::parse(&row.valid_from, &row.valid_to).map_err(named)?;
    Ok((
        code,
        CaseLimit {
            channel,
            options,
            limit,
            basis: row.basis,
            source: row.source,
            valid,
            line,
        },
    ))
}
