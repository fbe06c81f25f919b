//! What was done, in one sentence for the citizen who follows the dossier (`NoiDungXuLy`).

use std::collections::BTreeMap;

use calendar::{Moment, hanoi};
use dossier::fact::Fact;
use dossier::ids::{StepKey, UnitId};
use dossier::procedure::RouteStep;
use dossier::step::StepOutcome;

use crate::names::Names;

/// What steps are called, as far as was told.
#[derive(Debug, Default)]
pub(crate) struct Tasks(BTreeMap<StepKey, String>);

impl Tasks {
    /// Learns the names of steps from a fact.
    pub(crate) fn learn(&mut self, fact: &Fact) {
        let route: &[RouteStep] = match fact {
            Fact::Received(received) => &received.route,
            Fact::Repinned(repinned) => &repinned.route,
            Fact::Dispatched(given) => {
                self.0.insert(given.step.clone(), given.task.clone());
                return;
            }
            _ => return,
        };
        let named = route.iter().map(|s| (s.key.clone(), s.task.clone()));
        self.0.extend(named);
    }

    fn name<'a>(&'a self, step: &'a StepKey) -> &'a str {
        self.0.get(step).map_or(step.as_str(), String::as_str)
    }

    fn turn(&self, step: &StepKey, turn: u32) -> String {
        let again = if turn > 1 {
            format!(" (lần {turn})")
        } else {
            String::new()
        };
        format!("“{}”{again}", self.name(step))
    }
}

/// The sentence for a fact by `unit`; none for what concerns the offices alone, or no dossier.
pub(crate) fn sentence(fact: &Fact, unit: &UnitId, tasks: &Tasks, names: &Names) -> Option<String> {
    let by = names.unit(unit);
    Some(match fact {
        Fact::Registered(_) => "Hồ sơ được nộp trực tuyến".to_owned(),
        Fact::Received(f) => match f.due_at {
            Some(due) => format!("Tiếp nhận hồ sơ, hẹn trả kết quả {}", moment(due)),
            None => "Tiếp nhận hồ sơ".to_owned(),
        },
        Fact::Declined(f) => format!("Từ chối tiếp nhận hồ sơ: {}", f.reason),
        Fact::Dispatched(f) => format!(
            "Chuyển xử lý {} đến {}",
            tasks.turn(&f.step, f.turn),
            names.unit(&f.to)
        ),
        Fact::SupplementAsked(f) => format!(
            "Yêu cầu bổ sung hồ sơ: {} ({})",
            f.items.join("; "),
            f.reason
        ),
        Fact::SupplementGiven(f) => {
            with_due("Đã nhận đủ hồ sơ bổ sung".to_owned(), f.recounted.due_at)
        }
        Fact::PaymentAsked(f) => format!(
            "Yêu cầu thực hiện nghĩa vụ tài chính {}: {}",
            dong(f.amount_vnd),
            f.purpose
        ),
        Fact::PaymentConfirmed(f) => with_due(
            format!("Xác nhận nghĩa vụ tài chính, chứng từ {}", f.voucher),
            f.recounted.due_at,
        ),
        Fact::Apologised(f) => format!(
            "Xin lỗi và hẹn lại ngày trả kết quả từ {} đến {}: {}",
            moment(f.old_due_at),
            moment(f.new_due_at),
            f.reason
        ),
        Fact::ClockPaused(f) => format!(
            "Tạm dừng tính thời hạn để {}: {}",
            f.cause.label(),
            f.reason
        ),
        Fact::ClockResumed(f) => with_due(
            format!("Tiếp tục tính thời hạn sau {}", f.cause.label()),
            f.recounted.due_at,
        ),
        Fact::ClockStarted(f) => with_due(
            format!("Bắt đầu tính thời hạn tại {}", names.unit(&f.at)),
            f.due_at,
        ),
        Fact::DueDateRecomputed(f) => format!(
            "Tính lại ngày hẹn trả kết quả thành {} theo {}",
            moment(f.due_at),
            f.basis
        ),
        Fact::Repinned(f) => format!("Chuyển sang phiên bản quy trình mới: {}", f.reason),
        Fact::Refused(f) => format!("Từ chối giải quyết hồ sơ: {}", f.reason),
        Fact::Withdrawn(f) if f.reason.trim().is_empty() => "Công dân xin rút hồ sơ".to_owned(),
        Fact::Withdrawn(f) => format!("Công dân xin rút hồ sơ: {}", f.reason),
        Fact::Stopped(f) => format!("Dừng giải quyết hồ sơ: {}", f.reason),
        Fact::ResultReady(_) => "Đã có kết quả tại Bộ phận Một cửa".to_owned(),
        Fact::ResultReturned(_) => "Đã trả kết quả".to_owned(),
        Fact::PartReturned(f) => format!("Đã trả kết quả bước “{}”", tasks.name(&f.step)),
        Fact::StepAccepted(f) => format!("{by} nhận xử lý {}", tasks.turn(&f.step, f.turn)),
        Fact::StepDeclined(f) => format!(
            "{by} không nhận {}: {}",
            tasks.turn(&f.step, f.turn),
            f.reason
        ),
        Fact::StepAllotted(f) => format!(
            "Phân phối {} cho {}",
            tasks.turn(&f.step, f.turn),
            f.department
        ),
        Fact::StepAssigned(f) => format!("Phân công xử lý {}", tasks.turn(&f.step, f.turn)),
        Fact::SupplementNeeded(f) => {
            format!(
                "{by} đề nghị bổ sung: {} ({})",
                f.items.join("; "),
                f.reason
            )
        }
        Fact::OpinionAsked(f) => format!("Lấy ý kiến {}: {}", f.of, f.question),
        Fact::OpinionGiven(f) => format!("Đã có ý kiến thứ {}: {}", f.opinion, f.summary),
        Fact::ObligationAssessed(f) if f.amount_vnd == 0 => {
            "Xác định không có nghĩa vụ tài chính".to_owned()
        }
        Fact::ObligationAssessed(f) => format!(
            "Xác định nghĩa vụ tài chính {}, thông báo {}",
            dong(f.amount_vnd),
            f.notice
        ),
        Fact::StepSentBack(f) => format!(
            "{by} trả lại để chỉnh sửa bước “{}”: {}",
            tasks.name(&f.to_step),
            f.reason
        ),
        Fact::StepCompleted(f) => match &f.outcome {
            StepOutcome::Approved => format!("{by} hoàn thành {}", tasks.turn(&f.step, f.turn)),
            StepOutcome::Rejected(reason) => format!(
                "{by} kết luận không đủ điều kiện tại {}: {reason}",
                tasks.turn(&f.step, f.turn)
            ),
        },
        Fact::StepApologised(f) => format!(
            "{by} xin lỗi và hẹn lại {} đến {}: {}",
            tasks.turn(&f.step, f.turn),
            moment(f.new_due_at),
            f.reason
        ),
        Fact::Erased(f) => format!(
            "Đã xóa dữ liệu cá nhân của hồ sơ tại mọi đơn vị: {}",
            f.article
        ),
        Fact::Aliased(_)
        | Fact::AlertRaised(_)
        | Fact::AlertSettled(_)
        | Fact::Reminded(_)
        | Fact::CalendarDeclared(_)
        | Fact::PeriodClosed(_)
        | Fact::PeriodRestated(_)
        | Fact::JournalRestored(_)
        | Fact::JournalRepaired(_)
        | Fact::QuarantineRetried(_)
        | Fact::QuarantineRejected(_)
        | Fact::KeyRotated(_)
        | Fact::KeyRevoked(_)
        | Fact::Read(_)
        | Fact::KeyGranted(_)
        | Fact::ErasureRefused(_)
        | Fact::ErasureOrdered(_)
        | Fact::KeysDestroyed(_) => return None,
    })
}

