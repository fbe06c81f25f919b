//! What holds of every reception and of every move to another version, whatever the procedure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use calendar::{Calendar, DeskDays, Limit, Moment, SaturdayDesk, hanoi, parse_moment};
use chrono::TimeDelta;
use dossier::case::{Case, Refusal};
use dossier::desk::AtTheDesk;
use dossier::dossier::{Dossier, Told};
use dossier::fact::Fact;
use dossier::habits;
use dossier::ids::{DossierCode, OfficerId, ProcedureCode, StepKey, UnitId};
use dossier::intake::{Channel, Received, Sealed};
use dossier::procedure::{ClockPolicy, Procedure, RouteStep, WaitEffect, check_route};
use dossier::receive::Receive;
use dossier::regime::{ClockStart, Group, Regime};
use dossier::repin::MoveVersion;
use dossier::step::{Accept, Complete, StepOutcome};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::{option, sample};
use uuid::Uuid;

const OPTIONS: [&str; 3] = ["a", "b", "c"];

fn home() -> UnitId {
    UnitId::parse("H33-27-04").unwrap()
}

fn officer() -> OfficerId {
    OfficerId::parse("cb-01").unwrap()
}

fn key(number: usize) -> StepKey {
    StepKey::parse(&format!("s{number}")).unwrap()
}

/// A route whose steps build on earlier ones, some of them asked for by options.
fn route() -> impl Strategy<Value = Vec<RouteStep>> {
    let step = (any::<u8>(), option::of(0..OPTIONS.len()), 0..3usize);
    vec(step, 1..7).prop_map(|steps| {
        let resolved = |(number, (inputs, option, unit)): (usize, (u8, Option<usize>, usize))| {
            let inputs = (0..number).filter(|input| inputs & (1 << input) != 0);
            RouteStep {
                key: key(number),
                task: format!("Bước {number}"),
                unit: UnitId::parse(["H33-27-04", "H33-27", "H33-27-91"][unit]).unwrap(),
                department: None,
                inputs: inputs.map(key).collect(),
                limit: Limit::working_days(2),
                after_payment: false,
                option: option.map(|option| OPTIONS[option].to_owned()),
                returns_result: false,
            }
        };
        steps.into_iter().enumerate().map(resolved).collect()
    })
}

fn limit() -> impl Strategy<Value = Limit> + Clone {
    prop_oneof![
        (1u32..60).prop_map(Limit::working_days),
        (1u32..60).prop_map(Limit::days),
        (1u32..60).prop_map(Limit::working_hours),
        (1u32..60).prop_map(Limit::hours),
        Just(Limit::SAME_DAY),
        Just(Limit::NONE_STATED),
    ]
}

fn procedure() -> impl Strategy<Value = Procedure> {
    let group = prop_oneof![Just(Group::None), Just(Group::Birth), Just(Group::Death)];
    let start = option::of(prop_oneof![
        Just(ClockStart::OnReceipt),
        Just(ClockStart::OnCompetentReceipt)
    ]);
    (route(), limit(), group, start).prop_map(|(route, limit, group, start)| Procedure {
        code: ProcedureCode::parse("3.000722").unwrap(),
        version: "1".to_owned(),
        name: "Thủ tục".to_owned(),
        field: "Hộ tịch".to_owned(),
        papers: Vec::new(),
        limit,
        at_once: false,
        clock: ClockPolicy::of(WaitEffect::Restart, WaitEffect::Pause),
        clock_basis: BTreeMap::new(),
        group,
        start,
        route,
        options: OPTIONS.iter().map(|option| (*option).to_owned()).collect(),
        basis: "NĐ 61/2018/NĐ-CP".to_owned(),
    })
}

fn options() -> impl Strategy<Value = Vec<String>> + Clone {
    sample::subsequence(OPTIONS.to_vec(), 0..=OPTIONS.len())
        .prop_map(|chosen| chosen.into_iter().map(str::to_owned).collect())
}

