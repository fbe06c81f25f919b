//! The core of a unit: a command, another unit's event or the passing of time goes in; a group for
//! the journal and words for the caller come out. It does nothing to the outside world itself: its
//! host writes the group, waits for the disk, and only then speaks.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use calendar::{Calendar, Moment};
use catalogue::Catalogue;
use chrono::NaiveDate;
use dossier::case::{Case, Refusal};
use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use envelope::tree::Hash;
use envelope::{KeyRegister, KeyRing, UnitKey};
use journal::{Group, Journal, ReadError};
use lru::LruCache;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::answer::{Answer, BackEntry, Backdated, Noted, Refused, WorkItem, Worklist};
use crate::command::{Command, CommandEnvelope};
use crate::desk::{Desk, Office};
use crate::memory::{AT_HAND, Memory, RecallError, Remembered};
use crate::recovery::waiting::not_recovering;
use crate::stamp::Stamp;
use crate::watch;
use crate::writing::{Pen, WriteError};

mod arrivals;
mod following;
mod intake;
mod keys;
mod notices;
mod personal;
mod quarantine;
mod recording;
mod restored;
mod retaking;
mod sweep;
mod watching;
mod working_time;

pub(crate) use personal::ERASED;
pub(crate) use recording::AHEAD_SECONDS_MAX;
pub(crate) use restored::{CLOSING, Closing, officer};
pub(crate) use retaking::OWED;

use following::Happened;
use notices::Notice;
use working_time::WorkingTime;

/// Most late entries in one answer.
const LATE_MAX: usize = 500;

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
    /// Who did something is no officer's name.
    #[error(transparent)]
    Officer(#[from] dossier::ids::Malformed),
    /// An own event that was taken back cannot be followed.
    #[error(
        "event {id}, which this unit wrote before it was restored, cannot be taken back: {why}"
    )]
    Retake {
        /// Which event.
        id: String,
        /// Why.
        why: String,
    },
    /// What was declared earlier does not fit the calendar that this version publishes.
    #[error(
        "a day that was declared earlier cannot be applied to the published calendar: {0}; start the \
         version that it was declared under, or publish a calendar that it fits"
    )]
    Calendar(String),
}

/// What a command led to.
pub enum Outcome {
    /// Followed: to be said once the group is durable. The group is empty for a repeated command.
    Followed(Group, Answer),
    /// The same for a command about no dossier.
    Noted(Group, Noted),
    /// Refused: nothing is written.
    Refused(Refused),
    /// Refused, and that is written down: to be said once the group is durable.
    RefusedOnRecord(Group, Refused),
}

/// The outcome of a command as it is remembered.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Said {
    About(Answer),
    Noted(Noted),
    Refused(Refused),
}

/// One unit.
pub struct Core<D> {
    desk: D,
    catalogue: Arc<Catalogue>,
    time: WorkingTime,
    journal: Journal,
    pen: Pen,
    memory: Memory,
    serials: LruCache<NaiveDate, u32>,
    outcomes: LruCache<Uuid, Said>,
    /// Periods closed lately: the journal shows them only once they are durable.
    periods: LruCache<Vec<u8>, ()>,
    /// When to look at which own open dossier, as the notes say.
    looks: BTreeSet<(Moment, DossierCode)>,
    /// Own sequence reached by the last look.
    looked_at: u64,
    /// Events taken in lately: the journal shows them only once they are durable.
    arrived: LruCache<Uuid, Hash>,
    /// Events that lie in quarantine, the latest of them: one may come again, and be fit.
    aside: LruCache<Uuid, ()>,
    /// Those of them that did, until that is noted.
    came_again: BTreeSet<Uuid>,
    reminded: LruCache<DossierCode, (Moment, bool)>,
    unknown_types: u64,
    /// Whose signatures count when something in quarantine is judged again.
    keys: Arc<KeyRegister>,
    /// Where others who sign for this unit see which key it is at.
    ring: Option<KeyRing>,
    /// The key that takes the place of the one in use.
    next_key: Option<Arc<UnitKey>>,
    /// Things in quarantine dealt with lately: the journal shows it only once it is durable.
    disposed: LruCache<u64, ()>,
    /// What the last events of epochs that a restore ended were written because of: the rest of what
    /// followed from it may be lost.
    cut_off: BTreeSet<Uuid>,
}

