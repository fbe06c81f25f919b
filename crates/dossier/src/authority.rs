//! Who may write what: the rule that gives every fact about a dossier exactly one writer.
//!
//! A writer is held against the part of the dossier that decides its right and nothing else: the
//! home against its own timeline, a performer against the turn it was given and its own work on it.
//! The order in which different writers are heard therefore changes nothing, as long as a performer
//! is heard after the dispatch that gave it its turn.

use crate::dossier::{Dossier, Trespass};
use crate::fact::{Fact, Writer};
use crate::ids::UnitId;
use crate::work;

impl Dossier {
    /// Whether `by` may state `fact` about this dossier as it stands (one writer per fact).
    pub fn may_write(&self, by: &UnitId, fact: &Fact) -> Result<(), Trespass> {
        match fact.writer() {
            Writer::Overseer => match self
                .received()
                .and_then(|received| received.overseer.as_ref())
            {
                Some(overseer) if overseer == by => Ok(()),
                _ => Err(Trespass::NotOverseer {
                    by: by.clone(),
                    code: self.code.clone(),
                }),
            },
            Writer::Custodian if self.home == *by => Ok(()),
            Writer::Custodian => Err(Trespass::NotHome {
                by: by.clone(),
                code: self.code.clone(),
                home: self.home.clone(),
            }),
            Writer::KeyHolder if self.home == *by || self.was_given_to(by) => Ok(()),
            Writer::KeyHolder => Err(Trespass::NoKey {
                by: by.clone(),
                code: self.code.clone(),
            }),
            Writer::Itself => Err(Trespass::NotAboutADossier {
                by: by.clone(),
                code: self.code.clone(),
            }),
            Writer::Desk => {
                if !self.code.issued_by(by) || self.home != *by {
                    return Err(Trespass::ForeignCode {
                        by: by.clone(),
                        code: self.code.clone(),
                    });
                }
                let decided = self.intake.received.is_some() || self.intake.declined_at.is_some();
                let again =
                    matches!(fact, Fact::Registered(_)) && self.intake.registered_at.is_some();
                if decided || again {
                    Err(Trespass::Twice(self.code.clone()))
                } else {
                    Ok(())
                }
            }
            Writer::Home => {
                let code = self.code.clone();
                if self.home != *by || self.intake.received.is_none() {
                    return Err(Trespass::NotHome {
                        by: by.clone(),
                        code,
                        home: self.home.clone(),
                    });
                }
                match fact {
                    Fact::Dispatched(given) if given.turn != self.next_turn(&given.step) => {
                        Err(Trespass::OutOfOrder {
                            code,
                            step: given.step.clone(),
                            turn: given.turn,
                        })
                    }
                    _ => Ok(()),
                }
            }
            Writer::Performer(step, turn) => {
                let code = self.code.clone();
                if self.turn(step, turn).is_none_or(|given| given.to != *by) {
                    return Err(Trespass::NotHeld {
                        by: by.clone(),
                        code,
                        step: step.clone(),
                        turn,
                    });
                }
                if work::follows(self.work.get(&(step.clone(), turn)), fact) {
                    return Ok(());
                }
                Err(Trespass::OutOfOrder {
                    code,
                    step: step.clone(),
                    turn,
                })
            }
        }
    }
}
