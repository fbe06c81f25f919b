//! September 2026 at a commune, and how `motcua report` is asked about it.

use serde_json::{Value, json};

use crate::province::{COMMUNE, Province};

/// Five working days; field "Bảo trợ xã hội".
pub const DISABILITY: &str = "1.001653";
/// Five working days; field "Di sản văn hóa".
pub const ARTISAN: &str = "1.014310";
pub const CARE: &str = "Bảo trợ xã hội";
pub const HERITAGE: &str = "Di sản văn hóa";

/// The dossiers of the month by how they stand at its end.
pub struct Month {
    pub early: String,
    pub late: String,
    pub on_time: String,
    pub refused: String,
    pub overdue: String,
    pub in_time: String,
}

pub async fn september(province: &Province) -> Month {
    let received = async |at: &str, procedure| province.receives(at, procedure, 1, json!({})).await;
    let month = Month {
        early: received("2026-09-07T09:00", DISABILITY).await,
        late: received("2026-09-08T09:00", DISABILITY).await,
        on_time: received("2026-09-09T09:00", ARTISAN).await,
        refused: received("2026-09-10T09:00", DISABILITY).await,
        overdue: received("2026-09-14T09:00", DISABILITY).await,
        in_time: received("2026-09-28T09:00", ARTISAN).await,
    };
    for (code, at) in [
        (&month.early, "2026-09-09T10:00"),
        (&month.late, "2026-09-17T10:00"),
        (&month.on_time, "2026-09-16T15:00"),
    ] {
        province.completes(COMMUNE, at, code, "processing").await;
    }
    let reason = json!({ "reason": "Không thuộc đối tượng theo quy định" });
    let refused = province.does(
        COMMUNE,
        "refuse",
        "2026-09-11T10:00",
        &month.refused,
        reason,
    );
    refused.await;
    for code in [&month.early, &month.late, &month.on_time] {
        province.hears(code, "result.readied", 1).await;
    }
    province.hears(&month.refused, "dossier.refused", 1).await;
    for code in [&month.overdue, &month.in_time] {
        province.hears(code, "step.accepted", 1).await;
    }
    month
}

/// The arguments of form II.06a of a month at a unit, as JSON.
pub fn form<'a>(unit: &'a str, month: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let asked = [
        "report", "06a", "--unit", unit, "--period", month, "--format", "json",
    ];
    [&asked, more].concat()
}

/// The first rule set's answer.
fn answer(printed: &str) -> Value {
    let all: Value = serde_json::from_str(printed).unwrap();
    all[0][0].clone()
}

pub fn told(province: &Province, unit: &str, month: &str, more: &[&str]) -> Value {
    answer(&province.prints(&form(unit, month, more)))
}

/// The codes behind a column, in order.
pub fn behind(province: &Province, month: &str, column: &str) -> Vec<String> {
    let answer = told(province, COMMUNE, month, &["--column", column]);
    let rows = answer["sheets"][0]["rows"].as_array().unwrap();
    let csv = [
        "report", "06a", "--unit", COMMUNE, "--period", month, "--format", "csv",
    ];
    let csv = province.prints(&[&csv[..], &["--column", column]].concat());
    let codes = csv.lines().skip(1).filter_map(|line| line.split_once(','));
    let codes: Vec<String> = codes.map(|(_, code)| code.to_owned()).collect();
    assert_eq!(codes.len(), rows.len(), "{csv}");
    codes
}
