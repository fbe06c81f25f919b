//! What inbox and feed have in common: taking messages in, judging them, putting them in order,
//! filling gaps from the origin, and acknowledging what the host has recorded.

pub(crate) mod done;
mod gaps;
mod heads;
mod intake;
mod judge;
mod sink;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use async_nats::Message as Plain;
use async_nats::jetstream::Message;
use async_nats::jetstream::message::Acker;
use bytes::Bytes;
use envelope::{Checkpoint, KeyId, KeyRegister, Signed};
use journal::Journal;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tracing::{debug, error, warn};
use uuid::Uuid;

use crate::connect::Connection;
use crate::log::{LogError, Page};
use crate::order::{Line, Order, Placed};
use crate::settings::Timing;
use crate::stop::stopped;
use crate::stream::{EVENT_STREAM, INBOX_STREAM, StreamSettings};
use crate::subject::{self, UnitToken};
use done::{Done, Note, Recorded};
use gaps::Gaps;
use intake::{ConsumerSpec, Intake};
use judge::{Judged, Unfit};
pub(crate) use sink::{Out, Sink};

/// Early messages that may wait on one line. What finds no room is delivered again.
const PARKED_MAX: usize = 1_024;

/// Messages in order that wait for the host; beyond it, no more are taken in.
const READY_MAX: usize = 512;

/// Whose messages these are.
pub(crate) enum Scope {
    /// One unit's deliveries, numbered per sender.
    Inbox { me: UnitToken, journal: Journal },
    /// Everyone's events, numbered per origin and epoch.
    Feed,
}

/// Something on its way to the host.
struct Held {
    /// Its number, when handing it over uses that number up.
    place: Option<(Line, u64)>,
    acker: Option<Acker>,
    what: What,
}

enum What {
    Fit(Signed),
    Unfit {
        from: String,
        bytes: Bytes,
        mark: Option<([u8; 64], KeyId)>,
        reason: String,
    },
    Contact(Checkpoint),
}

/// The task behind an inbox or a feed.
pub(crate) struct Receiver {
    connection: Connection,
    scope: Scope,
    keys: Arc<KeyRegister>,
    sink: Sink,
    intake: Intake,
    order: Order<Held>,
    recorded: Recorded,
    ready: VecDeque<Held>,
    gaps: Gaps,
    notes: mpsc::UnboundedReceiver<Note>,
    notes_in: mpsc::UnboundedSender<Note>,
}

impl Receiver {
    pub(crate) fn new(
        connection: Connection,
        scope: Scope,
        durable: String,
        keys: Arc<KeyRegister>,
        settings: StreamSettings,
        timing: Timing,
        sink: Sink,
    ) -> Receiver {
        let (stream, filter) = match &scope {
            Scope::Inbox { me, .. } => (INBOX_STREAM, subject::inbox_of(me)),
            Scope::Feed => (EVENT_STREAM, subject::EVENTS.to_owned()),
        };
        let spec = ConsumerSpec {
            stream,
            durable,
            filter,
            settings,
            timing,
        };
        let me = match &scope {
            Scope::Inbox { me, .. } => Some(me.clone()),
            Scope::Feed => None,
        };
        let (notes_in, notes) = mpsc::unbounded_channel();
        Receiver {
            intake: Intake::new(&connection, spec),
            gaps: Gaps::new(connection.client.clone(), me, timing.checkpoint),
            connection,
            scope,
            keys,
            sink,
            order: Order::new(PARKED_MAX),
            recorded: Recorded::default(),
            ready: VecDeque::new(),
            notes,
            notes_in,
        }
    }

