//! `motcua deadline`: a due date, day by day, with the law that each step of the count rests on.

mod basis;
mod course;
mod shown;
mod typed;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use calendar::{Calendar, CalendarError, Declaration, Hours, Moment};
use clap::{Args, ValueEnum};
use dossier::regime::{Group, Regime};

use course::{Course, Turn};
use shown::Answer;
use typed::{Replaced, Span, Unit};

/// Count a due date.
#[derive(Debug, Args)]
pub(crate) struct Deadline {
    /// When the dossier was received, such as 2018-02-12T09:30:00+07:00 or "12/02/2018 09:30";
    /// without an offset it is Vietnamese time.
    #[arg(long, value_parser = typed::moment)]
    received: Moment,
    /// The limit: how many of the unit, or in words such as "5 ngày làm việc"; not given for
    /// same_day and none_stated.
    #[arg(long, allow_hyphen_values = true)]
    limit: Option<String>,
    /// What is counted, where the limit is a number.
    #[arg(long, value_enum)]
    unit: Option<Unit>,
    /// Another register of holidays than the built-in one.
    #[arg(long, value_name = "CSV")]
    calendar: Option<PathBuf>,
    /// Other office hours than 07:00-11:30,13:30-17:00.
    #[arg(long, value_name = "SESSIONS")]
    hours: Option<Hours>,
    /// Time that is not counted, such as "10/02/2026 09:00..12/02/2026 14:00"; may be repeated.
    #[arg(long, value_name = "FROM..TO")]
    pause: Vec<Span>,
    /// When a supplement was given in full and the whole limit began anew; may be repeated.
    #[arg(long, value_name = "AT", value_parser = typed::moment)]
    restart: Vec<Moment>,
    /// A limit of its own from a moment on, such as "12/02/2026 14:00=5 ngày làm việc"; may be
    /// repeated.
    #[arg(long, value_name = "AT=LIMIT")]
    second_limit: Vec<Replaced>,
    /// Start the clock on the next working day when received after 15:00 or on a day off
    /// (NĐ 63/2024 as amended by NĐ 301/2026 art. 5.2); by itself where the regime says so.
    #[arg(long)]
    after_cut_off: bool,
    /// Days declared or swapped after the calendar was published (JSON: basis, published_on, days);
    /// shows the date before and after. May be repeated, in the order of publication.
    #[arg(long, value_name = "FILE")]
    declared: Vec<PathBuf>,
    /// Whose rules the reception date chooses: of the general mechanism, or of an interconnected
    /// group.
    #[arg(long, value_enum, value_name = "GROUP", num_args = 0..=1,
        default_value = "general", default_missing_value = "general")]
    regime: Mechanism,
    /// Print JSON: due_at, counted, skipped and the rest of what is shown.
    #[arg(long)]
    json: bool,
}

/// Whose rules hold: the general mechanism's, or those of the interconnected group of birth or of
/// death. No sentence for each, or the help leaves its two columns.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mechanism {
    General,
    Birth,
    Death,
}

impl From<Mechanism> for Group {
    fn from(mechanism: Mechanism) -> Self {
        match mechanism {
            Mechanism::General => Self::None,
            Mechanism::Birth => Self::Birth,
            Mechanism::Death => Self::Death,
        }
    }
}

impl Deadline {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let limit = typed::limit(self.limit.as_deref(), self.unit)?;
        let group = Group::from(self.regime);
        let regime = Regime::for_group(self.received, group);
        let base = self.base()?;
        let declarations = self.declarations()?;
        let calendars = amended(&base, &self.declared, &declarations)?;
        let put_off = self.after_cut_off || regime.rules().late_start.value;
        let followed = |calendar: &Calendar| -> anyhow::Result<(Moment, Course)> {
            let start = if put_off {
                calendar::start_after_cut_off(calendar, self.received)?
            } else {
                self.received
            };
            let course = course::follow(calendar, start, limit, &self.turns())?;
            Ok((start, course))
        };
        // A calendar before a declaration may not reach; the last one has to.
        let date_by = |calendar: &Calendar| match followed(calendar) {
            Ok((_, course)) => Ok(course.due_at),
            Err(error) if is_outside(&error) => Ok(None),
            Err(error) => Err(error),
        };
        let calendar = calendars.last().unwrap_or(&base);
        let (start, course) = followed(calendar)?;
        let before = match declarations.is_empty() {
            true => None,
            false => date_by(&base)?,
        };
        // The receipt was printed by what had been published before its day; from then on a day
        // declared later does not move the date forward.
        let received_on = self.received.with_timezone(&calendar::hanoi()).date_naive();
        let known = declarations
            .iter()
            .take_while(|declaration| declaration.published_on < received_on)
            .count();
        let mut due_at = course.due_at;
        for earlier in calendars.iter().skip(known) {
            due_at = due_at.max(date_by(earlier)?);
        }
        let answer = Answer {
            received: self.received,
            limit,
            start,
            group,
            regime,
            due_at,
            course,
            before,
            base: base.version(),
            calendar,
            declarations: &declarations,
            known,
        };
        if self.json {
            answer.print_json()?;
        } else {
            answer.print()?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The calendar before any declaration.
    fn base(&self) -> anyhow::Result<Calendar> {
        let calendar = match &self.calendar {
            None => Calendar::published().clone(),
            Some(path) => {
                Calendar::from_csv(&path.display().to_string(), &text_of("--calendar", path)?)
                    .with_context(|| format!("{} is not a register of holidays", path.display()))?
            }
        };
        Ok(match &self.hours {
            Some(hours) => calendar.with_hours(hours.clone()),
            None => calendar,
        })
    }

    fn declarations(&self) -> anyhow::Result<Vec<Declaration>> {
        let read = |path: &PathBuf| -> anyhow::Result<Declaration> {
            serde_json::from_str(&text_of("--declared", path)?).with_context(|| {
                format!(
                    "--declared {} is not a declaration; write {{\"basis\", \"published_on\", \
                     \"days\": [{{\"date\", \"kind\", \"name\", \"pair\"}}]}}",
                    path.display()
                )
            })
        };
        self.declared.iter().map(read).collect()
    }

    /// What turned the clock; of what happened at one moment the pause comes last.
    fn turns(&self) -> Vec<Turn> {
        let restarted = self.restart.iter().copied().map(Turn::Restarted);
        let replaced = self.second_limit.iter().copied().map(Turn::Replaced);
        let paused = self.pause.iter().copied().map(Turn::Paused);
        restarted.chain(replaced).chain(paused).collect()
    }
}

/// The calendar without any declaration, then with the declarations one after the other.
fn amended(
    base: &Calendar,
    files: &[PathBuf],
    declarations: &[Declaration],
) -> anyhow::Result<Vec<Calendar>> {
    let mut calendar = base.clone();
    let mut calendars = vec![base.clone()];
    for ((number, file), declaration) in (1..).zip(files).zip(declarations) {
        calendar = calendar
            .amended(declaration, number)
            .with_context(|| format!("--declared {}", file.display()))?;
        calendars.push(calendar.clone());
    }
    Ok(calendars)
}

fn text_of(option: &str, path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| {
        format!(
            "{option} {} cannot be read; name a file that is there",
            path.display()
        )
    })
}

fn is_outside(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(CalendarError::Outside { .. }))
}
