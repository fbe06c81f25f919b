//! The law that each stretch of a course rests on, in the words that are printed beside it.

use calendar::{Calendar, DayKind, DayNote, Limit, LimitUnit, Moment};
use chrono::{Datelike, Days};
use dossier::procedure::WaitEffect;
use dossier::regime::{Group, Known, Regime, Ruled};
use serde::Serialize;

use super::course::{Leg, Turn};

/// Forty hours in five days, Saturday and Sunday off: art. 1, read at
/// hethongphapluat.com/quyet-dinh-188-1999-qd-ttg-ve-che-do-tuan-lam-viec-40-gio-do-thu-tuong-chinh-phu-ban-hanh.html.
const FORTY_HOURS: &str = "Quyết định 188/1999/QĐ-TTg điều 1";
const CIVIL_CODE: &str = "Bộ luật Dân sự 2015";

/// A rule and its article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Rule {
    pub(super) rule: String,
    pub(super) basis: String,
}

impl Rule {
    fn new(rule: impl Into<String>, basis: impl Into<String>) -> Self {
        let (rule, basis) = (rule.into(), basis.into());
        Self { rule, basis }
    }

    fn of_civil_code(rule: &str, article: &str) -> Self {
        Self::new(rule, format!("{CIVIL_CODE} {article}"))
    }
}

/// A day of the count with the text that makes it what it is.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Noted {
    pub(super) date: chrono::NaiveDate,
    pub(super) reason: String,
    pub(super) basis: String,
    /// Whether the day is none of the ordinary week.
    #[serde(skip)]
    pub(super) special: bool,
}

/// The notes of a leg with the basis of each day.
pub(super) fn noted(calendar: &Calendar, notes: &[DayNote]) -> anyhow::Result<Vec<Noted>> {
    let with_basis = |note: &DayNote| -> anyhow::Result<Noted> {
        let day = calendar.day(note.date)?;
        let special = !matches!(day.kind, DayKind::Working | DayKind::Weekend);
        Ok(Noted {
            date: note.date,
            reason: note.reason.clone(),
            basis: if special { day.basis } else { FORTY_HOURS }.to_owned(),
            special,
        })
    };
    notes.iter().map(with_basis).collect()
}

/// A basis, with a word on how well it is known.
pub(super) fn cited<T>(ruled: &Ruled<T>) -> String {
    let known = match ruled.known {
        Known::Read => "",
        Known::Inferred => " (suy luận)",
        Known::Assumed => " (giả định, cần đối chiếu văn bản)",
    };
    format!("{}{known}", ruled.basis)
}

/// Why the clock started later than the reception. The decree says so of what comes after 15:00; that
/// a day off is treated alike, and that day 1 is the day after the start, is read into it: otherwise
/// what comes on Saturday would be due before what came on Friday at 16:00.
pub(super) fn late_start(regime: Regime, on_day_off: bool) -> Rule {
    let rules = regime.rules();
    let basis = if rules.late_start.value {
        cited(&rules.late_start)
    } else {
        "quy định riêng của thủ tục, như Nghị định 301/2026/NĐ-CP điều 5 khoản 2".to_owned()
    };
    let (when, inferred) = match on_day_off {
        true => ("vào ngày nghỉ", "; ngày nghỉ: suy luận"),
        false => ("sau 15 giờ", ""),
    };
    Rule::new(
        format!(
            "Tiếp nhận {when}: thời gian tính từ ngày làm việc tiếp theo, coi như ngày tiếp nhận \
             (giả định)"
        ),
        format!("{basis}{inferred}"),
    )
}

