//! `motcua deadline`: due dates that somebody counted by hand, and what is refused.

use serde_json::{Value, json};

use crate::{Said, motcua};

/// A count by hand: received, limit and unit; the due moment, the days counted and passed over.
type Counted = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const BY_HAND: [Counted; 16] = [
    // Tết Mậu Tuất: off from 14 to 20 February 2018.
    (
        "2018-02-12T09:30:00+07:00",
        "5",
        "working_days",
        "2018-02-26T17:00:00+07:00",
        &["02-13", "02-21", "02-22", "02-23", "02-26"],
        &[
            "02-14", "02-15", "02-16", "02-17", "02-18", "02-19", "02-20", "02-24", "02-25",
        ],
    ),
    // Saturday 26/04/2025 was worked for Friday 02/05/2025.
    (
        "2025-04-24T09:32:00+07:00",
        "3",
        "working_days",
        "2025-04-28T17:00:00+07:00",
        &["04-25", "04-26", "04-28"],
        &["04-27"],
    ),
    (
        "2025-04-29T08:00:00+07:00",
        "1",
        "working_days",
        "2025-05-05T17:00:00+07:00",
        &["05-05"],
        &["04-30", "05-01", "05-02", "05-03", "05-04"],
    ),
    // Saturday 10/01/2026 was worked for Friday 02/01/2026.
    (
        "2026-01-08T09:00:00+07:00",
        "2",
        "working_days",
        "2026-01-10T17:00:00+07:00",
        &["01-09", "01-10"],
        &[],
    ),
    (
        "2025-12-31T10:00:00+07:00",
        "1",
        "working_days",
        "2026-01-05T17:00:00+07:00",
        &["01-05"],
        &["01-01", "01-02", "01-03", "01-04"],
    ),
    // Days of the calendar; the last one gives way to the next worked day.
    (
        "2018-02-12T09:30:00+07:00",
        "5",
        "days",
        "2018-02-21T17:00:00+07:00",
        &["02-13", "02-14", "02-15", "02-16", "02-21"],
        &["02-17", "02-18", "02-19", "02-20"],
    ),
    // Offices are open from 07:00 to 11:30 and from 13:30 to 17:00.
    (
        "2018-01-02T16:00:00+07:00",
        "4",
        "working_hours",
        "2018-01-03T10:00:00+07:00",
        &["01-02", "01-03"],
        &[],
    ),
    (
        "2018-01-05T16:30:00+07:00",
        "1",
        "working_hours",
        "2018-01-08T07:30:00+07:00",
        &["01-05", "01-08"],
        &["01-06", "01-07"],
    ),
    (
        "2018-01-02T16:00:00+07:00",
        "24",
        "hours",
        "2018-01-03T16:00:00+07:00",
        &["01-02", "01-03"],
        &[],
    ),
    // Sau 15 giờ: 15:00 itself is in time, a second later is not, and a Friday's is Monday's.
    (
        "2018-01-02T15:00:00+07:00",
        "0",
        "same_day",
        "2018-01-02T17:00:00+07:00",
        &["01-02"],
        &[],
    ),
    (
        "2018-01-02T15:00:01+07:00",
        "1",
        "same_day",
        "2018-01-03T17:00:00+07:00",
        &["01-03"],
        &["01-02"],
    ),
    (
        "2018-01-05T16:10:00+07:00",
        "0",
        "same_day",
        "2018-01-08T17:00:00+07:00",
        &["01-08"],
        &["01-05", "01-06", "01-07"],
    ),
    // The cut-off is for what is due on the same day: a limit in days begins the next day anyway.
    (
        "2018-01-02T15:30:00+07:00",
        "1",
        "working_days",
        "2018-01-03T17:00:00+07:00",
        &["01-03"],
        &[],
    ),
    // Other offsets are moments of the same line: this one is 09:30 in Hà Nội,
    (
        "2025-04-24T02:30:00Z",
        "1",
        "working_days",
        "2025-04-25T17:00:00+07:00",
        &["04-25"],
        &[],
    ),
    // this one is the day after,
    (
        "2018-01-02T18:30:00Z",
        "1",
        "working_days",
        "2018-01-04T17:00:00+07:00",
        &["01-04"],
        &[],
    ),
    // and this one the day before.
    (
        "2018-01-03T01:00:00+14:00",
        "0",
        "same_day",
        "2018-01-03T17:00:00+07:00",
        &["01-03"],
        &["01-02"],
    ),
];

