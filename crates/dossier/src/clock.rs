//! The clock of the promise, besides supplements, payments and apologies: started where the
//! competent agency has the dossier, paused for what no limit counts, resumed, and counted anew
//! because the calendar changed. Every one is a fact of the home with its basis. What a home does
//! to it by itself stands in `clockwork.rs`, what a changed calendar does in [`crate::recount`].

use calendar::{Limit, Moment};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::case::{Case, Refusal};
use crate::dossier::Dossier;
use crate::fact::Fact;
use crate::ids::{StepKey, UnitId};
use crate::intake::reason_given;
use crate::procedure::WaitEffect;
use crate::promise::{Recounted, Wait};

/// The clock stands still from now on for a cause that the procedure's version excludes from the
/// limit (thời gian không tính vào thời hạn). Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Paused {
    /// For what.
    pub cause: Wait,
    /// What it does to the clock, of this procedure's version.
    pub effect: WaitEffect,
    /// Why, in Vietnamese.
    pub reason: String,
    /// Legal basis.
    pub basis: String,
    /// The step that it concerns, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepKey>,
    /// Number of the notice, e.g. of a system's owner who announced an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// What held the clock is over. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resumed {
    /// What had held it.
    pub cause: Wait,
    /// The promise as recounted.
    pub recounted: Recounted,
    /// From when the clock runs again, where that was before it was said: the end of the time that a
    /// confirmation may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
}

/// The competent agency has the dossier, and the clock starts there (NĐ 309/2026/NĐ-CP art. 8.3).
/// The date on the receipt stays as it was promised. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Started {
    /// The competent agency.
    pub at: UnitId,
    /// From when the limit is counted: when it took the dossier or, where the regime puts off what
    /// comes after 15:00, the opening of the next working day.
    pub since: Moment,
    /// The due date counted from there; never earlier than the one promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    /// Version of the calendar that counted it.
    pub calendar: String,
    /// Legal basis.
    pub basis: String,
}

/// The due date was counted anew because a day of the calendar changed (hoán đổi ngày làm việc,
/// nghỉ bù). Never moved earlier: the printed date is a promise. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recomputed {
    /// The declaration of the authority: the event's identity.
    pub declaration: Uuid,
    /// Its basis, e.g. the number of the dispatch.
    pub basis: String,
    /// The date that was in force.
    pub old_due_at: Moment,
    /// The date that the changed calendar gives.
    pub counted_due_at: Moment,
    /// The date in force from now on: the later of the two.
    pub due_at: Moment,
    /// Version of the calendar that counted it.
    pub calendar: String,
}

/// An entry in the course of a promise's clock, as `why` tells it and as a changed calendar is
/// counted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turned {
    /// Promised at reception.
    Made {
        /// From when it was counted.
        from: Moment,
        /// The limit.
        limit: Limit,
        /// The date promised.
        due_at: Option<Moment>,
        /// Version of the calendar.
        calendar: String,
    },
    /// Started at the competent agency.
    Started {
        /// From when the limit is counted there.
        since: Moment,
        /// The date in force from then on.
        due_at: Option<Moment>,
        /// Version of the calendar.
        calendar: String,
        /// Legal basis.
        basis: String,
    },
    /// Something began for which the clock may stand still.
    Began {
        /// What.
        wait: Wait,
        /// What it does.
        effect: WaitEffect,
        /// When.
        at: Moment,
        /// The step that it concerns.
        step: Option<StepKey>,
        /// Why, in Vietnamese.
        reason: String,
        /// Whether a supplement was asked for later than the regime allows.
        late: bool,
    },
    /// It was over.
    Ended {
        /// What.
        wait: Wait,
        /// When.
        at: Moment,
        /// The promise as recounted.
        recounted: Recounted,
    },
    /// A later date was given with an apology.
    Extended {
        /// When.
        at: Moment,
        /// The new date.
        due_at: Moment,
        /// Why, in Vietnamese.
        reason: String,
        /// Whether the apology came too late.
        late: bool,
    },
    /// Counted anew after a change of the calendar.
    Recomputed {
        /// When.
        at: Moment,
        /// What was counted.
        recomputed: Recomputed,
    },
}

/// The rule of the system where no article says it.
const RULE: &str =
    "Thời gian không tính vào thời hạn: theo phiên bản thủ tục đã ghim khi tiếp nhận hồ sơ";

