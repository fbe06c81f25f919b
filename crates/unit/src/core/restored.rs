//! The first words of a unit after its journal was restored: how that went, what its addressees may
//! not have heard, and what followed from its last event where that was cut off.

use dossier::case::Case;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, Malformed, OfficerId, UnitId};
use dossier::intervention::{JournalRepaired, JournalRestored, RepairedEntry};
use dossier::wire;
use envelope::Event;
use journal::{Group, NewEntry, Note, Origin, Repaired, RepairedRow};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Core, CoreError};
use crate::desk::Desk;
use crate::writing::Cause;

/// Prefix of what a restored unit has yet to say.
pub(crate) const CLOSING: &str = "recovery/closing/";

/// What a restored unit has yet to say, noted when its new epoch begins.
#[derive(Serialize, Deserialize)]
pub(crate) struct Closing {
    /// How it went.
    pub(crate) restored: JournalRestored,
    /// Who may not have heard which events.
    pub(crate) owed: Vec<(UnitId, Uuid)>,
}

impl Closing {
    /// The `number`-th of them as a note.
    pub(crate) fn note(&self, number: usize) -> Note {
        Note {
            key: format!("{CLOSING}{number:06}").into_bytes(),
            value: serde_json::to_vec(self).ok(),
        }
    }
}

/// Who did it, as far as that is an officer's name: an intervention is told in any case.
pub(crate) fn officer(by: &str) -> Result<OfficerId, Malformed> {
    OfficerId::parse(by).or_else(|_| OfficerId::parse("unnamed"))
}

impl<D: Desk> Core<D> {
    /// What is to be written before anything else, in this order; nothing for a unit whose journal
    /// was neither restored nor repaired since it last ran.
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read, or the events cannot be written.
    pub fn closing(&mut self) -> Result<Vec<Group>, CoreError> {
        let notes = self.journal.notes_with_prefix(CLOSING.as_bytes())?;
        let mut groups = Vec::with_capacity(notes.len());
        for (number, (key, value)) in notes.into_iter().enumerate() {
            let mut group = Group::default();
            group.notes.push(Note { key, value: None });
            if let Ok(closing) = serde_json::from_slice::<Closing>(&value) {
                self.account(closing, &mut group)?;
            }
            if number == 0 {
                self.finish_cut_off(&mut group)?;
            }
            groups.push(group);
        }
        if let Some(repaired) = self.journal.repaired()? {
            groups.push(self.repaired(repaired)?);
        }
        Ok(groups)
    }

    /// What an operator put right in the journal while this unit did not run.
    fn repaired(&mut self, repaired: Repaired) -> Result<Group, CoreError> {
        let entry = |row: RepairedRow| RepairedEntry {
            index: row.index,
            fault: row.fault,
            source: row.source,
        };
        let fact = Fact::JournalRepaired(JournalRepaired {
            entries: repaired.rows.into_iter().map(entry).collect(),
            officer: officer(&repaired.by)?,
            reason: repaired.reason,
        });
        let me = self.pen.me.clone();
        let cause = Cause {
            at: self.pen.stamp.now(),
            id: None,
        };
        let (_, signed) = self.pen.write(me.as_str(), &[], cause, &fact)?;
        Ok(Group {
            entries: vec![NewEntry {
                origin: Origin::Own,
                signed,
                deliveries: Vec::new(),
            }],
            notes: vec![Repaired::told()],
            ..Group::default()
        })
    }

    fn account(&mut self, closing: Closing, group: &mut Group) -> Result<(), CoreError> {
        let me = self.pen.me.clone();
        let cause = Cause {
            at: self.pen.stamp.now(),
            id: None,
        };
        let fact = Fact::JournalRestored(Box::new(closing.restored));
        let (_, signed) = self.pen.write(me.as_str(), &[], cause, &fact)?;
        let mut deliveries = Vec::with_capacity(closing.owed.len());
        for (to, event) in closing.owed.iter().filter(|(to, _)| *to != me) {
            deliveries.push(self.pen.deliver(to, *event));
        }
        group.entries.push(NewEntry {
            origin: Origin::Own,
            signed,
            deliveries,
        });
        Ok(())
    }

    /// Of what one input led to, the end may never have left the lost disk: what the desk does
    /// because of the last event that did is done now, unless it was.
    fn finish_cut_off(&mut self, group: &mut Group) -> Result<(), CoreError> {
        let Some((epoch, last)) = self.journal.ended_epochs().pop() else {
            return Ok(());
        };
        let Some(entry) = self.journal.own_of(epoch, last)? else {
            return Ok(());
        };
        let Ok(event) = Event::read(&entry.signed.bytes) else {
            return Ok(());
        };
        let (Ok(code), Ok(Some(fact))) = (
            DossierCode::parse(&event.subject),
            wire::read(event.kind, event.data),
        ) else {
            return Ok(());
        };
        let Some(remembered) = self.memory.take(&code)? else {
            return Ok(());
        };
        // Where something is missing that it rests on, it is done when that comes.
        if !remembered.tale().is_empty() {
            self.memory.keep(remembered);
            return Ok(());
        }
        let case = Case {
            me: &self.pen.me,
            at: event.time,
            officer: None,
            dossier: &remembered.dossier,
            calendar: &self.time.calendar,
        };
        let facts = self.desk.react(&self.office()?, &case, &fact);
        let cause = Cause {
            at: event.time,
            id: event.causation,
        };
        let remembered = self.by_itself(remembered, cause, facts, group)?;
        self.memory.keep(remembered);
        Ok(())
    }
}