fn reckoned(received: &str, limit: &str, unit: &str) -> Said {
    motcua(&[
        "deadline",
        "--received",
        received,
        "--limit",
        limit,
        "--unit",
        unit,
        "--json",
    ])
}

fn dates(notes: &Value) -> Vec<String> {
    let date = |note: &Value| {
        assert!(!note["reason"].as_str().unwrap().is_empty(), "{note}");
        note["date"].as_str().unwrap()[5..].to_owned()
    };
    notes.as_array().unwrap().iter().map(date).collect()
}

#[test]
fn dates_counted_by_hand() {
    for (received, limit, unit, due_at, counted, skipped) in BY_HAND {
        let answer: Value = serde_json::from_str(&reckoned(received, limit, unit).done()).unwrap();
        let what = format!("{received} + {limit} {unit}: {answer:#}");
        assert_eq!(answer["due_at"], due_at, "{what}");
        assert_eq!(dates(&answer["counted"]), counted, "{what}");
        assert_eq!(dates(&answer["skipped"]), skipped, "{what}");
    }
}

#[test]
fn a_month_ends_on_the_corresponding_day_or_the_last() {
    for (received, limit, due_at) in [
        (
            "2018-01-31T09:00:00+07:00",
            "1",
            "2018-02-28T17:00:00+07:00",
        ),
        (
            "2018-01-03T09:00:00+07:00",
            "3",
            "2018-04-03T17:00:00+07:00",
        ),
        // 3 March 2018 is a Saturday.
        (
            "2018-01-03T09:00:00+07:00",
            "2",
            "2018-03-05T17:00:00+07:00",
        ),
    ] {
        let answer: Value =
            serde_json::from_str(&reckoned(received, limit, "months").done()).unwrap();
        assert_eq!(answer["due_at"], due_at, "{received} + {limit}");
    }
}

#[test]
fn where_the_law_states_no_limit_nothing_is_due() {
    for limit in [None, Some("0")] {
        let mut arguments = vec!["deadline", "--received", "2018-01-02T09:00:00+07:00"];
        arguments.extend(limit.map(|limit| ["--limit", limit]).iter().flatten());
        arguments.extend(["--unit", "none_stated", "--json"]);
        let answer: Value = serde_json::from_str(&motcua(&arguments).done()).unwrap();
        assert_eq!(answer["due_at"], Value::Null);
        assert_eq!([&answer["counted"], &answer["skipped"]], [&json!([]); 2]);
    }
}

#[test]
fn people_read_the_due_date_and_every_day_with_its_reason() {
    let said = motcua(&[
        "deadline",
        "--received",
        "2025-04-24T02:32:00Z",
        "--limit",
        "3",
        "--unit",
        "working_days",
    ]);
    let published = calendar::Calendar::published();
    let calendar = published.version();
    let swap = published.day("2025-04-26".parse().unwrap()).unwrap().basis;
    assert_eq!(
        said.done(),
        format!(
            "Hẹn trả: 17 giờ 00, ngày 28/04/2025  (+07:00)\n\
             Tiếp nhận: 09:32 24/04/2025; thời hạn: 3 ngày làm việc; lịch {calendar}\n\
             Quy định áp dụng: Nghị định 61/2018/NĐ-CP (hồ sơ tiếp nhận từ 21/06/2018)\n\
             Nếu không kịp: xin lỗi và hẹn lại chậm nhất ngày 26/04/2025, không quá 1 lần; \
             căn cứ: NĐ 61/2018/NĐ-CP điều 19 khoản 9\n\
             Tính:\n  \
               25/04/2025  ngày làm việc\n  \
               26/04/2025  làm bù cho ngày nghỉ hoán đổi 02/05/2025 [{swap}]\n  \
               28/04/2025  ngày làm việc\n\
             Không tính:\n  \
               27/04/2025  nghỉ hằng tuần (Chủ nhật)\n\
             Căn cứ:\n  \
               Thời hạn tính từ khi tiếp nhận đủ hồ sơ, ghi trên giấy tiếp nhận \
               [NĐ 61/2018/NĐ-CP điều 17 khoản 1 điểm c]\n  \
               Ngày bắt đầu không tính; tính từ ngày tiếp theo \
               [Bộ luật Dân sự 2015 điều 147 khoản 2, khoản 3]\n  \
               Chỉ tính thời gian làm việc: trừ Thứ Bảy, Chủ nhật, ngày lễ, tết, nghỉ bù; \
               ngày hoán đổi theo văn bản ghi tại ngày đó \
               [Quyết định 188/1999/QĐ-TTg điều 1; Bộ luật Lao động 2019 điều 111, điều 112]\n  \
               Kết thúc vào cuối ngày cuối cùng (ở đây: giờ cơ quan đóng cửa) \
               [Bộ luật Dân sự 2015 điều 148 khoản 1, khoản 6]\n"
        )
    );
    let tet = reckoned("2018-02-12T09:30:00+07:00", "5", "working_days").done();
    assert!(tet.contains("nghỉ lễ, tết: Tết Nguyên Đán"), "{tet}");
    let none = motcua(&[
        "deadline",
        "--received",
        "2018-02-12T09:30:00+07:00",
        "--unit",
        "none_stated",
    ]);
    assert!(none.done().starts_with("Không quy định thời hạn\n"));
}

