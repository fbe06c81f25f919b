//! What is asked of other units to fill a gap.

use uuid::Uuid;

use super::Scope;
use super::gaps::Wanted;
use crate::log::PAGE_EVENTS_MAX;
use crate::order::Gap;
use crate::subject::UnitToken;

/// A question for some events; the answer is a page of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// To `origin`: what it sent to `to`.
    Links {
        /// Whose log is asked.
        origin: String,
        /// The addressee.
        to: UnitToken,
        /// The first number wanted.
        from_link: u64,
        /// At most so many.
        limit: u64,
    },
    /// To `origin`: its own events of one epoch.
    Sequences {
        /// Whose log is asked.
        origin: String,
        /// The epoch.
        epoch: Uuid,
        /// The first number wanted.
        from_sequence: u64,
        /// At most so many.
        limit: u64,
    },
    /// To anyone who holds everybody's events: those of `origin`.
    Held {
        /// Whose events are wanted.
        origin: String,
        /// The epoch.
        epoch: Uuid,
        /// The first number wanted.
        from_sequence: u64,
        /// At most so many.
        limit: u64,
    },
}

impl Question {
    pub(super) fn of(scope: &Scope, wanted: &Wanted) -> Question {
        let Gap { first, last } = wanted.gap;
        let limit = (last - first).saturating_add(1).min(PAGE_EVENTS_MAX);
        let origin = wanted.line.origin.clone();
        // Every line of a feed has an epoch.
        let epoch = wanted.line.epoch.unwrap_or_default();
        match scope {
            Scope::Inbox { me, .. } => Question::Links {
                origin,
                to: me.clone(),
                from_link: first,
                limit,
            },
            Scope::Feed if wanted.holder => Question::Held {
                origin,
                epoch,
                from_sequence: first,
                limit,
            },
            Scope::Feed => Question::Sequences {
                origin,
                epoch,
                from_sequence: first,
                limit,
            },
        }
    }

    /// Whose events are wanted.
    pub fn origin(&self) -> &str {
        match self {
            Question::Links { origin, .. }
            | Question::Sequences { origin, .. }
            | Question::Held { origin, .. } => origin,
        }
    }
}
