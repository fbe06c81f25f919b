//! The table of the regimes' rules: one row for each regime, each rule with its article and with how
//! well it is known. [`crate::regime`] says what each column means and which row a dossier is under.
//!
//! Read in full were NĐ 61/2018/NĐ-CP and TT 01/2018/TT-VPCP (Pháp điển điện tử), NĐ 309/2026/NĐ-CP
//! and NĐ 301/2026/NĐ-CP (luatvietnam.vn; of the former all but art. 15). Of NĐ 118/2025/NĐ-CP only
//! art. 1 and 2 and what NĐ 309 amends were found, of NĐ 63/2024/NĐ-CP only what NĐ 301 amends, of
//! QĐ 09/2015/QĐ-TTg nothing: their other rules are assumed and left to each procedure's version.

use calendar::Limit;

use crate::procedure::WaitEffect;
use crate::promise::Wait;
use crate::regime::{ClockStart, Known, Ruled, Rules};

const fn read<T>(value: T, basis: &'static str) -> Ruled<T> {
    let known = Known::Read;
    Ruled {
        value,
        basis,
        known,
    }
}

const fn inferred<T>(value: T, basis: &'static str) -> Ruled<T> {
    let known = Known::Inferred;
    Ruled {
        value,
        basis,
        known,
    }
}

const fn assumed<T>(value: T, basis: &'static str) -> Ruled<T> {
    let known = Known::Assumed;
    Ruled {
        value,
        basis,
        known,
    }
}

const RECORD: &str = "TT 01/2018/TT-VPCP điều 17 khoản 1 điểm b: cập nhật từng bước theo thời gian thực; mức một ngày làm việc là của hệ thống";
const PAPER: &str = "NĐ 61/2018/NĐ-CP điều 39 khoản 1: nơi chưa có hệ thống dùng sổ giấy; mức 15 ngày làm việc là của hệ thống";

const UNREAD_09: &str =
    "QĐ 09/2015/QĐ-TTg (chưa đọc được văn bản; tạm theo NĐ 61/2018/NĐ-CP điều 17 đến 19)";

pub(crate) const QD09: Rules = Rules {
    name: "Quyết định 09/2015/QĐ-TTg",
    // From memory; no day before 2018 is covered by a calendar.
    from: (2015, 5, 6),
    start: assumed(ClockStart::OnReceipt, UNREAD_09),
    start_outside: assumed(ClockStart::OnReceipt, UNREAD_09),
    not_counted: assumed(&[], UNREAD_09),
    supplement: assumed(WaitEffect::Restart, UNREAD_09),
    supplement_rounds: assumed(None, UNREAD_09),
    supplement_notice: assumed(
        None,
        "QĐ 09/2015/QĐ-TTg (chưa đọc được văn bản; không tự đặt mức)",
    ),
    supplement_time_out: assumed(None, UNREAD_09),
    apologies: assumed(1, UNREAD_09),
    apology_days_ahead: assumed(1, UNREAD_09),
    refusal_within_limit: assumed(true, UNREAD_09),
    late_start: assumed(false, UNREAD_09),
    record_within: assumed(Limit::working_days(1), RECORD),
    paper_record_within: assumed(Limit::working_days(15), PAPER),
    send_within_minutes: assumed(None, UNREAD_09),
    acknowledge_within_minutes: assumed(None, UNREAD_09),
};

const SILENT_61: &str = "NĐ 61/2018/NĐ-CP (không quy định)";

