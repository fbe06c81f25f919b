//! Reading the register of days, and refusing one that contradicts itself.
//!
//! A wrong day costs thousands of people a wrong promise, so that each row is held against its
//! weekday, its kind and the row it is paired with, before any date is computed from it.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use crate::error::CalendarError;
use crate::workday::{DayKind, SpecialDay, is_weekend};

/// Holidays with a fixed solar date in every year (Bộ luật Lao động 2019 art. 112, before it
/// Bộ luật Lao động 2012 art. 115): month and day.
const FIXED_HOLIDAYS: [(u32, u32); 4] = [(1, 1), (4, 30), (5, 1), (9, 2)];

#[derive(Deserialize)]
struct Row {
    date: NaiveDate,
    weekday: String,
    kind: DayKind,
    name: String,
    pair: Option<NaiveDate>,
    basis: String,
    source: String,
}

/// The days that differ from their weekday, or that have a name although they do not.
pub(crate) fn read(text: &str) -> Result<BTreeMap<NaiveDate, SpecialDay>, CalendarError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|error| unreadable(&error))?
        .clone();
    let mut days = BTreeMap::new();
    let mut lines = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row: Row = record
            .deserialize(Some(&header))
            .map_err(|error| unreadable(&error))?;
        if let Some((latest, _)) = days.last_key_value()
            && *latest >= row.date
        {
            let problem = format!(
                "{} follows {latest}; give each date once, in order",
                row.date
            );
            return Err(CalendarError::Row { line, problem });
        }
        check_alone(&row).map_err(|problem| CalendarError::Row { line, problem })?;
        lines.insert(row.date, line);
        days.insert(
            row.date,
            SpecialDay {
                kind: row.kind,
                name: row.name,
                pair: row.pair,
                basis: row.basis,
            },
        );
    }
    for (date, line) in lines {
        check_pair(&days, date).map_err(|problem| CalendarError::Row { line, problem })?;
    }
    Ok(days)
}

/// The first and last date of the years that the register covers as a whole.
///
/// A year is recognised by its 01/01, since a swap can put a single row into a year that has not
/// been published yet (31/12/2018 was swapped for 05/01/2019).
pub(crate) fn covered(
    days: &BTreeMap<NaiveDate, SpecialDay>,
) -> Result<(NaiveDate, NaiveDate), CalendarError> {
    let years: Vec<i32> = days
        .keys()
        .filter(|date| date.ordinal() == 1)
        .map(Datelike::year)
        .collect();
    let (Some(first), Some(last)) = (years.first(), years.last()) else {
        let problem = "no year with its 01/01; give at least one whole year".to_owned();
        return Err(CalendarError::Row { line: 1, problem });
    };
    for year in *first..=*last {
        for (month, day) in FIXED_HOLIDAYS {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NaiveDate::MIN);
            if days
                .get(&date)
                .is_none_or(|special| special.kind != DayKind::Holiday)
            {
                return Err(CalendarError::Incomplete { missing: date });
            }
        }
    }
    let first = NaiveDate::from_ymd_opt(*first, 1, 1).unwrap_or(NaiveDate::MAX);
    let last = NaiveDate::from_ymd_opt(*last, 12, 31).unwrap_or(NaiveDate::MIN);
    Ok((first, last))
}

fn unreadable(error: &csv::Error) -> CalendarError {
    let line = error.position().map_or(1, csv::Position::line);
    CalendarError::Row {
        line,
        problem: error.to_string(),
    }
}

fn check_alone(row: &Row) -> Result<(), String> {
    let Row { date, kind, .. } = row;
    let weekday = date.weekday();
    if row.weekday != weekday.to_string() {
        return Err(format!("{date} is a {weekday} and not a {:?}", row.weekday));
    }
    for (column, text) in [
        ("name", &row.name),
        ("basis", &row.basis),
        ("source", &row.source),
    ] {
        if text.trim().is_empty() {
            return Err(format!(
                "{date} has no {column}; every row says where it comes from"
            ));
        }
    }
    match kind {
        DayKind::Working | DayKind::Weekend => Err(format!(
            "{date} is ordinary; list only days that differ from their weekday"
        )),
        _ => check_kind(*date, *kind, row.pair),
    }
}

/// Whether a day that differs from its weekday can be of this kind.
pub(crate) fn check_kind(
    date: NaiveDate,
    kind: DayKind,
    pair: Option<NaiveDate>,
) -> Result<(), String> {
    let weekday = date.weekday();
    let weekend = is_weekend(date);
    match kind {
        DayKind::Compensatory | DayKind::SwappedOff if weekend => {
            Err(format!("{date} is a {weekday}, which is off anyway"))
        }
        DayKind::SwappedWorking if !weekend => {
            Err(format!("{date} is a {weekday}, which is worked anyway"))
        }
        DayKind::Holiday if pair.is_some() => Err(format!(
            "{date} is a holiday and has a pair; leave it empty"
        )),
        _ => Ok(()),
    }
}

