//! The hub: the one-stop desk of a district with its departments (Bộ phận Một cửa cấp huyện; since
//! 1/7/2025 the provincial centre stands in its place).
//!
//! **What it is.** The home of its own procedures, one front for many departments, and the desk
//! that watches over the dossiers of the communes below it.
//!
//! **What it does not do.** It does not act for a department: it allots, and the department's
//! officers complete. It cannot change a commune's dossier, only remind the commune of it.
//!
//! **What it promises.** A step that is taken is allotted to the department that the register
//! names for its field. A commune is reminded of each pressing dossier once before and
//! once after its due date.
//!
//! **Where to start reading.** [`allotment`], then [`oversight`].

pub mod allotment;
pub mod oversight;
pub mod powers;

use calendar::Moment;
use dossier::case::{Case, Refusal};
use dossier::fact::Fact;
use unit::command::Command;
use unit::desk::{Desk, Office, take_on_arrival};
use unit::watch::Watched;

/// A district's desk.
#[derive(Debug, Clone, Copy)]
pub struct District;

impl Desk for District {
    fn service(&self) -> &'static str {
        "motcua-district"
    }

    fn powers(&self) -> Vec<&'static str> {
        powers::all()
    }

    fn permit(
        &self,
        office: &Office<'_>,
        case: &Case<'_>,
        command: &Command,
    ) -> Result<(), Refusal> {
        powers::permit(office, case, command)
    }

    fn react(&self, office: &Office<'_>, case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
        let mut facts = dossier::habits::home(case, fact);
        facts.extend(take_on_arrival(office, case, fact));
        facts.extend(allotment::once_taken(office, case, fact));
        facts
    }

    fn wake(&self, office: &Office<'_>, now: Moment, watched: &[Watched]) -> Vec<Fact> {
        oversight::remind(office.calendar, now, watched)
    }
}
