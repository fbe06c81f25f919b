//! `DongBoHoSoMC`: a dossier as the portal keeps it, one row that every later message replaces.
//!
//! Every field of the published list that a row of plain values has is there under its published
//! name, so that what is left empty is seen to be empty. Empty are the personal fields (`ChuHoSo`,
//! `DinhDanhCHS`, `MaDoiTuong`, `Email`, `Fax`, `SoDienThoai`, `ThongTinKhac`): they are sealed in the
//! events, the list does not require them, and this adapter has no right to the keys. The lists of
//! files, fees and results that the published list offers besides are optional and left out.

use dossier::dossier::Dossier;
use dossier::fact::Fact;
use dossier::ids::ProcedureCode;
use dossier::intake::Channel;
use history::{Statement, Tale};
use serde::Serialize;

use crate::names::{Named, Names};
use crate::partner::Partner;
use crate::status;
use crate::time;
use crate::wording::cut;

/// `TrichYeuHoSo` is cut to this length, as the published list says.
pub(crate) const ABSTRACT_CHARS_MAX: usize = 1_000;

/// A free text within a message; no length is published, and this is enough for people.
const TEXT_CHARS_MAX: usize = 500;

/// Rounds of supplements that are told, the latest ones: one dossier's message stays small.
const ROUNDS_MAX: usize = 20;

/// One dossier, with the field names of the published list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[allow(
    missing_docs,
    reason = "the fields are those of the published list, under its names"
)]
pub(crate) struct DossierMessage {
    pub ma_ho_so: String,
    #[serde(rename = "MaTTHC")]
    pub ma_tthc: String,
    #[serde(rename = "TenTTHC")]
    pub ten_tthc: String,
    pub ma_linh_vuc: String,
    pub ten_linh_vuc: String,
    pub kenh_thuc_hien: String,
    pub chu_ho_so: Option<String>,
    pub loai_doi_tuong: String,
    pub ma_doi_tuong: Option<String>,
    pub thong_tin_khac: Option<String>,
    pub email: Option<String>,
    pub fax: Option<String>,
    pub so_dien_thoai: Option<String>,
    pub trich_yeu_ho_so: String,
    pub ngay_nop_ho_so: Option<String>,
    pub ngay_tiep_nhan: Option<String>,
    pub ngay_hen_tra: Option<String>,
    pub ngay_tu_choi: Option<String>,
    pub ngay_ket_thuc_xu_ly: Option<String>,
    pub ngay_tra: Option<String>,
    pub trang_thai_ho_so: String,
    pub thong_tin_tra: Option<String>,
    pub hinh_thuc: String,
    pub don_vi_xu_ly: String,
    pub ghi_chu: Option<String>,
    pub noi_nop_ho_so: String,
    pub ho_so_co_thanh_phan_so_hoa: String,
    #[serde(rename = "TaiKhoanDuocXacThucVoiVNeID")]
    pub tai_khoan_duoc_xac_thuc_voi_vneid: String,
    pub duoc_thanh_toan_truc_tuyen: String,
    #[serde(rename = "DinhDanhCHS")]
    pub dinh_danh_chs: Vec<String>,
    pub danh_sach_ho_so_bo_sung: Vec<SupplementMessage>,
}

/// One round of supplements (`DanhSachHoSoBoSung`), with the date before and after it. Its status
/// field has no published codes and is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[allow(
    missing_docs,
    reason = "the fields are those of the published list, under its names"
)]
pub(crate) struct SupplementMessage {
    pub ho_so_bo_sung_id: String,
    pub noi_dung_bo_sung: String,
    pub ngay_bo_sung: String,
    pub ngay_tiep_nhan_bo_sung: Option<String>,
    pub ngay_hen_tra_truoc: Option<String>,
    pub ngay_hen_tra_moi: Option<String>,
}

