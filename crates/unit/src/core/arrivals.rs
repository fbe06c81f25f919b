//! What other units send: taken in once, from those who may say it, and kept aside otherwise.

use calendar::Moment;
use dossier::case::Case;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use dossier::wire;
use envelope::tree::leaf_hash;
use envelope::{Event, KeyId, Signed};
use journal::{Group, NewEntry, NewQuarantine, Origin};

use super::{Core, CoreError};
use crate::desk::Desk;
use crate::memory::Remembered;
use crate::memory::tale::{Heard, unfollowed};
use crate::watch;
use crate::writing::Cause;

/// An event that was read: by whom it is, about what, and what it says.
struct Arrived<'a> {
    event: &'a Event<'a>,
    by: UnitId,
    code: DossierCode,
    fact: Fact,
}

/// What becomes of an event.
pub(super) enum Verdict {
    /// It is taken in.
    In(Group),
    /// It changes nothing here and is kept in the journal.
    Kept,
    /// It was taken in before.
    Again,
    /// It is put aside for this reason.
    Aside(String),
}

impl<D: Desk> Core<D> {
    /// Takes in another unit's event, whose signature was verified: link `link` of its line to us.
    ///
    /// # Errors
    /// [`CoreError`] when the unit cannot go on; what it cannot accept is in the group as quarantined.
    pub fn arrived(&mut self, signed: Signed, from: &str, link: u64) -> Result<Group, CoreError> {
        let bytes = signed.bytes.clone();
        let signature = Some((signed.signature, signed.key.clone()));
        let entry = NewEntry {
            origin: Origin::Received {
                from: from.to_owned(),
                link,
            },
            signed,
            deliveries: Vec::new(),
        };
        let position = Some((from.to_owned(), link));
        let event = match Event::read(&bytes) {
            Ok(event) => event,
            Err(error) => {
                return Ok(self.aside(&bytes, signature, from, position, error.to_string()));
            }
        };
        let mut group = match self.judged(&event, from)? {
            Verdict::In(because) => {
                self.arrived.put(event.id, leaf_hash(&bytes));
                if self.aside.pop(&event.id).is_some() {
                    self.came_again.insert(event.id);
                }
                because
            }
            Verdict::Kept => {
                self.arrived.put(event.id, leaf_hash(&bytes));
                Group::default()
            }
            Verdict::Again => {
                return Ok(Group {
                    received: position.into_iter().collect(),
                    ..Group::default()
                });
            }
            Verdict::Aside(reason) => {
                return Ok(self.aside(&bytes, signature, from, position, reason));
            }
        };
        group.entries.insert(0, entry);
        group.received.extend(position);
        Ok(group)
    }

    /// Keeps what could not be accepted, with the reason, and with the signature that came with it,
    /// so that it can be judged again. `link` is the number on the sender's line that it uses up, if
    /// it does.
    pub fn unfit(
        &mut self,
        bytes: &[u8],
        signature: Option<([u8; 64], KeyId)>,
        from: &str,
        link: Option<u64>,
        reason: String,
    ) -> Group {
        let position = link.map(|link| (from.to_owned(), link));
        // What a restored sender had under way may come behind the same under its new number.
        let arrived = Event::read(bytes)
            .ok()
            .and_then(|event| self.arrived.peek(&event.id));
        if arrived == Some(&leaf_hash(bytes)) {
            return Group {
                received: position.into_iter().collect(),
                ..Group::default()
            };
        }
        self.aside(bytes, signature, from, position, reason)
    }

    fn aside(
        &mut self,
        bytes: &[u8],
        signature: Option<([u8; 64], KeyId)>,
        from: &str,
        position: Option<(String, u64)>,
        reason: String,
    ) -> Group {
        let (signature, key) = signature.unzip();
        let link = position.as_ref().map(|(_, link)| *link);
        if let Ok(event) = Event::read(bytes) {
            self.aside.put(event.id, ());
        }
        Group {
            received: position.into_iter().collect(),
            quarantined: vec![NewQuarantine {
                bytes: bytes.to_vec(),
                reason,
                from: from.to_owned(),
                at: self.pen.stamp.now().to_rfc3339(),
                signature,
                key,
                link,
            }],
            ..Group::default()
        }
    }

