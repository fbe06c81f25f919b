//! Officers: each does one thing after the other, asks again until it is answered, and writes down
//! every answer.

use std::collections::BTreeSet;
use std::time::Duration;

use calendar::Moment;
use dossier::ids::{DossierCode, OfficerId};
use dossier::status::Status;
use serde_json::value::{RawValue, to_raw_value};
use unit::command::CommandEnvelope;

use super::chance::Chance;
use super::deeds::Deed;
use super::mail::Said;
use crate::seen::{Acknowledged, Tallies};

/// How long an officer waits for an answer before asking again.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// The longest such wait: each is longer than the one before.
const PATIENCE_MAX: Duration = Duration::from_secs(8);

/// How a command stands in its caller's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Not answered yet.
    Open,
    Followed,
    Refused,
}

/// A command with its caller.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) name: &'static str,
    /// The unit that is asked, by its place in the town.
    pub(super) unit: usize,
    pub(super) sent: Box<CommandEnvelope<Box<RawValue>>>,
    pub(super) officer: usize,
    pub(super) stands: Stands,
    /// How often it was asked.
    pub(super) asked: u32,
    /// Refused at least once: an answer that was lost may have said otherwise.
    pub(super) doubtful: bool,
}

/// Everyone who asks for anything.
#[derive(Debug, Default)]
pub(super) struct Callers {
    pub(super) commands: Vec<Command>,
    pub(super) acknowledged: Vec<Acknowledged>,
    /// Dossiers that callers were told of.
    pub(super) dossiers: Vec<DossierCode>,
    pub(super) busy: u64,
    received: BTreeSet<DossierCode>,
    returned: BTreeSet<DossierCode>,
}

impl Callers {
    /// A new command; gives its place.
    pub(super) fn command(
        &mut self,
        deed: Deed,
        unit: usize,
        dossier: Option<DossierCode>,
        (officer, at): (usize, Option<Moment>),
        chance: &mut Chance,
    ) -> anyhow::Result<usize> {
        let (name, data) = deed;
        self.commands.push(Command {
            name,
            unit,
            sent: Box::new(CommandEnvelope {
                id: chance.id(),
                officer: OfficerId::parse(&format!("cb-{officer:02}"))?,
                at,
                dossier,
                data: to_raw_value(&data)?,
            }),
            officer,
            stands: Stands::Open,
            asked: 0,
            doubtful: false,
        });
        Ok(self.commands.len() - 1)
    }

    /// Commands that are not answered yet.
    pub(super) fn open(&self) -> usize {
        let open = |command: &&Command| command.stands == Stands::Open;
        self.commands.iter().filter(open).count()
    }

    /// How long the caller waits after having asked so often.
    pub(super) fn patience(asked: u32) -> Duration {
        (PATIENCE * asked.clamp(1, 4)).min(PATIENCE_MAX)
    }

    /// An answer came; says whether its officer may go on to something else.
    pub(super) fn answered(&mut self, place: usize, unit: &str, said: &Said) -> bool {
        let Some(command) = self.commands.get_mut(place) else {
            return false;
        };
        let was_open = command.stands == Stands::Open;
        let (epoch, sequence, events, dossier) = match said {
            Said::Busy => {
                self.busy += 1;
                return false;
            }
            Said::Refused(_) => {
                if was_open {
                    command.stands = Stands::Refused;
                }
                command.doubtful = true;
                return was_open;
            }
            Said::About(answer) => {
                let code = &answer.dossier;
                if !self.dossiers.contains(code) {
                    self.dossiers.push(code.clone());
                }
                if command.name == "receive" {
                    self.received.insert(code.clone());
                }
                if answer.status == Status::ResultReturned {
                    self.returned.insert(code.clone());
                }
                (
                    answer.epoch,
                    answer.sequence,
                    &answer.events,
                    Some(code.to_string()),
                )
            }
            Said::Noted(noted) => (noted.epoch, noted.sequence, &noted.events, None),
        };
        command.stands = Stands::Followed;
        self.acknowledged.push(Acknowledged {
            command: command.sent.id,
            name: command.name.to_owned(),
            unit: unit.to_owned(),
            dossier,
            epoch,
            sequence,
            events: events.clone(),
        });
        was_open
    }

    /// What the answers add up to.
    pub(super) fn told(&self) -> Tallies {
        Tallies {
            received: self.received.len() as u64,
            ended: self.returned.len() as u64,
        }
    }

    /// Distinct commands that were acknowledged.
    pub(super) fn followed(&self) -> u64 {
        let followed = |command: &&Command| command.stands == Stands::Followed;
        self.commands.iter().filter(followed).count() as u64
    }

    /// Commands whose refusal may not have been the last word: asked once more at the end, so that
    /// nothing counts as refused that was followed.
    pub(super) fn doubtful(&mut self) -> Vec<usize> {
        let mut places = Vec::new();
        for (place, command) in self.commands.iter_mut().enumerate() {
            if std::mem::take(&mut command.doubtful) && command.stands == Stands::Refused {
                command.stands = Stands::Open;
                places.push(place);
            }
        }
        places
    }

    /// A command that was followed, to be asked for again long afterwards.
    pub(super) fn stale(&self, chance: &mut Chance) -> Option<usize> {
        let followed = |(place, command): (usize, &Command)| {
            (command.stands == Stands::Followed).then_some(place)
        };
        let places: Vec<usize> = self
            .commands
            .iter()
            .enumerate()
            .filter_map(followed)
            .collect();
        chance.one_of(&places).copied()
    }
}
