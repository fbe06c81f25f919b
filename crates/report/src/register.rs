//! The register (Sổ theo dõi hồ sơ; Mẫu 06 of TT 01/2018/TT-VPCP, Mẫu 07 of TT 03/2025/TT-VPCP): one
//! line for each dossier received in a period, in the order of reception. (The official annexes were
//! not read: the columns are those in use.) Personal columns stay empty; who holds a dossier's key
//! reads them there.

use calendar::Moment;
use dossier::dossier::Dossier;
use dossier::intake::Received;
use dossier::outcome::ReturnChannel;
use history::Tale;

use crate::ended::end_of;
use crate::names::Names;
use crate::period::Period;
use crate::scope::Scope;
use crate::sheet::{self, Cell, Column, Sheet};

/// What stands in the columns for names and addresses.
pub const UNDER_KEY: &str = "(theo khóa riêng)";

/// The register of a period; tales are folded at whatever moment the register is read for.
pub fn register<'a>(
    tales: impl IntoIterator<Item = &'a Tale>,
    period: Period,
    scope: &Scope,
    names: &Names,
) -> Sheet {
    let mut lines: Vec<(Moment, &Dossier, &Received)> = tales
        .into_iter()
        .filter_map(|tale| tale.dossier.as_ref())
        .filter_map(|dossier| {
            let (at, received) = dossier.intake.received.as_ref()?;
            let asked = period.contains(*at) && scope.holds(dossier, received);
            asked.then_some((*at, dossier, received.as_ref()))
        })
        .collect();
    lines.sort_by(|a, b| (a.0, &a.1.code).cmp(&(b.0, &b.1.code)));
    lines.dedup_by(|a, b| a.1.code == b.1.code);
    let rows = (1usize..)
        .zip(&lines)
        .map(|(number, (at, dossier, received))| row(number, *at, dossier, received, names));
    Sheet {
        title: "Sổ theo dõi hồ sơ".to_owned(),
        subtitle: vec![period.to_string(), scope.written(names)],
        columns: vec![
            Column::named("TT"),
            Column::named("Mã hồ sơ"),
            Column::named("Tên thủ tục hành chính"),
            Column::named("Số lượng hồ sơ (bộ)"),
            Column::named("Tên cá nhân, tổ chức"),
            Column::named("Địa chỉ, số điện thoại"),
            Column::named("Cơ quan chủ trì giải quyết"),
            Column::under("Nhận và trả kết quả", "Nhận hồ sơ"),
            Column::under("Nhận và trả kết quả", "Hẹn trả kết quả"),
            Column::under("Nhận và trả kết quả", "Trả kết quả"),
            Column::under("Nhận và trả kết quả", "Phương thức nhận kết quả"),
            Column::under("Nhận và trả kết quả", "Ký nhận"),
            Column::named("Ghi chú"),
        ],
        rows: rows.collect(),
        notes: vec![format!(
            "{UNDER_KEY}: dữ liệu cá nhân được niêm phong theo khóa của từng hồ sơ, không có trong sổ."
        )],
    }
}

fn row(
    number: usize,
    at: Moment,
    dossier: &Dossier,
    received: &Received,
    names: &Names,
) -> Vec<Cell> {
    let particulars = &received.particulars;
    vec![
        Cell::from(number),
        Cell::from(dossier.code.as_str()),
        Cell::from(format!(
            "{} ({})",
            received.procedure.name, received.procedure.code
        )),
        Cell::from(i64::from(particulars.sets)),
        Cell::from(UNDER_KEY),
        Cell::from(UNDER_KEY),
        Cell::from(names.of(&received.competent)),
        Cell::from(sheet::moment(at)),
        Cell::from(dossier.promise.original_due_at.map(sheet::moment)),
        Cell::from(dossier.outcome.returned_at.map(sheet::moment)),
        Cell::from(particulars.return_by.map(ReturnChannel::label)),
        Cell::Empty,
        Cell::from(remarks(dossier, received)),
    ]
}

/// What stands in the last column: the paper register, codes of others, a later date, how it ended and
/// where it stands.
#[must_use]
pub fn remarks(dossier: &Dossier, received: &Received) -> String {
    let mut remarks = Vec::new();
    if let Some(paper) = &received.particulars.paper {
        remarks.push(format!(
            "sổ giấy quyển {} số {}",
            paper.volume, paper.number
        ));
    }
    if received.particulars.off_days {
        remarks.push("tiếp nhận ngoài ngày tiếp nhận của Bộ phận Một cửa".to_owned());
    }
    for alias in &dossier.intake.aliases {
        remarks.push(format!("mã {}: {}", alias.scheme, alias.code));
    }
    let promise = &dossier.promise;
    if promise.due_at != promise.original_due_at
        && let Some(due_at) = promise.due_at
    {
        let why = if promise.apologies > 0 {
            "xin lỗi, hẹn lại"
        } else {
            "ngày hẹn hiện hành"
        };
        remarks.push(format!("{why} {}", sheet::moment(due_at)));
    }
    if dossier.outcome.returned_at.is_none()
        && let Some(end) = end_of(dossier)
    {
        remarks.push(format!("{} {}", end.how.label(), sheet::moment(end.at)));
    }
    remarks.push(dossier.status().label().to_owned());
    remarks.join("; ")
}