    pub(super) fn judged(&mut self, event: &Event<'_>, from: &str) -> Result<Verdict, CoreError> {
        if self.arrived.contains(&event.id) || self.journal.contains(&event.id)? {
            return Ok(Verdict::Again);
        }
        if event.unit == self.pen.me.as_str() {
            return Ok(Verdict::Aside(
                "it is said to be this unit's own, but its journal does not hold it: the journal \
                 was restored without its latest entries"
                    .to_owned(),
            ));
        }
        if event.simulated && !self.pen.stamp.is_simulated() {
            return Ok(Verdict::Aside(
                "it is simulated, and this unit lives in real time".to_owned(),
            ));
        }
        let fact = match wire::read(event.kind, event.data) {
            Ok(Some(fact)) => fact,
            Ok(None) => {
                self.unknown_types += 1;
                let kind = event.kind;
                tracing::warn!(
                    kind,
                    from,
                    "event of a type that this version does not know; kept"
                );
                return Ok(Verdict::Kept);
            }
            Err(error) => return Ok(Verdict::Aside(error.to_string())),
        };
        if let Fact::Reminded(_) = fact {
            let overseer = self.office()?.unit.overseer.as_ref();
            if overseer.is_some_and(|overseer| overseer.as_str() == event.unit) {
                return Ok(Verdict::Kept);
            }
            let reason = format!("{} does not watch over {}", event.unit, self.pen.me);
            return Ok(Verdict::Aside(reason));
        }
        let fact = match fact {
            // The register that judged its signature knows it since then, and has it from here again.
            Fact::KeyRotated(_) | Fact::KeyRevoked(_) => return Ok(Verdict::Kept),
            Fact::CalendarDeclared(declared) => {
                let taken = self.declared(event, declared);
                return Ok(taken.map_or_else(Verdict::Aside, Verdict::In));
            }
            fact => fact,
        };
        let by = UnitId::parse(event.unit).map_err(|error| error.to_string());
        let code = DossierCode::parse(&event.subject).map_err(|error| error.to_string());
        match (by, code) {
            (Ok(by), Ok(code)) => self.taken_in(Arrived {
                event,
                by,
                code,
                fact,
            }),
            (Err(reason), _) | (_, Err(reason)) => Ok(Verdict::Aside(reason)),
        }
    }

    /// The fact becomes part of the dossier, and the desk does what it does because of it; or
    /// everything stays as it was.
    fn taken_in(&mut self, arrived: Arrived<'_>) -> Result<Verdict, CoreError> {
        let Arrived {
            event,
            by,
            code,
            fact,
        } = arrived;
        let earlier = self.memory.take(&code)?;
        let mut remembered = earlier
            .clone()
            .unwrap_or_else(|| Remembered::of(code, by.clone()));
        // Where something is missing, so may be what gives this unit the right: it is judged when that
        // is there, and moves nothing without it.
        let whole = remembered.tale().is_empty();
        if let (true, Err(trespass)) = (whole, remembered.dossier.may_write(&by, &fact)) {
            earlier
                .into_iter()
                .for_each(|known| self.memory.keep(known));
            return Ok(Verdict::Aside(trespass.to_string()));
        }
        let (sequence, links) = (self.pen.sequence, self.pen.links.clone());
        let before = watch::indexed(&remembered.dossier, &self.pen.me, &self.time.calendar);
        let heard = Heard {
            id: event.id,
            by,
            at: event.time,
            parents: event.parents.clone(),
            cause: event.causation,
            fact: fact.clone(),
        };
        // A restored unit has taken back what it did because of others before it hears them again:
        // until everything is there that its own events rest on, it does nothing by itself.
        let mut tale = remembered.tale().to_vec();
        tale.push(heard.clone());
        remembered.hear(&self.pen.me, heard.clone());
        let to_follow = match (tale.len() > 1, remembered.tale().is_empty()) {
            (false, _) => vec![heard],
            (true, false) => Vec::new(),
            (true, true) => {
                let trespasses = remembered.trespasses(&tale);
                let mut heard = unfollowed(&self.pen.me, &tale, &self.cut_off);
                heard.retain(|heard| !trespasses.contains(&heard.id));
                heard
            }
        };
        // The event itself stands in the indexes before the habits that follow on it.
        let taken = watch::indexed(&remembered.dossier, &self.pen.me, &self.time.calendar);
        let mut group = Group {
            notes: watch::changes(&before, taken),
            ..Group::default()
        };
        let at = self.noticed_at(event, &remembered);
        for heard in to_follow {
            let case = Case {
                me: &self.pen.me,
                at,
                officer: None,
                dossier: &remembered.dossier,
                calendar: &self.time.calendar,
            };
            let mut facts = self.desk.react(&self.office()?, &case, &heard.fact);
            facts.retain(|fact| {
                let kind = wire::kind(fact);
                let mut done = tale.iter().filter(|own| own.cause == Some(heard.id));
                !done.any(|own| wire::kind(&own.fact) == kind)
            });
            let cause = Cause {
                at,
                id: Some(heard.id),
            };
            if let Err(error) = self.carry_on(&mut remembered, cause, facts, &mut group)? {
                // Nobody here can make the sender's event shorter. Ending over it would end every
                // new start as well, since it comes again until it is recorded.
                (self.pen.sequence, self.pen.links) = (sequence, links);
                earlier
                    .into_iter()
                    .for_each(|known| self.memory.keep(known));
                return Ok(Verdict::Aside(format!(
                    "what this unit does because of it cannot be written: {error}"
                )));
            }
        }
        self.note_looks(&group.notes);
        self.memory.keep(remembered);
        Ok(Verdict::In(group))
    }

    /// When this unit acts on an event: as it comes in, which a simulated profile takes from it. What
    /// is typed in from the paper register goes on from the moment that it tells of.
    fn noticed_at(&mut self, event: &Event<'_>, known: &Remembered) -> Moment {
        if self.pen.stamp.is_simulated() {
            self.pen.stamp.advance(event.time);
            return event.time;
        }
        let now = self.pen.stamp.now();
        let received = known.dossier.received();
        if received.is_some_and(|received| received.particulars.paper.is_some()) {
            known
                .home_said_at
                .max(Some(event.time))
                .map_or(now, |at| at.min(now))
        } else {
            now
        }
    }
}
