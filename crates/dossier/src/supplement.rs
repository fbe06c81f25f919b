//! Supplements (bổ sung hồ sơ) after reception: asked with reason, given, and the clock recounted
//! by the procedure's rule (NĐ 61/2018/NĐ-CP art. 19.4 and the sector laws that depart from it).

use serde::{Deserialize, Serialize};

use calendar::Moment;

use crate::case::{Case, Refusal};
use crate::fact::Fact;
use crate::ids::StepKey;
use crate::intake::{PaperCheck, reason_given};
use crate::procedure::WaitEffect;
use crate::promise::{Recounted, Wait};

const RULE: &str = "NĐ 61/2018/NĐ-CP điều 19 khoản 4";

/// The citizen was asked to complete the dossier (Phiếu yêu cầu bổ sung, Mẫu 02; NĐ 61/2018/NĐ-CP
/// art. 19.4; status 5). Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Asked {
    /// What is to be handed in, in Vietnamese.
    pub items: Vec<String>,
    /// Why, in Vietnamese.
    pub reason: String,
    /// The step that needs it, if a step does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepKey>,
    /// What it does to the clock.
    pub effect: WaitEffect,
}

/// The citizen completed the dossier (NĐ 61/2018/NĐ-CP art. 19.4). Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Given {
    /// The papers and what the desk saw.
    pub papers: Vec<PaperCheck>,
    /// The promise as recounted.
    pub recounted: Recounted,
}

/// One round: the citizen was asked, and completed the dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// When the citizen was asked.
    pub asked_at: Moment,
    /// When the dossier was complete again.
    pub given_at: Option<Moment>,
    /// The step that needed it, if a step did.
    pub step: Option<StepKey>,
}

/// State of the supplements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supplements {
    /// Every round, in order.
    pub rounds: Vec<Round>,
}

/// Command: ask for a supplement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskSupplement {
    /// What is to be handed in, in Vietnamese.
    pub items: Vec<String>,
    /// Why, in Vietnamese.
    pub reason: String,
}

impl AskSupplement {
    /// One request at a time.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        reason_given(&self.reason, RULE)?;
        if self.items.is_empty() {
            return Err(Refusal::new(
                "supplement.nothing_named",
                "Phải nêu rõ nội dung cần bổ sung",
                RULE,
            ));
        }
        if case.dossier.promise.waits_for(Wait::Supplement) {
            return Err(Refusal::new(
                "supplement.already_asked",
                "Đang chờ công dân bổ sung",
                RULE,
            ));
        }
        Ok(vec![Fact::SupplementAsked(Asked {
            items: self.items,
            reason: self.reason,
            step: None,
            effect: case.dossier.policy().supplement,
        })])
    }
}

/// Command: take in what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GiveSupplement {
    /// The papers and what the desk saw.
    #[serde(default)]
    pub papers: Vec<PaperCheck>,
}

impl GiveSupplement {
    /// Only what was asked for can be given.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        let promise = &case.dossier.promise;
        if !promise.waits_for(Wait::Supplement) {
            return Err(Refusal::new(
                "supplement.not_asked",
                "Không có yêu cầu bổ sung nào đang chờ",
                RULE,
            ));
        }
        let recounted = promise
            .recount(Wait::Supplement, case.at, case.calendar)
            .map_err(|e| Refusal::calendar(&e))?;
        Ok(vec![Fact::SupplementGiven(Given {
            papers: self.papers,
            recounted,
        })])
    }
}
