//! The interconnected groups of 2026 as a commune takes them in, with the limits of NĐ 301/2026 art. 5,
//! 6 and 10, and what a home hears and sees in them.

use calendar::{Calendar, Limit, Moment, parse_moment};
use dossier::case::Case;
use dossier::fact::Fact;
use dossier::habits;
use dossier::ids::{ProcedureCode, UnitId};
use dossier::intake::Channel;
use dossier::procedure::{ClockPolicy, Procedure, RouteStep, WaitEffect};
use dossier::receive::Receive;
use dossier::regime::Group;
use tests::given::{Line, Story, at, given};

use crate::cast::*;
use crate::facts::*;

/// 9 September 2026 is a Wednesday.
pub fn september(day: u32, time: &str) -> Moment {
    parse_moment(&format!("2026-09-{day:02}T{time}:00+07:00")).unwrap()
}

pub fn home_affairs() -> UnitId {
    unit("H33-27-95")
}

pub fn health() -> UnitId {
    unit("H33-27-96")
}

fn step(name: &str, by: UnitId, inputs: &[&str], limit: Limit) -> RouteStep {
    RouteStep {
        limit,
        returns_result: true,
        ..route_step(name, by, inputs)
    }
}

fn asked_for(option: &str, step: RouteStep) -> RouteStep {
    RouteStep {
        option: Some(option.to_owned()),
        ..step
    }
}

/// Supplements and confirmations on VNeID are not counted (NĐ 301/2026 art. 3.4, 6.3).
fn clock() -> ClockPolicy {
    ClockPolicy {
        consent: WaitEffect::Pause,
        consent_time_out: Some(working_days(5)),
        ..ClockPolicy::of(WaitEffect::Pause, WaitEffect::None)
    }
}

/// Birth, then residence beside health insurance; the identity card, for who asks for it, builds on
/// the residence.
pub fn birth() -> Procedure {
    Procedure {
        code: ProcedureCode::parse("3.000722").unwrap(),
        limit: working_days(3),
        papers: Vec::new(),
        clock: clock(),
        group: Group::Birth,
        route: vec![
            step("birth", commune(), &[], Limit::hours(24)),
            step("residence", police(), &["birth"], working_days(2)),
            step("insurance", insurance(), &["birth"], working_days(2)),
            asked_for(
                "the_can_cuoc",
                step("id_card", police(), &["residence"], working_days(5)),
            ),
        ],
        ..licence()
    }
}

/// Death, then residence beside one of three benefits by what the deceased was entitled to; who drew
/// a monthly benefit has it stopped before.
pub fn death() -> Procedure {
    let after = &["death", "stop_benefit"];
    Procedure {
        code: ProcedureCode::parse("2.002913").unwrap(),
        limit: working_days(20),
        group: Group::Death,
        route: vec![
            step("death", commune(), &[], Limit::hours(24)),
            step("residence", police(), &["death"], working_days(1)),
            asked_for(
                "dang_huong_tro_cap",
                step("stop_benefit", insurance(), &["death"], working_days(2)),
            ),
            asked_for("bhxh", step("funeral", insurance(), after, working_days(8))),
            asked_for(
                "nguoi_co_cong",
                step("merit", home_affairs(), after, working_days(18)),
            ),
            asked_for(
                "bao_tro",
                step("protection", health(), after, working_days(3)),
            ),
        ],
        ..birth()
    }
}

pub fn online(options: &[&str]) -> Receive {
    Receive {
        channel: Channel::Online,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        ..receive(Vec::new())
    }
}

/// Received on Wednesday 9 September 2026 at 9:00.
pub fn received_in_group(procedure: &Procedure, options: &[&str]) -> Story {
    given(commune(), [])
        .at_the_desk(september(9, "09:00"), procedure, |desk| {
            online(options).decide(desk)
        })
        .done()
}

/// What a step given out in a group says.
pub fn given_out(procedure: &Procedure, name: &str, turn: u32) -> dossier::route::Dispatched {
    let step = procedure.route.iter().find(|step| step.key == key(name));
    let step = step.unwrap();
    dossier::route::Dispatched {
        limit: step.limit,
        ..dispatched(name, turn, step.unit.clone())
    }
}

/// A step of the birth group is given out on 9 September.
pub fn out(name: &str, time: &str) -> Line {
    let given_at = september(9, time);
    at(given_at, Fact::Dispatched(given_out(&birth(), name, 1)))
}

/// The birth is being registered.
pub fn at_the_registrar() -> Story {
    let taken_at = september(9, "10:00");
    received_in_group(&birth(), &[]).and([
        out("birth", "10:00"),
        at(taken_at, accepted("birth", 1, september(10, "10:00"))),
    ])
}

/// The birth is registered, and the police were given the residence at `time`.
pub fn at_the_police(time: &str) -> Story {
    at_the_registrar().and([
        at(september(9, "10:30"), completed("birth", 1)),
        out("residence", time),
    ])
}

/// The names of the steps in the route that was pinned, with what each waits for.
pub fn route_of(story: &Story) -> Vec<(String, Vec<String>)> {
    let steps = &story.dossier().received().unwrap().route;
    let names = |step: &RouteStep| step.inputs.iter().map(ToString::to_string).collect();
    steps
        .iter()
        .map(|step| (step.key.to_string(), names(step)))
        .collect()
}

fn home_at<T>(story: &Story, at: Moment, look: impl FnOnce(&Case<'_>) -> T) -> T {
    look(&Case {
        me: &commune(),
        at,
        officer: None,
        dossier: story.dossier(),
        calendar: Calendar::published(),
    })
}

/// A performer wrote something at one moment and the home hears it at another: all that the home
/// then writes, and what follows from that.
pub fn heard(story: Story, line: Line, fact: &Fact, hears_at: Moment) -> (Story, Vec<Fact>) {
    let mut story = story.and([line]);
    let mut done = Vec::new();
    let mut waiting = home_at(&story, hears_at, |case| habits::home(case, fact));
    while !waiting.is_empty() {
        let next = waiting.remove(0);
        story = story.and([at(hears_at, next.clone())]);
        waiting.extend(home_at(&story, hears_at, |case| habits::home(case, &next)));
        done.push(next);
    }
    (story, done)
}

/// What the home does by itself because it is `now`.
pub fn seen_at(story: &Story, now: Moment) -> Vec<Fact> {
    home_at(story, now, habits::in_time)
}

/// When the home looks at the dossier next, if nothing happens.
pub fn next_look(story: &Story) -> Option<Moment> {
    habits::next_look(story.dossier(), Calendar::published())
}
