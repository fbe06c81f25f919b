//! `motcua deadline` beyond a plain count: dates as receipts print them, pauses, restarts, days
//! declared late, other office hours, and the regime.

use serde_json::Value;

use crate::{Said, motcua};

fn deadline(received: &str, limit: &str, more: &[&str]) -> Said {
    let mut arguments = vec!["deadline", "--received", received, "--limit", limit];
    arguments.extend(more);
    motcua(&arguments)
}

fn answer(received: &str, limit: &str, more: &[&str]) -> Value {
    let mut more = more.to_vec();
    more.push("--json");
    serde_json::from_str(&deadline(received, limit, &more).done()).unwrap()
}

fn due(received: &str, limit: &str, more: &[&str]) -> String {
    let answer = answer(received, limit, more);
    answer["due_at"].as_str().unwrap().to_owned()
}

fn dates(notes: &Value) -> Vec<&str> {
    let notes = notes.as_array().unwrap().iter();
    notes.map(|note| note["date"].as_str().unwrap()).collect()
}

const FIVE: &str = "5 ngày làm việc";

/// Receipts, notices on Tết and on swapped days, as printed.
#[test]
fn dates_of_published_cases() {
    let table = [
        // A receipt of Thanh Hóa: "sau 9 giờ 00, 03/11/2023".
        ("09:32 27/10/2023", FIVE, "2023-11-03"),
        ("31/10/2025 16:10", "3 ngày làm việc", "2025-11-05"),
        // Tết Bính Ngọ 2026: 16 to 20 February.
        ("13/02/2026 09:00", "1 ngày làm việc", "2026-02-23"),
        ("20/01/2026 09:00", "27 ngày", "2026-02-23"),
        // 02/05/2025 was worked on 26/04/2025, 02/01/2026 on 10/01/2026.
        ("24/04/2025 09:32", "3 ngày làm việc", "2025-04-28"),
        ("29/04/2025 08:00", "1 ngày làm việc", "2025-05-05"),
        ("07/01/2026 09:00", "3 ngày làm việc", "2026-01-10"),
        // 31/08/2026 is worked on 22/08/2026 (Thông báo 9441/TB-BNV).
        ("28/08/2026 09:00", "1 ngày làm việc", "2026-09-03"),
        ("21/08/2026 09:00", "1 ngày làm việc", "2026-08-22"),
        ("28/08/2025 09:00", "2 ngày làm việc", "2025-09-03"),
        // 31/12/2018 was worked on 05/01/2019 (Công văn 6519/VPCP-KGVX).
        ("28/12/2018 09:00", "1 ngày làm việc", "2019-01-02"),
        ("28/12/2018 09:00", "4 ngày làm việc", "2019-01-05"),
        ("04/01/2019 09:00", "1 ngày làm việc", "2019-01-05"),
    ];
    for (received, limit, date) in table {
        let expected = format!("{date}T17:00:00+07:00");
        assert_eq!(due(received, limit, &[]), expected, "{received} + {limit}");
    }
}

#[test]
fn a_limit_in_words_needs_no_unit() {
    let received = "2025-04-24T09:32";
    for (limit, expected) in [
        ("3 ngày làm việc", "2025-04-28T17:00:00+07:00"),
        ("03 Ngày", "2025-04-28T17:00:00+07:00"),
        ("2 giờ làm việc", "2025-04-24T13:32:00+07:00"),
        ("24 giờ", "2025-04-25T09:32:00+07:00"),
        ("1 tháng", "2025-05-26T17:00:00+07:00"),
        ("trong ngày", "2025-04-24T17:00:00+07:00"),
    ] {
        assert_eq!(due(received, limit, &[]), expected, "{limit}");
    }
    deadline(received, "5", &[]).names(&["--unit", "5 ngày làm việc"]);
    deadline(received, "5 ngày", &["--unit", "days"]).names(&["--unit", "leave"]);
    deadline(received, "năm ngày", &[]).names(&["--limit", "năm ngày", "ngày làm việc"]);
}

/// NĐ 63/2024 art. 4.7: what is left of the limit goes on after the pause.
#[test]
fn a_pause_is_not_counted_and_every_day_is_accounted_for() {
    let pause = ["--pause", "05/03/2025 10:00..10/03/2025 08:00"];
    let paused = answer("03/03/2025 09:00", FIVE, &pause);
    assert_eq!(paused["due_at"], "2025-03-13T17:00:00+07:00");
    let counted = ["04", "05", "11", "12", "13"].map(|day| format!("2025-03-{day}"));
    assert_eq!(dates(&paused["counted"]), counted);
    let skipped = ["06", "07", "08", "09", "10"].map(|day| format!("2025-03-{day}"));
    assert_eq!(dates(&paused["skipped"]), skipped);
    assert_eq!(paused["steps"][1]["what"], "pause");
    assert_eq!(paused["steps"][0]["due_at"], "2025-03-10T17:00:00+07:00");
}

