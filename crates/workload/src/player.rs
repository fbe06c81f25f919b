//! The player of officers and citizens: does what the plans say, when what it waits for has been seen.

use std::collections::BTreeMap;

use calendar::{
    Limit, LimitUnit, Moment, add_working_minutes, last_working_day_before, next_opening,
};
use chrono::TimeDelta;
use dossier::fact::Fact;
use dossier::ids::DossierCode;
use dossier::promise::Wait;
use uuid::Uuid;

use crate::action::{Action, Answer};
use crate::arrivals::on;
use crate::chance;
use crate::course::{Course, Stands};
use crate::deed::{Deed, officer};
use crate::error::WorkloadError;
use crate::tally::Tally;
use crate::workload::Workload;

/// When an officer looks at what falls due the next day.
const LOOKS_AT_SECOND: i64 = 9 * 3_600;
/// Working days that a new date is put behind what the officer expects.
const APOLOGY_MARGIN_DAYS: u32 = 2;

/// Plays a quarter.
///
/// Who drives it asks for [`Player::due`], sends the actions to their units, tells the answers with
/// [`Player::answered`] and every event once with [`Player::told`]: those of one unit in their order, those of
/// different units in any.
#[derive(Debug)]
pub struct Player {
    pub(crate) workload: Workload,
    pub(crate) courses: Vec<Course>,
    /// By moment, dossier and slot: the order is the same whatever was told first.
    queue: BTreeMap<(Moment, usize, u64), Deed>,
    opened_by: BTreeMap<Uuid, usize>,
    numbers: BTreeMap<DossierCode, usize>,
    /// Facts about codes whose answer has not come yet.
    early: BTreeMap<DossierCode, Vec<(Moment, Fact)>>,
    /// Receptions that wait for the code of their online submission.
    held: BTreeMap<usize, (Moment, Deed)>,
}

impl Player {
    /// A player before the first day.
    pub fn new(workload: Workload) -> Self {
        let courses = vec![Course::default(); workload.plans.len()];
        let mut player = Self {
            workload,
            courses,
            queue: BTreeMap::new(),
            opened_by: BTreeMap::new(),
            numbers: BTreeMap::new(),
            early: BTreeMap::new(),
            held: BTreeMap::new(),
        };
        for number in 0..player.workload.plans.len() {
            let plan = &player.workload.plans[number];
            let (registered_at, arrives_at) = (plan.registered_at, plan.arrives_at);
            let at_the_desk = if plan.declined.is_some() {
                Deed::Decline
            } else {
                Deed::Receive
            };
            if let Some(at) = registered_at {
                player.schedule(number, at, Deed::Register);
            }
            player.schedule(number, arrives_at, at_the_desk);
        }
        player
    }

    /// The quarter that is played.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    /// When something is to be done next, as far as is known.
    pub fn next_instant(&self) -> Option<Moment> {
        self.queue.first_key_value().map(|((at, _, _), _)| *at)
    }

    /// Everything to be done until `until`, in order of time. What has become pointless meanwhile is
    /// left out.
    ///
    /// # Errors
    /// [`WorkloadError`] when a moment lies outside the calendar.
    pub fn due(&mut self, until: Moment) -> Result<Vec<Action>, WorkloadError> {
        let mut actions = Vec::new();
        while let Some(entry) = self.queue.first_entry() {
            let (at, number, _) = *entry.key();
            if at > until {
                break;
            }
            let deed = entry.remove();
            actions.extend(self.act(number, at, deed)?);
        }
        Ok(actions)
    }

    /// A unit answered an action that opened a dossier. Other answers tell the player nothing.
    ///
    /// # Errors
    /// As [`Player::told`].
    pub fn answered(&mut self, action: Uuid, answer: &Answer) -> Result<(), WorkloadError> {
        let Some(number) = self.opened_by.remove(&action) else {
            return Ok(());
        };
        let course = &mut self.courses[number];
        course.code = Some(answer.dossier.clone());
        course.due_at = course.due_at.or(answer.due_at);
        self.numbers.insert(answer.dossier.clone(), number);
        if let Some((at, deed)) = self.held.remove(&number) {
            self.schedule(number, at, deed);
        }
        for (at, fact) in self.early.remove(&answer.dossier).unwrap_or_default() {
            self.told(&answer.dossier, at, &fact)?;
        }
        Ok(())
    }

