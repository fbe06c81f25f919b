//! Commands about no dossier: a day of the calendar that the authority declares, and a reporting
//! period that a unit closes or tells otherwise.

use calendar::{Calendar, Declaration, DeclaredDay, Moment};
use chrono::NaiveDate;
use dossier::case::Refusal;
use dossier::ids::OfficerId;
use dossier::notice::{CalendarDeclared, PeriodClosed, PeriodRestated};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::core::AHEAD_SECONDS_MAX;

/// Most days of one declaration: a year of them.
const DAYS_MAX: usize = 366;
/// Longest basis, in characters: it is repeated in every dossier's recounted date.
const BASIS_MAX: usize = 500;
/// Longest name of a form or of a rule set, in characters: they become parts of keys.
const NAME_MAX: usize = 64;

/// Command: declare, swap or revoke days of the calendar. Only the unit that the profile names as
/// the authority may do so; every other unit hears it from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeclareDays {
    /// The days.
    pub days: Vec<DeclaredDay>,
    /// Number of the dispatch or decision.
    pub basis: String,
    /// When it was published.
    pub published_on: NaiveDate,
}

/// Command: close a period of a report. What it says is kept as it was said on that day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClosePeriod {
    /// The form, `ii06a`.
    pub form: String,
    /// First moment of the period.
    pub from: Moment,
    /// The moment after its last one.
    pub to: Moment,
    /// The rule set.
    pub rules: String,
    /// Up to which moment of recording events were known.
    pub known_by: Moment,
    /// The rows of the form, as the form's own JSON.
    pub rows: serde_json::Value,
}

/// Command: tell a closed period otherwise. The closed statement stays beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RestatePeriod {
    /// The closed statement: the event's identity.
    pub closed: Uuid,
    /// Why, in Vietnamese.
    pub reason: String,
    /// Up to which moment of recording events are known now.
    pub known_by: Moment,
    /// The rows of the form.
    pub rows: serde_json::Value,
}

const CALENDAR_RULE: &str = "Bộ luật Lao động 2019 điều 112: ngày nghỉ, hoán đổi ngày làm việc do cơ quan có thẩm quyền quyết định";
const PERIOD_RULE: &str = "Quy tắc của hệ thống: số liệu của kỳ đã chốt được giữ nguyên, thay đổi ghi thành lần báo cáo lại";

impl DeclareDays {
    /// The declaration under its number, and the calendar that it leads to.
    ///
    /// # Errors
    /// A refusal that names the day and what is wrong with it.
    pub fn decide(
        self,
        calendar: &Calendar,
        number: u32,
        officer: &OfficerId,
    ) -> Result<(CalendarDeclared, Calendar), Refusal> {
        let declared = CalendarDeclared {
            number,
            declaration: Declaration {
                days: self.days,
                basis: self.basis,
                published_on: self.published_on,
            },
            officer: officer.clone(),
        };
        let amended = amended(calendar, &declared).map_err(|problem| {
            Refusal::new(
                "calendar.not_declarable",
                format!("Không công bố được ngày: {problem}"),
                CALENDAR_RULE,
            )
        })?;
        Ok((declared, amended))
    }
}

/// The calendar that a declaration leads to, or what is wrong with it.
pub(crate) fn amended(
    calendar: &Calendar,
    declared: &CalendarDeclared,
) -> Result<Calendar, String> {
    let declaration = &declared.declaration;
    if declaration.days.len() > DAYS_MAX {
        return Err(format!(
            "it holds {} days; declare at most {DAYS_MAX} at once",
            declaration.days.len()
        ));
    }
    if declaration.basis.chars().count() > BASIS_MAX {
        return Err(format!(
            "its basis is longer than {BASIS_MAX} characters; give the number of the document"
        ));
    }
    calendar
        .amended(declaration, declared.number)
        .map_err(|error| error.to_string())
}

impl ClosePeriod {
    /// A period is closed when it is over, from what was known by then.
    ///
    /// # Errors
    /// A refusal where the names are empty or too long, or the moments are not in order.
    pub fn decide(self, at: Moment, officer: &OfficerId) -> Result<PeriodClosed, Refusal> {
        for name in [&self.form, &self.rules] {
            if name.trim().is_empty() || name.chars().count() > NAME_MAX || name.contains('/') {
                return Err(Refusal::new(
                    "period.not_named",
                    format!(
                        "Tên biểu mẫu và bộ quy tắc có từ 1 đến {NAME_MAX} ký tự, không có dấu \"/\""
                    ),
                    PERIOD_RULE,
                ));
            }
        }
        if self.from >= self.to {
            return Err(Refusal::new(
                "period.reversed",
                "Kỳ báo cáo phải bắt đầu trước khi kết thúc",
                PERIOD_RULE,
            ));
        }
        if at < self.to {
            return Err(Refusal::new(
                "period.not_over",
                format!("Kỳ báo cáo chưa kết thúc ({})", self.to),
                PERIOD_RULE,
            ));
        }
        known_in_time(self.known_by, self.to, at)?;
        Ok(PeriodClosed {
            form: self.form,
            from: self.from,
            to: self.to,
            rules: self.rules,
            known_by: self.known_by,
            rows: self.rows,
            officer: officer.clone(),
        })
    }
}

impl RestatePeriod {
    /// A restatement names its reason and knows at least what the closed statement knew.
    ///
    /// # Errors
    /// A refusal where the reason is missing or less is known than before.
    pub fn decide(
        self,
        closed: &PeriodClosed,
        at: Moment,
        officer: &OfficerId,
    ) -> Result<PeriodRestated, Refusal> {
        if self.reason.trim().is_empty() {
            return Err(Refusal::new(
                "period.no_reason",
                "Báo cáo lại phải nêu lý do",
                PERIOD_RULE,
            ));
        }
        known_in_time(self.known_by, closed.known_by, at)?;
        Ok(PeriodRestated {
            closed: self.closed,
            reason: self.reason,
            known_by: self.known_by,
            rows: self.rows,
            officer: officer.clone(),
        })
    }
}

fn known_in_time(known_by: Moment, not_before: Moment, at: Moment) -> Result<(), Refusal> {
    // The cut-off is the projector's time, whose clock may run ahead as any caller's may.
    if not_before <= known_by && (known_by - at).num_seconds() <= AHEAD_SECONDS_MAX {
        return Ok(());
    }
    Err(Refusal::new(
        "period.cut_off",
        format!("Thời điểm chốt số liệu {known_by} phải từ {not_before} đến {at}"),
        PERIOD_RULE,
    ))
}

/// A period is closed once.
pub(crate) fn closed_already() -> Refusal {
    Refusal::new(
        "period.closed",
        "Kỳ báo cáo này đã chốt; muốn thay đổi hãy báo cáo lại kèm lý do",
        PERIOD_RULE,
    )
}

/// Only a closed statement of this unit can be told otherwise.
pub(crate) fn not_closed(closed: &Uuid) -> Refusal {
    Refusal::new(
        "period.not_closed",
        format!("Đơn vị này chưa chốt kỳ báo cáo nào bằng sự kiện {closed}"),
        PERIOD_RULE,
    )
}

/// Days are declared where the profile says, and nowhere else.
pub(crate) fn no_authority(authority: Option<&str>) -> Refusal {
    let where_to = authority.map_or_else(
        || "danh mục đơn vị không nêu cơ quan công bố ngày làm việc".to_owned(),
        |unit| format!("việc này do {unit} ghi"),
    );
    Refusal::new(
        "calendar.no_authority",
        format!("Đơn vị này không công bố ngày nghỉ, ngày làm bù: {where_to}"),
        CALENDAR_RULE,
    )
}
