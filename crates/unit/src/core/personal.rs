//! Personal data: what is recorded before it is given out, and what is ordered, done and told when it
//! is erased. The data and its keys are not here; they are with the host.

use calendar::Moment;
use dossier::case::{Case, Refusal};
use dossier::dossier::Dossier;
use dossier::erase::{Erase, Erasure};
use dossier::fact::Fact;
use dossier::ids::DossierCode;
use dossier::privacy::{KeyGranted, KeysDestroyed, Read};
use journal::{Group, Note};
use serde_json::value::RawValue;

use super::following::not_writable;
use super::{Core, CoreError, Outcome, Said, unknown};
use crate::answer::Refused;
use crate::command::{Command, CommandEnvelope};
use crate::desk::Desk;
use crate::memory::Remembered;
use crate::reader::{KeyWanted, unreadable};
use crate::readings::{Readings, ReadingsAsked};
use crate::watch;
use crate::writing::Cause;

impl<D: Desk> Core<D> {
    /// Orders the keys of a dossier to be destroyed, or refuses and writes that down.
    pub(super) fn erase(
        &mut self,
        command: Erase,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        let Some(code) = &sent.dossier else {
            return Ok(Outcome::Refused(Refused::malformed(
                "this command needs the field `dossier`",
            )));
        };
        let Some(remembered) = self.memory.take(code)? else {
            return Ok(Outcome::Refused(unknown(code).into()));
        };
        let happened = match self.in_order(&remembered, sent, at) {
            Ok(happened) => happened,
            Err(refusal) => return Ok(self.unmoved(remembered, refusal)),
        };
        let (fact, refused) = match self.decide_erasure(&remembered, command, sent, at) {
            Ok(Erasure::Ordered(fact)) => (fact, None),
            Ok(Erasure::Refused(fact, refusal)) => (fact, Some(Refused::from(refusal))),
            Err(refusal) => return Ok(self.unmoved(remembered, refusal)),
        };
        let outcome = self.follow(remembered, sent, happened, vec![fact], None)?;
        match (outcome, refused) {
            (Outcome::Followed(mut group, _), Some(refused)) => {
                // What is remembered is what was said.
                let key = watch::outcome_key(&sent.id);
                group.notes.retain(|note| note.key != key);
                self.remember_outcome(sent.id, Said::Refused(refused.clone()), &mut group);
                Ok(Outcome::RefusedOnRecord(group, refused))
            }
            (outcome, _) => Ok(outcome),
        }
    }

    fn unmoved(&mut self, remembered: Remembered, refusal: Refusal) -> Outcome {
        self.memory.keep(remembered);
        Outcome::Refused(refusal.into())
    }

