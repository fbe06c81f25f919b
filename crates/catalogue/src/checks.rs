//! What shows only when registers are held against one another and against a profile.

use std::collections::{BTreeMap, BTreeSet};

use dossier::ids::ProcedureCode;

use crate::error::{Fault, Faults};
use crate::limits::Limits;
use crate::period::Period;
use crate::procedures::{Listed, Listing};
use crate::routes::{Route, Routes, options_of_steps};
use crate::unit::{Level, Role};
use crate::units::Register;
use crate::walk;

fn at(listed: &Listed, problem: String) -> Fault {
    Fault {
        file: listed.file.clone(),
        line: Some(listed.line),
        problem,
    }
}

/// Every repealed code leads, by however many successors, to one that is not repealed without one.
pub(crate) fn successors(listing: &Listing, found: &mut Vec<Fault>) {
    for (code, listed) in every(listing) {
        let Some(successor) = &listed.successor else {
            continue;
        };
        let Some(versions) = listing.get(successor) else {
            found.push(at(
                listed,
                format!("{code} is followed by {successor}, which is in no register"),
            ));
            continue;
        };
        let ends = |version: &Listed| version.valid.to.is_some() && version.successor.is_none();
        if versions.iter().all(ends) {
            found.push(at(
                listed,
                format!("{code} is followed by {successor}, which is repealed itself and has no successor"),
            ));
        } else if leads_back(listing, code, successor) {
            found.push(at(
                listed,
                format!("{code} is followed by {successor}, and that in the end by {code} again"),
            ));
        }
    }
}

fn leads_back(listing: &Listing, code: &ProcedureCode, successor: &ProcedureCode) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = Some(successor);
    while let Some(current) = next.filter(|current| seen.insert(*current)) {
        if current == code {
            return true;
        }
        let versions = listing.get(current).map_or(&[][..], Vec::as_slice);
        next = versions.iter().find_map(|v| v.successor.as_ref());
    }
    false
}

fn every(listing: &Listing) -> impl Iterator<Item = (&ProcedureCode, &Listed)> {
    listing
        .iter()
        .flat_map(|(code, versions)| versions.iter().map(move |version| (code, version)))
}

/// A procedure whose field nobody handles would wait at the desk for ever.
pub(crate) fn departments(register: &Register, listing: &Listing, found: &mut Vec<Fault>) {
    for (code, listed) in every(listing).filter(|(_, l)| l.valid.overlaps(&register.valid)) {
        let without = register.units.values().find(|unit| {
            listed.levels.contains(&unit.level) && unit.department_for(&listed.field).is_none()
        });
        if let Some(desk) = without {
            found.push(at(
                listed,
                format!(
                    "{code}: no department of {} handles {:?}",
                    desk.id, listed.field
                ),
            ));
        }
    }
}

/// What a commune receives for its district is the district's alone.
pub(crate) fn receivers(register: &Register, listing: &Listing, faults: &mut Faults<'_>) {
    for (id, unit) in &register.units {
        let begins = register.begins.get(id).copied().unwrap_or(0);
        for code in &unit.receives_for_superior {
            let versions = listing.get(code).map_or(&[][..], Vec::as_slice);
            let mut held = versions
                .iter()
                .filter(|listed| listed.valid.overlaps(&register.valid))
                .peekable();
            if held.peek().is_none() {
                faults.at_byte(
                    begins,
                    format!("{id} receives {code}, which is in no register of procedures"),
                );
            } else if held.any(|listed| listed.levels != [Level::District]) {
                faults.at_byte(
                    begins,
                    format!(
                        "{id} receives {code} for its superior, but it is not the district's alone"
                    ),
                );
            }
        }
    }
}

/// Limits are of procedures that exist, and of options that their routes name.
pub(crate) fn limits(limits: &Limits, listing: &Listing, routes: &Routes, faults: &mut Faults<'_>) {
    for (code, rows) in limits {
        for row in rows {
            if !listing.contains_key(code) {
                faults.at_line(row.line, format!("{code} is in no register of procedures"));
                continue;
            }
            let of_code = routes.get(code).map_or(&[][..], Vec::as_slice);
            for route in of_code.iter().filter(|r| r.valid().overlaps(&row.valid)) {
                for option in row
                    .options
                    .iter()
                    .filter(|o| !route.options.contains_key(*o))
                {
                    faults.at_line(
                        row.line,
                        format!("{code}: the limit is for the option {option:?}, which [options] of its route does not name"),
                    );
                }
            }
        }
    }
}

