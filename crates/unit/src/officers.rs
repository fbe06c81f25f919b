//! The officers of the units of a service, and whether one of them may give a command. They are
//! read from a file when the service starts; without one everybody may do everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dossier::ids::{OfficerId, UnitId};
use serde::Deserialize;
use thiserror::Error;

use crate::answer::Refused;
use crate::roles::{BETWEEN_UNITS, Role, open_to};

const RULE: &str = "Quy tắc của hệ thống: mỗi việc chỉ do cán bộ được phân vai trò đó thực hiện (danh sách cán bộ \
                    của đơn vị)";

/// What can be wrong with a file of officers.
#[derive(Debug, Error)]
pub enum OfficersError {
    /// It cannot be read.
    #[error("reading the officers in {path}: {source}; correct `officers` in the configuration")]
    File {
        /// Which file.
        path: PathBuf,
        /// What failed.
        source: std::io::Error,
    },
    /// It is not what it should be.
    #[error("the file of officers {path} is not usable: {why}")]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: String,
    },
}

/// A row of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    unit: UnitId,
    id: OfficerId,
    roles: BTreeSet<Role>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    officers: Vec<Row>,
}

type Roles = BTreeMap<OfficerId, BTreeSet<Role>>;

/// The officers of several units.
#[derive(Debug, Clone, Default)]
pub struct Officers(Option<BTreeMap<UnitId, Arc<Roles>>>);

/// The officers of one unit.
#[derive(Debug, Clone)]
pub struct Staff {
    unit: UnitId,
    /// None where no file names any.
    roles: Option<Arc<Roles>>,
}

impl Officers {
    /// Reads a file of officers.
    ///
    /// # Errors
    /// [`OfficersError`] names the file and in it the row: an officer without a role, or named twice
    /// at one unit.
    pub fn read(path: &Path) -> Result<Self, OfficersError> {
        let text = fs::read_to_string(path).map_err(|source| OfficersError::File {
            path: path.to_owned(),
            source,
        })?;
        Self::of(&text).map_err(|why| OfficersError::Content {
            path: path.to_owned(),
            why,
        })
    }

    fn of(text: &str) -> Result<Self, String> {
        catalogue::check_nesting(text).map_err(|nested| nested.to_string())?;
        let file: File = toml::from_str(text).map_err(|error| envelope::brief(&error))?;
        let mut units: BTreeMap<UnitId, Roles> = BTreeMap::new();
        for Row { unit, id, roles } in file.officers {
            if roles.is_empty() {
                return Err(format!(
                    "{id} of {unit} has no role: name one, or leave the row out"
                ));
            }
            let earlier = units
                .entry(unit.clone())
                .or_default()
                .insert(id.clone(), roles);
            if earlier.is_some() {
                return Err(format!(
                    "{id} of {unit} stands there twice: put all roles into one row"
                ));
            }
        }
        let shared = units
            .into_iter()
            .map(|(unit, roles)| (unit, Arc::new(roles)));
        Ok(Self(Some(shared.collect())))
    }

    /// The officers of `unit`; none of them where the file names none there.
    pub fn of_unit(&self, unit: &UnitId) -> Staff {
        let named =
            |units: &BTreeMap<UnitId, Arc<Roles>>| units.get(unit).cloned().unwrap_or_default();
        Staff {
            unit: unit.clone(),
            roles: self.0.as_ref().map(named),
        }
    }
}

impl Staff {
    /// How many officers there are, where a file names them.
    pub fn count(&self) -> Option<usize> {
        self.roles.as_ref().map(|roles| roles.len())
    }