    /// An event was seen: what follows from it is put on the agenda.
    ///
    /// # Errors
    /// [`WorkloadError`] when a moment lies outside the calendar.
    pub fn told(
        &mut self,
        code: &DossierCode,
        at: Moment,
        fact: &Fact,
    ) -> Result<(), WorkloadError> {
        let Some(number) = self.numbers.get(code).copied() else {
            self.early
                .entry(code.clone())
                .or_default()
                .push((at, fact.clone()));
            return Ok(());
        };
        if self.courses[number].is_ahead(&self.workload.plans[number], fact) {
            self.courses[number].ahead.push((at, fact.clone()));
            return Ok(());
        }
        let promises = self.courses[number].promises;
        self.courses[number].learn(&self.workload.plans[number], at, fact);
        self.follow(number, at, fact)?;
        if self.courses[number].promises != promises {
            self.look_ahead(number, at)?;
        }
        if matches!(fact, Fact::Dispatched(_)) {
            for (at, fact) in std::mem::take(&mut self.courses[number].ahead) {
                self.told(code, at, &fact)?;
            }
        }
        Ok(())
    }

    /// The count of everything done and seen so far, open dossiers judged as of `as_of`.
    pub fn tally(&self, as_of: Moment) -> Tally {
        let mut tally = Tally::default();
        for (plan, course) in self.workload.plans.iter().zip(&self.courses) {
            course.count(plan, as_of, &mut tally);
        }
        tally
    }

    pub(crate) fn schedule(&mut self, number: usize, at: Moment, deed: Deed) {
        if at < self.workload.ends_at {
            self.queue.insert((at, number, deed.slot()), deed);
        }
    }

    pub(crate) fn in_minutes(&self, from: Moment, minutes: u32) -> Result<Moment, WorkloadError> {
        Ok(add_working_minutes(&self.workload.calendar, from, minutes)?)
    }

    /// Days of the calendar later, when a desk is open.
    pub(crate) fn in_days(&self, from: Moment, days: u32) -> Result<Moment, WorkloadError> {
        Ok(next_opening(
            &self.workload.calendar,
            from + TimeDelta::days(i64::from(days)),
        )?)
    }

    fn act(
        &mut self,
        number: usize,
        at: Moment,
        deed: Deed,
    ) -> Result<Option<Action>, WorkloadError> {
        if let Deed::LookAhead(count) = deed {
            return self.foresee(number, at, count);
        }
        if !self.still_makes_sense(number, deed) {
            return Ok(None);
        }
        let registered = self.workload.plans[number].registered_at.is_some();
        if registered
            && matches!(deed, Deed::Receive | Deed::Decline)
            && self.courses[number].code.is_none()
        {
            self.held.insert(number, (at, deed));
            return Ok(None);
        }
        self.put(number, at, deed)
    }

    fn put(
        &mut self,
        number: usize,
        at: Moment,
        deed: Deed,
    ) -> Result<Option<Action>, WorkloadError> {
        let plan = &self.workload.plans[number];
        let course = &mut self.courses[number];
        let performer = deed
            .performed()
            .and_then(|at| course.steps.get(at.step))
            .and_then(|step| step.to.clone());
        let unit = performer.unwrap_or_else(|| plan.home.clone());
        let Some((command, data)) = deed.words(plan, &unit, at)? else {
            return Ok(None);
        };
        let id = chance::identity(self.workload.seed, number, deed.slot());
        let dossier = course.code.clone();
        if dossier.is_none() {
            self.opened_by.insert(id, number);
        }
        match deed {
            Deed::NeedSupplement(at) => {
                if let Some(step) = course.step(at.step) {
                    step.stands = Stands::Waiting;
                }
            }
            Deed::Withdraw | Deed::StopWaiting(_) => course.closing = true,
            _ => {}
        }
        let officer = officer(&unit, number, deed.performed().is_some())?;
        Ok(Some(Action {
            id,
            number,
            unit,
            command: command.to_owned(),
            officer,
            at,
            dossier,
            data,
        }))
    }

