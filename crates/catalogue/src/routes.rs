//! Routes with more than one step, as written: in parts, not in units.

use calendar::{Limit, LimitUnit};
use dossier::ids::{StepKey, UnitId};
use dossier::procedure::{ClockPolicy, Paper, RouteStep, check_route};
use serde::Deserialize;
use toml::Spanned;

use crate::error::Faults;
use crate::unit::Role;

/// Hours of an office day: limits of half days are written in working hours.
const HOURS_A_DAY: u32 = 8;

/// A route file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    pub(crate) procedures: Vec<Spanned<String>>,
    /// The part whose unit may decide, where that is neither the desk nor the one above it.
    pub(crate) competent: Option<Role>,
    pub(crate) basis: String,
    pub(crate) source: String,
    pub(crate) clock: ClockPolicy,
    pub(crate) papers: Vec<Paper>,
    pub(crate) steps: Vec<Step>,
}

/// A step, given to a part.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) key: Spanned<String>,
    pub(crate) task: String,
    pub(crate) role: Role,
    /// The part that the step is given to when the first declines it for want of competence.
    pub(crate) alternative: Option<Role>,
    pub(crate) department: Option<String>,
    #[serde(default)]
    pub(crate) inputs: Vec<StepKey>,
    pub(crate) limit: Limit,
    #[serde(default)]
    pub(crate) after_payment: bool,
    pub(crate) source: String,
}

impl Step {
    pub(crate) fn resolved(&self, unit: UnitId, department: Option<String>) -> Option<RouteStep> {
        Some(RouteStep {
            key: StepKey::parse(self.key.get_ref()).ok()?,
            task: self.task.clone(),
            unit,
            department,
            inputs: self.inputs.clone(),
            limit: self.limit,
            after_payment: self.after_payment,
            option: None,
            returns_result: false,
        })
    }
}

/// Reads a file and checks what it can be held against by itself.
pub(crate) fn read(text: &str, faults: &mut Faults<'_>) -> Option<Route> {
    let route: Route = match toml::from_str(text) {
        Ok(route) => route,
        Err(error) => {
            faults.of_toml(&error);
            return None;
        }
    };
    for (what, text) in [("basis", &route.basis), ("source", &route.source)] {
        if text.trim().is_empty() {
            faults.at_line(1, format!("the route has no {what}"));
        }
    }
    for step in &route.steps {
        let at = step.key.span().start;
        if let Err(error) = StepKey::parse(step.key.get_ref()) {
            faults.at_byte(at, error.to_string());
        }
        if step.task.trim().is_empty() || step.source.trim().is_empty() {
            faults.at_byte(
                at,
                format!("step {} has no task or no source", step.key.get_ref()),
            );
        }
        if step.limit.unit() == LimitUnit::NoneStated {
            faults.at_byte(
                at,
                format!(
                    "step {} has no limit; a performer is always given one",
                    step.key.get_ref()
                ),
            );
        }
    }
    let Some(first) = route.steps.first() else {
        faults.at_line(
            1,
            "the route has no step; leave the file out and the procedure gets one step",
        );
        return None;
    };
    // Which unit performs a step changes nothing about whether the steps can be reached.
    if let Ok(anyone) = UnitId::parse("X") {
        let steps: Vec<RouteStep> = route
            .steps
            .iter()
            .filter_map(|step| step.resolved(anyone.clone(), None))
            .collect();
        if let Err(error) = check_route(&steps) {
            let named = |step: &&Step| error.to_string().contains(step.key.get_ref().as_str());
            let at = route
                .steps
                .iter()
                .rfind(named)
                .unwrap_or(first)
                .key
                .span()
                .start;
            faults.at_byte(at, error.to_string());
            return None;
        }
    }
    Some(route)
}

/// The steps of the longest way, if it takes longer than the whole may: a promise that the route
/// itself would break.
pub(crate) fn longer_than(route: &Route, whole: Limit) -> Option<(u32, u32)> {
    let allowed = hours(whole, whole.unit())?;
    let mut ends: Vec<(&str, u32)> = Vec::new();
    // Steps whose inputs are all placed are placed next; the route was checked, so all get there.
    while ends.len() < route.steps.len() {
        let placed = ends.len();
        for step in &route.steps {
            let key = step.key.get_ref().as_str();
            let end_of = |input: &StepKey| {
                ends.iter()
                    .find(|(k, _)| *k == input.as_str())
                    .map(|(_, end)| *end)
            };
            let Some(inputs) = step.inputs.iter().map(end_of).collect::<Option<Vec<_>>>() else {
                continue;
            };
            if ends.iter().all(|(k, _)| *k != key) {
                let begins = inputs.into_iter().max().unwrap_or(0);
                ends.push((key, begins + hours(step.limit, whole.unit())?));
            }
        }
        if ends.len() == placed {
            return None;
        }
    }
    let longest = ends.into_iter().map(|(_, end)| end).max()?;
    (longest > allowed).then_some((longest, allowed))
}

/// Working hours of a limit, at most; none where it cannot be compared with a whole in `unit`.
fn hours(limit: Limit, unit: LimitUnit) -> Option<u32> {
    match limit.unit() {
        LimitUnit::SameDay => Some(0),
        LimitUnit::Days => Some(limit.amount() * HOURS_A_DAY),
        LimitUnit::WorkingDays if unit != LimitUnit::Days => Some(limit.amount() * HOURS_A_DAY),
        LimitUnit::WorkingHours if unit != LimitUnit::Days => Some(limit.amount()),
        _ => None,
    }
}