impl<D: Desk> Core<D> {
    /// The unit `me` as its journal has it.
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read, or the unit is in no register.
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
        let looks = journal.notes_with_prefix(watch::LOOK.as_bytes())?;
        let pen = Pen {
            me,
            key,
            epoch: journal.epoch(),
            sequence: journal.last_sequence(),
            links: journal.links(),
            stamp,
        };
        let (aside, came_again) = quarantine::lying_there(&journal)?;
        Ok(Self {
            desk,
            catalogue,
            time: WorkingTime::of(calendar, &journal)?,
            cut_off: retaking::cut_off(&journal)?,
            memory: Memory::over(journal.clone()),
            journal,
            pen,
            serials: LruCache::new(AT_HAND),
            outcomes: LruCache::new(AT_HAND),
            periods: LruCache::new(AT_HAND),
            looks: looks
                .iter()
                .filter_map(|(key, _)| watch::look_of(key))
                .collect(),
            looked_at: 0,
            arrived: LruCache::new(AT_HAND),
            aside,
            came_again,
            reminded: LruCache::new(AT_HAND),
            unknown_types: 0,
            keys: Arc::default(),
            ring: None,
            next_key: None,
            disposed: LruCache::new(AT_HAND),
        })
    }

    /// Keeps at most `dossiers` at hand. The host must then let a group become durable before so
    /// many others were touched, since what is not at hand is read back from the journal.
    #[must_use]
    pub fn at_hand(mut self, dossiers: NonZeroUsize) -> Self {
        self.memory.bound(dossiers);
        self
    }

    /// Lets things in quarantine be judged again under `keys`; without them none can be.
    #[must_use]
    pub fn trusting(mut self, keys: Arc<KeyRegister>) -> Self {
        self.keys = keys;
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
    ///
    /// # Errors
    /// [`CoreError`] when the unit cannot go on; a refusal is an [`Outcome`].
    pub fn command(
        &mut self,
        name: &str,
        sent: &CommandEnvelope<Box<RawValue>>,
    ) -> Result<Outcome, CoreError> {
        match self.earlier(&sent.id)? {
            Some(Said::About(answer)) => return Ok(Outcome::Followed(Group::default(), answer)),
            Some(Said::Noted(noted)) => return Ok(Outcome::Noted(Group::default(), noted)),
            Some(Said::Refused(refused)) => {
                return Ok(Outcome::RefusedOnRecord(Group::default(), refused));
            }
            None => {}
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
            Command::DeclareDays(command) => self.notice(Notice::Declare(command), sent, at),
            Command::ClosePeriod(command) => self.notice(Notice::Close(command), sent, at),
            Command::RestatePeriod(command) => self.notice(Notice::Restate(command), sent, at),
            Command::RetryQuarantined(command) => self.notice(Notice::Retry(command), sent, at),
            Command::RejectQuarantined(command) => self.notice(Notice::Reject(command), sent, at),
            Command::RotateKey(command) => self.notice(Notice::Rotate(command), sent, at),
            Command::RevokeKey(command) => self.notice(Notice::Revoke(command), sent, at),
            Command::Erase(command) => self.erase(command, sent, at),
            Command::GoOnWithout(_) => Ok(Outcome::Refused(not_recovering())),
            command => self.about_known(command, sent, at),
        }
    }

    fn earlier(&mut self, id: &Uuid) -> Result<Option<Said>, CoreError> {
        if let Some(said) = self.outcomes.get(id) {
            return Ok(Some(said.clone()));
        }
        let note = self.journal.note(&watch::outcome_key(id))?;
        Ok(note.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
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
        match self.decide(&remembered, command, sent, at) {
            Ok((facts, happened)) => self.follow(remembered, sent, happened, facts, None),
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
    ) -> Result<(Vec<Fact>, Happened), Refusal> {
        let happened = self.in_order(remembered, sent, at)?;
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
        self.desk.permit(&office, &case, &command)?;
        let facts = match command {
            Command::MoveVersion(command) => self.moved(command, &case)?,
            command => command.decide(&case, &sent.officer)?,
        };
        Ok((facts, happened))
    }

    fn office(&self) -> Result<Office<'_>, CoreError> {
        let unit = self
            .catalogue
            .unit(&self.pen.me)
            .ok_or_else(|| CoreError::NoSuchUnit(self.pen.me.clone()))?;
        Ok(Office {
            unit,
            catalogue: &self.catalogue,
            calendar: &self.time.calendar,
        })
    }

    /// A dossier as this unit knows it.
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read; the inner one, when there is no such dossier here.
    pub fn show(&mut self, code: &DossierCode) -> Result<Result<Remembered, Refused>, CoreError> {
        let Some(remembered) = self.memory.take(code)? else {
            return Ok(Err(unknown(code).into()));
        };
        self.memory.keep(remembered.clone());
        Ok(Ok(remembered))
    }

    /// Answers "how does this dossier stand" without writing anything.
    ///
    /// # Errors
    /// As [`Core::show`].
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
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read.
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

    /// What this unit recorded later than even the paper register allows.
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read.
    pub fn backdated(&self) -> Result<Backdated, CoreError> {
        let late = self.journal.notes_with_prefix(watch::LATE.as_bytes())?;
        let more = late.len() > LATE_MAX;
        let entry = |note: &[u8]| serde_json::from_slice::<BackEntry>(note).ok();
        Ok(Backdated {
            unit: self.pen.me.clone(),
            items: late
                .iter()
                .take(LATE_MAX)
                .filter_map(|(_, note)| entry(note))
                .collect(),
            more,
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
