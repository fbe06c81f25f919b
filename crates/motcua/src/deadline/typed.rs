//! What a person types on this command: moments as receipts print them, spans, limits in words.

use std::str::FromStr;

use calendar::{Limit, LimitUnit, Moment, hanoi, parse_moment};
use chrono::{NaiveDateTime, TimeZone};
use clap::ValueEnum;

/// Ways to write a moment of Vietnamese legal time, besides RFC 3339.
const WITHOUT_AN_OFFSET: [&str; 8] = [
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%H:%M %d/%m/%Y",
    "%H:%M:%S %d/%m/%Y",
];

/// Reads a moment: RFC 3339, or without an offset, which then is +07:00.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    let typed = |format| {
        let local = NaiveDateTime::parse_from_str(text, format).ok()?;
        hanoi().from_local_datetime(&local).single()
    };
    parse_moment(text)
        .ok()
        .or_else(|| WITHOUT_AN_OFFSET.into_iter().find_map(typed))
        .ok_or_else(|| {
            format!(
                "could not read {text:?} as a moment; write the day and the minute, as \
                 31/01/2026 09:30, 2026-01-31T09:30 or 2026-01-31T09:30:00+07:00"
            )
        })
}

/// Time that is not counted, `FROM..TO`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Moment,
    pub(super) to: Moment,
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once("..").ok_or_else(|| {
            "write both ends with two dots between them, \
             as 10/02/2026 09:00..12/02/2026 14:00"
                .to_owned()
        })?;
        let (from, to) = (moment(from)?, moment(to)?);
        if to < from {
            return Err("it ends before it begins; write the earlier moment first".to_owned());
        }
        Ok(Self { from, to })
    }
}

/// A limit of its own from a moment on, `AT=LIMIT`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replaced {
    pub(super) at: Moment,
    pub(super) limit: Limit,
}

impl FromStr for Replaced {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (at, limit) = text.split_once('=').ok_or_else(|| {
            "write the moment and the limit with = between them, \
             as 12/02/2026 14:00=5 ngày làm việc"
                .to_owned()
        })?;
        let limit: Limit = limit.parse().map_err(|error| format!("{error}"))?;
        if limit == Limit::NONE_STATED {
            return Err("a second limit has to state one; leave the option out".to_owned());
        }
        let at = moment(at)?;
        Ok(Self { at, limit })
    }
}

/// What is counted, by its name in data.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum Unit {
    WorkingDays,
    Days,
    WorkingHours,
    Hours,
    Months,
    SameDay,
    NoneStated,
}

impl From<Unit> for LimitUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::WorkingDays => Self::WorkingDays,
            Unit::Days => Self::Days,
            Unit::WorkingHours => Self::WorkingHours,
            Unit::Hours => Self::Hours,
            Unit::Months => Self::Months,
            Unit::SameDay => Self::SameDay,
            Unit::NoneStated => Self::NoneStated,
        }
    }
}

/// The limit, from a number and its unit or from the words of the law.
pub(super) fn limit(text: Option<&str>, unit: Option<Unit>) -> anyhow::Result<Limit> {
    use anyhow::{Context, bail};
    let Some(unit) = unit else {
        let Some(text) = text else {
            bail!("--limit is missing: write it as \"5 ngày làm việc\"");
        };
        if text.trim().parse::<u64>().is_ok() {
            bail!(
                "--unit is missing: say what is counted, or write --limit \"{text} ngày làm việc\""
            );
        }
        return text.parse().context("--limit");
    };
    let takes_none = matches!(unit, Unit::SameDay | Unit::NoneStated);
    let amount = match text.map(|text| (text, text.trim().parse())) {
        // `--limit 1 --unit same_day` is how people say it.
        Some((_, Ok(0 | 1))) | None if takes_none => 0,
        Some((_, Ok(amount))) => amount,
        Some((text, Err(_))) if text.parse::<Limit>().is_ok() => {
            bail!("--limit {text:?} says what it counts; leave --unit out")
        }
        Some((text, Err(_))) => bail!(
            "--limit {text:?} is not a whole number of the unit; write a number, \
             or \"5 ngày làm việc\" without --unit"
        ),
        None => bail!("--limit is missing: say how many of the unit"),
    };
    Limit::new(amount, unit.into()).context("--limit")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_without_an_offset_is_in_vietnam() {
        let expected = parse_moment("2025-04-24T09:32:00+07:00").unwrap();
        for text in [
            "2025-04-24T09:32",
            "2025-04-24T09:32:00",
            "2025-04-24 09:32",
            "24/04/2025 09:32",
            "24/4/2025 9:32:00",
            "09:32 24/04/2025",
            "2025-04-24T02:32:00Z",
            " 2025-04-24T09:32:00+07:00 ",
        ] {
            assert_eq!(moment(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "24/04/2025",
            "04/24/2025 09:32",
            "2025-04-24T24:00",
            "09:32",
        ] {
            let refusal = moment(text).unwrap_err();
            assert!(refusal.contains(&format!("{text:?}")), "{refusal}");
        }
    }

    #[test]
    fn a_span_and_a_second_limit_say_what_is_missing() {
        let refusal = |text: &str| text.parse::<Span>().unwrap_err();
        assert!(refusal("24/04/2025 09:32").contains("two dots"));
        assert!(refusal("24/04/2025 09:32..").contains("\"\""));
        assert!(refusal("25/04/2025 09:32..24/04/2025 09:32").contains("ends before it begins"));
        let refusal = |text: &str| text.parse::<Replaced>().unwrap_err();
        assert!(refusal("24/04/2025 09:32").contains("= between"));
        assert!(refusal("24/04/2025 09:32=5").contains("ngày làm việc"));
        assert!(refusal("hôm nay=5 ngày").contains("hôm nay"));
        assert!(refusal("24/04/2025 09:32=không quy định").contains("has to state one"));
    }
}
