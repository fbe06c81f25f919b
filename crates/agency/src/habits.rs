//! What an agency does by itself.

use dossier::case::Case;
use dossier::fact::Fact;
use unit::desk::{Office, take_on_arrival};

/// Takes a step on arrival where the register says so. It never acts for a home.
pub fn react(office: &Office<'_>, case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
    take_on_arrival(office, case, fact)
}
