//! Journals over HTTP, each as a tiled transparency log under `/<unit>/<epoch>/`.
//!
//! Reading only, and no more at once than the disk bears. There is no TLS here: the address is one
//! of the own machine, and whoever shows it to others puts a proxy before it that also compresses.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use envelope::note::{self, NoteError, TreeHead};
use envelope::{KeyRing, tree::Hash};
use journal::{Journal, TreeError};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use crate::bounded::{self, Bounds};
use crate::path::Wanted;

/// Resources read side by side; a bundle of entries has up to 16 MiB.
const AT_ONCE: usize = 8;

/// Lines at once: each may hold one resource in memory.
const LINES: usize = 32;

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
/// A tile never changes, and every checkpoint is a new one.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const NEVER: &str = "no-store";

/// The logs of one process; clones share them. A log appears when its unit begins to live.
#[derive(Clone, Default)]
pub struct Logs(Arc<RwLock<BTreeMap<String, Arc<Log>>>>);

struct Log {
    journal: Journal,
    keys: KeyRing,
    /// The note that was signed last, for as long as the journal stands where it stood.
    signed: Mutex<Option<(TreeHead, Bytes)>>,
}

/// Why something is not served.
#[derive(Debug, thiserror::Error)]
enum Unserved {
    #[error("there is no such log, or it has not come so far")]
    Unknown,
    #[error("too much is being read; come back in a second")]
    Busy,
    #[error("the journal could not be read")]
    Broken,
}

impl Logs {
    /// None yet.
    pub fn new() -> Logs {
        Logs::default()
    }

    /// Serves `journal` from now on, its heads signed with the one of `keys` that is in use there.
    pub fn open(&self, journal: Journal, keys: impl Into<KeyRing>) {
        let log = Arc::new(Log {
            journal,
            keys: keys.into(),
            signed: Mutex::new(None),
        });
        let unit = log.journal.unit().to_owned();
        let mut logs = self.0.write().unwrap_or_else(PoisonError::into_inner);
        logs.insert(unit, log);
    }

    /// Serves on `listener` until `stop` turns true; requests under way are finished.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: watch::Receiver<bool>,
    ) -> std::io::Result<()> {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let router = Router::new()
            .route("/", get(list))
            .route("/{unit}/{epoch}/{*resource}", get(resource))
            .fallback(|| async { refuse(&Unserved::Unknown) })
            .with_state((self, places));
        bounded::serve(listener, router, Bounds::of(LINES), stop).await
    }

    fn log(&self, unit: &str) -> Option<Arc<Log>> {
        let logs = self.0.read().unwrap_or_else(PoisonError::into_inner);
        logs.get(unit).cloned()
    }

    /// The key of each log in the form that clients are configured with, one in a line. Whoever
    /// does not trust this process has the key from the register.
    fn keys(&self) -> String {
        let logs = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let line = |(unit, log): (&String, &Arc<Log>)| {
            note::verifier_key(unit, log.journal.epoch(), &log.keys.current().public()) + "\n"
        };
        logs.iter().map(line).collect()
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let logs = self.0.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_tuple("Logs").field(&logs.keys()).finish()
    }
}

type Serving = State<(Logs, Arc<Semaphore>)>;

async fn list(State((logs, _)): Serving) -> Response {
    respond(StatusCode::OK, TEXT, NEVER, logs.keys())
}

async fn resource(
    State((logs, places)): Serving,
    Path((unit, epoch, resource)): Path<(String, String, String)>,
) -> Response {
    let wanted = Wanted::parse(&resource);
    let (Some(log), Some(wanted)) = (logs.log(&unit), wanted) else {
        return refuse(&Unserved::Unknown);
    };
    let Ok(place) = places.try_acquire_owned() else {
        return refuse(&Unserved::Busy);
    };
    let reading = tokio::task::spawn_blocking(move || {
        let read = log.read(&epoch, wanted);
        drop(place);
        read
    });
    let (kind, keep) = match wanted {
        Wanted::Checkpoint => (TEXT, "no-cache"),
        Wanted::Tile { .. } | Wanted::Entries { .. } => (BYTES, FOR_EVER),
    };
    match reading.await.unwrap_or(Err(Unserved::Broken)) {
        Ok(body) => respond(StatusCode::OK, kind, keep, body),
        Err(unserved) => refuse(&unserved),
    }
}

impl Log {
    fn read(&self, epoch: &str, wanted: Wanted) -> Result<Bytes, Unserved> {
        // The tree of an ended epoch was over another order of entries; nothing of it is here.
        let present = self.journal.epoch();
        if epoch != present.to_string() {
            return Err(Unserved::Unknown);
        }
        let read = match wanted {
            Wanted::Checkpoint => return self.checkpoint(present),
            Wanted::Tile { level, n, width } => self.journal.tile(level, n, width),
            Wanted::Entries { n, width } => self.journal.entry_bundle(n, width),
        };
        read.map(Bytes::from).map_err(|error| match error {
            TreeError::Beyond { .. } | TreeError::Question(_) => Unserved::Unknown,
            TreeError::Read(error) => {
                tracing::error!(unit = self.journal.unit(), %error, "the own journal could not be read");
                Unserved::Broken
            }
        })
    }

    fn checkpoint(&self, epoch: Uuid) -> Result<Bytes, Unserved> {
        let journal::Head { entries, root, .. } = self.journal.head();
        self.signed(self.head(epoch, entries, root)).map_err(|error| {
            tracing::error!(unit = self.journal.unit(), %error, "the own head could not be signed");
            Unserved::Broken
        })
    }

    fn head(&self, epoch: Uuid, size: u64, root: Hash) -> TreeHead {
        TreeHead {
            unit: self.journal.unit().to_owned(),
            epoch,
            size,
            root,
        }
    }

    fn signed(&self, head: TreeHead) -> Result<Bytes, NoteError> {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last, note)) = &*signed
            && *last == head
        {
            return Ok(note.clone());
        }
        let note = Bytes::from(note::sign_head(&head, &self.keys.current())?);
        *signed = Some((head, note.clone()));
        Ok(note)
    }
}

fn refuse(unserved: &Unserved) -> Response {
    let status = match unserved {
        Unserved::Unknown => StatusCode::NOT_FOUND,
        Unserved::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Unserved::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    };
    respond(status, TEXT, NEVER, format!("{unserved}\n"))
}

fn respond(
    status: StatusCode,
    kind: &'static str,
    keep: &'static str,
    body: impl Into<Bytes>,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (status, headers, body.into()).into_response()
}
