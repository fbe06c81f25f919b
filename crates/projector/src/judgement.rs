//! What is kept of a dossier under each meaning of "on time". The meanings themselves are
//! `report::RuleSet`; a dossier never carries one yes or no.

use calendar::Moment;
use dossier::dossier::Dossier;
use report::ended::end_of;
use report::{Ended, Judged, Open, RuleSet};
use serde::{Deserialize, Serialize};

use crate::row::Row;

/// A dossier under one rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// Its processing has ended so.
    Ended(Ended),
    /// It is open; from this instant on it is overdue, if nothing else happens.
    Open(Option<Moment>),
}

/// Under each rule set, in the order of [`RuleSet::ALL`].
pub(crate) type Judgements = [Judgement; RuleSet::ALL.len()];

/// How a received dossier stands under each rule set.
pub(crate) fn judged(dossier: &Dossier) -> Option<Judgements> {
    dossier.received()?;
    let ended_at = end_of(dossier).map(|end| end.at);
    Some(RuleSet::ALL.map(
        |rules| match ended_at.and_then(|at| rules.judge(dossier, at)) {
            Some(Judged::Ended(ended)) => Judgement::Ended(ended),
            _ => Judgement::Open(rules.overdue_from(dossier)),
        },
    ))
}

impl Row {
    fn under(&self, rules: RuleSet) -> Option<Judgement> {
        let mut each = RuleSet::ALL.into_iter().zip(self.judged?);
        each.find(|(known, _)| *known == rules)
            .map(|(_, judgement)| judgement)
    }

    /// How it ended under a rule set; none while it is open.
    pub fn ended(&self, rules: RuleSet) -> Option<Ended> {
        match self.under(rules)? {
            Judgement::Ended(ended) => Some(ended),
            Judgement::Open(_) => None,
        }
    }

    /// Where it stands at `now` under a rule set; none when it is not open.
    pub fn open(&self, rules: RuleSet, now: Moment) -> Option<Open> {
        let Judgement::Open(overdue_from) = self.under(rules)? else {
            return None;
        };
        Some(match overdue_from {
            Some(from) if now >= from => Open::Overdue,
            _ if self.paused => Open::Paused,
            _ => Open::InTime,
        })
    }
}
