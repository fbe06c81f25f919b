//! What the broker does with what it is asked, and what a node does with what reaches it.

use std::sync::Arc;
use std::time::Duration;

use exchange::inflow::Question;
use exchange::log;
use exchange::settings::Timing;

use super::broker::Spec;
use super::flaw::Flaw;
use super::happening::{Happening, Word};
use super::mail::Said;
use super::network::Node;
use super::post::{Ask, away};
use super::stream::Lane;
use super::world::World;

impl World {
    /// A node asks the broker for something.
    pub(super) fn ask(&mut self, from: Node, ask: Ask) {
        let (ask, life) = (Arc::new(ask), self.life(from));
        for delay in self.network.carry(from, &mut self.chance) {
            let ask = Arc::clone(&ask);
            self.agenda
                .after(delay, Happening::AtBroker { from, life, ask });
        }
    }

    /// The broker gives something to a node.
    fn give(&mut self, to: Node, life: u64, word: Word) {
        let word = Arc::new(word);
        for delay in self.network.carry(to, &mut self.chance) {
            let word = Arc::clone(&word);
            self.agenda
                .after(delay, Happening::AtNode { to, life, word });
        }
    }

    /// The name of the consumer through which a node receives.
    pub(super) fn durable(&self, node: Node) -> String {
        match self.places.get(node) {
            Some(place) => format!("inbox-{}", place.name),
            None => "projector".to_owned(),
        }
    }

    fn spec(&self, node: Node) -> Spec {
        let to = self.places.get(node).map(|place| place.name.to_owned());
        Spec {
            lane: if to.is_some() {
                Lane::Inbox
            } else {
                Lane::Event
            },
            to,
            ack_wait: Timing::default().ack_wait,
        }
    }

    pub(super) fn at_broker(&mut self, from: Node, life: u64, ask: &Ask) {
        if !self.broker.up {
            return;
        }
        let now = self.agenda.now();
        match ask {
            Ask::Look { number } => {
                let unit = self.places.get(from).map_or("", |place| place.name);
                let seen = self.broker.look(unit, now);
                let number = *number;
                self.give(from, life, Word::Streams { number, seen });
            }
            Ask::Publish { ticket, id, parcel } => {
                let to = exchange::subject::read_inbox(&parcel.subject);
                let lost = self.chance.per_mille(self.broker.loses);
                let word = match self.broker.publish(id, parcel.clone(), lost, now) {
                    Some(number) => Word::Confirmed {
                        ticket: *ticket,
                        number,
                    },
                    None => Word::NoStream { ticket: *ticket },
                };
                self.give(from, life, word);
                match to {
                    Some(to) => self.pump(&format!("inbox-{}", to.to)),
                    None => self.pump("projector"),
                }
            }
            Ask::Open { session, afresh } => {
                let (durable, spec) = (self.durable(from), self.spec(from));
                self.broker
                    .open(&durable, spec, (from, *session), *afresh, now);
                self.pump(&durable);
            }
            Ask::Acknowledge(number) => {
                let durable = self.durable(from);
                self.broker.acknowledge(&durable, *number);
                self.pump(&durable);
            }
            Ask::Announce(parcel) => {
                for to in 0..=self.places.len() {
                    let life = self.life(to);
                    self.give(to, life, Word::Checkpoint(Arc::clone(parcel)));
                }
            }
            Ask::Question { number, question } => self.route(from, life, *number, question),
            Ask::Page {
                to,
                life,
                number,
                body,
            } => {
                let (number, body) = (*number, body.clone());
                self.give(*to, *life, Word::Page { number, body });
            }
            Ask::Beat { session } => {
                let durable = self.durable(from);
                if self.broker.serves(&durable, (from, *session)) {
                    let session = *session;
                    self.give(from, life, Word::Alive { session });
                }
            }
        }
    }

