//! What is particular to the interconnected groups of birth and death (NĐ 63/2024/NĐ-CP as amended
//! by NĐ 301/2026/NĐ-CP): how fast results and acknowledgements have to travel, and who answers for a
//! late step. It holds for dossiers whose regime fixes both times, and for no other.
//!
//! The home sees when a word reached it, and raises an alert where it came too late or not at all.
//! An alert is settled by what repairs it: an unacknowledged step by its answer, a late result by
//! being passed on to a step that builds on it. Where nothing builds on it, and for data that does
//! not match, an officer settles it ([`crate::alert::SettleAlert`]).

use calendar::{Calendar, Limit, Moment};
use chrono::{NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::alert::{AlertKind, Raised, Settled};
use crate::case::{Case, Refusal};
use crate::dossier::Dossier;
use crate::fact::Fact;
use crate::ids::StepKey;
use crate::intake::reason_given;
use crate::route::{Standing, Turn};
use crate::step::{self, StepApologised};

/// The times of a group, with their articles.
#[derive(Clone, Copy)]
struct Times {
    send_minutes: i64,
    send_basis: &'static str,
    acknowledge_minutes: u32,
    acknowledge_basis: &'static str,
}

fn times(dossier: &Dossier) -> Option<Times> {
    let rules = dossier.received()?.regime.rules();
    Some(Times {
        send_minutes: rules.send_within_minutes.value?,
        send_basis: rules.send_within_minutes.basis,
        acknowledge_minutes: rules.acknowledge_within_minutes.value?,
        acknowledge_basis: rules.acknowledge_within_minutes.basis,
    })
}

/// The article by which the units of this dossier alert one another, if they do.
pub(crate) fn alerts_by(dossier: &Dossier) -> Option<&'static str> {
    times(dossier).map(|times| times.acknowledge_basis)
}

