//! Phiếu kiểm soát quá trình giải quyết hồ sơ: Mẫu số 05 of TT 01/2018/TT-VPCP, 06 of TT
//! 03/2025/TT-VPCP. One row for every hand-over, with both of its moments: when it was given and
//! when it was taken, for the next agency's time starts when it takes the dossier.

use calendar::{Calendar, Moment};
use dossier::dossier::Dossier;
use dossier::fact::Fact;
use dossier::ids::StepKey;
use dossier::intake::Received;
use dossier::step::StepOutcome;
use maud::{Markup, html};
use report::RuleSet;
use report::course::{self, Waiting};
use report::ontime::Ended;
use report::sheet;
use report::steps::{StepTurn, turns};

use crate::error::FormError;
use crate::names::Names;
use crate::occasion::Occasion;
use crate::page::field;

/// A hand-over.
struct Row {
    from: String,
    to: String,
    task: String,
    given_at: Moment,
    taken_at: Option<Moment>,
    result: Option<&'static str>,
    notes: Vec<String>,
}

/// The slip as it stood at its occasion.
///
/// # Errors
/// [`FormError::NotCovered`].
pub(crate) fn body(
    occasion: &Occasion<'_>,
    names: &Names,
    calendar: &Calendar,
) -> Result<Markup, FormError> {
    let received = occasion.received();
    let mut rows = Vec::new();
    if let Some(dossier) = occasion.dossier() {
        let waits = course::waits(&dossier.promise);
        for turn in turns(dossier, occasion.statement.at, calendar)? {
            rows.push(row(occasion, dossier, &turn, &waits, names));
        }
        rows.extend(result(dossier, occasion.statement.at, names));
    }
    let others = received.map(|received| others(received, names));
    Ok(html! {
        (field("Mã hồ sơ", Some(occasion.code.as_str())))
        (field("Nội dung yêu cầu giải quyết", received.map(|r| r.procedure.name.as_str())))
        (field("Cơ quan (bộ phận) giải quyết hồ sơ", received.map(|r| names.unit(&r.competent))))
        (field("Cơ quan phối hợp giải quyết hồ sơ", others.as_deref()))
        table {
            thead { tr {
                th { "Tên cơ quan" }
                th { "Thời gian giao, nhận hồ sơ" }
                th { "Kết quả giải quyết hồ sơ (Trước hạn/Đúng hạn/Quá hạn)" }
                th { "Ghi chú" }
            } }
            tbody { @for row in &rows { (shown(row)) } }
        }
    })
}

fn shown(row: &Row) -> Markup {
    html! {
        tr {
            td {
                p { "1. Giao: " b { (row.from) } }
                p { "2. Nhận: " b { (row.to) } }
                p { (row.task) }
            }
            td {
                p { "Giao: " (sheet::moment(row.given_at)) }
                p { "Nhận: " (row.taken_at.map(sheet::moment).unwrap_or_default()) }
                (field("Người giao", None))
                (field("Người nhận", None))
            }
            td .n { (row.result.unwrap_or_default()) }
            td { @for note in &row.notes { p { (note) } } }
        }
    }
}

/// Agencies of the route besides the one that decides.
fn others(received: &Received, names: &Names) -> String {
    let mut others: Vec<&str> = Vec::new();
    for step in &received.route {
        let name = names.unit(&step.unit);
        if step.unit != received.competent && !others.contains(&name) {
            others.push(name);
        }
    }
    others.join("; ")
}

/// A turn of a step, from the desk to its performer.
fn row(
    occasion: &Occasion<'_>,
    dossier: &Dossier,
    turn: &StepTurn,
    waits: &[Waiting],
    names: &Names,
) -> Row {
    let to = names.unit(&turn.unit);
    let department = turn.department.as_deref();
    Row {
        from: desk(dossier, names),
        to: department.map_or_else(|| to.to_owned(), |d| format!("{to} - {d}")),
        task: turn.task.clone(),
        given_at: turn.given_at,
        taken_at: turn.taken_at,
        result: turn.timeliness.map(|t| Ended::from(t).label()),
        notes: notes(occasion, turn, waits),
    }
}

fn desk(dossier: &Dossier, names: &Names) -> String {
    format!("{} (Bộ phận Một cửa)", names.unit(&dossier.home))
}

/// What the three results cannot say: limit, end, why it came back, a later date, waits meanwhile.
fn notes(occasion: &Occasion<'_>, turn: &StepTurn, waits: &[Waiting]) -> Vec<String> {
    let mut notes = vec![format!("Thời hạn: {}", turn.limit)];
    if let Some(due) = turn.due_at {
        notes.push(format!("Hạn: {}", sheet::moment(due)));
    }
    // In one line: the slip has to stay on one sheet.
    let left_at = turn
        .left
        .map(|(at, _)| format!("Xong: {}", sheet::moment(at)));
    let stands: Vec<String> = left_at.into_iter().chain(turn.remarks()).collect();
    notes.push(stands.join("; "));
    let this = |step: &StepKey, number: u32| *step == turn.step && number == turn.turn;
    notes.extend(occasion.known.iter().filter_map(|s| {
        let reason = match s.fact()? {
            Fact::StepDeclined(f) if this(&f.step, f.turn) => &f.reason,
            Fact::StepSentBack(f) if this(&f.step, f.turn) => &f.reason,
            Fact::StepCompleted(f) if this(&f.step, f.turn) => match &f.outcome {
                StepOutcome::Rejected(reason) => reason,
                StepOutcome::Approved => return None,
            },
            _ => return None,
        };
        Some(format!("Lý do: {reason}"))
    }));
    // Its date is later for these: a step that waited for the citizen is not to be read as idle.
    let from = turn.taken_at.unwrap_or(turn.given_at);
    let until = turn.held_until(occasion.statement.at);
    let meanwhile = waits
        .iter()
        .filter(|waiting| turn.is_spared_by(waiting) && waiting.from <= until)
        .filter(|waiting| waiting.until.is_none_or(|ended| ended >= from));
    notes.extend(meanwhile.map(|waiting| {
        let (wait, from) = (waiting.wait.label(), sheet::moment(waiting.from));
        let end = waiting
            .until
            .map_or_else(|| "nay".to_owned(), sheet::moment);
        format!("Chờ {wait} từ {from} đến {end}")
    }));
    notes
}

/// The way of the result: back to the desk, and to the citizen.
fn result(dossier: &Dossier, at: Moment, names: &Names) -> Option<Row> {
    let ready_at = dossier.outcome.ready_at?;
    let received = dossier.received()?;
    let held = |rules: RuleSet| Some(rules.judge(dossier, at.max(ready_at))?.label());
    let (in_force, first) = (held(RuleSet::Ii06a), held(RuleSet::Original));
    let mut notes = Vec::new();
    if first != in_force
        && let Some(first) = first
    {
        notes.push(format!("So với ngày hẹn ban đầu: {first}"));
    }
    if let Some(returned_at) = dossier.outcome.returned_at {
        let returned_at = sheet::moment(returned_at);
        notes.push(format!("Trả kết quả cho người nộp: {returned_at}"));
    }
    Some(Row {
        from: names.unit(&received.competent).to_owned(),
        to: desk(dossier, names),
        task: "Kết quả giải quyết hồ sơ".to_owned(),
        given_at: ready_at,
        taken_at: Some(ready_at),
        result: in_force,
        notes,
    })
}
