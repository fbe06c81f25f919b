//! What inbox and feed do with what comes: judging it, putting it in order, asking for what is
//! missing, handing it over, and acknowledging what the host has recorded. Pure: no broker, no
//! waiting and no clock; time is an argument, counted from any fixed start.

mod answers;
mod gaps;
mod heads;
mod held;
mod judge;
mod question;
mod recorded;
mod standing;
mod watchdog;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use envelope::KeyRegister;
use journal::Journal;
use tracing::{debug, error, warn};
use uuid::Uuid;

use crate::order::{Line, Order, Placed};
use crate::parcel::Parcel;
use crate::settings::Timing;
use crate::subject::UnitToken;
use gaps::Gaps;
pub use held::{Handed, Receipt, Unfit};
use held::{Held, What};
use judge::{Judge, Judged};
pub use question::Question;
use recorded::Recorded;
use watchdog::Watchdog;

/// Early messages that may wait on one line.
const PARKED_MAX: usize = 1_024;

/// Early messages that may wait on all lines: half of what may be unacknowledged at once
/// ([`crate::receive::ACK_PENDING_MAX`]), so that lines with gaps never use up the room of those
/// without. What finds no room is declined and read from its origin.
const ALL_PARKED_MAX: usize = 8_192;

/// Messages in order that wait for the host; beyond it, no more are taken in.
const READY_MAX: usize = 512;

/// Messages that the host may have without having said what became of them. More than any host
/// works on at once; it also bounds the way back.
pub const RECEIPTS_MAX: usize = 4_096;

/// Whose messages these are.
#[derive(Debug)]
pub enum Scope {
    /// One unit's deliveries, numbered per sender.
    Inbox {
        /// The addressee.
        me: UnitToken,
        /// Its journal, which says how far each sender's line has been recorded.
        journal: Journal,
    },
    /// Everyone's events, numbered per origin and epoch.
    Feed,
}

/// What is to be done with the broker and with other units. `T` is how the broker recognises one
/// delivery.
#[derive(Debug)]
pub enum Step<T> {
    /// It is on disk: the broker may forget it.
    Acknowledge(T),
    /// There is no room for it, and it will be read from its origin: the broker must not deliver
    /// it again. Left with the broker it would take the room of others' messages.
    Decline(T),
    /// Ask this; answered by [`Inflow::answered`].
    Ask {
        /// The number of this question.
        number: u64,
        /// Whom, and for what.
        question: Question,
    },
    /// The broker's consumer is silent although messages exist.
    Rebuild {
        /// False: ask it anew. True: that did not help, delete it and make it anew.
        afresh: bool,
    },
}

/// Decides what a receiver does.
#[derive(Debug)]
pub struct Inflow<T> {
    scope: Scope,
    judge: Judge,
    order: Order<Held<T>>,
    recorded: Recorded,
    ready: VecDeque<Held<T>>,
    /// Messages whose receipt the host has.
    outstanding: usize,
    gaps: Gaps,
    watchdog: Watchdog,
    steps: VecDeque<Step<T>>,
    /// When each origin was last heard.
    heard: BTreeMap<String, Duration>,
}

impl<T> Inflow<T> {
    /// Takes in what verifies under `keys`.
    pub fn new(scope: Scope, keys: Arc<KeyRegister>, timing: Timing) -> Inflow<T> {
        let mut inflow = Inflow {
            scope,
            judge: Judge::new(keys),
            order: Order::new(PARKED_MAX, ALL_PARKED_MAX),
            recorded: Recorded::default(),
            ready: VecDeque::new(),
            outstanding: 0,
            gaps: Gaps::new(timing.checkpoint),
            watchdog: Watchdog::new(timing.checkpoint),
            steps: VecDeque::new(),
            heard: BTreeMap::new(),
        };
        inflow.begin_known();
        inflow
    }

    /// Starts the lines of a feed where the host left off: per origin and epoch, the last sequence
    /// that was recorded.
    pub fn begin(&mut self, positions: BTreeMap<(String, Uuid), u64>) {
        for ((origin, epoch), position) in positions {
            let line = Line {
                origin,
                epoch: Some(epoch),
            };
            self.order.begin(&line, position);
            self.recorded.begin(&line, position);
        }
    }

