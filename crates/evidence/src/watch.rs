//! Holding every peer to what it showed: the task behind it.
//!
//! ```text
//! checkpoints ─ Ear ─▶ newest of each log ─(interval)─▶ compare ─▶ ask the peer ─▶ shelf ─▶ Findings
//! ```
//!
//! Two roots of one size are found at once. Everything else waits for the interval, so that a busy
//! peer costs one question and one write in it, and only its newest head is asked about.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use envelope::proof::check_consistency;
use envelope::tree::Hash;
use envelope::{Checkpoint, KeyRegister, TreeHead};
use exchange::log::{LogError, prove_consistency};
use exchange::{Connection, UnitToken};
use futures::StreamExt;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use crate::compare::{Kept, LogId, Seen, TwoHistories, Weighed, weigh};
use crate::shelf::{Shelf, ShelfError};

/// Heads that may wait; what finds no room is announced again.
const QUEUE: usize = 256;

/// Peers asked side by side.
const AT_ONCE: usize = 16;

/// Everyone who showed two histories, as far as it was found.
pub type Findings = watch::Receiver<Vec<TwoHistories>>;

/// Where verified checkpoints are told; clones tell the same task.
#[derive(Debug, Clone)]
pub struct Ear(mpsc::Sender<Seen>);

impl Ear {
    /// Tells of a checkpoint that was read with its note. Never waits.
    pub fn hear(&self, checkpoint: &Checkpoint) {
        if let Some(note) = checkpoint.note.clone() {
            let head = checkpoint.tree_head();
            // A full queue loses nothing: the next head says more.
            let _ = self.0.try_send(Seen { head, note });
        }
    }
}

/// The task.
#[derive(Debug)]
pub struct Watch {
    connection: Connection,
    shelf: Arc<Shelf>,
    kept: Kept,
    heard: mpsc::Receiver<Seen>,
    newest: BTreeMap<LogId, Seen>,
    interval: Duration,
    findings: watch::Sender<Vec<TwoHistories>>,
}

/// What became of a question to a peer.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The larger tree begins with the smaller one.
    Holds,
    /// It does not, as the peer says by itself or as its proof shows.
    Broken,
    /// The peer's journal is another one by now and cannot answer any more.
    Over,
    /// Nothing is known yet.
    Open,
}

impl Watch {
    /// A watch whose notes lie in `dir`. Peers are asked over `connection` every `interval`.
    ///
    /// # Errors
    /// [`ShelfError`] when the directory cannot be read.
    pub async fn open(
        dir: PathBuf,
        keys: Arc<KeyRegister>,
        connection: Connection,
        interval: Duration,
    ) -> Result<(Watch, Ear, Findings), ShelfError> {
        let (shelf, kept) = blocking(move || Shelf::open(&dir, &keys)).await?;
        let (ear, heard) = mpsc::channel(QUEUE);
        let (findings, told) = watch::channel(kept.found());
        let watch = Watch {
            connection,
            shelf: Arc::new(shelf),
            kept,
            heard,
            newest: BTreeMap::new(),
            interval,
            findings,
        };
        Ok((watch, Ear(ear), told))
    }

    /// Watches until `stop` turns true.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut round = tokio::time::interval(self.interval);
        round.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return,
                Some(seen) = self.heard.recv() => {
                    self.hear(seen).await;
                    continue;
                }
                _ = round.tick() => {}
            }
            tokio::select! {
                () = stopped(&mut stop) => return,
                () = self.ask_all() => {}
            }
        }
    }

    /// Compares a head with what is known without asking; what has to be asked waits.
    async fn hear(&mut self, seen: Seen) {
        let log = seen.log();
        let waiting = self.newest.get(&log);
        if let Some(other) = waiting.filter(|other| clash(other, &seen)).cloned() {
            return self.contradict(other, seen).await;
        }
        let is_newer = waiting.is_none_or(|other| other.head.size <= seen.head.size);
        let kept = self.kept.head(&log).cloned();
        match weigh(kept.as_ref().map(|kept| &kept.head), &seen.head) {
            Weighed::First => self.keep(seen).await,
            Weighed::Known => {}
            Weighed::Contradicts => {
                if let Some(kept) = kept {
                    self.contradict(kept, seen).await;
                }
            }
            // A head that went back is asked about even where a larger one waits.
            Weighed::Unproved { to, .. } if is_newer || to != seen.head => {
                self.newest.insert(log, seen);
            }
            Weighed::Unproved { .. } => {}
        }
    }

    async fn ask_all(&mut self) {
        let waiting = std::mem::take(&mut self.newest);
        let questions = waiting.into_values().filter_map(|seen| {
            let kept = self.kept.head(&seen.log()).cloned()?;
            match weigh(Some(&kept.head), &seen.head) {
                Weighed::Unproved { from, to } => Some((kept, seen, from, to)),
                _ => None,
            }
        });
        let connection = &self.connection;
        let asked = questions.map(|(kept, seen, from, to)| async move {
            let verdict = ask(connection, &from, &to).await;
            (kept, seen, verdict)
        });
        let asked: Vec<_> = asked.collect();
        let mut answers = futures::stream::iter(asked).buffer_unordered(AT_ONCE);
        let mut judged = Vec::new();
        while let Some(answer) = answers.next().await {
            judged.push(answer);
        }
        drop(answers);
        for (kept, seen, verdict) in judged {
            match verdict {
                Verdict::Holds => self.keep(seen).await,
                Verdict::Broken => self.contradict(kept, seen).await,
                Verdict::Over => {}
                Verdict::Open => {
                    self.newest.entry(seen.log()).or_insert(seen);
                }
            }
        }
    }

    async fn keep(&mut self, seen: Seen) {
        if self.kept.keep(seen.clone()) {
            let shelf = Arc::clone(&self.shelf);
            if let Err(error) = blocking(move || shelf.keep(&seen)).await {
                tracing::error!(%error, "a head is kept in memory only");
            }
        }
    }

    async fn contradict(&mut self, first: Seen, second: Seen) {
        if !self.kept.contradict(first.clone(), second.clone()) {
            return;
        }
        let shelf = Arc::clone(&self.shelf);
        if let Err(error) = blocking(move || shelf.contradict(&first, &second)).await {
            tracing::error!(%error, "a contradiction is kept in memory only");
        }
        let found = self.kept.found();
        for one in &found {
            tracing::error!(unit = one.unit, "{}", one.text());
        }
        self.findings.send_replace(found);
    }
}