/// Whether the law makes this day a holiday in every year.
pub(crate) fn is_fixed_holiday(date: NaiveDate) -> bool {
    FIXED_HOLIDAYS.contains(&(date.month(), date.day()))
}

/// Whether the day that a listed day names is listed as what belongs to it.
pub(crate) fn check_pair(
    days: &BTreeMap<NaiveDate, SpecialDay>,
    date: NaiveDate,
) -> Result<(), String> {
    let Some(day) = days.get(&date) else {
        return Ok(());
    };
    let wanted = match day.kind {
        DayKind::Compensatory => DayKind::Holiday,
        DayKind::SwappedOff => DayKind::SwappedWorking,
        DayKind::SwappedWorking => DayKind::SwappedOff,
        DayKind::Holiday | DayKind::Working | DayKind::Weekend => return Ok(()),
    };
    let Some(pair_date) = day.pair else {
        return Err(format!(
            "{date} names no pair; give the {} day it belongs to",
            wanted.written()
        ));
    };
    let Some(pair) = days.get(&pair_date).filter(|pair| pair.kind == wanted) else {
        return Err(format!(
            "{date} belongs to {pair_date}, which is not listed as {}",
            wanted.written()
        ));
    };
    match day.kind {
        DayKind::Compensatory if is_weekend(pair_date) && pair_date < date => Ok(()),
        DayKind::Compensatory => Err(format!(
            "{date} compensates {pair_date}, which is not an earlier weekend day"
        )),
        _ if pair.pair == Some(date) => Ok(()),
        _ => Err(format!(
            "{date} is swapped with {pair_date}, which is swapped with another day"
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::workday::Calendar;

    const HEADER: &str = "date,weekday,kind,name,pair,basis,source\n";
    const YEAR_2019: &str = "\
2019-01-01,Tue,holiday,Tết Dương lịch,,điều 115,thử
2019-04-30,Tue,holiday,Ngày Chiến thắng,,điều 115,thử
2019-05-01,Wed,holiday,Ngày Quốc tế Lao động,,điều 115,thử
2019-09-02,Mon,holiday,Quốc khánh,,điều 115,thử
";

    fn refusal(rows: &str) -> String {
        Calendar::from_csv("thử", &format!("{HEADER}{rows}"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_swap_may_reach_into_a_year_that_is_not_covered() {
        let swap = "2019-12-31,Tue,swapped_off,Tết,2020-01-04,công văn,thử\n\
                    2020-01-04,Sat,swapped_working,Tết,2019-12-31,công văn,thử\n";
        let calendar = Calendar::from_csv("thử", &format!("{HEADER}{YEAR_2019}{swap}")).unwrap();
        assert_eq!(calendar.last().to_string(), "2019-12-31");
        let beyond = calendar.day("2020-01-04".parse().unwrap());
        assert!(
            matches!(beyond, Err(CalendarError::Outside { .. })),
            "{beyond:?}"
        );
    }

    #[test]
    fn a_wrong_row_is_refused_by_its_line() {
        let cases = [
            ("2019-01-01,Mon,holiday,Tết,,luật,thử", "is a Tue"),
            ("2019-01-01,Tue,feast,Tết,,luật,thử", "feast"),
            ("2019-02-30,Tue,holiday,Tết,,luật,thử", "out of range"),
            ("2019-01-01,Tue,working,Tết,,luật,thử", "ordinary"),
            ("2019-01-01,Tue,holiday,Tết,,,thử", "no basis"),
            ("2019-01-01,Tue,holiday,Tết,,luật,", "no source"),
            (
                "2019-01-05,Sat,swapped_off,Tết,2019-01-07,luật,thử",
                "off anyway",
            ),
            (
                "2019-01-04,Fri,swapped_working,Tết,2019-01-07,luật,thử",
                "worked anyway",
            ),
            ("2019-01-05,Sat,swapped_working,Tết,,luật,thử", "no pair"),
            (
                "2019-01-05,Sat,swapped_working,Tết,2019-01-07,luật,thử",
                "not listed",
            ),
            (
                "2019-01-07,Mon,compensatory,Tết,2019-01-05,luật,thử",
                "not listed",
            ),
        ];
        for (row, said) in cases {
            let refusal = refusal(row);
            assert!(refusal.contains("line 2"), "{row}: {refusal}");
            assert!(refusal.contains(said), "{row}: {refusal}");
        }
    }

    #[test]
    fn dates_out_of_order_or_twice_are_refused() {
        let refusal = refusal(&format!(
            "{YEAR_2019}2019-09-02,Mon,holiday,Tết,,luật,thử\n"
        ));
        assert!(
            refusal.contains("line 6") && refusal.contains("2019-09-02"),
            "{refusal}"
        );
    }

    #[test]
    fn a_year_that_is_half_published_is_refused() {
        let half = "2020-01-01,Wed,holiday,Tết Dương lịch,,luật,thử\n";
        let refusal_half = refusal(&format!("{YEAR_2019}{half}"));
        assert!(refusal_half.contains("2020-04-30"), "{refusal_half}");
        assert!(refusal("").contains("at least one whole year"));
    }
}
