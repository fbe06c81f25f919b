//! The register of units, as written.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{DeskDays, Hours, SaturdayDesk};
use chrono::NaiveDate;
use dossier::ids::{CodeForm, ProcedureCode, SerialWidth, UnitId};
use serde::Deserialize;
use toml::Spanned;

use crate::error::Faults;
use crate::nesting::check_nesting;
use crate::period::Period;
use crate::unit::{Acknowledge, AgencyKind, Department, Level, Role, Unit};

/// The units of a profile and where each stands in the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Register {
    pub(crate) version: String,
    /// The days that the profile describes: what holds on none of them is not held against it.
    pub(crate) valid: Period,
    pub(crate) units: BTreeMap<UnitId, Unit>,
    /// Byte at which each unit begins, for faults that show only together with other files.
    pub(crate) begins: BTreeMap<UnitId, usize>,
    /// The unit from which the others hear of declared days.
    pub(crate) calendar_authority: Option<UnitId>,
    /// The office hours of all of them, where they are not the published default.
    pub(crate) office_hours: Option<Hours>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Spanned<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    calendar_authority: Option<Spanned<UnitId>>,
    office_hours: Option<Spanned<Vec<String>>>,
    units: Vec<WrittenUnit>,
    #[serde(default)]
    departments: Vec<WrittenDepartment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenUnit {
    id: Spanned<String>,
    name: String,
    gso_code: Option<String>,
    level: Level,
    kind: Option<AgencyKind>,
    overseer: Option<UnitId>,
    roles: BTreeSet<Role>,
    acknowledge: Acknowledge,
    #[serde(default)]
    receives_for_superior: BTreeSet<ProcedureCode>,
    #[serde(default)]
    desk_saturday: SaturdayDesk,
    #[serde(default)]
    serial_width: SerialWidth,
    code_form: Option<CodeForm>,
}

/// A department of one unit, or of every unit of a level.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDepartment {
    unit: Option<UnitId>,
    level: Option<Level>,
    name: Spanned<String>,
    fields: Vec<String>,
}

/// Reads the file. Units that are wrong are left out and told of.
pub(crate) fn read(text: &str, faults: &mut Faults<'_>) -> Register {
    if let Err(nested) = check_nesting(text) {
        faults.at_byte(nested.at, nested.to_string());
        return Register::default();
    }
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            faults.of_toml(&error);
            return Register::default();
        }
    };
    let begins = file.version.span().start;
    let valid = Period::of(file.valid_from, file.valid_to).unwrap_or_else(|problem| {
        faults.at_byte(begins, problem);
        Period::default()
    });
    let mut register = Register {
        version: file.version.into_inner(),
        valid,
        ..Register::default()
    };
    if register.version.trim().is_empty() {
        faults.at_line(1, "the register has no version; events quote it");
    }
    for written in file.units {
        let begins = written.id.span().start;
        let id = match UnitId::parse(written.id.get_ref()) {
            Ok(id) => id,
            Err(error) => {
                faults.at_byte(begins, error.to_string());
                continue;
            }
        };
        let unit = Unit {
            id: id.clone(),
            name: written.name,
            gso_code: written.gso_code,
            level: written.level,
            kind: written.kind,
            overseer: written.overseer,
            roles: written.roles,
            departments: Vec::new(),
            acknowledge: written.acknowledge,
            receives_for_superior: written.receives_for_superior,
            desk_days: DeskDays {
                saturday: written.desk_saturday,
            },
            serial_width: written.serial_width,
            code_form: written.code_form,
        };
        if let Err(problem) = check_alone(&unit, valid) {
            faults.at_byte(begins, problem);
        }
        register.begins.insert(id.clone(), begins);
        if register.units.insert(id.clone(), unit).is_some() {
            faults.at_byte(begins, format!("unit {id} occurs twice"));
        }
    }
    for department in file.departments {
        place(department, &mut register.units, faults);
    }
    if let Some(written) = file.office_hours {
        match written.get_ref().join(",").parse() {
            Ok(hours) => register.office_hours = Some(hours),
            Err(error) => faults.at_byte(written.span().start, format!("office_hours: {error}")),
        }
    }
    if let Some(authority) = file.calendar_authority {
        let begins = authority.span().start;
        let id = authority.into_inner();
        let level = register.units.get(&id).map(|unit| unit.level);
        if level != Some(Level::District) {
            faults.at_byte(
                begins,
                format!("calendar_authority {id} is no district of this register"),
            );
        }
        register.calendar_authority = Some(id);
    }
    check_together(&register, faults);
    register
}

