//! Routes with more than one step, as written: in parts, not in units.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Limit, LimitUnit};
use chrono::NaiveDate;
use dossier::ids::{ProcedureCode, StepKey, UnitId};
use dossier::procedure::{ClockPolicy, Paper, RouteStep, WaitEffect, check_route};
use dossier::promise::Wait;
use dossier::regime::{ClockStart, Group};
use serde::Deserialize;
use toml::Spanned;

use crate::error::Faults;
use crate::nesting::check_nesting;
use crate::period::Period;
use crate::unit::Role;
use crate::walk;

/// Routes of every code that has one of its own; several where they hold one after another.
pub(crate) type Routes = BTreeMap<ProcedureCode, Vec<Route>>;

/// A route file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    pub(crate) procedures: Vec<Spanned<String>>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    /// The part whose unit may decide, where that is neither the desk nor the one above it.
    pub(crate) competent: Option<Role>,
    #[serde(default)]
    pub(crate) group: Group,
    pub(crate) start: Option<ClockStart>,
    pub(crate) basis: String,
    pub(crate) source: String,
    /// What steps and other parts have to add up to, where the source says that they do.
    pub(crate) total: Option<Spanned<Limit>>,
    pub(crate) clock: Spanned<Clock>,
    /// Why a wait does what it does, where sector law settles it.
    #[serde(default)]
    pub(crate) clock_basis: BTreeMap<Wait, String>,
    /// Options that may be chosen at reception, with their names in Vietnamese.
    #[serde(default)]
    pub(crate) options: BTreeMap<String, Spanned<String>>,
    pub(crate) papers: Vec<Paper>,
    /// Parts of the whole that are no steps: the desk's own and the citizen's.
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
}

/// What waiting does, in the words of [`ClockPolicy`], but without a name that it does not have.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clock {
    supplement: WaitEffect,
    payment: WaitEffect,
    #[serde(default)]
    verification: WaitEffect,
    #[serde(default)]
    opinion: WaitEffect,
    #[serde(default)]
    posting: WaitEffect,
    #[serde(default)]
    transfer: WaitEffect,
    #[serde(default)]
    incident: WaitEffect,
    #[serde(default)]
    consent: WaitEffect,
    supplement_rounds: Option<u8>,
    supplement_time_out: Option<Limit>,
    consent_time_out: Option<Limit>,
}

impl From<Clock> for ClockPolicy {
    fn from(clock: Clock) -> Self {
        Self {
            verification: clock.verification,
            opinion: clock.opinion,
            posting: clock.posting,
            transfer: clock.transfer,
            incident: clock.incident,
            consent: clock.consent,
            supplement_rounds: clock.supplement_rounds,
            supplement_time_out: clock.supplement_time_out,
            consent_time_out: clock.consent_time_out,
            ..Self::of(clock.supplement, clock.payment)
        }
    }
}

/// A part of the whole that no unit is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) task: Spanned<String>,
    pub(crate) limit: Limit,
    pub(crate) source: String,
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
    /// The option that asks for it; without one it is always walked.
    pub(crate) option: Option<String>,
    #[serde(default)]
    pub(crate) returns_result: bool,
    pub(crate) source: String,
}

impl Route {
    /// When it holds; reading refused ends that are not in order.
    pub(crate) fn valid(&self) -> Period {
        Period {
            from: self.valid_from,
            to: self.valid_to,
        }
    }

    /// Byte of the first code, for faults of the file as a whole.
    pub(crate) fn begins(&self) -> usize {
        self.procedures.first().map_or(0, |code| code.span().start)
    }
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
            option: self.option.clone(),
            returns_result: self.returns_result,
        })
    }
}

/// Reads a file and checks what it can be held against by itself.
pub(crate) fn read(text: &str, faults: &mut Faults<'_>) -> Option<Route> {
    if let Err(nested) = check_nesting(text) {
        faults.at_byte(nested.at, nested.to_string());
        return None;
    }
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
    if route.procedures.is_empty() {
        faults.at_line(1, "the route names no procedure");
    }
    if let Err(problem) = Period::of(route.valid_from, route.valid_to) {
        faults.at_byte(route.begins(), problem);
        return None;
    }
    check_clock(&route, faults);
    check_options(&route, faults);
    for part in &route.parts {
        if part.task.get_ref().trim().is_empty() || part.source.trim().is_empty() {
            faults.at_byte(part.task.span().start, "a part has no task or no source");
        }
    }
    for step in &route.steps {
        check_step(step, faults);
    }
    if route.steps.is_empty() {
        faults.at_line(
            1,
            "the route has no step; leave the file out and the procedure gets one step",
        );
        return None;
    }
    if !can_be_walked(&route, faults) {
        return None;
    }
    if let Some((total, problem)) = walk::differs_from_total(&route) {
        faults.at_byte(total, problem);
    }
    Some(route)
}

fn check_step(step: &Step, faults: &mut Faults<'_>) {
    let at = step.key.span().start;
    let key = step.key.get_ref();
    if let Err(error) = StepKey::parse(key) {
        faults.at_byte(at, error.to_string());
    }
    if step.task.trim().is_empty() || step.source.trim().is_empty() {
        faults.at_byte(at, format!("step {key} has no task or no source"));
    }
    if step.limit.unit() == LimitUnit::NoneStated {
        faults.at_byte(
            at,
            format!("step {key} has no limit; a performer is always given one"),
        );
    }
}

/// What sector law takes out of the time needs the law's name: the regime's rules have their own.
fn check_clock(route: &Route, faults: &mut Faults<'_>) {
    let clock = ClockPolicy::from(*route.clock.get_ref());
    for wait in Wait::ALL {
        let ordinary = matches!(wait, Wait::Supplement | Wait::Payment);
        let said = route.clock_basis.get(&wait);
        if said.is_some_and(|basis| basis.trim().is_empty())
            || (said.is_none() && !ordinary && !clock.effect(wait).is_none())
        {
            faults.at_byte(
                route.clock.span().start,
                format!(
                    "the wait {wait:?} moves the clock, and [clock_basis] does not say by which law"
                ),
            );
        }
    }
}

fn check_options(route: &Route, faults: &mut Faults<'_>) {
    for (option, name) in &route.options {
        if name.get_ref().trim().is_empty() {
            faults.at_byte(
                name.span().start,
                format!("the option {option} has no name; officers read it"),
            );
        }
    }
    for step in &route.steps {
        if let Some(option) = &step.option
            && !route.options.contains_key(option)
        {
            faults.at_byte(
                step.key.span().start,
                format!(
                    "step {} is for the option {option:?}, which [options] does not name",
                    step.key.get_ref()
                ),
            );
        }
    }
}

fn can_be_walked(route: &Route, faults: &mut Faults<'_>) -> bool {
    // Which unit performs a step changes nothing about whether the steps can be reached.
    let Ok(anyone) = UnitId::parse("X") else {
        return true;
    };
    let steps: Vec<RouteStep> = route
        .steps
        .iter()
        .filter_map(|step| step.resolved(anyone.clone(), None))
        .collect();
    let Err(error) = check_route(&steps) else {
        return true;
    };
    let named = |step: &&Step| error.to_string().contains(step.key.get_ref().as_str());
    let at = match route.steps.iter().rfind(named) {
        Some(step) => step.key.span().start,
        None => route.begins(),
    };
    faults.at_byte(at, error.to_string());
    false
}

/// The options that steps ask for.
pub(crate) fn options_of_steps(route: &Route) -> BTreeSet<&str> {
    route
        .steps
        .iter()
        .filter_map(|step| step.option.as_deref())
        .collect()
}