pub(crate) const ND61: Rules = Rules {
    name: "Nghị định 61/2018/NĐ-CP",
    from: (2018, 6, 21),
    start: read(
        ClockStart::OnReceipt,
        "NĐ 61/2018/NĐ-CP điều 17 khoản 1 điểm c",
    ),
    start_outside: inferred(
        ClockStart::OnReceipt,
        "NĐ 61/2018/NĐ-CP điều 17, 18 (không có quy định riêng)",
    ),
    not_counted: inferred(&[], SILENT_61),
    supplement: read(WaitEffect::Restart, "NĐ 61/2018/NĐ-CP điều 19 khoản 4"),
    supplement_rounds: inferred(
        None,
        "NĐ 61/2018/NĐ-CP điều 17 khoản 2 điểm a: đầy đủ một lần, áp dụng khi hướng dẫn trước tiếp nhận",
    ),
    supplement_notice: read(
        Some(Limit::working_days(3)),
        "NĐ 61/2018/NĐ-CP điều 19 khoản 4",
    ),
    supplement_time_out: inferred(
        None,
        "NĐ 61/2018/NĐ-CP (không quy định thời hạn cho công dân)",
    ),
    apologies: read(1, "NĐ 61/2018/NĐ-CP điều 19 khoản 9"),
    apology_days_ahead: read(1, "NĐ 61/2018/NĐ-CP điều 19 khoản 9"),
    refusal_within_limit: read(true, "NĐ 61/2018/NĐ-CP điều 19 khoản 8"),
    late_start: inferred(
        false,
        "NĐ 61/2018/NĐ-CP điều 18 khoản 2: sau 15 giờ chỉ được chuyển hồ sơ vào đầu giờ ngày làm việc tiếp theo",
    ),
    record_within: assumed(Limit::working_days(1), RECORD),
    paper_record_within: assumed(Limit::working_days(15), PAPER),
    send_within_minutes: inferred(None, SILENT_61),
    acknowledge_within_minutes: inferred(None, SILENT_61),
};

const UNREAD_118: &str =
    "NĐ 118/2025/NĐ-CP điều 19 (chưa đọc được toàn văn; đặt theo từng phiên bản thủ tục)";

pub(crate) const ND118: Rules = Rules {
    name: "Nghị định 118/2025/NĐ-CP",
    from: (2025, 7, 1),
    start: inferred(ClockStart::OnReceipt, "NĐ 118/2025/NĐ-CP điều 17"),
    start_outside: assumed(
        ClockStart::OnReceipt,
        "NĐ 118/2025/NĐ-CP điều 14, 17 (trước NĐ 309/2026 chưa có quy định riêng)",
    ),
    not_counted: assumed(&[], UNREAD_118),
    supplement: assumed(WaitEffect::Restart, UNREAD_118),
    supplement_rounds: assumed(None, UNREAD_118),
    supplement_notice: assumed(Some(Limit::working_days(3)), UNREAD_118),
    supplement_time_out: assumed(None, UNREAD_118),
    apologies: assumed(1, UNREAD_118),
    apology_days_ahead: assumed(1, UNREAD_118),
    refusal_within_limit: assumed(true, UNREAD_118),
    late_start: inferred(false, "NĐ 118/2025/NĐ-CP điều 18 khoản 2"),
    record_within: assumed(Limit::working_days(1), RECORD),
    paper_record_within: assumed(Limit::working_days(15), PAPER),
    send_within_minutes: assumed(None, UNREAD_118),
    acknowledge_within_minutes: assumed(None, UNREAD_118),
};

pub(crate) const ND118_ND309: Rules = Rules {
    name: "Nghị định 118/2025/NĐ-CP, sửa đổi bởi Nghị định 309/2026/NĐ-CP",
    from: (2026, 8, 5),
    start: read(ClockStart::OnReceipt, "NĐ 309/2026/NĐ-CP điều 8 khoản 3"),
    start_outside: read(
        ClockStart::OnCompetentReceipt,
        "NĐ 309/2026/NĐ-CP điều 8 khoản 3",
    ),
    late_start: inferred(
        false,
        "NĐ 309/2026/NĐ-CP điều 9: sau 15 giờ chỉ được chuyển hồ sơ vào đầu giờ ngày làm việc tiếp theo",
    ),
    ..ND118
};

const UNREAD_63: &str =
    "NĐ 63/2024/NĐ-CP (bản gốc chưa đọc được toàn văn; tạm theo cơ chế một cửa chung)";