    /// A question goes to whom it is for, if anyone is there to answer.
    fn route(&mut self, from: Node, life: u64, number: u64, question: &Question) {
        let to = match question {
            Question::Links { origin, .. } | Question::Sequences { origin, .. } => {
                self.places.iter().position(|place| place.name == origin)
            }
            Question::Held { .. } => Some(self.reader_node()),
        };
        let there = to.filter(|to| !self.network.cut.contains(to) && self.is_there(*to));
        match there {
            Some(to) => {
                let word = Word::Question {
                    from,
                    life,
                    number,
                    question: question.clone(),
                };
                let life = self.life(to);
                self.give(to, life, word);
            }
            None => self.give(from, life, Word::Nobody { number }),
        }
    }

    fn is_there(&self, node: Node) -> bool {
        self.lives(node, self.life(node))
    }

    /// A consumer gives out what it has to give out now.
    pub(super) fn pump(&mut self, durable: &str) {
        let now = self.agenda.now();
        let reader = self.broker.readers();
        let Some((_, to)) = reader.into_iter().find(|(name, _)| name == durable) else {
            return;
        };
        let life = self.life(to);
        for delivery in self.broker.deliveries(durable, now) {
            self.give(to, life, Word::Delivery(delivery));
        }
        if let Some(at) = self.broker.again_at(durable) {
            let at = at.max(now + Duration::from_millis(1));
            let sooner = self.again.get(durable).is_none_or(|known| at < *known);
            if sooner {
                self.again.insert(durable.to_owned(), at);
                self.agenda.at(at, Happening::Again(durable.to_owned()));
            }
        }
    }

    pub(super) fn at_node(&mut self, node: Node, word: &Word) {
        let now = self.agenda.now();
        if let Word::Question {
            from,
            life,
            number,
            question,
        } = word
        {
            if let Some(body) = self.answered(node, question) {
                let page = Ask::Page {
                    to: *from,
                    life: *life,
                    number: *number,
                    body,
                };
                self.ask(node, page);
            }
            return;
        }
        let Some(post) = self.post(node) else { return };
        match word {
            Word::Streams { number, seen } => post.streams(*number, *seen, now),
            Word::Confirmed { ticket, number } => post.confirmed(*ticket, *number),
            Word::NoStream { ticket } => post.refused(*ticket, now),
            Word::Delivery(delivery) => post.delivered(delivery.clone(), now),
            Word::Checkpoint(parcel) => post.inflow.checkpoint(parcel, now),
            Word::Page { number, body } => {
                let page = match body {
                    Ok(body) => log::read_page("", body),
                    Err((code, reason)) => Err(away(&format!("{code}: {reason}"))),
                };
                post.page(*number, page, now);
            }
            Word::Nobody { number } => post.page(*number, Err(away("nobody is there")), now),
            Word::Alive { session } => post.alive(*session, now),
            Word::Question { .. } => {}
        }
    }

    /// A unit reads its journal to others, a projector what it holds of anyone.
    fn answered(&self, node: Node, question: &Question) -> Option<Result<Vec<u8>, (u16, String)>> {
        if self.flaw == Flaw::AnswersNobody {
            return None;
        }
        let payload = question.payload();
        match self.desks.get(node) {
            Some(_) => Some(log::answer(self.read_out(node)?, &payload)),
            None => {
                let reading = self.reader.as_ref()?;
                Some(log::answer_held(&reading.journal, &payload))
            }
        }
    }

    /// A unit answers a caller.
    pub(super) fn say(&mut self, unit: Node, command: usize, said: Said) {
        if !self.broker.up {
            return;
        }
        let callers = self.places.len() + 1;
        let first = self.network.carry(unit, &mut self.chance);
        let second = self.network.carry(callers, &mut self.chance);
        if let (Some(first), Some(second)) = (first.first(), second.first()) {
            let said = said.clone();
            self.agenda.after(
                *first + *second,
                Happening::AtCaller {
                    unit,
                    command,
                    said,
                },
            );
        }
    }
}
