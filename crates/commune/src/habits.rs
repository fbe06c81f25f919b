//! What a commune does by itself.

use dossier::case::Case;
use dossier::fact::Fact;
use unit::desk::{Office, take_on_arrival};

/// Carries its own dossiers on, and takes the steps that are given to it.
pub fn react(office: &Office<'_>, case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
    let mut facts = dossier::habits::home(case, fact);
    facts.extend(take_on_arrival(office, case, fact));
    facts
}
