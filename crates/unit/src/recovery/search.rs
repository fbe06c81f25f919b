//! Whom a restored unit asks for what, and when it knows enough. No I/O and no clock: questions come
//! out, answers go in, and whoever carries them tells when one has to be asked again.

use std::collections::BTreeSet;

use dossier::ids::UnitId;
use envelope::Signed;
use uuid::Uuid;

use super::findings::{Conflict, Findings};
use super::plan::Plan;

/// Who answers for the broker's streams.
pub const BROKER: &str = "broker";
/// Whoever holds everybody's events: the projectors.
pub const HOLDERS: &str = "holders";

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// Own events and own deliveries on the broker's streams, from their beginning to their end.
    Broker,
    /// Own events of an epoch, from whoever holds everybody's.
    Holders {
        /// The epoch.
        epoch: Uuid,
        /// From which number on.
        from_sequence: u64,
    },
    /// What a unit received from this one.
    Unit {
        /// Which unit.
        unit: UnitId,
        /// From which number of its line on.
        from_link: u64,
    },
}

impl Ask {
    /// Who is asked: a unit, [`BROKER`], [`HOLDERS`].
    pub fn whom(&self) -> &str {
        match self {
            Self::Broker => BROKER,
            Self::Holders { .. } => HOLDERS,
            Self::Unit { unit, .. } => unit.as_str(),
        }
    }
}

/// What one answer brought.
#[derive(Debug, Default)]
pub struct Told {
    /// Events; with the number of its line where an addressee tells of itself.
    pub events: Vec<(Signed, Option<u64>)>,
    /// Deliveries that the broker holds: addressee and number.
    pub deliveries: Vec<(String, u64)>,
    /// The last number up to which the addressee lacks nothing.
    pub position: Option<u64>,
    /// Whether there is more behind it.
    pub more: bool,
}

/// The search of a restored unit.
#[derive(Debug)]
pub struct Search {
    findings: Findings,
    epoch: Uuid,
    held: u64,
    /// What is to be asked.
    open: BTreeSet<Ask>,
    /// Epochs of which the holders were asked.
    asked: BTreeSet<Uuid>,
    /// Gone on without these.
    without: BTreeSet<String>,
}

impl Search {
    /// Of a journal that is in `epoch` and holds its events up to `held`; `others` are all units
    /// that may have been told something.
    pub fn new(findings: Findings, epoch: Uuid, held: u64, others: Vec<UnitId>) -> Self {
        let mut open = BTreeSet::from([Ask::Broker]);
        for unit in others {
            let link = findings.links.get(unit.as_str()).copied();
            let from_link = link.unwrap_or_default() + 1;
            open.insert(Ask::Unit { unit, from_link });
        }
        let mut search = Self {
            findings,
            epoch,
            held,
            open,
            asked: BTreeSet::new(),
            without: BTreeSet::new(),
        };
        search.ask_holders();
        search
    }

    /// Everything that has to be asked now.
    pub fn asks(&self) -> Vec<Ask> {
        self.open.iter().cloned().collect()
    }

    /// An answer to `ask`. One to a question that is no longer open changes nothing.
    pub fn told(&mut self, ask: &Ask, told: Told) {
        if !self.open.remove(ask) {
            return;
        }
        for (to, link) in &told.deliveries {
            self.findings.link(to, *link);
        }
        match ask {
            Ask::Broker => {
                for (signed, _) in &told.events {
                    self.findings.event(BROKER, signed);
                }
            }
            Ask::Holders {
                epoch,
                from_sequence,
            } => {
                for (signed, _) in &told.events {
                    self.findings.event(HOLDERS, signed);
                }
                let next = told.events.iter().filter_map(|(signed, _)| {
                    let event = envelope::Event::read(&signed.bytes).ok()?;
                    Some(event.sequence + 1)
                });
                // A page that brings nothing further would be asked for without end.
                let next = next.max().filter(|next| next > from_sequence);
                if let Some(from_sequence) = next.filter(|_| told.more) {
                    let epoch = *epoch;
                    let ask = Ask::Holders {
                        epoch,
                        from_sequence,
                    };
                    self.open.insert(ask);
                }
            }
            Ask::Unit { unit, from_link } => self.told_by(unit, *from_link, &told),
        }
        self.ask_holders();
    }

    fn told_by(&mut self, unit: &UnitId, from_link: u64, told: &Told) {
        let to = unit.as_str();
        self.findings.link(to, told.position.unwrap_or_default());
        let mut next = from_link;
        for (signed, link) in &told.events {
            self.findings.event(to, signed);
            if let Some(link) = link {
                self.findings.link(to, *link);
                next = next.max(*link + 1);
            }
        }
        if told.more && next > from_link {
            let ask = Ask::Unit {
                unit: unit.clone(),
                from_link: next,
            };
            self.open.insert(ask);
        }
    }

    /// An officer decided not to wait for these; names as [`Search::waits_for`] gives them.
    pub fn go_on_without(&mut self, names: &[String]) {
        let named = |ask: &Ask| names.iter().any(|name| name == ask.whom());
        self.without.extend(
            self.open
                .iter()
                .filter(|ask| named(ask))
                .map(|ask| ask.whom().to_owned()),
        );
        self.open.retain(|ask| !named(ask));
    }

    /// Who has not said everything yet: units, [`BROKER`], [`HOLDERS`].
    pub fn waits_for(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.open.iter().map(Ask::whom).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Who was gone on without.
    pub fn without(&self) -> Vec<String> {
        self.without.iter().cloned().collect()
    }

    /// What is known.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// What follows, once everybody has answered.
    ///
    /// # Errors
    /// [`Conflict`] when two different events bear one number.
    pub fn plan(&self) -> Option<Result<Plan, Conflict>> {
        let known = self.open.is_empty();
        known.then(|| Plan::of(&self.findings, self.epoch, self.held))
    }

    /// The holders are asked for every epoch that anyone has told of, once.
    fn ask_holders(&mut self) {
        let epochs = self.findings.events.keys().copied();
        for epoch in epochs.chain([self.epoch]) {
            if self.asked.insert(epoch) {
                let held = if epoch == self.epoch { self.held } else { 0 };
                let from_sequence = held + 1;
                let ask = Ask::Holders {
                    epoch,
                    from_sequence,
                };
                self.open.insert(ask);
            }
        }
    }
}