    fn still_makes_sense(&self, number: usize, deed: Deed) -> bool {
        let course = &self.courses[number];
        let at = |at: crate::deed::AtStep| course.stands(at.step, at.turn);
        match deed {
            Deed::Register | Deed::Receive | Deed::Decline => true,
            Deed::StopWithdrawn | Deed::ReturnResult => course.end.is_some(),
            _ if !course.is_open() => false,
            Deed::Accept(step) | Deed::DeclineStep(step) => at(step) == Stands::Offered,
            Deed::Redispatch(step) => at(step) == Stands::Declined,
            Deed::GiveSupplement(round) | Deed::StopWaiting(round) => {
                course.waits.contains_key(&Wait::Supplement) && course.supplements == round
            }
            Deed::ConfirmPayment(round) => {
                course.waits.contains_key(&Wait::Payment) && course.payments == round
            }
            Deed::LookAhead(_) | Deed::Apologise(_) | Deed::Withdraw => true,
            _ => deed
                .performed()
                .is_some_and(|step| at(step) == Stands::Taken),
        }
    }

    /// An officer looks at a promise on the working day before it falls due: an apology has to go out
    /// a day ahead (NĐ 61/2018/NĐ-CP art. 19.9).
    fn look_ahead(&mut self, number: usize, at: Moment) -> Result<(), WorkloadError> {
        let course = &self.courses[number];
        let by_days = matches!(
            course.unit,
            Some(LimitUnit::WorkingDays | LimitUnit::Days | LimitUnit::Months)
        );
        if let Some(due_at) = course
            .due_at
            .filter(|due_at| by_days && due_at.date_naive() > at.date_naive())
        {
            let day = last_working_day_before(&self.workload.calendar, due_at.date_naive())?;
            let looks_at = on(day, LOOKS_AT_SECOND);
            let deed = Deed::LookAhead(course.promises);
            if looks_at > at {
                self.schedule(number, looks_at, deed);
            }
        }
        Ok(())
    }

    /// Some of those that will be late get their apology.
    fn foresee(
        &mut self,
        number: usize,
        at: Moment,
        count: u32,
    ) -> Result<Option<Action>, WorkloadError> {
        let (plan, course) = (&self.workload.plans[number], &self.courses[number]);
        let in_question = course.is_open()
            && course.paused_at.is_none()
            && !course.apologised
            && course.promises == count;
        let Some(due_at) = course.due_at.filter(|_| in_question && plan.apologised) else {
            return Ok(None);
        };
        let mut expected = course
            .steps
            .iter()
            .filter_map(|step| step.done_at)
            .max()
            .unwrap_or(at)
            .max(at);
        for (index, step) in plan.steps.iter().enumerate() {
            let known = course
                .steps
                .get(index)
                .map_or(Stands::NotGiven, |step| step.stands);
            if matches!(known, Stands::NotGiven | Stands::Offered | Stands::Declined) {
                expected =
                    self.in_minutes(expected, step.acknowledge_minutes + step.work_minutes)?;
            }
        }
        if expected.date_naive() <= due_at.date_naive() {
            return Ok(None);
        }
        let margin =
            Limit::new(APOLOGY_MARGIN_DAYS, LimitUnit::WorkingDays).unwrap_or(Limit::SAME_DAY);
        match calendar::due(&self.workload.calendar, expected, margin)?.due_at {
            Some(new_due_at) => self.put(number, at, Deed::Apologise(new_due_at)),
            None => Ok(None),
        }
    }
}
