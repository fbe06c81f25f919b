//! Intake (tiếp nhận): what the desk did with a dossier that was handed in. Its commands are in
//! [`crate::desk`] and [`crate::receive`], [`crate::alias`] and [`crate::repin`].

use std::collections::BTreeMap;

use calendar::{Limit, Moment};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::case::Refusal;
use crate::ids::{OfficerId, ProcedureCode, UnitId};
use crate::outcome::ReturnChannel;
use crate::procedure::{ClockPolicy, Procedure, RouteStep};
use crate::promise::Wait;
use crate::regime::{ClockStart, Group, Regime};

/// How a dossier came in (NĐ 61/2018/NĐ-CP art. 16; `KenhThucHien` of the national portal).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Over the counter (trực tiếp).
    Direct,
    /// Over a portal (trực tuyến).
    Online,
    /// By public post (bưu chính công ích).
    Post,
}

/// Personal data, readable only with the dossier's key. What is inside is the business of those
/// who hold the key; here it is opaque.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sealed {
    /// Which key opens it.
    pub key: Uuid,
    /// Nonce and ciphertext, base64url.
    #[serde(rename = "box")]
    pub sealed: String,
}

/// A person as the desk writes them down: in the clear only between the officer and the door of
/// the service, never in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Họ tên or name of the organisation.
    pub name: String,
    /// Số CMND/CCCD/hộ chiếu or mã số doanh nghiệp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_number: Option<String>,
    /// Địa chỉ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Số điện thoại.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// The desk's verdict on one paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Bản chính.
    Original,
    /// Bản sao, bản chứng thực.
    Copy,
    /// Not handed in.
    Missing,
}

/// A checked paper: position in the procedure's list (from 1), verdict, and the reason where the
/// verdict needs one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaperCheck {
    /// Position in the procedure's list, from 1.
    pub paper: u16,
    /// Its name as the procedure's list had it on that day, so that a receipt printed later is the
    /// receipt of that day. Written by the decision; what a command says here is not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the desk saw.
    pub verdict: Verdict,
    /// Why it is missing or not accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The procedure as pinned by a dossier at reception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PinnedProcedure {
    /// Code of the national database.
    pub code: ProcedureCode,
    /// Version of the register.
    pub version: String,
    /// Name in Vietnamese.
    pub name: String,
    /// Field (lĩnh vực).
    pub field: String,
    /// Legal basis of limit and route.
    pub basis: String,
}

impl From<&Procedure> for PinnedProcedure {
    fn from(procedure: &Procedure) -> Self {
        Self {
            code: procedure.code.clone(),
            version: procedure.version.clone(),
            name: procedure.name.clone(),
            field: procedure.field.clone(),
            basis: procedure.basis.clone(),
        }
    }
}

/// An online submission that no desk has looked at yet (mới đăng ký, national status 1; NĐ 61/2018/NĐ-CP
/// art. 16). No clock runs. Written by the unit that it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registered {
    /// What is applied for.
    pub procedure: ProcedureCode,
    /// Who applies.
    pub applicant: Sealed,
}

/// A dossier taken in, complete, with its promise (Giấy tiếp nhận hồ sơ và hẹn trả kết quả,
/// Mẫu 01). The only fact that starts the clock (NĐ 61/2018/NĐ-CP art. 17.1c). Written by the receiving
/// unit, which is the home from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Received {
    /// How it came in.
    pub channel: Channel,
    /// The procedure's version, pinned.
    pub procedure: PinnedProcedure,
    /// The unit that may decide (cơ quan có thẩm quyền giải quyết); the receiving unit is the
    /// event's author, the performing units stand in the route.
    pub competent: UnitId,
    /// The unit that watches over this desk, if any (NĐ 61/2018/NĐ-CP art. 19.7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overseer: Option<UnitId>,
    /// Who applies (chủ hồ sơ).
    pub applicant: Sealed,
    /// Who handed it in for them (người nộp thay), if someone did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegate: Option<Sealed>,
    /// The papers and what the desk saw.
    pub papers: Vec<PaperCheck>,
    /// Copy of the procedure's route.
    pub route: Vec<RouteStep>,
    /// Effect of waiting, of this procedure's version.
    pub clock: ClockPolicy,
    /// Time allowed.
    pub limit: Limit,
    /// The promised moment (ngày hẹn trả kết quả); none where the law states no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    /// Version of the calendar that counted it.
    pub calendar: String,
    /// Rules that apply.
    pub regime: Regime,
    /// What is not the rule: a later start, options, the paper register, codes of others.
    #[serde(default, skip_serializing_if = "is_default")]
    pub particulars: Particulars,
    /// Whether a receipt was due; at-once procedures need none (art. 17.4).
    pub receipt: bool,
    /// The officer at the desk.
    pub officer: OfficerId,
}

