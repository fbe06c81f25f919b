//! Is this what it claims to be? Nothing passes unverified, wherever it came from.

use std::collections::BTreeSet;
use std::sync::Arc;

use envelope::{Event, KeyRegister, Signed};
use uuid::Uuid;

use super::Scope;
use super::held::Unfit;
use crate::log::PageEvent;
use crate::order::Line;
use crate::parcel::Parcel;
use crate::subject::{self, UnitToken};

/// Judges by the register of keys.
#[derive(Debug)]
pub(super) struct Judge {
    keys: Arc<KeyRegister>,
    units: BTreeSet<String>,
}

/// A message that was looked at.
#[derive(Debug)]
pub(super) struct Judged {
    /// The number that it claims, if it could be read at all.
    pub(super) place: Option<(Line, u64)>,
    pub(super) verdict: Result<Fit, Unfit>,
}

/// A verified event.
#[derive(Debug)]
pub(super) struct Fit {
    pub(super) signed: Signed,
    pub(super) id: Uuid,
}

impl Judge {
    pub(super) fn new(keys: Arc<KeyRegister>) -> Judge {
        let units = keys.units().map(str::to_owned).collect();
        Judge { keys, units }
    }

    pub(super) fn keys(&self) -> &KeyRegister {
        &self.keys
    }

    /// The units that anything is accepted from.
    pub(super) fn units(&self) -> impl Iterator<Item = &str> {
        self.units.iter().map(String::as_str)
    }

    /// Judges a message of the stream.
    pub(super) fn message(&self, scope: &Scope, parcel: &Parcel) -> Judged {
        let mut unfit = Unfit {
            from: String::new(),
            bytes: parcel.payload.clone(),
            signature: None,
            key: None,
            epoch: None,
            position: None,
            reason: String::new(),
        };
        let mut place = None;
        match self.look(scope, parcel, &mut place, &mut unfit) {
            Ok(fit) => Judged {
                place,
                verdict: Ok(fit),
            },
            Err(reason) => {
                unfit.reason = reason;
                Judged {
                    place,
                    verdict: Err(unfit),
                }
            }
        }
    }

    /// Enters what is found out on the way into `place` and `unfit`, so that what cannot be
    /// accepted is kept with all that is known of it.
    fn look(
        &self,
        scope: &Scope,
        parcel: &Parcel,
        place: &mut Option<(Line, u64)>,
        unfit: &mut Unfit,
    ) -> Result<Fit, String> {
        let (from, kind) = said_by(scope, &parcel.subject)?;
        unfit.from = from.to_string();
        let signed = parcel.signed();
        if let Ok(signed) = &signed {
            unfit.signature = Some(signed.signature);
            unfit.key = Some(signed.key.clone());
        }
        if !self.units.contains(from.as_str()) {
            // Nobody can make this unit keep account of lines by inventing senders.
            return Err(format!("its sender {from} is not in the register of keys"));
        }
        if let Scope::Inbox { .. } = scope {
            let line = Line {
                origin: from.to_string(),
                epoch: None,
            };
            *place = Some((line, parcel.link()?));
        }
        let (fit, own_place) = self.verified(scope, &from, Some(&kind), signed?)?;
        place.get_or_insert(own_place);
        Ok(fit)
    }

    /// Judges the event that was read as number `position` of `line`.
    pub(super) fn page_event(
        &self,
        scope: &Scope,
        line: &Line,
        position: u64,
        event: PageEvent,
    ) -> Judged {
        let signed = event.signed;
        let unfit = |reason: String| Unfit {
            from: line.origin.clone(),
            bytes: signed.bytes.clone(),
            signature: Some(signed.signature),
            key: Some(signed.key.clone()),
            epoch: line.epoch,
            position: Some(position),
            reason,
        };
        let on_line = Some((line.clone(), position));
        let checked = UnitToken::parse(&line.origin)
            .map_err(|error| error.to_string())
            .and_then(|origin| self.verified(scope, &origin, None, signed.clone()));
        match (checked, scope) {
            (Ok((fit, place)), Scope::Feed) => Judged {
                place: Some(place),
                verdict: Ok(fit),
            },
            (Ok((fit, _)), Scope::Inbox { .. }) => Judged {
                place: on_line,
                verdict: Ok(fit),
            },
            (Err(reason), _) => Judged {
                place: on_line,
                verdict: Err(unfit(reason)),
            },
        }
    }
    /// Checks signature, type and writer; gives the event with its place in its origin's numbering.
    ///
    /// A delivery may carry an event of a third unit: whoever joins a dossier later is sent what
    /// others wrote before. It counts by its writer's signature, whoever carries it. On the full
    /// feed everyone speaks for himself.
    fn verified(
        &self,
        scope: &Scope,
        from: &UnitToken,
        kind: Option<&str>,
        signed: Signed,
    ) -> Result<(Fit, (Line, u64)), String> {
        let event = Event::read(&signed.bytes).map_err(|error| error.to_string())?;
        if let Some(kind) = kind.filter(|kind| *kind != event.kind) {
            return Err(format!(
                "its subject says {kind}, the signed text says {}",
                event.kind
            ));
        }
        if matches!(scope, Scope::Feed) && event.unit != from.as_str() {
            return Err(format!("sent as {from}, but written by {}", event.unit));
        }
        self.keys
            .verify(&signed)
            .map_err(|error| error.to_string())?;
        let line = Line {
            origin: event.unit.to_owned(),
            epoch: Some(event.epoch),
        };
        let (id, place) = (event.id, (line, event.sequence));
        Ok((Fit { signed, id }, place))
    }
}

/// Who speaks on this subject, and of what type.
fn said_by(scope: &Scope, text: &str) -> Result<(UnitToken, String), String> {
    match scope {
        Scope::Inbox { me, .. } => subject::read_inbox(text)
            .filter(|read| read.to == *me)
            .map(|read| (read.from, read.kind))
            .ok_or_else(|| format!("{text} is not an inbox subject of {me}")),
        Scope::Feed => subject::read_event(text)
            .map(|read| (read.unit, read.kind))
            .ok_or_else(|| format!("{text} is not an event subject")),
    }
}
