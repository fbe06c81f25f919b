//! The counter: the one-stop desk of a commune (Bộ phận Một cửa cấp xã).
//!
//! **What it is.** Where most citizens hand in their dossiers, and the home of most of them. It
//! decides some at once, performs the civil-status steps of its own people's committee, and
//! receives for the district what the register of procedures lets it receive.
//!
//! **What it does not do.** It has no departments to allot to, assesses no obligations, and
//! watches over nobody. The rules it works under are `dossier`'s, its hosting is `unit`'s.
//!
//! **What it promises.** It goes on receiving while its line to the district is down: nothing
//! here waits for anyone else.
//!
//! **Where to start reading.** [`powers`], then [`habits`].

pub mod habits;
pub mod powers;

use calendar::Moment;
use dossier::case::{Case, Refusal};
use dossier::fact::Fact;
use unit::command::Command;
use unit::desk::{Desk, Office};
use unit::watch::Watched;

/// A commune's desk.
#[derive(Debug, Clone, Copy)]
pub struct Commune;

impl Desk for Commune {
    fn service(&self) -> &'static str {
        "motcua-commune"
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
        habits::react(office, case, fact)
    }

    fn wake(&self, _: &Office<'_>, _: Moment, _: &[Watched]) -> Vec<Fact> {
        Vec::new()
    }
}
