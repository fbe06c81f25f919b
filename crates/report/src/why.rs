//! Why a dossier is due when it is, and why it counts as early or late: the clock from reception to
//! the due date, every day counted or skipped, everything that moved it, each with its basis.

mod course;
mod held;

use std::fmt;

use calendar::{Calendar, CalendarError, Moment, due};
use dossier::dossier::Dossier;
use dossier::intake::Received;
use dossier::promise::Wait;
use dossier::regime::{Known, Ruled};
use history::Tale;
use serde::Serialize;

pub use held::Held;

use crate::ended::end_of;
use crate::ontime::{Judged, RuleSet};
use crate::sheet::{Cell, Column, Sheet, moment};

/// One line of the explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When, as people read it: a moment or a day; empty for a remark.
    pub when: String,
    /// What, in Vietnamese.
    pub text: String,
    /// The rule it rests on; empty where the line only counts.
    pub basis: String,
}

/// A meaning of "on time", applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Which.
    pub rules: RuleSet,
    /// The date that was held against the end.
    pub due_at: Option<Moment>,
    /// Where the dossier stands by it.
    pub judged: Judged,
}

/// The explanation of one dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The dossier, as printed on its receipt.
    pub code: String,
    /// Under which rules it stands.
    pub rules: Vec<Line>,
    /// Its clock, from reception to the date in force.
    pub clock: Vec<Line>,
    /// The date first promised.
    pub original_due_at: Option<Moment>,
    /// The date in force.
    pub due_at: Option<Moment>,
    /// Why it counts as it does, under each rule set.
    pub verdicts: Vec<Verdict>,
    /// The forms that the citizen holds, in order of issue.
    pub forms: Vec<Held>,
    /// As of when it is told.
    pub at: Moment,
    /// When its processing ended, and how.
    pub ended: Option<String>,
}

/// Explains a dossier as of `at`; none when it was not received by then. Dates stand as their events
/// state them; the days between are counted with `calendar`, and where that counts otherwise, the
/// explanation says so.
///
/// # Errors
/// [`CalendarError`] when a count needs a day that the calendar does not cover.
pub fn explain(tale: &Tale, at: Moment, calendar: &Calendar) -> Result<Option<Why>, CalendarError> {
    let Some(dossier) = &tale.dossier else {
        return Ok(None);
    };
    let Some((received_at, received)) = &dossier.intake.received else {
        return Ok(None);
    };
    if *received_at > at {
        return Ok(None);
    }
    let verdicts = RuleSet::ALL.into_iter().filter_map(|rules| {
        Some(Verdict {
            rules,
            due_at: rules.due(dossier).map(|(due_at, _)| due_at),
            judged: rules.judge(dossier, at)?,
        })
    });
    let end = end_of(dossier).filter(|end| end.at <= at);
    Ok(Some(Why {
        code: dossier.code.to_string(),
        rules: rules(received, *received_at),
        clock: course::lines(dossier, received, *received_at, calendar)?,
        original_due_at: dossier.promise.original_due_at,
        due_at: dossier.promise.due_at,
        verdicts: verdicts.collect(),
        forms: held::held(dossier, received, *received_at, at),
        at,
        ended: end.map(|end| format!("{} lúc {}", end.how.label(), moment(end.at))),
    }))
}

/// The decree with the rules that bear on the clock, each with its article and how well it is known.
fn rules(received: &Received, received_at: Moment) -> Vec<Line> {
    let rules = received.regime.rules();
    let start = if received.particulars.start == rules.start_outside.value
        && received.particulars.start != rules.start.value
    {
        &rules.start_outside
    } else {
        &rules.start
    };
    let when = match received.particulars.start {
        dossier::regime::ClockStart::OnReceipt => "tính từ Giấy tiếp nhận hồ sơ",
        dossier::regime::ClockStart::OnCompetentReceipt => {
            "tính từ khi cơ quan có thẩm quyền nhận hồ sơ"
        }
    };
    let procedure = &received.procedure;
    let mut lines = vec![
        Line {
            when: moment(received_at),
            text: format!("Tiếp nhận khi áp dụng {}", rules.name),
            basis: rules.name.to_owned(),
        },
        Line {
            when: String::new(),
            text: format!(
                "Thủ tục {} - {}, phiên bản {}: thời hạn {}",
                procedure.code, procedure.name, procedure.version, received.limit
            ),
            basis: procedure.basis.clone(),
        },
        Line {
            when: String::new(),
            text: format!("Thời hạn {when}"),
            basis: cited(start),
        },
    ];
    if let Some(from) = received.particulars.counted_from {
        lines.push(Line {
            when: moment(from),
            text: "Bắt đầu tính muộn hơn lúc tiếp nhận".to_owned(),
            basis: cited(&rules.late_start),
        });
    }
    lines.push(Line {
        when: String::new(),
        text: format!(
            "Xin lỗi và hẹn lại: tối đa {} lần, trước ngày hẹn ít nhất {} ngày",
            rules.apologies.value, rules.apology_days_ahead.value
        ),
        basis: cited(&rules.apologies),
    });
    lines
}

