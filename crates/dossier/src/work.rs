//! State of the work on one turn of a step, and what may follow on it: answered once, worked on after
//! it was taken, ended once. Told by the performer alone.

use calendar::Moment;

use crate::dossier::Dossier;
use crate::fact::Fact;
use crate::ids::{OfficerId, StepKey};
use crate::opinion::Opinion;
use crate::route::Standing;
use crate::step::{DocumentRef, SupplementNeeded};

/// State of the work on one turn of a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Work {
    /// When it was taken.
    pub accepted_at: Option<Moment>,
    /// When it is due by its own limit.
    pub due_at: Option<Moment>,
    /// When it was declined.
    pub declined_at: Option<Moment>,
    /// The department that has it.
    pub department: Option<String>,
    /// The officer who has it.
    pub officer: Option<OfficerId>,
    /// Opinions asked for, in order.
    pub opinions: Vec<Opinion>,
    /// What it needs of the citizen, in order.
    pub needs: Vec<SupplementNeeded>,
    /// Obligation assessed, in đồng.
    pub obligation_vnd: Option<u64>,
    /// Number of its notice.
    pub notice: Option<String>,
    /// When it was sent back.
    pub sent_back_at: Option<Moment>,
    /// When it was completed.
    pub completed_at: Option<Moment>,
    /// When its performer apologised, for which old date, and the new one.
    pub apologised: Option<(Moment, Moment, Moment)>,
    /// Whether it was completed as not eligible.
    pub rejected: bool,
    /// Its results.
    pub documents: Vec<DocumentRef>,
}

impl Work {
    pub(crate) fn standing(&self) -> Standing {
        if self.completed_at.is_some() {
            if self.rejected {
                Standing::Rejected
            } else {
                Standing::Done
            }
        } else if self.sent_back_at.is_some() {
            Standing::SentBack
        } else if self.declined_at.is_some() {
            Standing::Declined
        } else if self.accepted_at.is_some() {
            Standing::Taken
        } else {
            Standing::Offered
        }
    }
}

impl Dossier {
    /// The work on the latest turn of a step.
    pub(crate) fn latest_work(&self, step: &StepKey) -> Option<&Work> {
        let turn = self.walk.turns.get(step).map_or(0, Vec::len) as u32;
        self.work.get(&(step.clone(), turn))
    }
}

/// Whether a performer's fact may follow on the work as it stands: answered once, worked on after
/// taking, ended once.
pub(crate) fn follows(work: Option<&Work>, fact: &Fact) -> bool {
    let standing = work.map_or(Standing::Offered, Work::standing);
    match fact {
        Fact::StepAccepted(_) | Fact::StepDeclined(_) => standing == Standing::Offered,
        Fact::OpinionAsked(f) => {
            standing == Standing::Taken
                && usize::from(f.opinion) == work.map_or(0, |w| w.opinions.len()) + 1
        }
        Fact::OpinionGiven(f) => {
            standing == Standing::Taken
                && work.is_some_and(|w| {
                    usize::from(f.opinion)
                        .checked_sub(1)
                        .and_then(|i| w.opinions.get(i))
                        .is_some_and(|o| o.given_at.is_none())
                })
        }
        Fact::StepApologised(_) => {
            standing == Standing::Taken && work.is_none_or(|w| w.apologised.is_none())
        }
        Fact::ObligationAssessed(_) => {
            standing == Standing::Taken && work.is_none_or(|w| w.obligation_vnd.is_none())
        }
        _ => standing == Standing::Taken,
    }
}
