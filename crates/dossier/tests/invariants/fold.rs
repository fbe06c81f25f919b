//! Histories that units could have written, folded in every way that the network allows.

use std::collections::BTreeMap;

use calendar::{Calendar, Moment};
use dossier::case::Case;
use dossier::dossier::{Dossier, Told};
use dossier::fact::{Fact, Writer};
use dossier::habits;
use dossier::ids::{StepKey, UnitId};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::Index;
use uuid::Uuid;

use crate::facts::{fact, turn_of};
use crate::intake_facts::received;
use crate::world::{code, home, moment, unit};

/// One event, as far as the fold looks at it.
#[derive(Debug, Clone)]
struct Event {
    id: Uuid,
    by: UnitId,
    at: Moment,
    parents: Vec<Uuid>,
    fact: Fact,
}

impl Event {
    fn told(&self) -> Told<'_> {
        Told {
            id: self.id,
            by: &self.by,
            at: self.at,
            parents: &self.parents,
        }
    }
}

fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Dossier {
    let mut dossier = Dossier::at(code(), home());
    for event in events {
        dossier.evolve(&event.told(), &event.fact);
    }
    dossier
}

/// Something that a unit says, and a number to aim it with.
type Said = (UnitId, Fact, Moment, Index);

fn said(most: usize) -> impl Strategy<Value = Vec<Said>> {
    vec((unit(), fact(), moment(), any::<Index>()), 0..most)
}

/// Makes a fact one that could be written now: by the unit that holds a turn, about that turn.
fn aimed(dossier: &Dossier, (by, mut fact, at, index): Said) -> (UnitId, Fact, Moment) {
    if let Fact::Dispatched(given) = &mut fact {
        given.turn = dossier.walk.turns.get(&given.step).map_or(0, Vec::len) as u32 + 1;
        return (home(), fact, at);
    }
    let turns: Vec<(&StepKey, u32, &UnitId)> = dossier
        .walk
        .turns
        .iter()
        .flat_map(|(step, turns)| {
            (1u32..)
                .zip(turns)
                .map(move |(n, turn)| (step, n, &turn.to))
        })
        .collect();
    if let Some((step, turn)) = turn_of(&mut fact) {
        if turns.is_empty() {
            return (by, fact, at);
        }
        let (its_step, its_turn, to) = turns[index.index(turns.len())];
        (*step, *turn) = (its_step.clone(), its_turn);
        return (to.clone(), fact, at);
    }
    match fact.writer() {
        Writer::Overseer => (by, fact, at),
        // Whoever was given any step had personal data in hand.
        Writer::KeyHolder if !turns.is_empty() => {
            let (_, _, to) = turns[index.index(turns.len())];
            (to.clone(), fact, at)
        }
        _ => (home(), fact, at),
    }
}

/// A history in which every unit keeps to its right and names what it knew.
fn honest(first: Fact, said: Vec<Said>) -> Vec<Event> {
    let mut dossier = Dossier::at(code(), home());
    let mut events: Vec<Event> = Vec::new();
    let start = calendar::parse_moment("2018-01-02T08:00:00+07:00").unwrap();
    let mut tell = |dossier: &mut Dossier, by: UnitId, fact: Fact, at: Moment| {
        if dossier.may_write(&by, &fact).is_err() {
            return;
        }
        let id = Uuid::from_u128(events.len() as u128 * 7_919 % 10_007);
        let event = Event {
            id,
            by,
            at,
            parents: dossier.heads.clone(),
            fact,
        };
        dossier.evolve(&event.told(), &event.fact);
        events.push(event);
    };
    tell(&mut dossier, home(), first, start);
    for one in said {
        let (by, fact, at) = aimed(&dossier, one);
        tell(&mut dossier, by, fact, at);
    }
    events
}

/// The same events in another order: each writer's own is kept, and nobody is heard before the
/// dispatch, or the reception, that gave them the right to speak.
fn interleaved(events: &[Event], choices: &[Index]) -> Vec<Event> {
    let mut queues: BTreeMap<&UnitId, Vec<&Event>> = BTreeMap::new();
    for event in events.iter().rev() {
        queues.entry(&event.by).or_default().push(event);
    }
    let mut order = Vec::new();
    let mut choices = choices.iter().cycle();
    loop {
        let known = fold(&order);
        let ready: Vec<&UnitId> = queues
            .iter()
            .filter(|(_, queue)| {
                queue
                    .last()
                    .is_some_and(|next| known.may_write(&next.by, &next.fact).is_ok())
            })
            .map(|(unit, _)| *unit)
            .collect();
        if ready.is_empty() {
            break;
        }
        let next = choices.next().map_or(0, |choice| choice.index(ready.len()));
        order.extend(queues.get_mut(ready[next]).and_then(Vec::pop).cloned());
    }
    assert_eq!(
        order.len(),
        events.len(),
        "somebody was never allowed to speak"
    );
    order
}

/// Who may state a fact, told without looking into the dossier: the home, the addressee of the
/// turn, the overseer named at reception.
#[derive(Default)]
struct Rights {
    received: bool,
    overseer: Option<UnitId>,
    turns: BTreeMap<StepKey, Vec<UnitId>>,
}

