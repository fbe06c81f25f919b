//! What follows from an event: who has to do something now, and when they will.

use calendar::Moment;
use dossier::fact::Fact;
use dossier::ids::StepKey;

use crate::course::Stands;
use crate::deed::{AtStep, Deed};
use crate::error::WorkloadError;
use crate::player::Player;

/// Minutes of office hours that small things take.
const REDISPATCH_MINUTES: u32 = 30;
const ASSIGN_MINUTES: u32 = 20;
const ASK_OPINION_MINUTES: u32 = 30;
const AFTER_OPINIONS_MINUTES: u32 = 60;
const NOTICE_TO_END_MINUTES: u32 = 15;
const STOP_MINUTES: u32 = 60;
/// Doing again what was sent back takes a part of the work.
const CORRECTION_PERCENT: u32 = 40;
/// When no plan says how long: a supplement or payment that nobody planned.
const UNPLANNED_DAYS: u32 = 3;

impl Player {
    pub(crate) fn follow(
        &mut self,
        number: usize,
        at: Moment,
        fact: &Fact,
    ) -> Result<(), WorkloadError> {
        match fact {
            Fact::Received(_) => {
                if let Some(minutes) = self.workload.plans[number].withdrawn_after_minutes {
                    let at = self.in_minutes(at, minutes)?;
                    self.schedule(number, at, Deed::Withdraw);
                }
            }
            Fact::Dispatched(given) => {
                if let Some(step) = self.at_step(number, &given.step, given.turn)
                    && self.workload.by_officer.contains(&given.to)
                {
                    let planned = &self.workload.plans[number].steps[step.step];
                    let declines = planned.misdirected.is_some() && given.turn == 1;
                    let deed = if declines {
                        Deed::DeclineStep(step)
                    } else {
                        Deed::Accept(step)
                    };
                    let at = self.in_minutes(at, planned.acknowledge_minutes)?;
                    self.schedule(number, at, deed);
                }
            }
            Fact::StepDeclined(declined) => {
                if let Some(step) = self.at_step(number, &declined.step, declined.turn) {
                    let at = self.in_minutes(at, REDISPATCH_MINUTES)?;
                    self.schedule(number, at, Deed::Redispatch(step));
                }
            }
            Fact::StepAccepted(accepted) => {
                if let Some(step) = self.at_step(number, &accepted.step, accepted.turn) {
                    self.begin(number, step, at)?;
                }
            }
            Fact::SupplementAsked(asked) => {
                self.citizen_completes(number, asked.step.as_ref(), at)?
            }
            Fact::SupplementGiven(_) => self.take_up(number, at)?,
            Fact::PaymentAsked(asked) => {
                let steps = &self.workload.plans[number].steps;
                let planned = steps
                    .iter()
                    .find(|step| Some(&step.key) == asked.step.as_ref());
                let days = planned
                    .and_then(|step| step.obligation.as_ref())
                    .map_or(UNPLANNED_DAYS, |o| o.paid_after_days);
                let at = self.in_days(at, days)?;
                self.schedule(
                    number,
                    at,
                    Deed::ConfirmPayment(self.courses[number].payments),
                );
            }
            Fact::ResultReady(_) | Fact::Refused(_) if !self.workload.plans[number].at_once => {
                let at = self.in_days(at, self.workload.plans[number].fetched_after_days)?;
                // Nothing is handed over in the minute in which it was signed.
                let at = self.in_minutes(at, NOTICE_TO_END_MINUTES)?;
                self.schedule(number, at, Deed::ReturnResult);
            }
            Fact::Withdrawn(_) => {
                let at = self.in_minutes(at, STOP_MINUTES)?;
                self.schedule(number, at, Deed::StopWithdrawn);
            }
            _ => {}
        }
        Ok(())
    }

    fn at_step(&self, number: usize, key: &StepKey, turn: u32) -> Option<AtStep> {
        let step = self.workload.plans[number]
            .steps
            .iter()
            .position(|step| step.key == *key)?;
        Some(AtStep { step, turn })
    }

    /// Whether this turn is the first on which the step is worked on: what a plan says about
    /// supplements, opinions and obligations happens once.
    fn is_first(&self, number: usize, at: AtStep) -> bool {
        let misdirected = self.workload.plans[number].steps[at.step]
            .misdirected
            .is_some();
        at.turn == 1 + u32::from(misdirected)
    }

