//! The one verifier: what was answered, written, delivered and projected must be one story.
//!
//! It knows no service and no domain. Both floors give it what they saw, after every step; it names
//! everything that does not hold, and is silent otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use uuid::Uuid;

use crate::seen::{Acknowledged, JournalSeen, Line, OwnEvent, ProjectorSeen, Seen};

/// What does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// What was acknowledged is in the journal, where the answer said (invariant 1).
    Acknowledged,
    /// One command has one outcome (invariant 4).
    OneOutcome,
    /// Own numbers run from 1 without holes in every epoch (invariant 5).
    Sequence,
    /// No event stands twice anywhere (invariant 4).
    Twice,
    /// Numbers of a line run without holes apart from those skipped by a restore (invariant 5).
    Links,
    /// Every event bears its writer's signature.
    Signature,
    /// At rest every addressee has everything that was given to it (invariant 2).
    Delivered,
    /// At rest a projector has heard every journal to its end.
    Heard,
    /// A projection equals one rebuilt from zero (invariant 6).
    Rebuilt,
    /// At rest the projected counts are those of the answers.
    Tallies,
    /// Nothing was sent that its receiver could not take (invariant 3).
    Refused,
}

impl Rule {
    /// Whether it is looked at only once everything is at rest; the others hold at any time.
    pub fn waits_for_rest(self) -> bool {
        matches!(
            self,
            Self::Delivered | Self::Heard | Self::Tallies | Self::Refused
        )
    }
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What does not hold.
    pub rule: Rule,
    /// Where and how, in one sentence.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.what)
    }
}

/// What was checked, for the line that a run prints.
pub const CHECKED: &str =
    "acknowledged, one outcome, numbers, links, signatures, delivered, rebuilt, tallies";

/// Holds everything that was seen together.
pub fn verify(seen: &Seen) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    let indexes: BTreeMap<&str, Index<'_>> = seen
        .journals
        .iter()
        .map(|journal| (journal.unit.as_str(), Index::of(journal)))
        .collect();
    for journal in &seen.journals {
        numbers(journal, &mut found);
        for (to, line) in &journal.links {
            links(journal, to, line, &indexes, &mut found);
        }
    }
    twice(&seen.journals, &mut found);
    acknowledged(&seen.acknowledged, &indexes, &mut found);
    for projector in &seen.projectors {
        rebuilt(projector, &mut found);
    }
    if seen.at_rest {
        for journal in &seen.journals {
            delivered(journal, &seen.journals, &mut found);
        }
        for projector in &seen.projectors {
            // A projector that is behind may know what a performer did before it knows that it was asked.
            found.unless(projector.refused == 0, Rule::Refused, || {
                format!(
                    "the projector could not take {} arrivals",
                    projector.refused
                )
            });
            heard(projector, &seen.journals, &mut found);
            let told = seen.told;
            found.unless(projector.tallies == told, Rule::Tallies, || {
                format!(
                    "callers were answered {told:?}, the projector counts {:?}",
                    projector.tallies
                )
            });
        }
    }
    found.0
}

struct Found(Vec<Violation>);

impl Found {
    fn unless(&mut self, holds: bool, rule: Rule, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Violation { rule, what: what() });
        }
    }
}

/// A journal's own events by id and by cause.
struct Index<'a> {
    restored: bool,
    by_id: BTreeMap<Uuid, (Uuid, &'a OwnEvent)>,
    by_cause: BTreeMap<Uuid, Vec<Uuid>>,
}

impl<'a> Index<'a> {
    fn of(journal: &'a JournalSeen) -> Self {
        let mut index = Self {
            restored: journal.epochs.len() > 1,
            by_id: BTreeMap::new(),
            by_cause: BTreeMap::new(),
        };
        for (epoch, events) in &journal.epochs {
            for event in events {
                index.by_id.insert(event.id, (*epoch, event));
                if let Some(cause) = event.cause {
                    index.by_cause.entry(cause).or_default().push(event.id);
                }
            }
        }
        index
    }
}

fn numbers(journal: &JournalSeen, found: &mut Found) {
    let unit = &journal.unit;
    for (epoch, events) in &journal.epochs {
        for (place, event) in (1_u64..).zip(events) {
            let number = event.sequence;
            found.unless(number == place, Rule::Sequence, || {
                format!("{unit} in epoch {epoch} has number {number} at place {place}")
            });
            found.unless(event.signed, Rule::Signature, || {
                format!("{unit} number {number} of epoch {epoch} is not signed by its writer")
            });
        }
    }
}

fn links(
    journal: &JournalSeen,
    to: &str,
    line: &Line,
    indexes: &BTreeMap<&str, Index<'_>>,
    found: &mut Found,
) {
    let unit = &journal.unit;
    let mut next = 1;
    for (link, event) in &line.deliveries {
        while let Some((_, last)) = line.skipped.iter().find(|(from, _)| *from == next) {
            next = last + 1;
        }
        found.unless(*link == next, Rule::Links, || {
            format!("the line from {unit} to {to} has number {link} where {next} should be")
        });
        next = link + 1;
        let own = indexes
            .get(unit.as_str())
            .is_some_and(|index| index.by_id.contains_key(event));
        found.unless(own, Rule::Links, || {
            format!("number {link} from {unit} to {to} carries {event}, which {unit} never wrote")
        });
    }
    let distinct: BTreeSet<_> = line.deliveries.iter().map(|(_, event)| event).collect();
    found.unless(distinct.len() == line.deliveries.len(), Rule::Twice, || {
        format!("{unit} gave some event twice to {to}")
    });
}

