//! What officers do in the province: look at a dossier, ask for what comes next, ask again, and now
//! and then ask once more for what was done long ago.

use std::time::Duration;

use chrono::TimeDelta;

use super::callers::{Callers, Stands};
use super::deeds;
use super::happening::Happening;
use super::mail::Said;
use super::network::Node;
use super::world::World;

/// Officers at work at the same time.
pub(super) const OFFICERS: usize = 7;

/// Between two things that one officer does: on a quiet day, and on a busy one.
pub(super) const PAUSES: [(Duration, Duration); 2] = [
    (Duration::from_millis(150), Duration::from_millis(2_500)),
    (Duration::from_millis(5), Duration::from_millis(500)),
];

/// Most dossiers of one run.
const DOSSIERS_MAX: usize = 24;

/// How long after it happened something may be recorded here.
const EARLIER_MAX: Duration = Duration::from_secs(1_200);

/// How often an officer looks for a dossier that waits for somebody.
const LOOKS: usize = 4;

impl World {
    /// An officer does the next thing, if the day is not over.
    pub(super) fn officer(&mut self, officer: usize) {
        if self.agenda.now() >= self.load {
            return;
        }
        let place = if self.chance.per_mille(50) {
            self.callers.stale(&mut self.chance).inspect(|place| {
                if let Some(command) = self.callers.commands.get_mut(*place) {
                    command.stands = Stands::Open;
                    command.officer = officer;
                }
            })
        } else {
            self.decided(officer)
        };
        match place {
            Some(place) => self.send(place),
            None => self.pause(officer),
        }
    }

    fn pause(&mut self, officer: usize) {
        let pause = self.chance.between(self.pause.0, self.pause.1);
        self.agenda.after(pause, Happening::Officer(officer));
    }

    /// What an officer decides to do: something about a dossier that waits, or a new one.
    fn decided(&mut self, officer: usize) -> Option<usize> {
        let known = self.callers.dossiers.len();
        let fresh = known < 3 || (known < DOSSIERS_MAX && self.chance.per_mille(180));
        let (deed, unit, dossier) = if known > 2 && self.chance.per_mille(12) {
            // Days are declared by the one unit that the profile names.
            let authority = self.ground.catalogue.calendar_authority();
            let declares = |place: &super::town::Place| Some(&place.id) == authority;
            let unit = self.places.iter().position(declares)?;
            (deeds::declare(&mut self.chance), unit, None)
        } else if fresh {
            let unit = self.chance.below(self.places.len());
            let offers = &self.places.get(unit)?.offers;
            let offer = self.chance.one_of(offers)?;
            (deeds::receive(offer, &mut self.chance), unit, None)
        } else {
            let (deed, unit, code) = (0..LOOKS).find_map(|_| self.looked())?;
            (deed, unit, Some(code))
        };
        // Some write down later what they did before.
        let earlier = self.chance.between(Duration::ZERO, EARLIER_MAX);
        let named = self.chance.per_mille(80);
        let at = TimeDelta::from_std(earlier)
            .ok()
            .map(|earlier| self.clock(unit) - earlier);
        let at = at.filter(|_| named);
        let command = self
            .callers
            .command(deed, unit, dossier, (officer, at), &mut self.chance);
        match command {
            Ok(place) => Some(place),
            Err(error) => {
                self.wrong
                    .push(format!("a command cannot be made: {error:#}"));
                None
            }
        }
    }

    /// One look at one dossier at one desk.
    fn looked(&mut self) -> Option<(deeds::Deed, Node, dossier::ids::DossierCode)> {
        let code = self.chance.one_of(&self.callers.dossiers)?.clone();
        let unit = self.chance.below(self.places.len());
        let elsewhere = self.chance.below(self.places.len());
        let at = self.clock(unit);
        let known = self.desks.get_mut(unit)?.as_mut()?.core.show(&code);
        let known = known.ok()?.ok()?;
        let (me, elsewhere) = (&self.places.get(unit)?.id, &self.places.get(elsewhere)?.id);
        let deed = deeds::next(&known.dossier, me, elsewhere, at, &mut self.chance)?;
        Some((deed, unit, code))
    }

    /// Asks for a command, and waits.
    pub(super) fn send(&mut self, place: usize) {
        let Some(command) = self.callers.commands.get_mut(place) else {
            return;
        };
        command.asked += 1;
        let (asked, unit) = (command.asked, command.unit);
        let now = self.agenda.now();
        self.trace.note(
            now,
            command.name,
            &[place as u64, unit as u64, u64::from(asked)],
        );
        let patience = Callers::patience(asked);
        self.agenda.after(
            patience,
            Happening::Impatient {
                command: place,
                asked,
            },
        );
        if !self.broker.up {
            return;
        }
        let callers = self.places.len() + 1;
        let Some(first) = self
            .network
            .carry(callers, &mut self.chance)
            .first()
            .copied()
        else {
            return;
        };
        for second in self.network.carry(unit, &mut self.chance) {
            self.agenda.after(
                first + second,
                Happening::AtDesk {
                    unit,
                    command: place,
                },
            );
        }
    }

    /// A command reaches its unit.
    pub(super) fn at_desk(&mut self, unit: Node, place: usize) {
        let Some(command) = self.callers.commands.get(place) else {
            return;
        };
        let Some(living) = self.desks.get_mut(unit).and_then(Option::as_mut) else {
            return;
        };
        let out = living.asked(place, command.name, command.sent.clone());
        self.follow(unit, out.into_iter().collect());
        self.settle(unit);
    }

    /// An answer reaches its caller.
    pub(super) fn at_caller(&mut self, unit: Node, place: usize, said: &Said) {
        let now = self.agenda.now();
        let name = self.places.get(unit).map_or("", |place| place.name);
        let (what, sequence) = match said {
            Said::About(answer) => ("followed", answer.sequence),
            Said::Noted(noted) => ("noted", noted.sequence),
            Said::Refused(refused) => (refused.code.as_str(), 0),
            Said::Busy => ("busy", 0),
        };
        self.trace.note(now, what, &[place as u64, sequence]);
        self.trace.tell(now, || format!("  {said:?}"));
        if self.callers.answered(place, name, said) {
            let officer = self.callers.commands.get(place).map(|c| c.officer);
            officer.into_iter().for_each(|officer| self.pause(officer));
        }
    }

    /// A caller has waited long enough: asks again under the same id.
    pub(super) fn impatient(&mut self, place: usize, asked: u32) {
        let waits = self
            .callers
            .commands
            .get(place)
            .is_some_and(|command| command.stands == Stands::Open && command.asked == asked);
        if waits {
            self.send(place);
        }
    }
}
