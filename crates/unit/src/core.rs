//! The core of a unit: a command, another unit's event or the passing of time goes in; a group for
//! the journal and words for the caller come out. It does nothing to the outside world itself: its
//! host writes the group, waits for the disk, and only then speaks.

use std::num::NonZeroUsize;
use std::sync::Arc;

use calendar::{Calendar, Moment};
use catalogue::Catalogue;
use chrono::NaiveDate;
use dossier::case::{Case, Refusal};
use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use envelope::UnitKey;
use journal::{Group, Journal, Note, ReadError};
use lru::LruCache;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::answer::{Answer, Refused, WorkItem, Worklist};
use crate::command::{Command, CommandEnvelope};
use crate::desk::{Desk, Office};
use crate::memory::{AT_HAND, Memory, RecallError, Remembered};
use crate::stamp::Stamp;
use crate::watch;
use crate::writing::{Cause, Pen, WriteError};

mod arrivals;
mod intake;
mod watching;

/// How far a caller's clock may run ahead of ours.
const AHEAD_SECONDS_MAX: i64 = 60;

/// Why the core cannot go on at all. The process ends: its state would no longer be its journal's.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// Reading the journal failed.
    #[error(transparent)]
    Recall(#[from] RecallError),
    /// Reading an index failed.
    #[error("reading the journal's indexes: {0}")]
    Index(#[from] ReadError),
    /// A reaction to an accepted event could not be written.
    #[error("this unit cannot follow its own habits: {0}")]
    Habit(#[from] WriteError),
    /// This unit is not in the register of units.
    #[error("unit {0} is not in the register of units: add it to units.toml")]
    NoSuchUnit(UnitId),
}

/// What a command led to.
pub enum Outcome {
    /// Followed: to be said once the group is durable. The group is empty for a repeated command.
    Followed(Group, Answer),
    /// Refused: nothing is written.
    Refused(Refused),
}

/// One unit.
pub struct Core<D> {
    desk: D,
    catalogue: Arc<Catalogue>,
    calendar: Arc<Calendar>,
    journal: Journal,
    pen: Pen,
    memory: Memory,
    serials: LruCache<NaiveDate, u32>,
    outcomes: LruCache<Uuid, Answer>,
    /// Events taken in lately: the journal shows them only once they are durable.
    arrived: LruCache<Uuid, ()>,
    reminded: LruCache<DossierCode, (Moment, bool)>,
    unknown_types: u64,
}

impl<D: Desk> Core<D> {
    /// The unit `me` as its journal has it.
    pub fn new(
        desk: D,
        me: UnitId,
        key: Arc<UnitKey>,
        stamp: Stamp,
        catalogue: Arc<Catalogue>,
        calendar: Arc<Calendar>,
        journal: Journal,
    ) -> Result<Self, CoreError> {
        if catalogue.unit(&me).is_none() {
            return Err(CoreError::NoSuchUnit(me));
        }
        let pen = Pen {
            me,
            key,
            epoch: journal.epoch(),
            sequence: journal.last_sequence(),
            links: journal.links(),
            stamp,
        };
        Ok(Self {
            desk,
            catalogue,
            calendar,
            memory: Memory::over(journal.clone()),
            journal,
            pen,
            serials: LruCache::new(AT_HAND),
            outcomes: LruCache::new(AT_HAND),
            arrived: LruCache::new(AT_HAND),
            reminded: LruCache::new(AT_HAND),
            unknown_types: 0,
        })
    }

    /// Keeps at most `dossiers` at hand. The host must then let a group become durable before so
    /// many others were touched, since what is not at hand is read back from the journal.
    #[must_use]
    pub fn at_hand(mut self, dossiers: NonZeroUsize) -> Self {
        self.memory.bound(dossiers);
        self
    }

    /// Time, identities and chance of this unit.
    pub fn stamp(&mut self) -> &mut Stamp {
        &mut self.pen.stamp
    }

    /// Events of types that this version does not know; kept, never dropped.
    pub fn unknown_types(&self) -> u64 {
        self.unknown_types
    }

    /// Follows a command, or refuses it.
    pub fn command(
        &mut self,
        name: &str,
        sent: &CommandEnvelope<Box<RawValue>>,
    ) -> Result<Outcome, CoreError> {
        if let Some(answer) = self.earlier(&sent.id)? {
            return Ok(Outcome::Followed(Group::default(), answer));
        }
        let command = match Command::read(name, &sent.data) {
            Ok(command) => command,
            Err(error) => return Ok(Outcome::Refused(Refused::malformed(error.to_string()))),
        };
        let at = match self.happened_at(sent.at) {
            Ok(at) => at,
            Err(refusal) => return Ok(Outcome::Refused(refusal.into())),
        };
        match command {
            Command::Register(_) | Command::Receive(_) | Command::Decline(_) => {
                self.intake(command, sent, at)
            }
            command => self.about_known(command, sent, at),
        }
    }

    fn earlier(&mut self, id: &Uuid) -> Result<Option<Answer>, CoreError> {
        if let Some(answer) = self.outcomes.get(id) {
            return Ok(Some(answer.clone()));
        }
        let note = self.journal.note(&watch::outcome_key(id))?;
        Ok(note.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    fn happened_at(&mut self, named: Option<Moment>) -> Result<Moment, Refusal> {
        const RULE: &str = "Việc ghi sổ sau chỉ được ghi thời điểm đã qua";
        let Some(at) = named.map(|at| at.with_timezone(&calendar::hanoi())) else {
            return Ok(self.pen.stamp.now());
        };
        if !self.pen.stamp.is_simulated() {
            let ahead = at.signed_duration_since(self.pen.stamp.now()).num_seconds();
            if ahead > AHEAD_SECONDS_MAX {
                return Err(Refusal::new(
                    "time.in_the_future",
                    format!("Thời điểm {at} chưa đến"),
                    RULE,
                ));
            }
        }
        Ok(at)
    }

    fn about_known(
        &mut self,
        command: Command,
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
        let decided = self.decide(&remembered, command, sent, at);
        match decided {
            Ok(facts) => self.follow(remembered, sent, at, facts, None),
            Err(refusal) => {
                self.memory.keep(remembered);
                Ok(Outcome::Refused(refusal.into()))
            }
        }
    }

    fn decide(
        &self,
        remembered: &Remembered,
        command: Command,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Vec<Fact>, Refusal> {
        let dossier = &remembered.dossier;
        if dossier
            .intake
            .received
            .as_ref()
            .is_some_and(|(received_at, _)| at < *received_at)
        {
            return Err(Refusal::new(
                "time.before_reception",
                "Thời điểm ghi trước thời điểm tiếp nhận hồ sơ",
                "Lịch sử hồ sơ (TT 01/2018/TT-VPCP điều 17)",
            ));
        }
        let case = Case {
            me: &self.pen.me,
            at,
            officer: Some(&sent.officer),
            dossier,
            calendar: &self.calendar,
        };
        let office = self
            .office()
            .map_err(|_| Refusal::new("unit.unknown", "Đơn vị không có trong danh mục", ""))?;
        self.desk.permit(&office, &case, &command)?;
        command.decide(&case, &sent.officer)
    }

    fn office(&self) -> Result<Office<'_>, CoreError> {
        let unit = self
            .catalogue
            .unit(&self.pen.me)
            .ok_or_else(|| CoreError::NoSuchUnit(self.pen.me.clone()))?;
        Ok(Office {
            unit,
            catalogue: &self.catalogue,
            calendar: &self.calendar,
        })
    }

    /// Writes the facts of a command. Either everything becomes the unit's state, or nothing does.
    fn follow(
        &mut self,
        mut remembered: Remembered,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
        facts: Vec<Fact>,
        serial: Option<(NaiveDate, u32)>,
    ) -> Result<Outcome, CoreError> {
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
                let dossier = &remembered.dossier;
                let answer = Answer::about(
                    dossier,
                    &self.pen.me,
                    self.pen.epoch,
                    self.pen.sequence,
                    events,
                );
                if let Ok(value) = serde_json::to_vec(&answer) {
                    group.notes.push(Note {
                        key: watch::outcome_key(&sent.id),
                        value: Some(value),
                    });
                }
                self.outcomes.put(sent.id, answer.clone());
                self.memory.keep(remembered);
                Ok(Outcome::Followed(group, answer))
            }
            Err(error) => {
                (self.pen.sequence, self.pen.links) = (sequence, links);
                if !fresh {
                    self.memory.keep(earlier);
                }
                let refusal = Refusal::new(
                    "event.not_writable",
                    error.to_string(),
                    "Một sự kiện không quá 65.535 byte",
                );
                Ok(Outcome::Refused(refusal.into()))
            }
        }
    }

    #[allow(clippy::type_complexity)]
    fn carry_on(
        &mut self,
        remembered: &mut Remembered,
        cause: Cause,
        facts: Vec<Fact>,
        group: &mut Group,
    ) -> Result<Result<Vec<Uuid>, WriteError>, CoreError> {
        let before = watch::indexed(&remembered.dossier, &self.pen.me, &self.calendar);
        let catalogue = Arc::clone(&self.catalogue);
        let calendar = Arc::clone(&self.calendar);
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
        let after = watch::indexed(&remembered.dossier, &self.pen.me, &self.calendar);
        group.notes.extend(watch::changes(&before, after));
        Ok(written)
    }

    /// A dossier as this unit knows it.
    pub fn show(&mut self, code: &DossierCode) -> Result<Result<Remembered, Refused>, CoreError> {
        let Some(remembered) = self.memory.take(code)? else {
            return Ok(Err(unknown(code).into()));
        };
        self.memory.keep(remembered.clone());
        Ok(Ok(remembered))
    }

    /// Answers "how does this dossier stand" without writing anything.
    pub fn standing(&mut self, code: &DossierCode) -> Result<Result<Answer, Refused>, CoreError> {
        Ok(self.show(code)?.map(|known| {
            Answer::about(
                &known.dossier,
                &self.pen.me,
                self.pen.epoch,
                self.pen.sequence,
                Vec::new(),
            )
        }))
    }

    /// The open steps of this unit.
    pub fn worklist(&self) -> Result<Worklist, CoreError> {
        let mut items: Vec<WorkItem> = Vec::new();
        for (_, value) in self.journal.notes_with_prefix(watch::WORK.as_bytes())? {
            items.extend(serde_json::from_slice::<WorkItem>(&value).ok());
        }
        Ok(Worklist {
            unit: self.pen.me.clone(),
            items,
        })
    }
}

fn unknown(code: &DossierCode) -> Refusal {
    Refusal::new(
        "dossier.unknown",
        format!("Đơn vị này chưa nhận được hồ sơ {code}"),
        "NĐ 61/2018/NĐ-CP điều 19: xử lý sau khi được giao",
    )
}
