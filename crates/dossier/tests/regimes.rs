//! The table of the regimes, row by row: what each rules, where it says so, and how well that is known.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Debug;

use calendar::{Limit, Moment, parse_moment};
use dossier::procedure::WaitEffect::{Pause, Restart};
use dossier::promise::Wait;
use dossier::regime::ClockStart::{OnCompetentReceipt, OnReceipt};
use dossier::regime::Known::{Assumed, Inferred, Read};
use dossier::regime::{Group, Known, Regime, Ruled};

/// A rule of the table is this value, known this well, by a text that contains this.
fn ruled<T: PartialEq + Debug + Copy>(found: Ruled<T>, value: T, known: Known, basis: &str) {
    assert_eq!((found.value, found.known), (value, known), "{found:?}");
    assert!(found.basis.contains(basis), "{found:?}");
    // What rests on a text names it; what is only assumed says that the text is missing, or that
    // the measure is the system's own.
    let named = ["điều", "không quy định", "chưa đọc"];
    assert!(
        named.iter().any(|word| found.basis.contains(word)),
        "{found:?}"
    );
}

const NOT_COUNTED: &[Wait] = &[Wait::Supplement, Wait::Consent, Wait::Incident];

#[test]
fn nd61_art_17_1c_the_clock_starts_with_the_receipt() {
    let rules = Regime::Nd61.rules();
    ruled(rules.start, OnReceipt, Read, "điều 17 khoản 1 điểm c");
    ruled(rules.start_outside, OnReceipt, Inferred, "điều 17, 18");
}

#[test]
fn nd61_art_18_2_after_15_hours_only_the_hand_over_waits() {
    let rules = Regime::Nd61.rules();
    ruled(rules.late_start, false, Inferred, "điều 18 khoản 2");
}

#[test]
fn nd61_art_19_4_a_supplement_is_noticed_in_three_days_and_restarts_the_clock() {
    let rules = Regime::Nd61.rules();
    ruled(rules.supplement, Restart, Read, "điều 19 khoản 4");
    let three = Some(Limit::working_days(3));
    ruled(rules.supplement_notice, three, Read, "điều 19 khoản 4");
    ruled(
        rules.supplement_rounds,
        None,
        Inferred,
        "điều 17 khoản 2 điểm a",
    );
    ruled(rules.supplement_time_out, None, Inferred, "không quy định");
    ruled(rules.not_counted, &[][..], Inferred, "không quy định");
}

#[test]
fn nd61_art_19_8_a_refusal_comes_within_the_limit() {
    let rules = Regime::Nd61.rules();
    ruled(rules.refusal_within_limit, true, Read, "điều 19 khoản 8");
}

#[test]
fn nd61_art_19_9_one_apology_one_day_ahead() {
    let rules = Regime::Nd61.rules();
    ruled(rules.apologies, 1, Read, "điều 19 khoản 9");
    ruled(rules.apology_days_ahead, 1, Read, "điều 19 khoản 9");
}

#[test]
fn nd61_art_39_1_and_tt01_art_17_how_late_a_fact_is_recorded_is_the_systems_own_measure() {
    for regime in Regime::ALL {
        let rules = regime.rules();
        let (day, fortnights) = (Limit::working_days(1), Limit::working_days(15));
        ruled(rules.record_within, day, Assumed, "TT 01/2018/TT-VPCP");
        ruled(
            rules.paper_record_within,
            fortnights,
            Assumed,
            "điều 39 khoản 1",
        );
    }
}

#[test]
fn messages_have_a_time_only_in_the_groups_of_nd301_art_5_4() {
    for regime in Regime::ALL {
        let rules = regime.rules();
        if regime == Regime::Nd63Nd301 {
            ruled(rules.send_within_minutes, Some(10), Read, "điều 5 khoản 4");
            ruled(
                rules.acknowledge_within_minutes,
                Some(120),
                Read,
                "điều 5 khoản 4",
            );
        } else {
            assert_eq!(rules.send_within_minutes.value, None);
            assert_eq!(rules.acknowledge_within_minutes.value, None);
            assert_ne!(rules.send_within_minutes.known, Read);
            assert_ne!(rules.acknowledge_within_minutes.known, Read);
        }
    }
}

