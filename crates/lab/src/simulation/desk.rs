//! The process of one unit: a mailbox that thinks, a journal that takes its time, and a mouth that
//! speaks only after the disk. What `unit::host` does with tasks is done here with turns.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use calendar::Moment;
use exchange::inflow::{Handed, Inflow, Scope};
use exchange::settings::Timing;
use journal::{Group, Journal, Options};
use serde_json::value::RawValue;
use unit::command::CommandEnvelope;
use unit::core::{Core, CoreError, Outcome};
use unit::stamp::Stamp;
use uuid::Uuid;

use super::disk::{Disk, Writer};
use super::flaw::Flaw;
use super::level::AtLevel;
use super::mail::{Input, Out, Said, Speech};
use super::post::{Post, Token};
use super::town::{Ground, Place};

/// Inputs that wait for the mailbox; more commands are answered "busy". Far fewer than in a service,
/// so that runs of seconds meet the bound.
const MAILBOX: usize = 5;
/// Groups that wait for the disk before thinking stops.
const UNWRITTEN: usize = 3;

/// A unit while its process runs.
pub(super) struct Living {
    pub(super) core: Core<AtLevel>,
    pub(super) journal: Journal,
    pub(super) post: Post,
    writer: Writer,
    mailbox: VecDeque<Input>,
    thinking: bool,
    sweeping: bool,
    stopping: bool,
    syncing: bool,
    unwritten: VecDeque<(Group, Speech)>,
    staged: VecDeque<Speech>,
    flaw: Flaw,
}

/// What became of a start.
pub(super) enum Started {
    /// It works.
    Working(Box<Living>),
    /// Its journal was restored: it has to learn first how far it had come.
    Restored(Journal, Box<Core<AtLevel>>),
}

/// What a process is started with.
pub(super) struct Start<'a> {
    pub(super) ground: &'a Ground,
    pub(super) place: &'a Place,
    pub(super) disk: &'a Disk,
    pub(super) at: Moment,
    pub(super) chance: u64,
    pub(super) epoch: Uuid,
    pub(super) life: u64,
    pub(super) now: Duration,
    pub(super) flaw: Flaw,
}

impl Living {
    /// Starts a unit over its disk.
    ///
    /// # Errors
    /// When its journal does not open, which no fault here should bring about.
    pub(super) fn start(start: &Start<'_>) -> anyhow::Result<Started> {
        let Start { ground, place, .. } = start;
        let options = Options::new(place.name, start.epoch);
        let (journal, writer) = start.disk.journal(options)?;
        let mut core = Core::new(
            AtLevel(place.level),
            place.id.clone(),
            Arc::clone(&place.key),
            Stamp::told(start.at, start.chance),
            Arc::clone(&ground.catalogue),
            Arc::clone(&ground.calendar),
            journal.clone(),
        )?;
        if journal.restored().is_some() {
            return Ok(Started::Restored(journal, Box::new(core)));
        }
        let scope = Scope::Inbox {
            me: place.token.clone(),
            journal: journal.clone(),
        };
        let timing = Timing::default();
        let inflow = Inflow::new(scope, Arc::clone(&ground.keys), timing);
        let own = Some((&place.token, &journal));
        // What a restored unit has yet to say comes before anything else.
        let closing = core.closing()?.into_iter();
        Ok(Started::Working(Box::new(Self {
            core,
            post: Post::new(own, inflow, (start.life, timing.checkpoint), start.now),
            journal,
            writer,
            mailbox: VecDeque::new(),
            thinking: false,
            sweeping: false,
            stopping: false,
            syncing: false,
            unwritten: closing.map(|group| (group, Speech::Nothing)).collect(),
            staged: VecDeque::new(),
            flaw: start.flaw,
        })))
    }

    /// Whether nothing of this unit waits for its disk.
    pub(super) fn writes_nothing(&self) -> bool {
        self.unwritten.is_empty() && self.staged.is_empty() && !self.syncing
    }

    /// Takes a command in, or says at once that there is no room.
    pub(super) fn asked(
        &mut self,
        command: usize,
        name: &'static str,
        sent: Box<CommandEnvelope<Box<RawValue>>>,
    ) -> Option<Out> {
        if self.stopping || self.mailbox.len() >= MAILBOX {
            return Some(Out::Say(command, Said::Busy));
        }
        self.mailbox.push_back(Input::Command {
            command,
            name,
            sent,
        });
        None
    }

    pub(super) fn tick(&mut self) {
        if !self.stopping {
            self.mailbox.push_back(Input::Tick);
        }
    }

    /// Takes nothing in any more, and ends when everything is said.
    pub(super) fn stop(&mut self) {
        self.stopping = true;
    }

    /// Whether nothing is under way here.
    pub(super) fn is_idle(&self) -> bool {
        let nothing = self.mailbox.is_empty() && self.unwritten.is_empty();
        nothing && self.staged.is_empty() && !self.syncing && self.post.is_quiet()
    }

