//! The promise (ngày hẹn trả kết quả) and its clock: paused, resumed, restarted, replaced,
//! extended once. The original date is never overwritten.

use std::collections::BTreeMap;

use calendar::{Calendar, CalendarError, Limit, LimitUnit, Moment};
use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::clock::{Recomputed, Started, Turned};
use crate::fact::Fact;
use crate::ids::StepKey;
use crate::intake::reason_given;
use crate::procedure::WaitEffect;

/// The citizen was told that the date cannot be kept, and given a new one (Phiếu xin lỗi và hẹn
/// lại ngày trả kết quả, Mẫu 04; NĐ 61/2018/NĐ-CP art. 19.9). At most once. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Apologised {
    /// Reason in Vietnamese.
    pub reason: String,
    /// The date that could not be kept.
    pub old_due_at: Moment,
    /// The new date.
    pub new_due_at: Moment,
    /// Whether it came later than the regime allows (one day before the old date, art. 19.9):
    /// recorded as it was, not hidden.
    pub late: bool,
}

/// What a dossier waits for, besides the work on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// The citizen's supplement (bổ sung hồ sơ).
    Supplement,
    /// The citizen's payment (nghĩa vụ tài chính, phí, lệ phí).
    Payment,
    /// Verification (thẩm tra, xác minh).
    Verification,
    /// Opinions of others (lấy ý kiến).
    Opinion,
    /// Public posting (niêm yết công khai).
    Posting,
    /// The way from one agency to another.
    Transfer,
    /// An incident of a system, announced by its owner (sự cố hệ thống).
    Incident,
    /// A confirmation by someone of the citizen's side (e.g. chủ hộ xác nhận trên VNeID).
    Consent,
}

impl Wait {
    /// Every wait.
    pub const ALL: [Self; 8] = [
        Self::Supplement,
        Self::Payment,
        Self::Verification,
        Self::Opinion,
        Self::Posting,
        Self::Transfer,
        Self::Incident,
        Self::Consent,
    ];

    /// Whether it is the citizen who is waited for.
    pub const fn is_the_citizens(self) -> bool {
        matches!(self, Self::Supplement | Self::Payment | Self::Consent)
    }

    /// The name that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Supplement => "bổ sung hồ sơ",
            Self::Payment => "thực hiện nghĩa vụ tài chính",
            Self::Verification => "thẩm tra, xác minh",
            Self::Opinion => "lấy ý kiến",
            Self::Posting => "niêm yết công khai",
            Self::Transfer => "chuyển hồ sơ giữa các cơ quan",
            Self::Incident => "sự cố hệ thống",
            Self::Consent => "xác nhận của người có liên quan",
        }
    }
}

/// A due date as counted anew when the citizen has done what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recounted {
    /// The rule that was applied.
    pub effect: WaitEffect,
    /// The limit in force from now on.
    pub limit: Limit,
    /// The due date in force from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    /// Version of the calendar that counted it.
    pub calendar: String,
}

/// State of the promise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Promise {
    /// The date first promised; kept for ever.
    pub original_due_at: Option<Moment>,
    /// The date in force.
    pub due_at: Option<Moment>,
    /// The limit in force.
    pub limit: Option<Limit>,
    /// How often the citizen was asked to accept a later date.
    pub apologies: u8,
    /// Everything that moved the clock, in the order of the home's own numbering.
    pub course: Vec<Turned>,
    waits: BTreeMap<Wait, WaitEffect>,
    paused_at: Option<Moment>,
}

/// Early, on time or late (trước hạn, đúng hạn, quá hạn; columns 8 to 10 of form II.06a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timeliness {
    /// On an earlier day than promised.
    Early,
    /// On the promised day; for limits in hours, by the promised minute.
    OnTime,
    /// After it.
    Late,
}

impl Timeliness {
    /// Compares the end of processing with a due date. Limits in days run to the end of their
    /// last day (BLDS 2015 art. 148), so they are compared by date; limits in hours by the minute.
    pub fn of(ended_at: Moment, due_at: Moment, unit: LimitUnit) -> Self {
        let by_the_minute = matches!(unit, LimitUnit::Hours | LimitUnit::WorkingHours);
        let (ended, due) = (ended_at.date_naive(), due_at.date_naive());
        if ended > due || (by_the_minute && ended_at > due_at) {
            Self::Late
        } else if ended < due {
            Self::Early
        } else {
            Self::OnTime
        }
    }
}

