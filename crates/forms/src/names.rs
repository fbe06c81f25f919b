//! What events refer to and do not all carry: names, looked up by the caller.

use std::collections::BTreeMap;

use dossier::ids::UnitId;
use dossier::intake::{Person, PinnedProcedure};

/// Names of units, and of papers for receptions that were written down before their events carried
/// them. What is not known is printed by its identifier or position.
#[derive(Debug, Clone, Default)]
pub struct Names {
    units: BTreeMap<UnitId, String>,
    papers: BTreeMap<(String, String), Vec<String>>,
}

impl Names {
    /// Names of these units.
    pub fn of_units(units: impl IntoIterator<Item = (UnitId, String)>) -> Self {
        Self {
            units: units.into_iter().collect(),
            papers: BTreeMap::new(),
        }
    }

    /// Adds the list of papers of a procedure in one version. Another version's list is another
    /// list: a receipt is never filled from today's.
    #[must_use]
    pub fn with_papers(mut self, procedure: &PinnedProcedure, papers: Vec<String>) -> Self {
        self.papers.insert(version(procedure), papers);
        self
    }

    pub(crate) fn unit<'a>(&'a self, unit: &'a UnitId) -> &'a str {
        self.units.get(unit).map_or(unit.as_str(), String::as_str)
    }

    /// The paper at this position, from 1.
    pub(crate) fn paper(&self, procedure: &PinnedProcedure, position: u16) -> String {
        let index = usize::from(position).checked_sub(1);
        let name = index.and_then(|index| self.papers.get(&version(procedure))?.get(index));
        name.cloned()
            .unwrap_or_else(|| format!("Giấy tờ số {position} của thành phần hồ sơ"))
    }
}

fn version(procedure: &PinnedProcedure) -> (String, String) {
    (
        procedure.code.as_str().to_owned(),
        procedure.version.clone(),
    )
}

/// The persons of a dossier in the clear. A form without them has dotted lines to be filled in by
/// hand, as has one whose key was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// Chủ hồ sơ.
    pub owner: Person,
    /// Người nộp thay, if it was not the owner.
    pub delegate: Option<Person>,
}

impl Applicant {
    /// Who handed it in (người nộp hồ sơ).
    pub(crate) fn submitter(&self) -> &Person {
        self.delegate.as_ref().unwrap_or(&self.owner)
    }
}
