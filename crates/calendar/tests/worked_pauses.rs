//! Pauses worked out by hand. Days are of March 2025, where the 3rd, 10th and 17th are Mondays.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calendar::{
    Calendar, CalendarError, LimitUnit, Moment, Reckoning, parse_moment, resume, resume_reckoned,
};

fn march(text: &str) -> Moment {
    let (day, time) = text.split_once(' ').unwrap();
    parse_moment(&format!("2025-03-{day}T{time}:00+07:00")).unwrap()
}

fn resumed(unit: LimitUnit, due: &str, paused: &str, resumed: &str) -> Moment {
    resume(
        Calendar::published(),
        march(due),
        march(paused),
        march(resumed),
        unit,
    )
    .unwrap()
}

fn reckoned(unit: LimitUnit, due: &str, paused: &str, resumed: &str) -> Reckoning {
    let (due, paused, resumed) = (march(due), march(paused), march(resumed));
    resume_reckoned(Calendar::published(), due, paused, resumed, unit).unwrap()
}

fn days(notes: &[calendar::DayNote]) -> String {
    let days: Vec<_> = notes
        .iter()
        .map(|note| note.date.format("%d").to_string())
        .collect();
    days.join(" ")
}

#[test]
fn worked_pauses() {
    use LimitUnit::{Days, Hours, Months, NoneStated, SameDay, WorkingDays, WorkingHours};
    let table = [
        // Received on the 3rd, 5 working days: 4, 5, 6, 7, 10. Paused on the 5th: 6, 7 and 10
        // remain. Resumed on the 12th: 13, 14, 17.
        (WorkingDays, "10 17:00", "05 10:00", "12 10:00", "17 17:00"),
        // Resumed on a Sunday: 17, 18, 19.
        (WorkingDays, "10 17:00", "05 10:00", "16 10:00", "19 17:00"),
        // Paused over the weekend only, and for an afternoon.
        (WorkingDays, "10 17:00", "08 10:00", "09 10:00", "10 17:00"),
        (WorkingDays, "10 17:00", "05 10:00", "05 16:00", "10 17:00"),
        // Paused on the due day: nothing remains, the day of resumption is the day.
        (WorkingDays, "10 17:00", "10 10:00", "12 10:00", "12 17:00"),
        (WorkingDays, "10 17:00", "10 10:00", "15 10:00", "17 17:00"),
        // Already late.
        (WorkingDays, "10 17:00", "10 17:01", "20 10:00", "10 17:00"),
        // 5 days of the calendar remain: the 17th.
        (Days, "10 17:00", "05 10:00", "12 10:00", "17 17:00"),
        // 5 days after the 10th is a Saturday.
        (Days, "10 17:00", "05 10:00", "10 10:00", "17 17:00"),
        (Months, "10 17:00", "05 10:00", "12 10:00", "17 17:00"),
        (Hours, "05 10:00", "04 12:00", "06 13:30", "07 11:30"),
        // Half an hour of the 4th and one of the 5th remain at the pause.
        (WorkingHours, "05 08:00", "04 16:30", "05 09:00", "05 10:30"),
        // Office time stands still from Saturday to Sunday and during lunch.
        (WorkingHours, "10 08:00", "08 08:00", "09 18:00", "10 08:00"),
        (WorkingHours, "05 11:30", "05 11:30", "05 12:30", "05 11:30"),
        // A same-day clock starts anew, with the cut-off after 15:00.
        (SameDay, "05 17:00", "05 10:00", "06 15:00", "06 17:00"),
        (SameDay, "05 17:00", "05 10:00", "06 15:01", "07 17:00"),
        (NoneStated, "05 17:00", "05 10:00", "06 15:01", "05 17:00"),
    ];
    for (unit, due, paused, again, expected) in table {
        let case = format!("{unit:?} due {due}, paused {paused} to {again}");
        assert_eq!(resumed(unit, due, paused, again), march(expected), "{case}");
    }
}

#[test]
fn two_pauses_are_counted_one_after_the_other() {
    let once = resumed(LimitUnit::WorkingDays, "10 17:00", "05 10:00", "12 10:00");
    assert_eq!(once, march("17 17:00"));
    // Paused again on the 14th, only the 17th remains; resumed on the 18th.
    let twice = resumed(LimitUnit::WorkingDays, "17 17:00", "14 10:00", "18 10:00");
    assert_eq!(twice, march("19 17:00"));
}

#[test]
fn what_remains_after_a_pause_is_named_day_by_day() {
    use LimitUnit::{Days, Hours, NoneStated, SameDay, WorkingDays, WorkingHours};
    let table = [
        // unit, due, paused, resumed; the days that count and those that are passed over
        (
            WorkingDays,
            "10 17:00",
            "05 10:00",
            "12 10:00",
            "13 14 17",
            "15 16",
        ),
        (
            WorkingDays,
            "10 17:00",
            "10 10:00",
            "15 10:00",
            "17",
            "15 16",
        ),
        (
            Days,
            "10 17:00",
            "05 10:00",
            "10 10:00",
            "11 12 13 14 17",
            "15 16",
        ),
        (Days, "10 17:00", "10 10:00", "15 10:00", "17", "15 16"),
        (Hours, "05 10:00", "04 12:00", "06 13:30", "06 07", ""),
        (
            WorkingHours,
            "05 08:00",
            "04 16:30",
            "07 16:30",
            "07 10",
            "08 09",
        ),
        (WorkingHours, "05 11:30", "05 11:30", "05 12:30", "", ""),
        (SameDay, "05 17:00", "05 10:00", "06 15:01", "07", "06"),
        // Already late, and without a limit: nothing is counted.
        (WorkingDays, "10 17:00", "10 17:01", "20 10:00", "", ""),
        (NoneStated, "05 17:00", "05 10:00", "06 15:01", "", ""),
    ];
    for (unit, due, paused, again, counted, skipped) in table {
        let case = format!("{unit:?} due {due}, paused {paused} to {again}");
        let remaining = reckoned(unit, due, paused, again);
        assert_eq!(days(&remaining.counted), counted, "{case}");
        assert_eq!(days(&remaining.skipped), skipped, "{case}");
        let end = resumed(unit, due, paused, again);
        assert_eq!(remaining.due_at, Some(end), "{case}");
    }
    let hours = reckoned(WorkingHours, "05 08:00", "04 16:30", "07 16:30");
    let reasons: Vec<_> = hours
        .counted
        .iter()
        .map(|note| note.reason.as_str())
        .collect();
    assert_eq!(reasons, ["tính 30 phút làm việc", "tính 60 phút làm việc"]);
}

#[test]
fn a_clock_cannot_resume_before_it_paused() {
    let (due, paused, resumed) = (march("10 17:00"), march("05 10:00"), march("05 09:59"));
    let refused = resume(
        Calendar::published(),
        due,
        paused,
        resumed,
        LimitUnit::WorkingDays,
    );
    assert!(
        matches!(refused, Err(CalendarError::ResumedBeforePaused { .. })),
        "{refused:?}"
    );
}
