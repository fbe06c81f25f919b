//! What is particular to the interconnected groups of birth and death (NĐ 63/2024/NĐ-CP as amended
//! by NĐ 301/2026/NĐ-CP).

use calendar::{Calendar, Moment};

use crate::case::Case;
use crate::dossier::Dossier;
use crate::fact::Fact;

/// What the home does by itself in a group once a fact is known.
pub(crate) fn react(_case: &Case<'_>, _fact: &Fact) -> Vec<Fact> {
    Vec::new()
}

/// What the home does by itself in a group when time has passed.
pub(crate) fn in_time(_case: &Case<'_>) -> Vec<Fact> {
    Vec::new()
}

/// When [`in_time`] may have something to say next.
pub(crate) fn next_look(_dossier: &Dossier, _calendar: &Calendar) -> Option<Moment> {
    None
}
