//! How long a route takes at most, and whether that fits what was promised.

use std::collections::BTreeSet;

use calendar::{Limit, LimitUnit};

use crate::routes::{Route, Step};

/// Hours of an office day: limits of half days are written in working hours.
const HOURS_A_DAY: u32 = 8;
/// Hours of a day of the clock.
const HOURS_A_CALENDAR_DAY: u32 = 24;

/// What the longest way takes and what is allowed, in working hours, if it takes longer than the
/// whole may: a promise that the route itself would break. The steps of options that were not
/// chosen are not walked, and nobody waits for them.
pub(crate) fn longer_than(
    route: &Route,
    options: &BTreeSet<&str>,
    whole: Limit,
) -> Option<(u32, u32)> {
    let allowed = hours(whole)?;
    let longest = longest(route, options)?;
    (longest > allowed).then_some((longest, allowed))
}

/// Where a declared total stands and what is wrong with it: the longest way without options and the
/// parts that are no steps have to add up to it.
pub(crate) fn differs_from_total(route: &Route) -> Option<(usize, String)> {
    let declared = route.total.as_ref()?;
    let at = declared.span().start;
    let total = *declared.get_ref();
    let steps = longest(route, &BTreeSet::new());
    let parts: Option<u32> = route.parts.iter().map(|part| hours(part.limit)).sum();
    let (Some(allowed), Some(steps), Some(parts)) = (hours(total), steps, parts) else {
        return Some((
            at,
            "months and what has no limit cannot be added up; leave out the total".to_owned(),
        ));
    };
    (steps + parts != allowed).then(|| {
        (
            at,
            format!(
                "the parts add up to {} working hours ({steps} of steps, {parts} of others), the declared total is {allowed} ({total})",
                steps + parts
            ),
        )
    })
}

/// The end of the last step on the longest way, in working hours; none where a step's limit has
/// no length in days.
fn longest(route: &Route, options: &BTreeSet<&str>) -> Option<u32> {
    let is_walked = |step: &&Step| {
        step.option
            .as_deref()
            .is_none_or(|option| options.contains(option))
    };
    let steps: Vec<&Step> = route.steps.iter().filter(is_walked).collect();
    let key_of = |step: &Step| step.key.get_ref().clone();
    let walked: BTreeSet<String> = steps.iter().map(|step| key_of(step)).collect();
    let mut ends: Vec<(String, u32)> = Vec::new();
    // Steps whose inputs are all placed are placed next; the route was checked, so all get there.
    while ends.len() < steps.len() {
        let placed = ends.len();
        for step in &steps {
            let key = key_of(step);
            if ends.iter().any(|(k, _)| *k == key) {
                continue;
            }
            let end_of = |input: &str| ends.iter().find(|(k, _)| k == input).map(|(_, end)| *end);
            let inputs = step.inputs.iter().map(dossier::ids::StepKey::as_str);
            let waited_for: Option<Vec<u32>> =
                inputs.filter(|i| walked.contains(*i)).map(end_of).collect();
            if let Some(inputs) = waited_for {
                let begins = inputs.into_iter().max().unwrap_or(0);
                ends.push((key, begins + hours(step.limit)?));
            }
        }
        if ends.len() == placed {
            return None;
        }
    }
    ends.into_iter().map(|(_, end)| end).max()
}

/// Working hours that a limit counts as; none for what has no length in days.
///
/// Days of the calendar and of the office count alike, and every 24 contiguous hours as one office
/// day: that errs, but only where units are mixed, and then on the side of letting a route pass in a
/// whole of calendar days.
fn hours(limit: Limit) -> Option<u32> {
    match limit.unit() {
        LimitUnit::SameDay => Some(0),
        LimitUnit::WorkingDays | LimitUnit::Days => Some(limit.amount() * HOURS_A_DAY),
        LimitUnit::WorkingHours => Some(limit.amount()),
        LimitUnit::Hours => Some(limit.amount().div_ceil(HOURS_A_CALENDAR_DAY) * HOURS_A_DAY),
        LimitUnit::Months | LimitUnit::NoneStated => None,
    }
}
