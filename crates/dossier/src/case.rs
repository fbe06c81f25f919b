//! Everything that a decision may see, and how it answers.

use calendar::{Calendar, Moment};

use crate::dossier::Dossier;
use crate::ids::{OfficerId, UnitId};

/// What a decision stands on. Nothing else is consulted: the same case gives the same facts.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The unit that decides.
    pub me: &'a UnitId,
    /// When it happens.
    pub at: Moment,
    /// The officer who acts; none where the unit acts by itself.
    pub officer: Option<&'a OfficerId>,
    /// The dossier as this unit knows it.
    pub dossier: &'a Dossier,
    /// Working time.
    pub calendar: &'a Calendar,
}

/// Why a command was not followed: which rule stood against it, and what can be done.
///
/// `message` is read by officers and is in Vietnamese; `code` is stable and for programs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message} ({rule})")]
pub struct Refusal {
    /// Stable name, `part.reason`.
    pub code: &'static str,
    /// For the officer, in Vietnamese.
    pub message: String,
    /// The rule that forbids it.
    pub rule: &'static str,
}

impl Refusal {
    /// A refusal under a named rule.
    pub fn new(code: &'static str, message: impl Into<String>, rule: &'static str) -> Self {
        Self {
            code,
            message: message.into(),
            rule,
        }
    }

    /// A date that the published calendars do not cover, or an answer before its question.
    pub fn calendar(error: &calendar::CalendarError) -> Self {
        if let calendar::CalendarError::ResumedBeforePaused { paused_at, .. } = error {
            return Self::new(
                "promise.before_pause",
                format!("Thời điểm ghi nhận phải sau khi yêu cầu công dân ({paused_at})"),
                "Quy tắc của hệ thống: việc được trả lời sau khi được yêu cầu",
            );
        }
        Self::new(
            "calendar.not_covered",
            format!("Không tính được thời hạn: {error}"),
            "Lịch làm việc do cơ quan có thẩm quyền công bố từng năm (BLLĐ 2019 điều 112)",
        )
    }
}

impl Case<'_> {
    /// Refuses unless this unit is the dossier's home and the dossier is still open.
    pub fn home_open(&self) -> Result<(), Refusal> {
        self.home()?;
        self.open()
    }

    /// Refuses unless this unit is the dossier's home.
    pub fn home(&self) -> Result<(), Refusal> {
        if self.dossier.home == *self.me {
            return Ok(());
        }
        Err(Refusal::new(
            "home.elsewhere",
            format!(
                "Hồ sơ do {} tiếp nhận; chỉ đơn vị đó được ghi việc này",
                self.dossier.home
            ),
            "Một đơn vị ghi cho mỗi việc (NĐ 61/2018/NĐ-CP điều 17, 19)",
        ))
    }

    /// Refuses unless the dossier was received.
    pub fn taken_in(&self) -> Result<(), Refusal> {
        if self.dossier.intake.received.is_some() {
            return Ok(());
        }
        Err(Refusal::new(
            "intake.not_received",
            "Hồ sơ chưa được tiếp nhận",
            "NĐ 61/2018/NĐ-CP điều 17 khoản 1",
        ))
    }

    /// Refuses unless the dossier was received and has no outcome yet.
    pub fn open(&self) -> Result<(), Refusal> {
        self.taken_in()?;
        if self.dossier.outcome.is_settled() {
            return Err(Refusal::new(
                "outcome.settled",
                format!("Hồ sơ đã kết thúc: {}", self.dossier.status().label()),
                "NĐ 61/2018/NĐ-CP điều 20",
            ));
        }
        Ok(())
    }
}
