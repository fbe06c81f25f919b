//! A desk with nothing of its own: the habits that every home has, and taking what it is given.

use calendar::Moment;
use dossier::case::{Case, Refusal};
use dossier::fact::Fact;
use dossier::oversight::{Pressing, Reminded};
use dossier::step::Accept;
use unit::command::{Command, HOME, INTAKE, STEP};
use unit::desk::{Desk, Office};
use unit::watch::Watched;

#[derive(Clone, Copy)]
pub struct Clerk;

impl Desk for Clerk {
    fn service(&self) -> &'static str {
        "motcua-clerk"
    }

    fn powers(&self) -> Vec<&'static str> {
        INTAKE.into_iter().chain(HOME).chain(STEP).collect()
    }

    fn permit(&self, _: &Office<'_>, _: &Case<'_>, _: &Command) -> Result<(), Refusal> {
        Ok(())
    }

    fn react(&self, _: &Office<'_>, case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
        let mut facts = dossier::habits::home(case, fact);
        if let Fact::Dispatched(given) = fact
            && given.to == *case.me
        {
            let accept = Accept {
                step: given.step.clone(),
            };
            facts.extend(accept.decide(case).unwrap_or_default());
        }
        facts
    }

    /// Reminds of every dossier once for its due date.
    fn wake(&self, _: &Office<'_>, _: Moment, watched: &[Watched]) -> Vec<Fact> {
        let pressing = |row: &Watched| {
            let due_at = row.due_at.filter(|_| !row.paused)?;
            let told = row.reminded.is_some_and(|(told, _)| told == due_at);
            let fresh = Pressing {
                code: row.code.clone(),
                due_at,
                overdue: false,
            };
            (!told).then(|| {
                Fact::Reminded(Reminded {
                    unit: row.home.clone(),
                    dossiers: vec![fresh],
                })
            })
        };
        watched.iter().filter_map(pressing).collect()
    }
}