pub(crate) const ND63: Rules = Rules {
    name: "Nghị định 63/2024/NĐ-CP",
    // Issued and in force on the same day (vanban.chinhphu.vn, docid 210359).
    from: (2024, 6, 10),
    start: assumed(ClockStart::OnReceipt, UNREAD_63),
    start_outside: assumed(ClockStart::OnReceipt, UNREAD_63),
    not_counted: assumed(
        &[Wait::Supplement, Wait::Consent],
        "NĐ 63/2024/NĐ-CP điều 4 khoản 7 (chỉ đọc được bản sửa đổi 2026)",
    ),
    supplement: assumed(
        WaitEffect::Pause,
        "NĐ 63/2024/NĐ-CP điều 4 khoản 7 (chỉ đọc được bản sửa đổi 2026)",
    ),
    supplement_rounds: assumed(None, UNREAD_63),
    supplement_notice: assumed(None, UNREAD_63),
    supplement_time_out: assumed(None, UNREAD_63),
    apologies: assumed(1, UNREAD_63),
    apology_days_ahead: assumed(1, UNREAD_63),
    refusal_within_limit: assumed(true, UNREAD_63),
    late_start: assumed(false, UNREAD_63),
    send_within_minutes: assumed(None, UNREAD_63),
    acknowledge_within_minutes: assumed(None, UNREAD_63),
    record_within: assumed(Limit::working_days(1), RECORD),
    paper_record_within: assumed(Limit::working_days(15), PAPER),
};

// Art. 18.1 keeps dossiers received before under the old rules, except where the applicant asks for the
// new ones: such a wish has no place here, and the reception date alone chooses.
pub(crate) const ND63_ND301: Rules = Rules {
    name: "Nghị định 63/2024/NĐ-CP, sửa đổi bởi Nghị định 301/2026/NĐ-CP",
    from: (2026, 9, 1),
    start: read(
        ClockStart::OnCompetentReceipt,
        "NĐ 301/2026/NĐ-CP điều 5 khoản 2 (kể từ khi cơ quan có thẩm quyền nhận đầy đủ hồ sơ), điều 10",
    ),
    start_outside: read(
        ClockStart::OnCompetentReceipt,
        "NĐ 301/2026/NĐ-CP điều 5 khoản 2, điều 10",
    ),
    not_counted: read(
        &[Wait::Supplement, Wait::Consent, Wait::Incident],
        "NĐ 301/2026/NĐ-CP điều 3 khoản 4",
    ),
    supplement: read(WaitEffect::Pause, "NĐ 301/2026/NĐ-CP điều 3 khoản 4"),
    supplement_rounds: inferred(
        None,
        "NĐ 301/2026/NĐ-CP điều 6 khoản 1, điều 10 (không nêu số lần)",
    ),
    supplement_notice: read(
        Some(Limit::working_days(1)),
        "NĐ 301/2026/NĐ-CP điều 6 khoản 3, điều 10 khoản 3, từ khi cơ quan nhận hồ sơ điện tử (bước tính theo giờ, như khai sinh, khai tử: 24 giờ của bước, điều 6 khoản 1 điểm b, điều 10 khoản 1 điểm b)",
    ),
    supplement_time_out: read(
        Some(Limit::working_days(7)),
        "NĐ 301/2026/NĐ-CP điều 6 khoản 1, điều 10",
    ),
    apologies: assumed(
        1,
        "NĐ 301/2026/NĐ-CP điều 3 khoản 2, điều 5 khoản 3 (không nêu số lần; theo cơ chế một cửa chung)",
    ),
    apology_days_ahead: assumed(
        1,
        "NĐ 301/2026/NĐ-CP điều 3 khoản 2, điều 5 khoản 3 (không nêu số ngày; theo cơ chế một cửa chung)",
    ),
    refusal_within_limit: inferred(true, "NĐ 301/2026/NĐ-CP điều 6 khoản 1, điều 10"),
    late_start: read(
        true,
        "NĐ 301/2026/NĐ-CP điều 5 khoản 2 (nhóm khai sinh; nhóm khai tử: suy luận áp dụng như nhau)",
    ),
    send_within_minutes: read(Some(10), "NĐ 301/2026/NĐ-CP điều 5 khoản 4"),
    acknowledge_within_minutes: read(Some(120), "NĐ 301/2026/NĐ-CP điều 5 khoản 4"),
    record_within: assumed(Limit::working_days(1), RECORD),
    paper_record_within: assumed(Limit::working_days(15), PAPER),
};