    /// Starts the lines where the host left off.
    pub(crate) fn begin(&mut self, positions: BTreeMap<(String, Uuid), u64>) {
        for ((origin, epoch), position) in positions {
            let line = Line {
                origin,
                epoch: Some(epoch),
            };
            self.order.begin(&line, position);
            self.recorded.begin(&line, position);
        }
    }

    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut connects = self.connection.connects();
        let mut heads = match self.connection.client.subscribe(subject::CHECKPOINTS).await {
            Ok(heads) => Some(heads),
            Err(error) => {
                error!(%error, "checkpoints of others are not heard; lost tails stay unseen");
                None
            }
        };
        loop {
            if self.ready.len() < READY_MAX {
                self.gaps.start(&mut self.order);
            }
            let wake = self.gaps.wake();
            tokio::select! {
                () = stopped(&mut stop) => return,
                () = self.sink.closed() => return,
                () = self.sink.room(), if !self.ready.is_empty() => self.hand_over(),
                Some(note) = self.notes.recv() => self.note(note).await,
                messages = self.intake.next(), if self.ready.len() < READY_MAX => {
                    for message in messages {
                        self.take(message).await;
                    }
                }
                Some((line, first, result)) = self.gaps.next() => self.fetched(&line, first, result),
                Some(head) = heads::next(&mut heads) => self.head(&head),
                Ok(()) = connects.changed() => self.intake.reopen(),
                () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)),
                    if wake.is_some() => {}
            }
        }
    }

    /// Takes in one message of the stream.
    async fn take(&mut self, message: Message) {
        let (message, acker) = message.split();
        let (subject, headers) = (message.subject.as_str(), message.headers.as_ref());
        let judged = judge::message(&self.scope, &self.keys, subject, headers, &message.payload);
        let Judged {
            from,
            place,
            verdict,
        } = judged;
        if let Some((line, _)) = &place {
            self.know_line(line);
        }
        match (verdict, place) {
            (Ok(fit), Some((line, position))) => {
                if !self.recorded.has(&line, position) {
                    let what = What::Fit(fit.signed);
                    let place = Some((line.clone(), position));
                    // What is handed back is on its way already, or comes again.
                    self.put(
                        &line,
                        position,
                        Held {
                            place,
                            acker: Some(acker),
                            what,
                        },
                    );
                } else if self.is_another(fit.id, &fit.signed.bytes) {
                    let reason = format!(
                        "number {position} of the line from {from} was another event before: the \
                         sender's journal was replaced, or two programs write as {from}"
                    );
                    self.unfit(
                        from,
                        Unfit {
                            mark: Some((fit.signed.signature, fit.signed.key)),
                            bytes: fit.signed.bytes,
                            reason,
                        },
                        acker,
                    );
                } else {
                    acknowledge(&self.connection, acker).await;
                }
            }
            (Err(unfit), place) => {
                // A bad copy says at least that there is something with this number to be had.
                if let Some((line, position)) = place {
                    self.order.know(&line, position);
                }
                self.unfit(from, unfit, acker);
            }
            (Ok(_), None) => debug!(from, "an event without a number"),
        }
    }

    fn put(&mut self, line: &Line, position: u64, held: Held) {
        if let Placed::Ready(ready) = self.order.place(line, position, held) {
            self.ready.extend(ready);
        }
    }

    fn unfit(&mut self, from: String, unfit: Unfit, acker: Acker) {
        let Unfit {
            bytes,
            mark,
            reason,
        } = unfit;
        warn!(from, reason, "a message is not fit to be taken in");
        let what = What::Unfit {
            from,
            bytes,
            mark,
            reason,
        };
        self.ready.push_back(Held {
            place: None,
            acker: Some(acker),
            what,
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

    /// Takes in what an origin gave to fill a gap, as its numbers from `first` on.
    fn fetched(&mut self, line: &Line, first: u64, result: Result<Page, LogError>) {
        let page = match result {
            Ok(page) => page,
            Err(error) => {
                warn!(line = %line.origin, first, %error, "a gap could not be filled yet");
                return self.gaps.failed(line);
            }
        };
        if line.epoch.is_some_and(|epoch| epoch != page.epoch) {
            warn!(line = %line.origin, first, epoch = ?line.epoch, found = %page.epoch,
                "the origin no longer has the epoch in which events are missing");
            return self.gaps.failed(line);
        }
        let empty = page.events.is_empty();
        for (position, event) in (first..).zip(page.events) {
            let judged = judge::page_event(&self.scope, &self.keys, line, position, event);
            let Judged {
                from,
                place,
                verdict,
            } = judged;
            let Some((line, position)) = place else {
                continue;
            };
            self.know_line(&line);
            let what = match verdict {
                Ok(fit) => What::Fit(fit.signed),
                Err(Unfit {
                    bytes,
                    mark,
                    reason,
                }) => {
                    warn!(
                        from,
                        position, reason, "the origin itself gives an unfit event"
                    );
                    What::Unfit {
                        from,
                        bytes,
                        mark,
                        reason,
                    }
                }
            };
            let held = Held {
                place: Some((line.clone(), position)),
                acker: None,
                what,
            };
            self.put(&line, position, held);
        }
        if empty && !page.more {
            self.order.unknow(line);
        }
        if self.order.next(line) > first {
            self.gaps.filled(line);
        } else {
            self.gaps.failed(line);
        }
    }

    /// Hears another unit's checkpoint.
    fn head(&mut self, message: &Plain) {
        let Some(checkpoint) = heads::hear(&self.scope, &self.keys, message) else {
            return;
        };
        let (line, claimed) = heads::claim(&self.scope, &checkpoint);
        if claimed > 0 {
            self.know_line(&line);
            self.gaps.claim(&line, claimed, self.order.next(&line));
        }
        if matches!(self.scope, Scope::Feed) && self.ready.len() < READY_MAX {
            let what = What::Contact(checkpoint);
            self.ready.push_back(Held {
                place: None,
                acker: None,
                what,
            });
        }
    }

    /// Hears what became of a message that was handed over.
    async fn note(&mut self, note: Note) {
        match (note.recorded, note.place) {
            (true, place) => {
                if let Some((line, position)) = place {
                    self.recorded.add(&line, position);
                }
                if let Some(acker) = note.acker {
                    acknowledge(&self.connection, acker).await;
                }
            }
            (false, Some((line, position))) if !self.recorded.has(&line, position) => {
                // Everything after it on the line must come again behind it.
                self.order.begin(&line, self.recorded.upto(&line));
                self.ready
                    .retain(|held| held.place.as_ref().is_none_or(|(other, _)| *other != line));
            }
            (false, _) => {}
        }
    }

    fn hand_over(&mut self) {
        let Some(Held { place, acker, what }) = self.ready.pop_front() else {
            return;
        };
        let position = place.as_ref().map(|(_, position)| *position);
        let line = place.as_ref().map(|(line, _)| line.clone());
        let done = || Done::new(place, acker, &self.notes_in);
        match (what, line, position) {
            (What::Fit(signed), Some(line), Some(position)) => {
                self.sink.send(Out::Event {
                    signed,
                    line,
                    position,
                    done: done(),
                });
            }
            (
                What::Unfit {
                    from,
                    bytes,
                    mark,
                    reason,
                },
                _,
                position,
            ) => {
                self.sink.send(Out::Unfit {
                    from,
                    bytes,
                    mark,
                    position,
                    reason,
                    done: done(),
                });
            }
            (What::Contact(checkpoint), ..) => self.sink.send(Out::Contact(checkpoint)),
            (What::Fit(_), ..) => {}
        }
    }
}

async fn acknowledge(connection: &Connection, acker: Acker) {
    // Without a connection it would only wait; the broker delivers again and is told then.
    if connection.is_connected()
        && let Err(error) = acker.ack().await
    {
        debug!(%error, "an acknowledgement was not sent");
    }
}
