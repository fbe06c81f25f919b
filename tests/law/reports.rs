//! A month of dossiers as `motcua report` tells it: under four meanings of "on time" side by side, in
//! every format, with the identities of form II.06a, and every cell leading to its dossiers.

use std::fs;

use serde_json::{Value, json};

use crate::month::{behind, form, september};
use crate::province::{COMMUNE, Province, holds};

fn number(row: &Value, column: &str) -> u64 {
    row["columns"][column].as_u64().unwrap_or_default()
}

fn identities_hold(statement: &Value) {
    let rows = statement["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "two fields and the total: {statement}");
    for row in rows {
        let n = |column| number(row, column);
        assert_eq!(n("received"), n("online") + n("direct") + n("carried_over"));
        assert_eq!(n("received"), n("resolved") + n("open"));
        assert_eq!(n("resolved"), n("early") + n("on_time") + n("late"));
        assert_eq!(n("open"), n("in_time") + n("overdue"));
    }
    let [care, heritage, total] = &rows[..] else {
        panic!("{statement}")
    };
    for column in ["received", "resolved", "open"] {
        assert_eq!(
            number(total, column),
            number(care, column) + number(heritage, column)
        );
    }
}

fn every_rule_set_keeps_the_identities(province: &Province) {
    let rules = ["--rules", "ii06a,original,qd766,tt01"];
    let printed = province.prints(&form(COMMUNE, "2026-09", &rules));
    let all: Value = serde_json::from_str(&printed).unwrap();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 4);
    for of_rules in all {
        assert_eq!(of_rules[0]["broken"], json!([]));
        identities_hold(&of_rules[0]["statement"]);
    }
    let total = &all[0][0]["statement"]["rows"][2];
    let expected = [
        ("received", 6),
        ("direct", 6),
        ("carried_over", 0),
        ("early", 2),
        ("on_time", 1),
        ("late", 1),
        ("in_time", 1),
        ("overdue", 1),
    ];
    for (column, dossiers) in expected {
        assert_eq!(number(total, column), dossiers, "{column}: {total}");
    }
}

fn every_format_is_written(province: &Province) {
    let asked = ["report", "06a", "--unit", COMMUNE, "--period", "2026-09"];
    let table = province.prints(&[&asked[..], &["--format", "table"]].concat());
    holds(
        &table,
        &["Biểu số II.06a/VPCP/KSTT", "Tổng cộng", "66,67 %"],
    );
    let csv = province.prints(&[&asked[..], &["--format", "csv"]].concat());
    holds(
        &csv,
        &[
            "Từ kỳ trước chuyển qua",
            "1,Bảo trợ xã hội,4,0,4,0,3,2,0,1,1,0,1",
        ],
    );
    for (format, begins) in [("xlsx", "PK"), ("html", "<!DOCTYPE html>")] {
        let path = province.path(&format!("06a.{format}"));
        let path = path.to_str().unwrap();
        province.prints(&[&asked[..], &["--format", format, "--output", path]].concat());
        let written = fs::read(path).unwrap();
        assert!(written.starts_with(begins.as_bytes()), "{format}");
    }
    let nowhere = [&asked[..], &["--format", "xlsx"]].concat();
    let (done, _, errors) = province.motcua(&nowhere);
    assert!(!done && errors.contains("--output"), "{errors}");
}

/// The other reports of the same month.
fn every_report_is_made(province: &Province, late: &str) {
    let asked = |name| {
        [
            "report", name, "--unit", COMMUNE, "--period", "2026-09", "--format", "csv",
        ]
    };
    let register = province.prints(&asked("register"));
    holds(&register, &[late, "17:00 15/09/2026"]);
    let index = province.prints(&asked("766"));
    holds(
        &index,
        &[
            "4 / 6,\"66,67 %\"",
            "3 / 4,\"75,00 %\"",
            "1 / 2,\"50,00 %\"",
        ],
    );
    let delay = province.prints(&asked("delay"));
    // Office minutes from reception to the end, or to the end of the month: 1,020 early, 3,420 late,
    // 2,640 on time, 540 refused, 6,120 overdue and 1,320 in time. Beyond their limit: 660 of the late
    // one, and 3,360 of the overdue one so far.
    holds(
        &delay,
        &[
            "UBND xã Châu Thành (H01-169),6,15060,2,4020",
            "Tổng cộng,,15060",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_reported_in_every_format_and_its_cells_lead_to_dossiers() {
    let province = Province::running("2026-09-03T07:00").await;
    let month = september(&province).await;
    every_rule_set_keeps_the_identities(&province);
    every_format_is_written(&province);
    every_report_is_made(&province, &month.late);
    let cell = |column| behind(&province, "2026-09", column);
    assert_eq!(cell("8"), [month.early.clone(), month.refused.clone()]);
    assert_eq!(cell("9"), [month.on_time]);
    assert_eq!(cell("10"), [month.late]);
    assert_eq!(cell("12"), [month.in_time]);
    assert_eq!(cell("13"), [month.overdue]);
    let (done, _, errors) = province.motcua(&form(COMMUNE, "2026-09", &["--column", "14"]));
    assert!(!done && errors.contains("no column 14"), "{errors}");
}