    /// Whether `officer` may give the command, or ask the question, `name` here.
    ///
    /// # Errors
    /// The refusal, in Vietnamese, of an officer that is not of this unit or has not the role.
    pub fn permit(&self, name: &str, officer: &OfficerId) -> Result<(), Refused> {
        let Some(roles) = &self.roles else {
            return Ok(());
        };
        if BETWEEN_UNITS.contains(&name) {
            return Ok(());
        }
        let refused = |code: &str, message: String| Refused {
            code: code.into(),
            message,
            rule: RULE.into(),
        };
        let Some(held) = roles.get(officer) else {
            return Err(refused(
                "officer.unknown",
                format!(
                    "{officer} không có trong danh sách cán bộ của {}",
                    self.unit
                ),
            ));
        };
        let open = open_to(name);
        if open.iter().any(|role| held.contains(role)) {
            return Ok(());
        }
        let (has, needs) = (named(held.iter()), named(open.iter()));
        Err(refused(
            "officer.no_role",
            format!("{officer} có vai trò {has}; việc `{name}` chỉ dành cho vai trò: {needs}"),
        ))
    }
}

fn named<'a>(roles: impl Iterator<Item = &'a Role>) -> String {
    let labels: Vec<&str> = roles.map(|role| role.label()).collect();
    labels.join(", ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [[officers]]
        unit = "H33-27-04"
        id = "cb-01"
        roles = ["tiep_nhan", "xu_ly"]

        [[officers]]
        unit = "H33-27-04"
        id = "qt-01"
        roles = ["quan_tri"]
    "#;

    fn staff(unit: &str) -> Staff {
        Officers::of(FILE)
            .unwrap()
            .of_unit(&UnitId::parse(unit).unwrap())
    }

    fn officer(id: &str) -> OfficerId {
        OfficerId::parse(id).unwrap()
    }

    #[test]
    fn an_officer_may_do_what_one_of_their_roles_is_for() {
        let commune = staff("H33-27-04");
        commune.permit("receive", &officer("cb-01")).unwrap();
        commune.permit("complete", &officer("cb-01")).unwrap();
        commune.permit("back_up", &officer("qt-01")).unwrap();
    }

    #[test]
    fn a_command_for_another_role_is_refused_with_both_named() {
        let refused = staff("H33-27-04")
            .permit("refuse", &officer("cb-01"))
            .unwrap_err();
        assert_eq!(
            (refused.code.as_str(), refused.http_code()),
            ("officer.no_role", 403)
        );
        assert!(
            refused
                .message
                .contains("tiếp nhận và trả kết quả, xử lý hồ sơ"),
            "{refused:?}"
        );
        assert!(
            refused.message.contains("chỉ dành cho vai trò: lãnh đạo"),
            "{refused:?}"
        );
        assert!(
            staff("H33-27-04")
                .permit("applicant", &officer("qt-01"))
                .is_err()
        );
        assert!(
            staff("H33-27-04")
                .permit("no_such_command", &officer("cb-01"))
                .is_err()
        );
    }

    #[test]
    fn an_officer_of_another_unit_or_of_none_is_refused() {
        for (unit, id) in [("H33-27-04", "cb-02"), ("H33-27", "cb-01")] {
            let refused = staff(unit).permit("worklist", &officer(id)).unwrap_err();
            assert_eq!(
                (refused.code.as_str(), refused.http_code()),
                ("officer.unknown", 403)
            );
        }
    }

    #[test]
    fn a_unit_that_asks_for_a_key_is_no_officer() {
        staff("H33-27-04").permit("key", &officer("unit")).unwrap();
    }

    #[test]
    fn without_a_file_everybody_may_do_everything() {
        let anybody = Officers::default().of_unit(&UnitId::parse("H33-27").unwrap());
        anybody.permit("refuse", &officer("cb-99")).unwrap();
        assert_eq!(anybody.count(), None);
    }

    #[test]
    fn a_faulty_file_is_refused_by_row() {
        let twice = format!("{FILE}{}", FILE.replace("qt-01", "qt-02"));
        assert!(
            Officers::of(&twice)
                .unwrap_err()
                .contains("cb-01 of H33-27-04 stands there twice")
        );
        let none = FILE.replace("[\"quan_tri\"]", "[]");
        assert!(
            Officers::of(&none)
                .unwrap_err()
                .contains("qt-01 of H33-27-04 has no role")
        );
        let unknown = FILE.replace("quan_tri", "giam_doc");
        assert!(Officers::of(&unknown).unwrap_err().contains("giam_doc"));
    }
}
