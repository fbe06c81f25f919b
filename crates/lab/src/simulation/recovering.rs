//! A unit whose disk was lost and whose journal is an old backup: it asks everyone who can know how
//! far it had come, and writes nothing until it has taken that back. What it decides is the service's
//! own search; here its questions are carried, or not.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use envelope::sign::parse_signature;
use envelope::{Event, KeyId, Signed};
use exchange::inflow::Question;
use exchange::log::{self, Page};
use exchange::parcel::Parcel;
use exchange::subject;
use journal::Journal;
use serde_json::json;
use tokio::runtime::Builder;
use unit::core::Core;
use unit::recovery::findings::Findings;
use unit::recovery::plan::Plan;
use unit::recovery::search::{Ask, Search, Told};
use unit::recovery::taking::{Account, carry_out};

use super::happening::Happening;
use super::level::AtLevel;
use super::network::Node;
use super::world::World;

/// Between two rounds of questions.
const ASKS_EVERY: Duration = Duration::from_secs(2);
/// Between two looks whether a disk may be lost.
const LOSES_EVERY: Duration = Duration::from_secs(1);
/// Events asked for at once.
const PAGE_EVENTS: u64 = 500;

/// A unit that does not know yet how far it had come.
pub(super) struct Recovering {
    pub(super) journal: Journal,
    core: Core<AtLevel>,
    search: Search,
}

impl World {
    /// A backup is made now; the fault `place` restores it when it ends.
    pub(super) fn back_up(&mut self, place: usize, node: Node) {
        let (Some(machine), Some(Some(living))) = (self.machines.get(node), self.desks.get(node))
        else {
            return;
        };
        match machine.disk.back_up(&living.journal) {
            Ok(backup) => {
                self.backups.insert(place, backup);
            }
            Err(error) => self.wrong.push(format!("a backup failed: {error:#}")),
        }
    }

    /// The disk of a unit is lost, once everything on it is known to somebody else: what nobody was
    /// told is lost with a disk, and no program can change that.
    pub(super) fn lose(&mut self, place: usize, node: Node) {
        if !self.backups.contains_key(&place) {
            return;
        }
        let known = match (self.desks.get(node), &self.reader) {
            (Some(Some(living)), Some(reading)) => {
                let state = reading.projector.state();
                let key = (
                    self.places.get(node).map(|place| place.id.clone()),
                    living.journal.epoch(),
                );
                let heard = key
                    .0
                    .and_then(|id| state.positions().get(&(id, key.1)).copied());
                let heard = heard.map_or(0, |position| position.sequence);
                heard == living.journal.last_sequence() && living.writes_nothing()
            }
            _ => false,
        };
        if !known {
            self.agenda
                .after(LOSES_EVERY, Happening::Lose { place, node });
            return;
        }
        let at = self.clock(node).to_rfc3339();
        self.end(node, true);
        let (Some(machine), Some(backup)) = (self.machines.get(node), self.backups.remove(&place))
        else {
            return;
        };
        if let Err(error) = machine.disk.lose(&backup, &at) {
            self.wrong
                .push(format!("a backup is not restored: {error:#}"));
        }
    }

    /// A restored unit begins to ask.
    pub(super) fn recover(&mut self, node: Node, journal: Journal, core: Core<AtLevel>) {
        let Some(me) = self.places.get(node) else {
            return;
        };
        let keys = Arc::clone(&self.ground.keys);
        let findings = Findings::new(me.id.clone(), keys, journal.links());
        let ended = journal.ended_epochs().into_iter();
        let findings = findings.leaving_out(ended.map(|(epoch, _)| epoch));
        let others = self.places.iter().filter(|place| place.id != me.id);
        let others = others.map(|place| place.id.clone()).collect();
        let search = Search::new(findings, journal.epoch(), journal.last_sequence(), others);
        let life = self.life(node);
        self.recovering.insert(
            node,
            Recovering {
                journal,
                core,
                search,
            },
        );
        self.agenda
            .after(LOSES_EVERY, Happening::Search(node, life));
    }