    fn decide_erasure(
        &self,
        remembered: &Remembered,
        command: Erase,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Erasure, Refusal> {
        let case = Case {
            me: &self.pen.me,
            at,
            officer: Some(&sent.officer),
            dossier: &remembered.dossier,
            calendar: &self.time.calendar,
        };
        let office = self
            .office()
            .map_err(|_| Refusal::new("unit.unknown", "Đơn vị không có trong danh mục", ""))?;
        self.desk
            .permit(&office, &case, &Command::Erase(command.clone()))?;
        let pinned = remembered.dossier.received().map(|r| &r.procedure);
        let retention = pinned.and_then(|pinned| {
            self.catalogue
                .retention(&pinned.code, &pinned.field, at.date_naive())
        });
        command.decide(&case, &sent.officer, retention)
    }

    /// Records that a key is given to a unit, unless it was before. The key may leave once the group
    /// is durable.
    ///
    /// # Errors
    /// [`CoreError`] when the unit cannot go on; the inner one, when that unit gets no key.
    pub fn grant(
        &mut self,
        code: &DossierCode,
        sent: &CommandEnvelope<Box<RawValue>>,
        wanted: &KeyWanted,
    ) -> Result<Result<(Group, Dossier), Refused>, CoreError> {
        let Some(remembered) = self.memory.take(code)? else {
            return Ok(Err(unknown(code).into()));
        };
        let dossier = remembered.dossier.clone();
        let refused = if dossier.home != self.pen.me || !dossier.was_given_to(&wanted.unit) {
            Some("Đơn vị không được giao bước nào của hồ sơ này")
        } else if dossier.privacy.ordered.is_some() {
            Some(ERASED)
        } else {
            None
        };
        if let Some(why) = refused {
            self.memory.keep(remembered);
            return Ok(Err(unreadable(why)));
        }
        if dossier.privacy.granted.contains(&wanted.unit) || wanted.unit == self.pen.me {
            self.memory.keep(remembered);
            return Ok(Ok((Group::default(), dossier)));
        }
        let fact = Fact::KeyGranted(KeyGranted {
            to: wanted.unit.clone(),
        });
        let recorded = self.recorded_first(remembered, sent, fact)?;
        Ok(recorded.map(|group| (group, dossier)))
    }

    /// Records that personal data is read. It may be given out once the group is durable.
    ///
    /// # Errors
    /// [`CoreError`] when the unit cannot go on; the inner one, when it may not be read any more.
    pub fn read(
        &mut self,
        code: &DossierCode,
        sent: &CommandEnvelope<Box<RawValue>>,
        read: Read,
    ) -> Result<Result<Group, Refused>, CoreError> {
        let Some(remembered) = self.memory.take(code)? else {
            return Ok(Err(unknown(code).into()));
        };
        // It may have been ordered since the data was opened.
        if remembered.dossier.privacy.ordered.is_some() {
            self.memory.keep(remembered);
            return Ok(Err(unreadable(ERASED)));
        }
        self.recorded_first(remembered, sent, Fact::Read(read))
    }

    fn recorded_first(
        &mut self,
        mut remembered: Remembered,
        sent: &CommandEnvelope<Box<RawValue>>,
        fact: Fact,
    ) -> Result<Result<Group, Refused>, CoreError> {
        let earlier = remembered.clone();
        let (sequence, links) = (self.pen.sequence, self.pen.links.clone());
        let cause = Cause {
            at: self.pen.stamp.now(),
            id: Some(sent.id),
        };
        let mut group = Group::default();
        match self.carry_on(&mut remembered, cause, vec![fact], &mut group)? {
            Ok(_) => {
                self.memory.keep(remembered);
                Ok(Ok(group))
            }
            Err(error) => {
                (self.pen.sequence, self.pen.links) = (sequence, links);
                self.memory.keep(earlier);
                Ok(Err(not_writable(&error).into()))
            }
        }
    }

    /// The keys of a dossier are destroyed in this unit's vault: says so, and as the home that they are
    /// destroyed everywhere once nobody is waited for. Said again it says nothing.
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read.
    pub fn destroyed(&mut self, code: &DossierCode) -> Result<Group, CoreError> {
        let mut group = Group::default();
        let Some(remembered) = self.memory.take(code)? else {
            return Ok(group);
        };
        let privacy = &remembered.dossier.privacy;
        let said = privacy.destroyed.contains(&self.pen.me);
        let keys = privacy.to_destroy(&self.pen.me).filter(|_| !said).cloned();
        let Some(keys) = keys else {
            self.memory.keep(remembered);
            let noted = watch::to_erase_key(code);
            if said && self.journal.note(&noted)?.is_some() {
                group.notes.push(Note {
                    key: noted,
                    value: None,
                });
            }
            return Ok(group);
        };
        let cause = Cause {
            at: self.pen.stamp.now(),
            id: None,
        };
        let facts = vec![Fact::KeysDestroyed(KeysDestroyed { keys })];
        let remembered = self.by_itself(remembered, cause, facts, &mut group)?;
        self.memory.keep(remembered);
        Ok(group)
    }

    /// Who read the personal data of a dossier of this unit, and where its erasure stands.
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read; the inner one, when this unit is not its home.
    pub fn readings(
        &mut self,
        code: &DossierCode,
        asked: &ReadingsAsked,
    ) -> Result<Result<Readings, Refused>, CoreError> {
        let known = match self.show(code)? {
            Ok(known) => known,
            Err(refused) => return Ok(Err(refused)),
        };
        let case = Case {
            me: &self.pen.me,
            at: self.pen.stamp.now(),
            officer: None,
            dossier: &known.dossier,
            calendar: &self.time.calendar,
        };
        if let Err(refusal) = case.home() {
            return Ok(Err(refusal.into()));
        }
        let tale = self.memory.tale(code)?;
        Ok(Ok(Readings::of(&known.dossier, &tale, asked)))
    }
}

/// Why nothing is read any more.
pub(crate) const ERASED: &str = "dữ liệu cá nhân của hồ sơ đã có lệnh xóa";
