//! Turning facts into events: numbered, signed, addressed. All of one input or nothing of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use calendar::Moment;
use dossier::case::Case;
use dossier::fact::{Fact, Writer};
use dossier::ids::UnitId;
use dossier::wire;
use envelope::{Draft, Signed, UnitKey};
use journal::{Delivery, Group, NewEntry, Origin};
use uuid::Uuid;

use crate::desk::{Desk, Office};
use crate::memory::Remembered;
use crate::memory::tale::Heard;
use crate::stamp::Stamp;

/// Facts that one input may lead to. The longest real chain is a reception that gives out every
/// step of its route; a longer one is two habits answering each other for ever.
const FACTS_MAX: usize = 64;

/// A unit's pen: its name, its key, and the numbers it has reached.
pub struct Pen {
    /// Whose pen it is.
    pub me: UnitId,
    /// The key it signs with.
    pub key: Arc<UnitKey>,
    /// The journal's epoch.
    pub epoch: Uuid,
    /// Last own sequence number.
    pub sequence: u64,
    /// Last number of the line to each addressee.
    pub links: BTreeMap<String, u64>,
    /// Time, identities and chance.
    pub stamp: Stamp,
}

/// What could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A fact that this unit may not state: a desk asked for it that should not have.
    #[error("this unit would have written what it may not: {0}")]
    Trespass(#[from] dossier::dossier::Trespass),
    /// The event would be too large, or its data cannot be written.
    #[error("the event cannot be written: {0}")]
    Event(#[from] envelope::EventError),
    /// The data cannot be written.
    #[error(transparent)]
    Data(#[from] wire::Unreadable),
    /// Habits that answer one another without end.
    #[error("one input led to more than {FACTS_MAX} facts")]
    Endless,
}

/// Circumstances of an input.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    /// When it happened.
    pub at: Moment,
    /// The command or event that led to it.
    pub id: Option<Uuid>,
}

impl Pen {
    /// Writes one fact as an event; it has no addressees yet.
    ///
    /// # Errors
    /// [`WriteError`]: nothing of it counts as written.
    pub fn write(
        &mut self,
        subject: &str,
        parents: &[Uuid],
        cause: Cause,
        fact: &Fact,
    ) -> Result<(Uuid, Signed), WriteError> {
        let kind = wire::kind(fact);
        let data = wire::write(fact)?;
        let id = self.stamp.id();
        let bytes = Draft {
            id,
            unit: self.me.as_str(),
            kind,
            subject,
            time: cause.at,
            recorded: self.stamp.now(),
            epoch: self.epoch,
            sequence: self.sequence + 1,
            causation: cause.id,
            parents,
            schema: &schema_of(kind),
            simulated: self.stamp.is_simulated(),
            traceparent: None,
            data: &data,
        }
        .write()?;
        self.sequence += 1;
        let signature = self.key.sign_event(&bytes);
        Ok((
            id,
            Signed {
                bytes: bytes.into(),
                signature,
                key: self.key.id(),
            },
        ))
    }

    /// The next number of the line to `to`, carrying `event`.
    pub fn deliver(&mut self, to: &UnitId, event: Uuid) -> Delivery {
        let link = self.links.entry(to.as_str().to_owned()).or_default();
        *link += 1;
        Delivery {
            to: to.as_str().to_owned(),
            link: *link,
            event,
        }
    }

    /// Writes facts about a dossier, and what the desk does by itself because of them, into
    /// `group`. On an error the pen and the dossier may stand anywhere: the caller restores both.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn carry_on<D: Desk>(
        &mut self,
        desk: &D,
        office: &Office<'_>,
        remembered: &mut Remembered,
        cause: Cause,
        facts: Vec<Fact>,
        group: &mut Group,
    ) -> Result<Vec<Uuid>, WriteError> {
        let me = self.me.clone();
        let mut written = Vec::new();
        let mut waiting: VecDeque<Fact> = facts.into();
        while let Some(fact) = waiting.pop_front() {
            if written.len() == FACTS_MAX {
                return Err(WriteError::Endless);
            }
            let (id, entry) = self.state(&me, remembered, cause, &fact)?;
            group.entries.push(entry);
            written.push(id);
            let case = Case {
                me: &me,
                at: cause.at,
                officer: None,
                dossier: &remembered.dossier,
                calendar: office.calendar,
            };
            waiting.extend(desk.react(office, &case, &fact));
        }
        Ok(written)
    }

    fn state(
        &mut self,
        me: &UnitId,
        remembered: &mut Remembered,
        cause: Cause,
        fact: &Fact,
    ) -> Result<(Uuid, NewEntry), WriteError> {
        let dossier = &remembered.dossier;
        dossier.may_write(me, fact)?;
        let before = dossier.engaged().into_iter().cloned().collect::<Vec<_>>();
        let earlier = remembered.home_events.clone();
        let parents = dossier.heads.clone();
        let (id, signed) = self.write(dossier.code.as_str(), &parents, cause, fact)?;
        let heard = Heard {
            id,
            by: me.clone(),
            at: cause.at,
            parents,
            cause: cause.id,
            fact: fact.clone(),
        };
        remembered.hear(me, heard);
        let mut deliveries = Vec::new();
        for (to, event) in owed(me, &before, &earlier, remembered, fact, id) {
            deliveries.push(self.deliver(&to, event));
        }
        Ok((
            id,
            NewEntry {
                origin: Origin::Own,
                signed,
                deliveries,
            },
        ))
    }
}

/// Who is to be told of a fact that `me` stated as `event`, and what else whoever joined by it is
/// told: `before` were engaged before it, `earlier` is what the home had said.
pub(crate) fn owed(
    me: &UnitId,
    before: &[UnitId],
    earlier: &[Uuid],
    after: &Remembered,
    fact: &Fact,
    event: Uuid,
) -> Vec<(UnitId, Uuid)> {
    let dossier = &after.dossier;
    let mut owed = Vec::new();
    if matches!(fact.writer(), Writer::Desk | Writer::Home) {
        for unit in dossier.engaged() {
            if !before.contains(unit) {
                // Whoever joins now is told everything that the home has said so far.
                owed.extend(earlier.iter().map(|earlier| (unit.clone(), *earlier)));
            }
            owed.push((unit.clone(), event));
        }
    } else if let Fact::KeyGranted(granted) = fact {
        owed.push((granted.to.clone(), event));
    } else if fact.writer() == Writer::Custodian {
        // What becomes of the keys concerns those who have one.
        let holders = dossier.privacy.granted.iter();
        owed.extend(holders.map(|unit| (unit.clone(), event)));
    } else if dossier.home != *me {
        owed.push((dossier.home.clone(), event));
    }
    owed
}

/// The `$id` of the JSON Schema of a type's data.
pub fn schema_of(kind: &str) -> String {
    format!(
        "urn:motcua:schema:events:{}",
        kind.strip_prefix("vn.motcua.").unwrap_or(kind)
    )
}
