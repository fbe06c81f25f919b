//! Figures out of the state: counters for what is over, a look at every open dossier for the rest.

use std::collections::BTreeMap;

use calendar::Moment;
use dossier::ids::{ProcedureCode, UnitId};
use dossier::intake::Channel;
use report::{Open, RuleSet};

use crate::answer::{
    Awaited, Figures, GroupFigures, OpenFigures, Overdue, Received, RuleFigures, Summary,
};
use crate::counters::{Count, Month};
use crate::directory::Directory;
use crate::query::{Dimension, OverdueQuery, SummaryQuery};
use crate::row::Row;
use crate::state::State;

/// Numbers of one group while they are being added up.
#[derive(Default, Clone)]
struct Sum {
    received: Received,
    carried_over: i64,
    /// Declined and ended within the period.
    count: Count,
    open: [OpenFigures; RuleSet::ALL.len()],
}

/// What a dossier or a counter is grouped by.
struct Traits<'a> {
    unit: &'a UnitId,
    field: &'a str,
    procedure: &'a ProcedureCode,
    month: Month,
    channel: Channel,
}

/// Figures as asked for, at `now`. Open dossiers are those open now, whatever the period; grouped
/// by month they stand in the month of their reception.
pub fn summary(state: &State, directory: &Directory, query: &SummaryQuery, now: Moment) -> Summary {
    let mut groups: BTreeMap<Vec<String>, Sum> = BTreeMap::new();
    let mut total = Sum::default();
    for (key, count) in state.counters().cells() {
        let traits = Traits {
            unit: &key.unit,
            field: &key.field,
            procedure: &key.procedure,
            month: key.month,
            channel: key.channel,
        };
        if !traits.asked(directory, query) || query.to.is_some_and(|to| key.month > to) {
            continue;
        }
        let before = query.from.is_some_and(|from| key.month < from);
        let group = groups.entry(traits.group(directory, query)).or_default();
        for sum in [group, &mut total] {
            if before {
                sum.carried_over += count.received - count.ends(RuleSet::Ii06a).all().total();
            } else {
                sum.count.add(count);
                sum.received.add(key.channel, count.received);
            }
        }
    }
    for row in state.open() {
        let Some(received_at) = row.received_at else {
            continue;
        };
        let traits = Traits {
            unit: &row.home,
            field: &row.field,
            procedure: &row.procedure,
            month: Month::of(received_at),
            channel: row.channel,
        };
        if !traits.asked(directory, query) {
            continue;
        }
        let group = groups.entry(traits.group(directory, query)).or_default();
        for sum in [group, &mut total] {
            for (rules, open) in RuleSet::ALL.into_iter().zip(&mut sum.open) {
                open.add(row.open(rules, now));
            }
        }
    }
    let named = |key: Vec<String>, sum: &Sum| {
        let key: BTreeMap<Dimension, String> = query.group_by.iter().copied().zip(key).collect();
        let unit = key
            .get(&Dimension::Unit)
            .and_then(|unit| UnitId::parse(unit).ok());
        GroupFigures {
            name: unit.map(|unit| directory.name(&unit).to_owned()),
            key,
            figures: sum.figures(query),
        }
    };
    let grouped = !query.group_by.is_empty();
    Summary {
        total: total.figures(query),
        groups: groups
            .into_iter()
            .filter(|_| grouped)
            .map(|(key, sum)| named(key, &sum))
            .collect(),
    }
}

/// What is overdue at `now`, the earliest due date first.
pub fn overdue(state: &State, directory: &Directory, query: &OverdueQuery, now: Moment) -> Overdue {
    let concerns = |row: &Row| match &query.unit {
        Some(unit) => row.home == *unit || row.awaited().contains(&unit),
        None => true,
    };
    let mut rows: Vec<&Row> = state
        .open()
        .filter(|row| row.open(query.rules, now) == Some(Open::Overdue) && concerns(row))
        .collect();
    rows.sort_by_key(|row| match query.rules {
        RuleSet::Ii06a => (row.due_at, &row.code),
        _ => (row.original_due_at, &row.code),
    });
    let mut at: BTreeMap<&UnitId, u64> = BTreeMap::new();
    for row in &rows {
        let mut units = row.awaited();
        units.sort();
        units.dedup();
        for unit in units {
            *at.entry(unit).or_default() += 1;
        }
    }
    let mut at: Vec<Awaited> = at
        .into_iter()
        .map(|(unit, dossiers)| Awaited {
            unit: unit.clone(),
            name: directory.name(unit).to_owned(),
            dossiers,
        })
        .collect();
    at.sort_by(|a, b| {
        b.dossiers
            .cmp(&a.dossiers)
            .then_with(|| a.unit.cmp(&b.unit))
    });
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    Overdue {
        rules: query.rules,
        total: rows.len() as u64,
        dossiers: rows.into_iter().take(limit).cloned().collect(),
        at,
    }
}

impl Traits<'_> {
    fn asked(&self, directory: &Directory, query: &SummaryQuery) -> bool {
        query.unit.as_ref().is_none_or(|unit| unit == self.unit)
            && query.field.as_ref().is_none_or(|field| field == self.field)
            && query
                .level
                .is_none_or(|level| directory.level(self.unit) == Some(level))
    }

    fn group(&self, directory: &Directory, query: &SummaryQuery) -> Vec<String> {
        let value = |dimension: &Dimension| match dimension {
            Dimension::Unit => self.unit.to_string(),
            Dimension::Level => directory
                .level(self.unit)
                .map_or("unknown", |l| l.name())
                .to_owned(),
            Dimension::Field => self.field.to_owned(),
            Dimension::Procedure => self.procedure.to_string(),
            Dimension::Month => self.month.to_string(),
            Dimension::Channel => match self.channel {
                Channel::Direct => "direct",
                Channel::Online => "online",
                Channel::Post => "post",
            }
            .to_owned(),
        };
        query.group_by.iter().map(value).collect()
    }
}

impl Sum {
    fn figures(&self, query: &SummaryQuery) -> Figures {
        let asked = |rules: &RuleSet| query.rules.is_empty() || query.rules.contains(rules);
        let rules = RuleSet::ALL
            .into_iter()
            .zip(self.open)
            .filter(|(rules, _)| asked(rules));
        Figures {
            received: self.received,
            carried_over: self.carried_over,
            declined: self.count.declined,
            rules: rules
                .map(|(rules, open)| {
                    let by_end = *self.count.ends(rules);
                    let ended = by_end.all();
                    let label = rules.label().to_owned();
                    RuleFigures {
                        rules,
                        label,
                        ended,
                        by_end,
                        rate: ended.rate(),
                        open,
                    }
                })
                .collect(),
        }
    }
}

impl Received {
    fn add(&mut self, channel: Channel, count: i64) {
        self.total += count;
        match channel {
            Channel::Direct => self.direct += count,
            Channel::Online => self.online += count,
            Channel::Post => self.post += count,
        }
    }
}

impl OpenFigures {
    fn add(&mut self, open: Option<Open>) {
        let Some(open) = open else { return };
        self.total += 1;
        match open {
            Open::InTime => self.in_time += 1,
            Open::Overdue => self.overdue += 1,
            Open::Paused => self.paused += 1,
        }
    }
}