#[test]
fn qd09_was_not_found_and_nothing_of_it_is_said_to_be_known() {
    let rules = Regime::Qd09.rules();
    ruled(rules.start, OnReceipt, Assumed, "chưa đọc");
    ruled(rules.start_outside, OnReceipt, Assumed, "chưa đọc");
    ruled(rules.not_counted, &[][..], Assumed, "chưa đọc");
    ruled(rules.supplement, Restart, Assumed, "chưa đọc");
    ruled(rules.supplement_rounds, None, Assumed, "chưa đọc");
    ruled(rules.supplement_notice, None, Assumed, "chưa đọc");
    ruled(rules.supplement_time_out, None, Assumed, "chưa đọc");
    ruled(rules.apologies, 1, Assumed, "chưa đọc");
    ruled(rules.apology_days_ahead, 1, Assumed, "chưa đọc");
    ruled(rules.refusal_within_limit, true, Assumed, "chưa đọc");
    ruled(rules.late_start, false, Assumed, "chưa đọc");
}

#[test]
fn nd118_art_19_was_not_found_and_is_left_to_the_procedures_version() {
    for regime in [Regime::Nd118, Regime::Nd118Nd309] {
        let rules = regime.rules();
        let three = Some(Limit::working_days(3));
        ruled(rules.not_counted, &[][..], Assumed, "chưa đọc");
        ruled(rules.supplement, Restart, Assumed, "chưa đọc");
        ruled(rules.supplement_rounds, None, Assumed, "chưa đọc");
        ruled(rules.supplement_notice, three, Assumed, "chưa đọc");
        ruled(rules.supplement_time_out, None, Assumed, "chưa đọc");
        ruled(rules.apologies, 1, Assumed, "chưa đọc");
        ruled(rules.apology_days_ahead, 1, Assumed, "chưa đọc");
        ruled(rules.refusal_within_limit, true, Assumed, "chưa đọc");
    }
    let rules = Regime::Nd118.rules();
    ruled(rules.start, OnReceipt, Inferred, "điều 17");
    ruled(rules.start_outside, OnReceipt, Assumed, "điều 14, 17");
    ruled(rules.late_start, false, Inferred, "điều 18 khoản 2");
}

#[test]
fn nd309_art_8_3_outside_its_territory_the_clock_starts_at_the_competent_agency() {
    let rules = Regime::Nd118Nd309.rules();
    ruled(
        rules.start,
        OnReceipt,
        Read,
        "NĐ 309/2026/NĐ-CP điều 8 khoản 3",
    );
    ruled(
        rules.start_outside,
        OnCompetentReceipt,
        Read,
        "NĐ 309/2026/NĐ-CP điều 8 khoản 3",
    );
}

#[test]
fn nd309_art_9_after_15_hours_only_the_hand_over_waits() {
    let rules = Regime::Nd118Nd309.rules();
    ruled(
        rules.late_start,
        false,
        Inferred,
        "NĐ 309/2026/NĐ-CP điều 9",
    );
}

#[test]
fn nd63_was_read_only_as_amended() {
    let rules = Regime::Nd63.rules();
    ruled(rules.start, OnReceipt, Assumed, "chưa đọc");
    ruled(rules.start_outside, OnReceipt, Assumed, "chưa đọc");
    let citizen = &[Wait::Supplement, Wait::Consent][..];
    ruled(rules.not_counted, citizen, Assumed, "điều 4 khoản 7");
    ruled(rules.supplement, Pause, Assumed, "điều 4 khoản 7");
    ruled(rules.supplement_rounds, None, Assumed, "chưa đọc");
    ruled(rules.supplement_notice, None, Assumed, "chưa đọc");
    ruled(rules.supplement_time_out, None, Assumed, "chưa đọc");
    ruled(rules.apologies, 1, Assumed, "chưa đọc");
    ruled(rules.apology_days_ahead, 1, Assumed, "chưa đọc");
    ruled(rules.refusal_within_limit, true, Assumed, "chưa đọc");
    ruled(rules.late_start, false, Assumed, "chưa đọc");
}

