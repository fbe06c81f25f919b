//! Checking a whole journal: every entry against every index, hash, number and signature.
//!
//! Forwards, each entry must be found through each index. Backwards, an index may hold no more
//! than the entries account for; when each entry is found and the counts agree, nothing is left
//! over. Entries appended meanwhile are not looked at.

#[cfg(test)]
mod spoilt;

use envelope::tree::{self, Hash};
use envelope::{Checking, Event, KeyRegister};
use uuid::Uuid;

use crate::entry::{Entry, Origin};
use crate::epochs::{Epoch, Numbering};
use crate::frontier::Frontier;
use crate::journal::{Head, Journal};
use crate::trees::{self, ReadError, contained};

/// How often a walk says how far it is, in entries.
const STEP: u64 = 256;
/// More faults than this are counted but not listed.
const FAULTS_LISTED: usize = 10_000;

/// The outcome of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many entries were looked at.
    pub entries: u64,
    /// At most the first 10,000.
    pub faults: Vec<Fault>,
    /// How many there were.
    pub fault_count: u64,
}

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The entry it is about; `None` when it is about an index as a whole.
    pub index: Option<u64>,
    pub what: String,
}

impl Journal {
    /// Checks everything durable; with `keys`, also that each event was signed by the unit it
    /// names. `progress` is told how many entries are done, about once per 256.
    ///
    /// # Errors
    /// [`ReadError`] when an index cannot even be walked. A damaged entry is a fault, not an error.
    pub fn verify(
        &self,
        keys: Option<&KeyRegister>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Report, ReadError> {
        let (head, epochs) = {
            let view = self.view();
            (view.head.clone(), view.epochs.clone())
        };
        let mut walk = Walk::new(self, &epochs, keys);
        for index in 0..head.entries {
            match self.entry(index) {
                Ok(Some(entry)) => walk.entry(entry),
                Ok(None) => walk.fault(index, "missing"),
                Err(error) => walk.fault(index, error),
            }
            if (index + 1).is_multiple_of(STEP) {
                progress(index + 1);
            }
        }
        walk.ends(&head);
        walk.backwards(&head)?;
        walk.signatures();
        // By entry, what is about whole indexes last.
        let place = |fault: &Fault| fault.index.unwrap_or(u64::MAX);
        walk.report.faults.sort_by_key(place);
        progress(head.entries);
        walk.report.entries = head.entries;
        Ok(walk.report)
    }
}

struct Walk<'a> {
    journal: &'a Journal,
    signatures: Option<Checking>,
    report: Report,
    numbering: Numbering<'a>,
    /// Entries that were received.
    received: u64,
    /// Stays behind once an entry is unreadable.
    frontier: Frontier,
}

impl<'a> Walk<'a> {
    fn new(journal: &'a Journal, epochs: &'a [Epoch], keys: Option<&'a KeyRegister>) -> Self {
        Walk {
            journal,
            signatures: keys.map(Checking::new),
            report: Report {
                entries: 0,
                faults: Vec::new(),
                fault_count: 0,
            },
            numbering: Numbering::new(journal.unit(), epochs),
            received: 0,
            frontier: Frontier::default(),
        }
    }

    fn fault(&mut self, index: impl Into<Option<u64>>, what: impl std::fmt::Display) {
        self.report.fault_count += 1;
        if self.report.faults.len() < FAULTS_LISTED {
            self.report.faults.push(Fault {
                index: index.into(),
                what: what.to_string(),
            });
        }
    }

    fn entry(&mut self, entry: Entry) {
        let index = entry.index;
        self.reach(index);
        match Event::read(&entry.signed.bytes) {
            Ok(event) => {
                self.indexes(index, &event);
                self.numbers(&entry, &event);
            }
            Err(error) => self.fault(index, error),
        }
        self.lines(&entry);
        self.deliveries(&entry);
        self.hashes(index, &entry.signed.bytes);
        if let Some(signatures) = &mut self.signatures {
            signatures.push(index, entry.signed);
        }
    }

    fn reach(&mut self, index: u64) {
        let mut faults = Vec::new();
        self.numbering.reach(index, &mut faults);
        for fault in faults {
            self.fault(index, fault);
        }
    }

    fn indexes(&mut self, index: u64, event: &Event<'_>) {
        match self.journal.trees().index_of(&event.id) {
            Ok(Some(found)) if found == index => {}
            Ok(found) => self.fault(
                index,
                format_args!("the index of ids says {found:?} for its id {}", event.id),
            ),
            Err(error) => self.fault(index, error),
        }
        let subject = &event.subject;
        match contained(format_args!("the index of {subject}"), || {
            self.journal
                .trees()
                .by_subject
                .contains_key(trees::under(subject, index))
        }) {
            Ok(true) => {}
            Ok(false) => self.fault(index, format_args!("not in the index of {subject}")),
            Err(error) => self.fault(index, error),
        }
    }

    fn lines(&mut self, entry: &Entry) {
        let Origin::Received { from, link } = &entry.origin else {
            return;
        };
        self.received += 1;
        let what = format_args!("number {link} of the line of {from}");
        let key = trees::arrived(from, *link, entry.index);
        match contained(what, || self.journal.trees().lines.contains_key(key)) {
            Ok(true) => {}
            Ok(false) => self.fault(entry.index, format_args!("not found as {what}")),
            Err(error) => self.fault(entry.index, error),
        }
    }