    /// Takes in one message of the stream; only while [`Inflow::takes_in`].
    pub fn message(&mut self, parcel: &Parcel, token: T, now: Duration) {
        self.watchdog.heard(now);
        let Judged { place, verdict } = self.judge.message(&self.scope, parcel);
        if let Some((line, _)) = &place {
            self.know_line(line);
            self.heard.insert(line.origin.clone(), now);
        }
        match (verdict, place) {
            (Ok(fit), Some((line, position))) => {
                if !self.recorded.has(&line, position) {
                    self.put(
                        &line,
                        position,
                        Held {
                            place: Some((line.clone(), position)),
                            token: Some(token),
                            what: What::Fit(fit.signed),
                        },
                    );
                } else if self.is_another(fit.id, &fit.signed.bytes) {
                    let from = &line.origin;
                    let reason = format!(
                        "number {position} of the line from {from} was another event before: the \
                         sender's journal was replaced, or two programs write as {from}"
                    );
                    let unfit = Unfit {
                        from: line.origin,
                        bytes: fit.signed.bytes,
                        signature: Some(fit.signed.signature),
                        key: Some(fit.signed.key),
                        epoch: None,
                        position: None,
                        reason,
                    };
                    self.set_aside(unfit, token);
                } else {
                    self.steps.push_back(Step::Acknowledge(token));
                }
            }
            (Err(unfit), place) => {
                // A bad copy says at least that there is something with this number to be had.
                if let Some((line, position)) = place {
                    self.order.know(&line, position);
                }
                self.set_aside(unfit, token);
            }
            (Ok(_), None) => debug!("an event without a number"),
        }
    }

    /// Hears another unit's checkpoint.
    pub fn checkpoint(&mut self, parcel: &Parcel, now: Duration) {
        let Some(checkpoint) = heads::hear(&self.scope, &self.judge, parcel) else {
            return;
        };
        self.heard.insert(checkpoint.unit.clone(), now);
        for (line, claimed) in heads::claims(&self.scope, &checkpoint) {
            self.know_line(&line);
            let next = self.order.next(&line);
            self.gaps.claim(&line, claimed, next, now);
        }
        if self.takes_in() {
            self.ready.push_back(Held {
                place: None,
                token: None,
                what: What::Contact(checkpoint),
            });
        }
    }

    /// Hears what became of a message that was handed over: `recorded`, it is durable; otherwise
    /// it is handed over again, and everything after it on its line behind it.
    pub fn noted(&mut self, receipt: Receipt<T>, recorded: bool) {
        let Receipt {
            place,
            number,
            token,
        } = receipt;
        self.outstanding = self.outstanding.saturating_sub(1);
        match (recorded, place) {
            (true, place) => {
                if let Some((line, position)) = place {
                    self.recorded.add(&line, position);
                }
                self.steps.extend(token.map(Step::Acknowledge));
            }
            (false, Some((line, position))) => {
                // What was handed over before it is still the host's.
                if self.recorded.drop(&line, position, number) {
                    self.order.begin(&line, position - 1);
                    self.ready
                        .retain(|held| held.place.as_ref().is_none_or(|(other, _)| *other != line));
                }
            }
            // The broker delivers it again.
            (false, None) => {}
        }
    }

    /// What to do next; ask until there is nothing, after every input and when [`Inflow::wake`]
    /// has come.
    pub fn poll(&mut self, now: Duration) -> Option<Step<T>> {
        if let Some(step) = self.steps.pop_front() {
            return Some(step);
        }
        if !self.takes_in() {
            self.watchdog.excused(now);
        }
        for claimed in self.gaps.ripen(&mut self.order, now) {
            self.watchdog.missed(claimed, now);
        }
        if let Some(afresh) = self.watchdog.wanted() {
            warn!(afresh, "the broker's consumer is silent; rebuilding it");
            return Some(Step::Rebuild { afresh });
        }
        if !self.takes_in() {
            return None;
        }
        let wanted = self.gaps.next(&self.order, now)?;
        let number = wanted.number;
        let question = Question::of(&self.scope, &wanted);
        Some(Step::Ask { number, question })
    }

