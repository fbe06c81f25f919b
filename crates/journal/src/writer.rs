//! The one thread that writes.
//!
//! Groups that wait together share one transaction, one flush and one sync; every caller is
//! answered after the sync. Whatever fails on the way to the disk ends the process: the kernel may
//! report a failed sync once and then forget the pages, so that a second try would lie.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sled::Db;
use tokio::sync::{mpsc, oneshot};

use crate::check::Staging;
use crate::group::{AppendError, Appended, Group};
use crate::mark::{Mark, MarkFile};
use crate::meta;
use crate::open;
use crate::recovery::{self, RecoverError, Resume, Resumed};
use crate::shared::Shared;
use crate::state::State;
use crate::trees::Trees;

/// Most groups in one transaction.
const ROUND_GROUPS: usize = 256;
/// Bytes of events and quarantine after which a transaction takes no further group.
const ROUND_BYTES: usize = 1 << 20;

pub(crate) type Reply = oneshot::Sender<Result<Appended, AppendError>>;

pub(crate) enum Message {
    Append(Group, Reply),
    /// Like `Append`, but for a restored journal, and only for one.
    TakeBack(Group, Reply),
    Resume(Resume, Resumed),
    /// A cursor moved; nobody waits for it.
    Cursors,
}

pub(crate) struct Writer {
    pub(crate) db: Db,
    pub(crate) trees: Trees,
    pub(crate) state: State,
    pub(crate) mark: MarkFile,
    pub(crate) log_file: File,
    pub(crate) shared: Arc<Shared>,
}

impl Writer {
    /// Works until every sender is gone and everything sent is durable.
    pub(crate) fn run(mut self, mut queue: mpsc::Receiver<Message>) {
        let unit = self.state.unit.clone();
        let work = AssertUnwindSafe(|| {
            while let Some(first) = queue.blocking_recv() {
                let Round { groups, resume } = gather(first, &mut queue);
                self.round(groups);
                if let Some((resume, reply)) = resume {
                    // Nobody need wait for the answer.
                    let _ = reply.send(self.resume(resume));
                }
            }
            self.write_cursors();
            self.sync();
        });
        if catch_unwind(work).is_err() {
            stop(&unit, "the writer panicked", &"see the message above");
        }
    }

    fn round(&mut self, groups: Vec<Waiting>) {
        let restored = self.state.restored.is_some();
        let mut staging = Staging::new(&self.trees, &mut self.state);
        let answers: Vec<_> = groups
            .into_iter()
            .map(|Waiting { group, back, reply }| match (restored, back) {
                (true, false) => (reply, Err(AppendError::Restored)),
                (false, true) => (reply, Err(AppendError::NotRestored)),
                _ => (reply, staging.stage(&group)),
            })
            .collect();
        if staging.touched() {
            if let Err(error) = staging.hash() {
                stop(&self.shared.unit, "reading the tree hashes", &error);
            }
            let Staging { batches, notes, .. } = staging;
            if let Err(error) = self.shared.hide(&self.trees, notes) {
                stop(
                    &self.shared.unit,
                    "reading the notes to be replaced",
                    &error,
                );
            }
            if let Err(error) = self.trees.commit(&batches) {
                stop(&self.shared.unit, "writing a group", &error);
            }
            self.write_cursors();
            self.sync();
            self.publish();
        } else {
            self.write_cursors();
        }
        for (reply, answer) in answers {
            // Nobody need wait for the answer.
            let _ = reply.send(answer);
        }
    }

    fn resume(&mut self, resume: Resume) -> Result<(), RecoverError> {
        let batch = recovery::resume(&mut self.state, resume)?;
        if let Err(error) = meta::write(&self.trees, batch) {
            stop(&self.shared.unit, "writing how the journal goes on", &error);
        }
        self.sync();
        self.publish();
        Ok(())
    }

    fn write_cursors(&self) {
        for (name, value) in self.shared.moved_cursors() {
            if let Err(error) = self.trees.cursors.insert(name.as_bytes(), value) {
                stop(&self.shared.unit, "writing a cursor", &error);
            }
        }
    }

    /// sled's flush on Linux is `sync_file_range`, which survives a killed process but not a power
    /// cut; the sync of our own handle makes the same file durable.
    fn sync(&self) {
        if let Err(error) = self.db.flush() {
            stop(&self.shared.unit, "flushing", &error);
        }
        if let Err(error) = self.log_file.sync_data() {
            stop(&self.shared.unit, "syncing", &error);
        }
    }

    fn publish(&self) {
        let root = match open::root(&self.trees, self.state.entries) {
            Ok(root) => root,
            Err(error) => stop(&self.shared.unit, "computing the root", &error),
        };
        let mark = Mark {
            entries: self.state.entries,
            own: self.state.own,
            root,
        };
        if let Err(error) = self.mark.write(&mark) {
            stop(
                &self.shared.unit,
                "writing the acknowledgement mark",
                &error,
            );
        }
        self.shared.publish(&self.state, root);
    }
}

/// What was sent to the writer and is handled at once.
struct Round {
    groups: Vec<Waiting>,
    /// Comes after the groups; what is sent after it may be allowed by it and has to wait.
    resume: Option<(Resume, Resumed)>,
}

struct Waiting {
    group: Group,
    /// Whether the group is taken back into a restored journal.
    back: bool,
    reply: Reply,
}

fn gather(first: Message, queue: &mut mpsc::Receiver<Message>) -> Round {
    let mut round = Round {
        groups: Vec::new(),
        resume: None,
    };
    let mut bytes = 0;
    let mut next = Some(first);
    while let Some(message) = next {
        let back = matches!(message, Message::TakeBack(..));
        match message {
            Message::Append(group, reply) | Message::TakeBack(group, reply) => {
                let entries = group.entries.iter().map(|e| e.signed.bytes.len());
                bytes += entries.sum::<usize>();
                let quarantined = group.quarantined.iter().map(|q| q.bytes.len());
                bytes += quarantined.sum::<usize>();
                round.groups.push(Waiting { group, back, reply });
            }
            Message::Resume(resume, reply) => {
                round.resume = Some((resume, reply));
                break;
            }
            Message::Cursors => {}
        }
        if round.groups.len() >= ROUND_GROUPS || bytes >= ROUND_BYTES {
            break;
        }
        next = queue.try_recv().ok();
    }
    round
}

fn stop(unit: &str, what: &str, error: &dyn std::fmt::Display) -> ! {
    tracing::error!(
        unit,
        "journal: {what} failed: {error}; the process ends so that nothing unsaved is \
         acknowledged; remove the cause (disk full, disk failing) and start again"
    );
    std::process::abort()
}
