//! A closed month does not drift: what was stated stays, and what is told otherwise later is named,
//! dossier by dossier, with its reason.

use serde_json::{Value, json};
use tests::process::eventually;
use tests::town::{message, message_at};
use uuid::Uuid;

use crate::month::{ARTISAN, CARE, HERITAGE, Month, behind, form, september, told};
use crate::province::{COMMUNE, NEIGHBOUR, Province, holds};

/// Closes September at the commune, on 2 October.
async fn close(province: &Province) -> Value {
    let closing = ["--close", "--officer", "chu-tich"];
    eventually("the commune to know that September is over", async || {
        province.passes("2026-10-02T08:00").await;
        let (done, _, errors) = province.motcua(&form(COMMUNE, "2026-09", &closing));
        assert!(
            done || errors.contains("period.not_over") || errors.contains("period.cut_off"),
            "{errors}"
        );
        done.then_some(())
    })
    .await;
    eventually("the projector to know the closed month", async || {
        let answer = told(province, COMMUNE, "2026-09", &[]);
        let closed = answer["closed"].as_array()?.first()?.clone();
        Some(closed)
    })
    .await
}

fn nothing_else_is_closed(province: &Province) {
    for (unit, month, rules) in [
        (COMMUNE, "2026-09", "original"),
        (COMMUNE, "2026-10", "ii06a"),
        (NEIGHBOUR, "2026-09", "ii06a"),
    ] {
        let answer = told(province, unit, month, &["--rules", rules]);
        assert_eq!(answer["closed"], json!([]), "{unit} {month} {rules}");
        assert_eq!(answer["changes"], json!([]), "{unit} {month} {rules}");
    }
}

fn closing_again_is_refused(province: &Province) {
    let other = Uuid::from_u128(0x7000_8000_0000_0000_0001).to_string();
    let (done, _, errors) =
        province.motcua(&form(COMMUNE, "2026-09", &["--close", "--id", &other]));
    assert!(!done && errors.contains("period.closed"), "{errors}");
}

/// What happened in September and is written down in October: a result, and a dossier out of the paper
/// register.
async fn recorded_late(province: &Province, month: &Month) -> String {
    province
        .completes(COMMUNE, "2026-09-29T10:00", &month.overdue, "processing")
        .await;
    let paper = json!({ "paper": { "volume": "02/2026", "number": 7 } });
    let entered = province
        .receives("2026-09-25T09:00", ARTISAN, 1, paper)
        .await;
    province.hears(&month.overdue, "result.readied", 1).await;
    province.hears(&entered, "step.accepted", 1).await;
    entered
}

fn change(row: &str, column: &str, gone: &[&String], come: &[&String]) -> Value {
    json!({ "row": row, "column": column, "gone": gone, "come": come })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_month_stays_and_what_changed_since_is_named_with_its_reason() {
    let province = Province::running("2026-09-03T07:00").await;
    let month = september(&province).await;
    let closed = close(&province).await;
    assert_eq!(closed["unit"], COMMUNE);
    assert_eq!(closed["officer"], "chu-tich");
    assert_eq!(closed["restated"], json!([]));
    nothing_else_is_closed(&province);
    // Said again in the same words it is the same command; in others it is a second closing.
    province.prints(&form(
        COMMUNE,
        "2026-09",
        &["--close", "--officer", "chu-tich"],
    ));
    closing_again_is_refused(&province);

    let entered = recorded_late(&province, &month).await;
    let answer = told(&province, COMMUNE, "2026-09", &[]);
    assert_eq!(
        answer["closed"],
        json!([closed]),
        "the closed statement stays"
    );
    let (done, late) = (&[][..], &[&month.overdue][..]);
    let expected = [
        change(CARE, "resolved", done, late),
        change(CARE, "late", done, late),
        change(CARE, "open", late, done),
        change(CARE, "overdue", late, done),
        change(HERITAGE, "received", &[], &[&entered]),
        change(HERITAGE, "direct", &[], &[&entered]),
        change(HERITAGE, "open", &[], &[&entered]),
        change(HERITAGE, "in_time", &[], &[&entered]),
    ];
    assert_eq!(answer["changes"], json!(expected));
    let table = province.prints(&["report", "06a", "--unit", COMMUNE, "--period", "2026-09"]);
    holds(
        &table,
        &["Thay đổi so với số liệu đã khóa", &month.overdue, &entered],
    );
    closing_again_is_refused(&province);

    restated(&province, &closed).await;
    let carried_over = behind(&province, "2026-10", "6");
    assert_eq!(carried_over, behind(&province, "2026-09", "11"));
    assert_eq!(carried_over, [entered, month.in_time]);
    assert!(behind(&province, "2026-09", "13").is_empty());
}

/// A restatement needs a reason, stands beside the statement, and from then on nothing differs.
async fn restated(province: &Province, closed: &Value) {
    let (done, _, errors) = province.motcua(&form(COMMUNE, "2026-09", &["--restate", " "]));
    assert!(!done && errors.contains("period.no_reason"), "{errors}");
    let reason = "Nhập bổ sung từ sổ giấy quyển 02/2026";
    province.prints(&form(COMMUNE, "2026-09", &["--restate", reason]));
    let answer = eventually("the restatement", async || {
        let answer = told(province, COMMUNE, "2026-09", &[]);
        let restated = answer["closed"][0]["restated"].as_array()?;
        (!restated.is_empty()).then_some(answer)
    })
    .await;
    assert_eq!(answer["changes"], json!([]));
    let now = &answer["closed"][0];
    assert_eq!(
        (&now["event"], &now["stated"]),
        (&closed["event"], &closed["stated"])
    );
    assert_eq!(now["restated"][0]["reason"], reason);
    assert_eq!(
        now["restated"][0]["stated"]["rows"],
        answer["statement"]["rows"]
    );
    let table = province.prints(&["report", "06a", "--unit", COMMUNE, "--period", "2026-09"]);
    holds(&table, &["điều chỉnh 1 lần", reason]);
    let nobody = message(
        None,
        json!({
            "closed": Uuid::from_u128(7), "reason": reason, "known_by": "2026-10-02T08:00:00+07:00", "rows": {},
        }),
    );
    let refused = province.ask(COMMUNE, "restate_period", &nobody).await;
    assert_eq!(refused.refusal(), ("422", "period.not_closed"));
    let of_dossier = message_at("2026-10-02T08:00", Some("H01.169-260907-0001"), json!({}));
    let refused = province.ask(COMMUNE, "close_period", &of_dossier).await;
    assert_eq!(refused.refusal().0, "400");
}
