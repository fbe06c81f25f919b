//! The clock's course in words: what was promised, and everything that moved it.

use calendar::{Calendar, CalendarError, LimitUnit, Moment, due, resume_reckoned};
use dossier::clock::Turned;
use dossier::dossier::Dossier;
use dossier::intake::Received;
use dossier::procedure::WaitEffect;
use dossier::promise::Recounted;

use super::{Line, apologised_line, cited, counted, from, wait_basis};
use crate::course::{Move, replay};
use crate::sheet::moment;

/// Every entry with the days that it counted.
pub(super) fn lines(
    dossier: &Dossier,
    received: &Received,
    received_at: Moment,
    calendar: &Calendar,
) -> Result<Vec<Line>, CalendarError> {
    let mut lines = Vec::new();
    for entry in replay(&dossier.promise) {
        tell(&entry, dossier, received, received_at, calendar, &mut lines)?;
    }
    Ok(lines)
}

fn date(at: Option<Moment>) -> String {
    at.map_or_else(|| "không có ngày hẹn".to_owned(), moment)
}

fn tell(
    entry: &Move<'_>,
    dossier: &Dossier,
    received: &Received,
    received_at: Moment,
    calendar: &Calendar,
    lines: &mut Vec<Line>,
) -> Result<(), CalendarError> {
    let rules = received.regime.rules();
    match entry.turned {
        Turned::Made {
            from: start,
            limit,
            due_at,
            calendar: version,
        } => {
            let by_days = matches!(
                limit.unit(),
                LimitUnit::WorkingDays | LimitUnit::Days | LimitUnit::Months
            );
            let first_day = if by_days {
                "; ngày tiếp nhận không tính"
            } else {
                ""
            };
            lines.push(Line {
                when: moment(received_at),
                text: format!(
                    "Tiếp nhận, thời hạn {limit} tính từ {}, hẹn trả {}{first_day}",
                    moment(*start),
                    date(*due_at)
                ),
                basis: "BLDS 2015 điều 147, 148".to_owned(),
            });
            lines.extend(from(calendar, *start, *limit, *due_at, version)?);
        }
        Turned::Started {
            since,
            due_at,
            calendar: version,
            basis,
        } => {
            lines.push(Line {
                when: moment(*since),
                text: format!(
                    "Cơ quan có thẩm quyền nhận hồ sơ, đồng hồ bắt đầu; ngày hẹn {}",
                    date(*due_at)
                ),
                basis: basis.clone(),
            });
            if let Some(limit) = entry.limit {
                let reckoning = due(calendar, *since, limit)?;
                // A date that was promised later is kept: that is no difference between calendars.
                let stated = reckoning.due_at.min(*due_at);
                lines.extend(counted(calendar, &reckoning, stated, version));
            }
        }
        Turned::Began {
            wait,
            effect,
            at,
            reason,
            late,
            ..
        } => {
            let does = match effect {
                WaitEffect::None => "đồng hồ vẫn chạy",
                WaitEffect::Pause => "đồng hồ dừng, thời gian chờ không tính",
                WaitEffect::Restart => "đồng hồ dừng, sẽ tính lại từ đầu",
                WaitEffect::SecondLimit(_) => "đồng hồ dừng, sẽ áp dụng thời hạn thứ hai",
            };
            lines.push(Line {
                when: moment(*at),
                text: format!("Bắt đầu chờ {} ({reason}): {does}", wait.label()),
                basis: wait_basis(dossier, received, *wait),
            });
            if *late {
                lines.push(Line {
                    when: moment(*at),
                    text: "Yêu cầu bổ sung gửi muộn hơn quy định".to_owned(),
                    basis: cited(&rules.supplement_notice),
                });
            }
        }
        Turned::Ended {
            wait,
            at,
            recounted,
        } => {
            lines.push(Line {
                when: moment(*at),
                text: ended(entry, *at, recounted, wait.label()),
                basis: wait_basis(dossier, received, *wait),
            });
            lines.extend(recount(entry, *at, recounted, calendar)?);
        }
        Turned::Extended {
            at,
            due_at,
            reason,
            late,
        } => {
            let late = if *late {
                "; lời xin lỗi gửi muộn hơn quy định"
            } else {
                ""
            };
            lines.push(Line {
                when: moment(*at),
                text: format!(
                    "{} ({reason}): từ {} sang {}{late}",
                    apologised_line(dossier),
                    date(entry.before),
                    moment(*due_at)
                ),
                basis: cited(&rules.apologies),
            });
        }
        Turned::Recomputed { at, recomputed } => lines.push(Line {
            when: moment(*at),
            text: format!(
                "Lịch làm việc thay đổi: lịch mới {} cho ngày {}; ngày hẹn từ {} thành {} \
                 (không bao giờ sớm hơn ngày đã hẹn)",
                recomputed.calendar,
                moment(recomputed.counted_due_at),
                moment(recomputed.old_due_at),
                moment(recomputed.due_at)
            ),
            basis: recomputed.basis.clone(),
        }),
    }
    Ok(())
}

fn ended(entry: &Move<'_>, at: Moment, recounted: &Recounted, label: &str) -> String {
    let after = date(recounted.due_at);
    match recounted.effect {
        WaitEffect::None => format!("Hết chờ {label}: ngày hẹn vẫn là {after}"),
        WaitEffect::Restart => format!(
            "Hết chờ {label}: thời hạn {} tính lại từ đầu, ngày hẹn {after}",
            recounted.limit
        ),
        WaitEffect::SecondLimit(limit) => {
            format!("Hết chờ {label}: thời hạn thứ hai {limit}, ngày hẹn {after}")
        }
        WaitEffect::Pause if entry.held => {
            format!("Hết chờ {label}; còn chờ việc khác nên đồng hồ vẫn dừng")
        }
        WaitEffect::Pause => {
            let since = entry.paused_at.map_or_else(|| moment(at), moment);
            format!(
                "Hết chờ {label}: đồng hồ đã dừng từ {since}, chạy tiếp phần còn lại, ngày hẹn {after}"
            )
        }
    }
}

/// The days that a recount counted.
fn recount(
    entry: &Move<'_>,
    at: Moment,
    recounted: &Recounted,
    calendar: &Calendar,
) -> Result<Vec<Line>, CalendarError> {
    let (stated, version) = (recounted.due_at, recounted.calendar.as_str());
    match recounted.effect {
        WaitEffect::None => Ok(Vec::new()),
        WaitEffect::Restart | WaitEffect::SecondLimit(_) => {
            from(calendar, at, recounted.limit, stated, version)
        }
        WaitEffect::Pause => match (entry.before, entry.paused_at) {
            (Some(before), Some(paused_at)) if !entry.held && paused_at <= at => {
                let unit = recounted.limit.unit();
                let left = resume_reckoned(calendar, before, paused_at, at, unit)?;
                Ok(counted(calendar, &left, stated, version))
            }
            _ => Ok(Vec::new()),
        },
    }
}