/// The message about a dossier; none while no desk was heard. What the agreement lacks stays empty
/// and fails in [`crate::check`], which names it.
pub(crate) fn dossier_message(
    tale: &Tale,
    statements: &[&Statement],
    partner: &Partner,
    names: &Names,
) -> Option<DossierMessage> {
    let dossier = tale.dossier.as_ref()?;
    let about = About::of(tale, dossier, names)?;
    let received = dossier.intake.received.as_ref();
    let (outcome, promise) = (&dossier.outcome, &dossier.promise);
    let handed_in = dossier.intake.registered_at;
    let elsewhere = &dossier.intake.aliases;
    let at_portal = elsewhere.iter().any(|a| a.scheme == partner.portal_alias);
    let competent = received.map_or(&dossier.home, |(_, received)| &received.competent);
    let return_by = received.and_then(|(_, received)| received.particulars.return_by);
    Some(DossierMessage {
        ma_ho_so: dossier.code.as_str().to_owned(),
        ma_tthc: about.code.as_str().to_owned(),
        ma_linh_vuc: partner
            .fields
            .get(&about.named.field)
            .cloned()
            .unwrap_or_default(),
        ten_linh_vuc: about.named.field,
        kenh_thuc_hien: partner.channel(about.channel).to_owned(),
        chu_ho_so: None,
        loai_doi_tuong: partner.applicant(about.code).to_owned(),
        ma_doi_tuong: None,
        thong_tin_khac: None,
        email: None,
        fax: None,
        so_dien_thoai: None,
        // What the citizen wrote is sealed; what they applied for is not.
        trich_yeu_ho_so: cut(&about.named.name, ABSTRACT_CHARS_MAX),
        ten_tthc: about.named.name,
        ngay_nop_ho_so: handed_in.map(time::write),
        ngay_tiep_nhan: received.map(|(at, _)| time::write(*at)),
        ngay_hen_tra: promise.due_at.map(time::write),
        ngay_tu_choi: dossier
            .intake
            .declined_at
            .or(outcome.refused_at)
            .map(time::write),
        ngay_ket_thuc_xu_ly: dossier.ended_at().map(time::write),
        ngay_tra: outcome.returned_at.map(time::write),
        trang_thai_ho_so: status::code(dossier.status()),
        thong_tin_tra: None,
        hinh_thuc: partner.return_by(return_by).to_owned(),
        don_vi_xu_ly: names.unit(competent).to_owned(),
        ghi_chu: None,
        noi_nop_ho_so: if at_portal { "1" } else { "2" }.to_owned(),
        ho_so_co_thanh_phan_so_hoa: partner.unsaid.digitised.clone(),
        tai_khoan_duoc_xac_thuc_voi_vneid: partner.unsaid.verified.clone(),
        duoc_thanh_toan_truc_tuyen: partner.unsaid.paid_online.clone(),
        dinh_danh_chs: Vec::new(),
        danh_sach_ho_so_bo_sung: rounds(dossier, statements),
    })
}

/// What a dossier is about, as far as it was told.
struct About<'a> {
    code: &'a ProcedureCode,
    named: Named,
    channel: Channel,
}

impl<'a> About<'a> {
    /// The pinned procedure, or before reception what is known of the code.
    fn of(tale: &'a Tale, dossier: &'a Dossier, names: &Names) -> Option<Self> {
        let intake = &dossier.intake;
        if let Some(received) = dossier.received() {
            let moved = intake.repinned.last();
            let procedure = moved.map_or(&received.procedure, |(_, procedure)| procedure);
            return Some(Self {
                code: &procedure.code,
                named: Named {
                    name: procedure.name.clone(),
                    field: procedure.field.clone(),
                },
                channel: received.channel,
            });
        }
        let (code, channel) = match (&tale.declined, &tale.registered) {
            (Some(declined), _) => (&declined.procedure, declined.channel),
            (None, Some(registered)) => (&registered.procedure, Channel::Online),
            (None, None) => return None,
        };
        let at = intake.registered_at.or(intake.declined_at)?;
        // What the desk does not offer it is asked for all the same, and declines.
        let mut named = names
            .procedure(&dossier.home, code, at)
            .unwrap_or_else(|| Named {
                name: code.as_str().to_owned(),
                field: String::new(),
            });
        if let Some(declined) = &tale.declined {
            named.field.clone_from(&declined.field);
        }
        Some(Self {
            code,
            named,
            channel,
        })
    }
}

fn rounds(dossier: &Dossier, statements: &[&Statement]) -> Vec<SupplementMessage> {
    let mut home: Vec<&&Statement> = statements
        .iter()
        .filter(|s| s.unit == dossier.home)
        .collect();
    home.sort_by_key(|s| (s.epoch, s.sequence));
    let mut rounds: Vec<SupplementMessage> = Vec::new();
    let mut due = None;
    for statement in home {
        match statement.fact() {
            Some(Fact::Received(received)) => due = received.due_at,
            Some(Fact::Apologised(apologised)) => due = Some(apologised.new_due_at),
            Some(Fact::DueDateRecomputed(recomputed)) => due = Some(recomputed.due_at),
            Some(Fact::ClockStarted(started)) => due = started.due_at,
            Some(Fact::ClockResumed(resumed)) => due = resumed.recounted.due_at,
            Some(Fact::PaymentConfirmed(confirmed)) => due = confirmed.recounted.due_at,
            Some(Fact::SupplementAsked(asked)) => rounds.push(SupplementMessage {
                ho_so_bo_sung_id: statement.id.to_string(),
                noi_dung_bo_sung: cut(
                    &format!("{}: {}", asked.reason, asked.items.join("; ")),
                    TEXT_CHARS_MAX,
                ),
                ngay_bo_sung: time::write(statement.at),
                ngay_tiep_nhan_bo_sung: None,
                ngay_hen_tra_truoc: due.map(time::write),
                ngay_hen_tra_moi: None,
            }),
            Some(Fact::SupplementGiven(given)) => {
                due = given.recounted.due_at;
                if let Some(round) = rounds.last_mut() {
                    round.ngay_tiep_nhan_bo_sung = Some(time::write(statement.at));
                    round.ngay_hen_tra_moi = due.map(time::write);
                }
            }
            _ => {}
        }
    }
    let told = rounds.len().saturating_sub(ROUNDS_MAX);
    rounds.split_off(told)
}
