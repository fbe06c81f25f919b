//! Dates worked out by hand, from the law and from mistakes that running systems make.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

use calendar::{Calendar, CalendarError, Limit, LimitUnit, Moment, Reckoning, due, parse_moment};

fn at(text: &str) -> Moment {
    let seconds = if text.len() == "2025-03-12T09:00".len() {
        ":00"
    } else {
        ""
    };
    parse_moment(&format!("{text}{seconds}+07:00")).unwrap()
}

fn reckon(received: &str, limit: &str) -> Reckoning {
    due(Calendar::published(), at(received), limit.parse().unwrap()).unwrap()
}

fn due_at(received: &str, limit: &str) -> Moment {
    reckon(received, limit).due_at.unwrap()
}

fn days(notes: &[calendar::DayNote]) -> Vec<String> {
    notes
        .iter()
        .map(|note| note.date.format("%d/%m").to_string())
        .collect()
}

#[test]
fn worked_due_dates() {
    let table = [
        // Friday afternoon: day 1 is Monday 3 November.
        ("2025-10-31T16:10", "3 ngày làm việc", "2025-11-05T17:00"),
        // 29/08, then the weekend and 01-02/09 off.
        ("2025-08-28T09:00", "2 ngày làm việc", "2025-09-03T17:00"),
        // 25/04, the worked Saturday 26/04, 28/04.
        ("2025-04-24T09:00", "3 ngày làm việc", "2025-04-28T17:00"),
        // 08, 09 and the worked Saturday 10/01, announced a week ahead.
        ("2026-01-07T09:00", "3 ngày làm việc", "2026-01-10T17:00"),
        // 31/08 swapped off, 01-02/09 off.
        ("2026-08-28T09:00", "1 ngày làm việc", "2026-09-03T17:00"),
        ("2026-08-21T09:00", "1 ngày làm việc", "2026-08-22T17:00"),
        // Day 27 is 16/02, in Tết.
        ("2026-01-20T09:00", "27 ngày", "2026-02-23T17:00"),
        ("2026-01-20T09:00", "7 ngày", "2026-01-27T17:00"),
        // The reception day is not counted, whatever the hour: 15:00 does not shift day 1.
        ("2025-03-12T16:59", "1 ngày làm việc", "2025-03-13T17:00"),
        ("2025-03-12T06:00", "1 ngày làm việc", "2025-03-13T17:00"),
        // Received by post or online on a Sunday: day 1 is Monday.
        ("2025-03-16T10:00", "1 ngày làm việc", "2025-03-17T17:00"),
        // 31 January has no corresponding day in February; 28/02/2025 is a Friday.
        ("2025-01-31T09:00", "1 tháng", "2025-02-28T17:00"),
        ("2024-01-31T09:00", "1 tháng", "2024-02-29T17:00"),
        // 02/09 is the corresponding day and off.
        ("2025-06-02T09:00", "3 tháng", "2025-09-03T17:00"),
        // Hours of the clock run through nights and weekends.
        ("2025-03-14T16:40", "24 giờ", "2025-03-15T16:40"),
        ("2025-03-14T16:40:30", "48 giờ", "2025-03-16T16:40:30"),
        // Office hours do not.
        ("2025-03-14T16:40", "2 giờ làm việc", "2025-03-17T08:40"),
        // 1 hour on Friday, 8 on the worked Saturday, 1 on Monday.
        ("2025-04-25T16:00", "10 giờ làm việc", "2025-04-28T08:00"),
        // Same day, with the cut-off after 15:00.
        ("2025-03-12T06:30", "trong ngày", "2025-03-12T17:00"),
        ("2025-03-12T14:59", "trong ngày", "2025-03-12T17:00"),
        ("2025-03-12T15:00:00", "trong ngày", "2025-03-12T17:00"),
        ("2025-03-12T15:00:01", "trong ngày", "2025-03-13T17:00"),
        ("2025-03-12T15:01", "trong ngày", "2025-03-13T17:00"),
        ("2025-03-15T09:00", "trong ngày", "2025-03-17T17:00"),
        ("2025-04-26T09:00", "trong ngày", "2025-04-26T17:00"),
        ("2025-04-29T15:01", "trong ngày", "2025-05-05T17:00"),
    ];
    for (received, limit, expected) in table {
        assert_eq!(
            due_at(received, limit),
            at(expected),
            "{received} + {limit}"
        );
    }
}

