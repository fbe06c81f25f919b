//! How a dossier ends: with a result, a refusal, a withdrawal; and the two moments of a result,
//! ready (status 9) and returned (status 10).

use std::collections::BTreeMap;

use calendar::Moment;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::fact::Fact;
use crate::ids::{OfficerId, StepKey};
use crate::intake::reason_given;
use crate::route::Standing;

/// Resolution refused (Phiếu từ chối giải quyết; NĐ 61/2018/NĐ-CP art. 19.8). It is a resolution
/// and has to come within the dossier's limit. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// Reason in Vietnamese.
    pub reason: String,
    /// Whether it came after the due date, which art. 19.8 does not allow: recorded as it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

/// The citizen asks for the dossier back (rút hồ sơ; national status 7). Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Withdrawn {
    /// Reason, as far as one was given.
    pub reason: String,
}

/// Processing stopped (dừng xử lý, national status 8; Mẫu 05 of TT 03/2025/TT-VPCP). Written by the
/// home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stopped {
    /// Reason in Vietnamese.
    pub reason: String,
}

/// The result lies at the desk (đã xử lý xong, national status 9; NĐ 61/2018/NĐ-CP art. 20.1). Written
/// by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultReady {}

/// Where the citizen takes the result (NĐ 61/2018/NĐ-CP art. 20.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReturnChannel {
    /// At the desk.
    Counter,
    /// By public post.
    Post,
    /// Electronically.
    Online,
}

impl ReturnChannel {
    /// The name that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Counter => "Bộ phận Một cửa",
            Self::Post => "Dịch vụ bưu chính công ích",
            Self::Online => "Trực tuyến",
        }
    }
}

/// The result is in the citizen's hands (đã trả kết quả, national status 10; NĐ 61/2018/NĐ-CP art. 20).
/// Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultReturned {
    /// Where.
    pub channel: ReturnChannel,
    /// The officer who handed it over.
    pub officer: OfficerId,
}

/// The result of one procedure of a group is in the citizen's hands while the others go on
/// (NĐ 301/2026/NĐ-CP art. 3.2). Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartReturned {
    /// The step whose result it is.
    pub step: StepKey,
    /// Where.
    pub channel: ReturnChannel,
    /// The officer who handed it over.
    pub officer: OfficerId,
}

/// State of the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// When resolution was refused.
    pub refused_at: Option<Moment>,
    /// When the citizen asked for the dossier back.
    pub withdrawn_at: Option<Moment>,
    /// When processing was stopped.
    pub stopped_at: Option<Moment>,
    /// When the result was ready.
    pub ready_at: Option<Moment>,
    /// When the result was returned.
    pub returned_at: Option<Moment>,
    /// When the results of single steps were returned.
    pub parts_returned: BTreeMap<StepKey, Moment>,
}

impl Outcome {
    /// Whether nothing more is to be decided. A withdrawal asked for still waits to be stopped.
    pub fn is_settled(&self) -> bool {
        self.refused_at
            .or(self.stopped_at)
            .or(self.ready_at)
            .or(self.withdrawn_at)
            .is_some()
    }
}

/// Command: refuse resolution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// Reason in Vietnamese.
    pub reason: String,
}

impl Refuse {
    /// Refused, whether in time or late.
    ///
    /// # Errors
    /// Elsewhere than at the home, after the end, or without a reason.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        reason_given(
            &self.reason,
            case.dossier.rules().refusal_within_limit.basis,
        )?;
        Ok(vec![Fact::Refused(Refused {
            reason: self.reason,
            late: refused_late(case),
        })])
    }
}

/// Whether a refusal now comes later than the regime allows.
pub(crate) fn refused_late(case: &Case<'_>) -> bool {
    case.dossier.rules().refusal_within_limit.value && case.dossier.promise.is_overdue(case.at)
}

/// Command: the citizen asks for the dossier back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// Reason, as far as one was given.
    #[serde(default)]
    pub reason: String,
}

impl Withdraw {
    /// Possible until there is a result.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        Ok(vec![Fact::Withdrawn(Withdrawn {
            reason: self.reason,
        })])
    }
}

