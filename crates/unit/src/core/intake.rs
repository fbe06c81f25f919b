//! New dossiers: what the desk decides, and the code under which it does.

use std::sync::Arc;

use calendar::Moment;
use chrono::NaiveDate;
use dossier::case::Refusal;
use dossier::dossier::Dossier;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, ProcedureCode};
use dossier::intake::AtTheDesk;
use serde_json::value::RawValue;

use super::{Core, CoreError, Outcome, unknown};
use crate::command::{Command, CommandEnvelope};
use crate::desk::Desk;
use crate::memory::Remembered;
use crate::watch;

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
        let decided = self.at_the_desk(command, sent, at, known.as_ref(), last);
        let (facts, code, serial) = match decided {
            Ok(decided) => decided,
            Err(refusal) => {
                known.into_iter().for_each(|known| self.memory.keep(known));
                return Ok(Outcome::Refused(refusal.into()));
            }
        };
        let remembered = known.unwrap_or_else(|| Remembered {
            dossier: Dossier::at(code, me),
            home_events: Vec::new(),
        });
        let notes = serial.map(|serial| (at.date_naive(), serial));
        self.follow(remembered, sent, at, facts, notes)
    }

    /// What the desk decides, and the code under which it does: the one registered online, or the
    /// next of the day.
    #[allow(clippy::type_complexity)]
    fn at_the_desk(
        &self,
        command: Command,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
        known: Option<&Remembered>,
        last_serial: u32,
    ) -> Result<(Vec<Fact>, DossierCode, Option<u32>), Refusal> {
        let me = self.pen.me.clone();
        let code: &ProcedureCode = match &command {
            Command::Register(c) => &c.procedure,
            Command::Receive(c) => &c.procedure,
            Command::Decline(c) => &c.procedure,
            _ => {
                return Err(Refusal::new(
                    "command.not_intake",
                    "Không phải lệnh tiếp nhận",
                    "",
                ));
            }
        };
        let catalogue = Arc::clone(&self.catalogue);
        let calendar = Arc::clone(&self.calendar);
        let (procedure, competent) = catalogue.procedure_for(&me, code).map_err(|error| {
            Refusal::new(
                "procedure.not_offered",
                format!("Thủ tục {code} không được tiếp nhận tại {me}: {error}"),
                "Danh mục thủ tục hành chính tiếp nhận tại Bộ phận Một cửa (NĐ 61/2018/NĐ-CP điều 14)",
            )
        })?;
        let desk = AtTheDesk {
            at,
            officer: &sent.officer,
            procedure: &procedure,
            competent: &competent,
            overseer: catalogue.unit(&me).and_then(|unit| unit.overseer.as_ref()),
            calendar: &calendar,
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
        if let Some(known) = known {
            return Ok((facts, known.dossier.code.clone(), None));
        }
        let serial = last_serial + 1;
        let code = DossierCode::issue(&me, at.date_naive(), serial).map_err(|full| {
            Refusal::new(
                "register.full",
                format!("Sổ tiếp nhận trong ngày đã hết số: {full}"),
                "TT 01/2018/TT-VPCP điều 19: số thứ tự bốn chữ số",
            )
        })?;
        Ok((facts, code, Some(serial)))
    }

    fn last_serial(&mut self, date: NaiveDate) -> Result<u32, CoreError> {
        if let Some(serial) = self.serials.get(&date) {
            return Ok(*serial);
        }
        let note = self.journal.note(&watch::serial_key(date))?;
        Ok(note
            .and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok())
            .unwrap_or(0))
    }
}
