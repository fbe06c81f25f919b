//! Work on a step, written by the unit it was dispatched to and by no other: taken or declined
//! (the moment "nhận" of the control slip), allotted, assigned, sent back, and completed with an
//! outcome. What the work may need of others is in [`crate::opinion`] and [`crate::obligation`].

use calendar::Moment;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::fact::Fact;
use crate::ids::{OfficerId, StepKey};
use crate::intake::reason_given;
use crate::route::{Standing, Turn};
use crate::supplement::asked_enough;

const RULE: &str = "NĐ 61/2018/NĐ-CP điều 19 khoản 1, 2 và 6";

/// Taken: the unit's own clock starts here (the moment "nhận" of Phiếu kiểm soát quá trình giải quyết
/// hồ sơ; NĐ 61/2018/NĐ-CP art. 19.6). Written by the performer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Accepted {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// When the step is due by its own limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
}

/// Not taken, for want of competence (không thuộc thẩm quyền; NĐ 61/2018/NĐ-CP art. 18.3). Written by
/// the performer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Declined {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// Reason in Vietnamese.
    pub reason: String,
}

/// Given to a department (phân phối cho phòng chuyên môn; NĐ 61/2018/NĐ-CP art. 19.1). Written by the
/// performer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Allotted {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// The department.
    pub department: String,
}

/// Given to an officer (phân công cán bộ thụ lý; NĐ 61/2018/NĐ-CP art. 19.1). Written by the performer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Assigned {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// The officer.
    pub officer: OfficerId,
}

/// The performer cannot go on without more from the citizen; the home asks for it (NĐ 61/2018/NĐ-CP
/// art. 19.4). Written by the performer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SupplementNeeded {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// What is needed, in Vietnamese.
    pub items: Vec<String>,
    /// Why, in Vietnamese.
    pub reason: String,
}

/// Sent back: the result of an earlier step has to be corrected first (trả lại để chỉnh sửa;
/// NĐ 61/2018/NĐ-CP art. 19.6). Written by the performer; the home gives the earlier step out again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SentBack {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// The step to be corrected.
    pub to_step: StepKey,
    /// Reason in Vietnamese.
    pub reason: String,
}

/// A document, by name and content; the file itself is kept beside the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DocumentRef {
    /// What it is, in Vietnamese.
    pub name: String,
    /// SHA-256 of its content, hex.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9a-f]{64}$")))]
    pub sha256: String,
}

/// Outcome of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// Done.
    Approved,
    /// Not eligible, with the reason in Vietnamese (không đủ điều kiện giải quyết).
    Rejected(String),
}

/// Completed (NĐ 61/2018/NĐ-CP art. 19.2 and 19.8). Written by the performer, once in a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Completed {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// With what outcome.
    pub outcome: StepOutcome,
    /// Its results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentRef>,
}

/// The performer cannot keep its own limit, apologises and gives a new date for its step: in an
/// interconnected group the late agency itself answers to the citizen (NĐ 63/2024/NĐ-CP as amended by
/// NĐ 301/2026/NĐ-CP art. 3). At most once in a turn. Written by the performer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepApologised {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// Reason in Vietnamese.
    pub reason: String,
    /// The date that cannot be kept.
    pub old_due_at: Moment,
    /// The new date of the step.
    pub new_due_at: Moment,
    /// Whether it came later than one day before the old date.
    pub late: bool,
}

/// This unit's turn of a step, with the standing a command needs.
pub(crate) fn turn<'a>(
    case: &'a Case<'_>,
    step: &StepKey,
    needed: Standing,
) -> Result<(u32, &'a Turn), Refusal> {
    let dossier = case.dossier;
    let turns = dossier.walk.turns.get(step).map_or(&[][..], Vec::as_slice);
    let number = turns.len() as u32;
    let Some(turn) = turns.last().filter(|turn| turn.to == *case.me) else {
        return Err(Refusal::new(
            "step.not_held",
            format!(
                "Đơn vị {} không được giao bước {step} của hồ sơ này",
                case.me
            ),
            RULE,
        ));
    };
    if dossier.outcome.is_settled() {
        return Err(Refusal::new(
            "outcome.settled",
            format!("Hồ sơ đã kết thúc: {}", dossier.status().label()),
            "NĐ 61/2018/NĐ-CP điều 20",
        ));
    }
    let standing = dossier.standing(step);
    if standing == needed {
        return Ok((number, turn));
    }
    Err(match standing {
        Standing::Offered => {
            Refusal::new("step.not_taken", "Phải nhận hồ sơ trước khi xử lý", RULE)
        }
        Standing::Taken => Refusal::new("step.already_taken", "Đơn vị đã nhận bước này", RULE),
        Standing::Declined => Refusal::new(
            "step.declined",
            "Đơn vị đã trả lời không thuộc thẩm quyền",
            RULE,
        ),
        _ => Refusal::new("step.ended", "Bước này đã kết thúc", RULE),
    })
}

/// Command: take a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Which step.
    pub step: StepKey,
}