/// What the home does by itself in a group once a fact is known.
pub(crate) fn react(case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
    let Some(times) = times(case.dossier) else {
        return Vec::new();
    };
    match fact {
        Fact::StepCompleted(f) => sent_late(case, times, &f.step, f.turn)
            .into_iter()
            .collect(),
        Fact::StepAccepted(f) => answered(case, &f.step, f.turn).into_iter().collect(),
        Fact::StepDeclined(f) => answered(case, &f.step, f.turn).into_iter().collect(),
        Fact::Dispatched(f) => passed_on_to(case, &f.step),
        Fact::AlertRaised(f) if f.alert == AlertKind::SentLate => {
            passed_on(case, &f.step).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What the home does by itself in a group when time has passed: a step that another unit was
/// given and has not answered within the time is alerted once.
pub(crate) fn in_time(case: &Case<'_>) -> Vec<Fact> {
    let Some(times) = times(case.dossier) else {
        return Vec::new();
    };
    unanswered(case.dossier)
        .filter(|(_, _, turn)| {
            acknowledge_by(case.calendar, turn, times).is_some_and(|by| case.at > by)
        })
        .filter_map(|(step, number, turn)| {
            let kind = AlertKind::NotAcknowledged;
            let reason = format!(
                "{} chưa xác nhận tiếp nhận trong {} phút làm việc kể từ khi giao",
                turn.to, times.acknowledge_minutes
            );
            raised(case, kind, step, number, reason, times.acknowledge_basis)
        })
        .collect()
}

/// When [`in_time`] may have something to say next: the second after a step should have been
/// answered.
pub(crate) fn next_look(dossier: &Dossier, calendar: &Calendar) -> Option<Moment> {
    let times = times(dossier)?;
    unanswered(dossier)
        .filter_map(|(_, _, turn)| acknowledge_by(calendar, turn, times))
        .filter_map(|by| by.checked_add_signed(TimeDelta::seconds(1)))
        .min()
}

/// Steps that another unit was given, has not answered, and was not alerted about.
fn unanswered(dossier: &Dossier) -> impl Iterator<Item = (&StepKey, u32, &Turn)> {
    dossier.walk.turns.iter().filter_map(|(step, turns)| {
        let (number, turn) = (turns.len() as u32, turns.last()?);
        let alert = (step.clone(), number, AlertKind::NotAcknowledged);
        let waits = turn.to != dossier.home
            && dossier.standing(step) == Standing::Offered
            && !dossier.alerts.contains_key(&alert);
        waits.then_some((step, number, turn))
    })
}

fn acknowledge_by(calendar: &Calendar, turn: &Turn, times: Times) -> Option<Moment> {
    calendar::add_working_minutes(calendar, turn.given_at, times.acknowledge_minutes).ok()
}

fn sent_late(case: &Case<'_>, times: Times, step: &StepKey, turn: u32) -> Option<Fact> {
    let work = case.dossier.work.get(&(step.clone(), turn))?;
    let minutes = (case.at - work.completed_at?).num_minutes();
    let in_time = case.at <= work.completed_at? + TimeDelta::minutes(times.send_minutes);
    let kind = AlertKind::SentLate;
    let known = case
        .dossier
        .alerts
        .contains_key(&(step.clone(), turn, kind));
    if in_time || known {
        return None;
    }
    let reason = format!(
        "Kết quả được gửi sau {minutes} phút kể từ khi hoàn thành, quá {} phút",
        times.send_minutes
    );
    raised(case, kind, step, turn, reason, times.send_basis)
}

pub(crate) fn raised(
    case: &Case<'_>,
    alert: AlertKind,
    step: &StepKey,
    turn: u32,
    reason: String,
    basis: &str,
) -> Option<Fact> {
    Some(Fact::AlertRaised(Raised {
        alert,
        step: step.clone(),
        turn,
        reason,
        repair_by: end_of_working_day(case.calendar, case.at)?,
        basis: basis.to_owned(),
    }))
}

/// The end of the working day that runs at `at`, or of the next one when offices are closed for
/// the day. None beyond the published calendars, where no date is given at all.
fn end_of_working_day(calendar: &Calendar, at: Moment) -> Option<Moment> {
    let opening = calendar::next_opening(calendar, at).ok()?;
    let midnight = opening.with_time(NaiveTime::MIN).single()?;
    calendar::due(calendar, midnight, Limit::SAME_DAY)
        .ok()?
        .due_at
}

/// An unanswered step is repaired when its unit answers, whatever the answer.
fn answered(case: &Case<'_>, step: &StepKey, turn: u32) -> Option<Fact> {
    let kind = AlertKind::NotAcknowledged;
    let alert = case.dossier.alerts.get(&(step.clone(), turn, kind))?;
    let work = case.dossier.work.get(&(step.clone(), turn))?;
    let answered_at = work.accepted_at.or(work.declined_at)?;
    alert.settled_at.is_none().then(|| {
        Fact::AlertSettled(Settled {
            alert: kind,
            step: step.clone(),
            turn,
            repair: "Đơn vị được giao đã trả lời".to_owned(),
            late: answered_at > alert.repair_by,
        })
    })
}

/// A late result is repaired when it was passed on: a step that builds on it was given out.
fn passed_on(case: &Case<'_>, step: &StepKey) -> Option<Fact> {
    let receivers = receivers(case.dossier, step)?;
    Some(settled_by(case, step, receivers.first()?))
}

/// The first step that a late result is passed on to settles its alert; those given out beside it
/// need not.
fn passed_on_to(case: &Case<'_>, given: &StepKey) -> Vec<Fact> {
    let dossier = case.dossier;
    let inputs = dossier.walk.steps.iter().find(|step| step.key == *given);
    let late = inputs.into_iter().flat_map(|step| &step.inputs);
    late.filter(|input| {
        let turn = dossier.walk.turns.get(*input).map_or(0, Vec::len) as u32;
        let alert = ((*input).clone(), turn, AlertKind::SentLate);
        let open = dossier.alerts.get(&alert);
        open.is_some_and(|alert| alert.settled_at.is_none())
            && receivers(dossier, input).is_some_and(|all| all == [given])
    })
    .map(|input| settled_by(case, input, given))
    .collect()
}

/// Steps that were given out with the latest result of `step`.
fn receivers<'a>(dossier: &'a Dossier, step: &StepKey) -> Option<Vec<&'a StepKey>> {
    let turns = &dossier.walk.turns;
    let completed_at = dossier.latest_work(step)?.completed_at?;
    let builds_on = dossier.walk.steps.iter().filter(|next| {
        let given = turns.get(&next.key).and_then(|turns| turns.last());
        next.inputs.contains(step) && given.is_some_and(|turn| turn.given_at >= completed_at)
    });
    Some(builds_on.map(|next| &next.key).collect())
}

fn settled_by(case: &Case<'_>, step: &StepKey, receiver: &StepKey) -> Fact {
    let turn = case.dossier.walk.turns.get(step).map_or(0, Vec::len) as u32;
    let alert = (step.clone(), turn, AlertKind::SentLate);
    let raised = case.dossier.alerts.get(&alert);
    Fact::AlertSettled(Settled {
        alert: AlertKind::SentLate,
        step: step.clone(),
        turn,
        repair: format!("Kết quả đã được chuyển đến bước {receiver}"),
        late: raised.is_some_and(|alert| case.at > alert.repair_by),
    })
}

/// Command: apologise for a step that cannot be done in its time, with a new date for it. In a group
/// the late agency answers itself; elsewhere the home apologises for the whole
/// ([`crate::promise::Apologise`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApologiseStep {
    /// Which step.
    pub step: StepKey,
    /// Reason in Vietnamese.
    pub reason: String,
    /// The new date of the step.
    pub new_due_at: Moment,
}

