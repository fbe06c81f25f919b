//! Financial obligations (nghĩa vụ tài chính) that the performer of a step assesses; the home asks
//! the citizen to pay them.

use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::fact::Fact;
use crate::ids::StepKey;
use crate::route::Standing;
use crate::step::turn;

/// A financial obligation was assessed (xác định nghĩa vụ tài chính; Luật Quản lý thuế, thông báo nộp
/// tiền). Written by the performer, once in a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ObligationAssessed {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// Amount in đồng; 0 where nothing is owed.
    pub amount_vnd: u64,
    /// Number of the notice (thông báo nộp tiền).
    pub notice: String,
}

/// Command: assess a financial obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssessObligation {
    /// Which step.
    pub step: StepKey,
    /// Amount in đồng.
    pub amount_vnd: u64,
    /// Number of the notice.
    pub notice: String,
}

impl AssessObligation {
    /// While working on it, once: a second notice would have the citizen pay twice.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        let (turn, _) = turn(case, &self.step, Standing::Taken)?;
        let work = case.dossier.work.get(&(self.step.clone(), turn));
        if let Some(amount_vnd) = work.and_then(|work| work.obligation_vnd) {
            return Err(Refusal::new(
                "obligation.already_assessed",
                format!("Đã xác định nghĩa vụ tài chính {amount_vnd} đồng ở bước này"),
                "Quy tắc của hệ thống: một lượt xử lý của một bước có một thông báo nộp tiền",
            ));
        }
        Ok(vec![Fact::ObligationAssessed(ObligationAssessed {
            step: self.step,
            turn,
            amount_vnd: self.amount_vnd,
            notice: self.notice,
        })])
    }
}