/// Command: stop processing, on the citizen's request or because they never came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Reason in Vietnamese.
    pub reason: String,
}

impl Stop {
    /// After a withdrawal, or while the citizen is asked for something.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        const RULE: &str = "TT 03/2025/TT-VPCP Mẫu 05 (Thông báo dừng giải quyết hồ sơ)";
        case.home()?;
        reason_given(&self.reason, RULE)?;
        let outcome = &case.dossier.outcome;
        let withdrawn = outcome.withdrawn_at.is_some() && outcome.stopped_at.is_none();
        if !withdrawn {
            case.open()?;
            if !case.dossier.promise.is_waiting() {
                return Err(Refusal::new(
                    "outcome.nothing_to_stop",
                    "Chỉ dừng khi công dân xin rút hoặc không bổ sung, không thực hiện nghĩa vụ tài chính",
                    RULE,
                ));
            }
        }
        Ok(vec![Fact::Stopped(Stopped {
            reason: self.reason,
        })])
    }
}

/// Command: hand the result, or the refusal slip, to the citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReturnResult {
    /// Where.
    pub channel: ReturnChannel,
}

impl ReturnResult {
    /// Once, and only when there is something to return.
    pub fn decide(self, case: &Case<'_>, officer: &OfficerId) -> Result<Vec<Fact>, Refusal> {
        const RULE: &str = "NĐ 61/2018/NĐ-CP điều 20 khoản 1";
        case.home()?;
        let outcome = &case.dossier.outcome;
        if outcome.returned_at.is_some() {
            return Err(Refusal::new(
                "outcome.already_returned",
                "Kết quả đã được trả",
                RULE,
            ));
        }
        if outcome.ready_at.or(outcome.refused_at).is_none() {
            return Err(Refusal::new(
                "outcome.no_result",
                "Chưa có kết quả để trả",
                RULE,
            ));
        }
        Ok(vec![Fact::ResultReturned(ResultReturned {
            channel: self.channel,
            officer: officer.clone(),
        })])
    }
}

/// Command: hand the result of one step of a group to the citizen while the others go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReturnPart {
    /// The step whose result it is.
    pub step: StepKey,
    /// Where.
    pub channel: ReturnChannel,
}

impl ReturnPart {
    /// As soon as the step is done, also when another one was refused; once, and once more when the
    /// result was corrected.
    ///
    /// # Errors
    /// [`Refusal`] when the unit is not the home, the step has no result of its own or is not done,
    /// or its result was returned already.
    pub fn decide(self, case: &Case<'_>, officer: &OfficerId) -> Result<Vec<Fact>, Refusal> {
        const RULE: &str = "NĐ 301/2026/NĐ-CP điều 3 khoản 2";
        case.home()?;
        case.taken_in()?;
        let dossier = case.dossier;
        let route = &dossier.walk.steps;
        if !route.iter().any(|s| s.key == self.step && s.returns_result) {
            return Err(Refusal::new(
                "outcome.no_part",
                format!("Bước {} không có kết quả trả riêng cho công dân", self.step),
                RULE,
            ));
        }
        let work = dossier.latest_work(&self.step);
        let done = work.filter(|work| work.standing() == Standing::Done);
        let Some(completed_at) = done.and_then(|work| work.completed_at) else {
            let message = format!("Bước {} chưa có kết quả để trả", self.step);
            return Err(Refusal::new("outcome.no_result", message, RULE));
        };
        let outcome = &dossier.outcome;
        let returned = outcome.returned_at.is_some()
            || outcome
                .parts_returned
                .get(&self.step)
                .is_some_and(|at| *at >= completed_at);
        if returned {
            let message = format!("Kết quả của bước {} đã được trả", self.step);
            return Err(Refusal::new("outcome.already_returned", message, RULE));
        }
        Ok(vec![Fact::PartReturned(PartReturned {
            step: self.step,
            channel: self.channel,
            officer: officer.clone(),
        })])
    }
}