#[test]
fn two_pauses_of_office_hours_cost_what_both_cost() {
    let pauses = [
        "--pause",
        "04/03/2025 16:00..05/03/2025 08:00",
        "--pause",
        "03/03/2025 10:00..03/03/2025 14:00",
    ];
    let paused = answer("03/03/2025 08:00", "16 giờ làm việc", &pauses);
    assert_eq!(paused["due_at"], "2025-03-05T14:00:00+07:00");
    let minutes: i64 = paused["counted"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|note| note["reason"].as_str().unwrap().split(' '))
        .filter_map(|word| word.parse::<i64>().ok())
        .sum();
    assert_eq!(minutes, 16 * 60);
}

#[test]
fn a_pause_does_not_make_a_late_dossier_on_time() {
    let pause = ["--pause", "30/10/2026 09:00..02/11/2026 09:00"];
    let said = deadline("22/10/2026 09:00", "2 ngày làm việc", &pause).done();
    assert!(said.contains("ngày 26/10/2026"), "{said}");
    assert!(said.contains("Đã quá hạn khi tạm dừng"), "{said}");
}

/// NĐ 61/2018 art. 19.4, and a limit of its own after the supplement (building permits: 5, then 3).
#[test]
fn a_supplement_begins_the_limit_anew_or_puts_another_in_its_place() {
    let received = "03/03/2025 09:00";
    let restarted = answer(received, FIVE, &["--restart", "06/03/2025 10:00"]);
    assert_eq!(restarted["due_at"], "2025-03-13T17:00:00+07:00");
    assert_eq!(restarted["counted"].as_array().unwrap().len(), 5);
    assert_eq!(
        restarted["steps"][1]["rules"][0]["basis"],
        "NĐ 61/2018/NĐ-CP điều 19 khoản 4"
    );
    let second = ["--second-limit", "06/03/2025 10:00=3 ngày làm việc"];
    assert_eq!(due(received, FIVE, &second), "2025-03-11T17:00:00+07:00");
    // The pause that follows is one of the second limit.
    let both = [
        second[0],
        second[1],
        "--pause",
        "07/03/2025 09:00..12/03/2025 09:00",
    ];
    assert_eq!(due(received, FIVE, &both), "2025-03-14T17:00:00+07:00");
}

/// NĐ 301/2026 art. 5.2 for the interconnected groups; nowhere else without being told so.
#[test]
fn after_15_the_clock_starts_on_the_next_working_day_where_the_regime_says_so() {
    let received = "10/09/2026 15:20";
    let hours = "8 giờ làm việc";
    assert_eq!(due(received, hours, &[]), "2026-09-11T15:20:00+07:00");
    let expected = "2026-09-11T17:00:00+07:00";
    assert_eq!(due(received, hours, &["--after-cut-off"]), expected);
    let birth = answer(received, hours, &["--regime", "birth"]);
    assert_eq!(birth["due_at"], expected);
    assert_eq!(birth["started"], "2026-09-11T07:00:00+07:00");
    assert_eq!(birth["regime"]["key"], "nd63_nd301");
    let in_time = due("10/09/2026 15:00", hours, &["--regime", "birth"]);
    assert_eq!(in_time, "2026-09-11T15:00:00+07:00");
}

#[test]
fn the_reception_date_chooses_the_regime_and_its_last_day_for_an_apology() {
    for (received, key, last_day) in [
        ("20/06/2018 09:00", "qd09", "2018-06-26"),
        ("21/06/2018 09:00", "nd61", "2018-06-27"),
        ("30/06/2025 09:00", "nd61", "2025-07-04"),
        ("01/07/2025 09:00", "nd118", "2025-07-07"),
        ("04/08/2026 09:00", "nd118", "2026-08-10"),
        ("05/08/2026 09:00", "nd118_nd309", "2026-08-11"),
    ] {
        let told = answer(received, FIVE, &["--regime"]);
        assert_eq!(told["regime"]["key"], key, "{received}");
        assert_eq!(told["apology"]["last_day"], last_day, "{received}");
    }
    let at_once = deadline("12/03/2025 09:00", "trong ngày", &[]).done();
    assert!(at_once.contains("quá ngắn để xin lỗi"), "{at_once}");
}