    /// A round of questions; when everybody has answered, everything is taken back.
    pub(super) fn search(&mut self, node: Node) {
        let Some(mut recovering) = self.recovering.remove(&node) else {
            return;
        };
        for ask in recovering.search.asks() {
            if let Some(told) = self.carried(node, &recovering.journal, &ask) {
                recovering.search.told(&ask, told);
            }
        }
        match recovering.search.plan() {
            None => {
                let life = self.life(node);
                self.recovering.insert(node, recovering);
                self.agenda.after(ASKS_EVERY, Happening::Search(node, life));
            }
            Some(Err(conflict)) => self.wrong.push(conflict.to_string()),
            Some(Ok(plan)) => {
                let now = self.agenda.now();
                let missing = plan.missing.len() as u64;
                let numbers = [node as u64, plan.taken_back(), missing];
                self.trace.note(now, "took back", &numbers);
                if let Err(error) = self.take_back(node, recovering, plan) {
                    self.wrong
                        .push(format!("a unit does not recover: {error:#}"));
                }
                self.start(node);
            }
        }
    }

    fn take_back(
        &mut self,
        node: Node,
        mut recovering: Recovering,
        plan: Plan,
    ) -> anyhow::Result<()> {
        let account = Account {
            restored: recovering.journal.restored().context("not restored")?,
            at: self.clock(node),
            decided: String::new(),
        };
        let carried = carry_out(
            &mut recovering.core,
            &recovering.journal,
            &recovering.search,
            plan,
            account,
        );
        Ok(Builder::new_current_thread().build()?.block_on(carried)?)
    }

    /// What a question brings, if it gets through and somebody is there.
    fn carried(&mut self, node: Node, journal: &Journal, ask: &Ask) -> Option<Told> {
        let way = self.network.carry(node, &mut self.chance);
        if !self.broker.up || way.is_empty() {
            return None;
        }
        let me = self.places.get(node)?;
        let page: Page = match ask {
            Ask::Broker => return Some(self.recalled(me.name, journal)),
            Ask::Holders {
                epoch,
                from_sequence,
            } => {
                let question = Question::Held {
                    origin: me.name.to_owned(),
                    epoch: *epoch,
                    from_sequence: *from_sequence,
                    limit: PAGE_EVENTS,
                };
                let reading = self.reader.as_ref()?;
                let body = log::answer_held(&reading.journal, &question.payload()).ok()?;
                log::read_page("", &body).ok()?
            }
            Ask::Unit { unit, from_link } => {
                let other = self.places.iter().position(|place| place.id == *unit)?;
                let line = (&self.network.cut, &self.network.swallowed);
                if line.0.contains(&other) || line.1.contains(&other) {
                    return None;
                }
                let question =
                    json!({ "origin": me.name, "from_link": from_link, "limit": PAGE_EVENTS });
                let journal = self.read_out(other)?;
                let body = log::answer(journal, question.to_string().as_bytes()).ok()?;
                log::read_page("", &body).ok()?
            }
        };
        let events = page.events.into_iter();
        Some(Told {
            events: events.map(|event| (event.signed, event.link)).collect(),
            deliveries: Vec::new(),
            position: page.position,
            more: page.more,
        })
    }

    /// What the broker's streams still hold of a unit's own.
    fn recalled(&self, me: &str, journal: &Journal) -> Told {
        let mut told = Told::default();
        for parcel in self.broker.sent_by(me) {
            let to = subject::read_inbox(&parcel.subject).map(|read| read.to.to_string());
            let link = parcel.link.as_deref().and_then(|link| link.parse().ok());
            if let (Some(to), Some(link)) = (to, link) {
                told.deliveries.push((to, link));
            }
            let lost = signed(parcel).filter(|signed| !holds(journal, signed));
            told.events.extend(lost.map(|signed| (signed, None)));
        }
        told
    }

    /// The journal that a unit reads out to others, also while it recovers.
    pub(super) fn read_out(&self, node: Node) -> Option<&Journal> {
        let living = self.desks.get(node)?.as_ref().map(|living| &living.journal);
        living.or_else(|| Some(&self.recovering.get(&node)?.journal))
    }
}

/// Whether a journal has the event.
fn holds(journal: &Journal, signed: &Signed) -> bool {
    let event = Event::read(&signed.bytes);
    event.is_ok_and(|event| journal.contains(&event.id).unwrap_or(false))
}

fn signed(parcel: &Parcel) -> Option<Signed> {
    Some(Signed {
        bytes: parcel.payload.clone(),
        signature: parse_signature(parcel.signature.as_deref()?).ok()?,
        key: KeyId::parse(parcel.key.as_deref()?).ok()?,
    })
}
