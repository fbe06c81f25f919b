//! What is particular to one level of government.

use calendar::{Calendar, Moment};
use catalogue::{Acknowledge, Catalogue, Unit};
use dossier::case::{Case, Refusal};
use dossier::fact::Fact;
use dossier::step::Accept;

use crate::command::Command;
use crate::watch::Watched;

/// Where a desk stands: what it may look up, besides the case itself.
#[derive(Debug, Clone, Copy)]
pub struct Office<'a> {
    /// This unit's row in the register of units.
    pub unit: &'a Unit,
    /// The registers.
    pub catalogue: &'a Catalogue,
    /// Working time.
    pub calendar: &'a Calendar,
}

/// A level of government, hosted by a unit: commune, district, agency.
pub trait Desk: Send + Sync + 'static {
    /// Name of the service, such as `motcua-commune`.
    fn service(&self) -> &'static str;

    /// The competence of the level (thẩm quyền): the commands it may be given.
    fn powers(&self) -> Vec<&'static str>;

    /// What this level requires beyond the rules that hold for all.
    fn permit(
        &self,
        office: &Office<'_>,
        case: &Case<'_>,
        command: &Command,
    ) -> Result<(), Refusal>;

    /// What this unit does by itself once a fact is known, its own or another unit's.
    fn react(&self, office: &Office<'_>, case: &Case<'_>, fact: &Fact) -> Vec<Fact>;

    /// What this unit does by itself when time passes, given the open dossiers it watches over.
    fn wake(&self, office: &Office<'_>, now: Moment, watched: &[Watched]) -> Vec<Fact>;
}

/// Habit of every performer whose register row says that it acknowledges on arrival: a step that
/// was given to this unit is taken the moment it is in the journal. Elsewhere an officer takes or
/// declines it; the worklist shows until when.
pub fn take_on_arrival(office: &Office<'_>, case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
    match fact {
        Fact::Dispatched(given)
            if given.to == *case.me && office.unit.acknowledge == Acknowledge::OnArrival =>
        {
            // A date outside the calendars leaves the step offered; the officer who takes it is told why.
            Accept {
                step: given.step.clone(),
            }
            .decide(case)
            .unwrap_or_default()
        }
        _ => Vec::new(),
    }
}