    /// The next message for the host, when it has room; none while there is nothing for it, or
    /// while it owes too many receipts.
    pub fn hand_over(&mut self) -> Option<Handed<T>> {
        while self.waits_to_hand_over() {
            let Held { place, token, what } = self.ready.pop_front()?;
            let recorded = |(line, position): &(Line, u64)| self.recorded.has(line, *position);
            if place.as_ref().is_some_and(recorded) {
                self.steps.extend(token.map(Step::Acknowledge));
                continue;
            }
            let (place, what) = match self.revoked(&place, &what) {
                Some(unfit) => (None, What::Unfit(unfit)),
                None => (place, what),
            };
            let number = match &place {
                Some((line, position)) => self.recorded.hand(line, *position),
                None => 0,
            };
            let at = place.clone();
            let receipt = Receipt {
                place,
                number,
                token,
            };
            let handed = match (what, at) {
                (What::Contact(checkpoint), _) => return Some(Handed::Contact(checkpoint)),
                (What::Unfit(unfit), _) => Handed::Unfit { unfit, receipt },
                (What::Fit(signed), Some((line, position))) => Handed::Event {
                    signed,
                    line,
                    position,
                    receipt,
                },
                // Events without a number are never made ready.
                (What::Fit(_), None) => continue,
            };
            self.outstanding += 1;
            return Some(handed);
        }
        None
    }

    /// True when [`Inflow::hand_over`] has something.
    pub fn waits_to_hand_over(&self) -> bool {
        !self.ready.is_empty() && self.outstanding < RECEIPTS_MAX
    }

    /// False while enough waits for the host: give no messages until it took some.
    pub fn takes_in(&self) -> bool {
        self.ready.len() < READY_MAX
    }

    /// When there is something to do without any input.
    pub fn wake(&self) -> Option<Duration> {
        if !self.steps.is_empty() {
            return Some(Duration::ZERO);
        }
        self.takes_in().then(|| self.gaps.wake()).flatten()
    }

    fn put(&mut self, line: &Line, position: u64, held: Held<T>) {
        match self.order.place(line, position, held) {
            Placed::Ready(ready) => self.ready.extend(ready),
            Placed::Full(held) => self.steps.extend(held.token.map(Step::Decline)),
            // It is on its way already; when it comes again it is recorded.
            Placed::Parked | Placed::Late(_) | Placed::Twin(_) => {}
        }
    }

    /// Why an event that was verified is not fit any more, if so: its key may have been revoked while
    /// it waited for its turn. Its number goes back to its line, to be asked for.
    fn revoked(&mut self, place: &Option<(Line, u64)>, what: &What) -> Option<Unfit> {
        let (Some((line, position)), What::Fit(signed)) = (place, what) else {
            return None;
        };
        let limit = self.judge.keys().still_signs(signed).err()?;
        let before = std::mem::take(&mut self.ready);
        self.order.begin(line, position.saturating_sub(1));
        for held in before {
            match held.place.clone() {
                Some((of, later)) if of == *line => self.put(line, later, held),
                _ => self.ready.push_back(held),
            }
        }
        let (from, reason) = (&line.origin, limit.to_string());
        warn!(from, reason, "a message is not fit to be taken in any more");
        Some(Unfit {
            from: line.origin.clone(),
            bytes: signed.bytes.clone(),
            signature: Some(signed.signature),
            key: Some(signed.key.clone()),
            epoch: None,
            position: None,
            reason,
        })
    }

    fn set_aside(&mut self, unfit: Unfit, token: T) {
        let (from, reason) = (&unfit.from, &unfit.reason);
        warn!(from, reason, "a message is not fit to be taken in");
        self.ready.push_back(Held {
            place: None,
            token: Some(token),
            what: What::Unfit(unfit),
        });
    }

    /// True when the host has recorded another event under this number.
    fn is_another(&self, id: Uuid, bytes: &Bytes) -> bool {
        let Scope::Inbox { journal, .. } = &self.scope else {
            return false;
        };
        let known = journal.contains(&id).and_then(|known| {
            let kept = |all: Vec<journal::Quarantined>| all.iter().any(|one| one.bytes == *bytes);
            Ok(known || journal.quarantined().map(kept)?)
        });
        match known {
            Ok(known) => !known,
            Err(error) => {
                error!(%error, "the own journal could not be read");
                false
            }
        }
    }

    /// Starts a line that was never heard of where the journal left off.
    fn know_line(&mut self, line: &Line) {
        if !self.order.has(line) {
            let position = match &self.scope {
                Scope::Inbox { journal, .. } => journal.received_position(&line.origin),
                Scope::Feed => 0,
            };
            self.order.begin(line, position);
            self.recorded.begin(line, position);
        }
    }
}
