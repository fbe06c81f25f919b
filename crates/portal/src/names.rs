//! Names that people read: of units, and of procedures before a dossier carries its own.

use std::sync::Arc;

use calendar::{Moment, hanoi};
use catalogue::{Asked, Catalogue};
use dossier::ids::{ProcedureCode, UnitId};

/// The names of a profile. Clones share them.
#[derive(Debug, Clone)]
pub struct Names(Arc<Catalogue>);

/// A procedure as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name in Vietnamese.
    pub name: String,
    /// Its field (lĩnh vực).
    pub field: String,
}

impl Names {
    /// The names that a catalogue holds.
    pub fn of(catalogue: Catalogue) -> Self {
        Self(Arc::new(catalogue))
    }

    /// The name of a unit; its identity where no name is known.
    pub fn unit<'a>(&'a self, unit: &'a UnitId) -> &'a str {
        let known = self.0.unit(unit);
        known.map_or(unit.as_str(), |known| known.name.as_str())
    }

    /// A procedure known by code alone, as `desk` offered it at `at`. The code may have been repealed
    /// since, or not be taken in at that desk.
    pub fn procedure(&self, desk: &UnitId, code: &ProcedureCode, at: Moment) -> Option<Named> {
        let date = at.with_timezone(&hanoi()).date_naive();
        let (procedure, _) = self.0.procedure_for(desk, code, &Asked::on(date)).ok()?;
        Some(Named {
            name: procedure.name,
            field: procedure.field,
        })
    }
}
