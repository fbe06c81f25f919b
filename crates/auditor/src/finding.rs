//! What a check found.

use std::collections::BTreeMap;
use std::fmt;

use envelope::TreeHead;

/// More findings than this are counted but not listed.
const LISTED_MAX: usize = 1_000;

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// The file as a whole.
    Whole,
    /// The row of the register of keys of this unit.
    Key(String),
    /// This one of the heads, counted from 0.
    Head(usize),
    /// This one of a bundle's events, counted from 0, with its id where that can be read.
    Event(usize, Option<uuid::Uuid>),
    /// This entry of an exported journal.
    Entry(u64),
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("the file"),
            Self::Key(unit) => write!(f, "keys of {unit}"),
            Self::Head(number) => write!(f, "head {number}"),
            Self::Event(number, None) => write!(f, "event {number}"),
            Self::Event(number, Some(id)) => write!(f, "event {number} ({id})"),
            Self::Entry(index) => write!(f, "entry {index}"),
        }
    }
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it is about.
    pub place: Where,
    /// What is wrong.
    pub what: String,
}

/// The outcome of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What does not hold; at most the first 1,000.
    pub faults: Vec<Fault>,
    /// How much does not hold.
    pub fault_count: u64,
    /// Events or entries that were looked at.
    pub events: u64,
    /// Heads that hold, by their number in the file.
    pub heads: BTreeMap<usize, TreeHead>,
    /// What holds only under a condition, and what is not proved: for people.
    pub conditions: Vec<String>,
}

impl Report {
    /// Whether everything holds.
    pub fn is_sound(&self) -> bool {
        self.fault_count == 0
    }

    pub(crate) fn fault(&mut self, place: Where, what: impl fmt::Display) {
        self.fault_count += 1;
        if self.faults.len() < LISTED_MAX {
            let what = what.to_string();
            self.faults.push(Fault { place, what });
        }
    }
}
