//! Deadlines that systems in use get wrong, each with the right answer.
//!
//! Most vectors are from reading and re-computing the date arithmetic of a widely used
//! open-source portal (VietOpenCPS/opencps-v2 at 2c71985, `DueDateUtils.java`), whose examples
//! have sessions of 07:30 to 11:30 and 13:00 to 17:00. Here they are converted to the default
//! sessions, 07:00 to 11:30 and 13:30 to 17:00, which also make eight hours; `office_hours.rs`
//! has them as they are. 12 March 2025 is a Wednesday.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

use calendar::{
    Calendar, Limit, LimitUnit, Moment, add_working_minutes, due, parse_moment, resume,
    working_minutes_between,
};

fn at(text: &str) -> Moment {
    let seconds = if text.len() == "2025-03-12T09:00".len() {
        ":00"
    } else {
        ""
    };
    parse_moment(&format!("{text}{seconds}+07:00")).unwrap()
}

fn due_at(received: Moment, limit: &str) -> Moment {
    let limit: Limit = limit.parse().unwrap();
    let reckoning = due(Calendar::published(), received, limit).unwrap();
    reckoning.due_at.unwrap()
}

fn holds(table: &[(&str, &str, &str)]) {
    for (received, limit, expected) in table {
        let case = format!("{received} + {limit}");
        assert_eq!(due_at(at(received), limit), at(expected), "{case}");
    }
}

/// Hours and minutes added as one decimal number lose 40 minutes when the minutes pass 100.
#[test]
fn hours_that_straddle_lunch_and_closing_time() {
    holds(&[
        ("2025-03-12T10:00", "2 giờ làm việc", "2025-03-12T14:00"),
        ("2025-03-12T09:55", "6 giờ làm việc", "2025-03-13T07:55"),
        ("2025-03-12T08:40", "8 giờ làm việc", "2025-03-13T08:40"),
        ("2025-03-12T16:00", "2 giờ làm việc", "2025-03-13T08:00"),
        ("2025-03-14T16:59", "1 giờ làm việc", "2025-03-17T07:59"),
        (
            "2025-03-12T16:45:30",
            "1 giờ làm việc",
            "2025-03-13T07:45:30",
        ),
        // A count that ends with a session ends there and not when the next one opens.
        ("2025-03-12T11:00", "4 giờ làm việc", "2025-03-12T17:00"),
        ("2025-03-12T07:00", "8 giờ làm việc", "2025-03-12T17:00"),
    ]);
    // 170 minutes until lunch, 210 until closing, 70 on Thursday.
    let seven_and_a_half = add_working_minutes(Calendar::published(), at("2025-03-12T08:40"), 450);
    assert_eq!(seven_and_a_half.unwrap(), at("2025-03-13T08:10"));
    let until_lunch = add_working_minutes(Calendar::published(), at("2025-03-12T09:00"), 150);
    assert_eq!(until_lunch.unwrap(), at("2025-03-12T11:30"));
}

#[test]
fn receipt_at_the_minute_lunch_begins_or_when_offices_are_closed() {
    holds(&[
        ("2025-03-12T11:30", "3 giờ làm việc", "2025-03-12T16:30"),
        ("2025-03-12T11:30", "1 giờ làm việc", "2025-03-12T14:30"),
        ("2025-03-12T12:15", "1 giờ làm việc", "2025-03-12T14:30"),
        ("2025-03-12T17:00", "1 giờ làm việc", "2025-03-13T08:00"),
        ("2025-03-12T17:55", "3 giờ làm việc", "2025-03-13T10:00"),
        ("2025-03-12T06:10", "1 giờ làm việc", "2025-03-12T08:00"),
        ("2025-03-14T17:55", "3 giờ làm việc", "2025-03-17T10:00"),
        // The day of reception is not counted, whatever the hour.
        ("2025-03-12T17:55", "3 ngày làm việc", "2025-03-17T17:00"),
        ("2025-03-12T11:30", "3 ngày làm việc", "2025-03-17T17:00"),
    ]);
}

/// A holiday stored at midnight is older than a receipt of the same morning, and was overlooked.
#[test]
fn a_day_off_on_the_day_of_receipt() {
    holds(&[
        ("2025-09-02T08:05", "1 giờ làm việc", "2025-09-03T08:00"),
        ("2025-09-02T08:05", "1 ngày làm việc", "2025-09-03T17:00"),
        ("2025-09-02T08:05", "trong ngày", "2025-09-03T17:00"),
        ("2025-09-02T08:05", "24 giờ", "2025-09-03T08:05"),
        // A compensatory day, and a day off in exchange for a worked Saturday.
        ("2026-04-27T08:05", "1 giờ làm việc", "2026-04-28T08:00"),
        ("2026-08-31T08:05", "1 giờ làm việc", "2026-09-03T08:00"),
        ("2026-08-31T08:05", "1 ngày làm việc", "2026-09-03T17:00"),
        // The worked Saturday itself is no day off.
        ("2026-08-22T08:05", "1 giờ làm việc", "2026-08-22T09:05"),
    ]);
}

