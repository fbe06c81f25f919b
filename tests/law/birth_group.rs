//! The group of birth (NĐ 63/2024/NĐ-CP as amended by NĐ 301/2026/NĐ-CP) with the identity card: what is
//! late, wrong or silent at one agency is seen, repaired and answered for where it arose.

use serde_json::{Value, json};
use tests::process::eventually;
use tests::town::message_at;

use crate::province::{APPLICANT, COMMUNE, INSURANCE, POLICE, Province, holds, kind_of};

const PROCEDURE: &str = "3.000722";

/// Received after 15:00, registered the next morning: residence and insurance are given out together.
async fn registered(province: &Province) -> String {
    let chosen = json!({ "options": ["can_cuoc"] });
    let code = province.receives("2026-10-05T15:30", PROCEDURE, 2, chosen);
    let code = code.await;
    province
        .completes(COMMUNE, "2026-10-06T10:30", &code, "birth")
        .await;
    code
}

fn moments(events: &[Value]) -> Vec<&str> {
    let at = events.iter().filter_map(|event| event["at"].as_str());
    at.collect()
}

/// The certificate is handed out while the others go on; then the insurance finds an error in it.
async fn an_error_goes_back_to_the_birth(province: &Province, code: &str) {
    let part = json!({ "step": "birth", "channel": "online" });
    province
        .does(
            COMMUNE,
            "return_part",
            "2026-10-06T10:40",
            code,
            part.clone(),
        )
        .await;
    let again = message_at("2026-10-06T10:45", Some(code), part);
    let refused = province.ask(COMMUNE, "return_part", &again).await;
    assert_eq!(refused.refusal(), ("422", "outcome.already_returned"));
    province
        .accepts(INSURANCE, "2026-10-06T10:50", code, "insurance")
        .await;
    let wrong = json!({
        "step": "insurance", "to_step": "birth", "reason": "Sai tên đệm của trẻ trên Giấy khai sinh",
    });
    province
        .does(INSURANCE, "send_back", "2026-10-06T11:10", code, wrong)
        .await;
    eventually("the certificate to be corrected", async || {
        let again = province.given(COMMUNE, code, "birth").await;
        (again["turn"] == 2).then_some(())
    })
    .await;
}

/// Two working hours from 10:30 end at 14:30, since offices close from 11:30 to 13:30. The insurance
/// answered in time, the police did not.
async fn silence_is_alerted(province: &Province, code: &str) {
    let waiting = province.given(POLICE, code, "residence").await;
    assert_eq!(waiting["answer_by"], "2026-10-06T14:30:00+07:00");
    province.passes("2026-10-06T14:30").await;
    eventually("the alert", async || {
        province.passes("2026-10-06T14:31").await;
        let told = province.timeline(code).await;
        let raised = told.iter().any(|e| kind_of(e) == "alert.raised");
        raised.then_some(())
    })
    .await;
    let raised = province.hears(code, "alert.raised", 1).await;
    assert_eq!(moments(&raised), ["2026-10-06T14:31:00+07:00"]);
    assert_eq!(raised[0]["step"], "residence");
    province
        .accepts(POLICE, "2026-10-06T15:45", code, "residence")
        .await;
    let settled = province.hears(code, "alert.settled", 1).await;
    assert_eq!(moments(&settled), ["2026-10-06T15:45:00+07:00"]);
}

/// The corrected certificate is handed out once more, and the insurance goes on with it.
async fn the_correction_goes_on(province: &Province, code: &str) {
    province
        .completes(COMMUNE, "2026-10-07T08:00", code, "birth")
        .await;
    let part = json!({ "step": "birth", "channel": "online" });
    province
        .does(COMMUNE, "return_part", "2026-10-07T08:10", code, part)
        .await;
    province
        .accepts(INSURANCE, "2026-10-07T08:30", code, "insurance")
        .await;
    province
        .completes(INSURANCE, "2026-10-08T09:00", code, "insurance")
        .await;
}

