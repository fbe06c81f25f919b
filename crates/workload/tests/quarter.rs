//! How the invented quarter of 2018 comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod house;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use calendar::{Calendar, Moment, is_open, parse_moment};
use dossier::ids::UnitId;
use dossier::promise::Timeliness;
use house::{House, quarter, registers};
use workload::{Counts, Player, Tally};

const SEED: u64 = 2018;
const DISTRICT: &str = "H33-27";

fn end() -> Moment {
    parse_moment("2018-03-31T23:59:59+07:00").unwrap()
}

fn played(seed: u64, scale: Option<u32>, swap: bool) -> (Tally, House) {
    let mut player = Player::new(quarter(seed, scale));
    let mut house = House::new(registers());
    house.play(&mut player, swap);
    (player.tally(end()), house)
}

/// The whole quarter, played once for all tests that only look at it.
static WHOLE: LazyLock<(Tally, House)> = LazyLock::new(|| played(SEED, None, false));

fn district(tally: &Tally) -> Counts {
    tally.total(|unit| unit.as_str() == DISTRICT)
}

fn communes(tally: &Tally) -> Counts {
    tally.total(|unit| unit.as_str() != DISTRICT)
}

#[test]
fn the_quarter_of_the_article_comes_out_of_drawn_paces_and_the_real_calendar() {
    let (tally, house) = &*WHOLE;
    assert!(
        house.refused.is_empty(),
        "{:#?}",
        &house.refused[..house.refused.len().min(3)]
    );
    let (district, communes) = (district(tally), communes(tally));
    println!(
        "district {district:#?}\ncommunes {communes:#?}\n{:#?}",
        house.commands
    );
    assert_eq!((district.received(), communes.received()), (11_452, 17_182));
    let rate = district.in_force.on_time_rate().unwrap();
    assert!(
        (0.993..=0.998).contains(&rate),
        "on time at the district: {rate}"
    );
    assert!(
        communes.in_force.on_time_rate().unwrap() >= 0.999,
        "{communes:?}"
    );
    let land = tally.units[&UnitId::parse(DISTRICT).unwrap()]["Đất đai"];
    assert!(
        land.in_force.late * 10 >= district.in_force.late * 6,
        "late: {} land of {}",
        land.in_force.late,
        district.in_force.late
    );
    assert!(
        district.original.late > district.in_force.late,
        "an apology changes the date in force only"
    );
    assert!(communes.received_online > 0 && district.declined > 0 && communes.declined > 0);
    assert_eq!(
        district.received_online + communes.received_online,
        house::received_online(house)
    );
    for counts in tally.units.values().flat_map(|fields| fields.values()) {
        let not_judged = counts.withdrawn + counts.stopped;
        for judged in [counts.in_force, counts.original] {
            assert_eq!(
                counts.received(),
                judged.resolved() + judged.open() + not_judged
            );
        }
    }
}

/// The player judges by what it saw; a dossier judges by its own promise.
#[test]
fn the_tally_and_the_promise_of_each_dossier_judge_alike() {
    let (tally, house) = &*WHOLE;
    let mut judged = BTreeMap::new();
    for dossier in house.dossiers.values() {
        let outcome = &dossier.outcome;
        let Some(ended_at) = outcome.ready_at.or(outcome.refused_at) else {
            continue;
        };
        let promise = &dossier.promise;
        let timeliness = promise.due_at.zip(promise.limit).map(|(due_at, limit)| {
            Timeliness::of(promise.counted_until(ended_at), due_at, limit.unit())
        });
        *judged.entry(timeliness).or_insert(0_u64) += 1;
    }
    let count = |timeliness| judged.get(&timeliness).copied().unwrap_or(0);
    let all = tally.total(|_| true).in_force;
    assert_eq!(
        (all.early, all.on_time, all.late, all.no_limit),
        (
            count(Some(Timeliness::Early)),
            count(Some(Timeliness::OnTime)),
            count(Some(Timeliness::Late)),
            count(None)
        )
    );
}

#[test]
fn every_kind_of_work_occurs() {
    let (_, house) = &*WHOLE;
    for command in [
        "register",
        "receive",
        "decline",
        "dispatch",
        "give_supplement",
        "confirm_payment",
        "apologise",
        "withdraw",
        "stop",
        "return_result",
        "accept",
        "decline_step",
        "assign",
        "need_supplement",
        "ask_opinion",
        "give_opinion",
        "assess_obligation",
        "send_back",
        "complete",
    ] {
        assert!(
            house.commands.get(command).copied().unwrap_or(0) > 0,
            "{command} never occurs"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_quarter_whatever_is_told_first() {
    let (one, house_one) = played(7, Some(600), false);
    let (two, house_two) = played(7, Some(600), true);
    assert_eq!(one, two);
    assert_eq!(house_one.dossiers, house_two.dossiers);
    assert_eq!(quarter(7, Some(600)).plans, quarter(7, Some(600)).plans);
    assert_ne!(quarter(7, Some(600)).plans, quarter(8, Some(600)).plans);
}

#[test]
fn a_scaled_quarter_keeps_the_proportions() {
    let (tally, house) = played(SEED, Some(1_000), false);
    assert!(house.refused.is_empty(), "{:#?}", house.refused);
    assert_eq!(
        (district(&tally).received(), communes(&tally).received()),
        (400, 600)
    );
    assert_eq!(tally.units.len(), 11);
}

#[test]
fn people_come_when_desks_are_open_and_nobody_is_real() {
    let quarter = quarter(SEED, Some(3_000));
    let calendar = Calendar::published();
    for plan in &quarter.plans {
        assert!(
            is_open(calendar, plan.arrives_at).unwrap(),
            "{}",
            plan.arrives_at
        );
        assert!(plan.registered_at.is_none_or(|at| at < plan.arrives_at));
        assert!(plan.applicant.name.ends_with("(giả định)"));
        assert!(
            plan.applicant
                .id_number
                .as_deref()
                .is_some_and(|id| id.starts_with("000"))
        );
    }
    let days: BTreeSet<_> = quarter
        .plans
        .iter()
        .map(|plan| plan.arrives_at.date_naive())
        .collect();
    let tet = |day: &str| days.contains(&day.parse().unwrap());
    assert!(!tet("2018-02-14") && !tet("2018-02-20") && tet("2018-02-13") && tet("2018-02-21"));
}

#[test]
fn commands_keep_their_identity_and_no_two_share_one() {
    let actions = |swap: bool| {
        let mut player = Player::new(quarter(3, Some(300)));
        let mut house = House::new(registers());
        house.play(&mut player, swap);
        let ids: BTreeSet<_> = house
            .dossiers
            .values()
            .flat_map(|d| d.heads.clone())
            .collect();
        (house.commands, ids.len())
    };
    assert_eq!(actions(false), actions(true));
    let mut player = Player::new(quarter(3, Some(300)));
    let first = player.due(end()).unwrap();
    let ids: BTreeSet<_> = first.iter().map(|action| action.id).collect();
    assert_eq!(ids.len(), first.len());
}

#[test]
fn what_is_open_on_the_last_evening_stays_open() {
    let (tally, _) = played(SEED, Some(2_000), false);
    let counts = tally.total(|_| true);
    assert!(counts.in_force.open() > 0);
    let quarter = quarter(SEED, Some(10));
    assert_eq!(
        quarter.ends_at,
        parse_moment("2018-04-01T00:00:00+07:00").unwrap()
    );
}
