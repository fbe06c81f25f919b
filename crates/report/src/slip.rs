//! The control slip (Phiếu kiểm soát quá trình giải quyết hồ sơ; Mẫu 05 of TT 01/2018/TT-VPCP, Mẫu 06 of
//! TT 03/2025/TT-VPCP): one row for each hand-over, with both moments and the result by the step's own
//! limit.

use calendar::{Calendar, Moment};
use dossier::dossier::Dossier;
use history::Tale;

use crate::ended::end_of;
use crate::names::Names;
use crate::ontime::{Ended, Judged, RuleSet};
use crate::sheet::{self, Cell, Column, Sheet};
use crate::steps::{NotCovered, StepTurn, turns};

/// The slip of a dossier as of `at`; none when it was never received.
///
/// # Errors
/// [`NotCovered`] when a count needs a day that the calendar does not cover.
pub fn slip(
    tale: &Tale,
    at: Moment,
    calendar: &Calendar,
    names: &Names,
) -> Result<Option<Sheet>, NotCovered> {
    let Some((dossier, received)) = tale
        .dossier
        .as_ref()
        .and_then(|dossier| Some((dossier, dossier.received()?)))
    else {
        return Ok(None);
    };
    let turns = turns(dossier, at, calendar)?;
    let mut rows: Vec<Vec<Cell>> = (1usize..)
        .zip(&turns)
        .map(|(number, turn)| row(number, turn, dossier, names))
        .collect();
    rows.push(last_row(dossier, at, turns.len() + 1, names));
    Ok(Some(Sheet {
        title: "Phiếu kiểm soát quá trình giải quyết hồ sơ".to_owned(),
        subtitle: vec![
            format!("Mã hồ sơ: {}", dossier.code),
            format!(
                "Cơ quan giải quyết hồ sơ: {}; nơi tiếp nhận: {}",
                names.of(&received.competent),
                names.of(&dossier.home)
            ),
            format!(
                "Thủ tục: {} ({})",
                received.procedure.name, received.procedure.code
            ),
        ],
        columns: vec![
            Column::named("TT"),
            Column::under("Tên cơ quan", "Giao"),
            Column::under("Tên cơ quan", "Nhận"),
            Column::named("Công việc"),
            Column::under("Thời gian", "Giao lúc"),
            Column::under("Thời gian", "Nhận lúc"),
            Column::under("Thời gian", "Thời hạn"),
            Column::under("Thời gian", "Phải xong trước"),
            Column::under("Thời gian", "Xong lúc"),
            Column::named("Kết quả giải quyết hồ sơ"),
            Column::named("Ghi chú"),
        ],
        rows,
        notes: vec![
            "Kết quả của từng bước theo thời hạn riêng của bước đó, kể từ lúc nhận; \
             thời gian chờ công dân và thời gian không tính vào thời hạn đã được trừ."
                .to_owned(),
        ],
    }))
}

fn row(number: usize, turn: &StepTurn, dossier: &Dossier, names: &Names) -> Vec<Cell> {
    let to = match &turn.department {
        Some(department) => format!("{} - {department}", names.of(&turn.unit)),
        None => names.of(&turn.unit),
    };
    vec![
        Cell::from(number),
        Cell::from(names.of(&dossier.home)),
        Cell::from(to),
        Cell::from(turn.task.as_str()),
        Cell::from(sheet::moment(turn.given_at)),
        Cell::from(turn.taken_at.map(sheet::moment)),
        Cell::from(turn.limit.to_string()),
        Cell::from(turn.due_at.map(sheet::moment)),
        Cell::from(turn.left.map(|(at, _)| sheet::moment(at))),
        Cell::from(turn.timeliness.map(|t| Ended::from(t).label())),
        Cell::from(turn.remarks().join("; ")),
    ]
}

/// The way back: from the units to the desk, and on to the citizen.
fn last_row(dossier: &Dossier, at: Moment, number: usize, names: &Names) -> Vec<Cell> {
    let end = end_of(dossier).filter(|end| end.at <= at);
    let judged = RuleSet::Ii06a.judge(dossier, at);
    let promise = &dossier.promise;
    vec![
        Cell::from(number),
        Cell::from(names.of(&dossier.home)),
        Cell::from("Công dân, tổ chức"),
        Cell::from("Trả kết quả"),
        Cell::from(end.map(|end| sheet::moment(end.at))),
        Cell::from(dossier.outcome.returned_at.map(sheet::moment)),
        Cell::from(promise.limit.map(|limit| limit.to_string())),
        Cell::from(promise.due_at.map(sheet::moment)),
        Cell::from(end.map(|end| sheet::moment(end.at))),
        Cell::from(judged.map(Judged::label)),
        Cell::from(end.map(|end| end.how.label())),
    ]
}
