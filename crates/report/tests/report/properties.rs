//! What holds for every history, period, slice and order.

use calendar::{Calendar, working_minutes_between};
use history::{Cut, Tale, fold};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::Index;
use report::delay::{Owner, Sums, divide};
use report::ii06a::{self, Column, Query};
use report::scope::{Grouping, Role, Scope};
use report::{Judged, Names, Open, Period, RuleSet, index766, register, slip, why};

use crate::play::{courses, play};
use crate::story::{Story, at, period, unit};

fn slice() -> impl Strategy<Value = (RuleSet, Scope, Grouping)> {
    let rules = proptest::sample::select(RuleSet::ALL.to_vec());
    let units = vec![
        None,
        Some(unit("H33-27")),
        Some(unit("H33-27-04")),
        Some(unit("G12-27")),
    ];
    let scope = (
        proptest::sample::select(units),
        proptest::sample::select(vec![Role::Home, Role::Competent]),
        proptest::sample::select(vec![None, Some("Đất đai".to_owned())]),
    );
    let grouping = vec![Grouping::Field, Grouping::Procedure, Grouping::Unit];
    let scope = scope.prop_map(|(unit, role, field)| Scope {
        unit,
        role,
        field,
        procedure: None,
    });
    (rules, scope, proptest::sample::select(grouping))
}

fn any_period() -> impl Strategy<Value = Period> {
    (0u64..70, 0u64..40).prop_map(|(from, days)| {
        let from = at("2018-01-01T00:00").date_naive() + chrono::Days::new(from);
        Period::of_days(from, from + chrono::Days::new(days)).unwrap()
    })
}

fn tales(stories: &[Story], cut: Cut) -> Vec<Tale> {
    stories.iter().map(|story| story.as_of(cut)).collect()
}

proptest! {
    #[test]
    fn the_identities_hold_for_every_slice(
        courses in courses(12),
        (rules, scope, grouping) in slice(),
        period in any_period(),
    ) {
        let stories = play(&courses);
        let query = Query { period, rules, scope, grouping };
        let table = ii06a::table(&tales(&stories, period.cut(None)), query, &Names::default());
        prop_assert_eq!(table.check(), vec![]);
        let sum: usize = table.rows.values().map(|row| row.cell(Column::Received).len()).sum();
        prop_assert_eq!(sum, table.total.cell(Column::Received).len());
        let json = serde_json::to_value(&table).unwrap();
        prop_assert_eq!(serde_json::from_value::<ii06a::Table>(json).unwrap(), table);
    }

    #[test]
    fn column_6_is_column_11_of_the_period_before(
        courses in courses(12),
        (rules, scope, grouping) in slice(),
        days in (1u64..60, 1u64..40),
    ) {
        let stories = play(&courses);
        let first = at("2018-01-01T00:00").date_naive();
        let turn = first + chrono::Days::new(days.0);
        let before = Period::of_days(first, turn - chrono::Days::new(1)).unwrap();
        let after = Period::of_days(turn, turn + chrono::Days::new(days.1)).unwrap();
        let table = |period: Period| {
            let query = Query { period, rules, scope: scope.clone(), grouping };
            ii06a::table(&tales(&stories, period.cut(None)), query, &Names::default())
        };
        prop_assert_eq!(table(after).continues(&table(before)), vec![]);
    }

    #[test]
    fn the_same_statements_give_the_same_report_in_every_order(
        courses in courses(6),
        (rules, scope, grouping) in slice(),
        choices in proptest::collection::vec(any::<Index>(), 1..40),
        upside_down in any::<bool>(),
    ) {
        let stories = play(&courses);
        let period = period("2018-01-01..2018-02-28");
        let mut mixed: Vec<Tale> = stories.iter().map(|story| {
            let mut pool = story.statements.clone();
            let mut order = Vec::new();
            for choice in choices.iter().cycle() {
                if pool.is_empty() { break; }
                order.push(pool.remove(choice.index(pool.len())));
            }
            // Some are heard twice.
            order.extend(story.statements.iter().take(2).cloned());
            fold(&story.code, history::as_known(&order, period.cut(None)))
        }).collect();
        if upside_down {
            mixed.reverse();
        }
        let straight = tales(&stories, period.cut(None));
        let names = Names::default();
        let query = Query { period, rules, scope: scope.clone(), grouping };
        prop_assert_eq!(
            ii06a::table(&mixed, query.clone(), &names),
            ii06a::table(&straight, query, &names)
        );
        prop_assert_eq!(
            register::register(&mixed, period, &scope, &names),
            register::register(&straight, period, &scope, &names)
        );
        let calendar = Calendar::published();
        prop_assert_eq!(
            index766::index(&mixed, period, &scope, calendar).unwrap(),
            index766::index(&straight, period, &scope, calendar).unwrap()
        );
    }

    #[test]
    fn an_open_dossier_is_overdue_from_the_foretold_instant_on(
        courses in courses(6),
        later in 0i64..100_000,
    ) {
        for story in play(&courses) {
            let last = story.statements.iter().map(|told| told.at).max().unwrap();
            let now = last + chrono::TimeDelta::minutes(later);
            for rules in RuleSet::ALL {
                let foretold = rules.overdue_from(&story.dossier);
                let judged = rules.judge(&story.dossier, now).unwrap();
                let overdue = judged == Judged::Open(Open::Overdue);
                prop_assert_eq!(overdue, foretold.is_some_and(|from| from <= now), "{:?} {:?}", rules, foretold);
                let edge = foretold.filter(|from| *from > last);
                for before in edge.iter().map(|from| *from - chrono::TimeDelta::milliseconds(1)) {
                    let judged = rules.judge(&story.dossier, before.max(last)).unwrap();
                    prop_assert!(judged != Judged::Open(Open::Overdue));
                }
            }
        }
    }

    #[test]
    fn the_parts_of_a_dossiers_time_add_up_to_the_whole(
        courses in courses(4),
        later in 0i64..200_000,
    ) {
        let calendar = Calendar::published();
        let now = at("2018-01-02T07:30") + chrono::TimeDelta::minutes(later);
        let cut = Cut { happened_by: now, recorded_by: None };
        let mut divisions = Vec::new();
        for tale in tales(&play(&courses), cut) {
            let Some(division) = divide(&tale, now, calendar).unwrap() else { continue };
            let whole = working_minutes_between(calendar, division.from, division.until).unwrap();
            prop_assert_eq!(division.whole, whole);
            prop_assert_eq!(division.parts.iter().map(|(_, minutes)| minutes).sum::<i64>(), whole);
            prop_assert!(division.parts.iter().all(|(_, minutes)| *minutes >= 0));
            prop_assert!(division.beyond.iter().all(|beyond| beyond.minutes > 0));
            let home_only = division.parts.iter().all(|(owner, _)| matches!(owner, Owner::Home(_)));
            prop_assert!(!home_only || division.beyond.iter().all(|beyond| beyond.step.is_none()));
            divisions.push(division);
        }
        let sums = Sums::of(&divisions);
        let units: i64 = sums.by_unit.values().map(|tally| tally.minutes).sum();
        let steps: i64 = sums.by_step.values().map(|tally| tally.minutes).sum();
        let procedures: i64 = sums.by_procedure.values().map(|tally| tally.minutes).sum();
        let waits: i64 = sums.applicant.values().chain(sums.excluded.values()).sum();
        prop_assert_eq!(units + waits, sums.whole);
        prop_assert_eq!((units, units), (steps, procedures));
    }

    #[test]
    fn every_received_dossier_is_explained_and_has_a_slip(courses in courses(4)) {
        let calendar = Calendar::published();
        let now = at("2018-09-03T08:00");
        for story in play(&courses) {
            let tale = story.tale();
            let why = why::explain(&tale, now, calendar).unwrap().unwrap();
            prop_assert_eq!(why.verdicts.len(), RuleSet::ALL.len());
            prop_assert_eq!(why.due_at, story.dossier.promise.due_at);
            prop_assert!(!why.to_string().contains("Ngày đã ghi là"), "{why}");
            let slip = slip::slip(&tale, now, calendar, &Names::default()).unwrap().unwrap();
            let turns: usize = story.dossier.walk.turns.values().map(Vec::len).sum();
            prop_assert_eq!(slip.rows.len(), turns + 1);
            prop_assert!(slip.rows.iter().all(|row| row.len() == slip.columns.len()));
        }
    }
}

