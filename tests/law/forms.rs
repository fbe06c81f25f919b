//! The forms that the citizen holds, printed by `motcua form`: the name comes from the home, the dates
//! from the events, so that a receipt stays the receipt of its day.

use serde_json::json;

use crate::province::{APPLICANT, COMMUNE, Province, holds};

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_keeps_its_date_after_an_apology() {
    let province = Province::running("2026-10-05T07:00").await;
    // Five working days.
    let code = province.receives("2026-10-05T09:00", "1.001653", 1, json!({}));
    let code = code.await;
    province.hears(&code, "dossier.received", 1).await;
    let listed = province.prints(&["form", COMMUNE, &code]);
    holds(
        &listed,
        &[
            "tt03/1",
            "09:00 05/10/2026",
            "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
        ],
    );
    assert!(!listed.contains("tt03/4"), "{listed}");
    let first = province.prints(&["form", COMMUNE, &code, "--form", "tt03/1"]);
    holds(&first, &["<html", APPLICANT, &code]);
    holds(&first, &["17 giờ 00 phút, ngày 12 tháng 10 năm 2026"]);
    let (done, _, errors) = province.motcua(&["form", COMMUNE, &code, "--form", "tt03/4"]);
    assert!(!done && errors.contains("tt03/4"), "{errors}");

    let apology = json!({
        "reason": "Phải xác minh thêm tại trạm y tế", "new_due_at": "2026-10-15T17:00:00+07:00",
    });
    let answer = province.does(COMMUNE, "apologise", "2026-10-08T10:00", &code, apology);
    assert_eq!(answer.await["due_at"], "2026-10-15T17:00:00+07:00");
    province.hears(&code, "dossier.apologised", 1).await;
    let later = province.prints(&["form", COMMUNE, &code, "--form", "tt03/1"]);
    assert_eq!(later, first, "printed again after the apology");
    let letter = province.prints(&["form", COMMUNE, &code, "--form", "tt03/4"]);
    holds(
        &letter,
        &[
            APPLICANT,
            "ngày 15 tháng 10 năm 2026",
            "Phải xác minh thêm tại trạm y tế",
        ],
    );
    let blank = province.prints(&["form", COMMUNE, &code, "--form", "tt03/1", "--blank"]);
    assert!(!blank.contains(APPLICANT), "{blank}");
}