fn clash(one: &Seen, other: &Seen) -> bool {
    weigh(Some(&one.head), &other.head) == Weighed::Contradicts
}

async fn ask(connection: &Connection, from: &TreeHead, to: &TreeHead) -> Verdict {
    let Ok(unit) = UnitToken::parse(&to.unit) else {
        return Verdict::Over;
    };
    let client = &connection.client;
    let answer = prove_consistency(client, &unit, to.epoch, from.size, to.size).await;
    judge(from, to, answer)
}

fn judge(from: &TreeHead, to: &TreeHead, answer: Result<Vec<Hash>, LogError>) -> Verdict {
    match answer {
        Ok(proof) => match check_consistency(&proof, from.size, from.root, to.size, to.root) {
            Ok(()) => Verdict::Holds,
            Err(_) => Verdict::Broken,
        },
        // It signed a head with more entries than it has now.
        Err(LogError::Refused { code, .. }) if code == "409" => Verdict::Broken,
        Err(LogError::Refused { code, .. }) if code == "410" || code == "404" => Verdict::Over,
        Err(error) => {
            tracing::debug!(unit = to.unit, %error, "a head is not proved yet");
            Verdict::Open
        }
    }
}

/// Waits until the flag is true, or nobody is left who could set it.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|flag| *flag).await;
}

/// Runs what writes files off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
        // Only a runtime that is shutting down cancels such work; nobody waits for it any more.
        Err(_) => std::future::pending().await,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use envelope::proof::prove_consistency;
    use envelope::tree::{leaf_hash, root, stored_hashes_for};
    use uuid::Uuid;

    /// A unit's tree whose entry number `other` is another one.
    fn grown(size: u64, other: Option<u64>) -> (Vec<Hash>, TreeHead) {
        let mut stored: Vec<Hash> = Vec::new();
        for index in 0..size {
            let leaf = leaf_hash(&[u8::from(other == Some(index)), 7]);
            let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
            let hashes = stored_hashes_for(index, leaf, read).unwrap();
            stored.extend(hashes);
        }
        let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
        let head = TreeHead {
            unit: "T01".into(),
            epoch: Uuid::from_u128(1),
            size,
            root: root(size, read).unwrap(),
        };
        (stored, head)
    }

    fn refused(code: &str) -> Result<Vec<Hash>, LogError> {
        Err(LogError::Refused {
            unit: "T01".into(),
            code: code.into(),
            reason: String::new(),
        })
    }

    #[test]
    fn a_tree_that_grew_is_believed_and_one_that_was_rewritten_is_not() {
        let (_, kept) = grown(5, None);
        for (other, verdict) in [(None, Verdict::Holds), (Some(2), Verdict::Broken)] {
            let (stored, new) = grown(9, other);
            let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
            let proof = prove_consistency(5, 9, read).unwrap();
            assert_eq!(judge(&kept, &new, Ok(proof)), verdict, "{other:?}");
        }
    }

    #[test]
    fn a_peer_that_went_back_is_accused_and_one_that_is_away_or_older_is_not() {
        let ((_, kept), (_, new)) = (grown(5, None), grown(9, None));
        assert_eq!(judge(&kept, &new, refused("409")), Verdict::Broken);
        for code in ["404", "410"] {
            assert_eq!(judge(&kept, &new, refused(code)), Verdict::Over);
        }
        for code in ["400", "500", "503", ""] {
            assert_eq!(judge(&kept, &new, refused(code)), Verdict::Open, "{code}");
        }
        let away = Err(LogError::Away {
            unit: "T01".into(),
            reason: String::new(),
        });
        assert_eq!(judge(&kept, &new, away), Verdict::Open);
    }
}