impl ApologiseStep {
    /// Once in a turn, by the unit that works on it, to a later moment on a working day.
    ///
    /// # Errors
    /// [`Refusal`] outside the groups, when the step is not being worked on by this unit, has no
    /// date or a new one already, and when the new date does not lie ahead on a working day.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        const RULE: &str = "NĐ 301/2026/NĐ-CP điều 3 (sửa đổi NĐ 63/2024/NĐ-CP điều 4)";
        let (turn, _) = step::turn(case, &self.step, Standing::Taken)?;
        let dossier = case.dossier;
        let Some(received) = dossier.received().filter(|_| times(dossier).is_some()) else {
            return Err(Refusal::new(
                "step.home_apologises",
                "Hồ sơ không thuộc nhóm thủ tục liên thông; đơn vị tiếp nhận xin lỗi cho cả hồ sơ",
                "NĐ 61/2018/NĐ-CP điều 19 khoản 9",
            ));
        };
        reason_given(&self.reason, RULE)?;
        let work = dossier.work.get(&(self.step.clone(), turn));
        if work.is_some_and(|work| work.apologised.is_some()) {
            return Err(Refusal::new(
                "step.already_extended",
                "Chỉ được hẹn lại một lần cho mỗi lượt xử lý",
                RULE,
            ));
        }
        let Some(old_due_at) = work.and_then(|work| work.due_at) else {
            let message = "Bước này không có thời hạn để hẹn lại";
            return Err(Refusal::new("step.no_date", message, RULE));
        };
        let new_due_at = self.new_due_at.with_timezone(&calendar::hanoi());
        if new_due_at <= old_due_at || new_due_at <= case.at {
            let message = "Ngày hẹn mới phải sau ngày hẹn cũ và sau hiện tại";
            return Err(Refusal::new("step.not_later", message, RULE));
        }
        let day = case
            .calendar
            .day(new_due_at.date_naive())
            .map_err(|error| Refusal::calendar(&error))?;
        if !day.is_working() {
            return Err(Refusal::new(
                "step.not_a_working_day",
                format!("Ngày hẹn mới là ngày nghỉ: {}", day.reason()),
                "BLDS 2015 điều 148 khoản 5",
            ));
        }
        let ahead = TimeDelta::days(received.regime.rules().apology_days_ahead.value.into());
        let today = case.at.with_timezone(&calendar::hanoi()).date_naive();
        let old_day = old_due_at.with_timezone(&calendar::hanoi()).date_naive();
        let late = old_day - today < ahead;
        Ok(vec![Fact::StepApologised(StepApologised {
            step: self.step,
            turn,
            reason: self.reason,
            old_due_at,
            new_due_at,
            late,
        })])
    }
}