#[test]
fn a_reckoning_names_every_day() {
    let tet = reckon("2026-01-20T09:00", "27 ngày");
    assert_eq!(tet.counted.len(), 27);
    assert_eq!(
        tet.counted.last().unwrap().date,
        tet.due_at.unwrap().date_naive()
    );
    let rolled = [
        "16/02", "17/02", "18/02", "19/02", "20/02", "21/02", "22/02",
    ];
    assert_eq!(days(&tet.skipped), rolled);
    assert_eq!(
        tet.skipped[0].reason,
        "nghỉ lễ, tết: Giao thừa Tết Nguyên Đán"
    );

    let swapped = reckon("2026-08-28T09:00", "1 ngày làm việc");
    assert_eq!(days(&swapped.counted), ["03/09"]);
    assert_eq!(
        days(&swapped.skipped),
        ["29/08", "30/08", "31/08", "01/09", "02/09"]
    );

    let hours = reckon("2025-04-25T16:00", "10 giờ làm việc");
    let notes: Vec<_> = hours
        .counted
        .iter()
        .map(|note| note.reason.as_str())
        .collect();
    assert_eq!(days(&hours.counted), ["25/04", "26/04", "28/04"]);
    assert_eq!(
        notes,
        [
            "tính 60 phút làm việc",
            "tính 480 phút làm việc",
            "tính 60 phút làm việc"
        ]
    );
    assert_eq!(days(&hours.skipped), ["27/04"]);

    let clock = reckon("2025-03-14T16:40", "24 giờ");
    let notes: Vec<_> = clock
        .counted
        .iter()
        .map(|note| note.reason.as_str())
        .collect();
    assert_eq!(notes, ["tính 440 phút", "tính 1000 phút"]);

    let late = reckon("2025-03-14T15:01", "trong ngày");
    assert_eq!(days(&late.skipped), ["14/03", "15/03", "16/03"]);
    assert_eq!(late.skipped[0].reason, "tiếp nhận sau 15 giờ");

    let never = reckon("2025-03-14T15:01", "không quy định");
    assert_eq!(
        (never.due_at, never.counted, never.skipped),
        (None, vec![], vec![])
    );
}

#[test]
fn a_count_in_days_says_that_days_off_count_and_where_a_month_ends() {
    let reason = |reckoning: &Reckoning, day: &str| {
        let mut notes = reckoning.counted.iter().chain(&reckoning.skipped);
        let date: chrono::NaiveDate = day.parse().unwrap();
        notes.find(|note| note.date == date).unwrap().reason.clone()
    };
    let week = reckon("2025-04-24T09:00", "7 ngày");
    assert_eq!(
        reason(&week, "2025-04-26"),
        "làm bù cho ngày nghỉ hoán đổi 02/05/2025"
    );
    assert_eq!(
        reason(&week, "2025-04-27"),
        "tính cả ngày nghỉ (nghỉ hằng tuần (Chủ nhật))"
    );
    assert_eq!(
        reason(&week, "2025-05-02"),
        "nghỉ hoán đổi: Ngày Chiến thắng và Quốc tế Lao động, làm bù ngày 26/04/2025"
    );

    let quarter = reckon("2025-06-02T09:00", "3 tháng");
    assert_eq!(
        reason(&quarter, "2025-09-02"),
        "nghỉ lễ, tết: Quốc khánh; ngày tương ứng với 02/06/2025"
    );
    assert_eq!(reason(&quarter, "2025-09-03"), "ngày làm việc");

    let february = reckon("2025-01-31T09:00", "1 tháng");
    assert_eq!(
        reason(&february, "2025-02-28"),
        "ngày làm việc; ngày cuối tháng, vì tháng không có ngày 31"
    );
}

#[test]
fn a_count_that_leaves_the_published_years_is_refused() {
    let ten_days = Limit::new(10, LimitUnit::WorkingDays).unwrap();
    let refused = due(Calendar::published(), at("2026-12-24T09:00"), ten_days).unwrap_err();
    assert!(
        matches!(refused, CalendarError::Outside { .. }),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("publish the calendar"),
        "{refused}"
    );
    let too_early = due(
        Calendar::published(),
        at("2017-12-29T09:00"),
        Limit::SAME_DAY,
    );
    assert!(too_early.unwrap_err().to_string().contains("2018-01-01"));
    let midnight = Limit::new(24, LimitUnit::Hours).unwrap();
    assert!(due(Calendar::published(), at("2026-12-31T00:00"), midnight).is_err());
}

/// The worked dates hold wherever the machine believes to be.
#[test]
fn the_time_zone_of_the_machine_changes_nothing() {
    let this_test = std::env::current_exe().unwrap();
    for zone in ["UTC", "America/New_York", "Pacific/Kiritimati"] {
        let run = Command::new(&this_test)
            .args(["--exact", "worked_due_dates"])
            .env("TZ", zone)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(
            run.status.success() && said.contains("1 passed"),
            "TZ={zone}: {said}"
        );
    }
}
