//! The statements about one dossier: a set, folded in one canonical order, whatever order they came
//! in.
//!
//! The home's own events come first, in its numbering, then each performer's in theirs. That is
//! enough: the home's facts never depend on a performer's, and a performer's move only its own turn
//! of its own step (see `dossier::dossier`). People read the same set in causal order instead,
//! [`crate::timeline`].

use std::collections::BTreeMap;

use calendar::Moment;
use dossier::dossier::{Dossier, Told};
use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use dossier::intake::{Declined, Registered};
use uuid::Uuid;

use crate::statement::{Content, Statement};

/// Up to where a history is told: what had happened by then, and what had been recorded by then.
/// The two differ where something was written down later than it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Nothing that happened later is told.
    pub happened_by: Moment,
    /// Nothing that was recorded later is told; none tells all that is known today.
    pub recorded_by: Option<Moment>,
}

/// The statements within a cut.
pub fn as_known<'a>(
    statements: impl IntoIterator<Item = &'a Statement>,
    cut: Cut,
) -> impl Iterator<Item = &'a Statement> {
    statements.into_iter().filter(move |statement| {
        statement.at <= cut.happened_by
            && cut
                .recorded_by
                .is_none_or(|recorded_by| statement.recorded <= recorded_by)
    })
}

/// A dossier as folded from the statements about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tale {
    /// The folded dossier; none while no desk has been heard.
    pub dossier: Option<Dossier>,
    /// What was registered online, if that is how it began.
    pub registered: Option<Registered>,
    /// What was declined, if it was.
    pub declined: Option<Declined>,
    /// Statements of types that this version does not know.
    pub unknown: u32,
    /// Statements of known types with unreadable data.
    pub unreadable: u32,
    /// Statements of others that wait until the desk is heard.
    pub pending: u32,
    /// Whether any statement comes from a simulation.
    pub simulated: bool,
}

/// Folds a set of statements. Their order and repetitions make no difference.
pub fn fold<'a>(code: &DossierCode, statements: impl IntoIterator<Item = &'a Statement>) -> Tale {
    let set: BTreeMap<Uuid, &Statement> = statements.into_iter().map(|s| (s.id, s)).collect();
    let mut ordered: Vec<&Statement> = set.into_values().collect();
    let home = home_of(code, &ordered);
    ordered.sort_by_key(|s| (home.as_ref() != Some(&s.unit), s.own_order()));
    let mut tale = Tale {
        dossier: home.map(|home| Dossier::at(code.clone(), home)),
        registered: None,
        declined: None,
        unknown: 0,
        unreadable: 0,
        pending: 0,
        simulated: ordered.iter().any(|s| s.simulated),
    };
    for statement in ordered {
        let fact = match &statement.content {
            Content::Fact(fact) => fact,
            Content::Unknown => {
                tale.unknown += 1;
                continue;
            }
            Content::Unreadable => {
                tale.unreadable += 1;
                continue;
            }
        };
        let Some(dossier) = &mut tale.dossier else {
            tale.pending += 1;
            continue;
        };
        let contested = dossier.contested;
        let (by, parents) = (&statement.unit, statement.parents.as_slice());
        dossier.evolve(
            &Told {
                id: statement.id,
                by,
                at: statement.at,
                parents,
            },
            fact,
        );
        if dossier.contested == contested {
            match fact {
                Fact::Registered(registered) => tale.registered = Some(registered.clone()),
                Fact::Declined(declined) => tale.declined = Some(declined.clone()),
                _ => {}
            }
        }
    }
    tale
}

/// The unit at whose desk the dossier began: the one that issued its code and says so.
fn home_of(code: &DossierCode, statements: &[&Statement]) -> Option<UnitId> {
    let began = |s: &&&Statement| {
        matches!(
            s.fact(),
            Some(Fact::Registered(_) | Fact::Received(_) | Fact::Declined(_))
        )
    };
    statements
        .iter()
        .filter(began)
        .map(|s| &s.unit)
        .filter(|unit| code.issued_by(unit))
        .min()
        .cloned()
}
