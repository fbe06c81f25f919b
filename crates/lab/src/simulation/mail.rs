//! What goes in and out of a process: inputs of a mailbox, words for callers, and everything else
//! that a turn leads to.

use exchange::inflow::{Handed, Receipt};
use serde_json::value::RawValue;
use unit::answer::{Answer, Noted, Refused};
use unit::command::CommandEnvelope;

use super::post::{Ask, Token};

/// What reaches a mailbox.
#[derive(Debug)]
pub(super) enum Input {
    Command {
        command: usize,
        name: &'static str,
        sent: Box<CommandEnvelope<Box<RawValue>>>,
    },
    Arrival(Box<Handed<Token>>),
    Tick,
    Sweep,
}

/// What a caller hears.
#[derive(Debug, Clone)]
pub(super) enum Said {
    About(Answer),
    Noted(Noted),
    Refused(Refused),
    Busy,
}

/// What is to be said once a group is durable.
#[derive(Debug)]
pub(super) enum Speech {
    Answer(usize, Said),
    Recorded(Receipt<Token>),
    Nothing,
}

/// What a turn leads to outside.
#[derive(Debug)]
pub(super) enum Out {
    Ask(Ask),
    Say(usize, Said),
    /// Take the next input when this one is thought through.
    Think,
    /// The disk is asked to keep what is staged.
    Sync,
    /// Everything taken in is said: the process ends.
    Stopped,
    /// The disk is full: the process ends.
    DiskFull,
    /// What must never happen.
    Wrong(String),
}