/// A second of 2018 to 2026.
fn moment() -> impl Strategy<Value = Moment> + Clone {
    let first = parse_moment("2018-01-01T00:00:00+07:00").unwrap();
    (0i64..9 * 365 * 86_400).prop_map(move |second| first + TimeDelta::seconds(second))
}

fn channel() -> impl Strategy<Value = Channel> + Clone {
    prop_oneof![
        Just(Channel::Direct),
        Just(Channel::Online),
        Just(Channel::Post)
    ]
}

fn receive(channel: Channel, options: Vec<String>, outside: bool) -> Receive {
    Receive {
        procedure: ProcedureCode::parse("3.000722").unwrap(),
        channel,
        applicant: Sealed {
            key: Uuid::nil(),
            sealed: String::new(),
        },
        delegate: None,
        papers: Vec::new(),
        at_once: false,
        options,
        sets: 1,
        return_by: None,
        paper: None,
        aliases: Vec::new(),
        outside,
    }
}

fn received(
    command: Receive,
    at: Moment,
    procedure: &Procedure,
    competent: &UnitId,
) -> Result<Box<Received>, Refusal> {
    let mut facts = command.decide(&AtTheDesk {
        me: &home(),
        at,
        officer: &officer(),
        procedure,
        competent,
        overseer: None,
        calendar: Calendar::published(),
        desk_days: DeskDays {
            saturday: SaturdayDesk::Morning,
        },
        registered: None,
    })?;
    match facts.swap_remove(0) {
        Fact::Received(received) => Ok(received),
        other => panic!("{other:?}"),
    }
}

/// A dossier whose home performs every step itself.
struct Walker {
    dossier: Dossier,
    told: u128,
}