/// An exchange declared a week ahead, as in January 2026.
#[test]
fn days_declared_later_show_the_date_before_and_after() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hoan-doi.json");
    let file = path.to_str().unwrap();
    let published_on = |day: &str| {
        let text = format!(
            r#"{{"basis":"Công văn thử","published_on":"{day}","days":[
            {{"date":"2026-10-16","kind":"swapped_off","name":"thử","pair":"2026-10-24"}},
            {{"date":"2026-10-24","kind":"swapped_working","name":"thử","pair":"2026-10-16"}}]}}"#
        );
        std::fs::write(&path, text).unwrap();
    };
    published_on("2026-10-15");
    let later = answer("14/10/2026 09:00", "3 ngày làm việc", &["--declared", file]);
    assert_eq!(
        later["declared"]["due_at_before"],
        "2026-10-19T17:00:00+07:00"
    );
    assert_eq!(later["due_at"], "2026-10-20T17:00:00+07:00");
    assert_eq!(later["skipped"][0]["basis"], "Công văn thử");
    // An added working Saturday never moves what was promised forward.
    published_on("2026-10-23");
    let earlier = answer("22/10/2026 09:00", "3 ngày làm việc", &["--declared", file]);
    assert_eq!(
        earlier["declared"]["due_at_counted"],
        "2026-10-26T17:00:00+07:00"
    );
    assert_eq!(earlier["due_at"], "2026-10-27T17:00:00+07:00");
    let said = deadline("22/10/2026 09:00", "3 ngày làm việc", &["--declared", file]).done();
    assert!(said.contains("không dời lên sớm hơn"), "{said}");
    let half = r#"{"basis":"Công văn thử","published_on":"2026-10-10","days":[
        {"date":"2026-10-16","kind":"swapped_off","name":"thử","pair":"2026-10-24"}]}"#;
    std::fs::write(&path, half).unwrap();
    deadline("14/10/2026 09:00", FIVE, &["--declared", file]).names(&[file, "2026-10-24"]);
    std::fs::write(&path, "{}").unwrap();
    deadline("14/10/2026 09:00", FIVE, &["--declared", file]).names(&["--declared", "basis"]);
}

/// The exchange of 02/01/2026 for 10/01/2026 was agreed to on 25/12/2025: a receipt printed after that
/// day knows it, and only one printed before keeps its date against an added working Saturday.
#[test]
fn what_was_declared_before_the_reception_moves_the_date_in_both_directions() {
    let dir = tempfile::tempdir().unwrap();
    let written = |name: &str, text: String| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let published = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../deploy/registers/calendar-2018-2026.csv"
    );
    let rows = std::fs::read_to_string(published).unwrap();
    let is_of_the_exchange =
        |row: &&str| row.starts_with("2026-01-02") || row.starts_with("2026-01-10");
    let without: Vec<&str> = rows
        .lines()
        .filter(|row| !is_of_the_exchange(row))
        .collect();
    let register = written("lich.csv", without.join("\n"));
    let exchange = |off: &str, worked: &str, published_on: &str| {
        format!(
            r#"{{"basis":"Thủ tướng Chính phủ đồng ý","published_on":"{published_on}","days":[
                {{"date":"{off}","kind":"swapped_off","name":"Tết","pair":"{worked}"}},
                {{"date":"{worked}","kind":"swapped_working","name":"Tết","pair":"{off}"}}]}}"#
        )
    };
    let file = written("1.json", exchange("2026-01-02", "2026-01-10", "2025-12-25"));
    let options = ["--calendar", &register, "--declared", &file];
    let three = "3 ngày làm việc";
    // Known to the receipt: the made-up Saturday counts, and the Friday off does not.
    let known = answer("07/01/2026 09:00", three, &options);
    assert_eq!(known["due_at"], "2026-01-10T17:00:00+07:00");
    assert_eq!(
        known["declared"]["due_at_before"],
        "2026-01-12T17:00:00+07:00"
    );
    assert_eq!(
        due("30/12/2025 09:00", "2 ngày làm việc", &options),
        "2026-01-05T17:00:00+07:00"
    );
    let said = deadline("07/01/2026 09:00", three, &options).done();
    assert!(said.contains("Công bố trước ngày tiếp nhận"), "{said}");
    assert!(!said.contains("không dời lên sớm hơn"), "{said}");
    // Not known to a receipt of the same day or of a day before.
    let late = written("2.json", exchange("2026-01-02", "2026-01-10", "2026-01-07"));
    let options = ["--calendar", &register, "--declared", &late];
    assert_eq!(
        due("07/01/2026 09:00", three, &options),
        "2026-01-12T17:00:00+07:00"
    );
    // What one declaration moved later, the next does not move back: a Monday off, then revoked.
    let off = written("3.json", exchange("2026-01-12", "2026-01-17", "2026-01-08"));
    let revoked = written(
        "4.json",
        r#"{"basis":"Công văn thử","published_on":"2026-01-09","days":[
            {"date":"2026-01-12","kind":"working","name":""},
            {"date":"2026-01-17","kind":"weekend","name":""}]}"#
            .to_owned(),
    );
    let options = ["--declared", &off, "--declared", &revoked];
    let moved = answer("08/01/2026 09:00", three, &options);
    assert_eq!(
        moved["declared"]["due_at_counted"],
        "2026-01-12T17:00:00+07:00"
    );
    assert_eq!(moved["due_at"], "2026-01-13T17:00:00+07:00");
}

