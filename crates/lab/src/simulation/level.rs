//! The three levels under one type, so that a town can hold them side by side.

use agency::Agency;
use calendar::Moment;
use catalogue::Level;
use commune::Commune;
use district::District;
use dossier::case::{Case, Refusal};
use dossier::fact::Fact;
use unit::command::Command;
use unit::desk::{Desk, Office};
use unit::watch::Watched;

/// A level, as its own crate has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtLevel(pub(super) Level);

impl Desk for AtLevel {
    fn service(&self) -> &'static str {
        match self.0 {
            Level::Commune => Commune.service(),
            Level::District => District.service(),
            Level::Agency => Agency.service(),
        }
    }

    fn powers(&self) -> Vec<&'static str> {
        match self.0 {
            Level::Commune => Commune.powers(),
            Level::District => District.powers(),
            Level::Agency => Agency.powers(),
        }
    }

    fn permit(
        &self,
        office: &Office<'_>,
        case: &Case<'_>,
        command: &Command,
    ) -> Result<(), Refusal> {
        match self.0 {
            Level::Commune => Commune.permit(office, case, command),
            Level::District => District.permit(office, case, command),
            Level::Agency => Agency.permit(office, case, command),
        }
    }

    fn react(&self, office: &Office<'_>, case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
        match self.0 {
            Level::Commune => Commune.react(office, case, fact),
            Level::District => District.react(office, case, fact),
            Level::Agency => Agency.react(office, case, fact),
        }
    }

    fn wake(&self, office: &Office<'_>, now: Moment, watched: &[Watched]) -> Vec<Fact> {
        match self.0 {
            Level::Commune => Commune.wake(office, now, watched),
            Level::District => District.wake(office, now, watched),
            Level::Agency => Agency.wake(office, now, watched),
        }
    }
}
