//! Alerts between the units of an interconnected group (NĐ 63/2024/NĐ-CP as amended by
//! NĐ 301/2026/NĐ-CP art. 5.4): a result sent late, a step not acknowledged, data that does not
//! match. Raised and settled by the home, to be repaired on the same day.

use std::collections::BTreeMap;

use calendar::Moment;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::fact::Fact;
use crate::group;
use crate::ids::StepKey;
use crate::intake::reason_given;

const RULE: &str = "NĐ 301/2026/NĐ-CP điều 5 khoản 4";

/// What is wrong between two units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// The result of a completed step was sent later than 10 minutes after its completion.
    SentLate,
    /// A step was not acknowledged within 2 working hours.
    NotAcknowledged,
    /// What was sent does not match what is known elsewhere.
    DataMismatch,
}

/// An alert to the parties. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Raised {
    /// What is wrong.
    pub alert: AlertKind,
    /// At which step.
    pub step: StepKey,
    /// In which turn of it.
    pub turn: u32,
    /// What was seen, in Vietnamese.
    pub reason: String,
    /// By when it has to be repaired: the end of the same working day.
    pub repair_by: Moment,
    /// Legal basis.
    pub basis: String,
}

/// An alert is over. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Settled {
    /// What was wrong.
    pub alert: AlertKind,
    /// At which step.
    pub step: StepKey,
    /// In which turn of it.
    pub turn: u32,
    /// What was done, in Vietnamese.
    pub repair: String,
    /// Whether it was repaired later than the same working day.
    pub late: bool,
}

/// One alert's course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// When it was raised.
    pub raised_at: Moment,
    /// By when it has to be repaired.
    pub repair_by: Moment,
    /// When it was settled.
    pub settled_at: Option<Moment>,
}

/// State of the alerts.
pub type Alerts = BTreeMap<(StepKey, u32, AlertKind), Alert>;

impl AlertKind {
    /// The name that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SentLate => "gửi kết quả chậm",
            Self::NotAcknowledged => "chưa xác nhận tiếp nhận",
            Self::DataMismatch => "dữ liệu không khớp",
        }
    }
}

/// Command: alert the parties that what was sent for a step does not match what is known elsewhere.
/// Lateness needs no command: the home sees it by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RaiseAlert {
    /// At which step.
    pub step: StepKey,
    /// What does not match, in Vietnamese.
    pub reason: String,
}

impl RaiseAlert {
    /// About the latest turn of a step that was given out, one alert at a time.
    ///
    /// # Errors
    /// [`Refusal`] when the unit is not the home, the dossier is settled or in no group, the step was
    /// not given out, no reason is given, or such an alert is open.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        let dossier = case.dossier;
        let Some(basis) = group::alerts_by(dossier) else {
            let message = "Hồ sơ không thuộc nhóm thủ tục liên thông có cảnh báo giữa các cơ quan";
            return Err(Refusal::new("alert.no_group", message, RULE));
        };
        reason_given(&self.reason, RULE)?;
        let turn = dossier.walk.turns.get(&self.step).map_or(0, Vec::len) as u32;
        if turn == 0 {
            let message = format!("Bước {} chưa được giao", self.step);
            return Err(Refusal::new("alert.step_not_given", message, RULE));
        }
        let kind = AlertKind::DataMismatch;
        let known = dossier.alerts.get(&(self.step.clone(), turn, kind));
        if known.is_some_and(|alert| alert.settled_at.is_none()) {
            let message = format!("Bước {} đang có cảnh báo {}", self.step, kind.label());
            return Err(Refusal::new("alert.open", message, RULE));
        }
        group::raised(case, kind, &self.step, turn, self.reason, basis)
            .map(|fact| vec![fact])
            .ok_or_else(|| {
                Refusal::new(
                    "calendar.not_covered",
                    "Không tính được cuối ngày làm việc để khắc phục: lịch làm việc chưa được công bố",
                    RULE,
                )
            })
    }
}

/// Command: an alert is over. Possible after the dossier has ended, so that none stays open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SettleAlert {
    /// What was wrong.
    pub alert: AlertKind,
    /// At which step.
    pub step: StepKey,
    /// What was done, in Vietnamese.
    pub repair: String,
}

impl SettleAlert {
    /// Settles the open alert of the step's latest turn that has one.
    ///
    /// # Errors
    /// [`Refusal`] when the unit is not the home, no such alert is open, or nothing is said about the
    /// repair.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home()?;
        reason_given(&self.repair, RULE)?;
        let open = case.dossier.alerts.iter().rev().find(|(key, alert)| {
            key.0 == self.step && key.2 == self.alert && alert.settled_at.is_none()
        });
        let Some(((_, turn, _), alert)) = open else {
            let message = format!(
                "Bước {} không có cảnh báo {} đang mở",
                self.step,
                self.alert.label()
            );
            return Err(Refusal::new("alert.none_open", message, RULE));
        };
        Ok(vec![Fact::AlertSettled(Settled {
            alert: self.alert,
            step: self.step,
            turn: *turn,
            repair: self.repair,
            late: case.at > alert.repair_by,
        })])
    }
}
