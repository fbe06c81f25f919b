//! Sổ theo dõi hồ sơ: Mẫu số 06 of TT 01/2018/TT-VPCP, 07 of TT 03/2025/TT-VPCP. One row for each
//! dossier received; its columns are from memory, the annex was not found.

use calendar::Moment;
use chrono::Datelike;
use dossier::dossier::Dossier;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use dossier::outcome::ReturnChannel;
use history::{Cut, Statement, as_known, fold};
use maud::{Markup, html};
use report::register::remarks;
use report::{FormId, FormSet, Kind};

use crate::error::FormError;
use crate::names::{Applicant, Names};
use crate::page::{document, masthead};
use crate::wording;

/// A dossier to be entered.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its code.
    pub code: &'a DossierCode,
    /// Everything said about it.
    pub statements: &'a [Statement],
    /// Its persons, where they may be read.
    pub applicant: Option<&'a Applicant>,
}

struct Row<'a> {
    code: &'a DossierCode,
    dossier: Dossier,
    received_at: Moment,
    returned: Option<(Moment, ReturnChannel)>,
    applicant: Option<&'a Applicant>,
}

/// The register of a desk as it stood at `as_of`: what had happened and was recorded by then.
/// Dossiers that the desk had not received by then have no row, and what is given twice has one. Serials run on in the order of
/// reception; a dossier that was entered from a paper register keeps its own.
///
/// # Errors
/// [`FormError::IsNotTheRegister`], and [`FormError::NotInUse`] when another circular's register was
/// in use at `as_of`.
pub fn register(
    form: FormId,
    desk: &UnitId,
    as_of: Moment,
    entries: &[Entry<'_>],
    names: &Names,
) -> Result<String, FormError> {
    if form.kind() != Kind::Register {
        return Err(FormError::IsNotTheRegister(form));
    }
    let right = FormId::of(FormSet::at(as_of), Kind::Register).filter(|right| *right != form);
    if let Some(right) = right {
        return Err(FormError::NotInUse { asked: form, right });
    }
    let mut simulated = false;
    let mut rows: Vec<Row<'_>> = Vec::new();
    for entry in entries {
        let cut = Cut {
            happened_by: as_of,
            recorded_by: Some(as_of),
        };
        let known: Vec<&Statement> = as_known(entry.statements, cut).collect();
        let tale = fold(entry.code, known.iter().copied());
        let Some(dossier) = tale.dossier.filter(|dossier| dossier.home == *desk) else {
            continue;
        };
        let Some((received_at, _)) = dossier.intake.received else {
            continue;
        };
        simulated |= tale.simulated;
        rows.push(Row {
            code: entry.code,
            received_at,
            returned: returned(&dossier, &known),
            dossier,
            applicant: entry.applicant,
        });
    }
    rows.sort_by_key(|row| (row.received_at, row.code.clone()));
    rows.dedup_by(|one, other| one.code == other.code);
    let desk = names.unit(desk);
    let content = html! {
        (masthead(desk, form, as_of))
        h1 { (form.title()) }
        p .n { "Năm " (as_of.year()) " · Tính đến " (wording::moment(as_of)) }
        (table(&rows, names))
    };
    let title = format!("{} · {desk}", form.title());
    Ok(document(&title, "a4", simulated, &content))
}

fn returned(dossier: &Dossier, known: &[&Statement]) -> Option<(Moment, ReturnChannel)> {
    let returned_at = dossier.outcome.returned_at?;
    known.iter().find_map(|s| match s.fact() {
        Some(Fact::ResultReturned(f)) if s.at == returned_at => Some((returned_at, f.channel)),
        _ => None,
    })
}

fn table(rows: &[Row<'_>], names: &Names) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th rowspan="2" { "TT" }
                    th rowspan="2" { "Mã hồ sơ" }
                    th rowspan="2" { "Tên thủ tục hành chính" }
                    th rowspan="2" { "Số lượng hồ sơ (bộ)" }
                    th rowspan="2" { "Tên cá nhân, tổ chức" }
                    th rowspan="2" { "Địa chỉ, số điện thoại" }
                    th rowspan="2" { "Cơ quan chủ trì giải quyết" }
                    th colspan="5" { "Nhận và trả kết quả" }
                    th rowspan="2" { "Ghi chú" }
                }
                tr {
                    th { "Nhận hồ sơ" }
                    th { "Hẹn trả kết quả" }
                    th { "Trả kết quả" }
                    th { "Phương thức nhận kết quả" }
                    th { "Ký nhận" }
                }
            }
            tbody { @for (number, row) in (1..).zip(rows) { (shown(number, row, names)) } }
        }
    }
}

fn shown(number: u32, row: &Row<'_>, names: &Names) -> Markup {
    let Some(received) = row.dossier.received() else {
        return html! {};
    };
    let particulars = &received.particulars;
    let number = particulars.paper.as_ref().map_or(number, |p| p.number);
    let channel = row
        .returned
        .map(|(_, channel)| channel)
        .or(particulars.return_by);
    let contact = row.applicant.map(|a| {
        let known = [a.owner.address.as_deref(), a.owner.phone.as_deref()];
        known.into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    html! {
        tr {
            td .n { (number) }
            td { (row.code.as_str()) }
            td { (received.procedure.name) }
            td .n { (particulars.sets) }
            td { @if let Some(a) = row.applicant { (a.owner.name) } }
            td { @if let Some(contact) = contact { (contact) } }
            td { (names.unit(&received.competent)) }
            td .n { (wording::day(row.received_at)) }
            td .n { @if let Some(due) = received.due_at { (wording::day(due)) } }
            td .n { @if let Some((at, _)) = row.returned { (wording::day(at)) } }
            td { @if let Some(channel) = channel { (channel.label()) } }
            td {}
            td { (remarks(&row.dossier, received)) }
        }
    }
}