/// A text of at most `most` characters; one that was cut ends in an ellipsis.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(['…']).collect()
}

fn with_due(text: String, due: Option<Moment>) -> String {
    match due {
        Some(due) => format!("{text}, hẹn trả kết quả {}", moment(due)),
        None => text,
    }
}

fn moment(moment: Moment) -> String {
    let local = moment.with_timezone(&hanoi());
    local.format("%H:%M ngày %d/%m/%Y").to_string()
}

/// An amount with the points that Vietnamese writing sets: `2.500.000 đồng`.
fn dong(amount: u64) -> String {
    let digits = amount.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text + " đồng"
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::path::Path;

    use catalogue::Catalogue;
    use dossier::ids::OfficerId;
    use dossier::privacy::{Basis, Erased};

    use super::*;

    #[test]
    fn amounts_are_written_as_in_viet_nam() {
        let written = [0, 999, 1_000, 2_500_000, 1_234_567_890].map(dong);
        let wanted = ["0", "999", "1.000", "2.500.000", "1.234.567.890"];
        assert_eq!(written, wanted.map(|text| format!("{text} đồng")));
    }

    #[test]
    fn a_citizen_is_told_that_their_data_was_erased_and_on_what_basis() {
        let home = UnitId::parse("H33-27-04").unwrap();
        let erased = Fact::Erased(Box::new(Erased {
            keys: [].into(),
            places: [home.clone()].into(),
            basis: Basis::SubjectRequest,
            article: Basis::SubjectRequest.label().to_owned(),
            officer: OfficerId::parse("ld-01").unwrap(),
        }));
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        let registers = Catalogue::load(&deploy.join("registers"), &deploy.join("chau-thanh"));
        let names = Names::of(registers.unwrap());
        let said = sentence(&erased, &home, &Tasks::default(), &names).unwrap();
        assert!(said.starts_with("Đã xóa dữ liệu cá nhân"), "{said}");
        assert!(said.contains("Luật 91/2025/QH15 điều 14"), "{said}");
    }

    #[test]
    fn a_long_text_is_cut_by_characters_and_shows_it() {
        assert_eq!(cut("Thừa Thiên Huế", 14), "Thừa Thiên Huế");
        assert_eq!(cut("Thừa Thiên Huế", 6), "Thừa …");
        assert_eq!(cut("Huế", 0), "…");
    }
}