/// The first day without districts (Luật Tổ chức chính quyền địa phương 72/2025/QH15).
fn districts_end() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 7, 1).unwrap_or_default()
}

fn check_alone(unit: &Unit, valid: Period) -> Result<(), String> {
    let Unit {
        id,
        level,
        kind,
        roles,
        ..
    } = unit;
    if unit.name.trim().is_empty() {
        return Err(format!("{id} has no name"));
    }
    let expected = match (level, kind) {
        (Level::District, None) => Role::District,
        (Level::Commune, None) => Role::Commune,
        (Level::Agency, Some(kind)) => Role::of(*kind),
        (Level::Agency, None) => {
            return Err(format!(
                "agency {id} has no kind; write land, tax, police or insurance"
            ));
        }
        (_, Some(_)) => return Err(format!("{id} is no agency and has a kind; leave it out")),
    };
    if !roles.iter().eq([&expected]) {
        return Err(format!(
            "{id} plays {roles:?}; a unit of its level and kind plays {expected:?}"
        ));
    }
    let districts_exist = valid.from.is_none_or(|from| from < districts_end());
    if *level == Level::Commune && unit.overseer.is_none() && districts_exist {
        return Err(format!(
            "commune {id} has no overseer; name its district, or give the profile a valid_from since {}",
            districts_end()
        ));
    }
    if *level != Level::Commune && !unit.receives_for_superior.is_empty() {
        return Err(format!(
            "{id} is no commune and receives for a superior; leave it out"
        ));
    }
    if *level == Level::Agency && unit.desk_days != DeskDays::default() {
        return Err(format!(
            "{id} has no desk and a desk_saturday; leave it out"
        ));
    }
    Ok(())
}

fn place(written: WrittenDepartment, units: &mut BTreeMap<UnitId, Unit>, faults: &mut Faults<'_>) {
    let begins = written.name.span().start;
    let name = written.name.into_inner();
    let mut placed = false;
    for unit in units.values_mut() {
        let meant = match (&written.unit, written.level) {
            (Some(id), None) => unit.id == *id,
            (None, Some(level)) => unit.level == level,
            _ => {
                faults.at_byte(
                    begins,
                    format!("department {name}: name either a unit or a level"),
                );
                return;
            }
        };
        if meant {
            placed = true;
            if let Some(field) = written
                .fields
                .iter()
                .find(|field| unit.department_for(field).is_some())
            {
                faults.at_byte(
                    begins,
                    format!(
                        "department {name} handles {field}, which another department of {} has",
                        unit.id
                    ),
                );
            }
            unit.departments.push(Department {
                name: name.clone(),
                fields: written.fields.clone(),
            });
        }
    }
    if !placed {
        faults.at_byte(
            begins,
            format!("department {name} belongs to no unit of this register"),
        );
    }
}

fn check_together(register: &Register, faults: &mut Faults<'_>) {
    let mut players: BTreeMap<Role, &UnitId> = BTreeMap::new();
    for (id, unit) in &register.units {
        let begins = register.begins.get(id).copied().unwrap_or(0);
        if let Some(overseer) = &unit.overseer
            && register
                .units
                .get(overseer)
                .is_none_or(|above| above.level != Level::District)
        {
            faults.at_byte(
                begins,
                format!(
                    "{id} is watched over by {overseer}, which is no district of this register"
                ),
            );
        }
        for role in unit.roles.iter().filter(|role| role.is_of_an_agency()) {
            if let Some(other) = players.insert(*role, id) {
                faults.at_byte(begins, format!("{id} plays {role:?}, which {other} plays already; a route would not know which"));
            }
        }
    }
}
