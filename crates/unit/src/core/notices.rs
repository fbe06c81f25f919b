//! Commands about no dossier: declared days of the calendar, closed and restated periods, things in
//! quarantine, own keys.

use calendar::Moment;
use dossier::case::Refusal;
use dossier::fact::Fact;
use dossier::ids::UnitId;
use dossier::notice::{CalendarDeclared, PeriodClosed};
use dossier::wire;
use envelope::Event;
use journal::{Group, NewEntry, Note, Origin};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::following::not_writable;
use super::{Core, CoreError, Outcome, Said};
use crate::answer::{Noted, Refused};
use crate::command::CommandEnvelope;
use crate::desk::Desk;
use crate::keys::{RevokeKey, RotateKey};
use crate::notice::{self, ClosePeriod, DeclareDays, RestatePeriod};
use crate::quarantine::{RejectQuarantined, RetryQuarantined};
use crate::writing::{Cause, WriteError};

const PERIOD: &str = "period/";

/// A command about no dossier.
pub(super) enum Notice {
    Declare(DeclareDays),
    Close(Box<ClosePeriod>),
    Restate(Box<RestatePeriod>),
    Retry(RetryQuarantined),
    Reject(RejectQuarantined),
    Rotate(RotateKey),
    Revoke(RevokeKey),
}

impl<D: Desk> Core<D> {
    pub(super) fn notice(
        &mut self,
        notice: Notice,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        if sent.dossier.is_some() {
            return Ok(Outcome::Refused(Refused::malformed(
                "this command is about no dossier: leave the field `dossier` out",
            )));
        }
        match notice {
            Notice::Declare(command) => self.declare(command, sent, at),
            Notice::Close(command) => self.close(*command, sent, at),
            Notice::Restate(command) => self.restate(*command, sent, at),
            Notice::Retry(command) => self.retry(command, sent, at),
            Notice::Reject(command) => self.reject(command, sent, at),
            Notice::Rotate(command) => self.rotate(command, sent, at),
            Notice::Revoke(command) => self.revoke(command, sent, at),
        }
    }

    fn declare(
        &mut self,
        command: DeclareDays,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        let authority = self.catalogue.calendar_authority();
        if authority != Some(&self.pen.me) {
            let refusal = notice::no_authority(authority.map(UnitId::as_str));
            return Ok(Outcome::Refused(refusal.into()));
        }
        let number = self.time.declared + 1;
        let decided = command.decide(&self.time.calendar, number, &sent.officer);
        let (declared, amended) = match decided {
            Ok(decided) => decided,
            Err(refusal) => return Ok(Outcome::Refused(refusal.into())),
        };
        let others: Vec<UnitId> = self.catalogue.units().map(|unit| unit.id.clone()).collect();
        let fact = Fact::CalendarDeclared(declared.clone());
        let (mut group, event) = match self.state_notice(&fact, sent, at, &others) {
            Ok(written) => written,
            Err(refusal) => return Ok(Outcome::Refused(refusal.into())),
        };
        let notes = self.time.adopt(event, declared, amended, self.pen.sequence);
        group.notes.extend(notes);
        Ok(self.noted(sent.id, event, group))
    }

    fn close(
        &mut self,
        command: ClosePeriod,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        let closed = match command.decide(at, &sent.officer) {
            Ok(closed) => closed,
            Err(refusal) => return Ok(Outcome::Refused(refusal.into())),
        };
        let key = period_key(&closed);
        if self.periods.contains(&key) || self.journal.note(&key)?.is_some() {
            return Ok(Outcome::Refused(notice::closed_already().into()));
        }
        let fact = Fact::PeriodClosed(Box::new(closed));
        let (mut group, event) = match self.state_notice(&fact, sent, at, &[]) {
            Ok(written) => written,
            Err(refusal) => return Ok(Outcome::Refused(refusal.into())),
        };
        self.periods.put(key.clone(), ());
        group.notes.push(Note {
            key,
            value: Some(event.to_string().into_bytes()),
        });
        Ok(self.noted(sent.id, event, group))
    }