impl Dossier {
    /// On what it rests that the time of `wait` is not counted: the basis noted at reception, else
    /// the regime's article, else the procedure's own.
    pub fn wait_basis(&self, wait: Wait) -> String {
        let Some(received) = self.received() else {
            return RULE.to_owned();
        };
        if let Some(basis) = received.particulars.clock_basis.get(&wait) {
            return basis.clone();
        }
        let rules = received.regime.rules();
        if rules.not_counted.value.contains(&wait) {
            return rules.not_counted.basis.to_owned();
        }
        received.procedure.basis.clone()
    }
}

/// Command: let the clock stand still for a cause that the procedure's version does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// For what.
    pub cause: Wait,
    /// Why, in Vietnamese.
    pub reason: String,
    /// The step that it concerns, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepKey>,
    /// Number of the notice; for an incident that of the system's owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

impl Pause {
    /// Once for a cause at a time, and only for what the pinned version does not count; an incident
    /// only when its owner announced it (NĐ 301/2026/NĐ-CP art. 3.4).
    ///
    /// # Errors
    /// A refusal that names the cause and what to do instead.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        let (dossier, cause) = (case.dossier, self.cause);
        reason_given(&self.reason, RULE)?;
        if matches!(cause, Wait::Supplement | Wait::Payment) {
            return Err(Refusal::new(
                "clock.asked_of_the_citizen",
                format!(
                    "Không tạm dừng trực tiếp vì {}: hãy gửi yêu cầu bổ sung hoặc thông báo nộp tiền cho công dân",
                    cause.label()
                ),
                RULE,
            ));
        }
        let effect = dossier.policy().effect(cause);
        if effect.is_none() {
            let (code, version) = dossier.pinned_version();
            return Err(Refusal::new(
                "clock.cause_counts",
                format!(
                    "Thời gian {} vẫn tính vào thời hạn: phiên bản {version} của thủ tục {code} không loại trừ",
                    cause.label()
                ),
                RULE,
            ));
        }
        if dossier.promise.waits_for(cause) {
            return Err(Refusal::new(
                "clock.already_paused",
                format!("Thời hạn đang tạm dừng vì {}", cause.label()),
                RULE,
            ));
        }
        let notice = self.notice.filter(|notice| !notice.trim().is_empty());
        if cause == Wait::Incident && notice.is_none() {
            return Err(Refusal::new(
                "clock.no_notice",
                "Sự cố hệ thống phải có số thông báo của cơ quan chủ quản",
                "NĐ 301/2026/NĐ-CP điều 3 khoản 4; NĐ 99/2022/NĐ-CP điều 16 khoản 3",
            ));
        }
        let on_the_route = |step: &StepKey| dossier.walk.steps.iter().any(|s| s.key == *step);
        if let Some(step) = self.step.as_ref().filter(|step| !on_the_route(step)) {
            return Err(Refusal::new(
                "route.no_such_step",
                format!("Quy trình không có bước {step}"),
                RULE,
            ));
        }
        Ok(vec![Fact::ClockPaused(Paused {
            cause,
            effect,
            reason: self.reason,
            basis: dossier.wait_basis(cause),
            step: self.step,
            notice,
        })])
    }
}

/// Command: let the clock run again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// What is over.
    pub cause: Wait,
}

impl Resume {
    /// Only what was paused.
    ///
    /// # Errors
    /// A refusal when the clock does not stand still for this cause, when the citizen's answer has a
    /// command of its own, or when the calendar does not reach.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        let cause = self.cause;
        if matches!(cause, Wait::Supplement | Wait::Payment) {
            return Err(Refusal::new(
                "clock.asked_of_the_citizen",
                format!(
                    "Thời hạn chạy lại khi ghi nhận công dân đã {}",
                    cause.label()
                ),
                RULE,
            ));
        }
        if !case.dossier.promise.waits_for(cause) {
            return Err(Refusal::new(
                "clock.not_paused",
                format!("Thời hạn không tạm dừng vì {}", cause.label()),
                RULE,
            ));
        }
        Ok(vec![resumed(case, cause, None)?])
    }
}

/// The clock runs again at `since`, or now.
pub(crate) fn resumed(
    case: &Case<'_>,
    cause: Wait,
    since: Option<Moment>,
) -> Result<Fact, Refusal> {
    let recounted = case
        .dossier
        .promise
        .recount(cause, since.unwrap_or(case.at), case.calendar)
        .map_err(|e| Refusal::calendar(&e))?;
    Ok(Fact::ClockResumed(Resumed {
        cause,
        recounted,
        since,
    }))
}
