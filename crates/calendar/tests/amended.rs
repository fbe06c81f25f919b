//! Days declared after the register was published. Unless said otherwise they are made up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calendar::{Calendar, CalendarError, Declaration, Limit, due, parse_moment};
use chrono::NaiveDate;
use serde_json::{Value, json};

const REGISTER: &str = include_str!("../../../deploy/registers/calendar-2018-2026.csv");

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The register as it stood before 25 December 2025, when the swap of 2 January was agreed to.
fn before_the_swap() -> Calendar {
    let rows = REGISTER
        .lines()
        .filter(|row| !row.starts_with("2026-01-02") && !row.starts_with("2026-01-10"));
    Calendar::from_csv("thử", &rows.collect::<Vec<_>>().join("\n")).unwrap()
}

fn declaration(days: &Value) -> Declaration {
    let written = json!({ "days": days, "basis": "Văn bản thử", "published_on": "2025-12-25" });
    serde_json::from_value(written).unwrap()
}

/// A row of `date kind name pair`, in the order of [`declaration`].
fn day(date: &str, kind: &str, pair: Option<&str>) -> Value {
    let ordinary = matches!(kind, "working" | "weekend");
    let name = if ordinary { "" } else { "Ngày thử" };
    json!({ "date": date, "kind": kind, "name": name, "pair": pair })
}

fn swap(off: &str, worked: &str) -> Declaration {
    declaration(&json!([
        day(off, "swapped_off", Some(worked)),
        day(worked, "swapped_working", Some(off)),
    ]))
}

fn refusal(calendar: &Calendar, days: &Value) -> String {
    let refused = calendar.amended(&declaration(days), 1).unwrap_err();
    assert!(
        matches!(refused, CalendarError::Declaration { number: 1, .. }),
        "{refused}"
    );
    refused.to_string()
}

#[test]
fn the_swap_of_january_2026_announced_a_week_ahead_moves_a_due_date() {
    let before = before_the_swap();
    let after = before
        .amended(&swap("2026-01-02", "2026-01-10"), 1)
        .unwrap();
    let received = parse_moment("2026-01-07T09:00:00+07:00").unwrap();
    let due_on = |calendar: &Calendar| {
        let reckoning = due(calendar, received, Limit::working_days(3)).unwrap();
        reckoning.due_at.unwrap().date_naive()
    };
    assert_eq!(due_on(&before), date("2026-01-12"));
    assert_eq!(due_on(&after), date("2026-01-10"));

    let worked = after.day(date("2026-01-10")).unwrap();
    assert_eq!(worked.reason(), "làm bù cho ngày nghỉ hoán đổi 02/01/2026");
    assert_eq!(worked.basis, "Văn bản thử");
    // Declared late or published early, the days are the same.
    let published = Calendar::published();
    let mut at = published.first();
    while at <= published.last() {
        let kinds = [after.day(at).unwrap().kind, published.day(at).unwrap().kind];
        assert_eq!(kinds[0], kinds[1], "{at}");
        at = at.succ_opt().unwrap();
    }
}

#[test]
fn each_declaration_has_a_version_of_its_own_and_keeps_the_base() {
    let base = Calendar::published();
    let first = base.amended(&swap("2026-10-16", "2026-10-24"), 1).unwrap();
    let second = first.amended(&swap("2026-11-23", "2026-11-28"), 2).unwrap();
    assert_eq!(first.version(), "vn-2018-2026.1+1");
    assert_eq!(second.version(), "vn-2018-2026.1+2");
    assert_eq!(base.version(), "vn-2018-2026.1");
    assert!(base.day(date("2026-10-16")).unwrap().is_working());
    assert!(second.day(date("2026-10-24")).unwrap().is_working());
    assert!(!second.day(date("2026-11-23")).unwrap().is_working());
}

#[test]
fn declarations_are_applied_one_after_the_other() {
    let declared = swap("2026-10-16", "2026-10-24");
    let base = Calendar::published();
    for number in [0, 2, u32::MAX] {
        let refused = base.amended(&declared, number).unwrap_err().to_string();
        assert!(refused.contains("vn-2018-2026.1"), "{refused}");
        assert!(refused.contains(&number.to_string()), "{refused}");
    }
    let first = base.amended(&declared, 1).unwrap();
    let again = first.amended(&declared, 1).unwrap_err().to_string();
    assert!(again.contains("vn-2018-2026.1+1"), "{again}");
}

#[test]
fn a_revoked_exchange_leaves_two_ordinary_days() {
    let base = Calendar::published();
    let swapped = base.amended(&swap("2026-10-16", "2026-10-24"), 1).unwrap();
    let both = json!([
        day("2026-10-16", "working", None),
        day("2026-10-24", "weekend", None)
    ]);
    let revoked = swapped.amended(&declaration(&both), 2).unwrap();
    for date in [date("2026-10-16"), date("2026-10-24")] {
        assert_eq!(revoked.day(date), base.day(date));
    }
    let one = declaration(&json!([day("2026-10-16", "working", None)]));
    let refused = swapped.amended(&one, 2).unwrap_err().to_string();
    assert!(
        refused.contains("2026-10-24 belongs to 2026-10-16"),
        "{refused}"
    );
}

