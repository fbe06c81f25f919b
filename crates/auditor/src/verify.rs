//! Checking a bundle, in the order of the format's description (see [`crate::bundle`]).

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use data_encoding::BASE64;
use envelope::proof::{check_consistency, check_inclusion};
use envelope::sign::parse_signature;
use envelope::tree::leaf_hash;
use envelope::{Event, KeyFile, KeyId, KeyRegister, Signed, TreeHead, note};
use uuid::Uuid;

use crate::bundle::{Bundle, Evidence, FORMAT, Head, Place, read_proof};
use crate::finding::{Report, Where};

/// Checks a bundle. With `trusted`, the register of keys as the checker knows it, signatures count
/// under it alone; without, under the keys that the bundle brings along, and the report says so.
/// Signatures are checked singly and strictly, so that every checker judges them alike.
pub fn verify(bundle: &Bundle, trusted: Option<&KeyFile>) -> Report {
    let mut report = Report::default();
    if bundle.format != FORMAT {
        let text = format!("`format` is {:?}, this reads {FORMAT:?}", bundle.format);
        report.fault(Where::Whole, text);
    }
    let keys = register(&bundle.keys, trusted, &mut report);
    let mut check = Check {
        bundle,
        keys,
        report,
        heads: Vec::new(),
        ids: BTreeMap::new(),
        numbers: BTreeSet::new(),
        own_orders: BTreeMap::new(),
        parents: Vec::new(),
    };
    check.heads();
    for (number, evidence) in bundle.events.iter().enumerate() {
        check.event(number, evidence);
    }
    check.own_orders();
    check.order();
    check.causes();
    check.conclude()
}

/// The register that counts, and what is wrong with the rows that came along.
pub(crate) fn register(
    rows: &KeyFile,
    trusted: Option<&KeyFile>,
    report: &mut Report,
) -> KeyRegister {
    let mut keys = KeyRegister::new();
    for row in &trusted.unwrap_or(rows).units {
        if let Err(error) = keys.insert(row) {
            report.fault(Where::Key(row.unit.clone()), error);
        }
    }
    match trusted {
        None => report.conditions.push(format!(
            "the keys are those that the file brings along; compare them with a register that you \
             trust (--keys): {}",
            rows.units
                .iter()
                .map(|row| format!("{} {}", row.unit, row.signing))
                .collect::<Vec<_>>()
                .join(", ")
        )),
        Some(trusted) => {
            let stranger = |row: &&_| !trusted.units.contains(row);
            for row in rows.units.iter().filter(stranger) {
                let place = Where::Key(row.unit.clone());
                report.fault(place, "this row is not in the register that you trust");
            }
        }
    }
    keys
}

/// An event in the journal of its own unit: index, sequence, number in the bundle.
type Own = (u64, u64, usize);

struct Check<'a> {
    bundle: &'a Bundle,
    keys: KeyRegister,
    report: Report,
    /// Those that hold; none in the place of one that does not.
    heads: Vec<Option<TreeHead>>,
    /// Events by id, with their numbers in the bundle.
    ids: BTreeMap<Uuid, usize>,
    numbers: BTreeSet<(String, Uuid, u64)>,
    /// In the journal of their own unit, by head and epoch.
    own_orders: BTreeMap<(usize, Uuid), Vec<Own>>,
    /// Who names whom as a cause.
    parents: Vec<(usize, Uuid)>,
}

