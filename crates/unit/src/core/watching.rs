//! The passing of time: reminders of what this unit watches over, and what its own dossiers wait
//! for no longer.

use calendar::Moment;
use dossier::case::Case;
use dossier::fact::Fact;
use dossier::habits;
use dossier::ids::DossierCode;
use journal::{Group, NewEntry, Note, Origin};

use super::{Core, CoreError};
use crate::desk::Desk;
use crate::watch::{self, Watched};
use crate::writing::Cause;

/// Own dossiers that are looked at in one group: far fewer than are at hand.
const LOOKS_MAX: usize = 256;

impl<D: Desk> Core<D> {
    /// Time has passed until `now`.
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read.
    pub fn wake(&mut self, now: Moment) -> Result<Group, CoreError> {
        self.pen.stamp.advance(now);
        let mut group = self.reminders(now)?;
        self.look(now, &mut group)?;
        group.notes.extend(self.lay_in_vain()?);
        Ok(group)
    }

    fn reminders(&mut self, now: Moment) -> Result<Group, CoreError> {
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

    /// Looks at own dossiers whose moment has come; the rest of many waits for the next time.
    fn look(&mut self, now: Moment, group: &mut Group) -> Result<(), CoreError> {
        // What was written at the last look has to be readable again, should it not be at hand.
        if self.journal.last_sequence() < self.looked_at {
            return Ok(());
        }
        let due = self.looks.iter().take_while(|(at, _)| *at <= now);
        let due: Vec<(Moment, DossierCode)> = due.take(LOOKS_MAX).cloned().collect();
        for look in due {
            self.looks.remove(&look);
            let (at, code) = look;
            self.looked(now, &watch::look_key(at, &code), &code, group)?;
            self.looked_at = self.pen.sequence;
        }
        Ok(())
    }

    /// A moment noted under a calendar that has changed since may have come too early, or for a
    /// dossier that is over: it is taken away all the same, and the right one noted. What has
    /// nothing to say at its moment is asked again when the dossier changes.
    fn looked(
        &mut self,
        now: Moment,
        key: &[u8],
        code: &DossierCode,
        group: &mut Group,
    ) -> Result<(), CoreError> {
        let Some(remembered) = self.memory.take(code)? else {
            return Ok(());
        };
        let case = Case {
            me: &self.pen.me,
            at: now,
            officer: None,
            dossier: &remembered.dossier,
            calendar: &self.time.calendar,
        };
        let facts = habits::in_time(&case);
        let cause = Cause { at: now, id: None };
        let remembered = self.by_itself(remembered, cause, facts, group)?;
        let rows = watch::indexed(&remembered.dossier, &self.pen.me, &self.time.calendar);
        group.notes.push(Note {
            key: key.to_vec(),
            value: None,
        });
        for (row, value) in rows {
            let Some(look) = watch::look_of(&row) else {
                continue;
            };
            if look.0 > now {
                self.looks.insert(look);
            }
            group.notes.push(Note {
                key: row,
                value: Some(value),
            });
        }
        self.memory.keep(remembered);
        Ok(())
    }
}
