//! What the player knows of one dossier from the events it was shown.

use std::collections::BTreeMap;

use calendar::{LimitUnit, Moment};
use dossier::fact::{Fact, Writer};
use dossier::ids::{DossierCode, UnitId};
use dossier::intake::Channel;
use dossier::procedure::WaitEffect;
use dossier::promise::{Recounted, Wait};

use crate::plan::Plan;
use crate::tally::Tally;

/// Where a step stands in the player's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stands {
    #[default]
    NotGiven,
    Offered,
    Declined,
    Taken,
    /// Said that something is missing, and cannot go on without it.
    Waiting,
    Ended,
}

/// A step as known.
#[derive(Debug, Clone, Default)]
pub(crate) struct StepCourse {
    pub(crate) turn: u32,
    pub(crate) to: Option<UnitId>,
    pub(crate) stands: Stands,
    /// When its officer expects to be done.
    pub(crate) done_at: Option<Moment>,
}

/// How a dossier ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Ready,
    Refused,
    Withdrawn,
    Stopped,
}

/// A dossier as known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Course {
    pub(crate) code: Option<DossierCode>,
    pub(crate) received: Option<Channel>,
    pub(crate) declined: bool,
    pub(crate) due_at: Option<Moment>,
    pub(crate) original_due_at: Option<Moment>,
    pub(crate) unit: Option<LimitUnit>,
    pub(crate) original_unit: Option<LimitUnit>,
    pub(crate) waits: BTreeMap<Wait, WaitEffect>,
    /// Since when the clock stands still.
    pub(crate) paused_at: Option<Moment>,
    pub(crate) apologised: bool,
    pub(crate) end: Option<(End, Moment)>,
    /// The citizen has asked for it back, or the desk has stopped it, and the event is on its way.
    pub(crate) closing: bool,
    pub(crate) steps: Vec<StepCourse>,
    /// Rounds of supplements and of payments, and how often a due date was set.
    pub(crate) supplements: u32,
    pub(crate) payments: u32,
    pub(crate) promises: u32,
    /// What performers said about turns that the home's own events have not told of yet.
    pub(crate) ahead: Vec<(Moment, Fact)>,
}

impl Course {
    pub(crate) fn is_open(&self) -> bool {
        self.received.is_some() && self.end.is_none() && !self.closing
    }

    /// Whether a performer speaks of a turn that the home has not been heard to give out: events of
    /// two units may be seen in any order.
    pub(crate) fn is_ahead(&self, plan: &Plan, fact: &Fact) -> bool {
        let Writer::Performer(key, turn) = fact.writer() else {
            return false;
        };
        let place = plan.steps.iter().position(|step| step.key == *key);
        place.is_some_and(|i| self.steps.get(i).is_none_or(|step| step.turn < turn))
    }

    /// Takes a fact in, as far as it changes what is known.
    pub(crate) fn learn(&mut self, plan: &Plan, at: Moment, fact: &Fact) {
        let place =
            |key: &dossier::ids::StepKey| plan.steps.iter().position(|step| step.key == *key);
        match fact {
            Fact::Received(received) => {
                self.received = Some(received.channel);
                self.promise(received.due_at);
                self.original_due_at = received.due_at;
                self.unit = Some(received.limit.unit());
                self.original_unit = self.unit;
            }
            Fact::Declined(_) => self.declined = true,
            Fact::Dispatched(given) => {
                if let Some(step) = place(&given.step).and_then(|i| self.step(i)) {
                    *step = StepCourse {
                        turn: given.turn,
                        to: Some(given.to.clone()),
                        stands: Stands::Offered,
                        done_at: None,
                    };
                }
            }
            Fact::StepAccepted(f) => self.stand(place(&f.step), f.turn, Stands::Taken),
            Fact::StepDeclined(f) => self.stand(place(&f.step), f.turn, Stands::Declined),
            Fact::StepSentBack(f) => self.stand(place(&f.step), f.turn, Stands::Ended),
            Fact::StepCompleted(f) => self.stand(place(&f.step), f.turn, Stands::Ended),
            Fact::SupplementAsked(f) => {
                self.supplements += 1;
                self.wait(Wait::Supplement, f.effect, at);
            }
            Fact::SupplementGiven(f) => self.go_on(Wait::Supplement, &f.recounted, at),
            Fact::PaymentAsked(f) => {
                self.payments += 1;
                self.wait(Wait::Payment, f.effect, at);
            }
            Fact::PaymentConfirmed(f) => self.go_on(Wait::Payment, &f.recounted, at),
            Fact::Apologised(f) => {
                self.apologised = true;
                self.promise(Some(f.new_due_at));
            }
            Fact::ResultReady(_) => self.end = Some((End::Ready, at)),
            Fact::Refused(_) => self.end = Some((End::Refused, at)),
            Fact::Withdrawn(_) => self.end = Some((End::Withdrawn, at)),
            Fact::Stopped(_) if self.end.is_none() => self.end = Some((End::Stopped, at)),
            _ => {}
        }
    }