impl Check<'_> {
    fn heads(&mut self) {
        for (number, head) in self.bundle.heads.iter().enumerate() {
            let read = note::read_head(head.note.as_bytes(), &self.keys);
            let read = match read {
                Ok(read) => read,
                Err(error) => {
                    self.report.fault(Where::Head(number), error);
                    self.heads.push(None);
                    continue;
                }
            };
            let same = |other: &TreeHead| (&other.unit, other.epoch) == (&read.unit, read.epoch);
            if self.heads.iter().flatten().any(same) {
                let text = format!("a second head of {}", read.origin());
                self.report.fault(Where::Head(number), text);
            }
            self.earlier(number, head, &read);
            self.report.heads.insert(number, read.clone());
            self.heads.push(Some(read));
        }
        if self.bundle.heads.is_empty() {
            self.report
                .fault(Where::Whole, "there is no head, so nothing has a place");
        }
    }

    /// What others kept of the same journal before.
    fn earlier(&mut self, number: usize, head: &Head, later: &TreeHead) {
        for (count, earlier) in head.earlier.iter().enumerate() {
            let outcome = match note::read_head(earlier.note.as_bytes(), &self.keys) {
                Err(error) => Err(error.to_string()),
                Ok(read) if read.origin() != later.origin() => {
                    Err(format!("it is of {}, another log", read.origin()))
                }
                Ok(read) => continued(&read, later, &earlier.proof),
            };
            if let Err(what) = outcome {
                let what = format!("earlier head {count}: {what}");
                self.report.fault(Where::Head(number), what);
            }
        }
    }

    fn event(&mut self, number: usize, evidence: &Evidence) {
        self.report.events += 1;
        let unknown = Where::Event(number, None);
        let Ok(bytes) = BASE64.decode(evidence.event.as_bytes()).map(Bytes::from) else {
            self.report.fault(unknown, "`event` is not base64");
            return;
        };
        let event = match Event::read(&bytes) {
            Ok(event) => event,
            Err(error) => {
                self.report.fault(unknown, error);
                return;
            }
        };
        let place = Where::Event(number, Some(event.id));
        if let Err(error) = self.signed(evidence, &bytes) {
            self.report.fault(place.clone(), error);
        }
        if event.subject != self.bundle.asked.dossier {
            let text = format!("it is about {}", event.subject);
            self.report.fault(place.clone(), text);
        }
        if let Some(first) = self.ids.insert(event.id, number) {
            let text = format!("it has the id of event {first}");
            self.report.fault(place.clone(), text);
        }
        let name = (event.unit.to_owned(), event.epoch, event.sequence);
        if !self.numbers.insert(name) {
            let text = format!(
                "two histories: {} wrote two events under number {} of epoch {}",
                event.unit, event.sequence, event.epoch
            );
            self.report.fault(place.clone(), text);
        }
        let parents = event.parents.iter().map(|parent| (number, *parent));
        self.parents.extend(parents);
        self.places(number, evidence, &event, leaf_hash(&bytes));
    }

    fn signed(&self, evidence: &Evidence, bytes: &Bytes) -> Result<(), envelope::SignError> {
        self.keys.verify(&Signed {
            bytes: bytes.clone(),
            signature: parse_signature(&evidence.signature)?,
            key: KeyId::parse(&evidence.key)?,
        })
    }

    fn places(
        &mut self,
        number: usize,
        evidence: &Evidence,
        event: &Event<'_>,
        leaf: envelope::tree::Hash,
    ) {
        let place = Where::Event(number, Some(event.id));
        let mut own = false;
        for at in &evidence.places {
            match self.inclusion(at, leaf) {
                Ok(head) if head.unit == event.unit => {
                    own = true;
                    let order = self.own_orders.entry((at.head, event.epoch)).or_default();
                    order.push((at.index, event.sequence, number));
                }
                Ok(_) => {}
                Err(what) => self.report.fault(place.clone(), what),
            }
        }
        let ascending = evidence.places.is_sorted_by(|a, b| a.head < b.head);
        if evidence.places.is_empty() {
            self.report.fault(place, "it has no place in any journal");
        } else if !ascending {
            self.report
                .fault(place, "its places are not in order of `head`");
        } else if !own && self.heads.iter().flatten().any(|h| h.unit == event.unit) {
            let text = format!(
                "it has no place in the journal of its own unit {}",
                event.unit
            );
            self.report.fault(place, text);
        }
    }

    /// The head under which the entry is proved.
    fn inclusion(&self, at: &Place, leaf: envelope::tree::Hash) -> Result<&TreeHead, String> {
        let head = match self.heads.get(at.head) {
            Some(Some(head)) => head,
            Some(None) => {
                return Err(format!(
                    "its place, entry {} under head {}, cannot be proved, since the head does not hold",
                    at.index, at.head
                ));
            }
            None => return Err(format!("there is no head {}", at.head)),
        };
        let name = || format!("entry {} of {}", at.index, head.origin());
        let proof = read_proof(&at.proof)
            .ok_or_else(|| format!("the proof that it is {} has a text that is no hash", name()))?;
        check_inclusion(&proof, at.index, head.size, leaf, head.root)
            .map_err(|error| format!("it is not proved to be {}: {error}", name()))?;
        Ok(head)
    }

    /// In its own journal a unit's numbers rise with the entries.
    fn own_orders(&mut self) {
        for ((head, _), order) in &mut self.own_orders {
            order.sort_unstable();
            for pair in order.windows(2) {
                if let [(_, before, _), (index, after, number)] = pair
                    && before >= after
                {
                    let text = format!(
                        "entry {index} under head {head} has number {after}, an earlier one {before}"
                    );
                    self.report.fault(Where::Event(*number, None), text);
                }
            }
        }
    }

    fn order(&mut self) {
        let first = |event: &Evidence| event.places.first().map(|place| (place.head, place.index));
        let events = self.bundle.events.iter().enumerate();
        let mut last = None;
        for (number, event) in events {
            let place = first(event);
            if number > 0 && place <= last {
                let text = "it does not come after the one before it";
                self.report.fault(Where::Event(number, None), text);
            }
            last = place;
        }
    }

    fn causes(&mut self) {
        for (number, parent) in &self.parents {
            if !self.ids.contains_key(parent) {
                let text = format!(
                    "it names event {parent} as known to its writer, which is not in the bundle"
                );
                self.report.fault(Where::Event(*number, None), text);
            }
        }
    }

    fn conclude(mut self) -> Report {
        let with_head: BTreeSet<&str> = self.heads.iter().flatten().map(|h| &*h.unit).collect();
        let writers: BTreeSet<&str> = self.numbers.iter().map(|(unit, ..)| &**unit).collect();
        let without: Vec<&str> = writers.difference(&with_head).copied().collect();
        if !without.is_empty() {
            self.report.conditions.push(format!(
                "the journals of {} are not in the bundle; what they said is as others hold it",
                without.join(", ")
            ));
        }
        self.report.conditions.push(
            "nothing is proved about what was said after the heads, or after the last event that \
             another one names"
                .to_owned(),
        );
        self.report
    }
}

/// Checks that `later` goes on from `earlier`.
fn continued(earlier: &TreeHead, later: &TreeHead, proof: &[String]) -> Result<(), String> {
    let proof = read_proof(proof).ok_or("its proof has a text that is no hash")?;
    let nothing_to_prove = earlier.size == 0 || earlier.size == later.size;
    if nothing_to_prove && !proof.is_empty() {
        return Err("its proof has hashes where none are due".to_owned());
    }
    check_consistency(&proof, earlier.size, earlier.root, later.size, later.root).map_err(|error| {
        format!(
            "two histories of {}: {} entries with the root {}, and {} with the root {}, are not \
             shown to continue one another ({error})",
            earlier.unit,
            earlier.size,
            BASE64.encode(&earlier.root),
            later.size,
            BASE64.encode(&later.root),
        )
    })
}