/// NĐ 301/2026 art. 5.2 speaks of 15:00 only; that a day off is treated alike is said to be inferred.
#[test]
fn nd301_article_5_2_a_day_off_is_treated_as_after_15_and_said_to_be_inferred() {
    let birth = |received| answer(received, "3 ngày làm việc", &["--regime", "birth"]);
    for (received, due_at, inferred) in [
        ("11/09/2026 15:00", "2026-09-16T17:00:00+07:00", None),
        ("11/09/2026 15:01", "2026-09-17T17:00:00+07:00", Some(false)),
        ("12/09/2026 09:00", "2026-09-17T17:00:00+07:00", Some(true)),
    ] {
        let told = birth(received);
        assert_eq!(told["due_at"], due_at, "{received}");
        let rules = told["steps"][0]["rules"].to_string();
        let shown = rules.contains("coi như ngày tiếp nhận");
        assert_eq!(
            shown.then(|| rules.contains("ngày nghỉ: suy luận")),
            inferred,
            "{rules}"
        );
    }
}

/// The sessions of another province; the first three are what a widely used portal gets wrong.
#[test]
fn office_hours_are_those_that_are_given() {
    let hours = ["--hours", "07:30-11:30,13:00-17:00"];
    let table = [
        (
            "12/03/2025 11:30",
            "3 giờ làm việc",
            "2025-03-12T16:00:00+07:00",
        ),
        (
            "12/03/2025 11:30",
            "1 giờ làm việc",
            "2025-03-12T14:00:00+07:00",
        ),
        (
            "12/03/2025 17:55",
            "3 giờ làm việc",
            "2025-03-13T10:30:00+07:00",
        ),
    ];
    for (received, limit, expected) in table {
        assert_eq!(
            due(received, limit, &hours),
            expected,
            "{received} + {limit}"
        );
    }
    let early = ["--hours", "08:00-12:00,13:00-16:30"];
    let told = answer("12/03/2025 09:00", FIVE, &early);
    assert_eq!(told["due_at"], "2025-03-19T16:30:00+07:00");
    assert_eq!(told["calendar"], "vn-2018-2026.1@0800-1200-1300-1630");
    let refused = ["--hours", "13:00-17:00,07:30-11:30"];
    deadline("12/03/2025 09:00", FIVE, &refused).names(&["--hours", "in order"]);
}

#[test]
fn turns_that_cannot_be_are_refused_by_the_option() {
    let refused = |more: &[&str]| deadline("22/10/2026 09:00", "5 ngày", more);
    refused(&["--pause", "23/10/2026 10:00"]).names(&["--pause", "two dots"]);
    refused(&["--pause", "24/10/2026 10:00..23/10/2026 10:00"]).names(&["--pause", "earlier"]);
    refused(&["--second-limit", "23/10/2026 10:00"]).names(&["--second-limit", "= between"]);
    refused(&["--restart", "mai"]).names(&["--restart", "mai"]);
    refused(&["--restart", "22/10/2026 08:00"]).names(&[
        "--restart",
        "09:00",
        "one after the other",
    ]);
    refused(&[
        "--pause",
        "23/10/2026 10:00..26/10/2026 10:00",
        "--restart",
        "24/10/2026 10:00",
    ])
    .names(&["--restart", "26/10/2026 10:00"]);
    refused(&["--pause", "23/10/2026 10:00..05/01/2027 10:00"]).names(&["--pause", "2027"]);
    deadline(
        "22/10/2026 09:00",
        "không quy định",
        &["--restart", "23/10/2026 09:00"],
    )
    .names(&["--restart", "no limit is stated"]);
}
