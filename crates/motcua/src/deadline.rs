//! `motcua deadline`: a due date, day by day.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::say;
use anyhow::Context;
use calendar::{Calendar, DayNote, Limit, LimitUnit, parse_moment};
use clap::{Args, ValueEnum};
use serde_json::json;

/// Count a due date.
#[derive(Debug, Args)]
pub(crate) struct Deadline {
    /// When the dossier was received, RFC 3339, such as 2018-02-12T09:30:00+07:00.
    #[arg(long)]
    received: String,
    /// How many of the unit; not given for same_day and none_stated.
    #[arg(long, allow_negative_numbers = true)]
    limit: Option<u32>,
    /// What is counted.
    #[arg(long, value_enum)]
    unit: Unit,
    /// Another register of holidays than the built-in one.
    #[arg(long, value_name = "CSV")]
    calendar: Option<PathBuf>,
    /// Print JSON: due_at, counted, skipped.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Unit {
    WorkingDays,
    Days,
    WorkingHours,
    Hours,
    Months,
    SameDay,
    NoneStated,
}

impl From<Unit> for LimitUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::WorkingDays => Self::WorkingDays,
            Unit::Days => Self::Days,
            Unit::WorkingHours => Self::WorkingHours,
            Unit::Hours => Self::Hours,
            Unit::Months => Self::Months,
            Unit::SameDay => Self::SameDay,
            Unit::NoneStated => Self::NoneStated,
        }
    }
}

impl Deadline {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let received = parse_moment(&self.received).context("--received")?;
        let limit = self.limit()?;
        let own =
            match &self.calendar {
                None => None,
                Some(path) => {
                    let text = std::fs::read_to_string(path)
                        .with_context(|| format!("reading {}", path.display()))?;
                    let calendar = Calendar::from_csv(&path.display().to_string(), &text);
                    Some(calendar.with_context(|| {
                        format!("{} is not a register of holidays", path.display())
                    })?)
                }
            };
        let calendar = own.as_ref().unwrap_or_else(|| Calendar::published());
        let reckoning = calendar::due(calendar, received, limit)?;
        if self.json {
            let notes = |notes: &[DayNote]| {
                notes
                    .iter()
                    .map(|note| json!({ "date": note.date, "reason": note.reason }))
                    .collect::<Vec<_>>()
            };
            let answer = json!({
                "received": received,
                "limit": limit,
                "due_at": reckoning.due_at,
                "counted": notes(&reckoning.counted),
                "skipped": notes(&reckoning.skipped),
                "calendar": calendar.version(),
            });
            say(format_args!("{}", serde_json::to_string_pretty(&answer)?))?;
            return Ok(ExitCode::SUCCESS);
        }
        match reckoning.due_at {
            Some(due_at) => say(format_args!(
                "Hẹn trả: {}",
                due_at.format("%H giờ %M, ngày %d/%m/%Y  (%:z)")
            ))?,
            None => say(format_args!("Không quy định thời hạn"))?,
        }
        say(format_args!(
            "Tiếp nhận: {}; thời hạn: {limit}; lịch {}",
            received.format("%H:%M %d/%m/%Y"),
            calendar.version()
        ))?;
        for (title, notes) in [
            ("Tính", &reckoning.counted),
            ("Không tính", &reckoning.skipped),
        ] {
            say(format_args!("{title}:"))?;
            for note in notes {
                say(format_args!(
                    "  {}  {}",
                    note.date.format("%d/%m/%Y"),
                    note.reason
                ))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn limit(&self) -> anyhow::Result<Limit> {
        let takes_none = matches!(self.unit, Unit::SameDay | Unit::NoneStated);
        let amount = match self.limit {
            // `--limit 1 --unit same_day` is how people say it.
            Some(0 | 1) | None if takes_none => 0,
            Some(amount) => amount,
            None => anyhow::bail!("--limit is missing: say how many of the unit"),
        };
        Ok(Limit::new(amount, self.unit.into())?)
    }
}
