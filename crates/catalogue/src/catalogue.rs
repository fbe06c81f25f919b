//! The registers together: read, checked against one another, and looked up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dossier::ids::{ProcedureCode, UnitId};

use crate::error::{CatalogueError, Fault, Faults};
use crate::procedures::{self, Listed};
use crate::routes::{self, Route};
use crate::unit::{Level, Role, Unit};
use crate::units::{self, Register};

/// The table of procedures, in the directory of registers.
pub const PROCEDURES: &str = "procedures.csv";
/// The directory of routes, in the directory of registers.
pub const ROUTES: &str = "routes";
/// The register of units, in the directory of a profile.
pub const UNITS: &str = "units.toml";

/// Units and procedures of a profile.
#[derive(Debug, Clone)]
pub struct Catalogue {
    version: String,
    pub(crate) units: BTreeMap<UnitId, Unit>,
    pub(crate) listed: BTreeMap<ProcedureCode, Listed>,
    pub(crate) routes: BTreeMap<ProcedureCode, Route>,
}

impl Catalogue {
    /// Reads the registers of procedures and routes and a profile's register of units.
    ///
    /// # Errors
    /// Everything that is wrong with them, together: files that cannot be read, rows and steps that
    /// make no sense, and what fits in no other file.
    pub fn load(registers_dir: &Path, profile_dir: &Path) -> Result<Self, CatalogueError> {
        let mut found = Vec::new();
        let units_text = open(&profile_dir.join(UNITS), &mut found);
        let units_file = shown(&profile_dir.join(UNITS));
        let mut faults = Faults::of(&units_file, &units_text);
        let register = units::read(&units_text, &mut faults);
        let procedures_text = open(&registers_dir.join(PROCEDURES), &mut found);
        let procedures_file = shown(&registers_dir.join(PROCEDURES));
        let mut procedure_faults = Faults::of(&procedures_file, &procedures_text);
        let listed = procedures::read(&procedures_text, &mut procedure_faults);
        check_departments(&register, &listed, &mut procedure_faults);
        check_receivers(&register, &listed, &mut faults);
        found.append(&mut faults.found);
        found.append(&mut procedure_faults.found);
        let mut routes = BTreeMap::new();
        for path in route_files(&registers_dir.join(ROUTES), &mut found) {
            let (file, text) = (shown(&path), open(&path, &mut found));
            let mut faults = Faults::of(&file, &text);
            if let Some(route) = routes::read(&text, &mut faults) {
                place(route, &register, &listed, &mut routes, &mut faults);
            }
            found.append(&mut faults.found);
        }
        if found.is_empty() {
            Ok(Self {
                version: register.version,
                units: register.units,
                listed,
                routes,
            })
        } else {
            Err(CatalogueError { faults: found })
        }
    }

    /// The version that dossiers pin, such as `chau-thanh-2018.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Every unit, by identifier.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// A unit, if the profile has it.
    pub fn unit(&self, id: &UnitId) -> Option<&Unit> {
        self.units.get(id)
    }

    /// The department of `unit` that handles `field`.
    pub fn department_for(&self, unit: &UnitId, field: &str) -> Option<&str> {
        self.units.get(unit)?.department_for(field)
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn open(path: &Path, found: &mut Vec<Fault>) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| {
        found.push(Fault {
            file: shown(path),
            line: None,
            problem: format!("cannot be read: {error}"),
        });
        String::new()
    })
}

fn route_files(dir: &Path, found: &mut Vec<Fault>) -> Vec<PathBuf> {
    match std::fs::read_dir(dir) {
        Ok(entries) => {
            let paths = entries.flatten().map(|entry| entry.path());
            let mut routes: Vec<PathBuf> = paths
                .filter(|path| path.extension().is_some_and(|e| e == "toml"))
                .collect();
            routes.sort();
            routes
        }
        Err(error) => {
            found.push(Fault {
                file: shown(dir),
                line: None,
                problem: format!("cannot be listed: {error}"),
            });
            Vec::new()
        }
    }
}

/// A procedure whose field nobody handles would wait at the desk for ever.
fn check_departments(
    register: &Register,
    listed: &BTreeMap<ProcedureCode, Listed>,
    faults: &mut Faults<'_>,
) {
    for (code, entry) in listed {
        let desks = register
            .units
            .values()
            .filter(|unit| entry.levels.contains(&unit.level));
        for desk in desks
            .filter(|desk| desk.department_for(&entry.field).is_none())
            .take(1)
        {
            faults.at_line(
                entry.line,
                format!(
                    "{code}: no department of {} handles {:?}",
                    desk.id, entry.field
                ),
            );
        }
    }
}

fn check_receivers(
    register: &Register,
    listed: &BTreeMap<ProcedureCode, Listed>,
    faults: &mut Faults<'_>,
) {
    for (id, unit) in &register.units {
        let begins = register.begins.get(id).copied().unwrap_or(0);
        for code in &unit.receives_for_superior {
            match listed.get(code) {
                None => faults.at_byte(
                    begins,
                    format!("{id} receives {code}, which is not in {PROCEDURES}"),
                ),
                Some(entry) if entry.levels != [Level::District] => {
                    faults.at_byte(begins, format!("{id} receives {code} for its superior, but it is not the district's alone"));
                }
                Some(_) => {}
            }
        }
    }
}

/// Holds a route against units and procedures, and files it under each of its codes.
fn place(
    route: Route,
    register: &Register,
    listed: &BTreeMap<ProcedureCode, Listed>,
    routes: &mut BTreeMap<ProcedureCode, Route>,
    faults: &mut Faults<'_>,
) {
    let played = |role: Role| {
        role == Role::Home
            || register
                .units
                .values()
                .any(|unit| unit.roles.contains(&role))
    };
    for step in &route.steps {
        let (key, at) = (step.key.get_ref(), step.key.span().start);
        for role in [Some(step.role), step.alternative]
            .into_iter()
            .flatten()
            .filter(|role| !played(*role))
        {
            faults.at_byte(
                at,
                format!("step {key} needs the part {role:?}, which no unit of the profile plays"),
            );
        }
        if let Some(department) = &step.department {
            let performers = register
                .units
                .values()
                .filter(|unit| unit.roles.contains(&step.role));
            for unit in performers
                .filter(|unit| unit.departments.iter().all(|d| d.name != *department))
                .take(1)
            {
                faults.at_byte(
                    at,
                    format!(
                        "step {key} names {department:?}, which is no department of {}",
                        unit.id
                    ),
                );
            }
        }
    }
    for code in &route.procedures {
        let at = code.span().start;
        let Some((code, entry)) = ProcedureCode::parse(code.get_ref())
            .ok()
            .and_then(|parsed| listed.get_key_value(&parsed))
        else {
            faults.at_byte(at, format!("{} is not in {PROCEDURES}", code.get_ref()));
            continue;
        };
        if entry.levels.contains(&Level::District)
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
        if let Some((longest, allowed)) = routes::longer_than(&route, entry.limit) {
            faults.at_byte(
                at,
                format!(
                    "the steps take up to {longest} working hours, {code} allows {allowed} ({})",
                    entry.limit
                ),
            );
        }
        if routes.insert(code.clone(), route.clone()).is_some() {
            faults.at_byte(at, format!("{code} has another route already"));
        }
    }
}
