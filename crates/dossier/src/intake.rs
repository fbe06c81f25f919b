//! Intake (tiếp nhận): what the desk did with a dossier that was handed in.

use std::collections::BTreeMap;

use calendar::{Calendar, Limit, Moment};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::case::Refusal;
use crate::fact::Fact;
use crate::ids::{OfficerId, ProcedureCode, UnitId};
use crate::outcome::{ResultReady, ResultReturned, ReturnChannel};
use crate::procedure::{ClockPolicy, Paper, Procedure, RouteStep};
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
            aliases: Vec::new(),
        }
    }
}

/// Where a dossier stands in the paper register (Sổ theo dõi hồ sơ): volumes are opened per year, and
/// serials never restart within one (TT 01/2018/TT-VPCP art. 10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
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

fn one() -> u16 {
    1
}

fn is_one(sets: &u16) -> bool {
    *sets == 1
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
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

/// Command: note an online submission. `P` is [`Person`] on the wire, [`Sealed`] inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Register<P = Sealed> {
    /// What is applied for.
    pub procedure: ProcedureCode,
    /// Who applies.
    pub applicant: P,
}

/// Command: take a dossier in. `P` is [`Person`] on the wire, [`Sealed`] inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Receive<P = Sealed> {
    /// What is applied for.
    pub procedure: ProcedureCode,
    /// How it came in.
    pub channel: Channel,
    /// Who applies.
    pub applicant: P,
    /// Who hands it in for them.
    #[serde(default = "none::<P>", skip_serializing_if = "Option::is_none")]
    pub delegate: Option<P>,
    /// Verdict on each paper of the procedure's list; papers not named count as missing.
    #[serde(default)]
    pub papers: Vec<PaperCheck>,
    /// Return the result in the same visit; only for procedures that allow it.
    #[serde(default)]
    pub at_once: bool,
}

fn none<P>() -> Option<P> {
    None
}

/// Command: do not take a dossier in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Decline {
    /// What was applied for.
    pub procedure: ProcedureCode,
    /// How it came in.
    pub channel: Channel,
    /// Reason in Vietnamese.
    pub reason: String,
}

/// What a desk knows when someone stands before it: no dossier yet, or one registered online.
#[derive(Debug, Clone, Copy)]
pub struct AtTheDesk<'a> {
    /// When.
    pub at: Moment,
    /// The officer at the desk.
    pub officer: &'a OfficerId,
    /// The procedure, with the route resolved for this desk.
    pub procedure: &'a Procedure,
    /// The unit that may decide.
    pub competent: &'a UnitId,
    /// The unit that watches over this desk.
    pub overseer: Option<&'a UnitId>,
    /// Working time.
    pub calendar: &'a Calendar,
    /// The online submission, if this is one.
    pub registered: Option<&'a Intake>,
}

impl AtTheDesk<'_> {
    fn undecided(&self) -> Result<(), Refusal> {
        match self.registered {
            Some(intake) if intake.received.is_some() => Err(Refusal::new(
                "intake.already_received",
                "Hồ sơ đã được tiếp nhận",
                "NĐ 61/2018/NĐ-CP điều 17 khoản 3: mỗi hồ sơ một mã số",
            )),
            Some(intake) if intake.declined_at.is_some() => Err(Refusal::new(
                "intake.already_declined",
                "Hồ sơ đã bị từ chối tiếp nhận",
                "NĐ 61/2018/NĐ-CP điều 17 khoản 1 điểm b",
            )),
            _ => Ok(()),
        }
    }
}

impl Register {
    /// A submission is noted as it came.
    pub fn decide(self) -> Vec<Fact> {
        vec![Fact::Registered(Registered {
            procedure: self.procedure,
            applicant: self.applicant,
        })]
    }
}

