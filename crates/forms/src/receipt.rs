//! Mẫu số 01: Giấy tiếp nhận hồ sơ và hẹn trả kết quả (NĐ 61/2018/NĐ-CP art. 17.1c).
//!
//! Its fields are those of templates in use in provinces; the annex of the circular was not found.
//! That of volume and number in the paper register is from memory.

use dossier::intake::{PaperCheck, Received, Verdict};
use dossier::outcome::ReturnChannel;
use dossier::regime::ClockStart;
use maud::{Markup, html};

use crate::letters::Letter;
use crate::names::{Applicant, Names};
use crate::page::{field, person, signatures};
use crate::wording;

/// The receipt of what was received.
pub(crate) fn body(letter: &Letter<'_>, received: &Received) -> Markup {
    let (names, applicant) = (letter.names, letter.applicant);
    let (submitter, owner) = (
        applicant.map(Applicant::submitter),
        applicant.map(|a| &a.owner),
    );
    let particulars = &received.particulars;
    let at = letter.occasion.statement.at;
    let due = received.due_at.map(wording::moment);
    html! {
        (person("Tiếp nhận hồ sơ của", submitter))
        (field("Số CMND/CCCD/Hộ chiếu", submitter.and_then(|p| p.id_number.as_deref())))
        (field("Nội dung yêu cầu giải quyết", Some(&received.procedure.name)))
        (field("Mã thủ tục hành chính", Some(received.procedure.code.as_str())))
        (field("Chủ hồ sơ", owner.map(|p| p.name.as_str())))
        (field("Địa chỉ chủ hồ sơ", owner.and_then(|p| p.address.as_deref())))
        p { "Hình thức thu phí, lệ phí: ☐ thu trước ☐ thu sau ☐ miễn" }
        p { "1. Thành phần hồ sơ nộp gồm:" }
        (papers(received, names))
        p { "2. Số lượng hồ sơ: " b { (particulars.sets) } " (bộ)" }
        p { "3. Thời gian giải quyết hồ sơ theo quy định là: " b { (received.limit) } }
        p { "4. Thời gian nhận hồ sơ: " b { (wording::moment(at)) } }
        @if let Some(from) = particulars.counted_from.filter(|from| *from != at) {
            p { "Thời hạn tính từ: " b { (wording::moment(from)) } }
        }
        @if particulars.start == ClockStart::OnCompetentReceipt {
            p { "Thời hạn tính từ khi cơ quan có thẩm quyền nhận được hồ sơ: "
                b { (names.unit(&received.competent)) } }
        }
        @match due {
            Some(due) => p { "5. Thời gian trả kết quả giải quyết hồ sơ: " b #due { (due) } },
            None => p { "5. Thời gian trả kết quả giải quyết hồ sơ: "
                b #due { "pháp luật không quy định thời hạn" } },
        }
        (field("6. Đăng ký nhận kết quả tại", particulars.return_by.map(ReturnChannel::label)))
        @match &particulars.paper {
            Some(paper) => p { "Vào Sổ theo dõi hồ sơ, Quyển số: " b { (paper.volume) }
                ", Số thứ tự: " b { (paper.number) } },
            None => div .pair {
                (field("Vào Sổ theo dõi hồ sơ, Quyển số", None))
                (field("Số thứ tự", None))
            },
        }
        (signatures(&[
            ("NGƯỜI NỘP HỒ SƠ", submitter.map(|p| p.name.as_str())),
            ("NGƯỜI TIẾP NHẬN HỒ SƠ", Some(received.officer.as_str())),
        ]))
    }
}

/// What was handed in; what was not is no part of a receipt.
fn papers(received: &Received, names: &Names) -> Markup {
    let handed_in = received
        .papers
        .iter()
        .filter(|check| check.verdict != Verdict::Missing);
    let count = |check: &PaperCheck, verdict| {
        if check.verdict == verdict { "1" } else { "" }
    };
    html! {
        table {
            thead { tr { th { "TT" } th { "Tên giấy tờ" } th { "Bản chính" } th { "Bản sao, chứng thực" } } }
            tbody {
                @for (number, check) in (1..).zip(handed_in) {
                    tr {
                        td .n { (number) }
                        td { (check.name.clone().unwrap_or_else(|| names.paper(&received.procedure, check.paper)))
                            @if let Some(reason) = &check.reason { " (" (reason) ")" } }
                        td .n { (count(check, Verdict::Original)) }
                        td .n { (count(check, Verdict::Copy)) }
                    }
                }
            }
        }
    }
}
