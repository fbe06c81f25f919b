//! The forms that the citizen holds about a dossier as it stands; [`Kind::of`] says it of each event.

use calendar::Moment;
use dossier::clock::Turned;
use dossier::dossier::Dossier;
use dossier::intake::Received;
use dossier::promise::Wait;
use serde::Serialize;

use crate::form::{FormId, FormSet, Kind};

/// A form that was given to the citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Which.
    pub form: FormId,
    /// When it was issued.
    pub issued_at: Moment,
}

impl Held {
    /// Set, number and title as people cite them.
    #[must_use]
    pub fn name(&self) -> String {
        let (number, circular) = (self.form.number(), self.form.set().circular());
        format!("Mẫu {number:02} (TT {circular}): {}", self.form.title())
    }
}

/// The forms given to the citizen by `at`, in order of issue. A stop has a form of its own only in TT
/// 03/2025/TT-VPCP.
pub(super) fn held(
    dossier: &Dossier,
    received: &Received,
    received_at: Moment,
    at: Moment,
) -> Vec<Held> {
    let (course, outcome) = (&dossier.promise.course, &dossier.outcome);
    let told = course.iter().filter_map(|turned| match turned {
        Turned::Began {
            wait: Wait::Supplement,
            at,
            ..
        } => Some((*at, Kind::Supplement)),
        Turned::Extended { at, .. } => Some((*at, Kind::Apology)),
        _ => None,
    });
    let by_performers = dossier.work.values().filter_map(|work| work.apologised);
    let ends = [
        (outcome.refused_at, Kind::Refusal),
        (outcome.stopped_at, Kind::Stop),
    ];
    let receipt = received.receipt.then_some((received_at, Kind::Receipt));
    let mut forms: Vec<Held> = receipt
        .into_iter()
        .chain(told)
        .chain(by_performers.map(|(at, _, _)| (at, Kind::Apology)))
        .chain(ends.into_iter().filter_map(|(at, kind)| Some((at?, kind))))
        .filter(|(issued_at, _)| *issued_at <= at)
        .filter_map(|(issued_at, kind)| {
            let form = FormId::of(FormSet::at(issued_at), kind)?;
            Some(Held { form, issued_at })
        })
        .collect();
    forms.sort_by_key(|held| held.issued_at);
    forms
}
