//! A restored unit takes back what it wrote after its backup: its dossiers move, and everything that
//! the host noted beside those events is noted again, as if the commands had just been followed.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Moment;
use dossier::backdating;
use dossier::fact::{Fact, Writer};
use dossier::ids::{DossierCode, OfficerId, UnitId};
use dossier::wire;
use envelope::{Event, Signed};
use journal::{Group, Journal, NewEntry, Note, Origin};
use uuid::Uuid;

use super::notices::period_key;
use super::{Core, CoreError, Said};
use crate::answer::{Answer, BackEntry, Noted};
use crate::desk::Desk;
use crate::memory::tale::Heard;
use crate::memory::{Remembered, issuer};
use crate::quarantine;
use crate::watch;
use crate::writing::owed;

/// Whom events are to be told that were taken back, one note for each.
pub(crate) const OWED: &str = "recovery/owed/";
/// Who recorded something late is not in every event.
const NOT_NAMED: &str = "unnamed";

/// Tales of the dossiers that one group touches.
type Tales = BTreeMap<DossierCode, Vec<Heard>>;

/// What led to the last event of each epoch that was ended by a restore.
pub(super) fn cut_off(journal: &Journal) -> Result<BTreeSet<Uuid>, CoreError> {
    let mut causes = BTreeSet::new();
    for (epoch, last) in journal.ended_epochs() {
        let entry = journal.own_of(epoch, last)?;
        let event = entry.as_ref().map(|entry| Event::read(&entry.signed.bytes));
        causes.extend(event.and_then(Result::ok).and_then(|event| event.causation));
    }
    Ok(causes)
}

impl<D: Desk> Core<D> {
    /// The group that takes back `events`: own ones, verified, the next ones in order of sequence.
    /// What went before has to be durable.
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read, or one of them cannot be followed.
    pub fn retake(&mut self, events: Vec<Signed>) -> Result<Group, CoreError> {
        self.memory.forget();
        let mut group = Group::default();
        let mut tales = Tales::new();
        for signed in events {
            let bytes = signed.bytes.clone();
            let event = Event::read(&bytes).map_err(|error| CoreError::Retake {
                id: "without a readable id".to_owned(),
                why: error.to_string(),
            })?;
            group.entries.push(NewEntry {
                origin: Origin::Own,
                signed,
                deliveries: Vec::new(),
            });
            (self.pen.epoch, self.pen.sequence) = (event.epoch, event.sequence);
            self.retake_one(&event, &mut tales, &mut group)?;
        }
        self.memory.forget();
        Ok(group)
    }

    fn retake_one(
        &mut self,
        event: &Event<'_>,
        tales: &mut Tales,
        group: &mut Group,
    ) -> Result<(), CoreError> {
        let fact = match wire::read(event.kind, event.data) {
            Ok(Some(fact)) => fact,
            // A later version of this program wrote it: nothing that this one does rests on it.
            Ok(None) => {
                self.unknown_types += 1;
                return Ok(());
            }
            Err(error) => return Err(untakeable(event, &error.to_string())),
        };
        let owed = match fact.writer() {
            Writer::Itself => self.retake_notice(event, fact, group)?,
            Writer::Overseer => self.retake_reminder(event, &fact, group),
            _ => self.retake_dossier(event, fact, tales, group)?,
        };
        if !owed.is_empty() {
            group.notes.push(Note {
                key: format!("{OWED}{}/{:020}", event.epoch, event.sequence).into_bytes(),
                value: serde_json::to_vec(&owed).ok(),
            });
        }
        Ok(())
    }