    pub(crate) fn step(&mut self, index: usize) -> Option<&mut StepCourse> {
        if self.steps.len() <= index {
            self.steps.resize_with(index + 1, StepCourse::default);
        }
        self.steps.get_mut(index)
    }

    /// Where this turn of a step stands; not given when another turn is the current one.
    pub(crate) fn stands(&self, index: usize, turn: u32) -> Stands {
        self.steps
            .get(index)
            .filter(|step| step.turn == turn)
            .map_or(Stands::NotGiven, |step| step.stands)
    }

    fn stand(&mut self, index: Option<usize>, turn: u32, stands: Stands) {
        if let Some(step) = index
            .and_then(|i| self.step(i))
            .filter(|step| step.turn == turn)
        {
            step.stands = stands;
        }
    }

    fn promise(&mut self, due_at: Option<Moment>) {
        self.due_at = due_at;
        self.promises += 1;
    }

    fn wait(&mut self, wait: Wait, effect: WaitEffect, at: Moment) {
        self.waits.insert(wait, effect);
        if effect != WaitEffect::None && self.paused_at.is_none() {
            self.paused_at = Some(at);
        }
    }

    fn go_on(&mut self, wait: Wait, recounted: &Recounted, at: Moment) {
        self.waits.remove(&wait);
        let held = self.waits.values().any(|e| *e != WaitEffect::None);
        let anew = matches!(
            recounted.effect,
            WaitEffect::Restart | WaitEffect::SecondLimit(_)
        );
        // A limit that begins anew while the other wait goes on stands still from its first moment.
        self.paused_at = match self.paused_at {
            Some(_) if held && anew => Some(at),
            since if held => since,
            _ => None,
        };
        self.unit = Some(recounted.limit.unit());
        self.promise(recounted.due_at);
    }

    /// Counts the dossier as it stands at `as_of`.
    pub(crate) fn count(&self, plan: &Plan, as_of: Moment, tally: &mut Tally) {
        if self.declined {
            tally.of(&plan.home, &plan.field).declined += 1;
        }
        let Some(channel) = self.received else { return };
        let counts = tally.of(&plan.home, &plan.field);
        match channel {
            Channel::Online => counts.received_online += 1,
            Channel::Direct | Channel::Post => counts.received_otherwise += 1,
        }
        let none = LimitUnit::NoneStated;
        let (unit, original_unit) = (
            self.unit.unwrap_or(none),
            self.original_unit.unwrap_or(none),
        );
        match self.end {
            Some((End::Withdrawn, _)) => counts.withdrawn += 1,
            Some((End::Stopped, _)) => counts.stopped += 1,
            Some((end, at)) => {
                // What ended while the clock stood still is judged at the moment it stopped.
                let at = self.paused_at.map_or(at, |paused_at| at.min(paused_at));
                counts.refused += u64::from(end == End::Refused);
                counts.in_force.resolved_at(at, self.due_at, unit);
                counts
                    .original
                    .resolved_at(at, self.original_due_at, original_unit);
            }
            None => {
                counts
                    .in_force
                    .open_at(as_of, self.due_at, unit, self.paused_at);
                counts
                    .original
                    .open_at(as_of, self.original_due_at, original_unit, self.paused_at);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use calendar::{Limit, parse_moment};

    use super::*;

    fn at(day: u32) -> Moment {
        parse_moment(&format!("2018-01-{day:02}T09:00:00+07:00")).unwrap()
    }

    fn recounted(effect: WaitEffect) -> Recounted {
        Recounted {
            effect,
            limit: Limit::new(5, LimitUnit::WorkingDays).unwrap(),
            due_at: Some(at(20)),
            calendar: String::new(),
        }
    }

    #[test]
    fn the_clock_stands_from_the_first_wait_to_the_last_that_holds_it() {
        let mut course = Course::default();
        course.wait(Wait::Payment, WaitEffect::None, at(2));
        assert_eq!(
            course.paused_at, None,
            "a wait without effect holds nothing"
        );
        course.wait(Wait::Supplement, WaitEffect::Pause, at(3));
        course.wait(Wait::Payment, WaitEffect::Pause, at(4));
        assert_eq!(course.paused_at, Some(at(3)));
        course.go_on(Wait::Supplement, &recounted(WaitEffect::Pause), at(5));
        assert_eq!(course.paused_at, Some(at(3)), "the payment still holds it");
        course.go_on(Wait::Payment, &recounted(WaitEffect::Pause), at(6));
        assert_eq!(course.paused_at, None);
    }

    #[test]
    fn a_limit_that_begins_anew_under_another_wait_stands_still_at_once() {
        let mut course = Course::default();
        course.wait(Wait::Supplement, WaitEffect::Restart, at(3));
        course.wait(Wait::Payment, WaitEffect::Pause, at(4));
        course.go_on(Wait::Supplement, &recounted(WaitEffect::Restart), at(8));
        assert_eq!(course.paused_at, Some(at(8)));
    }
}