impl Walker {
    fn case<T>(&self, at: Moment, look: impl FnOnce(&Case<'_>) -> T) -> T {
        let (me, officer) = (home(), officer());
        look(&Case {
            me: &me,
            at,
            officer: Some(&officer),
            dossier: &self.dossier,
            calendar: Calendar::published(),
        })
    }

    /// Writes facts down, and what the home does because of each.
    fn write(&mut self, at: Moment, facts: Vec<Fact>) {
        let mut waiting: std::collections::VecDeque<Fact> = facts.into();
        while let Some(fact) = waiting.pop_front() {
            self.told += 1;
            let by = home();
            let told = Told {
                id: Uuid::from_u128(self.told),
                by: &by,
                at,
                parents: &[],
            };
            self.dossier.evolve(&told, &fact);
            assert_eq!(self.dossier.contested, 0, "{fact:?}");
            waiting.extend(self.case(at, |case| habits::home(case, &fact)));
        }
    }

    /// Does one step that was given out, if there is one.
    fn work(&mut self, at: Moment) -> bool {
        let steps: Vec<StepKey> = self.dossier.walk.turns.keys().cloned().collect();
        for step in steps {
            let accept = Accept { step: step.clone() };
            let Ok(facts) = self.case(at, |case| accept.decide(case)) else {
                continue;
            };
            self.write(at, facts);
            let complete = Complete {
                step,
                outcome: StepOutcome::Approved,
                documents: Vec::new(),
            };
            let facts = self.case(at, |case| complete.decide(case)).unwrap();
            self.write(at, facts);
            return true;
        }
        false
    }
}

/// Every step at the home, so that one writer walks the whole route.
fn all_at_home(mut procedure: Procedure) -> Procedure {
    for step in &mut procedure.route {
        step.unit = home();
    }
    procedure.limit = Limit::working_days(5);
    procedure
}

proptest! {
    #[test]
    fn the_promise_is_never_before_the_reception_and_days_end_on_working_days(
        procedure in procedure(),
        at in moment(),
        channel in channel(),
        options in options(),
        outside in any::<bool>(),
        elsewhere in any::<bool>(),
    ) {
        let competent = if elsewhere { UnitId::parse("H33-27").unwrap() } else { home() };
        let answer = received(receive(channel, options, outside), at, &procedure, &competent);
        let received = match answer {
            Ok(received) => received,
            Err(refusal) => {
                prop_assert!(
                    ["calendar.not_covered", "route.empty"].contains(&refusal.code),
                    "{}", refusal
                );
                return Ok(());
            }
        };
        let particulars = &received.particulars;
        let from = particulars.counted_from.unwrap_or(at);
        prop_assert!(from >= at);
        prop_assert_eq!(received.regime, Regime::for_group(at, procedure.group));
        if let Some(due_at) = received.due_at {
            prop_assert!(due_at >= from);
            let day = Calendar::published().day(due_at.with_timezone(&hanoi()).date_naive()).unwrap();
            let unit = received.limit.unit();
            prop_assert!(unit == calendar::LimitUnit::Hours || day.is_working(), "{} ends {}", received.limit, due_at);
        }
        prop_assert!(elsewhere || particulars.start == ClockStart::OnReceipt);
        if particulars.start == ClockStart::OnCompetentReceipt {
            let handed_over = calendar::hand_over_by(Calendar::published(), at).unwrap();
            prop_assert_eq!(particulars.counted_from, Some(handed_over));
        }
    }

    #[test]
    fn whatever_is_chosen_the_route_can_be_walked_to_its_end(
        procedure in procedure(),
        options in options(),
    ) {
        let procedure = all_at_home(procedure);
        let at = parse_moment("2026-09-09T09:00:00+07:00").unwrap();
        let Ok(received) = received(receive(Channel::Online, options.clone(), false), at, &procedure, &home()) else {
            return Ok(());
        };
        prop_assert_eq!(check_route(&received.route), Ok(()));
        for step in &procedure.route {
            let walked = received.route.iter().any(|own| own.key == step.key);
            prop_assert_eq!(walked, step.option.as_ref().is_none_or(|option| options.contains(option)));
        }
        let code = DossierCode::issue(&home(), at.date_naive(), 1).unwrap();
        let mut told = Walker { dossier: Dossier::at(code, home()), told: 0 };
        told.write(at, vec![Fact::Received(received)]);
        while told.work(at) {}
        prop_assert!(told.dossier.outcome.ready_at.is_some());
    }

    #[test]
    fn a_moved_dossier_keeps_its_promise_and_its_turns_and_can_be_walked_to_its_end(
        procedure in procedure(),
        newer in route(),
        options in options(),
        worked in 0usize..6,
    ) {
        let procedure = all_at_home(procedure);
        let newer = all_at_home(Procedure { version: "2".to_owned(), route: newer, ..procedure.clone() });
        let at = parse_moment("2026-09-09T09:00:00+07:00").unwrap();
        let Ok(received) = received(receive(Channel::Online, options, false), at, &procedure, &home()) else {
            return Ok(());
        };
        let code = DossierCode::issue(&home(), at.date_naive(), 1).unwrap();
        let mut told = Walker { dossier: Dossier::at(code, home()), told: 0 };
        told.write(at, vec![Fact::Received(received)]);
        for _ in 0..worked {
            told.work(at);
        }
        let before = told.dossier.clone();
        let command = MoveVersion { approver: officer(), reason: "Quy trình mới".to_owned(), basis: "QĐ 1".to_owned() };
        match told.case(at, |case| command.decide(case, &newer)) {
            Ok(facts) => {
                told.write(at, facts);
                prop_assert_eq!(check_route(&told.dossier.walk.steps), Ok(()));
                prop_assert_eq!(told.dossier.promise.due_at, before.promise.due_at);
                for (step, turns) in &before.walk.turns {
                    prop_assert_eq!(&told.dossier.walk.turns[step][..turns.len()], &turns[..]);
                    let kept = |dossier: &Dossier| dossier.walk.steps.iter().find(|own| own.key == *step).cloned();
                    prop_assert_eq!(kept(&told.dossier), kept(&before));
                }
                while told.work(at) {}
                prop_assert!(told.dossier.outcome.ready_at.is_some());
            }
            Err(refusal) => prop_assert!(
                ["outcome.settled", "repin.step_given_out", "route.empty"].contains(&refusal.code),
                "{}", refusal
            ),
        }
    }
}