#[test]
fn nd301_art_3_4_what_the_citizen_does_and_an_announced_incident_are_not_counted() {
    let rules = Regime::Nd63Nd301.rules();
    ruled(
        rules.not_counted,
        NOT_COUNTED,
        Read,
        "NĐ 301/2026/NĐ-CP điều 3 khoản 4",
    );
    ruled(
        rules.supplement,
        Pause,
        Read,
        "NĐ 301/2026/NĐ-CP điều 3 khoản 4",
    );
}

#[test]
fn nd301_art_5_2_from_the_competent_agency_and_after_15_hours_from_the_next_day() {
    let rules = Regime::Nd63Nd301.rules();
    ruled(rules.start, OnCompetentReceipt, Read, "điều 5 khoản 2");
    ruled(
        rules.start_outside,
        OnCompetentReceipt,
        Read,
        "điều 5 khoản 2",
    );
    ruled(rules.late_start, true, Read, "điều 5 khoản 2");
}

#[test]
fn nd301_art_5_3_apologises_without_a_number() {
    let rules = Regime::Nd63Nd301.rules();
    ruled(rules.apologies, 1, Assumed, "điều 5 khoản 3");
    ruled(rules.apology_days_ahead, 1, Assumed, "điều 5 khoản 3");
}

#[test]
fn nd301_art_6_and_10_a_day_to_ask_seven_days_to_answer_then_it_is_stopped() {
    let rules = Regime::Nd63Nd301.rules();
    let (day, week) = (Limit::working_days(1), Limit::working_days(7));
    ruled(rules.supplement_notice, Some(day), Read, "điều 6 khoản 3");
    ruled(
        rules.supplement_time_out,
        Some(week),
        Read,
        "điều 6 khoản 1, điều 10",
    );
    ruled(rules.supplement_rounds, None, Inferred, "không nêu số lần");
    ruled(rules.refusal_within_limit, true, Inferred, "điều 6 khoản 1");
}

fn at(text: &str) -> Moment {
    parse_moment(text).unwrap()
}

#[test]
fn the_day_of_reception_in_vietnam_chooses_the_regime() {
    let table = [
        ("2018-06-20T23:59:59+07:00", Regime::Qd09),
        ("2018-06-21T00:00:00+07:00", Regime::Nd61),
        ("2025-06-30T23:59:59+07:00", Regime::Nd61),
        ("2025-07-01T00:00:00+07:00", Regime::Nd118),
        ("2026-08-04T23:59:59+07:00", Regime::Nd118),
        ("2026-08-05T00:00:00+07:00", Regime::Nd118Nd309),
        // The same instants as other machines write them.
        ("2025-06-30T17:00:00Z", Regime::Nd118),
        ("2025-06-30T16:59:59Z", Regime::Nd61),
    ];
    for (text, regime) in table {
        assert_eq!(Regime::of(at(text)), regime, "{text}");
    }
}

#[test]
fn a_group_has_the_regime_of_its_own_decree() {
    let table = [
        ("2018-06-20T08:00:00+07:00", Regime::Qd09),
        ("2024-06-09T23:59:59+07:00", Regime::Nd61),
        ("2024-06-10T00:00:00+07:00", Regime::Nd63),
        ("2025-07-01T08:00:00+07:00", Regime::Nd63),
        ("2026-08-31T23:59:59+07:00", Regime::Nd63),
        ("2026-09-01T00:00:00+07:00", Regime::Nd63Nd301),
    ];
    for (text, regime) in table {
        for group in [Group::Birth, Group::Death] {
            assert_eq!(Regime::for_group(at(text), group), regime, "{text}");
        }
    }
    let later = at("2026-09-01T00:00:00+07:00");
    assert_eq!(Regime::for_group(later, Group::None), Regime::Nd118Nd309);
}

#[test]
fn every_regime_is_named_as_people_cite_it() {
    for regime in Regime::ALL {
        let rules = regime.rules();
        assert!(!rules.name.is_empty());
        let others = Regime::ALL.into_iter().filter(|other| *other != regime);
        for other in others {
            assert_ne!(other.rules().name, rules.name);
            assert_ne!(other.rules().from, rules.from);
        }
    }
}