impl Rights {
    fn hold(&self, by: &UnitId, fact: &Fact) -> bool {
        match fact.writer() {
            Writer::Desk => *by == home() && !self.received,
            Writer::Home => *by == home() && self.received,
            Writer::Overseer => self.overseer.as_ref() == Some(by),
            Writer::Custodian => *by == home(),
            Writer::KeyHolder => {
                *by == home() || self.turns.values().flatten().any(|unit| unit == by)
            }
            Writer::Itself => false,
            Writer::Performer(step, turn) => {
                let given = self
                    .turns
                    .get(step)
                    .and_then(|turns| turns.get((turn as usize).checked_sub(1)?));
                given == Some(by)
            }
        }
    }

    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Received(received) => {
                self.received = true;
                self.overseer.clone_from(&received.overseer);
            }
            Fact::Dispatched(given) => {
                self.turns
                    .entry(given.step.clone())
                    .or_default()
                    .push(given.to.clone());
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn invariant_3_a_fact_moves_nothing_unless_its_writer_has_the_right(
        first in received(),
        said in said(60),
        aims in vec(any::<bool>(), 60),
    ) {
        let mut dossier = Dossier::at(code(), home());
        let mut rights = Rights::default();
        let start = calendar::parse_moment("2018-01-02T08:00:00+07:00").unwrap();
        let reception = (home(), first, start);
        let script = std::iter::once((reception, None))
            .chain(said.into_iter().zip(aims).map(|(one, aim)| ((one.0.clone(), one.1.clone(), one.2), aim.then_some(one))));
        for (as_said, to_aim) in script {
            let (by, fact, at) = to_aim.map_or(as_said, |one| aimed(&dossier, one));
            let before = dossier.clone();
            let allowed = dossier.may_write(&by, &fact).is_ok();
            prop_assert!(!allowed || rights.hold(&by, &fact), "{} wrote {:?}", by, fact);
            dossier.evolve(&Told { id: Uuid::nil(), by: &by, at, parents: &[] }, &fact);
            if allowed {
                prop_assert_eq!(dossier.contested, before.contested);
                rights.note(&fact);
            } else {
                let mut unmoved = dossier.clone();
                unmoved.contested -= 1;
                unmoved.heads.clone_from(&before.heads);
                prop_assert_eq!(unmoved, before);
            }
        }
    }

    #[test]
    fn invariant_6_any_interleaving_of_the_writers_tells_the_same_dossier(
        first in received(),
        said in said(40),
        choices in vec(any::<Index>(), 1..40),
    ) {
        let events = honest(first, said);
        let told = fold(&events);
        prop_assert_eq!(told.contested, 0);
        prop_assert_eq!(&fold(&interleaved(&events, &choices)), &told);
        // The order that a projector takes: the home's own first, then everybody else's.
        let (mut own, others): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.by == home());
        own.extend(others);
        prop_assert_eq!(fold(&own), told);
    }

    #[test]
    fn invariant_7_the_same_history_tells_the_same_dossier_again(first in received(), said in said(40)) {
        let events = honest(first, said);
        prop_assert_eq!(fold(&events), fold(&events));
    }

    #[test]
    fn invariant_7_what_is_said_of_personal_data_moves_nothing_else(first in received(), said in said(40)) {
        let events = honest(first, said);
        let of_data = |event: &&Event| {
            matches!(event.fact.writer(), Writer::Custodian | Writer::KeyHolder)
        };
        let told = fold(&events);
        let without = fold(events.iter().filter(|event| !of_data(event)));
        prop_assert_eq!(without.status(), told.status());
        prop_assert_eq!(without.intake, told.intake);
        prop_assert_eq!(without.promise, told.promise);
        prop_assert_eq!(without.supplements, told.supplements);
        prop_assert_eq!(without.payments, told.payments);
        prop_assert_eq!(without.walk, told.walk);
        prop_assert_eq!(without.work, told.work);
        prop_assert_eq!(without.alerts, told.alerts);
        prop_assert_eq!(without.outcome, told.outcome);
        prop_assert_eq!(without.contested, told.contested);
    }

    #[test]
    fn invariant_8_the_first_promise_is_never_overwritten(first in received(), said in said(40)) {
        let Fact::Received(received) = &first else { unreachable!() };
        let (due_at, received) = (received.due_at, received.clone());
        let dossier = fold(&honest(first, said));
        prop_assert_eq!(dossier.promise.original_due_at, due_at);
        prop_assert_eq!(dossier.received(), Some(received.as_ref()));
    }

    #[test]
    fn invariant_9_the_same_case_gives_the_same_habits(first in received(), said in said(40)) {
        let events = honest(first, said);
        let dossier = fold(&events);
        for event in &events {
            let me = home();
            let case = Case {
                me: &me, at: event.at, officer: None, dossier: &dossier, calendar: Calendar::published(),
            };
            let done = habits::home(&case, &event.fact);
            prop_assert_eq!(&habits::home(&case, &event.fact), &done);
            // And what a home does by itself is its own to do.
            for fact in &done {
                prop_assert!(matches!(fact.writer(), Writer::Home | Writer::Custodian));
            }
        }
    }
}