fn twice(journals: &[JournalSeen], found: &mut Found) {
    let mut writers: BTreeMap<Uuid, &str> = BTreeMap::new();
    for journal in journals {
        let events = journal.epochs.iter().flat_map(|(_, events)| events);
        for event in events {
            if let Some(other) = writers.insert(event.id, &journal.unit) {
                let (id, unit) = (event.id, &journal.unit);
                found.unless(false, Rule::Twice, || {
                    format!("event {id} stands in {other} and again in {unit}")
                });
            }
        }
        let epochs: BTreeSet<_> = journal.epochs.iter().map(|(epoch, _)| epoch).collect();
        found.unless(epochs.len() == journal.epochs.len(), Rule::Twice, || {
            format!("{} shows one epoch twice", journal.unit)
        });
    }
}

fn acknowledged(answers: &[Acknowledged], indexes: &BTreeMap<&str, Index<'_>>, found: &mut Found) {
    let mut first: BTreeMap<Uuid, &Acknowledged> = BTreeMap::new();
    for answer in answers {
        let Acknowledged { command, unit, .. } = answer;
        let earlier = first.entry(*command).or_insert(answer);
        found.unless(*earlier == answer, Rule::OneOutcome, || {
            format!("{unit} answered {command} with {earlier:?}, and again with {answer:?}")
        });
    }
    for answer in first.values() {
        let Acknowledged { command, unit, .. } = answer;
        let Some(index) = indexes.get(unit.as_str()) else {
            continue;
        };
        // The last event of a command bears the number that was answered.
        for (back, id) in (0_u64..).zip(answer.events.iter().rev()) {
            match index.by_id.get(id) {
                None => {
                    found.unless(false, Rule::Acknowledged, || {
                        format!(
                            "{unit} acknowledged {command} ({}) with {id}, and does not have it",
                            answer.name
                        )
                    });
                    // One lost command is one loss, however many events it had.
                    break;
                }
                Some((epoch, event)) => {
                    let place = (answer.epoch, answer.sequence.wrapping_sub(back));
                    let as_said = (*epoch, event.sequence) == place;
                    // What a restored unit took back may stand elsewhere in its journal.
                    found.unless(as_said || index.restored, Rule::Acknowledged, || {
                        format!("{unit} acknowledged {command} with {id} at {place:?}, it stands at {epoch} {}", event.sequence)
                    });
                }
            }
        }
        let led: BTreeSet<_> = index.by_cause.get(command).into_iter().flatten().collect();
        found.unless(
            led == answer.events.iter().collect(),
            Rule::OneOutcome,
            || {
                format!(
                    "{unit} answered {command} with {:?}, it led to {led:?}",
                    answer.events
                )
            },
        );
    }
}

fn delivered(journal: &JournalSeen, all: &[JournalSeen], found: &mut Found) {
    let unit = &journal.unit;
    let mut given = BTreeSet::new();
    for sender in all {
        let Some(line) = sender.links.get(unit) else {
            continue;
        };
        given.extend(line.deliveries.iter().map(|(_, event)| *event));
        let skipped = line.skipped.iter().map(|(_, to)| *to);
        let last = line
            .deliveries
            .iter()
            .map(|(link, _)| *link)
            .chain(skipped)
            .max();
        let received = journal.received.get(&sender.unit).copied();
        // Numbers that a restore skipped at the end of a line carry nothing that could be recorded.
        let carried = line.deliveries.iter().map(|(link, _)| *link).max();
        if let (Some(last), Some(received)) = (last, received) {
            let whole = (carried.unwrap_or(0)..=last).contains(&received);
            found.unless(whole, Rule::Delivered, || {
                format!("{unit} received {received} of {last} from {}", sender.unit)
            });
        }
    }
    if let Some(held) = &journal.held {
        // What a restored unit had given before is no longer among its deliveries.
        let restored = all.iter().filter(|sender| sender.epochs.len() > 1);
        let events = restored.flat_map(|sender| sender.epochs.iter().flat_map(|(_, e)| e));
        given.extend(events.map(|event| event.id).filter(|id| held.contains(id)));
        let missing: Vec<_> = given.difference(held).collect();
        found.unless(missing.is_empty(), Rule::Delivered, || {
            format!("{unit} never received {missing:?}")
        });
        let strange: Vec<_> = held.difference(&given).collect();
        found.unless(strange.is_empty(), Rule::Delivered, || {
            format!("{unit} received {strange:?}, which nobody gave to it")
        });
    }
    let own: usize = journal.epochs.iter().map(|(_, events)| events.len()).sum();
    let whole = (own + given.len()) as u64;
    found.unless(journal.entries == whole, Rule::Delivered, || {
        format!(
            "{unit} has {} entries, but {own} own events and {} given to it",
            journal.entries,
            given.len()
        )
    });
}

fn heard(projector: &ProjectorSeen, journals: &[JournalSeen], found: &mut Found) {
    let mut ends = BTreeMap::new();
    let mut written = BTreeSet::new();
    for journal in journals {
        for (epoch, events) in &journal.epochs {
            if let Some(last) = events.last() {
                ends.insert((journal.unit.clone(), *epoch), last.sequence);
            }
            written.extend(events.iter().map(|event| event.id));
        }
    }
    found.unless(projector.positions == ends, Rule::Heard, || {
        format!(
            "journals end at {ends:?}, the projector heard {:?}",
            projector.positions
        )
    });
    if let Some(held) = &projector.held {
        let differing: Vec<_> = written.symmetric_difference(held).collect();
        found.unless(differing.is_empty(), Rule::Heard, || {
            format!("journals and projector do not both have {differing:?}")
        });
    }
}

fn rebuilt(projector: &ProjectorSeen, found: &mut Found) {
    for other in &projector.rebuilt {
        found.unless(*other == projector.live, Rule::Rebuilt, || {
            format!(
                "the live state is {}, rebuilt it is {other}",
                projector.live
            )
        });
    }
}
