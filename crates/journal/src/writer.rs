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

use crate::check::{Staging, State};
use crate::group::{AppendError, Appended, Group};
use crate::journal::Shared;
use crate::mark::{Mark, MarkFile};
use crate::open;
use crate::trees::Trees;

/// Most groups in one transaction.
const ROUND_GROUPS: usize = 256;
/// Bytes of events and quarantine after which a transaction takes no further group.
const ROUND_BYTES: usize = 1 << 20;

pub(crate) type Reply = oneshot::Sender<Result<Appended, AppendError>>;

pub(crate) enum Message {
    Append(Group, Reply),
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
                self.round(gather(first, &mut queue));
            }
            self.write_cursors();
            self.sync();
        });
        if catch_unwind(work).is_err() {
            stop(&unit, "the writer panicked", &"see the message above");
        }
    }

    fn round(&mut self, groups: Vec<(Group, Reply)>) {
        let mut staging = Staging::new(&self.trees, &mut self.state);
        let answers: Vec<_> = groups
            .into_iter()
            .map(|(group, reply)| (reply, staging.stage(&group)))
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
            sequence: self.state.sequence,
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

fn gather(first: Message, queue: &mut mpsc::Receiver<Message>) -> Vec<(Group, Reply)> {
    let mut groups = Vec::new();
    let mut bytes = 0;
    let mut next = Some(first);
    while let Some(message) = next {
        if let Message::Append(group, reply) = message {
            bytes += group
                .entries
                .iter()
                .map(|e| e.signed.bytes.len())
                .sum::<usize>();
            bytes += group
                .quarantined
                .iter()
                .map(|q| q.bytes.len())
                .sum::<usize>();
            groups.push((group, reply));
        }
        if groups.len() >= ROUND_GROUPS || bytes >= ROUND_BYTES {
            break;
        }
        next = queue.try_recv().ok();
    }
    groups
}

fn stop(unit: &str, what: &str, error: &dyn std::fmt::Display) -> ! {
    tracing::error!(
        unit,
        "journal: {what} failed: {error}; the process ends so that nothing unsaved is \
         acknowledged; remove the cause (disk full, disk failing) and start again"
    );
    std::process::abort()
}
