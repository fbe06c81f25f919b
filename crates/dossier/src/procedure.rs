//! A procedure (thủ tục hành chính) in one of its versions, and the route that its dossiers take.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Limit;
use serde::{Deserialize, Serialize};

use crate::ids::{ProcedureCode, StepKey, UnitId};
use crate::promise::Wait;
use crate::regime::{ClockStart, Group};

/// What a procedure asks, promises and passes through, as it stood at reception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// Code of the national database.
    pub code: ProcedureCode,
    /// Version of the register that this description was read from.
    pub version: String,
    /// Name in Vietnamese.
    pub name: String,
    /// Field (lĩnh vực) in Vietnamese.
    pub field: String,
    /// Papers to be handed in (thành phần hồ sơ).
    pub papers: Vec<Paper>,
    /// Time allowed from reception to result (thời hạn giải quyết).
    pub limit: Limit,
    /// Whether the desk may return the result at once, without a receipt (NĐ 61/2018 art. 17.4).
    pub at_once: bool,
    /// What waiting does to the clock.
    pub clock: ClockPolicy,
    /// Legal basis of what differs from the regime's rules, per wait.
    pub clock_basis: BTreeMap<Wait, String>,
    /// Whether it is one of the interconnected groups with rules of their own.
    pub group: Group,
    /// When the clock starts, where sector law departs from the regime's rule.
    pub start: Option<ClockStart>,
    /// The steps, with the units that perform them, and those that only an option asks for.
    pub route: Vec<RouteStep>,
    /// Options that may be chosen at reception besides those that steps name: they choose a limit
    /// or a paper, and no step asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Legal basis of limit and route.
    pub basis: String,
}

/// A paper of the list (thành phần hồ sơ).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Paper {
    /// Name in Vietnamese.
    pub name: String,
    /// Whether a dossier without it is incomplete.
    pub required: bool,
}

/// What waiting for the citizen does to the clock. Sector laws differ, so it is data of the
/// procedure's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClockPolicy {
    /// On a supplement asked for after reception.
    pub supplement: WaitEffect,
    /// On a payment or financial obligation (nghĩa vụ tài chính).
    pub payment: WaitEffect,
    /// On verification (thẩm tra, xác minh), where sector law does not count its time.
    #[serde(default, skip_serializing_if = "WaitEffect::is_none")]
    pub verification: WaitEffect,
    /// On opinions asked of others (lấy ý kiến).
    #[serde(default, skip_serializing_if = "WaitEffect::is_none")]
    pub opinion: WaitEffect,
    /// On public posting (niêm yết công khai).
    #[serde(default, skip_serializing_if = "WaitEffect::is_none")]
    pub posting: WaitEffect,
    /// On carrying the dossier from one agency to another.
    #[serde(default, skip_serializing_if = "WaitEffect::is_none")]
    pub transfer: WaitEffect,
    /// On an incident of a system that its owner announced.
    #[serde(default, skip_serializing_if = "WaitEffect::is_none")]
    pub incident: WaitEffect,
    /// On a confirmation by someone of the citizen's side (e.g. a householder on VNeID).
    #[serde(default, skip_serializing_if = "WaitEffect::is_none")]
    pub consent: WaitEffect,
    /// How often a supplement may be asked for after reception, where a number is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplement_rounds: Option<u8>,
    /// How long the citizen has for a supplement; then the dossier is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplement_time_out: Option<Limit>,
    /// How long a confirmation may take at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_time_out: Option<Limit>,
}

impl ClockPolicy {
    /// A clock that only supplements and payments touch.
    pub const fn of(supplement: WaitEffect, payment: WaitEffect) -> Self {
        Self {
            supplement,
            payment,
            verification: WaitEffect::None,
            opinion: WaitEffect::None,
            posting: WaitEffect::None,
            transfer: WaitEffect::None,
            incident: WaitEffect::None,
            consent: WaitEffect::None,
            supplement_rounds: None,
            supplement_time_out: None,
            consent_time_out: None,
        }
    }

    /// What a wait does.
    pub const fn effect(&self, wait: Wait) -> WaitEffect {
        match wait {
            Wait::Supplement => self.supplement,
            Wait::Payment => self.payment,
            Wait::Verification => self.verification,
            Wait::Opinion => self.opinion,
            Wait::Posting => self.posting,
            Wait::Transfer => self.transfer,
            Wait::Incident => self.incident,
            Wait::Consent => self.consent,
        }
    }
}

/// How the clock goes on once the citizen has done what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WaitEffect {
    /// The whole limit again from the day of full receipt (tính lại từ đầu, NĐ 61/2018 art. 19.4).
    Restart,
    /// The time of waiting is not counted (e.g. NĐ 63/2024 art. 4.7).
    Pause,
    /// A limit of its own, fixed by sector law (e.g. building permits, water permits).
    SecondLimit(Limit),
    /// The clock runs on.
    #[default]
    None,
}

impl WaitEffect {
    /// Whether the clock runs on.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// A step of a route (bước xử lý): who does what, out of which results, in what time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RouteStep {
    /// Name within the route.
    pub key: StepKey,
    /// The task in Vietnamese, as on the hand-over slip (phiếu chuyển xử lý).
    pub task: String,
    /// The unit that is to perform it.
    pub unit: UnitId,
    /// The department of that unit (phòng chuyên môn), where the route names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Steps whose results it needs. Steps that need nothing unfinished run side by side
    /// (NĐ 61/2018 art. 19.6b).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<StepKey>,
    /// Time allowed from the moment the performer takes it.
    pub limit: Limit,
    /// Whether it has to wait until every payment asked for is confirmed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_payment: bool,
    /// The option that asks for it, where it is not always walked: chosen at reception. An input
    /// that is not walked is not waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// Whether its result is returned to the citizen as soon as it is done (NĐ 301/2026 art. 3.2).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returns_result: bool,
}

/// A route that cannot be walked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteFault {
    /// Two steps share a name.
    #[error("step {0} occurs twice")]
    Twice(StepKey),
    /// An input names no step.
    #[error("step {step} needs the result of {input}, which is not a step of the route")]
    UnknownInput {
        /// The step that needs it.
        step: StepKey,
        /// The missing step.
        input: StepKey,
    },
    /// Steps wait for one another.
    #[error("steps {} wait for one another", .0.iter().map(StepKey::as_str).collect::<Vec<_>>().join(", "))]
    Cycle(Vec<StepKey>),
}

/// Checks that every step of the route can be reached.
pub fn check_route(route: &[RouteStep]) -> Result<(), RouteFault> {
    let mut steps = BTreeMap::new();
    for step in route {
        if steps.insert(&step.key, step).is_some() {
            return Err(RouteFault::Twice(step.key.clone()));
        }
    }
    for step in route {
        if let Some(input) = step.inputs.iter().find(|input| !steps.contains_key(input)) {
            return Err(RouteFault::UnknownInput {
                step: step.key.clone(),
                input: input.clone(),
            });
        }
    }
    let mut reached: BTreeSet<&StepKey> = BTreeSet::new();
    loop {
        let next: Vec<&StepKey> = route
            .iter()
            .filter(|s| !reached.contains(&s.key) && s.inputs.iter().all(|i| reached.contains(i)))
            .map(|s| &s.key)
            .collect();
        if next.is_empty() {
            break;
        }
        reached.extend(next);
    }
    let stuck: Vec<StepKey> = route
        .iter()
        .map(|s| &s.key)
        .filter(|k| !reached.contains(k))
        .cloned()
        .collect();
    if stuck.is_empty() {
        Ok(())
    } else {
        Err(RouteFault::Cycle(stuck))
    }
}