    fn retake_notice(
        &mut self,
        event: &Event<'_>,
        fact: Fact,
        group: &mut Group,
    ) -> Result<Vec<(UnitId, Uuid)>, CoreError> {
        let mut owed = Vec::new();
        match &fact {
            Fact::CalendarDeclared(declared) => {
                let amended = self.time.next(declared);
                let amended = amended.map_err(|why| untakeable(event, &why))?;
                let notes = self.time.adopt(event.id, declared.clone(), amended, 0);
                group.notes.extend(notes);
                owed.extend(self.owed_to_all(event));
            }
            Fact::KeyRotated(_) | Fact::KeyRevoked(_) => {
                owed.extend(self.owed_to_all(event));
            }
            Fact::PeriodClosed(closed) => group.notes.push(Note {
                key: period_key(closed),
                value: Some(event.id.to_string().into_bytes()),
            }),
            Fact::QuarantineRetried(_) | Fact::QuarantineRejected(_) => {
                let note = quarantine::note_of(&fact, event.id, &self.journal)?;
                group.notes.extend(note);
            }
            _ => {}
        }
        if let Some(command) = event.causation {
            let noted = Noted {
                unit: self.pen.me.clone(),
                epoch: event.epoch,
                sequence: event.sequence,
                events: vec![event.id],
                calendar: self.time.calendar.version().to_owned(),
            };
            self.remember_outcome(command, Said::Noted(noted), group);
        }
        Ok(owed)
    }

    fn owed_to_all(&self, event: &Event<'_>) -> impl Iterator<Item = (UnitId, Uuid)> {
        let others = self.catalogue.units().map(|unit| unit.id.clone());
        let others = others.filter(|unit| *unit != self.pen.me);
        let id = event.id;
        others.map(move |unit| (unit, id))
    }

    fn retake_reminder(
        &mut self,
        event: &Event<'_>,
        fact: &Fact,
        group: &mut Group,
    ) -> Vec<(UnitId, Uuid)> {
        let Fact::Reminded(reminded) = fact else {
            return Vec::new();
        };
        for pressing in &reminded.dossiers {
            let told = (pressing.due_at, pressing.overdue);
            self.reminded.put(pressing.code.clone(), told);
            group.notes.push(Note {
                key: watch::reminder_key(&pressing.code),
                value: serde_json::to_vec(&told).ok(),
            });
        }
        vec![(reminded.unit.clone(), event.id)]
    }

    fn retake_dossier(
        &mut self,
        event: &Event<'_>,
        fact: Fact,
        tales: &mut Tales,
        group: &mut Group,
    ) -> Result<Vec<(UnitId, Uuid)>, CoreError> {
        let me = self.pen.me.clone();
        let code = DossierCode::parse(&event.subject)
            .map_err(|error| untakeable(event, &error.to_string()))?;
        let home = issuer(&code).unwrap_or_else(|| me.clone());
        if !tales.contains_key(&code) {
            tales.insert(code.clone(), self.memory.tale(&code)?);
        }
        let tale = tales.entry(code.clone()).or_default();
        let fold = |tale: &[Heard]| {
            Remembered::folded(code.clone(), home.clone(), me.as_str(), tale.to_vec())
        };
        let (before, led) = (fold(tale), Led::of(event, &fact, tale));
        tale.push(Heard {
            id: event.id,
            by: me.clone(),
            at: event.time,
            parents: event.parents.clone(),
            cause: event.causation,
            fact: fact.clone(),
        });
        let after = fold(tale);

        let calendar = &self.time.calendar;
        let rows = watch::indexed(&before.dossier, &me, calendar);
        let changes = watch::changes(&rows, watch::indexed(&after.dossier, &me, calendar));
        self.note_looks(&changes);
        group.notes.extend(changes);
        if home == me && before.dossier.heads.is_empty() {
            self.retake_serial(&code, event.time, group)?;
        }
        if let Led::Command(command) = led {
            self.retake_outcome(command, event, &fact, &before, &after, group)?;
        }
        let engaged: Vec<UnitId> = before.dossier.engaged().into_iter().cloned().collect();
        let said = &before.home_events;
        Ok(owed(&me, &engaged, said, &after, &fact, event.id))
    }

