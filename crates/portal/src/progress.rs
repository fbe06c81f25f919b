//! `CapNhatTienDoHoSoMC`: what was done with a dossier, one row for each thing, in causal order.
//!
//! The portal only adds rows. So a row is told once everything that its writer knew was told before
//! it ([`ready`]), and what arrives later is told later, never in between.

use std::collections::BTreeSet;

use dossier::dossier::Dossier;
use dossier::fact::{Fact, Writer};
use dossier::ids::DossierCode;
use history::{Statement, fold, timeline};
use serde::Serialize;
use uuid::Uuid;

use crate::names::Names;
use crate::status;
use crate::time;
use crate::wording::{Tasks, cut, sentence};

/// `NguoiXuLy` is cut to this length, as a provincial system found the portal to require.
pub(crate) const WHO_CHARS_MAX: usize = 50;

/// Rows of one message, as provincial systems send them.
pub(crate) const ROWS_MAX: usize = 10;

/// `NoiDungXuLy`: no length is published; this is ours, and leaves room to number equal sentences.
const TEXT_CHARS_MAX: usize = 480;

/// One row, with the field names of the published list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[allow(
    missing_docs,
    reason = "the fields are those of the published list, under its names"
)]
pub(crate) struct ProgressRow {
    pub ma_ho_so: String,
    pub nguoi_xu_ly: String,
    pub chuc_danh: Option<String>,
    pub thoi_diem_xu_ly: String,
    pub phong_ban_xu_ly: Option<String>,
    pub noi_dung_xu_ly: String,
    pub trang_thai: String,
    pub ngay_bat_dau: Option<String>,
    pub ngay_ket_thuc_theo_quy_dinh: Option<String>,
}

/// The statements that can be told, in causal order: everything that their writers knew is among
/// them. The others wait for what has not arrived yet.
pub(crate) fn ready(statements: &[Statement]) -> Vec<&Statement> {
    let (mut known, mut stuck) = (BTreeSet::new(), BTreeSet::new());
    let mut told = Vec::new();
    for statement in timeline(statements) {
        let behind = stuck.contains(&(&statement.unit, statement.epoch));
        if behind || !statement.parents.iter().all(|p| known.contains(p)) {
            // What a unit says later does not overtake it.
            stuck.insert((&statement.unit, statement.epoch));
            continue;
        }
        known.insert(statement.id);
        told.push(statement);
    }
    told
}

/// The rows of the next statements after those `told`, at most `most` statements: each with its row,
/// or with none where there is nothing for the citizen in it, or its writer had no right to it.
///
/// A row depends on what stands before it and on nothing else: it is the same whenever it is made. Its
/// status is the one after everything told up to it, so that a row that comes late does not turn the
/// dossier back.
pub(crate) fn next_rows(
    code: &DossierCode,
    told: &[&Statement],
    next: &[&Statement],
    most: usize,
    names: &Names,
) -> Vec<(Uuid, Option<ProgressRow>)> {
    let mut tasks = Tasks::default();
    let mut said: BTreeSet<(String, String, String)> = BTreeSet::new();
    for statement in told {
        if let Some(fact) = statement.fact() {
            tasks.learn(fact);
            words(statement, fact, &tasks, names, &mut said);
        }
    }
    let mut so_far = told.to_vec();
    let mut rows = Vec::new();
    for statement in next.iter().take(most) {
        so_far.push(statement);
        let spoken = statement.fact().and_then(|fact| {
            tasks.learn(fact);
            Some((fact, words(statement, fact, &tasks, names, &mut said)?))
        });
        let tale = fold(code, so_far.iter().copied());
        let row = tale.dossier.as_ref().and_then(|dossier| {
            let (fact, (who, when, what)) = spoken?;
            by_right(dossier, &so_far, statement, fact).then(|| ProgressRow {
                ma_ho_so: code.as_str().to_owned(),
                nguoi_xu_ly: who,
                chuc_danh: None,
                thoi_diem_xu_ly: when,
                phong_ban_xu_ly: department(dossier, statement, fact, names),
                noi_dung_xu_ly: what,
                trang_thai: status::code(dossier.status()),
                ngay_bat_dau: started(statement, fact),
                ngay_ket_thuc_theo_quy_dinh: due(fact),
            })
        });
        rows.push((statement.id, row));
    }
    rows
}

/// Whether its writer had a right to a statement: as folding saw it, with everything before it in the
/// canonical order and nothing after.
fn by_right(dossier: &Dossier, so_far: &[&Statement], statement: &Statement, fact: &Fact) -> bool {
    let (code, home) = (&dossier.code, &dossier.home);
    let order = |s: &Statement| (s.unit != *home, s.unit.clone(), s.epoch, s.sequence, s.id);
    let place = order(statement);
    let before = so_far.iter().copied().filter(|s| order(s) < place);
    fold(code, before)
        .dossier
        .unwrap_or_else(|| Dossier::at(code.clone(), home.clone()))
        .may_write(&statement.unit, fact)
        .is_ok()
}

/// Who, when and what. No two rows of a dossier say the same: the second says that it is the second.
fn words(
    statement: &Statement,
    fact: &Fact,
    tasks: &Tasks,
    names: &Names,
    said: &mut BTreeSet<(String, String, String)>,
) -> Option<(String, String, String)> {
    let sentence = cut(
        &sentence(fact, &statement.unit, tasks, names)?,
        TEXT_CHARS_MAX,
    );
    let who = cut(
        officer(fact).unwrap_or_else(|| names.unit(&statement.unit)),
        WHO_CHARS_MAX,
    );
    let when = time::write(statement.at);
    let mut row = (who, when, sentence.clone());
    let mut time = 2;
    while !said.insert(row.clone()) {
        row.2 = format!("{sentence} [{time}]");
        time += 1;
    }
    Some(row)
}

/// The officer that a fact names. Most name none: then the unit stands for its officers.
fn officer(fact: &Fact) -> Option<&str> {
    let officer = match fact {
        Fact::Received(f) => &f.officer,
        Fact::Declined(f) => &f.officer,
        Fact::StepAssigned(f) => &f.officer,
        Fact::ResultReturned(f) => &f.officer,
        Fact::PartReturned(f) => &f.officer,
        _ => return None,
    };
    Some(officer.as_str())
}

/// The department that works on the step, or else the unit.
fn department(
    dossier: &Dossier,
    statement: &Statement,
    fact: &Fact,
    names: &Names,
) -> Option<String> {
    let allotted = match fact.writer() {
        Writer::Performer(step, turn) => dossier
            .work
            .get(&(step.clone(), turn))
            .and_then(|work| work.department.clone()),
        _ => None,
    };
    allotted.or_else(|| Some(names.unit(&statement.unit).to_owned()))
}

/// When the work that a row tells of began by its own limit.
fn started(statement: &Statement, fact: &Fact) -> Option<String> {
    matches!(fact, Fact::StepAccepted(_) | Fact::Received(_)).then(|| time::write(statement.at))
}

/// When it is due by its own limit.
fn due(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Received(f) => f.due_at,
        Fact::StepAccepted(f) => f.due_at,
        Fact::StepApologised(f) => Some(f.new_due_at),
        _ => None,
    }
    .map(time::write)
}
