//! The indicators of QĐ 766/QĐ-TTg (23/6/2022) that the facts about dossiers allow, each with its
//! formula; the others are named with what they would need. Formulas are those of the operator's
//! sheet "Mô tả công thức tính chỉ số 766" (an unofficial copy).

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Calendar, LimitUnit, Moment, working_minutes_between};
use chrono::TimeDelta;
use dossier::dossier::Dossier;
use dossier::ids::ProcedureCode;
use dossier::intake::Channel;
use history::Tale;
use serde::Serialize;

use crate::ended::{How, end_of};
use crate::names::Names;
use crate::ontime::{Ended, Judged, Open, RuleSet};
use crate::period::Period;
use crate::scope::Scope;
use crate::share::{Share, two_decimals};
use crate::sheet::{Cell, Column, Sheet};
use crate::steps::NotCovered;

/// Points of indicator 2.1, linear in the share.
const PROGRESS_POINTS: u32 = 20;

/// Indicators that need what dossiers do not tell.
const WITHOUT_DATA: [(&str, &str, &str); 8] = [
    (
        "1.1-1.3",
        "Công khai, minh bạch",
        "cơ sở dữ liệu quốc gia về TTHC",
    ),
    (
        "1.4",
        "Tỷ lệ hồ sơ đồng bộ",
        "số liệu của Cổng Dịch vụ công quốc gia",
    ),
    (
        "3.1, 3.2",
        "Cung cấp dịch vụ công trực tuyến",
        "danh mục dịch vụ công trực tuyến",
    ),
    (
        "3.5, 3.6",
        "Thanh toán trực tuyến",
        "hình thức thanh toán của từng hồ sơ",
    ),
    (
        "4.1-4.5",
        "Số hóa hồ sơ, kết quả điện tử",
        "tệp kết quả và thành phần số hóa",
    ),
    (
        "5.1-5.3",
        "Xử lý phản ánh, kiến nghị",
        "hệ thống phản ánh, kiến nghị",
    ),
    ("5.4", "Mức độ hài lòng", "đánh giá của người dân"),
    (
        "3.3b",
        "Kết quả điện tử của hồ sơ trực tuyến",
        "mã và liên kết kết quả điện tử",
    ),
];

/// Average time of resolving one procedure, in one unit of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Average {
    /// Dossiers with a result.
    pub dossiers: u64,
    /// Minutes in all, supplements taken off: of office hours for working days and hours, of the clock
    /// otherwise.
    pub minutes: i64,
}

/// The indicators of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Index {
    /// Indicator 2.1: finished on time and open in time, of all received or worked on in the period.
    /// Dossiers without a stated limit are in neither number.
    pub on_time: Share,
    /// 2.1a: finished on time, of finished.
    pub finished: Share,
    /// 2.1b: open in time, of open.
    pub open: Share,
    /// 2.2 by procedure and unit of limit, of those received in the period and ended with a result.
    pub average: BTreeMap<(ProcedureCode, LimitUnit), Average>,
    /// 3.3: received in the period by channel.
    pub channels: BTreeMap<Channel, Share>,
}

impl Average {
    /// In the unit of the limit, in hundredths, rounded half up; none over nothing.
    #[must_use]
    pub fn hundredths(self, unit: LimitUnit) -> Option<u64> {
        let minutes_of_one: i64 = match unit {
            LimitUnit::WorkingDays | LimitUnit::SameDay => 8 * 60,
            LimitUnit::WorkingHours | LimitUnit::Hours => 60,
            // BLDS 2015 art. 146.1: a month has 30 days, a day 24 hours, where they are not contiguous.
            LimitUnit::Days | LimitUnit::NoneStated => 24 * 60,
            LimitUnit::Months => 30 * 24 * 60,
        };
        let dossiers = i64::try_from(self.dossiers).ok().filter(|n| *n > 0)?;
        let whole = minutes_of_one.checked_mul(dossiers)?;
        let hundredths = (self.minutes.checked_mul(200)? + whole) / (whole * 2);
        u64::try_from(hundredths).ok()
    }
}

/// The indicators; tales are to be folded at the period's cut ([`Period::cut`]).
///
/// # Errors
/// [`NotCovered`] when a count needs a day that the calendar does not cover.
pub fn index<'a>(
    tales: impl IntoIterator<Item = &'a Tale>,
    period: Period,
    scope: &Scope,
    calendar: &Calendar,
) -> Result<Index, NotCovered> {
    let (mut finished, mut open) = (Share::default(), Share::default());
    let mut average: BTreeMap<(ProcedureCode, LimitUnit), Average> = BTreeMap::new();
    let mut channels = BTreeMap::from(
        [Channel::Direct, Channel::Online, Channel::Post]
            .map(|channel| (channel, Share::default())),
    );
    let mut received_in_period = 0;
    let mut seen = BTreeSet::new();
    for dossier in tales.into_iter().filter_map(|tale| tale.dossier.as_ref()) {
        let Some((received_at, received)) = &dossier.intake.received else {
            continue;
        };
        let end = end_of(dossier).filter(|end| end.at < period.to());
        let over = end.is_some_and(|end| end.at < period.from());
        if over || !scope.holds(dossier, received) || !seen.insert(&dossier.code) {
            continue;
        }
        let Some(judged) = RuleSet::Qd766.judge(dossier, period.last()) else {
            continue;
        };
        if period.contains(*received_at) {
            received_in_period += 1;
            channels.entry(received.channel).or_default().part += 1;
            if let Some(end) = end.filter(|end| end.how == How::Resolved) {
                let unit = received.limit.unit();
                let minutes = minutes_spent(dossier, *received_at, end.at, unit, calendar)?;
                let key = (received.procedure.code.clone(), unit);
                let cell = average.entry(key).or_default();
                cell.dossiers += 1;
                cell.minutes += minutes;
            }
        }
        let promised = RuleSet::Qd766.due(dossier).is_some() || judged.is_late();
        let (share, kept) = match judged {
            Judged::Ended(Ended::NoLimit) => continue,
            Judged::Open(_) if !promised => continue,
            Judged::Ended(ended) => (&mut finished, ended != Ended::Late),
            Judged::Open(standing) => (&mut open, standing != Open::Overdue),
        };
        share.whole += 1;
        share.part += u64::from(kept);
    }
    for share in channels.values_mut() {
        share.whole = received_in_period;
    }
    Ok(Index {
        on_time: Share::of(finished.part + open.part, finished.whole + open.whole),
        finished,
        open,
        average,
        channels,
    })
}

