//! Days that an authority declares or swaps after a calendar was published.
//!
//! Swaps are announced as late as a week ahead (10/01/2026 was worked for 02/01/2026, agreed to on
//! 25/12/2025). What was declared is data that an event carries; the calendar it leads to has a
//! version of its own, so that every due date names the days it rests on.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::error::CalendarError;
use crate::register::{self, check_kind, check_pair, is_fixed_holiday};
use crate::workday::{Calendar, DayKind, SpecialDay, is_weekend};

/// Days that an authority declares, swaps or revokes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Declaration {
    /// The days.
    pub days: Vec<DeclaredDay>,
    /// Number of the dispatch or decision.
    pub basis: String,
    /// When it was published.
    pub published_on: NaiveDate,
}

/// A declared day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeclaredDay {
    /// Which day.
    pub date: NaiveDate,
    /// What it is from now on.
    pub kind: DayKind,
    /// The occasion in Vietnamese; empty where the day becomes an ordinary one again.
    pub name: String,
    /// The day swapped with, or the holiday compensated for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<NaiveDate>,
}

impl Calendar {
    /// This calendar with a declaration applied, under the version `<base>+<number>`
    /// (`vn-2018-2026.1+1`, with other office hours `vn-2018-2026.1@0730-1130-1300-1700+1`).
    ///
    /// Declarations are numbered from 1 and applied without a gap, so that a version stands for
    /// the same days everywhere. The declared days replace what was known of them and are held to
    /// the rules of a register together with all the others: an exchange is declared or revoked
    /// with both its days. A year that is not covered yet is declared as a whole, with its 01/01,
    /// right after the last one; that its Tết is among the days is for the authority to see to.
    ///
    /// # Errors
    /// [`CalendarError::Declaration`] naming the day and what is wrong with it;
    /// [`CalendarError::Incomplete`] when a new year lacks a holiday that the law gives every year.
    pub fn amended(&self, declaration: &Declaration, number: u32) -> Result<Self, CalendarError> {
        let refused = |problem| CalendarError::Declaration { number, problem };
        self.check_number(number).map_err(refused)?;
        check_document(declaration).map_err(refused)?;
        let mut special = self.special.clone();
        for day in &declaration.days {
            if is_given_back(day.kind) {
                if special.remove(&day.date).is_none() {
                    return Err(refused(format!(
                        "{} is ordinary already; there is nothing to revoke",
                        day.date
                    )));
                }
                continue;
            }
            let declared = SpecialDay {
                kind: day.kind,
                name: day.name.clone(),
                pair: day.pair,
                basis: declaration.basis.clone(),
            };
            special.insert(day.date, declared);
        }
        let (first, last) = register::covered(&special)?;
        for day in &declaration.days {
            let covers = |date: NaiveDate| first <= date && date <= last;
            let known = self.special.contains_key(&day.date);
            if !(covers(day.date) || known || day.pair.is_some_and(covers)) {
                return Err(refused(format!(
                    "{} lies outside {first} to {last}; declare a new year as a whole, \
                     with its 01/01, right after the last one",
                    day.date
                )));
            }
        }
        for date in special.keys() {
            check_pair(&special, *date).map_err(refused)?;
        }
        let mut amended = Self {
            declared: number,
            first,
            last,
            special,
            ..self.clone()
        };
        amended.name_version();
        Ok(amended)
    }

    fn check_number(&self, number: u32) -> Result<(), String> {
        let next = self.declared.checked_add(1);
        if next == Some(number) {
            return Ok(());
        }
        Err(format!(
            "the calendar is at {}; apply its declarations one after the other, from 1",
            self.version
        ))
    }
}

fn is_given_back(kind: DayKind) -> bool {
    matches!(kind, DayKind::Working | DayKind::Weekend)
}

fn check_document(declaration: &Declaration) -> Result<(), String> {
    if declaration.basis.trim().is_empty() {
        return Err("it names no basis; give the document that declares the days".to_owned());
    }
    if declaration.days.is_empty() {
        return Err("it holds no day; give at least one".to_owned());
    }
    let mut seen = BTreeSet::new();
    for day in &declaration.days {
        if !seen.insert(day.date) {
            return Err(format!("{} is given twice; give each date once", day.date));
        }
        check_day(day)?;
    }
    Ok(())
}

fn check_day(day: &DeclaredDay) -> Result<(), String> {
    let DeclaredDay { date, kind, .. } = day;
    let weekday = date.weekday();
    if is_fixed_holiday(*date) && *kind != DayKind::Holiday {
        return Err(format!(
            "{date} is a holiday by law in every year (Bộ luật Lao động 2019 điều 112) \
             and cannot be declared as {}",
            kind.written()
        ));
    }
    if !is_given_back(*kind) {
        if day.name.trim().is_empty() {
            return Err(format!("{date} has no name; give the occasion"));
        }
        return check_kind(*date, *kind, day.pair);
    }
    if is_weekend(*date) != (*kind == DayKind::Weekend) {
        return Err(format!(
            "{date} is a {weekday}, which cannot be given back as {}",
            kind.written()
        ));
    }
    if day.pair.is_some() {
        return Err(format!(
            "{date} is given back to its weekday and has a pair; leave it empty"
        ));
    }
    Ok(())
}
