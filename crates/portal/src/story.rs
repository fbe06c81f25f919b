//! What there is to tell about a dossier: its message, and the rows after those that were told.

use std::collections::BTreeMap;

use dossier::ids::DossierCode;
use history::{Statement, fold};
use serde_json::Value;
use uuid::Uuid;

use crate::check;
use crate::dossier_message::dossier_message;
use crate::names::Names;
use crate::partner::Partner;
use crate::progress::{ROWS_MAX, next_rows, ready};

/// What there is to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// The dossier's message as of now.
    pub record: Value,
    /// The next statements, at most ten, each with its row if it has one.
    pub rows: Vec<(Uuid, Option<Value>)>,
    /// Statements that wait for others which have not arrived.
    pub held: usize,
}

/// Why nothing is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untold {
    /// Nothing was heard of the desk yet.
    #[error("its desk has not been heard yet")]
    Unheard,
    /// It was invented.
    #[error(
        "it comes from a simulation; the portal is told of real dossiers only (`simulated = true` for a test portal)"
    )]
    Simulated,
    /// The message would break the published rules.
    #[error("its message breaks the published rules: {0}")]
    Unfit(String),
}

/// Whom a story is told to, and under which names.
#[derive(Debug, Clone)]
pub struct Manner {
    /// The receiver.
    pub partner: Partner,
    /// Names of units and procedures.
    pub names: Names,
    /// Whether invented dossiers are told: to a test portal only.
    pub simulated: bool,
}

/// What there is to tell about `code`, when the statements `told` were told in this order.
///
/// # Errors
/// [`Untold`].
pub fn story(
    code: &DossierCode,
    statements: &[Statement],
    told: &[Uuid],
    manner: &Manner,
) -> Result<Story, Untold> {
    let ready = ready(statements);
    let tale = fold(code, ready.iter().copied());
    if tale.dossier.is_none() {
        return Err(Untold::Unheard);
    }
    if tale.simulated && !manner.simulated {
        return Err(Untold::Simulated);
    }
    let message = dossier_message(&tale, &ready, &manner.partner, &manner.names);
    let message = message.ok_or(Untold::Unheard)?;
    let record = plain(&message)?;
    fit(check::dossier(&record, &manner.partner))?;

    let known: BTreeMap<Uuid, &Statement> = ready.iter().map(|s| (s.id, *s)).collect();
    let before: Vec<&Statement> = told
        .iter()
        .filter_map(|id| known.get(id).copied())
        .collect();
    let next: Vec<&Statement> = ready
        .iter()
        .copied()
        .filter(|s| !told.contains(&s.id))
        .collect();
    let mut rows = Vec::new();
    for (id, row) in next_rows(code, &before, &next, ROWS_MAX, &manner.names) {
        let row = row.map(|row| plain(&row)).transpose()?;
        if let Some(row) = &row {
            fit(check::progress(row))?;
        }
        rows.push((id, row));
    }
    Ok(Story {
        record,
        rows,
        held: statements.len() - ready.len(),
    })
}

fn plain(message: &impl serde::Serialize) -> Result<Value, Untold> {
    serde_json::to_value(message).map_err(|error| Untold::Unfit(error.to_string()))
}

fn fit(faults: Vec<check::Fault>) -> Result<(), Untold> {
    if faults.is_empty() {
        return Ok(());
    }
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Err(Untold::Unfit(faults.join("; ")))
}
