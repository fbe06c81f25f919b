//! The citizen is asked for a supplement and does not come back: after 7 working days the home stops the
//! dossier by itself (NĐ 301/2026/NĐ-CP art. 6.1), also when its service died meanwhile.

use serde_json::json;
use tests::process::eventually;
use tests::town::{message, message_at};

use crate::province::{COMMUNE, Province, holds};

#[tokio::test(flavor = "multi_thread")]
async fn a_supplement_that_never_comes_stops_the_dossier_when_its_time_is_over() {
    let mut province = Province::running("2026-10-05T07:00").await;
    let received = province.receives("2026-10-05T09:00", "3.000722", 2, json!({}));
    let code = received.await;
    let asked = json!({
        "items": ["Giấy chứng sinh bản rõ"], "reason": "Bản chụp Giấy chứng sinh không đọc được",
    });
    let answer = province.does(COMMUNE, "ask_supplement", "2026-10-06T09:00", &code, asked);
    assert_eq!(answer.await["status"], 5);
    province.kill("motcua-commune");
    province.start("motcua-commune").await;

    // Wednesday to Friday, Monday to Thursday: the last of seven days counts to its end.
    province.passes("2026-10-15T23:59").await;
    eventually("the home to stop the dossier", async || {
        province.passes("2026-10-16T00:00").await;
        let question = message(Some(&code), json!({}));
        let shown = province.ask(COMMUNE, "show", &question).await.done();
        (shown["status"] == 8).then_some(())
    })
    .await;
    let stopped = province.hears(&code, "dossier.stopped", 1).await;
    assert_eq!(stopped.len(), 1);
    assert_eq!(stopped[0]["at"], "2026-10-16T00:00:00+07:00");
    let late = message_at("2026-10-16T08:00", Some(&code), json!({}));
    let refused = province.ask(COMMUNE, "give_supplement", &late).await;
    assert_eq!(refused.refusal().0, "422");

    let now = "2026-10-16T17:00:00+07:00";
    let why = province.prints(&["why", &code, "--at", now, "--format", "csv"]);
    holds(
        &why,
        &[
            "Bắt đầu chờ bổ sung hồ sơ",
            "đồng hồ dừng, thời gian chờ không tính",
            "NĐ 301/2026/NĐ-CP điều 3 khoản 4",
            "Mẫu 05 (TT 03/2025/TT-VPCP): Thông báo dừng giải quyết hồ sơ",
        ],
    );
    let stop = province.prints(&["form", COMMUNE, &code, "--form", "tt03/5"]);
    holds(
        &stop,
        &["Quá thời hạn bổ sung 7 ngày làm việc (hết ngày 15/10/2026)"],
    );
    holds(&stop, &["NĐ 301/2026/NĐ-CP điều 6 khoản 1"]);
}