impl Promise {
    /// A promise as made at reception.
    pub(crate) fn made(from: Moment, limit: Limit, due_at: Option<Moment>, calendar: &str) -> Self {
        Self {
            original_due_at: due_at,
            due_at,
            limit: Some(limit),
            course: vec![Turned::Made {
                from,
                limit,
                due_at,
                calendar: calendar.to_owned(),
            }],
            ..Self::default()
        }
    }

    pub(crate) fn start(&mut self, started: &Started) {
        self.run_from(
            started.since,
            started.due_at,
            &started.calendar,
            &started.basis,
        );
    }

    /// A clock that stands still when it is started has its whole limit ahead of it.
    pub(crate) fn run_from(
        &mut self,
        since: Moment,
        due_at: Option<Moment>,
        calendar: &str,
        basis: &str,
    ) {
        self.due_at = due_at;
        self.paused_at = self.paused_at.map(|at| at.max(since));
        self.course.push(Turned::Started {
            since,
            due_at,
            calendar: calendar.to_owned(),
            basis: basis.to_owned(),
        });
    }

    /// A date that was in force is kept where a count gave an earlier one.
    pub(crate) fn keep(&mut self, due_at: Moment) {
        self.due_at = self.due_at.max(Some(due_at));
    }

    /// The due date once the clock is started at `since`: never earlier than the one promised.
    pub(crate) fn due_if_started(
        &self,
        since: Moment,
        calendar: &Calendar,
    ) -> Result<Option<Moment>, CalendarError> {
        let limit = self.limit.unwrap_or(Limit::NONE_STATED);
        Ok(self
            .due_at
            .max(calendar::due(calendar, since, limit)?.due_at))
    }

    /// Whether the competent agency's reception has started the clock.
    pub fn is_started(&self) -> bool {
        let started = |turned: &Turned| matches!(turned, Turned::Started { .. });
        self.course.iter().any(started)
    }

    pub(crate) fn recompute(&mut self, at: Moment, recomputed: &Recomputed) {
        self.due_at = Some(recomputed.due_at);
        self.course.push(Turned::Recomputed {
            at,
            recomputed: recomputed.clone(),
        });
    }

    /// Whether the citizen has something to do.
    pub fn is_waiting(&self) -> bool {
        self.waits.keys().any(|wait| wait.is_the_citizens())
    }

    /// Whether the clock stands still.
    pub fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// Whether `wait` has begun and is not over.
    pub fn waits_for(&self, wait: Wait) -> bool {
        self.waits.contains_key(&wait)
    }

    /// The moment up to which the clock has run at `now`: it stands still while paused. What ends
    /// during a pause is held against the due date by this moment.
    pub fn counted_until(&self, now: Moment) -> Moment {
        self.paused_at.map_or(now, |paused_at| now.min(paused_at))
    }

    /// Whether the due date had passed by the moment up to which the clock has run. A dossier that
    /// was late when the citizen was asked for something stays late.
    pub fn is_overdue(&self, now: Moment) -> bool {
        self.due_at.zip(self.limit).is_some_and(|(due_at, limit)| {
            Timeliness::of(self.counted_until(now), due_at, limit.unit()) == Timeliness::Late
        })
    }

    /// Whether a wait other than `wait` holds the clock; one without effect lets it run.
    fn is_held_besides(&self, wait: Wait) -> bool {
        self.waits
            .iter()
            .any(|(other, effect)| *other != wait && *effect != WaitEffect::None)
    }

    pub(crate) fn begin_wait(
        &mut self,
        wait: Wait,
        effect: WaitEffect,
        at: Moment,
        step: Option<&StepKey>,
        reason: &str,
        late: bool,
    ) {
        self.course.push(Turned::Began {
            wait,
            effect,
            at,
            step: step.cloned(),
            reason: reason.to_owned(),
            late,
        });
        self.waits.insert(wait, effect);
        if effect != WaitEffect::None {
            self.paused_at.get_or_insert(at);
        }
    }

