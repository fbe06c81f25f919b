//! Receive (tiếp nhận): a dossier is taken in with its route, its clock and its promise.

use std::collections::BTreeSet;

use calendar::Moment;
use serde::{Deserialize, Serialize};

use crate::alias;
use crate::case::Refusal;
use crate::desk::AtTheDesk;
use crate::fact::Fact;
use crate::ids::ProcedureCode;
use crate::intake::{
    Alias, Channel, PaperCheck, PaperRegister, Particulars, Received, Sealed, is_one, one,
};
use crate::outcome::{ResultReady, ResultReturned, ReturnChannel};
use crate::papers;
use crate::procedure::{ClockPolicy, Procedure};
use crate::regime::{ClockStart, Regime, Rules};
use crate::route;

/// The most sets of one dossier that are believed; more is a slip of the keyboard.
pub const SETS_MAX: u16 = 999;
/// The longest name of a volume of the paper register, in characters.
const VOLUME_CHARS_MAX: usize = 32;

/// Command: take a dossier in. `P` is [`crate::intake::Person`] on the wire, [`Sealed`] inside.
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
    /// Options of the procedure that the citizen chooses: the steps they ask for are walked too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Number of sets handed in (số bộ), 1 to 999.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 999)))]
    pub sets: u16,
    /// Where the citizen wants the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_by: Option<ReturnChannel>,
    /// Where it stands in the paper register, when it is entered from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<PaperRegister>,
    /// Codes that others gave the same dossier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
    /// Received outside the territory of the competent agency (phi địa giới).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outside: bool,
}

fn none<P>() -> Option<P> {
    None
}

impl Receive {
    /// Received with a promise, or refused with what is missing (Mẫu 02 before reception,
    /// NĐ 61/2018/NĐ-CP art. 17.1a).
    ///
    /// # Errors
    /// [`Refusal`] when the desk has decided already, when papers are missing, when an
    /// option is not one of the procedure's, and when the due date cannot be counted.
    pub fn decide(self, desk: &AtTheDesk<'_>) -> Result<Vec<Fact>, Refusal> {
        desk.undecided()?;
        let off_days = desk.is_off_days(self.channel)?;
        let procedure = desk.procedure;
        self.well_written(procedure)?;
        let papers = papers::checked(&procedure.papers, self.papers)?;
        let route = if self.at_once {
            Vec::new()
        } else {
            route::walked(procedure, &self.options)?
        };
        let regime = Regime::for_group(desk.at, procedure.group);
        let rules = regime.rules();
        let (start, counted_from) = started(desk, rules, self.outside)?;
        let from = counted_from.unwrap_or(desk.at);
        let reckoning = calendar::due(desk.calendar, from, procedure.limit)
            .map_err(|error| Refusal::calendar(&error))?;
        let received = Fact::Received(Box::new(Received {
            channel: self.channel,
            procedure: procedure.into(),
            competent: desk.competent.clone(),
            overseer: desk.overseer.cloned(),
            applicant: self.applicant,
            delegate: self.delegate,
            papers,
            route,
            clock: pinned_clock(procedure, rules),
            limit: procedure.limit,
            due_at: reckoning.due_at,
            calendar: desk.calendar.version().to_owned(),
            regime,
            particulars: Particulars {
                off_days,
                clock_basis: procedure.clock_basis.clone(),
                group: procedure.group,
                start,
                counted_from,
                options: self.options,
                sets: self.sets,
                return_by: self.return_by,
                paper: self.paper,
                aliases: self.aliases,
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

    /// What can be said without looking at papers, route or clock.
    fn well_written(&self, procedure: &Procedure) -> Result<(), Refusal> {
        const FORM: &str = "TT 01/2018/TT-VPCP Mẫu 01 (Giấy tiếp nhận hồ sơ và hẹn trả kết quả)";
        const REGISTER: &str = "TT 01/2018/TT-VPCP điều 10 (Sổ theo dõi hồ sơ)";
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
        if self.sets == 0 || self.sets > SETS_MAX {
            let message = format!(
                "Số bộ hồ sơ phải từ 1 đến {SETS_MAX}, không phải {}",
                self.sets
            );
            return Err(Refusal::new("intake.sets", message, FORM));
        }
        if let Some(paper) = &self.paper {
            let chars = paper.volume.chars().count();
            let named = !paper.volume.trim().is_empty() && chars <= VOLUME_CHARS_MAX;
            if !named || paper.number == 0 {
                return Err(Refusal::new(
                    "intake.paper_register",
                    format!(
                        "Sổ giấy phải ghi quyển (không quá {VOLUME_CHARS_MAX} ký tự) và số thứ tự từ 1"
                    ),
                    REGISTER,
                ));
            }
        }
        let mut known = BTreeSet::new();
        for alias in &self.aliases {
            alias::well_formed(alias)?;
            if !known.insert(alias) {
                return Err(alias::noted(alias));
            }
        }
        alias::not_too_many(known.len())?;
        route::options_known(procedure, &self.options)
    }
}

/// When the clock starts, and from when the limit is counted where that is not the reception
/// itself. Sector law goes before the regime.
fn started(
    desk: &AtTheDesk<'_>,
    rules: &Rules,
    outside: bool,
) -> Result<(ClockStart, Option<Moment>), Refusal> {
    let by_regime = if outside {
        rules.start_outside.value
    } else {
        rules.start.value
    };
    let start = desk.procedure.start.unwrap_or(by_regime);
    let elsewhere = start == ClockStart::OnCompetentReceipt && desk.competent != desk.me;
    let from = if elsewhere {
        // The citizen has a date at once: counted from the latest lawful hand-over.
        calendar::hand_over_by(desk.calendar, desk.at).map(Some)
    } else if rules.late_start.value {
        calendar::start_after_cut_off(desk.calendar, desk.at)
            .map(|from| Some(from).filter(|from| *from != desk.at))
    } else {
        Ok(None)
    };
    let start = if elsewhere {
        start
    } else {
        ClockStart::OnReceipt
    };
    Ok((start, from.map_err(|error| Refusal::calendar(&error))?))
}

/// The procedure's effects of waiting, and the regime's numbers where it fixes none itself.
pub(crate) fn pinned_clock(procedure: &Procedure, rules: &Rules) -> ClockPolicy {
    let clock = procedure.clock;
    ClockPolicy {
        supplement_rounds: clock.supplement_rounds.or(rules.supplement_rounds.value),
        supplement_time_out: clock
            .supplement_time_out
            .or(rules.supplement_time_out.value),
        ..clock
    }
}