    fn restate(
        &mut self,
        command: RestatePeriod,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        let decided = match self.closed_by(&command.closed)? {
            Some(closed) => command.decide(&closed, at, &sent.officer),
            None => Err(notice::not_closed(&command.closed)),
        };
        let fact = match decided {
            Ok(restated) => Fact::PeriodRestated(Box::new(restated)),
            Err(refusal) => return Ok(Outcome::Refused(refusal.into())),
        };
        match self.state_notice(&fact, sent, at, &[]) {
            Ok((group, event)) => Ok(self.noted(sent.id, event, group)),
            Err(refusal) => Ok(Outcome::Refused(refusal.into())),
        }
    }

    /// The statement that this unit closed a period with, if the event is one.
    fn closed_by(&self, event: &Uuid) -> Result<Option<PeriodClosed>, CoreError> {
        let Some(entry) = self.journal.by_id(event)? else {
            return Ok(None);
        };
        let Ok(event) = Event::read(&entry.signed.bytes) else {
            return Ok(None);
        };
        let own = event.unit == self.pen.me.as_str();
        match wire::read(event.kind, event.data) {
            Ok(Some(Fact::PeriodClosed(closed))) if own => Ok(Some(*closed)),
            _ => Ok(None),
        }
    }

    /// Writes a fact about this unit itself, for `others` to hear; refused where it cannot be written.
    fn state_notice(
        &mut self,
        fact: &Fact,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
        others: &[UnitId],
    ) -> Result<(Group, Uuid), Refusal> {
        let written = self.written_notice(fact, sent, at, others);
        written.map_err(|error| not_writable(&error))
    }

    /// Writes a fact about this unit itself, for `others` to hear.
    pub(super) fn written_notice(
        &mut self,
        fact: &Fact,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
        others: &[UnitId],
    ) -> Result<(Group, Uuid), WriteError> {
        self.pen.stamp.advance(at);
        let me = self.pen.me.clone();
        let cause = Cause {
            at,
            id: Some(sent.id),
        };
        let (event, signed) = self.pen.write(me.as_str(), &[], cause, fact)?;
        let mut deliveries = Vec::new();
        for other in others.iter().filter(|unit| **unit != me) {
            deliveries.push(self.pen.deliver(other, event));
        }
        let entry = NewEntry {
            origin: Origin::Own,
            signed,
            deliveries,
        };
        let group = Group {
            entries: vec![entry],
            ..Group::default()
        };
        Ok((group, event))
    }

    pub(super) fn noted(&mut self, command: Uuid, event: Uuid, mut group: Group) -> Outcome {
        let noted = Noted {
            unit: self.pen.me.clone(),
            epoch: self.pen.epoch,
            sequence: self.pen.sequence,
            events: vec![event],
            calendar: self.time.calendar.version().to_owned(),
        };
        self.remember_outcome(command, Said::Noted(noted.clone()), &mut group);
        Outcome::Noted(group, noted)
    }

    /// Another unit declared days. What holds from now on, or why it is put aside.
    pub(super) fn declared(
        &mut self,
        event: &Event<'_>,
        declared: CalendarDeclared,
    ) -> Result<Group, String> {
        let authority = self.catalogue.calendar_authority().map(UnitId::as_str);
        if authority != Some(event.unit) {
            return Err(format!(
                "{} declares days of the calendar, but the authority is {}",
                event.unit,
                authority.unwrap_or("named nowhere")
            ));
        }
        let amended = self.time.next(&declared)?;
        let notes = self
            .time
            .adopt(event.id, declared, amended, self.pen.sequence);
        Ok(Group {
            notes: notes.into(),
            ..Group::default()
        })
    }
}

/// One statement for each period of a form under a rule set, and for each question that the rows
/// say they answer (`query`: of which field, by what the rows are made).
pub(super) fn period_key(closed: &PeriodClosed) -> Vec<u8> {
    let PeriodClosed {
        form,
        rules,
        from,
        to,
        rows,
        ..
    } = closed;
    let (from, to) = (from.timestamp(), to.timestamp());
    let question = rows.get("query").map(ToString::to_string);
    let question = question.unwrap_or_default();
    format!("{PERIOD}{form}/{rules}/{from}/{to}/{question}").into_bytes()
}
