//! The process of a projector: what its feed hands over goes into its journal, then into its state,
//! and only then is a receipt given.

use std::sync::Arc;
use std::time::Duration;

use exchange::inflow::{Handed, Inflow, Receipt, Scope};
use exchange::settings::Timing;
use journal::{Journal, Options};
use projector::directory::Directory;
use projector::store::{Arrival, PROJECTOR};
use projector::{Projector, Store};
use uuid::Uuid;

use super::disk::{Disk, Writer};
use super::mail::Out;
use super::post::{Post, Token};
use super::town::Ground;

/// Taken together when so many wait.
const BATCH: usize = 64;

/// A projector while its process runs.
pub(super) struct Reading {
    pub(super) projector: Projector,
    pub(super) journal: Journal,
    pub(super) post: Post,
    writer: Writer,
    receipts: Vec<Receipt<Token>>,
    syncing: bool,
}

impl Reading {
    /// Starts a projector over its disk.
    ///
    /// # Errors
    /// When its journal does not open or cannot be read, which no fault here should bring about.
    pub(super) fn start(
        ground: &Ground,
        disk: &Disk,
        life: u64,
        now: Duration,
    ) -> anyhow::Result<Self> {
        let options = Options::new(PROJECTOR, Uuid::nil());
        let (journal, writer) = disk.journal(options)?;
        let store = Store::over(journal.clone());
        let timing = Timing::default();
        let mut inflow = Inflow::new(Scope::Feed, Arc::clone(&ground.keys), timing);
        inflow.begin(store.positions()?);
        let projector = Projector::open(store, Directory::default(), timing.checkpoint)?;
        Ok(Self {
            projector,
            post: Post::new(None, inflow, (life, timing.checkpoint), now),
            journal,
            writer,
            receipts: Vec::new(),
            syncing: false,
        })
    }

    /// Whether nothing is under way here.
    pub(super) fn is_idle(&self) -> bool {
        !self.syncing && self.post.is_quiet()
    }

    /// After anything that happened: what can go on, goes on.
    pub(super) fn settle(&mut self, at: &str, now: Duration) -> Vec<Out> {
        let mut out = Vec::new();
        if !self.syncing {
            let mut arrivals = Vec::new();
            while arrivals.len() < BATCH {
                let Some(handed) = self.post.hand_over(now) else {
                    break;
                };
                arrivals.extend(self.received(handed, at));
            }
            if !arrivals.is_empty() {
                match self.projector.store().group(arrivals) {
                    Ok(group) => {
                        self.writer.stage(group);
                        self.syncing = true;
                        out.push(Out::Sync);
                    }
                    Err(error) => out.push(Out::Wrong(format!("the projector: {error}"))),
                }
            }
        }
        out.extend(
            self.post
                .outgoing(&self.journal, now)
                .into_iter()
                .map(Out::Ask),
        );
        out
    }

    fn received(&mut self, handed: Handed<Token>, at: &str) -> Option<Arrival> {
        let at = at.to_owned();
        match handed {
            Handed::Event {
                signed, receipt, ..
            } => {
                self.receipts.push(receipt);
                Some(Arrival::Event { signed, at })
            }
            Handed::Unfit { unfit, receipt } => {
                self.receipts.push(receipt);
                Some(Arrival::Unfit {
                    bytes: unfit.bytes,
                    unit: unfit.from,
                    signature: unfit.signature.zip(unfit.key),
                    reason: unfit.reason,
                    at,
                })
            }
            Handed::Contact(_) => None,
        }
    }

    /// The disk has kept what was staged, or is full.
    pub(super) fn synced(&mut self) -> Vec<Out> {
        self.syncing = false;
        let Ok(results) = self.writer.sync() else {
            return vec![Out::DiskFull];
        };
        let refused = results.iter().find_map(|result| result.as_ref().err());
        if let Some(error) = refused {
            return vec![Out::Wrong(format!(
                "the projector's journal refused what it was told: {error}"
            ))];
        }
        if let Err(error) = self.projector.catch_up() {
            return vec![Out::Wrong(format!("the projector: {error}"))];
        }
        for receipt in self.receipts.drain(..) {
            self.post.noted(receipt, true);
        }
        Vec::new()
    }

    /// Power is lost while the disk works: what it was given may be on it all the same.
    pub(super) fn cut_off(mut self, kept: bool) {
        if kept && self.syncing {
            // Nobody is told either way.
            let _ = self.writer.sync();
        }
    }
}
