//! A dossier (hồ sơ): one field for each part, and the fold that hands every fact to its part.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Moment;
use uuid::Uuid;

use crate::alert::{Alert, Alerts};
use crate::fact::Fact;
use crate::ids::{DossierCode, StepKey, UnitId};
use crate::intake::{Intake, Received};
use crate::opinion::Opinion;
use crate::outcome::Outcome;
use crate::payment::{Payment, Payments};
use crate::privacy::Privacy;
use crate::procedure::{ClockPolicy, WaitEffect};
use crate::promise::{Promise, Wait};
use crate::route::{Turn, Walk};
use crate::step::StepOutcome;
use crate::supplement::{Round, Supplements};
use crate::work::Work;

/// The circumstances under which a fact was written down.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The event's identity.
    pub id: Uuid,
    /// The unit that wrote it.
    pub by: &'a UnitId,
    /// When it happened.
    pub at: Moment,
    /// Latest events about this dossier that the writer knew.
    pub parents: &'a [Uuid],
}

/// A dossier as told by a set of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Its code.
    pub code: DossierCode,
    /// Its home: the unit that took it in and answers for it.
    pub home: UnitId,
    /// What the desk did.
    pub intake: Intake,
    /// The promised date and its clock.
    pub promise: Promise,
    /// Rounds of supplements.
    pub supplements: Supplements,
    /// Payments.
    pub payments: Payments,
    /// The walk along the route.
    pub walk: Walk,
    /// Work on each turn of each step.
    pub work: BTreeMap<(StepKey, u32), Work>,
    /// Alerts between the units of its group.
    pub alerts: Alerts,
    /// How it ended.
    pub outcome: Outcome,
    /// Where its personal data stands.
    pub privacy: Privacy,
    /// Latest events known, in the order of their ids: the parents of the next one.
    pub heads: Vec<Uuid>,
    /// Every event that another one names as its parent, whichever of the two was heard first.
    superseded: BTreeSet<Uuid>,
    /// Effect of waiting since it was moved to another version of its procedure.
    repinned_clock: Option<ClockPolicy>,
    /// Facts by a unit that had no right to them, or out of their order: kept, and moving nothing.
    pub contested: u32,
}

/// A fact by a unit that may not state it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trespass {
    /// The code belongs to another desk.
    #[error("{by} cannot take in {code}: the code was not issued by that unit")]
    ForeignCode {
        /// The writer.
        by: UnitId,
        /// The code.
        code: DossierCode,
    },
    /// Only the home may say this.
    #[error("{by} cannot write this about {code}: its home is {home}")]
    NotHome {
        /// The writer.
        by: UnitId,
        /// The code.
        code: DossierCode,
        /// The home.
        home: UnitId,
    },
    /// Only the overseer named at reception may say this.
    #[error("{by} cannot write this about {code}: it is not the overseer that the home named")]
    NotOverseer {
        /// The writer.
        by: UnitId,
        /// The code.
        code: DossierCode,
    },
    /// The step was not given to this unit in this turn.
    #[error("{by} does not hold turn {turn} of step {step} of {code}")]
    NotHeld {
        /// The writer.
        by: UnitId,
        /// The code.
        code: DossierCode,
        /// The step.
        step: StepKey,
        /// The turn.
        turn: u32,
    },
    /// The turn was already answered, not yet taken, or is not the next one to be given out.
    #[error("turn {turn} of step {step} of {code} does not stand where this could follow")]
    OutOfOrder {
        /// The code.
        code: DossierCode,
        /// The step.
        step: StepKey,
        /// The turn.
        turn: u32,
    },
    /// Only those who were given work on it had its personal data in hand.
    #[error(
        "{by} had no personal data of {code} in hand: it is neither its home nor was it given a step"
    )]
    NoKey {
        /// The writer.
        by: UnitId,
        /// The code.
        code: DossierCode,
    },
    /// What says nothing about a dossier stands under none.
    #[error("{by} writes about {code} what is about no dossier")]
    NotAboutADossier {
        /// The writer.
        by: UnitId,
        /// The code.
        code: DossierCode,
    },
    /// A dossier is received once.
    #[error("{0} was already received or declined")]
    Twice(DossierCode),
}

impl Dossier {
    /// A dossier of which nothing is known yet but its code and the unit whose desk it came to.
    pub fn at(code: DossierCode, home: UnitId) -> Self {
        Self {
            code,
            home,
            intake: Intake::default(),
            promise: Promise::default(),
            supplements: Supplements::default(),
            payments: Payments::default(),
            walk: Walk::default(),
            work: BTreeMap::new(),
            alerts: Alerts::new(),
            outcome: Outcome::default(),
            privacy: Privacy::default(),
            heads: Vec::new(),
            superseded: BTreeSet::new(),
            repinned_clock: None,
            contested: 0,
        }
    }

    /// What was written at reception.
    pub fn received(&self) -> Option<&Received> {
        self.intake
            .received
            .as_ref()
            .map(|(_, received)| received.as_ref())
    }

