//! Names of units as people read them; a unit without a name is shown by its identifier.

use std::collections::BTreeMap;

use dossier::ids::UnitId;

/// Names by unit, given by whoever has the register.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<UnitId, String>);

impl Names {
    /// The name, or the identifier.
    #[must_use]
    pub fn of(&self, unit: &UnitId) -> String {
        match self.0.get(unit) {
            Some(name) => format!("{name} ({unit})"),
            None => unit.to_string(),
        }
    }
}

impl FromIterator<(UnitId, String)> for Names {
    fn from_iter<I: IntoIterator<Item = (UnitId, String)>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}