#[test]
fn pauses_over_a_weekend_or_without_office_time() {
    use LimitUnit::{Days, Hours, WorkingDays, WorkingHours};
    // The 8th and 9th of March 2025 are a Saturday and a Sunday.
    let table = [
        (WorkingHours, "10T08:00", "08T08:00", "09T18:00", "10T08:00"),
        (WorkingDays, "10T17:00", "08T08:00", "09T18:00", "10T17:00"),
        // Days and hours of the calendar run on weekends too, and so does their pause.
        (Days, "10T17:00", "08T08:00", "09T18:00", "11T17:00"),
        (Hours, "10T08:00", "08T08:00", "09T18:00", "11T18:00"),
        // Over lunch, over a night, and of no length.
        (WorkingHours, "05T16:00", "05T11:30", "05T13:30", "05T16:00"),
        (WorkingHours, "06T08:00", "05T17:00", "06T07:00", "06T08:00"),
        (WorkingDays, "10T17:00", "05T11:30", "05T13:30", "10T17:00"),
        (WorkingDays, "10T17:00", "05T10:00", "05T10:00", "10T17:00"),
        (Hours, "05T16:00", "05T10:00", "05T10:00", "05T16:00"),
    ];
    for (unit, due, paused, resumed, expected) in table {
        let march = |text| at(&format!("2025-03-{text}"));
        let end = resume(
            Calendar::published(),
            march(due),
            march(paused),
            march(resumed),
            unit,
        );
        let case = format!("{unit:?} due {due}, paused {paused} to {resumed}");
        assert_eq!(end.unwrap(), march(expected), "{case}");
    }
}

/// Received on Monday the 3rd at 08:00 with 16 office hours; two pauses of two office hours.
#[test]
fn two_pauses_cost_what_both_cost_and_no_more() {
    let calendar = Calendar::published();
    let received = at("2025-03-03T08:00");
    let promised = due_at(received, "16 giờ làm việc");
    assert_eq!(promised, at("2025-03-05T08:00"));
    let paused_twice = [
        ("2025-03-03T10:00", "2025-03-03T14:00", "2025-03-05T10:00"),
        ("2025-03-04T16:00", "2025-03-05T08:00", "2025-03-05T14:00"),
    ];
    let mut end = promised;
    for (paused, resumed, expected) in paused_twice {
        let unit = LimitUnit::WorkingHours;
        end = resume(calendar, end, at(paused), at(resumed), unit).unwrap();
        assert_eq!(end, at(expected), "paused {paused}");
    }
    let used = working_minutes_between(calendar, received, end).unwrap();
    assert_eq!(used, 16 * 60 + 2 * 120);
}

/// A loop that gives up after 360 skipped days promises a date in the past.
#[test]
fn suspensions_and_limits_longer_than_360_skipped_days() {
    use LimitUnit::{Days, Hours, WorkingDays, WorkingHours};
    let table = [
        // Paused on Thursday 2 March 2023 for two years: the 3rd and the 6th remain.
        (WorkingDays, "06T17:00", "02T09:00", "2025-03-14T17:00"),
        // Four days remain: the 16th, a Sunday.
        (Days, "06T17:00", "02T09:00", "2025-03-17T17:00"),
        (Hours, "03T09:00", "02T09:00", "2025-03-13T09:00"),
        // One hour of the 2nd and one of the 3rd remain.
        (WorkingHours, "03T08:00", "02T16:00", "2025-03-12T11:00"),
    ];
    for (unit, due, paused, expected) in table {
        let then = |text| at(&format!("2023-03-{text}"));
        let resumed = at("2025-03-12T09:00");
        let end = resume(
            Calendar::published(),
            then(due),
            then(paused),
            resumed,
            unit,
        );
        assert_eq!(end.unwrap(), at(expected), "{unit:?}");
    }
    let long = Limit::working_days(900);
    let reckoning = due(Calendar::published(), at("2020-01-02T09:00"), long).unwrap();
    assert_eq!(reckoning.counted.len(), 900);
    assert_eq!(reckoning.skipped.len(), 416);
    assert_eq!(reckoning.due_at, Some(at("2023-08-10T17:00")));
}

/// The same instant from abroad: another date there, the same dossier here.
#[test]
fn another_offset_in_the_input() {
    let table = [
        ("2025-03-11T21:30:00-07:00", "2025-03-12T11:30"),
        ("2025-03-12T10:55:00Z", "2025-03-12T17:55"),
        ("2025-03-12T22:40:00+14:00", "2025-03-12T15:40"),
    ];
    for (abroad, here) in table {
        let (abroad, here) = (parse_moment(abroad).unwrap(), at(here));
        for limit in ["3 giờ làm việc", "3 ngày làm việc", "3 ngày", "trong ngày"] {
            let case = format!("{abroad} + {limit}");
            assert_eq!(due_at(abroad, limit), due_at(here, limit), "{case}");
        }
    }
}

/// The vectors hold wherever the machine believes to be.
#[test]
fn another_time_zone_of_the_machine() {
    let this_test = std::env::current_exe().unwrap();
    for zone in ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"] {
        let run = Command::new(&this_test)
            .args(["--skip", "another_time_zone_of_the_machine"])
            .env("TZ", zone)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(
            run.status.success() && said.contains("7 passed"),
            "TZ={zone}: {said}"
        );
    }
}