    fn retake_serial(
        &mut self,
        code: &DossierCode,
        at: Moment,
        group: &mut Group,
    ) -> Result<(), CoreError> {
        let date = at.date_naive();
        let serial = code.as_str().rsplit('-').next();
        let serial: u32 = serial.and_then(|serial| serial.parse().ok()).unwrap_or(0);
        let serial = serial.max(self.last_serial(date)?);
        self.serials.put(date, serial);
        group.notes.push(Note {
            key: watch::serial_key(date),
            value: Some(serial.to_string().into_bytes()),
        });
        Ok(())
    }

    /// The outcome grows with each event that the command led to.
    fn retake_outcome(
        &mut self,
        command: Uuid,
        event: &Event<'_>,
        fact: &Fact,
        before: &Remembered,
        after: &Remembered,
        group: &mut Group,
    ) -> Result<(), CoreError> {
        let (mut events, listed) = match self.earlier(&command)? {
            Some(Said::About(answer)) => (answer.events, answer.listed),
            _ => {
                let listed = self.retake_late(event, fact, before, after, group);
                (Vec::new(), listed)
            }
        };
        if let Fact::ErasureRefused(refused) = fact {
            self.remember_outcome(command, Said::Refused(refused.refusal().into()), group);
            return Ok(());
        }
        events.push(event.id);
        let about = Answer::about(
            &after.dossier,
            &self.pen.me,
            event.epoch,
            event.sequence,
            events,
        );
        let answer = Answer { listed, ..about };
        self.remember_outcome(command, Said::About(answer), group);
        Ok(())
    }

    /// Whether it was recorded later than even the paper register allows, and the note of that.
    fn retake_late(
        &self,
        event: &Event<'_>,
        fact: &Fact,
        before: &Remembered,
        after: &Remembered,
        group: &mut Group,
    ) -> bool {
        let received = before.dossier.received().or(after.dossier.received());
        let Some(received) = received.filter(|_| !event.simulated) else {
            return false;
        };
        let rules = received.regime.rules();
        let paper = received.particulars.paper.is_some();
        let calendar = &self.time.calendar;
        let listed = backdating::permitted(rules, event.time, event.recorded, paper, calendar);
        if !listed.unwrap_or(false) {
            return false;
        }
        let officer = match fact {
            Fact::Received(received) => Some(received.officer.clone()),
            _ => OfficerId::parse(NOT_NAMED).ok(),
        };
        let entry = officer.map(|officer| BackEntry {
            dossier: after.dossier.code.clone(),
            sequence: event.sequence,
            happened_at: event.time,
            recorded_at: event.recorded,
            officer,
        });
        group.notes.push(Note {
            key: watch::late_key(&after.dossier.code, event.sequence),
            value: entry.and_then(|entry| serde_json::to_vec(&entry).ok()),
        });
        true
    }
}

/// What led to an own event about a dossier.
enum Led {
    /// A command, whose outcome is to be remembered.
    Command(Uuid),
    /// Another event, or the passing of time.
    Itself,
}

impl Led {
    fn of(event: &Event<'_>, fact: &Fact, tale: &[Heard]) -> Self {
        let Some(cause) = event.causation else {
            return Self::Itself;
        };
        // What follows from an event rests on it; a recount follows from a declaration.
        let is_event = |heard: &Heard| {
            heard.id == cause
                || heard.parents.contains(&cause)
                || matches!(&heard.fact, Fact::DueDateRecomputed(f) if f.declaration == cause)
        };
        let recounted = matches!(fact, Fact::DueDateRecomputed(_));
        // What led to these was a question, which has no outcome.
        let asked = matches!(fact, Fact::Read(_) | Fact::KeyGranted(_));
        if recounted || asked || event.parents.contains(&cause) || tale.iter().any(is_event) {
            Self::Itself
        } else {
            Self::Command(cause)
        }
    }
}

fn untakeable(event: &Event<'_>, why: &str) -> CoreError {
    CoreError::Retake {
        id: event.id.to_string(),
        why: why.to_owned(),
    }
}
