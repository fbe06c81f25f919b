//! The occasion of a form: the event that gave rise to it, and what was known then. Nothing later
//! enters, so that a form printed years later is the form of that day.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Moment;
use dossier::dossier::Dossier;
use dossier::fact::Fact;
use dossier::ids::DossierCode;
use dossier::intake::Received;
use history::{Cut, Statement, Tale, as_known, fold};
use report::{FormId, FormSet, Kind};
use uuid::Uuid;

use crate::error::FormError;

/// A form that a dossier has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// The form.
    pub form: FormId,
    /// The event that gave rise to it.
    pub event: Uuid,
    /// When that happened.
    pub at: Moment,
}

/// The forms of a dossier, in the order of their time. A control slip is listed once, as it stood at
/// the latest hand-over; that of an earlier one is printed by naming its event. A dossier whose
/// result was returned in the same visit has no receipt listed, but one can be printed on demand
/// (NĐ 61/2018/NĐ-CP art. 17.4).
pub fn available(code: &DossierCode, statements: &[Statement]) -> Vec<Available> {
    let mut found: Vec<Available> = Vec::new();
    for statement in history::timeline(statements) {
        let listed = match statement.fact() {
            Some(Fact::Received(received)) if !received.receipt => None,
            Some(fact) => Kind::of(fact),
            None => None,
        };
        let Some(kind) = listed else { continue };
        let Ok(occasion) = Occasion::of(code, statements, statement.id) else {
            continue;
        };
        if let Some(form) = FormId::of(occasion.set(kind), kind) {
            found.push(Available {
                form,
                event: statement.id,
                at: statement.at,
            });
        }
    }
    let is_slip = |available: &Available| available.form.kind() == Kind::ControlSlip;
    let latest = found.iter().rfind(|a| is_slip(a)).map(|a| a.event);
    found.retain(|available| !is_slip(available) || Some(available.event) == latest);
    found.dedup();
    found
}

/// An event and what its writer's world knew when it was written.
#[derive(Debug)]
pub(crate) struct Occasion<'a> {
    /// The dossier.
    pub(crate) code: &'a DossierCode,
    /// The event.
    pub(crate) statement: &'a Statement,
    /// Everything known then, the event included.
    pub(crate) known: Vec<&'a Statement>,
    /// The same, folded.
    pub(crate) tale: Tale,
}

impl<'a> Occasion<'a> {
    pub(crate) fn of(
        code: &'a DossierCode,
        statements: &'a [Statement],
        event: Uuid,
    ) -> Result<Self, FormError> {
        let found = statements.iter().find(|statement| statement.id == event);
        let statement = found.ok_or_else(|| FormError::UnknownEvent {
            code: code.clone(),
            event,
        })?;
        let known = known(statements, statement);
        let tale = fold(code, known.iter().copied());
        let before = known.iter().copied().filter(|other| other.id != event);
        if contested(&tale) > contested(&fold(code, before)) {
            return Err(FormError::Contested {
                code: code.clone(),
                event,
                by: statement.unit.clone(),
            });
        }
        Ok(Self {
            code,
            statement,
            known,
            tale,
        })
    }

    /// The set that the form is of. A control slip goes with the dossier from its first hand-over on
    /// and stays the form that it was begun as.
    pub(crate) fn set(&self, kind: Kind) -> FormSet {
        let begun = self
            .known
            .iter()
            .filter(|s| matches!(s.fact(), Some(Fact::Dispatched(_))))
            .map(|s| s.at)
            .min();
        match (kind, begun) {
            (Kind::ControlSlip, Some(begun)) => FormSet::at(begun),
            _ => FormSet::at(self.statement.at),
        }
    }

    pub(crate) fn dossier(&self) -> Option<&Dossier> {
        self.tale.dossier.as_ref()
    }

    pub(crate) fn received(&self) -> Option<&Received> {
        self.dossier()?.received()
    }

    /// When it was received.
    pub(crate) fn received_at(&self) -> Option<Moment> {
        let received = self.dossier()?.intake.received.as_ref();
        received.map(|(at, _)| *at)
    }
}

fn contested(tale: &Tale) -> u32 {
    let contested = tale.dossier.as_ref().map_or(0, |d| d.contested);
    contested + tale.pending
}

/// What had happened and was recorded by then, and whatever its writer names as known, should clocks
/// disagree; nothing that the same writer wrote afterwards, were it in the same instant.
fn known<'a>(statements: &'a [Statement], statement: &Statement) -> Vec<&'a Statement> {
    let by_id: BTreeMap<Uuid, &Statement> = statements.iter().map(|s| (s.id, s)).collect();
    let mut causes = BTreeSet::new();
    let mut open = vec![statement.id];
    while let Some(id) = open.pop() {
        if let Some(cause) = by_id.get(&id)
            && causes.insert(id)
        {
            open.extend(&cause.parents);
        }
    }
    let cut = Cut {
        happened_by: statement.at,
        recorded_by: Some(statement.recorded),
    };
    let in_time: BTreeSet<Uuid> = as_known(statements, cut).map(|s| s.id).collect();
    let afterwards = |s: &Statement| {
        (&s.unit, s.epoch) == (&statement.unit, statement.epoch) && s.sequence > statement.sequence
    };
    by_id
        .into_values()
        .filter(|s| causes.contains(&s.id) || (in_time.contains(&s.id) && !afterwards(s)))
        .collect()
}
