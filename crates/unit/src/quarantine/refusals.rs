//! Why something in quarantine is not dealt with as an officer asked.

use dossier::case::Refusal;
use envelope::Signed;
use journal::Quarantined;

/// Longest reason that an officer may give, in characters: it goes into an event.
const REASON_MAX: usize = 1_000;
const RULE: &str =
    "Quy tắc của hệ thống: việc xử lý dữ liệu bị cách ly phải có người xử lý và lý do";

/// What lies there as it was signed, where all of it lies there.
///
/// # Errors
/// A refusal: without its signature or its end it can only be rejected.
pub(crate) fn signed(kept: &Quarantined) -> Result<Signed, Refusal> {
    match (kept.signature, &kept.key) {
        (Some(signature), Some(key)) if kept.length == kept.bytes.len() as u64 => Ok(Signed {
            bytes: kept.bytes.clone().into(),
            signature,
            key: key.clone(),
        }),
        _ => Err(Refusal::new(
            "quarantine.not_signed",
            format!(
                "Dữ liệu số {} đến mà không có chữ ký hoặc không đầy đủ nên không thể xét lại; chỉ có thể loại bỏ",
                kept.number
            ),
            RULE,
        )),
    }
}

/// The reason of an intervention is given, and fits into an event.
///
/// # Errors
/// The refusal.
pub(crate) fn reasoned(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() || reason.chars().count() > REASON_MAX {
        return Err(Refusal::new(
            "quarantine.no_reason",
            format!("Phải nêu lý do, từ 1 đến {REASON_MAX} ký tự"),
            RULE,
        ));
    }
    Ok(())
}

/// Nothing lies under this number.
pub(crate) fn unknown(number: u64) -> Refusal {
    Refusal::new(
        "quarantine.unknown",
        format!("Không có dữ liệu bị cách ly nào mang số {number}"),
        RULE,
    )
}

/// What was dealt with stays so.
pub(crate) fn disposed(number: u64) -> Refusal {
    Refusal::new(
        "quarantine.disposed",
        format!("Dữ liệu số {number} đã được xử lý; kết quả xử lý được giữ nguyên"),
        RULE,
    )
}

/// It is still unfit.
pub(crate) fn still_unfit(number: u64, why: &str) -> Refusal {
    Refusal::new(
        "quarantine.still_unfit",
        format!("Dữ liệu số {number} vẫn chưa thể tiếp nhận: {why}"),
        RULE,
    )
}
