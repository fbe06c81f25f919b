//! What the citizen is told while the dossier goes on or when it ends: Mẫu số 02 (supplement), 03
//! (refusal), 04 (apology) and, since TT 03/2025/TT-VPCP, 05 (stop).
//!
//! Fields of TT 01/2018/TT-VPCP are those of templates in use in provinces; what TT 03/2025/TT-VPCP
//! adds is concluded from a published mapping of its data, its annex was not found.

use calendar::Moment;
use dossier::fact::Fact;
use dossier::ids::StepKey;
use dossier::outcome::ReturnChannel;
use dossier::{intake, outcome, promise, step, supplement};
use maud::{Markup, html};
use report::FormSet;

use crate::names::{Applicant, Names};
use crate::occasion::Occasion;
use crate::page::{field, person, signatures};
use crate::wording;

/// A letter: its occasion, and whom it goes to.
pub(crate) struct Letter<'a> {
    pub(crate) occasion: &'a Occasion<'a>,
    pub(crate) set: FormSet,
    pub(crate) names: &'a Names,
    pub(crate) applicant: Option<&'a Applicant>,
}

const HEAD: &str = "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ";

impl Letter<'_> {
    /// Mẫu số 02: Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ (NĐ 61/2018/NĐ-CP art. 19.4).
    pub(crate) fn supplement(&self, asked: &supplement::Asked) -> Markup {
        html! {
            p .field { span { "Số: " } span .dots .short {} "/HDHS" }
            (person("Hồ sơ của", self.addressee()))
            (self.procedure())
            @if self.set == FormSet::Tt03 {
                (field("Giai đoạn", asked.step.as_ref().map(|step| self.task(step)).or(Some("Tiếp nhận, thẩm định hồ sơ"))))
                (field("Căn cứ", self.basis()))
            }
            p { "Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau:" }
            table {
                thead { tr { th { "TT" } th { "Thành phần hồ sơ, nội dung" } th { "Bản chính" } th { "Chứng thực" } th { "Bản sao" } } }
                tbody {
                    @for (number, item) in (1..).zip(&asked.items) {
                        tr { td .n { (number) } td { (item) } td {} td {} td {} }
                    }
                }
            }
            (reason(&asked.reason))
            p { "Trong quá trình hoàn thiện hồ sơ nếu có vướng mắc, Ông/Bà liên hệ:" }
            div .pair { (field("Cán bộ", None)) (field("Số điện thoại", None)) }
            (signatures(&[("NGƯỜI HƯỚNG DẪN", None)]))
        }
    }

    /// Mẫu số 03 at the desk (NĐ 61/2018/NĐ-CP art. 17.1b).
    pub(crate) fn declined(&self, declined: &intake::Declined) -> Markup {
        html! {
            (person("Tiếp nhận hồ sơ của", self.addressee()))
            (field("Nội dung yêu cầu giải quyết", Some(&format!("Thủ tục {}, lĩnh vực {}", declined.procedure.as_str(), declined.field))))
            p { "Qua xem xét, " (self.issuer()) " thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau:" }
            (reason(&declined.reason))
            (self.handed_over(Some(declined.officer.as_str())))
        }
    }

    /// Mẫu số 03 after reception: a resolution, within the limit (NĐ 61/2018/NĐ-CP art. 19.8).
    pub(crate) fn refused(&self, refused: &outcome::Refused) -> Markup {
        html! {
            (person("Tiếp nhận hồ sơ của", self.addressee()))
            (self.procedure())
            (field("Đã tiếp nhận lúc", self.received_at().as_deref()))
            p { "Qua xem xét, " (self.issuer()) " thông báo không giải quyết hồ sơ này với lý do cụ thể như sau:" }
            (reason(&refused.reason))
            @if self.set == FormSet::Tt03 { (field("Căn cứ", self.basis())) }
            (self.handed_over(None))
        }
    }

    /// Mẫu số 04 by the home, which promised the date (NĐ 61/2018/NĐ-CP art. 19.9).
    pub(crate) fn apologised(&self, apologised: &promise::Apologised) -> Markup {
        let first = self
            .occasion
            .dossier()
            .and_then(|d| d.promise.original_due_at);
        html! {
            (self.regrets(None))
            @if let Some(first) = first.filter(|first| *first != apologised.old_due_at) {
                (field("Thời gian hẹn trên Giấy tiếp nhận", Some(&wording::moment(first))))
            }
            (self.dates("Thời gian hẹn trả kết quả ban đầu", apologised.old_due_at, apologised.new_due_at, &apologised.reason))
            @if self.set == FormSet::Tt01 {
                p { "Việc hẹn lại ngày trả kết quả được thực hiện không quá một lần (NĐ 61/2018/NĐ-CP Điều 19 khoản 9)." }
            }
            (self.place_and_head())
        }
    }

    /// Mẫu số 04 by the agency that is late with its own step (NĐ 63/2024/NĐ-CP as amended by NĐ
    /// 301/2026/NĐ-CP art. 3).
    pub(crate) fn step_apologised(&self, apologised: &step::StepApologised) -> Markup {
        html! {
            (self.regrets(Some(self.task(&apologised.step))))
            (self.dates("Thời hạn ban đầu của công việc này", apologised.old_due_at, apologised.new_due_at, &apologised.reason))
            (self.place_and_head())
        }
    }

    /// Mẫu số 05 of TT 03/2025/TT-VPCP: Thông báo dừng giải quyết hồ sơ.
    pub(crate) fn stopped(&self, stopped: &outcome::Stopped) -> Markup {
        let withdrawn = self.occasion.known.iter().find_map(|s| match s.fact() {
            Some(Fact::Withdrawn(withdrawn)) => Some((s.at, withdrawn)),
            _ => None,
        });
        html! {
            (person("Kính gửi", self.addressee()))
            (self.procedure())
            (field("Đã tiếp nhận lúc", self.received_at().as_deref()))
            @if let Some((at, withdrawn)) = withdrawn {
                p { "Ông/Bà đề nghị dừng giải quyết, rút hồ sơ lúc " b { (wording::moment(at)) } "." }
                (field("Nội dung đề nghị", Some(&withdrawn.reason)))
            }
            (field("Giai đoạn giải quyết khi dừng", Some(&self.stage())))
            p { (self.issuer()) " thông báo dừng giải quyết hồ sơ kể từ "
                b { (wording::moment(self.occasion.statement.at)) } "." }
            (reason(&stopped.reason))
            (field("Phí, lệ phí, nghĩa vụ tài chính", Some(&self.payments())))
            (signatures(&[(HEAD, None)]))
        }
    }

    fn regrets(&self, task: Option<&str>) -> Markup {
        html! {
            p .field { span { "Số: " } span .dots .short {} "/PXL" }
            (person("Kính gửi", self.addressee()))
            (field("Ngày tiếp nhận hồ sơ", self.received_at().as_deref()))
            (self.procedure())
            (field("Mã hồ sơ", Some(self.occasion.code.as_str())))
            @if let Some(task) = task { (field("Công việc của cơ quan", Some(task))) }
        }
    }

    fn dates(&self, first: &str, old: Moment, new: Moment, why: &str) -> Markup {
        let (line, asks) = match self.set {
            FormSet::Tt01 => ("Thời gian trả kết quả mới", "hẹn lại"),
            FormSet::Tt03 => ("Thời gian đề nghị gia hạn đến", "đề nghị gia hạn"),
        };
        html! {
            p { (first) ": " b #old-due { (wording::moment(old)) } }
            p { "Đến nay hồ sơ chưa có kết quả giải quyết." }
            (reason(why))
            p { (self.issuer()) " xin lỗi Ông/Bà và " (asks) " thời gian trả kết quả." }
            p { (line) ": " b #due { (wording::moment(new)) } }
        }
    }

    fn place_and_head(&self) -> Markup {
        html! {
            (field("Nơi trả kết quả", Some(self.place())))
            (signatures(&[(HEAD, None)]))
        }
    }

    fn handed_over(&self, officer: Option<&str>) -> Markup {
        let submitter = self.applicant.map(|a| a.submitter().name.as_str());
        signatures(&[
            ("NGƯỜI NỘP HỒ SƠ", submitter),
            ("NGƯỜI TIẾP NHẬN HỒ SƠ", officer),
        ])
    }

    fn addressee(&self) -> Option<&intake::Person> {
        self.applicant.map(Applicant::submitter)
    }

    fn issuer(&self) -> &str {
        self.names.unit(&self.occasion.statement.unit)
    }

    fn place(&self) -> &str {
        let received = self.occasion.received();
        received
            .and_then(|received| received.particulars.return_by)
            .map_or(ReturnChannel::Counter.label(), ReturnChannel::label)
    }

    fn procedure(&self) -> Markup {
        let name = self.occasion.received().map(|r| r.procedure.name.as_str());
        field("Nội dung yêu cầu giải quyết", name)
    }

    fn basis(&self) -> Option<&str> {
        self.occasion.received().map(|r| r.procedure.basis.as_str())
    }

    fn received_at(&self) -> Option<String> {
        self.occasion.received_at().map(wording::moment)
    }

    /// The task of a step; its name where the route does not have it.
    fn task<'a>(&'a self, step: &'a StepKey) -> &'a str {
        let steps = self.occasion.dossier().map(|d| d.walk.steps.as_slice());
        steps
            .unwrap_or_default()
            .iter()
            .find(|known| known.key == *step)
            .map_or(step.as_str(), |known| &known.task)
    }

    /// What was being worked on.
    fn stage(&self) -> String {
        let Some(dossier) = self.occasion.dossier() else {
            return String::new();
        };
        let running: Vec<&str> = dossier
            .walk
            .steps
            .iter()
            .filter(|step| {
                use dossier::route::Standing::{Offered, Taken};
                matches!(dossier.standing(&step.key), Offered | Taken)
            })
            .map(|step| step.task.as_str())
            .collect();
        if running.is_empty() {
            "Chưa chuyển xử lý hoặc đã xử lý xong các bước".to_owned()
        } else {
            running.join("; ")
        }
    }

    fn payments(&self) -> String {
        let asked = self.occasion.dossier().map(|d| d.payments.asked.as_slice());
        let told: Vec<String> = asked
            .unwrap_or_default()
            .iter()
            .map(|payment| {
                let state = if payment.confirmed_at.is_some() {
                    "đã nộp"
                } else {
                    "chưa nộp"
                };
                format!("{} ({state})", wording::vnd(payment.amount_vnd))
            })
            .collect();
        if told.is_empty() {
            "không phát sinh".to_owned()
        } else {
            told.join("; ")
        }
    }
}

fn reason(reason: &str) -> Markup {
    html! { p .said { "Lý do: " b #reason { (reason) } } }
}
