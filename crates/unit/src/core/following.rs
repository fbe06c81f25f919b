//! Writing what was decided: of one input everything becomes the unit's state, or nothing does.

use std::sync::Arc;

use calendar::Moment;
use chrono::NaiveDate;
use dossier::case::Refusal;
use dossier::fact::Fact;
use journal::{Group, Note};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Core, CoreError, Outcome, Said};
use crate::answer::{Answer, BackEntry};
use crate::command::CommandEnvelope;
use crate::desk::{Desk, Office};
use crate::memory::Remembered;
use crate::watch;
use crate::writing::{Cause, WriteError};

/// When a command happened, and whether it is listed for the head as recorded too late.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happened {
    pub(super) at: Moment,
    pub(super) listed: bool,
}

impl<D: Desk> Core<D> {
    /// Writes the facts of a command, with its outcome.
    pub(super) fn follow(
        &mut self,
        mut remembered: Remembered,
        sent: &CommandEnvelope<Box<RawValue>>,
        happened: Happened,
        facts: Vec<Fact>,
        serial: Option<(NaiveDate, u32)>,
    ) -> Result<Outcome, CoreError> {
        let Happened { at, listed } = happened;
        self.pen.stamp.advance(at);
        let fresh = remembered.home_events.is_empty() && remembered.dossier.heads.is_empty();
        let earlier = remembered.clone();
        let (sequence, links) = (self.pen.sequence, self.pen.links.clone());
        let mut group = Group::default();
        let cause = Cause {
            at,
            id: Some(sent.id),
        };
        match self.carry_on(&mut remembered, cause, facts, &mut group)? {
            Ok(events) => {
                if let Some((date, serial)) = serial {
                    self.serials.put(date, serial);
                    group.notes.push(Note {
                        key: watch::serial_key(date),
                        value: Some(serial.to_string().into_bytes()),
                    });
                }
                if listed {
                    let entry = BackEntry {
                        dossier: remembered.dossier.code.clone(),
                        sequence: sequence + 1,
                        happened_at: at,
                        recorded_at: self.pen.stamp.now(),
                        officer: sent.officer.clone(),
                    };
                    group.notes.push(Note {
                        key: watch::late_key(&entry.dossier, entry.sequence),
                        value: serde_json::to_vec(&entry).ok(),
                    });
                }
                let answer = Answer {
                    listed,
                    ..Answer::about(
                        &remembered.dossier,
                        &self.pen.me,
                        self.pen.epoch,
                        self.pen.sequence,
                        events,
                    )
                };
                self.remember_outcome(sent.id, Said::About(answer.clone()), &mut group);
                self.memory.keep(remembered);
                Ok(Outcome::Followed(group, answer))
            }
            Err(error) => {
                (self.pen.sequence, self.pen.links) = (sequence, links);
                if !fresh {
                    self.memory.keep(earlier);
                }
                Ok(Outcome::Refused(not_writable(&error).into()))
            }
        }
    }

    /// A repeated command returns this outcome; noted in the group that it led to.
    pub(super) fn remember_outcome(&mut self, id: Uuid, said: Said, group: &mut Group) {
        group.notes.push(Note {
            key: watch::outcome_key(&id),
            value: serde_json::to_vec(&said).ok(),
        });
        self.outcomes.put(id, said);
    }

    /// Writes what this unit does by itself. What cannot be written is left out and told of: an
    /// input that comes again would otherwise end every new start as well.
    pub(super) fn by_itself(
        &mut self,
        mut remembered: Remembered,
        cause: Cause,
        facts: Vec<Fact>,
        group: &mut Group,
    ) -> Result<Remembered, CoreError> {
        let earlier = remembered.clone();
        let (sequence, links) = (self.pen.sequence, self.pen.links.clone());
        let mut own = Group::default();
        match self.carry_on(&mut remembered, cause, facts, &mut own)? {
            Ok(_) => {
                group.entries.append(&mut own.entries);
                group.notes.append(&mut own.notes);
                Ok(remembered)
            }
            Err(error) => {
                (self.pen.sequence, self.pen.links) = (sequence, links);
                let (unit, dossier) = (&self.pen.me, &earlier.dossier.code);
                tracing::error!(%unit, %dossier, %error, "what this unit does by itself cannot be written");
                Ok(earlier)
            }
        }
    }

    /// Writes facts and what they lead to, and the changes of the indexes beside them; gives the
    /// identities of the events. A [`WriteError`] is a fault of these facts, a [`CoreError`] one of
    /// the unit.
    pub(super) fn carry_on(
        &mut self,
        remembered: &mut Remembered,
        cause: Cause,
        facts: Vec<Fact>,
        group: &mut Group,
    ) -> Result<Result<Vec<Uuid>, WriteError>, CoreError> {
        let calendar = Arc::clone(&self.time.calendar);
        let before = watch::indexed(&remembered.dossier, &self.pen.me, &calendar);
        let catalogue = Arc::clone(&self.catalogue);
        let unit = catalogue
            .unit(&self.pen.me)
            .ok_or_else(|| CoreError::NoSuchUnit(self.pen.me.clone()))?;
        let office = Office {
            unit,
            catalogue: &catalogue,
            calendar: &calendar,
        };
        let written = self
            .pen
            .carry_on(&self.desk, &office, remembered, cause, facts, group);
        let after = watch::indexed(&remembered.dossier, &self.pen.me, &calendar);
        let changes = watch::changes(&before, after);
        if written.is_ok() {
            self.note_looks(&changes);
        }
        group.notes.extend(changes);
        Ok(written)
    }

    /// Keeps the moments to look at own dossiers as the notes say.
    pub(super) fn note_looks(&mut self, notes: &[Note]) {
        for note in notes {
            let Some(look) = watch::look_of(&note.key) else {
                continue;
            };
            if note.value.is_some() {
                self.looks.insert(look);
            } else {
                self.looks.remove(&look);
            }
        }
    }
}

/// What is too large to be written cannot be followed.
pub(super) fn not_writable(error: &WriteError) -> Refusal {
    Refusal::new(
        "event.not_writable",
        format!("Không ghi được sự kiện, thường do nội dung quá dài; hãy viết ngắn lại ({error})"),
        "Một sự kiện không quá 65.535 byte",
    )
}