impl Accept {
    /// Once, by the unit it was given to.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        let (number, turn) = turn(case, &self.step, Standing::Offered)?;
        let due_at = calendar::due(case.calendar, case.at, turn.limit)
            .map_err(|e| Refusal::calendar(&e))?
            .due_at;
        let department = turn.department.clone();
        let mut facts = vec![Fact::StepAccepted(Accepted {
            step: self.step.clone(),
            turn: number,
            due_at,
        })];
        facts.extend(department.map(|department| {
            Fact::StepAllotted(Allotted {
                step: self.step,
                turn: number,
                department,
            })
        }));
        Ok(facts)
    }
}

/// Command: decline a step for want of competence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeclineStep {
    /// Which step.
    pub step: StepKey,
    /// Reason in Vietnamese.
    pub reason: String,
}

impl DeclineStep {
    /// Instead of taking it.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        let (turn, _) = turn(case, &self.step, Standing::Offered)?;
        reason_given(&self.reason, "NĐ 61/2018/NĐ-CP điều 18 khoản 3")?;
        Ok(vec![Fact::StepDeclined(Declined {
            step: self.step,
            turn,
            reason: self.reason,
        })])
    }
}

/// Command: give a step to a department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Allot {
    /// Which step.
    pub step: StepKey,
    /// The department.
    pub department: String,
}

impl Allot {
    /// As often as the head sees fit.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        let (turn, _) = turn(case, &self.step, Standing::Taken)?;
        Ok(vec![Fact::StepAllotted(Allotted {
            step: self.step,
            turn,
            department: self.department,
        })])
    }
}

/// Command: give a step to an officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// Which step.
    pub step: StepKey,
    /// The officer.
    pub officer: OfficerId,
}

impl Assign {
    /// As often as the head sees fit.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        let (turn, _) = turn(case, &self.step, Standing::Taken)?;
        Ok(vec![Fact::StepAssigned(Assigned {
            step: self.step,
            turn,
            officer: self.officer,
        })])
    }
}

/// Command: say that the citizen has to complete the dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NeedSupplement {
    /// Which step.
    pub step: StepKey,
    /// What is needed, in Vietnamese.
    pub items: Vec<String>,
    /// Why, in Vietnamese.
    pub reason: String,
}

impl NeedSupplement {
    /// While working on it, and not again before the citizen has answered.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        const SUPPLEMENT: &str = "NĐ 61/2018/NĐ-CP điều 19 khoản 4";
        let (turn, _) = turn(case, &self.step, Standing::Taken)?;
        reason_given(&self.reason, SUPPLEMENT)?;
        if self.items.is_empty() {
            return Err(Refusal::new(
                "supplement.nothing_named",
                "Phải nêu rõ nội dung cần bổ sung",
                SUPPLEMENT,
            ));
        }
        if case.dossier.has_asked_enough() {
            return Err(asked_enough(case.dossier));
        }
        if case.dossier.unanswered_need(&self.step) {
            return Err(Refusal::new(
                "supplement.already_needed",
                "Bước này đang chờ công dân bổ sung",
                SUPPLEMENT,
            ));
        }
        Ok(vec![Fact::SupplementNeeded(SupplementNeeded {
            step: self.step,
            turn,
            items: self.items,
            reason: self.reason,
        })])
    }
}

/// Command: send a step back for correction of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendBack {
    /// Which step.
    pub step: StepKey,
    /// The step to be corrected.
    pub to_step: StepKey,
    /// Reason in Vietnamese.
    pub reason: String,
}

impl SendBack {
    /// Only to a step that this one builds on.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        let (turn, _) = turn(case, &self.step, Standing::Taken)?;
        reason_given(&self.reason, RULE)?;
        let builds_on = case
            .dossier
            .walk
            .steps
            .iter()
            .any(|step| step.key == self.step && step.inputs.contains(&self.to_step));
        if !builds_on {
            return Err(Refusal::new(
                "step.not_an_input",
                format!(
                    "Bước {} không dùng kết quả của bước {}",
                    self.step, self.to_step
                ),
                RULE,
            ));
        }
        Ok(vec![Fact::StepSentBack(SentBack {
            step: self.step,
            turn,
            to_step: self.to_step,
            reason: self.reason,
        })])
    }
}

/// Command: complete a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Complete {
    /// Which step.
    pub step: StepKey,
    /// With what outcome.
    pub outcome: StepOutcome,
    /// Its results.
    #[serde(default)]
    pub documents: Vec<DocumentRef>,
}

impl Complete {
    /// Once.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        let (turn, _) = turn(case, &self.step, Standing::Taken)?;
        if let StepOutcome::Rejected(reason) = &self.outcome {
            reason_given(reason, "NĐ 61/2018/NĐ-CP điều 19 khoản 8")?;
        }
        Ok(vec![Fact::StepCompleted(Completed {
            step: self.step,
            turn,
            outcome: self.outcome,
            documents: self.documents,
        })])
    }
}