/// Why the stretch was counted as it was.
pub(super) fn of_leg(leg: &Leg, regime: Regime, calendar: &Calendar) -> Vec<Rule> {
    let rules = regime.rules();
    let mut found = Vec::new();
    match leg.turn {
        None => found.push(Rule::new(
            "Thời hạn tính từ khi tiếp nhận đủ hồ sơ, ghi trên giấy tiếp nhận",
            cited(&rules.start),
        )),
        Some(Turn::Paused(span)) => {
            found.push(Rule::new(
                "Thời gian tạm dừng không tính; phần còn lại tính tiếp",
                match rules.supplement.value {
                    WaitEffect::Pause => cited(&rules.supplement),
                    _ => "quy định riêng của thủ tục, như Nghị định 63/2024/NĐ-CP điều 4 khoản 7"
                        .to_owned(),
                },
            ));
            if leg.due_at.is_some_and(|due_at| due_at < span.from) {
                found.push(Rule::new(
                    "Đã quá hạn khi tạm dừng: ngày hẹn giữ nguyên, hồ sơ vẫn là quá hạn",
                    "quy tắc của hệ thống",
                ));
                return found;
            }
        }
        Some(Turn::Restarted(_)) => found.push(Rule::new(
            "Thời hạn tính lại từ đầu sau khi nhận đủ hồ sơ",
            match rules.supplement.value {
                WaitEffect::Restart => cited(&rules.supplement),
                _ => "quy định riêng của thủ tục, như Nghị định 61/2018/NĐ-CP điều 19 khoản 4"
                    .to_owned(),
            },
        )),
        Some(Turn::Replaced(_)) => found.push(Rule::new(
            format!("Thời hạn riêng từ thời điểm này: {}", leg.limit),
            "quy định riêng của thủ tục (pháp luật chuyên ngành)",
        )),
    }
    found.extend(of_limit(leg.limit, leg.since, calendar));
    found
}

fn of_limit(limit: Limit, since: Moment, calendar: &Calendar) -> Vec<Rule> {
    let first = Rule::of_civil_code(
        "Ngày bắt đầu không tính; tính từ ngày tiếp theo",
        "điều 147 khoản 2, khoản 3",
    );
    let last = Rule::of_civil_code(
        "Kết thúc vào cuối ngày cuối cùng (ở đây: giờ cơ quan đóng cửa)",
        "điều 148 khoản 1, khoản 6",
    );
    let rolled = Rule::of_civil_code(
        "Ngày cuối cùng là ngày nghỉ thì kết thúc vào cuối ngày làm việc tiếp theo",
        "điều 148 khoản 5",
    );
    let exact = Rule::of_civil_code("Tính theo giờ: từ đúng thời điểm", "điều 147 khoản 1");
    // The code of 2019 is in force from 2021.
    let holidays = if since.year() < 2021 {
        "Bộ luật Lao động 2012 điều 115"
    } else {
        "Bộ luật Lao động 2019 điều 111, điều 112"
    };
    let worked = Rule::new(
        "Chỉ tính thời gian làm việc: trừ Thứ Bảy, Chủ nhật, ngày lễ, tết, nghỉ bù; ngày hoán đổi \
         theo văn bản ghi tại ngày đó",
        format!("{FORTY_HOURS}; {holidays}"),
    );
    match limit.unit() {
        LimitUnit::WorkingDays => vec![first, worked, last],
        LimitUnit::Days => vec![first, last, rolled],
        LimitUnit::Months => vec![
            first,
            Rule::of_civil_code(
                "Kết thúc vào ngày tương ứng của tháng cuối; không có thì ngày cuối tháng",
                "điều 148 khoản 3, khoản 4",
            ),
            rolled,
        ],
        LimitUnit::Hours => vec![exact],
        LimitUnit::WorkingHours => vec![
            exact,
            Rule::new(
                format!("Giờ làm việc: {}", calendar.hours()),
                "giờ làm việc của cơ quan",
            ),
            worked,
        ],
        LimitUnit::SameDay => vec![Rule::new(
            "Trả trong ngày; tiếp nhận sau 15 giờ thì trong ngày làm việc tiếp theo",
            "quy định riêng của thủ tục, như Nghị định 23/2015/NĐ-CP điều 7",
        )],
        LimitUnit::NoneStated => Vec::new(),
    }
}

/// The last day on which an apology with a new date can be sent, if there is one after reception.
pub(super) fn apology_by(
    calendar: &Calendar,
    regime: Regime,
    received: Moment,
    due_at: Moment,
) -> Option<chrono::NaiveDate> {
    let ahead = u64::from(regime.rules().apology_days_ahead.value);
    let next = due_at.date_naive().checked_add_days(Days::new(1))?;
    let before = next.checked_sub_days(Days::new(ahead))?;
    let last = calendar::last_working_day_before(calendar, before).ok()?;
    Some(last).filter(|last| *last >= received.date_naive())
}

/// The name of a group in the law; none for the general mechanism.
pub(super) fn group_name(group: Group) -> Option<&'static str> {
    match group {
        Group::None => None,
        Group::Birth => Some("nhóm thủ tục khai sinh"),
        Group::Death => Some("nhóm thủ tục khai tử"),
    }
}
