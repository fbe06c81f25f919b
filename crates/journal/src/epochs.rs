//! Epochs: the numberings of own events that a journal has had.
//!
//! A journal that was restored without its latest events must not give out their numbers a second
//! time, so its own events begin again at sequence 1 under a new epoch: (epoch, sequence) never
//! repeats. Link numbers know no epoch, since addressees wait for the next one; those that were
//! spent before are skipped.

use std::collections::BTreeMap;

use envelope::Event;
use uuid::Uuid;

use crate::entry::{Entry, Origin};
use crate::record::{Fields, put_short};

/// One numbering of own events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Epoch {
    pub(crate) id: Uuid,
    /// Entries before it.
    pub(crate) entries: u64,
    /// Own entries before it, over all earlier epochs.
    pub(crate) own: u64,
    /// Per addressee, the last link that the journal held when the epoch began and the last that
    /// had been spent; those between are in no entry.
    pub(crate) skipped: BTreeMap<String, (u64, u64)>,
}

impl Epoch {
    pub(crate) fn first(id: Uuid) -> Epoch {
        Epoch {
            id,
            entries: 0,
            own: 0,
            skipped: BTreeMap::new(),
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = self.id.as_bytes().to_vec();
        out.extend_from_slice(&self.entries.to_be_bytes());
        out.extend_from_slice(&self.own.to_be_bytes());
        for (to, (held, spent)) in &self.skipped {
            put_short(&mut out, to.as_bytes());
            out.extend_from_slice(&held.to_be_bytes());
            out.extend_from_slice(&spent.to_be_bytes());
        }
        out
    }

    /// `None` when the record is none of an epoch.
    pub(crate) fn read(record: &[u8]) -> Option<Epoch> {
        let mut fields = Fields::of(record);
        let mut epoch = Epoch {
            id: Uuid::from_bytes(fields.array()?),
            entries: fields.number()?,
            own: fields.number()?,
            skipped: BTreeMap::new(),
        };
        while fields.left() > 0 {
            let to = fields.short_text()?;
            let (held, spent) = (fields.number()?, fields.number()?);
            if spent <= held {
                return None;
            }
            epoch.skipped.insert(to, (held, spent));
        }
        Some(epoch)
    }
}

/// When `link` to `to` is a number that some epoch skipped: the last of those skipped from it on.
pub(crate) fn skipped_to(epochs: &[Epoch], to: &str, link: u64) -> Option<u64> {
    let mut end = None;
    // What a later epoch skips may follow at once on what an earlier one did.
    for (held, spent) in epochs.iter().filter_map(|epoch| epoch.skipped.get(to)) {
        let next = end.map_or(link, |end: u64| end.saturating_add(1));
        if *held < next && next <= *spent {
            end = Some(*spent);
        }
    }
    end
}

/// What own sequences and links have to be, walking a journal from its first entry.
#[derive(Debug)]
pub(crate) struct Numbering<'a> {
    unit: &'a str,
    epochs: &'a [Epoch],
    /// How many epochs have begun.
    begun: usize,
    /// Own entries so far.
    pub(crate) own: u64,
    /// Last link per addressee.
    pub(crate) links: BTreeMap<String, u64>,
}

impl<'a> Numbering<'a> {
    pub(crate) fn new(unit: &'a str, epochs: &'a [Epoch]) -> Self {
        Numbering {
            unit,
            epochs,
            begun: 0,
            own: 0,
            links: BTreeMap::new(),
        }
    }

    /// How many own entries there are, over all epochs, when the last one stands at `sequence`.
    pub(crate) fn own_at(&self, sequence: u64) -> u64 {
        let before = self.epochs.last().map_or(0, |epoch| epoch.own);
        before.saturating_add(sequence)
    }

    /// How many link numbers are in no entry.
    pub(crate) fn skipped(&self) -> u64 {
        let skipped = self.epochs.iter().flat_map(|epoch| epoch.skipped.values());
        skipped.map(|(held, spent)| spent - held).sum()
    }

    /// Lets the epochs begin that begin before entry `index`, and says what is wrong with them.
    pub(crate) fn reach(&mut self, index: u64, faults: &mut Vec<String>) {
        while let Some(epoch) = self.epochs.get(self.begun)
            && epoch.entries <= index
        {
            self.begun += 1;
            if epoch.own != self.own {
                let (found, due) = (epoch.own, self.own);
                faults.push(format!(
                    "epoch {} begins after {found} own events, {due} are there",
                    epoch.id
                ));
            }
            for (to, (held, spent)) in &epoch.skipped {
                let last = self.links.insert(to.clone(), *spent).unwrap_or_default();
                if last != *held {
                    faults.push(format!(
                        "links to {to} are skipped after {held}, held are {last}"
                    ));
                }
            }
        }
    }

    /// Follows an entry, and says what is wrong with its numbers.
    pub(crate) fn follow(&mut self, entry: &Entry, event: &Event<'_>, faults: &mut Vec<String>) {
        let own = event.unit == self.unit;
        match entry.origin {
            Origin::Own if !own => faults.push(format!("an own entry by unit {}", event.unit)),
            Origin::Received { .. } if own => faults.push("an own event as a received one".into()),
            Origin::Received { .. } => {}
            Origin::Own => {
                let epoch = self.begun.checked_sub(1).and_then(|n| self.epochs.get(n));
                if epoch.is_none_or(|epoch| epoch.id != event.epoch) {
                    faults.push(format!("epoch {}", event.epoch));
                }
                let before = epoch.map_or(0, |epoch| epoch.own);
                let last = self.own.saturating_sub(before);
                if last.checked_add(1) != Some(event.sequence) {
                    faults.push(format!("sequence {} after {last}", event.sequence));
                }
                // One wrong or unreadable entry is one fault, not one for each that follows.
                self.own = before.saturating_add(event.sequence);
            }
        }
    }

    /// Follows the deliveries of an entry, and says what is wrong with their numbers.
    pub(crate) fn deliver(&mut self, entry: &Entry, faults: &mut Vec<String>) {
        for delivery in &entry.deliveries {
            let (to, link) = (&delivery.to, delivery.link);
            let last = self.links.insert(to.clone(), link).unwrap_or_default();
            if last.checked_add(1) != Some(link) {
                faults.push(format!("link {link} to {to} after {last}"));
            }
        }
    }
}
