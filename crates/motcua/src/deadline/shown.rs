//! What was counted, as people read it and as programs do.

use calendar::{Calendar, Declaration, Limit, Moment};
use dossier::regime::{Group, Regime};
use report::sheet::moment as minute;
use serde_json::{Map, Value, json};

use super::basis::{self, Noted, Rule};
use super::course::{Course, Leg, Turn};
use crate::say;

/// Everything that is shown.
pub(super) struct Answer<'a> {
    pub(super) received: Moment,
    pub(super) limit: Limit,
    /// When the clock started.
    pub(super) start: Moment,
    pub(super) group: Group,
    pub(super) regime: Regime,
    /// The date in force.
    pub(super) due_at: Option<Moment>,
    pub(super) course: Course,
    /// The date without the declarations; none where that calendar did not reach.
    pub(super) before: Option<Moment>,
    /// Version of the calendar without the declarations.
    pub(super) base: &'a str,
    pub(super) calendar: &'a Calendar,
    pub(super) declarations: &'a [Declaration],
    /// How many of them were published before the day of reception: the receipt knew them.
    pub(super) known: usize,
}

fn day(date: chrono::NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

fn date_or_none(at: Option<Moment>) -> String {
    at.map_or_else(|| "chưa tính được".to_owned(), minute)
}

impl Answer<'_> {
    pub(super) fn print_json(&self) -> anyhow::Result<()> {
        let mut steps = Vec::new();
        let (mut counted, mut skipped) = (Vec::new(), Vec::new());
        for leg in &self.course.legs {
            let (counts, skips) = self.days_of(leg)?;
            steps.push(json!({
                "what": what(leg),
                "from": leg.turn.map_or(leg.since, Turn::at),
                "until": match leg.turn {
                    Some(Turn::Paused(span)) => Some(span.to),
                    _ => None,
                },
                "limit": leg.limit,
                "due_at": leg.due_at,
                "counted": &counts,
                "skipped": &skips,
                "rules": self.rules_of(leg),
            }));
            if !leg.superseded {
                counted.extend(counts);
                skipped.extend(skips);
            }
        }
        let rules = self.regime.rules();
        let since = first_day(self.regime);
        let mut answer = json!({
            "received": self.received,
            "limit": self.limit,
            "started": self.start,
            "due_at": self.due_at,
            "counted": counted,
            "skipped": skipped,
            "calendar": self.calendar.version(),
            "office_hours": self.calendar.hours().to_string(),
            "regime": {
                "key": self.regime,
                "name": rules.name,
                "from": since.format("%Y-%m-%d").to_string(),
                "group": self.group,
            },
            "steps": steps,
        });
        if let Some(fields) = answer.as_object_mut() {
            self.add_apology(fields);
            self.add_declared(fields);
        }
        say(format_args!("{}", serde_json::to_string_pretty(&answer)?))
    }

    fn add_apology(&self, fields: &mut Map<String, Value>) {
        let rules = self.regime.rules();
        if let Some(due_at) = self.due_at {
            let apology = json!({
                "last_day": basis::apology_by(self.calendar, self.regime, self.received, due_at),
                "times": rules.apologies.value,
                "basis": basis::cited(&rules.apology_days_ahead),
            });
            fields.insert("apology".to_owned(), apology);
        }
    }

    fn add_declared(&self, fields: &mut Map<String, Value>) {
        if !self.declarations.is_empty() {
            let declared = json!({
                "documents": self.declarations,
                "calendar_before": self.base,
                "due_at_before": self.before,
                "due_at_counted": self.course.due_at,
            });
            fields.insert("declared".to_owned(), declared);
        }
    }

    pub(super) fn print(&self) -> anyhow::Result<()> {
        match self.due_at {
            Some(due_at) => say(format_args!(
                "Hẹn trả: {}",
                due_at.format("%H giờ %M, ngày %d/%m/%Y  (%:z)")
            ))?,
            None => say(format_args!("Không quy định thời hạn"))?,
        }
        say(format_args!(
            "Tiếp nhận: {}; thời hạn: {}; lịch {}",
            minute(self.received),
            self.limit,
            self.calendar.version()
        ))?;
        if self.start != self.received {
            say(format_args!("Bắt đầu tính: {}", minute(self.start)))?;
        }
        self.print_declared()?;
        self.print_regime()?;
        let several = self.course.legs.len() > 1;
        let mut told = Vec::new();
        for (number, leg) in (1..).zip(&self.course.legs) {
            if several {
                say(format_args!("{number}. {}", heading(leg)))?;
            }
            self.print_leg(leg, &mut told)?;
        }
        Ok(())
    }

    fn print_declared(&self) -> anyhow::Result<()> {
        for (position, declaration) in self.declarations.iter().enumerate() {
            let when = match position < self.known {
                true => "Công bố trước ngày tiếp nhận",
                false => "Công bố sau",
            };
            say(format_args!(
                "{when}: {} ({})",
                declaration.basis,
                day(declaration.published_on)
            ))?;
        }
        if self.declarations.is_empty() {
            return Ok(());
        }
        let counted = self.course.due_at;
        say(format_args!(
            "Trước công bố: {} (lịch {}); sau công bố: {}",
            date_or_none(self.before),
            self.base,
            date_or_none(counted)
        ))?;
        if self.due_at > counted {
            say(format_args!(
                "Ngày hẹn đã in trên giấy tiếp nhận không dời lên sớm hơn"
            ))?;
        }
        Ok(())
    }

    fn print_regime(&self) -> anyhow::Result<()> {
        let rules = self.regime.rules();
        let group = basis::group_name(self.group).map_or_else(String::new, |g| format!("; {g}"));
        say(format_args!(
            "Quy định áp dụng: {} (hồ sơ tiếp nhận từ {}{group})",
            rules.name,
            day(first_day(self.regime))
        ))?;
        let Some(due_at) = self.due_at else {
            return Ok(());
        };
        let (cited, times) = (
            basis::cited(&rules.apology_days_ahead),
            rules.apologies.value,
        );
        match basis::apology_by(self.calendar, self.regime, self.received, due_at) {
            Some(last) => say(format_args!(
                "Nếu không kịp: xin lỗi và hẹn lại chậm nhất ngày {}, không quá {times} lần; \
                 căn cứ: {cited}",
                day(last)
            )),
            None => say(format_args!(
                "Nếu không kịp: thời hạn quá ngắn để xin lỗi trước ngày hẹn; căn cứ: {cited}"
            )),
        }
    }

    /// Prints a stretch; a rule that was told already is not told again.
    fn print_leg(&self, leg: &Leg, told: &mut Vec<Rule>) -> anyhow::Result<()> {
        let (counted, skipped) = self.days_of(leg)?;
        for (title, notes) in [("Tính", counted), ("Không tính", skipped)] {
            if notes.is_empty() {
                continue;
            }
            say(format_args!("{title}:"))?;
            for note in notes {
                let basis = match note.special {
                    true => format!(" [{}]", note.basis),
                    false => String::new(),
                };
                say(format_args!("  {}  {}{basis}", day(note.date), note.reason))?;
            }
        }
        let mut rules = self.rules_of(leg);
        rules.retain(|rule| !told.contains(rule));
        if !rules.is_empty() {
            say(format_args!("Căn cứ:"))?;
        }
        for rule in rules {
            say(format_args!("  {} [{}]", rule.rule, rule.basis))?;
            told.push(rule);
        }
        Ok(())
    }

    fn days_of(&self, leg: &Leg) -> anyhow::Result<(Vec<Noted>, Vec<Noted>)> {
        Ok((
            basis::noted(self.calendar, &leg.counted)?,
            basis::noted(self.calendar, &leg.skipped)?,
        ))
    }

    fn rules_of(&self, leg: &Leg) -> Vec<Rule> {
        let mut rules = basis::of_leg(leg, self.regime, self.calendar);
        if leg.turn.is_none() && self.start != self.received {
            let received_on = self.received.with_timezone(&calendar::hanoi()).date_naive();
            let day = self.calendar.day(received_on);
            let on_day_off = day.is_ok_and(|day| !day.is_working());
            rules.insert(1, basis::late_start(self.regime, on_day_off));
        }
        rules
    }
}

/// The first day of a regime.
fn first_day(regime: Regime) -> chrono::NaiveDate {
    let (year, month, day) = regime.rules().from;
    chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn what(leg: &Leg) -> &'static str {
    match leg.turn {
        None => "limit",
        Some(Turn::Paused(_)) => "pause",
        Some(Turn::Restarted(_)) => "restart",
        Some(Turn::Replaced(_)) => "second_limit",
    }
}

fn heading(leg: &Leg) -> String {
    let due = date_or_none(leg.due_at);
    let since = minute(leg.since);
    let of = match leg.turn {
        None => format!("Tính {} từ {since}", leg.limit),
        Some(Turn::Paused(span)) => {
            format!("Tạm dừng từ {} đến {since}", minute(span.from))
        }
        Some(Turn::Restarted(_)) => format!("Tính lại từ đầu, {}, từ {since}", leg.limit),
        Some(Turn::Replaced(_)) => format!("Thời hạn mới, {}, từ {since}", leg.limit),
    };
    let superseded = if leg.superseded {
        "; sau đó tính lại"
    } else {
        ""
    };
    format!("{of}: hẹn trả {due}{superseded}")
}