/// An article with how well it is known.
fn cited<T>(rule: &Ruled<T>) -> String {
    match rule.known {
        Known::Read => rule.basis.to_owned(),
        Known::Inferred => format!("{} (suy luận từ văn bản)", rule.basis),
        Known::Assumed => format!("{} (giả định, đặt được theo thủ tục)", rule.basis),
    }
}

/// The days from a start to the end of a limit, and whether the date stated is the one counted.
fn counted(
    calendar: &Calendar,
    reckoning: &calendar::Reckoning,
    stated: Option<Moment>,
    by: &str,
) -> Vec<Line> {
    let mut days: Vec<_> = reckoning
        .counted
        .iter()
        .map(|note| (note, true))
        .chain(reckoning.skipped.iter().map(|note| (note, false)))
        .collect();
    days.sort_by_key(|(note, _)| note.date);
    let mut number = 0;
    let mut lines: Vec<Line> = days
        .into_iter()
        .map(|(note, counts)| {
            number += usize::from(counts);
            let text = if counts {
                format!("ngày thứ {number}: {}", note.reason)
            } else {
                format!("không tính: {}", note.reason)
            };
            Line {
                when: note.date.format("%d/%m/%Y").to_string(),
                text,
                basis: String::new(),
            }
        })
        .collect();
    if reckoning.due_at != stated {
        let counted = reckoning
            .due_at
            .map_or_else(|| "không có hạn".to_owned(), moment);
        let stated = stated.map_or_else(|| "không có hạn".to_owned(), moment);
        lines.push(Line {
            when: String::new(),
            text: format!(
                "Ngày đã ghi là {stated} theo lịch {by}; tính theo lịch {} được {counted}. \
                 Ngày đã ghi được giữ nguyên",
                calendar.version()
            ),
            basis: String::new(),
        });
    }
    lines
}

/// What a whole limit gives from a moment on.
fn from(
    calendar: &Calendar,
    start: Moment,
    limit: calendar::Limit,
    stated: Option<Moment>,
    by: &str,
) -> Result<Vec<Line>, CalendarError> {
    Ok(counted(calendar, &due(calendar, start, limit)?, stated, by))
}

impl Why {
    /// The explanation as a sheet: sections one under another.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let written = |at: Option<Moment>| at.map_or_else(|| "không có".to_owned(), moment);
        let mut rows = Vec::new();
        let mut put = |section: &str, when: &str, text: &str, basis: &str| {
            rows.push([section, when, text, basis].map(Cell::from).to_vec());
        };
        for line in &self.rules {
            put("Căn cứ", &line.when, &line.text, &line.basis);
        }
        for line in &self.clock {
            put("Đồng hồ", &line.when, &line.text, &line.basis);
        }
        let end = self.ended.as_deref().unwrap_or("chưa kết thúc");
        put("Kết thúc", &moment(self.at), end, "");
        for verdict in &self.verdicts {
            let text = format!(
                "{}: {} (so với {})",
                verdict.rules.label(),
                verdict.judged.label(),
                written(verdict.due_at)
            );
            put("Kết luận", "", &text, verdict.rules.basis());
        }
        for held in &self.forms {
            put(
                "Biểu mẫu",
                &moment(held.issued_at),
                &held.name(),
                held.form.set().basis(),
            );
        }
        Sheet {
            title: "Vì sao hồ sơ có ngày hẹn này".to_owned(),
            subtitle: vec![
                format!("Mã hồ sơ: {}", self.code),
                format!(
                    "Ngày hẹn đầu tiên: {}; ngày hẹn hiện hành: {}",
                    written(self.original_due_at),
                    written(self.due_at)
                ),
            ],
            columns: ["Phần", "Thời điểm", "Nội dung", "Căn cứ pháp lý"]
                .map(Column::named)
                .to_vec(),
            rows,
            notes: Vec::new(),
        }
    }
}

impl fmt::Display for Why {
    /// Plain text, one line each, for a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sheet = self.sheet();
        writeln!(f, "{}", sheet.title)?;
        for line in &sheet.subtitle {
            writeln!(f, "{line}")?;
        }
        let mut section = String::new();
        for row in &sheet.rows {
            let cells: Vec<String> = row.iter().map(Cell::written).collect();
            let [head, when, text, basis] = cells.as_slice() else {
                continue;
            };
            if *head != section {
                writeln!(f, "\n{head}")?;
                section.clone_from(head);
            }
            let when = if when.is_empty() { "-" } else { when };
            let basis = if basis.is_empty() {
                String::new()
            } else {
                format!(" [{basis}]")
            };
            writeln!(f, "  {when}  {text}{basis}")?;
        }
        Ok(())
    }
}

/// On what the effect of a wait rests: for a supplement the regime's article, where the effect is its
/// rule and the procedure names no other; else what the dossier was received with.
fn wait_basis(dossier: &Dossier, received: &Received, wait: Wait) -> String {
    let rule = &received.regime.rules().supplement;
    let own = received.particulars.clock_basis.contains_key(&wait);
    if wait == Wait::Supplement && !own && dossier.policy().supplement == rule.value {
        return cited(rule);
    }
    dossier.wait_basis(wait)
}

fn apologised_line(dossier: &Dossier) -> &'static str {
    if dossier.promise.apologies > 1 {
        "Xin lỗi, hẹn lại (quá số lần cho phép)"
    } else {
        "Xin lỗi, hẹn lại"
    }
}
