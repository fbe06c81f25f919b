//! Working time as this unit knows it: the published calendar, and what the authority declared since,
//! in the order of its numbers. The same after a restart.

use std::collections::VecDeque;
use std::sync::Arc;

use calendar::Calendar;
use dossier::ids::DossierCode;
use dossier::notice::CalendarDeclared;
use journal::{Journal, Note};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::CoreError;
use crate::notice;

const DECLARED: &str = "calendar/";
const SWEEP: &str = "sweep/";

/// A declaration as it is noted beside its event.
#[derive(Serialize, Deserialize)]
struct Declared {
    event: Uuid,
    declared: CalendarDeclared,
}

/// How far the recount of open dossiers under a declaration has come.
#[derive(Serialize, Deserialize)]
struct Reached {
    after: Option<DossierCode>,
}

/// The recount of open dossiers under one declaration.
pub(super) struct Sweep {
    number: u32,
    /// The declaration's event.
    pub(super) declaration: Uuid,
    /// Its basis.
    pub(super) basis: String,
    /// The calendar with it and with none after it.
    pub(super) calendar: Arc<Calendar>,
    /// The last dossier that was recounted.
    pub(super) after: Option<DossierCode>,
    /// Dossiers still to be recounted, once they are listed.
    pub(super) waiting: Option<VecDeque<DossierCode>>,
    /// Own sequence that has to be durable before it may go on: only then is the list of open
    /// dossiers whole, and what went before can be read back.
    pub(super) ready_at: u64,
}

impl Sweep {
    /// How far it has come, or that it is over.
    pub(super) fn reached(&self, over: bool) -> Note {
        let reached = Reached {
            after: self.after.clone(),
        };
        Note {
            key: sweep_key(self.number),
            value: serde_json::to_vec(&reached).ok().filter(|_| !over),
        }
    }
}

fn sweep_key(number: u32) -> Vec<u8> {
    format!("{SWEEP}{number:010}").into_bytes()
}

/// The calendar in force and the recounts that it still asks for.
pub(super) struct WorkingTime {
    /// The calendar in force.
    pub(super) calendar: Arc<Calendar>,
    /// Number of the last declaration that it holds.
    pub(super) declared: u32,
    /// Recounts, in the order of their declarations.
    pub(super) sweeps: VecDeque<Sweep>,
}

impl WorkingTime {
    /// The published calendar with everything that the journal's notes say was declared since.
    pub(super) fn of(published: Arc<Calendar>, journal: &Journal) -> Result<Self, CoreError> {
        let mut time = Self {
            calendar: published,
            declared: 0,
            sweeps: VecDeque::new(),
        };
        for (_, note) in journal.notes_with_prefix(DECLARED.as_bytes())? {
            let unusable = |why: String| CoreError::Calendar(why);
            let noted: Declared =
                serde_json::from_slice(&note).map_err(|error| unusable(error.to_string()))?;
            let amended = notice::amended(&time.calendar, &noted.declared).map_err(unusable)?;
            let sweep = time.advance(noted.event, noted.declared, amended);
            let reached = journal.note(&sweep_key(sweep.number))?;
            if let Some(reached) = reached
                && let Ok(reached) = serde_json::from_slice::<Reached>(&reached)
            {
                time.sweeps.push_back(Sweep {
                    after: reached.after,
                    ..sweep
                });
            }
        }
        Ok(time)
    }

    /// Whether `declared` may follow, and the calendar that it leads to.
    pub(super) fn next(&self, declared: &CalendarDeclared) -> Result<Calendar, String> {
        if declared.number != self.declared + 1 {
            return Err(format!(
                "declaration {} does not follow {}, the last one known here",
                declared.number, self.declared
            ));
        }
        notice::amended(&self.calendar, declared)
    }

    /// From now on the calendar is `amended`, and every open dossier is to be recounted. The notes
    /// belong into the group that holds the declaration's event.
    pub(super) fn adopt(
        &mut self,
        event: Uuid,
        declared: CalendarDeclared,
        amended: Calendar,
        ready_at: u64,
    ) -> [Note; 2] {
        let noted = Declared { event, declared };
        let note = Note {
            key: format!("{DECLARED}{:010}", noted.declared.number).into_bytes(),
            value: serde_json::to_vec(&noted).ok(),
        };
        let sweep = Sweep {
            ready_at,
            ..self.advance(event, noted.declared, amended)
        };
        let begun = sweep.reached(false);
        self.sweeps.push_back(sweep);
        [note, begun]
    }

    fn advance(&mut self, event: Uuid, declared: CalendarDeclared, amended: Calendar) -> Sweep {
        self.calendar = Arc::new(amended);
        self.declared = declared.number;
        Sweep {
            number: declared.number,
            declaration: event,
            basis: declared.declaration.basis,
            calendar: Arc::clone(&self.calendar),
            after: None,
            waiting: None,
            ready_at: 0,
        }
    }
}
