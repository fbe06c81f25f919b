//! Phiếu kiểm soát quá trình giải quyết hồ sơ: Mẫu số 05 of TT 01/2018/TT-VPCP, 06 of TT
//! 03/2025/TT-VPCP. One row for every hand-over, with both of its moments: when it was given and
//! when it was taken, for the next agency's time starts when it takes the dossier.

use calendar::Moment;
use dossier::dossier::Dossier;
use dossier::fact::Fact;
use dossier::ids::StepKey;
use dossier::procedure::WaitEffect;
use dossier::promise::Timeliness;
use dossier::route::Turn;
use dossier::step::StepOutcome;
use dossier::work::Work;
use dossier::{clock::Turned, intake::Received};
use maud::{Markup, html};

use crate::names::Names;
use crate::occasion::Occasion;
use crate::page::field;
use crate::wording;

/// A hand-over.
struct Row {
    from: String,
    to: String,
    task: String,
    given_at: Moment,
    taken_at: Option<Moment>,
    result: Option<Timeliness>,
    notes: Vec<String>,
}

/// The slip as it stood at its occasion.
pub(crate) fn body(occasion: &Occasion<'_>, names: &Names) -> Markup {
    let (dossier, received) = (occasion.dossier(), occasion.received());
    let mut rows = dossier.map_or_else(Vec::new, |dossier| turns(occasion, dossier, names));
    if let Some(dossier) = dossier {
        rows.extend(result(dossier, names));
    }
    let others = received.map(|received| others(received, names));
    html! {
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
    }
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
                p { "Giao: " (wording::short(row.given_at)) }
                p { "Nhận: " (row.taken_at.map(wording::short).unwrap_or_default()) }
                (field("Người giao", None))
                (field("Người nhận", None))
            }
            td .n { (row.result.map(wording::timeliness).unwrap_or_default()) }
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

/// Every turn of every step, in the order of giving.
fn turns(occasion: &Occasion<'_>, dossier: &Dossier, names: &Names) -> Vec<Row> {
    let home = format!("{} (Bộ phận Một cửa)", names.unit(&dossier.home));
    let mut rows = Vec::new();
    for (step, turns) in &dossier.walk.turns {
        for (number, turn) in (1_u32..).zip(turns) {
            let work = dossier
                .work
                .get(&(step.clone(), number))
                .cloned()
                .unwrap_or_default();
            let department = turn.department.as_deref().or(work.department.as_deref());
            let to = names.unit(&turn.to);
            rows.push(Row {
                from: home.clone(),
                to: department.map_or_else(|| to.to_owned(), |d| format!("{to} - {d}")),
                task: task(occasion, step, number),
                given_at: turn.given_at,
                taken_at: work.accepted_at,
                result: work
                    .completed_at
                    .zip(work.due_at)
                    .map(|(ended, due)| Timeliness::of(ended, due, turn.limit.unit())),
                notes: notes(occasion, dossier, step, number, turn, &work),
            });
        }
    }
    rows.sort_by(|a, b| (a.given_at, &a.to, &a.task).cmp(&(b.given_at, &b.to, &b.task)));
    rows
}

fn task(occasion: &Occasion<'_>, step: &StepKey, turn: u32) -> String {
    let given = occasion.known.iter().find_map(|s| match s.fact() {
        Some(Fact::Dispatched(given)) if given.step == *step && given.turn == turn => Some(given),
        _ => None,
    });
    given.map_or_else(|| step.as_str().to_owned(), |given| given.task.clone())
}

/// What the three results cannot say: limit, end, why it came back, a later date, waits meanwhile.
fn notes(
    occasion: &Occasion<'_>,
    dossier: &Dossier,
    step: &StepKey,
    number: u32,
    turn: &Turn,
    work: &Work,
) -> Vec<String> {
    let mut notes = vec![format!("Thời hạn: {}", turn.limit)];
    if let Some(due) = work.due_at {
        notes.push(format!("Hạn: {}", wording::short(due)));
    }
    if let Some(ended) = work.completed_at {
        notes.push(format!("Xong: {}", wording::short(ended)));
    }
    let this = |other: &StepKey, turn: u32| other == step && turn == number;
    notes.extend(occasion.known.iter().filter_map(|s| match s.fact()? {
        Fact::StepDeclined(f) if this(&f.step, f.turn) => {
            Some(format!("Trả lại, không thuộc thẩm quyền: {}", f.reason))
        }
        Fact::StepSentBack(f) if this(&f.step, f.turn) => {
            Some(format!("Trả lại để chỉnh sửa: {}", f.reason))
        }
        Fact::StepApologised(f) if this(&f.step, f.turn) => Some(format!(
            "Xin lỗi, gia hạn từ {} đến {}",
            wording::short(f.old_due_at),
            wording::short(f.new_due_at)
        )),
        Fact::StepCompleted(f) if this(&f.step, f.turn) => match &f.outcome {
            StepOutcome::Rejected(reason) => Some(format!("Không đủ điều kiện: {reason}")),
            StepOutcome::Approved => None,
        },
        _ => None,
    }));
    let from = work.accepted_at.unwrap_or(turn.given_at);
    let until = work.completed_at.unwrap_or(occasion.statement.at);
    notes.extend(waits(dossier, from, until));
    notes
}

/// What the dossier waited for between two moments: a step that is late because the citizen was
/// asked for something is not to be read as idle.
fn waits(dossier: &Dossier, from: Moment, until: Moment) -> Vec<String> {
    let course = &dossier.promise.course;
    let mut told = Vec::new();
    for (index, turned) in course.iter().enumerate() {
        let Turned::Began {
            wait, effect, at, ..
        } = turned
        else {
            continue;
        };
        let ended = course.iter().skip(index).find_map(|later| match later {
            Turned::Ended {
                wait: other, at, ..
            } if other == wait => Some(*at),
            _ => None,
        });
        if *effect == WaitEffect::None || *at > until || ended.is_some_and(|ended| ended < from) {
            continue;
        }
        let end = ended.map_or_else(|| "nay".to_owned(), wording::short);
        told.push(format!(
            "Chờ {} từ {} đến {end}",
            wait.label(),
            wording::short(*at)
        ));
    }
    told
}

/// The way of the result: back to the desk, and to the citizen.
fn result(dossier: &Dossier, names: &Names) -> Option<Row> {
    let ready_at = dossier.outcome.ready_at?;
    let received = dossier.received()?;
    let promise = &dossier.promise;
    let unit = promise.limit.unwrap_or(received.limit).unit();
    let held = |due: Option<Moment>| due.map(|due| Timeliness::of(ready_at, due, unit));
    let (first, in_force) = (held(promise.original_due_at), held(promise.due_at));
    let mut notes = Vec::new();
    if first != in_force
        && let Some(first) = first
    {
        notes.push(format!(
            "So với ngày hẹn ban đầu: {}",
            wording::timeliness(first)
        ));
    }
    if let Some(returned_at) = dossier.outcome.returned_at {
        let returned_at = wording::short(returned_at);
        notes.push(format!("Trả kết quả cho người nộp: {returned_at}"));
    }
    Some(Row {
        from: names.unit(&received.competent).to_owned(),
        to: format!("{} (Bộ phận Một cửa)", names.unit(&dossier.home)),
        task: "Kết quả giải quyết hồ sơ".to_owned(),
        given_at: ready_at,
        taken_at: Some(ready_at),
        result: in_force,
        notes,
    })
}