/// The generator reaches what the properties are about: else they would hold of nothing.
#[test]
fn random_histories_reach_every_column_and_every_owner() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let all = proptest::collection::vec(crate::play::course(), 400);
    let stories = play(&all.new_tree(&mut runner).unwrap().current());
    let period = period("2018-01-20..2018-02-05");
    let query = Query {
        period,
        rules: RuleSet::Ii06a,
        scope: Scope::default(),
        grouping: Grouping::Field,
    };
    let tales = tales(&stories, period.cut(None));
    let table = ii06a::table(&tales, query, &Names::default());
    for column in Column::ALL {
        assert!(!table.total.cell(column).is_empty(), "{column:?}");
    }
    for memo in ii06a::Memo::ALL {
        let declined = memo == ii06a::Memo::Declined;
        assert_eq!(table.total.memo(memo).is_empty(), declined, "{memo:?}");
    }
    let calendar = Calendar::published();
    let divisions: Vec<_> = tales
        .iter()
        .filter_map(|tale| divide(tale, period.last(), calendar).unwrap())
        .collect();
    let sums = Sums::of(&divisions);
    assert_eq!(sums.by_unit.len(), 4, "two desks, two performers");
    assert_eq!(sums.applicant.len(), 2, "supplements and payments");
    assert!(sums.by_unit.values().all(|tally| tally.minutes > 0));
    assert!(
        sums.by_step
            .iter()
            .any(|((_, step, _), t)| step.is_some() && t.beyond > 0)
    );
    let turned = |n: usize| stories.iter().any(|s| s.dossier.promise.course.len() >= n);
    assert!(turned(5), "several pauses in one dossier");
    let again = |s: &Story| s.dossier.walk.turns.values().any(|turns| turns.len() > 1);
    assert!(stories.iter().any(again), "steps given out again");
}
