//! The registers together: read, checked against one another, and looked up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use calendar::{Calendar, Hours};
use dossier::ids::UnitId;

use crate::checks;
use crate::error::{CatalogueError, Fault, Faults};
use crate::limits::{self, Limits};
use crate::procedures::{self, Listing};
use crate::retention::{self, Kept};
use crate::routes::{self, Routes};
use crate::unit::Unit;
use crate::units;

/// How the names of the registers of procedures begin, in the directory of registers: all of them
/// are read, and each code may have versions in several.
pub const PROCEDURES: &str = "procedures";
/// The table of limits by channel and case, in the directory of registers; there may be none.
pub const LIMITS: &str = "limits.csv";
/// The table of how long dossiers are kept, in the directory of registers; there may be none.
pub const RETENTION: &str = "retention.csv";
/// The directory of routes, in the directory of registers.
const ROUTES: &str = "routes";
/// The register of units, in the directory of a profile.
pub const UNITS: &str = "units.toml";

/// Units and procedures of a profile.
#[derive(Debug, Clone)]
pub struct Catalogue {
    version: String,
    calendar_authority: Option<UnitId>,
    office_hours: Option<Hours>,
    pub(crate) units: BTreeMap<UnitId, Unit>,
    pub(crate) listing: Listing,
    pub(crate) limits: Limits,
    pub(crate) retention: Vec<Kept>,
    pub(crate) routes: Routes,
}

impl Catalogue {
    /// Reads the registers of procedures and routes and a profile's register of units.
    ///
    /// # Errors
    /// Everything that is wrong with them, together: files that cannot be read, rows and steps that
    /// make no sense, and what fits in no other file.
    pub fn load(registers_dir: &Path, profile_dir: &Path) -> Result<Self, CatalogueError> {
        let mut found = Vec::new();
        let units_file = shown(&profile_dir.join(UNITS));
        let units_text = open(&profile_dir.join(UNITS), &mut found);
        let mut units_faults = Faults::of(&units_file, &units_text);
        let register = units::read(&units_text, &mut units_faults);
        let listing = listing(registers_dir, &mut found);
        checks::receivers(&register, &listing, &mut units_faults);
        found.append(&mut units_faults.found);
        checks::successors(&listing, &mut found);
        checks::departments(&register, &listing, &mut found);
        let limits_path = registers_dir.join(LIMITS);
        let limits_text = if_there(&limits_path, &mut found);
        let limits_file = shown(&limits_path);
        let mut limits_faults = Faults::of(&limits_file, &limits_text);
        let limits = limits::read(&limits_text, &mut limits_faults);
        let retention_path = registers_dir.join(RETENTION);
        let retention_text = if_there(&retention_path, &mut found);
        let retention_file = shown(&retention_path);
        let mut retention_faults = Faults::of(&retention_file, &retention_text);
        let retention = if retention_text.is_empty() {
            Vec::new()
        } else {
            retention::read(&retention_text, &listing, &mut retention_faults)
        };
        found.append(&mut retention_faults.found);
        let mut routes = Routes::new();
        for path in files(&registers_dir.join(ROUTES), "", ".toml", &mut found) {
            let (file, text) = (shown(&path), open(&path, &mut found));
            let mut faults = Faults::of(&file, &text);
            if let Some(route) = routes::read(&text, &mut faults) {
                checks::place(
                    &route,
                    &register,
                    &listing,
                    &limits,
                    &mut routes,
                    &mut faults,
                );
            }
            found.append(&mut faults.found);
        }
        checks::limits(&limits, &listing, &routes, &mut limits_faults);
        found.append(&mut limits_faults.found);
        if found.is_empty() {
            Ok(Self {
                version: register.version,
                calendar_authority: register.calendar_authority,
                office_hours: register.office_hours,
                units: register.units,
                listing,
                limits,
                retention,
                routes,
            })
        } else {
            found.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
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

    /// The unit from which the others hear of days that were declared or swapped late; none where
    /// the published calendar is all there is.
    pub fn calendar_authority(&self) -> Option<&UnitId> {
        self.calendar_authority.as_ref()
    }

    /// The office hours of the profile's units; none where they are the published default.
    pub fn office_hours(&self) -> Option<&Hours> {
        self.office_hours.as_ref()
    }

    /// The published calendar with the profile's office hours.
    pub fn calendar(&self) -> Calendar {
        let published = Calendar::published().clone();
        match &self.office_hours {
            Some(hours) => published.with_hours(hours.clone()),
            None => published,
        }
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

/// The text of a table that there need not be.
fn if_there(path: &Path, found: &mut Vec<Fault>) -> String {
    if path.exists() {
        open(path, found)
    } else {
        String::new()
    }
}

/// Every register of procedures of a directory.
fn listing(registers_dir: &Path, found: &mut Vec<Fault>) -> Listing {
    let mut listing = Listing::new();
    let tables = files(registers_dir, PROCEDURES, ".csv", found);
    if tables.is_empty() {
        found.push(Fault {
            file: shown(&registers_dir.join(format!("{PROCEDURES}.csv"))),
            line: None,
            problem: "cannot be read: there is no register of procedures".to_owned(),
        });
    }
    for path in tables {
        let (file, text) = (shown(&path), open(&path, found));
        let mut faults = Faults::of(&file, &text);
        procedures::read(&file, &text, &mut listing, &mut faults);
        found.append(&mut faults.found);
    }
    listing
}

/// The files of a directory that begin and end so, in the order of their names.
fn files(dir: &Path, begin: &str, end: &str, found: &mut Vec<Fault>) -> Vec<PathBuf> {
    let meant = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(begin) && name.ends_with(end))
    };
    match std::fs::read_dir(dir) {
        Ok(entries) => {
            let paths = entries.flatten().map(|entry| entry.path());
            let mut files: Vec<PathBuf> = paths.filter(meant).collect();
            files.sort();
            files
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
