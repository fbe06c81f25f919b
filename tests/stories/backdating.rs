//! What happened and when it was recorded are two times: a difference beyond the regime's limit is
//! refused or, from the paper register, listed for the head (NĐ 61/2018/NĐ-CP art. 39.1).

use calendar::{Calendar, Moment, parse_moment};
use dossier::backdating::{is_listed, permitted};
use dossier::case::Refusal;
use dossier::regime::Regime;

fn at(text: &str) -> Moment {
    parse_moment(&format!("{text}:00+07:00")).unwrap()
}

fn asked(happened: &str, recorded: &str, paper: bool) -> Result<bool, Refusal> {
    let rules = Regime::Nd61.rules();
    let calendar = Calendar::published();
    permitted(rules, at(happened), at(recorded), paper, calendar)
}

fn listed(happened: &str, recorded: &str, paper: bool) -> bool {
    let calendar = Calendar::published();
    is_listed(Regime::Nd61, at(happened), at(recorded), paper, calendar)
}

#[test]
fn within_the_next_working_day_nothing_is_said() {
    // 28 April 2025 is the Monday after a worked Saturday; 30 April to 2 May are off.
    for (happened, recorded) in [
        ("2025-03-12T09:00", "2025-03-12T09:00"),
        ("2025-03-12T09:00", "2025-03-13T23:59"),
        ("2025-03-14T16:30", "2025-03-17T08:00"),
        ("2025-04-29T09:00", "2025-05-05T16:00"),
    ] {
        assert_eq!(asked(happened, recorded, false), Ok(false), "{happened}");
        assert!(!listed(happened, recorded, false));
    }
}

#[test]
fn a_clock_that_goes_wrong_is_no_back_dating() {
    let early = asked("2025-03-12T09:00", "2025-03-12T08:58", false);
    assert_eq!(early, Ok(false));
}

#[test]
fn later_is_refused_with_both_moments_and_the_limit() {
    let refusal = asked("2025-03-12T09:05", "2025-03-14T00:00", false).unwrap_err();
    assert_eq!(refusal.code, "time.too_long_ago");
    for said in [
        "09 giờ 05 phút ngày 12/03/2025",
        "00 giờ 00 phút ngày 14/03/2025",
        "1 ngày làm việc",
        "TT 01/2018/TT-VPCP điều 17",
    ] {
        assert!(refusal.message.contains(said), "{refusal}");
    }
    // Where it stands in a journal all the same, the head sees it.
    assert!(listed("2025-03-12T09:05", "2025-03-14T00:00", false));
}

#[test]
fn nd61_art_39_1_the_paper_register_has_a_longer_limit_of_its_own() {
    // 15 working days after Wednesday 12 March 2025: Wednesday 2 April.
    for (recorded, to_be_listed) in [
        ("2025-03-14T08:00", false),
        ("2025-04-02T23:00", false),
        ("2025-04-03T08:00", true),
        ("2025-12-31T08:00", true),
    ] {
        let answer = asked("2025-03-12T09:05", recorded, true);
        assert_eq!(answer, Ok(to_be_listed), "{recorded}");
        assert_eq!(listed("2025-03-12T09:05", recorded, true), to_be_listed);
    }
}

#[test]
fn a_day_that_no_calendar_covers_is_refused_and_never_silent() {
    let refusal = asked("2009-03-12T09:05", "2025-03-14T08:00", true).unwrap_err();
    assert_eq!(refusal.code, "calendar.not_covered");
    assert!(listed("2009-03-12T09:05", "2025-03-14T08:00", true));
}