/// What was written at reception besides what every reception has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Particulars {
    /// Legal basis of what departs from the regime's rules on waiting, per wait.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clock_basis: BTreeMap<Wait, String>,
    /// Whether it is one of the interconnected groups with rules of their own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub group: Group,
    /// When the clock starts. Where that is with the competent agency, `due_at` is counted from the
    /// latest lawful hand-over, so that the citizen has a date.
    #[serde(default, skip_serializing_if = "is_default")]
    pub start: ClockStart,
    /// From when the limit was counted, where that is not the reception itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_from: Option<Moment>,
    /// Options of the procedure that were chosen: the steps that they ask for are in the route.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Number of sets handed in (số bộ).
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub sets: u16,
    /// Where the citizen wants the result (đăng ký nhận kết quả).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_by: Option<ReturnChannel>,
    /// Where it stands in the paper register, when it was entered from there (NĐ 61/2018 art. 39.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<PaperRegister>,
    /// Whether it came over the counter on a day on which the desk does not receive: recorded as it
    /// was, for the head to see.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off_days: bool,
    /// Codes that others gave the same dossier (portal, ministry).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
}

impl Default for Particulars {
    fn default() -> Self {
        Self {
            clock_basis: BTreeMap::new(),
            group: Group::None,
            start: ClockStart::OnReceipt,
            counted_from: None,
            options: Vec::new(),
            sets: one(),
            return_by: None,
            paper: None,
            off_days: false,
            aliases: Vec::new(),
        }
    }
}

/// Where a dossier stands in the paper register (Sổ theo dõi hồ sơ): volumes are opened per year, and
/// serials never restart within one (TT 01/2018/TT-VPCP art. 10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaperRegister {
    /// Quyển số.
    pub volume: String,
    /// Số thứ tự.
    pub number: u32,
}

/// A code that somebody else gave the dossier; the dossier's own never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alias {
    /// Whose code it is: `dvcqg`, `bo_tnmt`.
    pub scheme: String,
    /// The code as they write it.
    pub code: String,
}

/// A further code of the dossier was noted. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Aliased {
    /// The code.
    pub alias: Alias,
}

/// The dossier goes on under another version of its procedure (chuyển sang phiên bản quy trình mới),
/// approved by name. The promised date stays; steps that were given out stay. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Repinned {
    /// The version it goes on under.
    pub procedure: PinnedProcedure,
    /// The route from now on: what was given out, and the new version's remaining steps.
    pub route: Vec<RouteStep>,
    /// Effect of waiting from now on.
    pub clock: ClockPolicy,
    /// Who approved it.
    pub approver: OfficerId,
    /// Why, in Vietnamese.
    pub reason: String,
    /// Legal basis.
    pub basis: String,
}

pub(crate) fn one() -> u16 {
    1
}

pub(crate) fn is_one(sets: &u16) -> bool {
    *sets == 1
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A dossier not taken in (Phiếu từ chối tiếp nhận giải quyết hồ sơ, Mẫu 03;
/// NĐ 61/2018/NĐ-CP art. 17.1b). No clock ever ran. Written by the unit that it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Declined {
    /// What was applied for.
    pub procedure: ProcedureCode,
    /// Field of that procedure (lĩnh vực).
    pub field: String,
    /// How it came in.
    pub channel: Channel,
    /// Reason in Vietnamese, printed on the slip.
    pub reason: String,
    /// The officer at the desk.
    pub officer: OfficerId,
}

/// State of the intake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intake {
    /// When it was registered online, if it was.
    pub registered_at: Option<Moment>,
    /// When and as what it was received.
    pub received: Option<(Moment, Box<Received>)>,
    /// When it was declined.
    pub declined_at: Option<Moment>,
    /// Codes that others gave it.
    pub aliases: Vec<Alias>,
    /// When it was moved to another version of its procedure, and to which.
    pub repinned: Vec<(Moment, PinnedProcedure)>,
}

/// Slips to the citizen name their reason.
pub(crate) fn reason_given(reason: &str, rule: &'static str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::new("reason.missing", "Phải nêu rõ lý do", rule));
    }
    Ok(())
}
