//! New dossiers: what the desk decides, and the code under which it does.

use std::sync::Arc;

use calendar::Moment;
use catalogue::{Asked, Catalogue, Unit};
use chrono::NaiveDate;
use dossier::case::{Case, Refusal};
use dossier::desk::AtTheDesk;
use dossier::fact::Fact;
use dossier::ids::{CodeForm, DossierCode, ProcedureCode, UnitId};
use dossier::intake::Channel;
use dossier::procedure::Procedure;
use dossier::regime::Regime;
use dossier::repin::MoveVersion;
use serde_json::value::RawValue;

use super::following::Happened;
use super::{Core, CoreError, Outcome, unknown};
use crate::command::{Command, CommandEnvelope};
use crate::desk::Desk;
use crate::memory::Remembered;
use crate::watch;

/// What the desk decided.
struct Decided {
    facts: Vec<Fact>,
    happened: Happened,
    code: DossierCode,
    /// Serial of the day, where a new code was issued.
    serial: Option<u32>,
}

impl<D: Desk> Core<D> {
    pub(super) fn intake(
        &mut self,
        command: Command,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        let me = self.pen.me.clone();
        let known = match &sent.dossier {
            None => None,
            Some(code) => match self.memory.take(code)? {
                Some(known) if known.dossier.home == me => Some(known),
                other => {
                    other.into_iter().for_each(|known| self.memory.keep(known));
                    return Ok(Outcome::Refused(unknown(code).into()));
                }
            },
        };
        let last = self.last_serial(at.date_naive())?;
        let catalogue = Arc::clone(&self.catalogue);
        let unit = catalogue
            .unit(&me)
            .ok_or_else(|| CoreError::NoSuchUnit(me.clone()))?;
        let decided = match self.at_the_desk(unit, command, sent, at, known.as_ref(), last) {
            Ok(decided) => decided,
            Err(refusal) => {
                known.into_iter().for_each(|known| self.memory.keep(known));
                return Ok(Outcome::Refused(refusal.into()));
            }
        };
        let remembered = known.unwrap_or_else(|| Remembered::of(decided.code, me));
        let serial = decided.serial.map(|serial| (at.date_naive(), serial));
        self.follow(remembered, sent, decided.happened, decided.facts, serial)
    }

    /// What the desk decides, and the code under which it does: the one registered online, or the
    /// next of the day.
    fn at_the_desk(
        &self,
        unit: &Unit,
        command: Command,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
        known: Option<&Remembered>,
        last_serial: u32,
    ) -> Result<Decided, Refusal> {
        let (code, channel, options): (&ProcedureCode, Channel, &[String]) = match &command {
            Command::Register(c) => (&c.procedure, Channel::Online, &[]),
            Command::Receive(c) => (&c.procedure, c.channel, &c.options),
            Command::Decline(c) => (&c.procedure, c.channel, &[]),
            _ => {
                return Err(Refusal::new(
                    "command.not_intake",
                    "Không phải lệnh tiếp nhận",
                    "",
                ));
            }
        };
        let asked = Asked {
            date: at.date_naive(),
            channel,
            options,
        };
        let (procedure, competent) = offered(&self.catalogue, &unit.id, code, &asked)?;
        let paper = matches!(&command, Command::Receive(c) if c.paper.is_some());
        let rules = Regime::for_group(at, procedure.group).rules();
        let happened = self.recorded(rules, sent, at, paper)?;
        let calendar = &self.time.calendar;
        let desk = AtTheDesk {
            me: &unit.id,
            at,
            officer: &sent.officer,
            procedure: &procedure,
            competent: &competent,
            overseer: unit.overseer.as_ref(),
            calendar,
            desk_days: unit.desk_days,
            registered: known.map(|known| &known.dossier.intake),
        };
        let facts = match command {
            Command::Register(_) if known.is_some() => {
                return Err(Refusal::new(
                    "intake.already_registered",
                    "Hồ sơ đã đăng ký",
                    "NĐ 61/2018/NĐ-CP điều 17 khoản 3",
                ));
            }
            Command::Register(c) => {
                calendar
                    .day(at.date_naive())
                    .map_err(|error| Refusal::calendar(&error))?;
                c.decide()
            }
            Command::Receive(c) => c.decide(&desk)?,
            Command::Decline(c) => c.decide(&desk)?,
            _ => Vec::new(),
        };
        let (code, serial) = match known {
            Some(known) => (known.dossier.code.clone(), None),
            None => {
                let serial = last_serial + 1;
                (issued(unit, at.date_naive(), serial)?, Some(serial))
            }
        };
        Ok(Decided {
            facts,
            happened,
            code,
            serial,
        })
    }

    /// Decides the move of a dossier to the version of its procedure that is in force at this desk.
    pub(super) fn moved(
        &self,
        command: MoveVersion,
        case: &Case<'_>,
    ) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        let Some(received) = case.dossier.received() else {
            return Ok(Vec::new());
        };
        let asked = Asked {
            date: case.at.date_naive(),
            channel: received.channel,
            options: &received.particulars.options,
        };
        let code = &received.procedure.code;
        let (procedure, _) = offered(&self.catalogue, case.me, code, &asked)?;
        command.decide(case, &procedure)
    }

    pub(super) fn last_serial(&mut self, date: NaiveDate) -> Result<u32, CoreError> {
        if let Some(serial) = self.serials.get(&date) {
            return Ok(*serial);
        }
        let note = self.journal.note(&watch::serial_key(date))?;
        Ok(note
            .and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok())
            .unwrap_or(0))
    }
}

/// The procedure as this desk offers it, and the unit that may decide.
fn offered(
    catalogue: &Catalogue,
    desk: &UnitId,
    code: &ProcedureCode,
    asked: &Asked<'_>,
) -> Result<(Procedure, UnitId), Refusal> {
    catalogue.procedure_for(desk, code, asked).map_err(|error| {
        Refusal::new(
            "procedure.not_offered",
            format!("Thủ tục {code} không được tiếp nhận tại {desk}: {error}"),
            "Danh mục thủ tục hành chính tiếp nhận tại Bộ phận Một cửa (NĐ 61/2018/NĐ-CP điều 14)",
        )
    })
}

/// The code under the serial of the day, in the form of the day unless the register says otherwise.
fn issued(unit: &Unit, date: NaiveDate, serial: u32) -> Result<DossierCode, Refusal> {
    let form = unit.code_form.unwrap_or_else(|| CodeForm::of(date));
    DossierCode::issue_as(&unit.id, date, serial, form, unit.serial_width).map_err(|full| {
        Refusal::new(
            "register.full",
            format!("Không cấp được mã hồ sơ: {full}"),
            "TT 01/2018/TT-VPCP điều 19: số thứ tự bốn chữ số",
        )
    })
}
