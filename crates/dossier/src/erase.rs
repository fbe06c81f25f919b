//! Erasing personal data (xóa dữ liệu cá nhân): who may ask for it on what basis, what stands against
//! it, and how a home sees it through. The facts are in [`crate::privacy`].

use calendar::Moment;
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::dossier::Dossier;
use crate::fact::Fact;
use crate::ids::OfficerId;
use crate::intake::reason_given;
use crate::privacy::{Basis, Erased, ErasureOrdered, ErasureRefused, Obstacle, Retention};

const RULE: &str = "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 điều 14";
const RUNNING: &str = "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 điều 14 khoản 2, điều 19: không xóa khi cơ quan nhà nước \
     đang xử lý theo quy định của pháp luật";
const RETAINED: &str = "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 điều 14 khoản 5: không xóa được thì phải thông báo cho \
     người yêu cầu";

/// Command: make the personal data of a dossier unreadable for good. At its home alone, and once the
/// dossier has ended and need not be kept any longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// On what it rests.
    pub basis: Basis,
    /// Why, in Vietnamese: the number of the request or decision. It stands in the event for ever, so
    /// it names nobody.
    pub reason: String,
}

/// What becomes of a command to erase that was rightly given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// The keys are to be destroyed.
    Ordered(Fact),
    /// It did not take place: the fact that says so, and the refusal for the officer.
    Refused(Fact, Refusal),
}

impl Erase {
    /// Orders the erasure, or says what stands against it. `retention` is the rule of the dossier's
    /// procedure in force today, if the registers have one. Retention counts from the end of a dossier
    /// that led to a result; what was declined, withdrawn or stopped left nothing to archive
    /// (assumption: the decrees on archiving speak of results and of what they rest on).
    ///
    /// # Errors
    /// A refusal that leaves no trace: elsewhere than at home, without a reason, or when there is
    /// nothing to erase any more.
    pub fn decide(
        self,
        case: &Case<'_>,
        officer: &OfficerId,
        retention: Option<&Retention>,
    ) -> Result<Erasure, Refusal> {
        case.home()?;
        reason_given(&self.reason, RULE)?;
        let dossier = case.dossier;
        let privacy = &dossier.privacy;
        if let Some((at, _)) = &privacy.ordered {
            let day = at.format("%d/%m/%Y");
            return Err(Refusal::new(
                "personal_data.erased_already",
                format!("Dữ liệu cá nhân của hồ sơ này đã có lệnh xóa ngày {day}"),
                RULE,
            ));
        }
        if privacy.keys.is_empty() {
            return Err(Refusal::new(
                "personal_data.none",
                "Hồ sơ này không có dữ liệu cá nhân để xóa",
                RULE,
            ));
        }
        let Some(end) = end(dossier) else {
            let why = "hồ sơ đang được giải quyết (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 điều 14 \
                       khoản 2, điều 19)";
            return Ok(self.refused(officer, Obstacle::Running, None, None, why));
        };
        let kept = match end {
            End::WithResult(at) => match retention {
                None => {
                    let why = "danh mục chưa ghi thời hạn lưu trữ của thủ tục này; hãy xác định thời hạn \
                               theo pháp luật về lưu trữ và ghi vào retention.csv";
                    return Ok(self.refused(officer, Obstacle::Unregulated, None, None, why));
                }
                Some(rule) => Some((at, rule)),
            },
            End::WithoutResult => None,
        };
        if let Some((at, rule)) = kept {
            let until = until(at, rule.years);
            if until.is_none_or(|until| case.at.date_naive() < until) {
                let why = match (rule.years, until) {
                    (Some(years), Some(until)) => format!(
                        "hồ sơ phải lưu trữ {years} năm, đến ngày {}, theo {}",
                        until.format("%d/%m/%Y"),
                        rule.basis
                    ),
                    _ => format!("hồ sơ phải lưu trữ vĩnh viễn theo {}", rule.basis),
                };
                let retention = Some(rule.clone());
                return Ok(self.refused(officer, Obstacle::Retained, retention, until, &why));
            }
        }
        let mut places = privacy.granted.clone();
        places.insert(dossier.home.clone());
        Ok(Erasure::Ordered(Fact::ErasureOrdered(Box::new(
            ErasureOrdered {
                keys: privacy.keys.clone(),
                places,
                basis: self.basis,
                retention: kept.map(|(_, rule)| rule.clone()),
                officer: officer.clone(),
                reason: self.reason,
            },
        ))))
    }

    fn refused(
        self,
        officer: &OfficerId,
        obstacle: Obstacle,
        retention: Option<Retention>,
        until: Option<NaiveDate>,
        why: &str,
    ) -> Erasure {
        let message =
            format!("Chưa xóa được dữ liệu cá nhân: {why}. Hãy thông báo lý do cho người yêu cầu.");
        let fact = ErasureRefused {
            basis: self.basis,
            obstacle,
            retention,
            until,
            message,
            officer: officer.clone(),
            reason: self.reason,
        };
        let refusal = fact.refusal();
        Erasure::Refused(Fact::ErasureRefused(Box::new(fact)), refusal)
    }
}

impl ErasureRefused {
    /// The refusal as the officer heard it.
    pub fn refusal(&self) -> Refusal {
        let (code, rule) = match self.obstacle {
            Obstacle::Running => ("personal_data.in_use", RUNNING),
            Obstacle::Retained => ("personal_data.retained", RETAINED),
            Obstacle::Unregulated => ("personal_data.retention_unknown", RETAINED),
        };
        Refusal::new(code, self.message.clone(), rule)
    }
}

/// Habit of a home: once every unit that held the keys has said that they are destroyed there, they
/// are destroyed everywhere.
pub(crate) fn completed(case: &Case<'_>, fact: &Fact) -> Option<Fact> {
    let privacy = &case.dossier.privacy;
    let due = matches!(fact, Fact::KeysDestroyed(_))
        && case.dossier.home == *case.me
        && privacy.erased_at.is_none();
    let (_, order) = privacy.ordered.as_ref().filter(|_| due)?;
    privacy.awaited().is_empty().then(|| {
        Fact::Erased(Box::new(Erased {
            keys: order.keys.clone(),
            places: order.places.clone(),
            basis: order.basis,
            article: order.basis.label().to_owned(),
            officer: order.officer.clone(),
        }))
    })
}

/// How a dossier came to its end.
enum End {
    /// The citizen has the result, or the refusal, since this moment.
    WithResult(Moment),
    /// Nothing came of it.
    WithoutResult,
}

fn end(dossier: &Dossier) -> Option<End> {
    let (intake, outcome) = (&dossier.intake, &dossier.outcome);
    if let Some(at) = outcome.returned_at {
        return Some(End::WithResult(at));
    }
    let without = intake
        .declined_at
        .or(outcome.withdrawn_at)
        .or(outcome.stopped_at);
    // Withdrawn or stopped after the result was ready: the result exists and is waited for.
    without
        .filter(|_| outcome.ready_at.or(outcome.refused_at).is_none())
        .map(|_| End::WithoutResult)
}

/// The first day on which it need not be kept any more; none for ever.
fn until(ended: Moment, years: Option<u16>) -> Option<NaiveDate> {
    let months = Months::new(u32::from(years?) * 12);
    ended.date_naive().checked_add_months(months)
}