#[test]
fn a_day_that_cannot_be_is_refused_by_its_name() {
    let cases = [
        (
            day("2026-10-17", "swapped_off", Some("2026-10-24")),
            "2026-10-17 is a Sat",
        ),
        (
            day("2026-10-16", "swapped_working", Some("2026-10-23")),
            "2026-10-16 is a Fri",
        ),
        (
            day("2026-10-16", "swapped_off", None),
            "2026-10-16 names no pair",
        ),
        (
            day("2026-10-16", "swapped_off", Some("2026-10-24")),
            "not listed as swapped_working",
        ),
        (
            day("2026-10-19", "compensatory", Some("2026-10-18")),
            "not listed as holiday",
        ),
        (
            day("2026-10-16", "holiday", Some("2026-10-24")),
            "2026-10-16 is a holiday and has a pair",
        ),
        // A declared holiday on a Saturday that is worked in exchange for another day.
        (
            day("2026-08-22", "holiday", None),
            "2026-08-31 belongs to 2026-08-22",
        ),
        (
            day("2026-10-16", "working", None),
            "2026-10-16 is ordinary already",
        ),
        (day("2026-08-22", "working", None), "2026-08-22 is a Sat"),
        (day("2026-08-31", "weekend", None), "2026-08-31 is a Mon"),
        (
            day("2026-08-31", "working", Some("2026-08-22")),
            "2026-08-31 is given back",
        ),
        (
            day("2026-09-02", "working", None),
            "2026-09-02 is a holiday by law",
        ),
        (
            day("2018-01-01", "working", None),
            "2018-01-01 is a holiday by law",
        ),
        (
            day("2027-04-29", "holiday", None),
            "2027-04-29 lies outside 2018-01-01 to 2026-12-31",
        ),
        (
            day("2017-12-29", "holiday", None),
            "2017-12-29 lies outside",
        ),
    ];
    for (wrong, said) in cases {
        let refused = refusal(Calendar::published(), &json!([wrong]));
        assert!(refused.contains(said), "{wrong}: {refused}");
    }
}

#[test]
fn a_document_that_says_nothing_or_the_same_twice_is_refused() {
    let base = Calendar::published();
    assert!(refusal(base, &json!([])).contains("holds no day"));
    let twice = json!([
        day("2026-10-16", "holiday", None),
        day("2026-10-16", "holiday", None)
    ]);
    assert!(refusal(base, &twice).contains("2026-10-16 is given twice"));
    let nameless = json!([{ "date": "2026-10-16", "kind": "holiday", "name": " " }]);
    assert!(refusal(base, &nameless).contains("2026-10-16 has no name"));
    let mut baseless = swap("2026-10-16", "2026-10-24");
    baseless.basis = String::new();
    let refused = base.amended(&baseless, 1).unwrap_err().to_string();
    assert!(refused.contains("names no basis"), "{refused}");
}

#[test]
fn a_new_year_is_declared_as_a_whole_right_after_the_last() {
    let base = Calendar::published();
    let fixed = |year: u32, days: &[&str]| {
        let days = days
            .iter()
            .map(|at| day(&format!("{year}-{at}"), "holiday", None));
        declaration(&Value::Array(days.collect()))
    };
    let whole = ["01-01", "04-30", "05-01", "09-02"];
    let extended = base.amended(&fixed(2027, &whole), 1).unwrap();
    assert_eq!(extended.last(), date("2027-12-31"));
    assert!(!extended.day(date("2027-04-30")).unwrap().is_working());
    assert!(base.day(date("2027-04-30")).is_err());

    let missing = |days| match base.amended(&days, 1) {
        Err(CalendarError::Incomplete { missing }) => missing.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(fixed(2027, &["01-01", "04-30"])), "2027-05-01");
    assert_eq!(missing(fixed(2028, &whole)), "2027-01-01");
}

#[test]
fn an_exchange_may_reach_into_the_year_that_is_not_covered_yet() {
    let base = Calendar::published();
    let reaching = base.amended(&swap("2026-12-31", "2027-01-09"), 1).unwrap();
    assert_eq!(reaching.last(), base.last());
    assert!(!reaching.day(date("2026-12-31")).unwrap().is_working());
    let both = json!([
        day("2026-12-31", "working", None),
        day("2027-01-09", "weekend", None)
    ]);
    let revoked = reaching.amended(&declaration(&both), 2).unwrap();
    assert!(revoked.day(date("2026-12-31")).unwrap().is_working());
}

#[test]
fn a_declaration_reads_back_as_it_was_written() {
    let written = swap("2026-10-16", "2026-10-24");
    let text = serde_json::to_string(&written).unwrap();
    assert_eq!(serde_json::from_str::<Declaration>(&text).unwrap(), written);
    let mut later = serde_json::to_value(&written).unwrap();
    later["a_later_field"] = json!("ignored by an older program");
    assert_eq!(
        serde_json::from_value::<Declaration>(later).unwrap(),
        written
    );
}