/// Holds a route against units, procedures and limits, and files it under each of its codes.
pub(crate) fn place(
    route: &Route,
    register: &Register,
    listing: &Listing,
    limits: &Limits,
    routes: &mut Routes,
    faults: &mut Faults<'_>,
) {
    if is_walked_here(route, register, listing) {
        played(route, register, faults);
    }
    let mut used = options_of_steps(route);
    for code in &route.procedures {
        let begins = code.span().start;
        let Some((code, versions)) = ProcedureCode::parse(code.get_ref())
            .ok()
            .and_then(|parsed| listing.get_key_value(&parsed))
        else {
            let code = code.get_ref();
            faults.at_byte(begins, format!("{code} is in no register of procedures"));
            continue;
        };
        let rows = limits.get(code).map_or(&[][..], Vec::as_slice);
        used.extend(rows.iter().flat_map(|row| &row.options).map(String::as_str));
        let held = versions.iter().filter(|v| v.valid.overlaps(&route.valid()));
        for listed in held.clone() {
            fits(route, code, listed, rows, begins, faults);
        }
        if held.clone().next().is_none() {
            faults.at_byte(
                begins,
                format!("{code} has no version on any day on which the route holds"),
            );
        }
        let placed = routes.entry(code.clone()).or_default();
        if placed.iter().any(|r| r.valid().overlaps(&route.valid())) {
            faults.at_byte(
                begins,
                format!("{code} has another route already, for days that this one claims too"),
            );
        } else {
            placed.push(route.clone());
        }
    }
    for (option, name) in &route.options {
        if !used.contains(option.as_str()) {
            faults.at_byte(
                name.span().start,
                format!("the option {option} is asked for by no step and no limit"),
            );
        }
    }
}

/// Whether a desk of the profile takes in any of the route's procedures while both hold.
fn is_walked_here(route: &Route, register: &Register, listing: &Listing) -> bool {
    let here = |listed: &Listed| {
        let days = [listed.valid, route.valid()];
        days.iter().all(|p: &Period| p.overlaps(&register.valid))
            && register
                .units
                .values()
                .any(|unit| listed.levels.contains(&unit.level))
    };
    route
        .procedures
        .iter()
        .filter_map(|code| listing.get(&ProcedureCode::parse(code.get_ref()).ok()?))
        .flatten()
        .any(here)
}

fn played(route: &Route, register: &Register, faults: &mut Faults<'_>) {
    let is_played =
        |role: Role| role == Role::Home || register.units.values().any(|u| u.roles.contains(&role));
    if let Some(role) = route.competent.filter(|role| !is_played(*role)) {
        faults.at_byte(
            route.begins(),
            format!("the part {role:?} is competent, and no unit of the profile plays it"),
        );
    }
    for step in &route.steps {
        let (key, begins) = (step.key.get_ref(), step.key.span().start);
        let parts = [Some(step.role), step.alternative];
        for role in parts.into_iter().flatten().filter(|r| !is_played(*r)) {
            faults.at_byte(
                begins,
                format!("step {key} needs the part {role:?}, which no unit of the profile plays"),
            );
        }
        let Some(department) = &step.department else {
            continue;
        };
        let performers = register
            .units
            .values()
            .filter(|unit| unit.roles.contains(&step.role));
        let without =
            |unit: &&crate::unit::Unit| unit.departments.iter().all(|d| d.name != *department);
        if let Some(unit) = performers.into_iter().find(without) {
            faults.at_byte(
                begins,
                format!(
                    "step {key} names {department:?}, which is no department of {}",
                    unit.id
                ),
            );
        }
    }
}

/// Whether a version's limits hold the route, with each choice of options that has a limit.
fn fits(
    route: &Route,
    code: &ProcedureCode,
    listed: &Listed,
    rows: &[crate::limits::CaseLimit],
    begins: usize,
    faults: &mut Faults<'_>,
) {
    if listed.levels.contains(&Level::District)
        && let Some(step) = route.steps.iter().find(|step| step.role == Role::Commune)
    {
        faults.at_byte(
            step.key.span().start,
            format!(
                "step {} is the commune's, but a district's desk takes in {code}",
                step.key.get_ref()
            ),
        );
    }
    let mut choices = BTreeMap::from([(BTreeSet::new(), listed.limit)]);
    for row in rows.iter().filter(|row| row.valid.overlaps(&listed.valid)) {
        let chosen: BTreeSet<&str> = row.options.iter().map(String::as_str).collect();
        choices.entry(chosen).or_insert(row.limit);
    }
    for option in options_of_steps(route) {
        if !choices.keys().any(|chosen| chosen.contains(option)) {
            choices.insert(BTreeSet::from([option]), listed.limit);
        }
    }
    for (chosen, limit) in choices {
        if let Some((longest, allowed)) = walk::longer_than(route, &chosen, limit) {
            let with = match chosen.into_iter().collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => none,
                options => format!(" with {options}"),
            };
            faults.at_byte(
                begins,
                format!("the steps{with} take up to {longest} working hours, {code} allows {allowed} ({limit})"),
            );
        }
    }
    if let Some(total) = &route.total
        && *total.get_ref() != listed.limit
    {
        faults.at_byte(
            total.span().start,
            format!(
                "the declared total is {}, {code} allows {}",
                total.get_ref(),
                listed.limit
            ),
        );
    }
}
