//! The passing of time: reminders of what this unit watches over.

use calendar::Moment;
use dossier::fact::Fact;
use dossier::ids::DossierCode;
use journal::{Group, NewEntry, Note, Origin};

use super::{Core, CoreError};
use crate::desk::Desk;
use crate::watch::{self, Watched};
use crate::writing::Cause;

impl<D: Desk> Core<D> {
    /// Time has passed until `now`.
    pub fn wake(&mut self, now: Moment) -> Result<Group, CoreError> {
        self.pen.stamp.advance(now);
        let mut watched: Vec<Watched> = Vec::new();
        for (_, value) in self.journal.notes_with_prefix(watch::WATCH.as_bytes())? {
            if let Ok(row) = serde_json::from_slice::<Watched>(&value) {
                let reminded = self.last_reminder(&row.code)?;
                watched.push(Watched { reminded, ..row });
            }
        }
        let facts = self.desk.wake(&self.office()?, now, &watched);
        let mut group = Group::default();
        for fact in facts {
            let Fact::Reminded(reminded) = &fact else {
                continue;
            };
            let (id, signed) = self.pen.write(
                reminded.unit.as_str(),
                &[],
                Cause { at: now, id: None },
                &fact,
            )?;
            let deliveries = vec![self.pen.deliver(&reminded.unit, id)];
            group.entries.push(NewEntry {
                origin: Origin::Own,
                signed,
                deliveries,
            });
            for pressing in &reminded.dossiers {
                let told = (pressing.due_at, pressing.overdue);
                self.reminded.put(pressing.code.clone(), told);
                group.notes.push(Note {
                    key: watch::reminder_key(&pressing.code),
                    value: serde_json::to_vec(&told).ok(),
                });
            }
        }
        Ok(group)
    }

    fn last_reminder(&self, code: &DossierCode) -> Result<Option<(Moment, bool)>, CoreError> {
        if let Some(told) = self.reminded.peek(code) {
            return Ok(Some(*told));
        }
        let note = self.journal.note(&watch::reminder_key(code))?;
        Ok(note.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }
}
