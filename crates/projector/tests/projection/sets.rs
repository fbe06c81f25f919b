//! Invariant 6: whatever the order of arrival and however often, the same state and figures.

use std::collections::BTreeMap;

use dossier::ids::DossierCode;
use envelope::Signed;
use history::Statement;
use projector::counters::{Counters, Month};
use projector::figures;
use projector::query::{Dimension, SummaryQuery};
use projector::row::Row;
use projector::state::State;
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};

use crate::sample::{Course, at, told};
use crate::{batch, by_dossier, directory};

fn course() -> impl Strategy<Value = Course> {
    (
        0..2_u8,
        0..60_u8,
        0..3_u8,
        0..3_u8,
        0..3_u8,
        0..9_u8,
        0..14_u8,
        0..35_u8,
    )
        .prop_map(
            |(home, day, field, channel, limit, path, days, noise)| Course {
                home,
                day,
                field,
                channel,
                limit,
                path,
                days,
                noise,
            },
        )
}

/// Events of some courses, and the same events shuffled with repetitions.
fn arrivals() -> impl Strategy<Value = (Vec<Signed>, Vec<Signed>)> {
    vec(course(), 1..12).prop_flat_map(|courses| {
        let (_, events) = told(&courses);
        let twice: Vec<Signed> = events
            .iter()
            .chain(events.iter().step_by(2))
            .cloned()
            .collect();
        (Just(events), Just(twice).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn invariant_6_any_order_and_repetition_folds_to_the_same_dossier((told, came) in arrivals()) {
        let (told, came) = (by_dossier(&told), by_dossier(&came));
        for (code, statements) in &told {
            let (a, b) = (history::fold(code, statements), history::fold(code, &came[code]));
            prop_assert_eq!(&a, &b);
            prop_assert_eq!(Row::of(&a), Row::of(&b));
            let ids = |s: &[Statement]| history::timeline(s).iter().map(|s| s.id).collect::<Vec<_>>();
            prop_assert_eq!(ids(statements), ids(&came[code]));
        }
    }

    #[test]
    fn invariant_6_event_by_event_equals_all_at_once((told, came) in arrivals()) {
        let mut live = State::default();
        let mut known: BTreeMap<DossierCode, Vec<Statement>> = BTreeMap::new();
        for signed in &came {
            for (code, statements) in by_dossier(std::slice::from_ref(signed)) {
                let all = known.entry(code.clone()).or_default();
                all.extend(statements);
                live.place(&code, &history::fold(&code, all.iter()));
            }
        }
        prop_assert_eq!(live.digest().unwrap(), batch(&told).digest().unwrap());
    }

    #[test]
    fn counters_of_two_projectors_add_up((told, _) in arrivals(), split in 0..12_usize) {
        let state = batch(&told);
        let (mut one, mut other, mut all) = (Counters::default(), Counters::default(), Counters::default());
        for (number, row) in state.rows().enumerate() {
            if number < split { one.add(row) } else { other.add(row) }
            all.add(row);
        }
        one.merge(&other);
        prop_assert_eq!(&one, &all);
        prop_assert_eq!(&all, state.counters());
        for row in state.rows() {
            all.subtract(row);
        }
        prop_assert_eq!(all, Counters::default());
    }

    #[test]
    fn the_identities_of_the_form_hold_for_every_group((told, _) in arrivals(), from in 0..4_u32) {
        let state = batch(&told);
        let from = (from > 0).then(|| format!("2018-{from:02}").parse::<Month>().unwrap());
        let group_by = vec![Dimension::Level, Dimension::Unit, Dimension::Field, Dimension::Channel];
        let query = SummaryQuery { group_by, from, ..SummaryQuery::default() };
        let summary = figures::summary(&state, &directory(), &query, at("2018-02-01T08:00"));
        let all = summary.groups.iter().map(|g| &g.figures).chain([&summary.total]);
        for figures in all {
            let r = figures.received;
            prop_assert_eq!(r.total, r.online + r.direct + r.post);
            for rules in &figures.rules {
                prop_assert_eq!(r.total + figures.carried_over, rules.ended.total() + rules.open.total);
                let open = rules.open;
                prop_assert_eq!(open.total, open.in_time + open.overdue + open.paused);
                prop_assert_eq!(rules.ended, rules.by_end.all());
            }
        }
        let declined: i64 = summary.groups.iter().map(|g| g.figures.declined).sum();
        prop_assert_eq!(declined, summary.total.declined);
    }

    #[test]
    fn cause_comes_before_effect_in_every_timeline((_, came) in arrivals()) {
        for statements in by_dossier(&came).values() {
            let line = history::timeline(statements);
            for (place, statement) in line.iter().enumerate() {
                for later in &line[place..] {
                    prop_assert!(!statement.parents.contains(&later.id));
                    prop_assert!(statement.unit != later.unit || statement.sequence <= later.sequence);
                }
            }
        }
    }
}
