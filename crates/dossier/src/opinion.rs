//! Opinions (lấy ý kiến) that the performer of a step asks of other agencies: asked, given. Waiting
//! for one stops no clock (NĐ 61/2018/NĐ-CP art. 19.5).

use calendar::Moment;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::fact::Fact;
use crate::ids::StepKey;
use crate::route::Standing;
use crate::step::turn;
use crate::work::follows;

const RULE: &str = "NĐ 61/2018/NĐ-CP điều 19 khoản 5";

/// An opinion asked of another agency (lấy ý kiến, NĐ 61/2018/NĐ-CP art. 19.5). It does not stop the
/// clock. Written by the performer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpinionAsked {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// Number of the opinion within the turn, from 1.
    pub opinion: u16,
    /// Who is asked.
    pub of: String,
    /// What is asked, in Vietnamese.
    pub question: String,
    /// By when.
    pub due_at: Moment,
}

/// The opinion came (NĐ 61/2018/NĐ-CP art. 19.5). Written by the performer who asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpinionGiven {
    /// Which step.
    pub step: StepKey,
    /// Which turn of it.
    pub turn: u32,
    /// Number of the opinion within the turn.
    pub opinion: u16,
    /// What it says, in short, in Vietnamese.
    pub summary: String,
}

/// State of one opinion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Who was asked.
    pub of: String,
    /// By when.
    pub due_at: Moment,
    /// When it was asked for.
    pub asked_at: Moment,
    /// When it came.
    pub given_at: Option<Moment>,
}

/// Command: ask another agency for its opinion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskOpinion {
    /// Which step.
    pub step: StepKey,
    /// Who is asked.
    pub of: String,
    /// What is asked, in Vietnamese.
    pub question: String,
    /// By when.
    pub due_at: Moment,
}

impl AskOpinion {
    /// With a time limit that lies ahead (art. 19.5).
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        let (turn, _) = turn(case, &self.step, Standing::Taken)?;
        let due_at = self.due_at.with_timezone(&calendar::hanoi());
        if due_at <= case.at {
            return Err(Refusal::new(
                "opinion.no_time",
                "Thời hạn cho ý kiến phải ở phía trước",
                RULE,
            ));
        }
        let asked = case
            .dossier
            .work
            .get(&(self.step.clone(), turn))
            .map_or(0, |work| work.opinions.len());
        let opinion = u16::try_from(asked + 1)
            .map_err(|_| Refusal::new("opinion.too_many", "Đã lấy quá nhiều ý kiến", RULE))?;
        Ok(vec![Fact::OpinionAsked(OpinionAsked {
            step: self.step,
            turn,
            opinion,
            of: self.of,
            question: self.question,
            due_at,
        })])
    }
}

/// Command: record the opinion that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GiveOpinion {
    /// Which step.
    pub step: StepKey,
    /// Number of the opinion within the turn.
    pub opinion: u16,
    /// What it says, in short, in Vietnamese.
    pub summary: String,
}

impl GiveOpinion {
    /// Only one that was asked for and has not come.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        let (turn, _) = turn(case, &self.step, Standing::Taken)?;
        let fact = Fact::OpinionGiven(OpinionGiven {
            step: self.step.clone(),
            turn,
            opinion: self.opinion,
            summary: self.summary,
        });
        if !follows(case.dossier.work.get(&(self.step, turn)), &fact) {
            return Err(Refusal::new(
                "opinion.not_asked",
                format!("Không có ý kiến số {} đang chờ", self.opinion),
                RULE,
            ));
        }
        Ok(vec![fact])
    }
}
