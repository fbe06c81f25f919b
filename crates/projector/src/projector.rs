//! The projector itself: its journal, and the state that it brings forward out of it. What it answers
//! is in `answering`.

mod answering;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use envelope::{Checkpoint, KeyRegister};
use evidence::{Ear, Findings, TwoHistories};
use exchange::status::InboxStatus;
use tokio::sync::watch;

use crate::answer::Comparison;
use crate::clock::Clock;
use crate::contact::Contacts;
use crate::directory::Directory;
use crate::rebuild;
use crate::state::State;
use crate::store::{Arrival, Store, StoreError};
use answering::Reported;

/// A projector. Clones share it.
#[derive(Debug, Clone)]
pub struct Projector(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    state: RwLock<State>,
    /// Held by whoever brings the state forward, so that a rebuilt state takes the place of one
    /// that covers exactly as much.
    pen: Mutex<()>,
    /// Held while rebuilding for a query: one at a time, since each takes memory and minutes.
    rebuilding: Mutex<()>,
    /// The latest report that took more than one page.
    reported: Mutex<Option<Reported>>,
    contacts: Mutex<Contacts>,
    directory: Directory,
    clock: Clock,
    connected: AtomicBool,
    /// Whose signatures count when something in quarantine is judged again.
    keys: OnceLock<Arc<KeyRegister>>,
    /// How far the feed has come, once there is one.
    feed: OnceLock<watch::Receiver<InboxStatus>>,
    /// Who is told of checkpoints, and what was found in them.
    watch: OnceLock<(Ear, Findings)>,
    /// Held while something in quarantine is judged again.
    retrying: tokio::sync::Mutex<()>,
    entries: watch::Sender<u64>,
}

impl Projector {
    /// A projector over `store`, its state rebuilt from it. Origins are to say where they stand
    /// every `interval`. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when an entry cannot be read.
    pub fn open(
        store: Store,
        directory: Directory,
        interval: Duration,
    ) -> Result<Self, StoreError> {
        let state = rebuild::from_zero(&store, store.entries(), None)?;
        let entries = watch::Sender::new(state.entries());
        Ok(Self(Arc::new(Inner {
            store,
            state: RwLock::new(state),
            pen: Mutex::new(()),
            rebuilding: Mutex::new(()),
            reported: Mutex::new(None),
            contacts: Mutex::new(Contacts::new(interval)),
            directory,
            clock: Clock::default(),
            connected: AtomicBool::new(false),
            keys: OnceLock::new(),
            feed: OnceLock::new(),
            watch: OnceLock::new(),
            retrying: tokio::sync::Mutex::new(()),
            entries,
        })))
    }

    /// Its journal.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Its clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// How many events the state covers, to be awaited by whoever wants to see it move.
    pub fn entries(&self) -> watch::Receiver<u64> {
        self.0.entries.subscribe()
    }

    /// The state as it is now, for reading. It does not move while this is held.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes arrivals down, durably, and brings the state forward.
    ///
    /// # Errors
    /// [`StoreError`]: then nothing of them may be acknowledged.
    pub async fn take(&self, arrivals: Vec<Arrival>) -> Result<(), StoreError> {
        let new = self.0.store.append(arrivals).await?;
        if new == 0 {
            return Ok(());
        }
        let me = self.clone();
        blocking(move || me.catch_up()).await
    }

    /// Brings the state forward to the end of the journal. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when an entry cannot be read; the state stays as it was.
    pub fn catch_up(&self) -> Result<(), StoreError> {
        let _pen = self.0.pen.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, upto) = (self.state().entries(), self.0.store.entries());
        if from < upto {
            let change = rebuild::change(&self.0.store, from, upto)?;
            change.apply(&mut self.0.state.write().unwrap_or_else(PoisonError::into_inner));
            self.0.entries.send_replace(upto);
        }
        Ok(())
    }

    /// A verified checkpoint of an origin came.
    pub fn heard(&self, checkpoint: &Checkpoint) {
        self.contacts(|contacts| contacts.heard(checkpoint, Instant::now()));
        if let Some((ear, _)) = self.0.watch.get() {
            ear.hear(checkpoint);
        }
    }

    /// Tells `ear` of every checkpoint from now on and reports what is found, as health does. What
    /// was said the first time stays.
    pub fn watches(&self, ear: Ear, findings: Findings) {
        let _ = self.0.watch.set((ear, findings));
    }

    /// The units that showed two histories.
    fn found(&self) -> Vec<TwoHistories> {
        let watch = self.0.watch.get();
        watch.map_or_else(Vec::new, |(_, findings)| findings.borrow().clone())
    }

    /// Joins the exchange: signatures count under `keys`, and `feed` says how far it has come. What
    /// was said the first time stays.
    pub fn joins(&self, keys: Arc<KeyRegister>, feed: watch::Receiver<InboxStatus>) {
        let _ = (self.0.keys.set(keys), self.0.feed.set(feed));
    }

    /// Whether the broker can be talked to, as health reports it.
    pub fn connected(&self, connected: bool) {
        self.0.connected.store(connected, Ordering::Relaxed);
    }

    /// Rebuilds from zero beside the live state and compares both at the same size of the journal;
    /// with `swap` the rebuilt state then takes the live one's place. With `shuffle` events are
    /// taken in an order drawn from that seed. Blocks; answers go on meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when an entry cannot be read; the live state stays.
    pub fn rebuild(&self, shuffle: Option<u64>, swap: bool) -> Result<Comparison, StoreError> {
        let first = self.state().entries();
        let mut fresh = rebuild::from_zero(&self.0.store, first, shuffle)?;
        let _pen = self.0.pen.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = self.state().entries();
        if first < entries {
            rebuild::change(&self.0.store, first, entries)?.apply(&mut fresh);
        }
        let digest = |state: &State| state.digest().map_err(StoreError::Digest);
        let (live, rebuilt) = (digest(&self.state())?, digest(&fresh)?);
        let equal = live == rebuilt;
        if !equal {
            tracing::error!(
                live,
                rebuilt,
                entries,
                "the live state is not what the events say"
            );
        }
        if swap {
            *self.0.state.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
        Ok(Comparison {
            live,
            rebuilt,
            equal,
            entries,
        })
    }

    fn contacts<T>(&self, with: impl FnOnce(&mut Contacts) -> T) -> T {
        with(
            &mut self
                .0
                .contacts
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// Runs what reads sled off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
        // Only a runtime that is shutting down cancels such work; nobody waits for it any more.
        Err(_) => std::future::pending().await,
    }
}
