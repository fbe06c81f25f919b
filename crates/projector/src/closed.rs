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

/// Every period that the statements close, unit by unit, each in its own order: clocks and identities
/// order nothing. A restatement of what another unit closed counts for nothing.
pub fn periods<'a>(told: impl IntoIterator<Item = &'a Told>) -> Vec<ClosedPeriod> {
    let mut told: Vec<&Told> = told.into_iter().collect();
    told.sort_by_key(|told| (&told.unit, told.epoch, told.sequence));
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use dossier::notice::{PeriodClosed, PeriodRestated};
    use history::Content;
    use report::RuleSet;
    use report::scope::{Grouping, Scope};
    use serde_json::json;

    use super::*;

    fn told(id: u128, sequence: u64, fact: Fact) -> Told {
        let at = calendar::parse_moment("2026-10-02T08:00:00+07:00").unwrap();
        Told {
            id: Uuid::from_u128(id),
            unit: UnitId::parse("H01-169").unwrap(),
            epoch: Uuid::nil(),
            sequence,
            at,
            recorded: at,
            parents: Vec::new(),
            kind: String::new(),
            simulated: false,
            content: Content::Fact(fact),
        }
    }

    #[test]
    fn a_restatement_of_the_same_moment_counts_whatever_its_identity() {
        let at = calendar::parse_moment("2026-10-01T00:00:00+07:00").unwrap();
        let officer = OfficerId::parse("chu-tich").unwrap();
        let query = Query {
            period: "2026-09".parse().unwrap(),
            rules: RuleSet::Ii06a,
            scope: Scope::default(),
            grouping: Grouping::Field,
        };
        let rows = json!({ "query": query, "as_of": [], "rows": [], "sha256": "" });
        let closed = Fact::PeriodClosed(Box::new(PeriodClosed {
            form: "ii06a".to_owned(),
            from: at,
            to: at,
            rules: "ii06a".to_owned(),
            known_by: at,
            rows: rows.clone(),
            officer: officer.clone(),
        }));
        let restated = Fact::PeriodRestated(Box::new(PeriodRestated {
            closed: Uuid::from_u128(9),
            reason: "Nhập bổ sung từ sổ giấy".to_owned(),
            known_by: at,
            rows,
            officer,
        }));
        // The later event has the smaller identity: both are of one millisecond.
        let told = [told(1, 2, restated), told(9, 1, closed)];
        let periods = periods(&told);
        assert_eq!(periods.len(), 1);
        assert_eq!(periods[0].restated.len(), 1);
    }
}