    fn begin(&mut self, number: usize, step: AtStep, at: Moment) -> Result<(), WorkloadError> {
        let planned = &self.workload.plans[number].steps[step.step];
        let first = self.is_first(number, step);
        let work = if first {
            planned.work_minutes
        } else {
            planned.work_minutes * CORRECTION_PERCENT / 100 + 1
        };
        let noticed = planned
            .supplement
            .as_ref()
            .filter(|_| first)
            .map(|s| s.noticed_after_minutes);
        let performer = self.courses[number]
            .steps
            .get(step.step)
            .and_then(|s| s.to.as_ref());
        let has_a_clerk = performer.is_some_and(|unit| self.workload.by_officer.contains(unit));
        if has_a_clerk {
            let at = self.in_minutes(at, ASSIGN_MINUTES.min(work / 4))?;
            self.schedule(number, at, Deed::Assign(step));
        }
        match noticed {
            Some(minutes) => {
                let at = self.in_minutes(at, minutes)?;
                self.schedule(number, at, Deed::NeedSupplement(step));
                Ok(())
            }
            None => self.work(number, step, at, work),
        }
    }

    /// Puts the rest of the work on a step on the agenda.
    fn work(
        &mut self,
        number: usize,
        step: AtStep,
        from: Moment,
        minutes: u32,
    ) -> Result<(), WorkloadError> {
        let planned = self.workload.plans[number].steps[step.step].clone();
        let first = self.is_first(number, step);
        let mut ends_at = self.in_minutes(from, minutes)?;
        if first {
            for (opinion, asked) in (1u16..).zip(&planned.opinions) {
                let asked_at = self.in_minutes(from, ASK_OPINION_MINUTES * u32::from(opinion))?;
                let given_at = self.in_days(asked_at, asked.given_after_days)?;
                self.schedule(number, asked_at, Deed::AskOpinion(step, opinion));
                self.schedule(number, given_at, Deed::GiveOpinion(step, opinion));
                ends_at = ends_at.max(self.in_minutes(given_at, AFTER_OPINIONS_MINUTES)?);
            }
            if planned.sent_back_to.is_some() {
                self.schedule(number, ends_at, Deed::SendBack(step));
                return Ok(());
            }
            if planned.obligation.is_some() {
                self.schedule(number, ends_at, Deed::Assess(step));
                ends_at = self.in_minutes(ends_at, NOTICE_TO_END_MINUTES)?;
            }
        }
        if let Some(known) = self.courses[number].step(step.step) {
            known.done_at = Some(ends_at);
        }
        self.schedule(number, ends_at, Deed::Complete(step));
        Ok(())
    }

    fn citizen_completes(
        &mut self,
        number: usize,
        step: Option<&StepKey>,
        at: Moment,
    ) -> Result<(), WorkloadError> {
        let round = self.courses[number].supplements;
        let steps = &self.workload.plans[number].steps;
        let planned = steps
            .iter()
            .find(|planned| Some(&planned.key) == step)
            .and_then(|p| p.supplement.as_ref());
        let (days, deed) = match planned {
            Some(plan) => match plan.given_after_days {
                Some(days) => (days, Deed::GiveSupplement(round)),
                None => (plan.stopped_after_days, Deed::StopWaiting(round)),
            },
            None => (UNPLANNED_DAYS, Deed::GiveSupplement(round)),
        };
        let at = self.in_days(at, days)?;
        self.schedule(number, at, deed);
        Ok(())
    }

    /// What was missing has come: everybody who waited for it goes on.
    fn take_up(&mut self, number: usize, at: Moment) -> Result<(), WorkloadError> {
        for index in 0..self.courses[number].steps.len() {
            let known = &mut self.courses[number].steps[index];
            if known.stands != Stands::Waiting {
                continue;
            }
            known.stands = Stands::Taken;
            let step = AtStep {
                step: index,
                turn: known.turn,
            };
            let planned = &self.workload.plans[number].steps[index];
            let noticed = planned
                .supplement
                .as_ref()
                .map_or(0, |s| s.noticed_after_minutes);
            let left = planned.work_minutes.saturating_sub(noticed).max(1);
            self.work(number, step, at, left)?;
        }
        Ok(())
    }
}