/// The police cannot keep 17:00 of Thursday the 8th, and says so itself, a day ahead.
async fn the_late_agency_apologises(province: &Province, code: &str) {
    let later = |step: &str, at: &str| json!({ "step": step, "reason": "Hệ thống cư trú quá tải", "new_due_at": at });
    let by_home = message_at(
        "2026-10-07T09:00",
        Some(code),
        later("residence", "2026-10-09T17:00:00+07:00"),
    );
    let refused = province.ask(COMMUNE, "apologise_step", &by_home).await;
    assert_eq!(refused.refusal(), ("422", "step.not_held"));
    let apology = later("residence", "2026-10-09T17:00:00+07:00");
    province
        .does(POLICE, "apologise_step", "2026-10-07T10:00", code, apology)
        .await;
    let twice = message_at(
        "2026-10-07T10:05",
        Some(code),
        later("residence", "2026-10-12T17:00:00+07:00"),
    );
    let refused = province.ask(POLICE, "apologise_step", &twice).await;
    assert_eq!(refused.refusal(), ("422", "step.already_extended"));
    province
        .completes(POLICE, "2026-10-09T10:00", code, "residence")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_birth_group_goes_through_silence_error_and_delay_to_its_end() {
    let province = Province::running("2026-10-05T07:00").await;
    let code = registered(&province).await;
    an_error_goes_back_to_the_birth(&province, &code).await;
    silence_is_alerted(&province, &code).await;
    the_correction_goes_on(&province, &code).await;
    the_late_agency_apologises(&province, &code).await;
    // The identity card is asked for only now that the residence is there.
    province
        .accepts(POLICE, "2026-10-09T10:30", &code, "identity_card")
        .await;
    province
        .completes(POLICE, "2026-10-15T10:00", &code, "identity_card")
        .await;
    let ready = province.hears(&code, "result.readied", 1).await;
    assert_eq!(moments(&ready), ["2026-10-15T10:00:00+07:00"]);
    let back = json!({ "channel": "counter" });
    let returned = province.does(COMMUNE, "return_result", "2026-10-16T09:00", &code, back);
    assert_eq!(returned.await["status"], 10);
    province.hears(&code, "result.returned", 1).await;

    what_happened_is_told_once(&province, &code).await;
    the_record_says_so(&province, &code).await;
    why_it_was_due(&province, &code);
    whose_step_was_late(&province, &code);
}

async fn what_happened_is_told_once(province: &Province, code: &str) {
    let shown = province.query("dossier", &json!({ "code": code })).await;
    let dossier = &shown["dossier"];
    assert_eq!(dossier["row"]["status"], 10, "{dossier}");
    assert_eq!(dossier["pending"], 0);
    let timeline = dossier["timeline"].as_array().unwrap();
    let count = |kind: &str| timeline.iter().filter(|e| kind_of(e) == kind).count();
    let counted = [
        ("dossier.received", 1),
        ("step.dispatched", 6),
        ("step.accepted", 6),
        ("step.completed", 5),
        ("step.returned", 1),
        ("step.apologised", 1),
        ("alert.raised", 1),
        ("alert.settled", 1),
        ("result.part_returned", 2),
        ("result.readied", 1),
        ("result.returned", 1),
    ];
    for (kind, times) in counted {
        assert_eq!(count(kind), times, "{kind}");
    }
    let kinds: usize = counted.iter().map(|(_, times)| times).sum();
    let allotted = count("step.allotted");
    assert_eq!(timeline.len(), kinds + allotted, "{timeline:#?}");
}

/// What the events themselves say, as they were signed.
async fn the_record_says_so(province: &Province, code: &str) {
    let facts = province.facts(code).await;
    let only = |kind: &str| {
        let of_kind: Vec<&Value> = facts.iter().filter(|e| kind_of(e) == kind).collect();
        assert_eq!(of_kind.len(), 1, "{kind}: {of_kind:?}");
        of_kind[0]["data"].clone()
    };
    let received = only("dossier.received");
    assert_eq!(received["regime"], "nd63_nd301");
    assert_eq!(
        received["particulars"]["counted_from"],
        "2026-10-06T07:00:00+07:00"
    );
    assert_eq!(received["due_at"], "2026-10-16T17:00:00+07:00");
    let raised = only("alert.raised");
    assert_eq!(raised["alert"], "not_acknowledged");
    assert_eq!(raised["repair_by"], "2026-10-06T17:00:00+07:00");
    assert_eq!(raised["basis"], "NĐ 301/2026/NĐ-CP điều 5 khoản 4");
    assert_eq!(only("alert.settled")["late"], false);
    let apologised = only("step.apologised");
    assert_eq!(apologised["late"], false);
    assert_eq!(apologised["old_due_at"], "2026-10-08T17:00:00+07:00");
    let given = facts.iter().filter(|e| kind_of(e) == "step.dispatched");
    let mut given: Vec<[&str; 3]> = given
        .map(|e| [&e["time"], &e["data"]["step"], &e["data"]["to"]].map(|v| v.as_str().unwrap()))
        .collect();
    given.sort_unstable();
    // Residence and insurance side by side; the card only after the residence.
    let expected = [
        ["2026-10-05T15:30:00+07:00", "birth", COMMUNE],
        ["2026-10-06T10:30:00+07:00", "insurance", INSURANCE],
        ["2026-10-06T10:30:00+07:00", "residence", POLICE],
        ["2026-10-06T11:10:00+07:00", "birth", COMMUNE],
        ["2026-10-07T08:00:00+07:00", "insurance", INSURANCE],
        ["2026-10-09T10:00:00+07:00", "identity_card", POLICE],
    ];
    assert_eq!(given, expected);
}

/// Three and five working days from the opening after 15:30 of Monday the 5th.
fn why_it_was_due(province: &Province, code: &str) {
    let now = "2026-10-16T17:00:00+07:00";
    let why = province.prints(&["why", code, "--at", now, "--format", "csv"]);
    holds(
        &why,
        &[
            "Nghị định 301/2026/NĐ-CP",
            "thời hạn 8 ngày làm việc tính từ 07:00 06/10/2026, hẹn trả 17:00 16/10/2026",
            "Bắt đầu tính muộn hơn lúc tiếp nhận",
            "NĐ 301/2026/NĐ-CP điều 5 khoản 2",
            "16/10/2026,ngày thứ 8",
            "10/10/2026,không tính",
            "Mẫu 01 (TT 03/2025/TT-VPCP)",
            "10:00 07/10/2026,Mẫu 04 (TT 03/2025/TT-VPCP)",
        ],
    );
    // A step's new date is not one of the whole.
    assert!(!why.contains("Xin lỗi, hẹn lại ("), "{why}");
    let letter = province.prints(&["form", COMMUNE, code, "--form", "tt03/4"]);
    let new_date = "17 giờ 00 phút, ngày 09 tháng 10 năm 2026";
    holds(&letter, &[APPLICANT, "Công an tỉnh An Giang", new_date]);
}

fn whose_step_was_late(province: &Province, code: &str) {
    let now = "2026-10-16T17:00:00+07:00";
    let slip = province.prints(&["slip", code, "--at", now, "--format", "csv"]);
    let of = |what: &str| -> Vec<&str> { slip.lines().filter(|row| row.contains(what)).collect() };
    let residence = of("Đăng ký thường trú");
    assert_eq!(residence.len(), 1, "{slip}");
    holds(
        residence[0],
        &[
            "Công an tỉnh An Giang",
            "10:30 06/10/2026",
            "15:45 06/10/2026",
            "17:00 08/10/2026",
            "10:00 09/10/2026",
            "Quá hạn",
            "đã xin lỗi, hẹn lại 17:00 09/10/2026",
        ],
    );
    let insurance = of("Cấp thẻ bảo hiểm y tế");
    assert_eq!(insurance.len(), 2, "{slip}");
    holds(insurance[1], &["giao lần 2"]);
    for row in of("Cấp thẻ căn cước").iter().chain(&insurance) {
        assert!(!row.contains("Quá hạn"), "{row}");
    }
    assert_eq!(of("Đăng ký khai sinh").len(), 2, "{slip}");
}