    fn numbers(&mut self, entry: &Entry, event: &Event<'_>) {
        let index = entry.index;
        let mut faults = Vec::new();
        self.numbering.follow(entry, event, &mut faults);
        for fault in faults {
            self.fault(index, fault);
        }
        if entry.origin == Origin::Own && event.unit == self.journal.unit() {
            let what = format_args!("the index of own sequence {}", event.sequence);
            let key = self.numbering.own.to_be_bytes();
            match contained(what, || self.journal.trees().own.get(key)) {
                Ok(Some(found)) if *found == index.to_be_bytes() => {}
                Ok(_) => self.fault(index, format_args!("{what} does not lead to it")),
                Err(error) => self.fault(index, error),
            }
        }
    }

    fn deliveries(&mut self, entry: &Entry) {
        let index = entry.index;
        let mut faults = Vec::new();
        self.numbering.deliver(entry, &mut faults);
        for fault in faults {
            self.fault(index, fault);
        }
        for delivery in &entry.deliveries {
            let (to, link) = (&delivery.to, delivery.link);
            let what = format_args!("link {link} to {to}");
            let key = trees::under(to, link);
            match contained(what, || self.journal.trees().links.get(key)) {
                Ok(Some(found)) if *found == *delivery.event.as_bytes() => {}
                Ok(_) => self.fault(index, format_args!("{what} is not kept as it says")),
                Err(error) => self.fault(index, error),
            }
            match self.journal.trees().index_of(&delivery.event) {
                Ok(Some(found)) if found <= index => {}
                Ok(_) => self.fault(index, format_args!("{what} names an unknown event")),
                Err(error) => self.fault(index, error),
            }
        }
    }

    fn hashes(&mut self, index: u64, bytes: &[u8]) {
        let leaf = tree::leaf_hash(bytes);
        let first = tree::stored_index(index);
        if index != self.frontier.entries() {
            // An earlier entry is unreadable, so subtrees cannot be computed; leaves still can.
            self.stored(index, first, &leaf);
            return;
        }
        match self.frontier.push(leaf) {
            Ok(hashes) => {
                for (position, hash) in (first..).zip(hashes) {
                    self.stored(index, position, &hash);
                }
            }
            Err(position) => self.fault(index, format_args!("tree hash {position} not computed")),
        }
    }

    fn stored(&mut self, index: u64, position: u64, hash: &Hash) {
        match self.journal.trees().hash(position) {
            Ok(Some(found)) if found == *hash => {}
            Ok(_) => self.fault(
                index,
                format_args!("tree hash {position} is not that of its bytes"),
            ),
            Err(error) => self.fault(index, error),
        }
    }

    fn signatures(&mut self) {
        let Some(signatures) = self.signatures.take() else {
            return;
        };
        let refused = signatures.end();
        let listed = refused.errors.len() as u64;
        for (index, error) in refused.errors {
            self.fault(index, error);
        }
        self.report.fault_count += refused.count - listed;
    }

    /// What the walk arrived at against what the journal says of itself.
    fn ends(&mut self, head: &Head) {
        self.reach(head.entries);
        let (found, due) = (self.numbering.own, self.numbering.own_at(head.sequence));
        if found != due {
            self.fault(
                None,
                format_args!("{found} own events, the journal says {due}"),
            );
        }
        if self.numbering.links != head.links {
            self.fault(
                None,
                "the entries' deliveries do not add up to the link numbers",
            );
        }
        if self.frontier.entries() == head.entries && self.frontier.root() != Ok(head.root) {
            self.fault(None, "the root over all entries is not the journal's root");
        }
    }

    fn backwards(&mut self, head: &Head) -> Result<(), ReadError> {
        let trees = self.journal.trees();
        let own = self.numbering.own_at(head.sequence);
        let (mut ids, mut subjects, mut sequences, mut links, mut lines) = (0, 0, 0, 0, 0);
        contained(format_args!("the index of ids"), || {
            for pair in &trees.by_id {
                let (_, index) = pair?;
                ids += u64::from(number(&index).is_none_or(|index| index < head.entries));
            }
            Ok(())
        })?;
        contained(format_args!("the index of subjects"), || {
            for pair in &trees.by_subject {
                let (key, _) = pair?;
                let index = trees::split(&key).map(|(_, index)| index);
                subjects += u64::from(index.is_none_or(|index| index < head.entries));
            }
            Ok(())
        })?;
        contained(format_args!("the index of own sequences"), || {
            for pair in &trees.own {
                let (key, _) = pair?;
                sequences += u64::from(number(&key).is_none_or(|number| number <= own));
            }
            Ok(())
        })?;
        contained(format_args!("the links"), || {
            for pair in &trees.links {
                let (key, id) = pair?;
                let durable = trees::split(&key)
                    .is_none_or(|(to, link)| head.links.get(to).is_some_and(|last| link <= *last));
                links += u64::from(durable || Uuid::from_slice(&id).is_err());
            }
            Ok(())
        })?;
        contained(format_args!("the lines of senders"), || {
            for pair in &trees.lines {
                let (key, _) = pair?;
                let index = trees::split_arrived(&key).map(|(_, _, index)| index);
                lines += u64::from(index.is_none_or(|index| index < head.entries));
            }
            Ok(())
        })?;
        let promised = head.links.values().sum::<u64>();
        let promised = promised.saturating_sub(self.numbering.skipped());
        for (what, found, due) in [
            ("index of ids", ids, head.entries),
            ("index of subjects", subjects, head.entries),
            ("index of own sequences", sequences, own),
            ("list of links", links, promised),
            ("index of received numbers", lines, self.received),
        ] {
            if found != due {
                self.fault(
                    None,
                    format_args!("the {what} holds {found} where {due} are due"),
                );
            }
        }
        Ok(())
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}
