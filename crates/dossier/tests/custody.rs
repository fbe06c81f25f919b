//! Who holds a step: a model of one home and two performers that exchange what they write, run by the
//! real `decide`, `may_write`, `evolve` and habits.
//!
//! The network may lose, delay and repeat. Whoever listens takes the messages of a link in their
//! order, as their numbers allow: a lost message is one that has not been heard yet, and a repeated
//! one is taken in once more without looking at its identity, which is harsher than any journal.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::hash::{Hash, Hasher};

use calendar::{Calendar, Limit, LimitUnit, Moment, parse_moment};
use dossier::case::{Case, Refusal};
use dossier::dossier::{Dossier, Told};
use dossier::fact::Fact;
use dossier::habits;
use dossier::ids::{DossierCode, OfficerId, ProcedureCode, StepKey, UnitId};
use dossier::intake::{Channel, Particulars, PinnedProcedure, Received, Sealed};
use dossier::procedure::{ClockPolicy, RouteStep, WaitEffect};
use dossier::regime::Regime;
use dossier::route::{Dispatch, Dispatched, Standing};
use dossier::step::{Accept, Complete, DeclineStep, StepOutcome};
use stateright::{Checker, HasDiscoveries, Model, Property};
use uuid::Uuid;

const HOME: usize = 0;
const PERFORMERS: [usize; 2] = [1, 2];
/// Turns of the step that are looked at: an offer, another elsewhere, and one more.
const TURNS_MAX: usize = 3;
/// Repetitions of a message that are heard, anywhere.
const REPEATS_MAX: u32 = 2;

const ONE_HOLDER: &str = "at most one unit believes it holds the step";
const ANSWERED_ONCE: &str = "a turn is answered once";
const COMPLETED_ONCE: &str = "a step is completed once";
const NOTHING_CONTESTED: &str = "nothing but a repetition is contested";

fn unit(number: usize) -> UnitId {
    UnitId::parse(["H33-27", "H33-27-91", "H33-27-92"][number]).unwrap()
}

fn step() -> StepKey {
    StepKey::parse("appraisal").unwrap()
}

fn morning() -> Moment {
    parse_moment("2018-01-02T08:00:00+07:00").unwrap()
}

/// A fact as it was written, with the text that it is told apart by.
#[derive(Debug, Clone, PartialEq)]
struct Written {
    fact: Fact,
    text: String,
}

#[derive(Debug, Clone, PartialEq)]
struct State {
    /// What each unit wrote, in its own order.
    written: [Vec<Written>; 3],
    /// The dossier as each unit knows it.
    dossiers: [Dossier; 3],
    /// How much of each sender's a unit has heard.
    heard: [[usize; 3]; 3],
    /// How many repetitions each unit has taken in.
    repeated: [u32; 3],
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for written in self.written.iter().flatten() {
            written.text.hash(state);
        }
        // The checker takes states of one hash for one state, so that all of a dossier counts.
        format!("{:?}", self.dossiers).hash(state);
        self.heard.hash(state);
        self.repeated.hash(state);
    }
}

impl State {
    fn evolve(&mut self, at: usize, by: usize, number: usize) {
        let id = Uuid::from_u128((by * 100 + number) as u128);
        let fact = &self.written[by][number].fact;
        self.dossiers[at].evolve(
            &Told {
                id,
                by: &unit(by),
                at: morning(),
                parents: &[],
            },
            fact,
        );
    }

    fn write(&mut self, by: usize, facts: Vec<Fact>) {
        for fact in facts {
            let text = format!("{by} {fact:?}");
            self.written[by].push(Written { fact, text });
            self.evolve(by, by, self.written[by].len() - 1);
        }
    }

    /// Takes a message in; the home goes on by itself, as it does in service.
    fn hear(&mut self, to: usize, from: usize, number: usize) {
        let fact = self.written[from][number].fact.clone();
        let allowed = self.dossiers[to].may_write(&unit(from), &fact).is_ok();
        self.evolve(to, from, number);
        if to == HOME && allowed {
            let facts = habits::home(&case(&unit(HOME), &self.dossiers[HOME]), &fact);
            self.write(HOME, facts);
        }
    }

