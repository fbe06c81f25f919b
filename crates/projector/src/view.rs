//! One dossier for people: where it stands, its hand-overs, everything that happened. Free text
//! that officers wrote (reasons, opinions) stays in the events: it is not for everybody.

use std::collections::BTreeMap;

use calendar::Moment;
use dossier::dossier::Dossier;
use dossier::fact::{Fact, Writer};
use dossier::ids::{DossierCode, UnitId};
use dossier::status::Status;

use crate::answer::{DossierView, Handover, Happening, Standing};
use crate::directory::Directory;
use crate::row::Row;
use history::{Content, Statement};
use report::RuleSet;

/// The view of a dossier at `now`, from everything that was said about it.
pub(crate) fn dossier(
    code: &DossierCode,
    statements: &[Statement],
    directory: &Directory,
    now: Moment,
) -> DossierView {
    let tale = history::fold(code, statements);
    let row = Row::of(&tale);
    let timeline: Vec<Happening> = history::timeline(statements)
        .into_iter()
        .map(happening)
        .collect();
    let handovers = tale
        .dossier
        .as_ref()
        .map(|dossier| handovers(dossier, statements))
        .unwrap_or_default();
    let received = tale.dossier.as_ref().and_then(Dossier::received);
    let mut units: BTreeMap<UnitId, String> = BTreeMap::new();
    let occurring = timeline
        .iter()
        .flat_map(|h| [Some(&h.unit), h.to.as_ref()])
        .flatten();
    for unit in occurring.chain(row.iter().filter_map(|row| row.competent.as_ref())) {
        units
            .entry(unit.clone())
            .or_insert_with(|| directory.name(unit).to_owned());
    }
    let standing = row.iter().flat_map(|row| {
        RuleSet::ALL.map(|rules| Standing {
            rules,
            ended: row.ended(rules),
            open: row.open(rules, now),
        })
    });
    DossierView {
        code: code.clone(),
        standing: standing.collect(),
        status: row
            .as_ref()
            .map_or(Status::Registered, |row| row.status)
            .label()
            .to_owned(),
        row,
        procedure: received.map(|r| r.procedure.name.clone()),
        limit: received.map(|r| r.limit.to_string()),
        basis: received.map(|r| r.procedure.basis.clone()),
        units,
        handovers,
        timeline,
        pending: tale.pending,
    }
}

/// Every turn of every step, in order of giving.
fn handovers(dossier: &Dossier, statements: &[Statement]) -> Vec<Handover> {
    let mut handovers = Vec::new();
    for (step, turns) in &dossier.walk.turns {
        for (number, turn) in (1_u32..).zip(turns) {
            let work = dossier.work.get(&(step.clone(), number));
            let task = statements.iter().find_map(|s| match s.fact() {
                Some(Fact::Dispatched(given)) if given.step == *step && given.turn == number => {
                    Some(given.task.clone())
                }
                _ => None,
            });
            handovers.push(Handover {
                step: step.clone(),
                turn: number,
                task: task.unwrap_or_default(),
                to: turn.to.clone(),
                given_at: turn.given_at,
                taken_at: work.and_then(|w| w.accepted_at),
                due_at: work.and_then(|w| w.due_at),
                declined_at: work.and_then(|w| w.declined_at),
                sent_back_at: work.and_then(|w| w.sent_back_at),
                completed_at: work.and_then(|w| w.completed_at),
            });
        }
    }
    handovers.sort_by(|a, b| (a.given_at, &a.step, a.turn).cmp(&(b.given_at, &b.step, b.turn)));
    handovers
}

fn happening(statement: &Statement) -> Happening {
    let fact = statement.fact();
    let step = fact.and_then(|fact| match fact {
        Fact::Dispatched(given) => Some(given.step.clone()),
        Fact::AlertRaised(raised) => Some(raised.step.clone()),
        Fact::AlertSettled(settled) => Some(settled.step.clone()),
        Fact::PartReturned(returned) => Some(returned.step.clone()),
        Fact::SupplementAsked(asked) => asked.step.clone(),
        Fact::PaymentAsked(asked) => asked.step.clone(),
        Fact::ClockPaused(paused) => paused.step.clone(),
        other => match other.writer() {
            Writer::Performer(step, _) => Some(step.clone()),
            Writer::Desk
            | Writer::Home
            | Writer::Custodian
            | Writer::KeyHolder
            | Writer::Overseer
            | Writer::Itself => None,
        },
    });
    let (mut to, mut due_at) = (None, None);
    match fact {
        Some(Fact::Received(received)) => due_at = received.due_at,
        Some(Fact::Dispatched(given)) => to = Some(given.to.clone()),
        Some(Fact::StepAccepted(accepted)) => due_at = accepted.due_at,
        Some(Fact::SupplementGiven(given)) => due_at = given.recounted.due_at,
        Some(Fact::PaymentConfirmed(confirmed)) => due_at = confirmed.recounted.due_at,
        Some(Fact::Apologised(apologised)) => due_at = Some(apologised.new_due_at),
        Some(Fact::ClockResumed(resumed)) => due_at = resumed.recounted.due_at,
        Some(Fact::ClockStarted(started)) => due_at = started.due_at,
        Some(Fact::DueDateRecomputed(recomputed)) => due_at = Some(recomputed.due_at),
        Some(Fact::StepApologised(apologised)) => due_at = Some(apologised.new_due_at),
        _ => {}
    }
    Happening {
        id: statement.id,
        unit: statement.unit.clone(),
        sequence: statement.sequence,
        kind: statement.kind.clone(),
        title: title(&statement.content).to_owned(),
        at: statement.at,
        recorded: statement.recorded,
        step,
        to,
        due_at,
    }
}