impl Receive {
    /// Received with a promise, or refused with what is missing (Mẫu 02 before reception,
    /// NĐ 61/2018/NĐ-CP art. 17.1a).
    pub fn decide(self, desk: &AtTheDesk<'_>) -> Result<Vec<Fact>, Refusal> {
        desk.undecided()?;
        let procedure = desk.procedure;
        let papers = checked(&procedure.papers, self.papers)?;
        if self.at_once && !procedure.at_once {
            return Err(Refusal::new(
                "intake.not_at_once",
                format!(
                    "Thủ tục {} không thuộc loại trả kết quả ngay",
                    procedure.code
                ),
                "NĐ 61/2018/NĐ-CP điều 17 khoản 4",
            ));
        }
        let reckoning = calendar::due(desk.calendar, desk.at, procedure.limit)
            .map_err(|error| Refusal::calendar(&error))?;
        let received = Fact::Received(Box::new(Received {
            channel: self.channel,
            procedure: procedure.into(),
            competent: desk.competent.clone(),
            overseer: desk.overseer.cloned(),
            applicant: self.applicant,
            delegate: self.delegate,
            papers,
            route: if self.at_once {
                Vec::new()
            } else {
                procedure.route.clone()
            },
            clock: procedure.clock,
            limit: procedure.limit,
            due_at: reckoning.due_at,
            calendar: desk.calendar.version().to_owned(),
            regime: Regime::for_group(desk.at, procedure.group),
            particulars: Particulars {
                clock_basis: procedure.clock_basis.clone(),
                group: procedure.group,
                ..Particulars::default()
            },
            receipt: !self.at_once,
            officer: desk.officer.clone(),
        }));
        if self.at_once {
            let returned = ResultReturned {
                channel: ReturnChannel::Counter,
                officer: desk.officer.clone(),
            };
            return Ok(vec![
                received,
                Fact::ResultReady(ResultReady {}),
                Fact::ResultReturned(returned),
            ]);
        }
        Ok(vec![received])
    }
}

impl Decline {
    /// Declined with its reason.
    pub fn decide(self, desk: &AtTheDesk<'_>) -> Result<Vec<Fact>, Refusal> {
        desk.undecided()?;
        reason_given(&self.reason, "NĐ 61/2018/NĐ-CP điều 17 khoản 1 điểm b")?;
        Ok(vec![Fact::Declined(Declined {
            procedure: self.procedure,
            field: desk.procedure.field.clone(),
            channel: self.channel,
            reason: self.reason,
            officer: desk.officer.clone(),
        })])
    }
}

/// Slips to the citizen name their reason.
pub(crate) fn reason_given(reason: &str, rule: &'static str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::new("reason.missing", "Phải nêu rõ lý do", rule));
    }
    Ok(())
}

fn checked(list: &[Paper], mut given: Vec<PaperCheck>) -> Result<Vec<PaperCheck>, Refusal> {
    const RULE: &str =
        "NĐ 61/2018/NĐ-CP điều 17 khoản 1 điểm a (Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ)";
    given.sort_by_key(|check| check.paper);
    if let Some(pair) = given.windows(2).find(|pair| pair[0].paper == pair[1].paper) {
        return Err(Refusal::new(
            "intake.paper_twice",
            format!("Giấy tờ số {} ghi hai lần", pair[0].paper),
            RULE,
        ));
    }
    if let Some(check) = given
        .iter()
        .find(|c| c.paper == 0 || usize::from(c.paper) > list.len())
    {
        return Err(Refusal::new(
            "intake.paper_unknown",
            format!(
                "Thành phần hồ sơ chỉ có {} giấy tờ, không có số {}",
                list.len(),
                check.paper
            ),
            RULE,
        ));
    }
    let mut missing = Vec::new();
    for (position, paper) in (1u16..).zip(list) {
        let found = given.iter().find(|check| check.paper == position);
        let absent = found.is_none_or(|check| check.verdict == Verdict::Missing);
        if absent && paper.required {
            missing.push(format!("{position}. {}", paper.name));
        }
    }
    if missing.is_empty() {
        return Ok(given);
    }
    Err(Refusal::new(
        "intake.papers_missing",
        format!("Hồ sơ còn thiếu: {}", missing.join("; ")),
        RULE,
    ))
}
