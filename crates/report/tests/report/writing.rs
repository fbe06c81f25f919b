//! The same sheets on a terminal, as CSV, JSON, workbook and page.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use report::ii06a::Column;
use report::render::{csv, html, json, terminal, xlsx};
use report::sheet::{self, Cell, Sheet};
use report::{Names, Share};

use crate::figures::of;
use crate::story::{Setting, period};

fn form() -> Vec<Sheet> {
    let mut hostile = Setting::plain(2, "2018-01-03T09:00");
    hostile.field = "=cmd()<script>alert(1)</script>\u{1b}[31m".to_owned();
    let stories = [
        Setting::plain(1, "2018-01-03T09:00")
            .begin()
            .ready("2018-01-09T09:00"),
        hostile.begin(),
    ];
    let table = of(&[&stories[0], &stories[1]], period("2018-01"));
    let mut sheets = table.sheets(&Names::default());
    sheets.push(table.behind(None, Column::Received));
    sheets
}

#[test]
fn the_terminal_shows_every_row_and_obeys_no_name() {
    let text = terminal(&form());
    assert!(text.contains("Biểu số II.06a/VPCP/KSTT") && text.contains("Tổng cộng"));
    assert!(text.contains("Từ ngày 01/01/2018 đến ngày 31/01/2018"));
    assert!(text.contains("000.00.27.H33-180103-0001"));
    assert!(!text.contains('\u{1b}'));
    let table_lines = text.lines().filter(|line| line.starts_with('│'));
    assert!(
        table_lines
            .max_by_key(|line| line.chars().count())
            .unwrap()
            .chars()
            .count()
            <= 160
    );
}

#[test]
fn csv_is_read_back_and_holds_no_formula() {
    let sheets = form();
    let text = csv(&sheets[..1]).unwrap();
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().unwrap().clone();
    assert_eq!(&head[5], "Số hồ sơ tiếp nhận: Từ kỳ trước chuyển qua");
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0][1].starts_with("'=cmd()"), "{:?}", &rows[0]);
    assert_eq!((&rows[2][1], &rows[2][2]), ("Tổng cộng", "2"));
}

#[test]
fn the_page_is_whole_vietnamese_and_escaped() {
    let page = html(&form());
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"vi\">"));
    assert!(page.contains("A4 landscape") && page.contains("colspan=\"4\">Số hồ sơ tiếp nhận"));
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
    assert!(!page.contains("http"), "nothing is fetched");
    assert_eq!(page.matches("<section>").count(), 3);
}

#[test]
fn the_workbook_is_read_back_as_it_was_written() {
    let sheets = form();
    let bytes = xlsx(&sheets).unwrap();
    assert_eq!(
        bytes,
        xlsx(&sheets).unwrap(),
        "it carries no time of its making"
    );
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    assert_eq!(names[1], "2. Trong đó và tỷ lệ");
    let range = book.worksheet_range(&names[0]).unwrap();
    let last = range
        .rows()
        .find(|row| row.get(1) == Some(&Data::String("Tổng cộng".to_owned())))
        .unwrap();
    assert_eq!(last[2], Data::Float(2.0));
    let hostile = range
        .rows()
        .flatten()
        .find(|cell| cell.to_string().starts_with("=cmd"));
    assert!(
        matches!(hostile, Some(Data::String(_))),
        "text and no formula"
    );
}

#[test]
fn json_keeps_the_dossiers_of_every_cell() {
    let story = Setting::plain(1, "2018-01-03T09:00").begin();
    let table = of(&[&story], period("2018-01"));
    let value: serde_json::Value = serde_json::from_str(&json(&table).unwrap()).unwrap();
    assert_eq!(value["total"]["columns"]["overdue"][0], story.code.as_str());
    let sheets: serde_json::Value = serde_json::from_str(&json(&form()).unwrap()).unwrap();
    assert_eq!(sheets[0]["rows"][2][2], 2);
}

#[test]
fn an_empty_report_is_written_too() {
    let sheets = of(&[], period("2018-01")).sheets(&Names::default());
    assert!(terminal(&sheets).contains("không có"));
    assert!(!html(&sheets).is_empty() && !csv(&sheets).unwrap().is_empty());
    assert!(!xlsx(&sheets).unwrap().is_empty());
    assert!(!html(&[]).is_empty());
}

proptest! {
    #[test]
    fn any_text_is_written_and_none_is_obeyed(text in ".{0,40}", number in proptest::num::i32::ANY) {
        let sheet = Sheet {
            title: text.clone(),
            subtitle: vec![text.clone()],
            columns: vec![sheet::Column::under(text.clone(), text.clone()), sheet::Column::named("Số")],
            rows: vec![vec![Cell::from(text.as_str()), Cell::from(i64::from(number))]],
            notes: vec![text.clone()],
        };
        let sheets = [sheet];
        prop_assert!(terminal(&sheets).chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(!html(&sheets).contains("<script"));
        let written = csv(&sheets).unwrap();
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(written.as_bytes());
        let row = reader.records().nth(1).unwrap().unwrap();
        prop_assert_eq!(row[0].trim_start_matches('\''), text.trim_start_matches('\''));
        prop_assert!(!row[0].starts_with(['=', '+', '-', '@']));
        prop_assert!(xlsx(&sheets).is_ok());
    }

    #[test]
    fn a_share_is_never_more_than_the_whole(part in 0u64..1_000_000, more in 0u64..1_000_000) {
        let share = Share::of(part, part + more);
        prop_assert!(share.hundredths().is_none_or(|h| h <= 10_000));
        prop_assert!(share.points(20, 100).is_none_or(|points| points <= 2_000));
    }
}