fn title(content: &Content) -> &'static str {
    let fact = match content {
        Content::Fact(fact) => fact,
        Content::Unknown => return "Sự kiện thuộc loại mới, phiên bản này chưa hiểu",
        Content::Unreadable => return "Sự kiện không đọc được nội dung",
    };
    match fact {
        Fact::Registered(_) => "Công dân nộp hồ sơ trực tuyến",
        Fact::Received(_) => "Tiếp nhận hồ sơ và hẹn trả kết quả",
        Fact::Declined(_) => "Từ chối tiếp nhận hồ sơ",
        Fact::Dispatched(_) => "Giao xử lý",
        Fact::SupplementAsked(_) => "Yêu cầu công dân bổ sung hồ sơ",
        Fact::SupplementGiven(_) => "Công dân đã bổ sung hồ sơ",
        Fact::PaymentAsked(_) => "Yêu cầu thực hiện nghĩa vụ tài chính",
        Fact::PaymentConfirmed(_) => "Đã thực hiện nghĩa vụ tài chính",
        Fact::Apologised(_) => "Xin lỗi và hẹn lại ngày trả kết quả",
        Fact::ClockPaused(_) => "Tạm dừng tính thời hạn",
        Fact::ClockResumed(_) => "Tiếp tục tính thời hạn",
        Fact::ClockStarted(_) => "Cơ quan có thẩm quyền nhận hồ sơ, bắt đầu tính thời hạn",
        Fact::DueDateRecomputed(_) => "Tính lại ngày hẹn trả do lịch làm việc thay đổi",
        Fact::Repinned(_) => "Chuyển sang phiên bản khác của thủ tục",
        Fact::Aliased(_) => "Ghi mã hồ sơ của hệ thống khác",
        Fact::AlertRaised(_) => "Cảnh báo giữa các cơ quan liên thông",
        Fact::AlertSettled(_) => "Đã khắc phục cảnh báo",
        Fact::PartReturned(_) => "Đã trả kết quả của một thủ tục trong nhóm",
        Fact::Refused(_) => "Từ chối giải quyết hồ sơ",
        Fact::Withdrawn(_) => "Công dân rút hồ sơ",
        Fact::Stopped(_) => "Dừng xử lý hồ sơ",
        Fact::ResultReady(_) => "Đã có kết quả tại Bộ phận Một cửa",
        Fact::ResultReturned(_) => "Đã trả kết quả cho công dân",
        Fact::StepAccepted(_) => "Nhận xử lý",
        Fact::StepDeclined(_) => "Trả lại: không thuộc thẩm quyền",
        Fact::StepAllotted(_) => "Phân phối cho phòng chuyên môn",
        Fact::StepAssigned(_) => "Phân công cán bộ thụ lý",
        Fact::SupplementNeeded(_) => "Cơ quan xử lý cần bổ sung hồ sơ",
        Fact::OpinionAsked(_) => "Lấy ý kiến cơ quan liên quan",
        Fact::OpinionGiven(_) => "Đã có ý kiến của cơ quan liên quan",
        Fact::ObligationAssessed(_) => "Xác định nghĩa vụ tài chính",
        Fact::StepSentBack(_) => "Trả lại để chỉnh sửa kết quả bước trước",
        Fact::StepCompleted(_) => "Hoàn thành xử lý",
        Fact::StepApologised(_) => "Cơ quan xử lý xin lỗi và hẹn lại ngày hoàn thành bước",
        Fact::Reminded(_) => "Cơ quan cấp trên nhắc xử lý đúng hạn",
        Fact::CalendarDeclared(_) => "Công bố ngày nghỉ, ngày làm bù",
        Fact::PeriodClosed(_) => "Khóa số liệu kỳ báo cáo",
        Fact::PeriodRestated(_) => "Điều chỉnh số liệu kỳ báo cáo đã khóa",
        Fact::JournalRestored(_) => "Phục hồi sổ điện tử từ bản sao lưu",
        Fact::JournalRepaired(_) => "Sửa chữa sổ điện tử",
        Fact::QuarantineRetried(_) => "Tiếp nhận lại dữ liệu bị cách ly",
        Fact::QuarantineRejected(_) => "Loại bỏ dữ liệu bị cách ly",
        Fact::KeyRotated(_) => "Thay khóa ký của đơn vị",
        Fact::KeyRevoked(_) => "Thu hồi khóa ký của đơn vị",
        Fact::Read(_) => "Cán bộ xem dữ liệu cá nhân",
        Fact::KeyGranted(_) => "Cấp khóa dữ liệu cá nhân cho đơn vị được giao việc",
        Fact::ErasureRefused(_) => "Chưa xóa được dữ liệu cá nhân",
        Fact::ErasureOrdered(_) => "Lệnh xóa dữ liệu cá nhân",
        Fact::KeysDestroyed(_) => "Đã hủy khóa dữ liệu cá nhân tại đơn vị",
        Fact::Erased(_) => "Đã xóa dữ liệu cá nhân tại mọi đơn vị",
    }
}