/// Time from reception to end without the time of supplements, in minutes that the unit counts.
fn minutes_spent(
    dossier: &Dossier,
    from: Moment,
    to: Moment,
    unit: LimitUnit,
    calendar: &Calendar,
) -> Result<i64, NotCovered> {
    let office = matches!(
        unit,
        LimitUnit::WorkingDays | LimitUnit::WorkingHours | LimitUnit::SameDay
    );
    let between = |from: Moment, to: Moment| {
        if to <= from {
            return Ok(0);
        }
        if !office {
            return Ok((to - from).max(TimeDelta::zero()).num_minutes());
        }
        working_minutes_between(calendar, from, to).map_err(|source| NotCovered {
            code: dossier.code.clone(),
            source,
        })
    };
    let mut minutes = between(from, to)?;
    for round in &dossier.supplements.rounds {
        let given = round.given_at.unwrap_or(to).min(to);
        minutes -= between(round.asked_at.max(from), given)?;
    }
    Ok(minutes.max(0))
}

impl Index {
    /// The indicators with formula, value and points; then those without data.
    #[must_use]
    pub fn sheet(&self, period: Period, scope: &Scope, names: &Names) -> Sheet {
        let mut rows = Vec::new();
        let mut share = |number: &str, name: &str, formula: &str, share: Share, points| {
            rows.push(vec![
                Cell::from(number),
                Cell::from(name),
                Cell::from(formula),
                Cell::from(format!("{} / {}", share.part, share.whole)),
                Cell::from(share),
                points,
            ]);
        };
        let points = self.on_time.points(PROGRESS_POINTS, 100);
        share(
            "2.1",
            "Tỷ lệ hồ sơ xử lý trước hạn, đúng hạn",
            "(đã xử lý đúng hạn + đang xử lý trong hạn) / (đã xử lý + đang xử lý trong kỳ)",
            self.on_time,
            Cell::from(points.map(two_decimals)),
        );
        share(
            "2.1a",
            "Đã xử lý trước hạn, đúng hạn",
            "đã xử lý đúng hạn / đã xử lý",
            self.finished,
            Cell::Empty,
        );
        share(
            "2.1b",
            "Đang xử lý trong hạn",
            "đang xử lý trong hạn / đang xử lý",
            self.open,
            Cell::Empty,
        );
        for (channel, of) in &self.channels {
            let name = match channel {
                Channel::Direct => "Hồ sơ nộp trực tiếp",
                Channel::Online => "Hồ sơ nộp trực tuyến",
                Channel::Post => "Hồ sơ nộp qua bưu chính công ích",
            };
            share(
                "3.3",
                name,
                "tiếp nhận theo hình thức / tiếp nhận trong kỳ",
                *of,
                Cell::Empty,
            );
        }
        for ((procedure, unit), average) in &self.average {
            let value = average.hundredths(*unit).map_or_else(
                || "không có".to_owned(),
                |hundredths| format!("{} {unit}", two_decimals(hundredths)),
            );
            rows.push(vec![
                Cell::from("2.2"),
                Cell::from(format!("Thời gian giải quyết trung bình: {procedure}")),
                Cell::from("tổng thời gian (đã trừ bổ sung) / số hồ sơ có kết quả"),
                Cell::from(format!("{} phút / {}", average.minutes, average.dossiers)),
                Cell::from(value),
                Cell::Empty,
            ]);
        }
        for (number, name, needs) in WITHOUT_DATA {
            rows.push(vec![
                Cell::from(number),
                Cell::from(name),
                Cell::from(format!("cần {needs}")),
                Cell::Empty,
                Cell::from("không có dữ liệu"),
                Cell::Empty,
            ]);
        }
        Sheet {
            title: "Chỉ số QĐ 766: tiến độ giải quyết".to_owned(),
            subtitle: vec![
                period.to_string(),
                scope.written(names),
                RuleSet::Qd766.basis().to_owned(),
            ],
            columns: [
                "Chỉ số",
                "Nội dung",
                "Công thức",
                "Số liệu",
                "Giá trị",
                "Điểm",
            ]
            .map(Column::named)
            .to_vec(),
            rows,
            notes: vec![
                "Điểm chỉ số 2.1 = tỷ lệ × 20. Hồ sơ trực tuyến ở đây tính theo hình thức nộp; \
                 công thức gốc còn đòi hỏi mã và liên kết kết quả điện tử."
                    .to_owned(),
            ],
        }
    }
}