    /// After anything that happened: what can go on, goes on.
    pub(super) fn settle(&mut self, now: Duration) -> Vec<Out> {
        let mut out = Vec::new();
        while !self.stopping && self.mailbox.len() < MAILBOX {
            let Some(handed) = self.post.hand_over(now) else {
                break;
            };
            if !matches!(handed, Handed::Contact(_)) {
                self.mailbox.push_back(Input::Arrival(Box::new(handed)));
            }
        }
        let ready = self.core.sweep_waits_for();
        if ready.is_some_and(|ready| ready <= self.journal.last_sequence()) && !self.sweeping {
            self.sweeping = true;
            self.mailbox.push_back(Input::Sweep);
        }
        out.extend(
            self.post
                .outgoing(&self.journal, now)
                .into_iter()
                .map(Out::Ask),
        );
        if !self.mailbox.is_empty() && !self.thinking && self.unwritten.len() < UNWRITTEN {
            self.thinking = true;
            out.push(Out::Think);
        }
        if !self.syncing && !self.unwritten.is_empty() {
            self.stage();
            self.syncing = true;
            out.push(Out::Sync);
        }
        let done = self.mailbox.is_empty() && self.staged.is_empty() && !self.thinking;
        if self.stopping && done && !self.syncing {
            out.push(Out::Stopped);
        }
        out
    }

    fn stage(&mut self) {
        for (group, speech) in self.unwritten.drain(..) {
            self.writer.stage(group);
            self.staged.push_back(speech);
        }
    }

    /// One input is thought through at `at`, as this unit's clock shows it.
    pub(super) fn think(&mut self, at: Moment) -> Vec<Out> {
        self.thinking = false;
        self.core.stamp().tell(at);
        let Some(input) = self.mailbox.pop_front() else {
            return Vec::new();
        };
        match self.thought(input, at) {
            Ok(Ok((group, speech))) => self.write(group, speech),
            Ok(Err(said)) => vec![said],
            Err(error) => vec![Out::Wrong(format!(
                "{} cannot go on: {error}",
                self.journal.unit()
            ))],
        }
    }

    fn thought(
        &mut self,
        input: Input,
        at: Moment,
    ) -> Result<Result<(Group, Speech), Out>, CoreError> {
        Ok(Ok(match input {
            Input::Command {
                command,
                name,
                mut sent,
            } => {
                self.flaw.before_command(&mut sent, at);
                match self.core.command(name, &sent)? {
                    Outcome::Followed(group, answer) => {
                        (group, Speech::Answer(command, Said::About(answer)))
                    }
                    Outcome::Noted(group, noted) => {
                        (group, Speech::Answer(command, Said::Noted(noted)))
                    }
                    Outcome::RefusedOnRecord(group, refused) => {
                        (group, Speech::Answer(command, Said::Refused(refused)))
                    }
                    Outcome::Refused(refused) => {
                        return Ok(Err(Out::Say(command, Said::Refused(refused))));
                    }
                }
            }
            Input::Arrival(handed) => self.arrived(*handed)?,
            Input::Tick => (self.core.wake(at)?, Speech::Nothing),
            Input::Sweep => {
                self.sweeping = false;
                (self.core.sweep()?, Speech::Nothing)
            }
        }))
    }

    fn arrived(&mut self, handed: Handed<Token>) -> Result<(Group, Speech), CoreError> {
        Ok(match handed {
            Handed::Event {
                signed,
                line,
                position,
                receipt,
            } => {
                let mut group = self.core.arrived(signed, &line.origin, position)?;
                self.flaw.after_arrival(&mut group);
                (group, Speech::Recorded(receipt))
            }
            Handed::Unfit { unfit, receipt } => {
                let signature = unfit.signature.zip(unfit.key);
                let (from, reason) = (&unfit.from, unfit.reason);
                let group = self
                    .core
                    .unfit(&unfit.bytes, signature, from, unfit.position, reason);
                (group, Speech::Recorded(receipt))
            }
            Handed::Contact(_) => (Group::default(), Speech::Nothing),
        })
    }

    fn write(&mut self, group: Group, speech: Speech) -> Vec<Out> {
        let nothing = group.entries.is_empty() && group.notes.is_empty();
        if nothing && matches!(speech, Speech::Nothing) {
            return Vec::new();
        }
        if self.flaw == Flaw::SpeaksBeforeTheDisk {
            let out = self.speak(speech);
            self.unwritten.push_back((group, Speech::Nothing));
            return out;
        }
        self.unwritten.push_back((group, speech));
        Vec::new()
    }

    fn speak(&mut self, speech: Speech) -> Vec<Out> {
        match speech {
            Speech::Answer(command, said) => vec![Out::Say(command, said)],
            Speech::Recorded(receipt) => {
                self.post.noted(receipt, true);
                Vec::new()
            }
            Speech::Nothing => Vec::new(),
        }
    }

    /// The disk has kept what was staged, or is full.
    pub(super) fn synced(&mut self, now: Duration) -> Vec<Out> {
        self.syncing = false;
        let Ok(results) = self.writer.sync() else {
            return vec![Out::DiskFull];
        };
        let mut out = Vec::new();
        let staged = std::mem::take(&mut self.staged);
        for (result, speech) in results.into_iter().zip(staged) {
            match result {
                Ok(_) => out.extend(self.speak(speech)),
                Err(error) => out.push(Out::Wrong(format!(
                    "the journal of {} refused what its unit wrote: {error}",
                    self.journal.unit()
                ))),
            }
        }
        self.post.durable(self.journal.size(), now);
        out
    }

    /// Power is lost while the disk works: what it was given may be on it all the same.
    pub(super) fn cut_off(mut self, kept: bool) {
        if kept && self.syncing {
            // Nobody is told either way.
            let _ = self.writer.sync();
        }
    }
}