    fn holds(&self, performer: usize) -> bool {
        let dossier = &self.dossiers[performer];
        let mine = dossier
            .walk
            .turns
            .get(&step())
            .and_then(|turns| turns.last());
        mine.is_some_and(|turn| turn.to == unit(performer))
            && matches!(
                dossier.standing(&step()),
                Standing::Offered | Standing::Taken
            )
    }

    fn answers(&self, turn: u32) -> usize {
        let facts = PERFORMERS
            .iter()
            .flat_map(|performer| &self.written[*performer]);
        facts
            .filter(|written| match &written.fact {
                Fact::StepAccepted(f) => f.turn == turn,
                Fact::StepDeclined(f) => f.turn == turn,
                _ => false,
            })
            .count()
    }

    fn completions(&self) -> usize {
        let facts = PERFORMERS
            .iter()
            .flat_map(|performer| &self.written[*performer]);
        facts
            .filter(|written| matches!(written.fact, Fact::StepCompleted(_)))
            .count()
    }
}

fn case<'a>(me: &'a UnitId, dossier: &'a Dossier) -> Case<'a> {
    Case {
        me,
        at: morning(),
        officer: None,
        dossier,
        calendar: Calendar::published(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Accept(usize),
    Decline(usize),
    Complete(usize),
    Dispatch {
        to: usize,
    },
    /// Not in the rules: the home gives the step to another without asking.
    TakeBack {
        to: usize,
    },
    Hear {
        to: usize,
        from: usize,
    },
    HearAgain {
        to: usize,
        from: usize,
        number: usize,
    },
}

struct Custody {
    unilateral: bool,
}

impl Custody {
    fn decided(
        state: &State,
        by: usize,
        command: impl FnOnce(&Case<'_>) -> Result<Vec<Fact>, Refusal>,
    ) -> Option<State> {
        let facts = command(&case(&unit(by), &state.dossiers[by])).ok()?;
        let mut next = state.clone();
        next.write(by, facts);
        Some(next)
    }

    fn taken_back(state: &State, to: usize) -> Option<State> {
        let dossier = &state.dossiers[HOME];
        if !matches!(
            dossier.standing(&step()),
            Standing::Offered | Standing::Taken
        ) {
            return None;
        }
        let turn = dossier.walk.turns[&step()].len() as u32 + 1;
        let mut next = state.clone();
        next.write(HOME, vec![Fact::Dispatched(dispatched(turn, to))]);
        Some(next)
    }
}

impl Model for Custody {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let code = DossierCode::parse("000.00.27.H33-180102-0001").unwrap();
        let unheard = Dossier::at(code, unit(HOME));
        let mut state = State {
            written: Default::default(),
            dossiers: [unheard.clone(), unheard.clone(), unheard],
            heard: [[0; 3]; 3],
            repeated: [0; 3],
        };
        state.write(HOME, vec![received()]);
        let facts = habits::home(&case(&unit(HOME), &state.dossiers[HOME]), &received());
        state.write(HOME, facts);
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let home = &state.dossiers[HOME];
        let turns = home.walk.turns.get(&step()).map_or(0, Vec::len);
        for performer in PERFORMERS {
            actions.extend([
                Action::Accept(performer),
                Action::Decline(performer),
                Action::Complete(performer),
            ]);
            if turns < TURNS_MAX {
                actions.push(Action::Dispatch { to: performer });
                if self.unilateral {
                    actions.push(Action::TakeBack { to: performer });
                }
            }
            let mut links = vec![(HOME, performer)];
            if home.engaged().contains(&unit(performer)) {
                links.push((performer, HOME));
            }
            for (to, from) in links {
                if state.heard[to][from] < state.written[from].len() {
                    actions.push(Action::Hear { to, from });
                }
                if state.repeated.iter().sum::<u32>() < REPEATS_MAX {
                    let heard = 0..state.heard[to][from];
                    actions.extend(heard.map(|number| Action::HearAgain { to, from, number }));
                }
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let reason = || "Không thuộc thẩm quyền".to_owned();
        match action {
            Action::Accept(by) => {
                Self::decided(state, by, |case| Accept { step: step() }.decide(case))
            }
            Action::Decline(by) => Self::decided(state, by, |case| {
                DeclineStep {
                    step: step(),
                    reason: reason(),
                }
                .decide(case)
            }),
            Action::Complete(by) => {
                let done = Complete {
                    step: step(),
                    outcome: StepOutcome::Approved,
                    documents: Vec::new(),
                };
                Self::decided(state, by, |case| done.decide(case))
            }
            Action::Dispatch { to } => {
                let elsewhere = Dispatch {
                    step: step(),
                    to: unit(to),
                    reason: reason(),
                };
                Self::decided(state, HOME, |case| elsewhere.decide(case))
            }
            Action::TakeBack { to } => Self::taken_back(state, to),
            Action::Hear { to, from } => {
                let mut next = state.clone();
                next.hear(to, from, state.heard[to][from]);
                next.heard[to][from] += 1;
                Some(next)
            }
            Action::HearAgain { to, from, number } => {
                let mut next = state.clone();
                next.hear(to, from, number);
                next.repeated[to] += 1;
                Some(next)
            }
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_HOLDER, |_, state: &State| {
                PERFORMERS
                    .iter()
                    .filter(|performer| state.holds(**performer))
                    .count()
                    <= 1
            }),
            Property::always(ANSWERED_ONCE, |_, state: &State| {
                (1..=TURNS_MAX as u32).all(|turn| state.answers(turn) <= 1)
            }),
            Property::always(COMPLETED_ONCE, |_, state: &State| state.completions() <= 1),
            Property::always(NOTHING_CONTESTED, |_, state: &State| {
                (0..3).all(|unit| state.dossiers[unit].contested <= state.repeated[unit])
            }),
            Property::sometimes("the first addressee completes it", |_, state: &State| {
                let home = &state.dossiers[HOME];
                home.outcome.ready_at.is_some() && home.walk.turns[&step()].len() == 1
            }),
            Property::sometimes(
                "another completes it after a decline",
                |_, state: &State| {
                    let home = &state.dossiers[HOME];
                    home.outcome.ready_at.is_some() && home.walk.turns[&step()].len() == 2
                },
            ),
        ]
    }
}

fn received() -> Fact {
    let limit = Limit::new(5, LimitUnit::WorkingDays).unwrap();
    Fact::Received(Box::new(Received {
        channel: Channel::Direct,
        procedure: PinnedProcedure {
            code: ProcedureCode::parse("2.000720").unwrap(),
            version: "2018.1".to_owned(),
            name: "Cấp giấy phép".to_owned(),
            field: "Kinh doanh".to_owned(),
            basis: "NĐ 61/2018/NĐ-CP".to_owned(),
        },
        competent: unit(HOME),
        overseer: None,
        applicant: Sealed {
            key: Uuid::from_u128(7),
            sealed: "bWF0".to_owned(),
        },
        delegate: None,
        papers: Vec::new(),
        route: vec![RouteStep {
            key: step(),
            task: "Thẩm định".to_owned(),
            unit: unit(PERFORMERS[0]),
            department: None,
            inputs: Vec::new(),
            limit,
            after_payment: false,
            option: None,
            returns_result: false,
        }],
        clock: ClockPolicy::of(WaitEffect::Restart, WaitEffect::Pause),
        limit,
        due_at: None,
        calendar: Calendar::published().version().to_owned(),
        regime: Regime::Qd09,
        particulars: Particulars::default(),
        receipt: true,
        officer: OfficerId::parse("cb-01").unwrap(),
    }))
}

fn dispatched(turn: u32, to: usize) -> Dispatched {
    Dispatched {
        step: step(),
        turn,
        to: unit(to),
        task: "Thẩm định".to_owned(),
        limit: Limit::new(2, LimitUnit::WorkingDays).unwrap(),
        department: None,
        documents: Vec::new(),
        reason: Some("Thu hồi".to_owned()),
    }
}

#[test]
fn a_step_has_one_holder_and_one_answer_whatever_the_network_does() {
    let checker = Custody { unilateral: false }.checker().spawn_bfs().join();
    checker.assert_properties();
    assert!(
        checker.unique_state_count() > 1_000,
        "{} states are too few to mean anything",
        checker.unique_state_count()
    );
}

#[test]
fn an_offer_taken_back_by_the_home_alone_breaks_it() {
    let checker = Custody { unilateral: true }
        .checker()
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let broken = checker.discovery(ONE_HOLDER);
    assert!(
        broken.is_some(),
        "two holders were expected among {} states",
        checker.unique_state_count()
    );
}
