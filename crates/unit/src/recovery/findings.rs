//! What others know of a restored unit: its own events that it lost, and the numbers that it spent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dossier::fact::Fact;
use dossier::ids::UnitId;
use dossier::wire;
use envelope::{Event, KeyRegister, Signed};
use uuid::Uuid;

/// Two events under one number: somebody else wrote as this unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{one} and {other} are both signed by this unit as number {sequence} of epoch {epoch}: somebody \
     else writes with its key. Find out who, and keep one journal of the two"
)]
pub struct Conflict {
    /// The epoch.
    pub epoch: Uuid,
    /// The number.
    pub sequence: u64,
    /// The event that was found first.
    pub one: Uuid,
    /// The other.
    pub other: Uuid,
}

/// An own event as somebody had it.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its identity.
    pub id: Uuid,
    /// Its bytes with the signature.
    pub signed: Signed,
    /// Who had it: a unit, `broker`, `holders`.
    pub holder: String,
}

/// Own events by number, of one epoch.
pub type Numbered = BTreeMap<u64, Found>;

/// No line comes so far by honest means; a forged number beyond it is not believed.
const LINK_MAX: u64 = 1 << 48;

/// What is known so far.
#[derive(Debug)]
pub struct Findings {
    me: UnitId,
    keys: Arc<KeyRegister>,
    /// By epoch and number.
    pub(crate) events: BTreeMap<Uuid, Numbered>,
    /// Epochs that began when another one was given up: from which.
    pub(crate) follows: BTreeMap<Uuid, Uuid>,
    /// Per addressee, the highest number of its line that anyone knows of.
    pub(crate) links: BTreeMap<String, u64>,
    /// Two events under one number, when there are any.
    pub(crate) conflict: Option<Conflict>,
    /// Messages that are none of this unit's events.
    pub(crate) strange: u64,
    /// Epochs that had ended before the backup was made: the journal holds what there is of them.
    past: BTreeSet<Uuid>,
}

impl Findings {
    /// Of `me`, whose signatures `keys` knows; `links` is what the journal holds.
    pub fn new(me: UnitId, keys: Arc<KeyRegister>, links: BTreeMap<String, u64>) -> Self {
        Self {
            me,
            keys,
            events: BTreeMap::new(),
            follows: BTreeMap::new(),
            links,
            conflict: None,
            strange: 0,
            past: BTreeSet::new(),
        }
    }

    /// Leaves out epochs that had ended before the backup was made.
    #[must_use]
    pub fn leaving_out(mut self, past: impl IntoIterator<Item = Uuid>) -> Self {
        self.past.extend(past);
        self
    }

    /// `holder` has this. What is not an event that this unit signed counts for nothing.
    pub fn event(&mut self, holder: &str, signed: &Signed) {
        let Some(event) = self.own(signed) else {
            self.strange += 1;
            return;
        };
        let (epoch, sequence, id) = (event.epoch, event.sequence, event.id);
        if self.past.contains(&epoch) {
            return;
        }
        if sequence == 1
            && let Ok(Some(Fact::JournalRestored(fact))) = wire::read(event.kind, event.data)
        {
            self.follows.insert(epoch, fact.from_epoch);
        }
        let numbered = self.events.entry(epoch).or_default();
        match numbered.get(&sequence) {
            None => {
                let found = Found {
                    id,
                    signed: signed.clone(),
                    holder: holder.to_owned(),
                };
                numbered.insert(sequence, found);
            }
            Some(known) if known.id == id && known.signed.bytes == signed.bytes => {}
            Some(known) => {
                self.conflict.get_or_insert(Conflict {
                    epoch,
                    sequence,
                    one: known.id,
                    other: id,
                });
            }
        }
    }

    /// The line to `to` has come to `link` at least.
    pub fn link(&mut self, to: &str, link: u64) {
        if link > LINK_MAX {
            return;
        }
        let known = self.links.entry(to.to_owned()).or_default();
        *known = (*known).max(link);
    }

    /// The highest number of `epoch` that anyone knows of.
    pub fn last(&self, epoch: &Uuid) -> Option<u64> {
        let (last, _) = self.events.get(epoch)?.last_key_value()?;
        Some(*last)
    }

    fn own<'a>(&self, signed: &'a Signed) -> Option<Event<'a>> {
        self.keys.verify(signed).ok()?;
        let event = Event::read(&signed.bytes).ok()?;
        (event.unit == self.me.as_str()).then_some(event)
    }
}