#[test]
fn a_date_that_no_register_covers_is_refused_and_named() {
    reckoned("2017-12-29T09:30:00+07:00", "3", "working_days").names(&[
        "2017-12-29",
        "2018-01-01 to 2026-12-31",
        "load a calendar register",
    ]);
    // The count itself leaves the register.
    reckoned("2026-12-30T09:30:00+07:00", "9", "working_days").names(&["2027-01-01"]);
    reckoned("2026-12-31T20:00:00Z", "0", "same_day").names(&["2027-01-01"]);
    for unit in ["working_days", "days", "working_hours", "hours", "months"] {
        reckoned("2018-02-12T09:30:00+07:00", "3650", unit);
    }
    reckoned("2018-02-12T09:30:00+07:00", "3650", "months").names(&["2026-12-31"]);
}

#[test]
fn what_is_no_moment_is_refused_and_named() {
    for received in [
        "yesterday",
        "",
        "2018-02-30T09:30:00+07:00",
        "2018-02-12",
        "2018-02-12T25:30:00+07:00",
        "12/02/2018",
        "02/30/2018 09:30",
    ] {
        reckoned(received, "5", "working_days").names(&[
            "--received",
            received,
            "2026-01-31T09:30:00+07:00",
        ]);
    }
}

#[test]
fn a_limit_that_cannot_be_is_refused_and_named() {
    let received = "2018-02-12T09:30:00+07:00";
    for unit in ["working_days", "days", "working_hours", "hours", "months"] {
        reckoned(received, "0", unit).names(&["a limit of 0 ", "1 to 3650"]);
        reckoned(received, "3651", unit).names(&["3651", "1 to 3650"]);
        motcua(&["deadline", "--received", received, "--unit", unit]).names(&["--limit"]);
    }
    for limit in ["99999999999", "-3", "2.5", "five"] {
        reckoned(received, limit, "days").names(&["--limit", limit]);
    }
    reckoned(received, "3", "same_day").names(&["a limit of 3 ", "takes no amount"]);
    reckoned(received, "3", "none_stated").names(&["a limit of 3 ", "takes no amount"]);
    reckoned(received, "3", "weeks").names(&["weeks", "working_days", "none_stated"]);
    motcua(&["deadline", "--received", received, "--limit", "5"]).names(&["--unit"]);
    motcua(&["deadline", "--limit", "5", "--unit", "days"]).names(&["--received"]);
}

#[test]
fn another_calendar_is_believed_only_if_it_is_one() {
    let deadline = |calendar: &str| {
        motcua(&[
            "deadline",
            "--received",
            "2018-02-12T09:30:00+07:00",
            "--limit",
            "5",
            "--unit",
            "working_days",
            "--calendar",
            calendar,
        ])
    };
    deadline("nowhere.csv").names(&["nowhere.csv"]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("holidays.csv");
    let shown = path.display().to_string();
    std::fs::write(&path, "một hai ba\n").unwrap();
    deadline(&shown).names(&[&shown, "not a register of holidays"]);
    let published = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../deploy/registers/calendar-2018-2026.csv"
    );
    let said = deadline(published).done();
    assert!(said.contains("26/02/2018"), "{said}");
}
