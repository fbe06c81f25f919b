//! The workshop: a specialised agency with its own line of command (land registration, tax,
//! police, social insurance).
//!
//! **What it is.** A performer of steps. It takes what it is given within the time to answer,
//! assesses obligations, completes, or returns for correction. It is also the model for an agency
//! that brings its own software: that software speaks to this service by the same messages.
//!
//! **What it does not do.** It has no desk: it receives no citizen, asks no citizen for anything
//! (the home does), and forwards nothing behind the home's back.
//!
//! **What it promises.** Where the register says that it acknowledges on arrival, a step is taken
//! the moment it is in the journal, in the order of arrival.
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

/// An agency.
#[derive(Debug, Clone, Copy)]
pub struct Agency;

impl Desk for Agency {
    fn service(&self) -> &'static str {
        "motcua-agency"
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