    pub(crate) fn end_wait(&mut self, wait: Wait, at: Moment, recounted: &Recounted) {
        self.course.push(Turned::Ended {
            wait,
            at,
            recounted: recounted.clone(),
        });
        self.waits.remove(&wait);
        self.limit = Some(recounted.limit);
        self.due_at = recounted.due_at;
        let starts_anew = matches!(
            recounted.effect,
            WaitEffect::Restart | WaitEffect::SecondLimit(_)
        );
        if !self.is_held_besides(wait) {
            self.paused_at = None;
        } else if starts_anew && self.paused_at.is_some() {
            self.paused_at = Some(at);
        }
    }

    pub(crate) fn extend(&mut self, at: Moment, apologised: &Apologised) {
        self.course.push(Turned::Extended {
            at,
            due_at: apologised.new_due_at,
            reason: apologised.reason.clone(),
            late: apologised.late,
        });
        self.due_at = Some(apologised.new_due_at);
        self.apologies += 1;
    }

    /// The due date once `wait` ends at `at`, by the effect it began with. While another wait holds
    /// the clock, a pause stays a pause and the date is counted when the last of them ends.
    pub(crate) fn recount(
        &self,
        wait: Wait,
        at: Moment,
        calendar: &Calendar,
    ) -> Result<Recounted, CalendarError> {
        let effect = self.waits.get(&wait).copied().unwrap_or(WaitEffect::None);
        let limit = self.limit.unwrap_or(Limit::NONE_STATED);
        let anew = |limit: Limit| -> Result<(Limit, Option<Moment>), CalendarError> {
            Ok((limit, calendar::due(calendar, at, limit)?.due_at))
        };
        let (limit, due_at) = match effect {
            WaitEffect::Restart => anew(limit)?,
            WaitEffect::SecondLimit(second) => anew(second)?,
            WaitEffect::Pause => match (self.due_at, self.paused_at) {
                (Some(due_at), Some(paused_at)) if !self.is_held_besides(wait) => (
                    limit,
                    Some(calendar::resume(
                        calendar,
                        due_at,
                        paused_at,
                        at,
                        limit.unit(),
                    )?),
                ),
                (due_at, _) => (limit, due_at),
            },
            WaitEffect::None => (limit, self.due_at),
        };
        Ok(Recounted {
            effect,
            limit,
            due_at,
            calendar: calendar.version().to_owned(),
        })
    }
}

/// Command: apologise and promise a new date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Apologise {
    /// Reason in Vietnamese.
    pub reason: String,
    /// The new date.
    pub new_due_at: Moment,
}

impl Apologise {
    /// As often as the regime allows, to a later moment that lies ahead, on a working day.
    ///
    /// # Errors
    /// A refusal that names the regime's article.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        let rules = case.dossier.rules();
        let rule = rules.apologies.basis;
        reason_given(&self.reason, rule)?;
        let promise = &case.dossier.promise;
        let Some(old_due_at) = promise.due_at else {
            return Err(Refusal::new(
                "promise.none_made",
                "Hồ sơ không có ngày hẹn trả",
                rule,
            ));
        };
        if promise.apologies >= rules.apologies.value {
            return Err(Refusal::new(
                "promise.already_extended",
                format!(
                    "Chỉ được hẹn lại ngày trả kết quả {} lần",
                    rules.apologies.value
                ),
                rule,
            ));
        }
        let new_due_at = self.new_due_at.with_timezone(&calendar::hanoi());
        if new_due_at <= old_due_at || new_due_at <= case.at {
            return Err(Refusal::new(
                "promise.not_later",
                "Ngày hẹn mới phải sau ngày hẹn cũ và sau hiện tại",
                rule,
            ));
        }
        let day = case
            .calendar
            .day(new_due_at.date_naive())
            .map_err(|e| Refusal::calendar(&e))?;
        if !day.is_working() {
            return Err(Refusal::new(
                "promise.not_a_working_day",
                format!("Ngày hẹn mới là ngày nghỉ: {}", day.reason()),
                "BLDS 2015 điều 148 khoản 5",
            ));
        }
        let today = case.at.with_timezone(&calendar::hanoi()).date_naive();
        let ahead = (old_due_at.date_naive() - today).num_days();
        Ok(vec![Fact::Apologised(Apologised {
            reason: self.reason,
            old_due_at,
            new_due_at,
            late: ahead < i64::from(rules.apology_days_ahead.value),
        })])
    }
}