    /// Code and version of the procedure that it stands under now.
    pub(crate) fn pinned_version(&self) -> (String, String) {
        let repinned = self.intake.repinned.last().map(|(_, procedure)| procedure);
        let pinned = repinned.or(self.received().map(|received| &received.procedure));
        pinned.map_or_else(Default::default, |p| {
            (p.code.to_string(), p.version.clone())
        })
    }

    /// What waiting does to this dossier's clock.
    pub fn policy(&self) -> ClockPolicy {
        const STILL: ClockPolicy = ClockPolicy::of(WaitEffect::None, WaitEffect::None);
        self.repinned_clock
            .or(self.received().map(|received| received.clock))
            .unwrap_or(STILL)
    }

    /// Number of the turn in which a step would be given out next.
    pub(crate) fn next_turn(&self, step: &StepKey) -> u32 {
        self.walk.turns.get(step).map_or(0, Vec::len) as u32 + 1
    }

    pub(crate) fn turn(&self, step: &StepKey, turn: u32) -> Option<&Turn> {
        let index = usize::try_from(turn.checked_sub(1)?).ok()?;
        self.walk.turns.get(step)?.get(index)
    }

    /// Takes a fact in. Total: a fact that its writer had no right to is counted as contested and
    /// moves nothing. Decides nothing, reads no clock.
    pub fn evolve(&mut self, told: &Told<'_>, fact: &Fact) {
        self.note_heads(told);
        if self.may_write(told.by, fact).is_err() {
            self.contested += 1;
            return;
        }
        self.privacy.evolve(told, fact);
        let at = told.at;
        match fact {
            Fact::Registered(_) => self.intake.registered_at = Some(at),
            Fact::Received(received) => {
                self.promise = Promise::made(
                    received.particulars.counted_from.unwrap_or(at),
                    received.limit,
                    received.due_at,
                    &received.calendar,
                );
                self.walk.steps.clone_from(&received.route);
                self.intake
                    .aliases
                    .clone_from(&received.particulars.aliases);
                self.intake.received = Some((at, received.clone()));
            }
            Fact::Declined(_) => self.intake.declined_at = Some(at),
            Fact::Dispatched(given) => {
                let turn = Turn {
                    to: given.to.clone(),
                    given_at: at,
                    limit: given.limit,
                    department: given.department.clone(),
                    supplements_asked: 0,
                    payment_asked: false,
                };
                self.walk
                    .turns
                    .entry(given.step.clone())
                    .or_default()
                    .push(turn);
            }
            Fact::SupplementAsked(asked) => {
                if let Some(turn) = self.latest_turn(asked.step.as_ref()) {
                    turn.supplements_asked += 1;
                }
                self.supplements.rounds.push(Round {
                    asked_at: at,
                    given_at: None,
                    step: asked.step.clone(),
                });
                self.promise.begin_wait(
                    Wait::Supplement,
                    asked.effect,
                    at,
                    asked.step.as_ref(),
                    &asked.reason,
                    asked.late,
                );
            }
            Fact::SupplementGiven(given) => {
                if let Some(round) = self.supplements.rounds.last_mut() {
                    round.given_at = Some(at);
                }
                self.promise
                    .end_wait(Wait::Supplement, at, &given.recounted);
            }
            Fact::PaymentAsked(asked) => {
                if let Some(turn) = self.latest_turn(asked.step.as_ref()) {
                    turn.payment_asked = true;
                }
                let amount_vnd = asked.amount_vnd;
                self.payments.asked.push(Payment {
                    amount_vnd,
                    asked_at: at,
                    confirmed_at: None,
                });
                self.promise.begin_wait(
                    Wait::Payment,
                    asked.effect,
                    at,
                    asked.step.as_ref(),
                    &asked.purpose,
                    false,
                );
            }
            Fact::PaymentConfirmed(confirmed) => {
                if let Some(payment) = self.payments.asked.last_mut() {
                    payment.confirmed_at = Some(at);
                }
                self.promise
                    .end_wait(Wait::Payment, at, &confirmed.recounted);
            }
            Fact::Apologised(apologised) => self.promise.extend(at, apologised),
            Fact::ClockPaused(f) => {
                self.promise
                    .begin_wait(f.cause, f.effect, at, f.step.as_ref(), &f.reason, false);
            }
            Fact::ClockResumed(f) => {
                let since = f.since.unwrap_or(at);
                self.promise.end_wait(f.cause, since, &f.recounted);
            }
            Fact::ClockStarted(f) => self.promise.start(f),
            Fact::DueDateRecomputed(f) => self.promise.recompute(at, f),
            Fact::Repinned(f) => {
                self.walk.steps.clone_from(&f.route);
                self.repinned_clock = Some(f.clock);
                self.intake.repinned.push((at, f.procedure.clone()));
            }
            Fact::Aliased(f) => self.intake.aliases.push(f.alias.clone()),
            Fact::AlertRaised(f) => {
                let alert = Alert {
                    raised_at: at,
                    repair_by: f.repair_by,
                    settled_at: None,
                };
                self.alerts.insert((f.step.clone(), f.turn, f.alert), alert);
            }
            Fact::AlertSettled(f) => {
                let key = (f.step.clone(), f.turn, f.alert);
                if let Some(alert) = self.alerts.get_mut(&key) {
                    alert.settled_at = Some(at);
                }
            }
            Fact::PartReturned(f) => {
                self.outcome.parts_returned.insert(f.step.clone(), at);
            }
            Fact::StepApologised(f) => {
                let work = self.work_on(&f.step, f.turn);
                work.apologised = Some((at, f.old_due_at, f.new_due_at));
                work.due_at = Some(f.new_due_at);
            }
            Fact::Refused(_) => first(&mut self.outcome.refused_at, at),
            Fact::Withdrawn(_) => first(&mut self.outcome.withdrawn_at, at),
            Fact::Stopped(_) => first(&mut self.outcome.stopped_at, at),
            Fact::ResultReady(_) => first(&mut self.outcome.ready_at, at),
            Fact::ResultReturned(_) => first(&mut self.outcome.returned_at, at),
            Fact::StepAccepted(f) => {
                let work = self.work_on(&f.step, f.turn);
                work.accepted_at = Some(at);
                work.due_at = f.due_at;
            }
            Fact::StepDeclined(f) => self.work_on(&f.step, f.turn).declined_at = Some(at),
            Fact::StepAllotted(f) => {
                self.work_on(&f.step, f.turn).department = Some(f.department.clone())
            }
            Fact::StepAssigned(f) => {
                self.work_on(&f.step, f.turn).officer = Some(f.officer.clone())
            }
            Fact::OpinionAsked(f) => {
                let opinion = Opinion {
                    of: f.of.clone(),
                    due_at: f.due_at,
                    asked_at: at,
                    given_at: None,
                };
                self.work_on(&f.step, f.turn).opinions.push(opinion);
            }
            Fact::OpinionGiven(f) => {
                let index = usize::from(f.opinion).saturating_sub(1);
                if let Some(opinion) = self.work_on(&f.step, f.turn).opinions.get_mut(index) {
                    opinion.given_at = Some(at);
                }
            }
            Fact::ObligationAssessed(f) => {
                let work = self.work_on(&f.step, f.turn);
                work.obligation_vnd = Some(f.amount_vnd);
                work.notice = Some(f.notice.clone());
            }
            Fact::StepSentBack(f) => self.work_on(&f.step, f.turn).sent_back_at = Some(at),
            Fact::StepCompleted(f) => {
                let work = self.work_on(&f.step, f.turn);
                work.completed_at = Some(at);
                work.rejected = matches!(f.outcome, StepOutcome::Rejected(_));
                work.documents.clone_from(&f.documents);
            }
            Fact::SupplementNeeded(f) => self.work_on(&f.step, f.turn).needs.push(f.clone()),
            // Taken in above; they are about no dossier's course.
            Fact::Read(_)
            | Fact::KeyGranted(_)
            | Fact::ErasureRefused(_)
            | Fact::ErasureOrdered(_)
            | Fact::KeysDestroyed(_)
            | Fact::Erased(_) => {}
            // Refused above: they are about no dossier.
            Fact::Reminded(_)
            | Fact::CalendarDeclared(_)
            | Fact::PeriodClosed(_)
            | Fact::PeriodRestated(_)
            | Fact::JournalRestored(_)
            | Fact::JournalRepaired(_)
            | Fact::QuarantineRetried(_)
            | Fact::QuarantineRejected(_)
            | Fact::KeyRotated(_)
            | Fact::KeyRevoked(_) => {}
        }
    }

    fn note_heads(&mut self, told: &Told<'_>) {
        self.superseded.extend(told.parents);
        self.heads.push(told.id);
        self.heads.retain(|head| !self.superseded.contains(head));
        self.heads.sort_unstable();
        self.heads.dedup();
    }

    fn latest_turn(&mut self, step: Option<&StepKey>) -> Option<&mut Turn> {
        self.walk.turns.get_mut(step?)?.last_mut()
    }

    fn work_on(&mut self, step: &StepKey, turn: u32) -> &mut Work {
        self.work.entry((step.clone(), turn)).or_default()
    }

    /// When processing ended, if it did: the result at the desk (9) comes before its return (10).
    pub fn ended_at(&self) -> Option<Moment> {
        let outcome = &self.outcome;
        outcome
            .ready_at
            .or(outcome.refused_at)
            .or(outcome.stopped_at)
            .or(outcome.withdrawn_at)
    }
}

/// An end is told once: what is said again does not move the moment.
fn first(moment: &mut Option<Moment>, at: Moment) {
    moment.get_or_insert(at);
}
