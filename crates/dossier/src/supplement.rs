//! Supplements (bổ sung hồ sơ) after reception: asked with reason, given, and the clock recounted
//! by the procedure's rule (NĐ 61/2018/NĐ-CP art. 19.4 and the sector laws that depart from it).

use serde::{Deserialize, Serialize};

use calendar::{Calendar, CalendarError, LimitUnit, Moment};

use crate::case::{Case, Refusal};
use crate::dossier::Dossier;
use crate::fact::Fact;
use crate::ids::StepKey;
use crate::intake::{PaperCheck, reason_given};
use crate::papers;
use crate::procedure::WaitEffect;
use crate::promise::{Recounted, Timeliness, Wait};
use crate::regime::Group;

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
    /// Whether it was asked for later than the regime allows (03 ngày làm việc, art. 19.4): recorded
    /// as it was, not hidden.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
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

impl Dossier {
    /// How often a supplement may be asked for after reception, where a number is fixed: by the
    /// procedure's version, otherwise by the regime.
    pub fn supplement_rounds(&self) -> Option<u8> {
        let own = self.policy().supplement_rounds;
        own.or(self.rules().supplement_rounds.value)
    }

    /// Whether the citizen was already asked as often as is allowed.
    pub(crate) fn has_asked_enough(&self) -> bool {
        let asked = self.supplements.rounds.len();
        self.supplement_rounds()
            .is_some_and(|rounds| asked >= usize::from(rounds))
    }

    /// Whether a supplement for `step` asked for at `at` comes later than the regime allows.
    ///
    /// Counted from the reception (NĐ 61/2018/NĐ-CP art. 19.4), or from the day on which the dossier
    /// was last completed, as nobody could have asked before (inferred). In an interconnected group
    /// every agency has its own time from the moment it took its step (NĐ 301/2026/NĐ-CP art. 6.3,
    /// 10.3); the registrar, whose step has 24 hours of the clock, has as many for this (art. 6.1b,
    /// 10.1b).
    pub(crate) fn asks_late(
        &self,
        step: Option<&StepKey>,
        at: Moment,
        calendar: &Calendar,
    ) -> Result<bool, CalendarError> {
        let Some((limit, (received_at, received))) = self
            .rules()
            .supplement_notice
            .value
            .zip(self.intake.received.as_ref())
        else {
            return Ok(false);
        };
        let in_group = step.filter(|_| received.particulars.group != Group::None);
        let taken_at = in_group
            .and_then(|step| self.latest_work(step))
            .and_then(|work| work.accepted_at);
        let limit = in_group
            .and_then(|step| self.walk.steps.iter().find(|walked| walked.key == *step))
            .map(|walked| walked.limit)
            .filter(|own| own.unit() == LimitUnit::Hours)
            .unwrap_or(limit);
        let completed_at = self.supplements.rounds.iter().filter_map(|r| r.given_at);
        let from = completed_at.chain(taken_at).fold(*received_at, Moment::max);
        Ok(calendar::due(calendar, from, limit)?
            .due_at
            .is_some_and(|by| passed(at, by, limit.unit())))
    }
}

/// Whether a time limit that ends at `due_at` is over: the last day of a limit in days counts to its
/// end (BLDS 2015 art. 148).
pub(crate) fn passed(at: Moment, due_at: Moment, unit: LimitUnit) -> bool {
    Timeliness::of(at, due_at, unit) == Timeliness::Late
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
    /// One request at a time, and no more of them than the procedure's version or the regime allows.
    /// One that comes late is written down as late.
    ///
    /// # Errors
    /// A refusal that names what is missing, or the number of requests and its basis.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        let dossier = case.dossier;
        reason_given(&self.reason, dossier.rules().supplement.basis)?;
        if self.items.is_empty() {
            return Err(Refusal::new(
                "supplement.nothing_named",
                "Phải nêu rõ nội dung cần bổ sung",
                RULE,
            ));
        }
        if dossier.promise.waits_for(Wait::Supplement) {
            return Err(Refusal::new(
                "supplement.already_asked",
                "Đang chờ công dân bổ sung",
                RULE,
            ));
        }
        if dossier.has_asked_enough() {
            return Err(asked_enough(dossier));
        }
        let late = dossier
            .asks_late(None, case.at, case.calendar)
            .map_err(|e| Refusal::calendar(&e))?;
        Ok(vec![Fact::SupplementAsked(Asked {
            items: self.items,
            reason: self.reason,
            step: None,
            effect: dossier.policy().supplement,
            late,
        })])
    }
}

/// Why the citizen is not asked again.
pub(crate) fn asked_enough(dossier: &Dossier) -> Refusal {
    let rounds = dossier.supplement_rounds().unwrap_or_default();
    let own = dossier.policy().supplement_rounds.is_some();
    let basis = if own {
        dossier.wait_basis(Wait::Supplement)
    } else {
        dossier.rules().supplement_rounds.basis.to_owned()
    };
    Refusal::new(
        "supplement.asked_enough",
        format!(
            "Sau khi tiếp nhận chỉ được yêu cầu bổ sung {rounds} lần ({basis}); \
             hãy giải quyết theo hồ sơ hiện có hoặc từ chối có lý do"
        ),
        dossier.rules().supplement_rounds.basis,
    )
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
    ///
    /// # Errors
    /// A refusal when nothing was asked for, or when the calendar does not reach.
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
            papers: papers::supplemented(&case.dossier.intake, self.papers),
            recounted,
        })])
    }
}
