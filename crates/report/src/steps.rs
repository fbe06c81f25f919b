//! Every turn of every step with its own limit: the rows of the control slip, and where lateness arose.

use calendar::{Calendar, CalendarError, Limit, Moment, resume, working_minutes_between};
use dossier::dossier::Dossier;
use dossier::ids::{DossierCode, StepKey, UnitId};
use dossier::promise::Timeliness;

use crate::course::{self, Waiting};
use crate::ended::end_of;
use crate::ontime::compare;
use crate::sheet::moment;

/// A report that needs days which the calendar does not cover.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("counting the working time of {code}: {source}")]
pub struct NotCovered {
    /// The dossier.
    pub code: DossierCode,
    /// The day that is missing.
    pub source: CalendarError,
}

/// How a turn was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Done with a result.
    Done,
    /// Done: not eligible.
    Rejected,
    /// Sent back for correction of an earlier step.
    SentBack,
    /// Not taken: not this unit's.
    Declined,
    /// Given out again before it was answered.
    Replaced,
}

impl Left {
    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Done => "hoàn thành",
            Self::Rejected => "không đủ điều kiện",
            Self::SentBack => "trả lại để chỉnh sửa",
            Self::Declined => "không thuộc thẩm quyền",
            Self::Replaced => "đã giao lại",
        }
    }
}

/// One turn of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTurn {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it, from 1.
    pub turn: u32,
    /// The unit it was given to.
    pub unit: UnitId,
    /// Its department, as far as known.
    pub department: Option<String>,
    /// The task in Vietnamese, as the route names it.
    pub task: String,
    /// Time allowed from the moment it was taken.
    pub limit: Limit,
    /// When it was given (giao).
    pub given_at: Moment,
    /// When it was taken (nhận).
    pub taken_at: Option<Moment>,
    /// When and how it was left.
    pub left: Option<(Moment, Left)>,
    /// When it is due by its own limit, the time that was not its own left out. An apology of its
    /// performer does not move it; the new date stands in `put_off_to`.
    pub due_at: Option<Moment>,
    /// The new date that its performer gave with an apology.
    pub put_off_to: Option<Moment>,
    /// Where it stands against its own limit; none without one, or when it was never taken.
    pub timeliness: Option<Timeliness>,
    /// Working minutes beyond its own limit.
    pub beyond_minutes: i64,
}

/// Every turn, in the order in which they were given out, as of `at`.
///
/// # Errors
/// [`NotCovered`] when a count needs a day that the calendar does not cover.
pub fn turns(
    dossier: &Dossier,
    at: Moment,
    calendar: &Calendar,
) -> Result<Vec<StepTurn>, NotCovered> {
    let until = end_of(dossier).map_or(at, |end| end.at.min(at));
    let waits = course::waits(&dossier.promise);
    let mut all = Vec::new();
    for (step, turns) in &dossier.walk.turns {
        for (number, turn) in (1u32..).zip(turns) {
            let task = dossier.walk.steps.iter().find(|s| s.key == *step);
            let mut one = StepTurn {
                step: step.clone(),
                turn: number,
                unit: turn.to.clone(),
                department: turn.department.clone(),
                task: task.map_or_else(|| step.as_str().to_owned(), |s| s.task.clone()),
                limit: turn.limit,
                given_at: turn.given_at,
                taken_at: None,
                left: turns
                    .get(number as usize)
                    .map(|next| (next.given_at, Left::Replaced)),
                due_at: None,
                put_off_to: None,
                timeliness: None,
                beyond_minutes: 0,
            };
            if let Some(work) = dossier.work.get(&(step.clone(), number)) {
                one.taken_at = work.accepted_at;
                if work.department.is_some() {
                    one.department.clone_from(&work.department);
                }
                let done = if work.rejected {
                    Left::Rejected
                } else {
                    Left::Done
                };
                let left = [
                    (work.completed_at, done),
                    (work.sent_back_at, Left::SentBack),
                    (work.declined_at, Left::Declined),
                ];
                let left = left.into_iter().find_map(|(at, how)| Some((at?, how)));
                one.left = left.or(one.left);
                one.put_off_to = work.apologised.map(|(_, _, new)| new);
                one.due_at = work.apologised.map(|(_, old, _)| old).or(work.due_at);
            }
            one.measure(&waits, until, calendar)
                .map_err(|source| NotCovered {
                    code: dossier.code.clone(),
                    source,
                })?;
            all.push(one);
        }
    }
    all.sort_by(|a, b| (a.given_at, &a.step, a.turn).cmp(&(b.given_at, &b.step, b.turn)));
    Ok(all)
}

impl StepTurn {
    /// The moment up to which it was held, or is, by `until`.
    #[must_use]
    pub fn held_until(&self, until: Moment) -> Moment {
        self.left
            .map_or(until, |(at, _)| at.min(until))
            .max(self.given_at)
    }

    /// Whether the time of a wait is not this step's own: the clock of the whole dossier or of this
    /// step stands still, or the citizen has to do something for this step.
    #[must_use]
    pub fn is_spared_by(&self, waiting: &Waiting) -> bool {
        match &waiting.step {
            Some(step) if *step != self.step => false,
            Some(_) => waiting.wait.is_the_citizens() || !waiting.effect.is_none(),
            None => !waiting.effect.is_none(),
        }
    }

    /// What the dates do not say: the turn, how it was left, a later date, how far beyond its limit.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.turn > 1 {
            remarks.push(format!("giao lần {}", self.turn));
        }
        let stands = match (self.left, self.taken_at) {
            (Some((_, left)), _) => left.label(),
            (None, None) => "chưa tiếp nhận",
            (None, Some(_)) => "đang giải quyết",
        };
        remarks.push(stands.to_owned());
        if let Some(new) = self.put_off_to {
            remarks.push(format!("đã xin lỗi, hẹn lại {}", moment(new)));
        }
        if self.beyond_minutes > 0 {
            remarks.push(format!("quá {} phút làm việc", self.beyond_minutes));
        }
        remarks
    }

    fn measure(
        &mut self,
        waits: &[Waiting],
        until: Moment,
        calendar: &Calendar,
    ) -> Result<(), CalendarError> {
        let (Some(taken_at), Some(mut due_at)) = (self.taken_at, self.due_at) else {
            return Ok(());
        };
        let held_until = self.held_until(until);
        let mut spared_until = taken_at;
        for waiting in waits.iter().filter(|waiting| self.is_spared_by(waiting)) {
            let from = waiting.from.max(spared_until);
            let to = waiting.until.unwrap_or(until).min(held_until);
            if from < to {
                due_at = resume(calendar, due_at, from, to, self.limit.unit())?;
                spared_until = to;
            }
        }
        let timeliness = compare(held_until, due_at, self.limit.unit());
        self.due_at = Some(due_at);
        if timeliness == Timeliness::Late {
            let beyond = working_minutes_between(calendar, due_at, held_until)?;
            self.beyond_minutes = beyond.max(0);
        }
        let over = self.left.is_some() || timeliness == Timeliness::Late;
        self.timeliness = over.then_some(timeliness);
        Ok(())
    }
}
