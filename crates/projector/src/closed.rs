//! Periods that units closed, as their events say it: the first statement and every restatement.

use calendar::Moment;
use dossier::fact::Fact;
use dossier::ids::{OfficerId, UnitId};
use history::Statement as Told;
use report::ii06a::{Query, Statement};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A closed period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClosedPeriod {
    /// The event that closed it.
    pub event: Uuid,
    /// The unit that closed it.
    pub unit: UnitId,
    /// When.
    pub at: Moment,
    /// The head who closed it.
    pub officer: OfficerId,
    /// What was stated.
    pub stated: Statement,
    /// What was stated later, with the reasons, in order.
    pub restated: Vec<Restated>,
}

/// A later statement about a closed period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Restated {
    /// The event.
    pub event: Uuid,
    /// When.
    pub at: Moment,
    /// The head who restated it.
    pub officer: OfficerId,
    /// Why, in Vietnamese.
    pub reason: String,
    /// What is stated now.
    pub stated: Statement,
}

impl ClosedPeriod {
    /// The statement that counts: the latest.
    pub fn latest(&self) -> &Statement {
        self.restated
            .last()
            .map_or(&self.stated, |restated| &restated.stated)
    }
}

/// Every period that the statements close, in the order of the events' identities. A restatement of
/// what another unit closed counts for nothing.
pub fn periods<'a>(told: impl IntoIterator<Item = &'a Told>) -> Vec<ClosedPeriod> {
    let mut told: Vec<&Told> = told.into_iter().collect();
    told.sort_by_key(|told| told.id);
    let mut closed: Vec<ClosedPeriod> = Vec::new();
    for told in told {
        match told.fact() {
            Some(Fact::PeriodClosed(fact)) => {
                // Another form's rows are read by whoever knows that form.
                let Ok(stated) = serde_json::from_value(fact.rows.clone()) else {
                    continue;
                };
                closed.push(ClosedPeriod {
                    event: told.id,
                    unit: told.unit.clone(),
                    at: told.at,
                    officer: fact.officer.clone(),
                    stated,
                    restated: Vec::new(),
                });
            }
            Some(Fact::PeriodRestated(fact)) => {
                let first = closed
                    .iter_mut()
                    .find(|known| known.event == fact.closed && known.unit == told.unit);
                let stated = serde_json::from_value(fact.rows.clone());
                if let (Some(first), Ok(stated)) = (first, stated) {
                    first.restated.push(Restated {
                        event: told.id,
                        at: told.at,
                        officer: fact.officer.clone(),
                        reason: fact.reason.clone(),
                        stated,
                    });
                }
            }
            _ => {}
        }
    }
    closed
}

/// The closed periods that a table is of.
pub fn of<'a>(closed: &'a [ClosedPeriod], query: &Query) -> impl Iterator<Item = &'a ClosedPeriod> {
    closed
        .iter()
        .filter(move |known| known.stated.query == *query)
}
