//! Signatures by the thousand, checked on every core beside the walk that meets them.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::event::Event;
use crate::register::{KeyRegister, is_about_keys};
use crate::sign::{SignError, Signed};

/// Signatures are verified this many at once, which takes a third of the time of single ones.
const BATCH: usize = 256;
/// Refusals beyond this number are counted; the first ones by number are kept.
const KEPT_MAX: usize = 10_000;

type Batch = Vec<(u64, Signed)>;

/// Numbered events whose signatures are being checked. What waits to be checked is bounded: giving it
/// more waits.
#[derive(Debug)]
pub struct Checking {
    keys: Arc<KeyRegister>,
    threads: usize,
    filling: Batch,
    /// Once there was more than one batch.
    workers: Option<Workers>,
    refused: Refused,
}

/// What did not verify.
#[derive(Debug, Default)]
pub struct Refused {
    /// By the number under which it was given; at most the first 10,000.
    pub errors: BTreeMap<u64, SignError>,
    /// How many there were.
    pub count: u64,
}

#[derive(Debug)]
struct Workers {
    give: SyncSender<Batch>,
    running: Vec<JoinHandle<Refused>>,
}

impl Checking {
    /// Checks under these keys, on all cores that this process may use.
    pub fn new(keys: &KeyRegister) -> Self {
        Self {
            keys: Arc::new(keys.clone()),
            threads: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            filling: Vec::new(),
            workers: None,
            refused: Refused::default(),
        }
    }

    /// Takes an event; `number` is what a refusal will be named by. Events of one unit come in order.
    pub fn push(&mut self, number: u64, signed: Signed) {
        // What the next events stand on has to be known before anybody looks at them, and not before the
        // last one that came earlier is judged.
        if Event::read(&signed.bytes).is_ok_and(|event| is_about_keys(event.kind)) {
            self.settle();
            return self.refused.check(&self.keys, &[(number, signed)]);
        }
        self.filling.push((number, signed));
        if self.filling.len() < BATCH {
            return;
        }
        let batch = std::mem::take(&mut self.filling);
        let workers = self
            .workers
            .get_or_insert_with(|| Workers::start(&self.keys, self.threads));
        // Given back when there is nobody to take it: no thread could be started, or all have ended.
        if let Err(back) = workers.give.send(batch) {
            self.refused.check(&self.keys, &back.0);
        }
    }

    /// Waits until everything is checked.
    pub fn end(mut self) -> Refused {
        self.settle();
        self.refused
    }

    fn settle(&mut self) {
        let rest = std::mem::take(&mut self.filling);
        self.refused.check(&self.keys, &rest);
        let Some(Workers { give, running }) = self.workers.take() else {
            return;
        };
        drop(give);
        for worker in running {
            match worker.join() {
                Ok(refused) => self.refused.add(refused),
                Err(panic) => resume_unwind(panic),
            }
        }
    }
}

impl Workers {
    fn start(keys: &Arc<KeyRegister>, threads: usize) -> Self {
        let (give, take) = sync_channel(threads * 2);
        let take = Arc::new(Mutex::new(take));
        let running = (0..threads).filter_map(|_| {
            let (keys, take) = (Arc::clone(keys), Arc::clone(&take));
            let work = move || work(&keys, &take);
            thread::Builder::new()
                .name("signatures".to_owned())
                .spawn(work)
                .ok()
        });
        Self {
            running: running.collect(),
            give,
        }
    }
}

fn work(keys: &KeyRegister, take: &Mutex<Receiver<Batch>>) -> Refused {
    let mut refused = Refused::default();
    loop {
        let batch = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = batch else { return refused };
        refused.check(keys, &batch);
    }
}

impl Refused {
    fn check(&mut self, keys: &KeyRegister, batch: &[(u64, Signed)]) {
        let signed: Vec<&Signed> = batch.iter().map(|(_, signed)| signed).collect();
        for ((number, _), outcome) in batch.iter().zip(keys.verify_batch(&signed)) {
            if let Err(error) = outcome {
                self.count += 1;
                self.keep(*number, error);
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.count += other.count;
        for (number, error) in other.errors {
            self.keep(number, error);
        }
    }

    fn keep(&mut self, number: u64, error: SignError) {
        self.errors.insert(number, error);
        if self.errors.len() > KEPT_MAX {
            self.errors.pop_last();
        }
    }
}
