//! The one connection of a process to its broker.
//!
//! A broker that refuses a subject tells only the connection, while the caller sees a time-out;
//! so permission violations are logged and counted here, where health can read them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream::{self, context::ContextBuilder};
use async_nats::{Client, ConnectOptions, Event, ServerAddr, ServerError};
use thiserror::Error;
use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::access::{Access, AccessError, Prepared};
use crate::backoff::{self, Backoff};

/// How long a publish or an API request waits for the broker's answer.
pub(crate) const ANSWER_PATIENCE: Duration = Duration::from_secs(5);

/// Pages of a journal are up to 512 KiB plus one event, so a smaller limit would lose them.
const PAYLOAD_BYTES_MIN: usize = 1024 * 1024;

/// How often the broker is asked whether it is still there. Three answers missed end a connection
/// whose other end vanished without a word; with the library's 60 s that would take three minutes.
const PING_EVERY: Duration = Duration::from_secs(4);

/// Messages of one subscription that may wait in this process; beyond it the library drops them and
/// says so. A service takes them faster than they come, since what it has no room for is answered at
/// once; consumers have at most a batch under way; a checkpoint that is dropped comes again.
const SUBSCRIPTION_MAX: usize = 1_024;

/// Messages that may wait to be written to the broker; beyond it, who sends waits.
const OUTGOING_MAX: usize = 1_024;

/// How long the last words may take when the process ends.
const FLUSH_PATIENCE: Duration = Duration::from_secs(2);

/// Between two warnings while no broker answers.
const WARN_EVERY_ATTEMPTS: u32 = 3;

/// How long to go on when the broker does not answer at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Services: for ever, with a warning every few seconds.
    Forever,
    /// Tools: for this long.
    Within(Duration),
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// It must not be tried as configured.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Nobody answered in time.
    #[error(
        "connecting to the broker at {url}: {reason}; start nats-server there, or correct the URL, its \
         certificate (`ca`) or the login"
    )]
    Unreachable {
        /// The broker's URL.
        url: String,
        /// The last failure.
        reason: String,
    },
    /// The server cannot do what is needed.
    #[error(
        "connecting to the broker at {url}: it is nats-server {version}, but 2.12 or newer is \
         needed; upgrade it"
    )]
    TooOld {
        /// The broker's URL.
        url: String,
        /// What it says it is.
        version: String,
    },
    /// The server refuses messages of the needed size.
    #[error(
        "connecting to the broker at {url}: its max_payload is {bytes} bytes, but 1 MiB is \
         needed; raise it in the broker's configuration"
    )]
    SmallPayload {
        /// The broker's URL.
        url: String,
        /// What it accepts.
        bytes: usize,
    },
}

/// A connection that repairs itself; clones share it.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The plain NATS client.
    pub client: Client,
    /// JetStream through the same client, with bounded waiting.
    pub jetstream: jetstream::Context,
    url: String,
    counts: Arc<Counts>,
    connects: watch::Receiver<u64>,
}

/// What went wrong on a connection, since its start.
#[derive(Debug, Default)]
struct Counts {
    violations: AtomicU64,
    dropped: AtomicU64,
    busy: AtomicU64,
}

impl Connection {
    /// The URL that was connected to, without credentials.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How often the broker refused a subject to this process since its start. Anything but zero
    /// means that the broker's permissions and this process do not agree.
    pub fn violations(&self) -> u64 {
        self.counts.violations.load(Ordering::Relaxed)
    }

    /// How many messages were dropped since the start because they came faster than they were taken.
    /// Who sent a request hears nothing then and repeats it; everything else comes again.
    pub fn dropped(&self) -> u64 {
        self.counts.dropped.load(Ordering::Relaxed)
    }

    /// How many requests were answered "busy" since the start.
    pub fn busy(&self) -> u64 {
        self.counts.busy.load(Ordering::Relaxed)
    }

    pub(crate) fn count_busy(&self) {
        self.counts.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until everything said so far is on its way to the broker, for a moment at most: to be
    /// called before a process ends.
    pub async fn flush(&self) {
        if !self.is_connected() {
            return;
        }
        let flushed = tokio::time::timeout(FLUSH_PATIENCE, self.client.flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            warn!("the last words to the broker were not sent");
        }
    }

    /// True while the broker can be talked to.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// Counts (re)connections; changes wake whoever must check what the broker still has.
    pub fn connects(&self) -> watch::Receiver<u64> {
        let mut connects = self.connects.clone();
        connects.mark_unchanged();
        connects
    }

    /// A JetStream context with its own bound of outstanding publishes, so that one unit's
    /// outbox does not take the room of another in the same process.
    pub(crate) fn publisher(&self, outstanding_max: usize) -> jetstream::Context {
        ContextBuilder::new()
            .timeout(ANSWER_PATIENCE)
            .ack_timeout(ANSWER_PATIENCE)
            .max_ack_inflight(outstanding_max)
            .backpressure_on_inflight(true)
            .build(self.client.clone())
    }
}

/// Connects to the broker at `url` (`nats://[user:password@]host:port`), introducing this process
/// as `name`.
///
/// Errors when nobody answers within `patience`, or when the server is too old or too small;
/// later disconnections are repaired in the background for ever.
pub async fn connect(
    url: &str,
    name: &str,
    patience: Patience,
) -> Result<Connection, ConnectError> {
    connect_with(url, name, &Access::default(), patience).await
}

/// Like [`connect`], logging in and making sure of the broker as `access` says.
///
/// # Errors
/// As [`connect`]; and [`AccessError`] before anything is sent.
pub async fn connect_with(
    url: &str,
    name: &str,
    access: &Access,
    patience: Patience,
) -> Result<Connection, ConnectError> {
    let access = access.options(url)?;
    let counts = Arc::new(Counts::default());
    let (connected, connects) = watch::channel(0);
    let connected = Arc::new(connected);
    let client = match patience {
        Patience::Forever => {
            let mut last = String::new();
            first_connection(url, name, &access, &counts, &connected, &mut last).await?
        }
        Patience::Within(limit) => {
            let mut last = "no answer".to_owned();
            let attempt = first_connection(url, name, &access, &counts, &connected, &mut last);
            match tokio::time::timeout(limit, attempt).await {
                Ok(client) => client?,
                Err(_) => {
                    let reason = format!("{last}, for {limit:?}");
                    return Err(ConnectError::Unreachable {
                        url: shown(url),
                        reason,
                    });
                }
            }
        }
    };
    if !client.is_server_compatible(2, 12, 0) {
        let version = client.server_info().version;
        return Err(ConnectError::TooOld {
            url: shown(url),
            version,
        });
    }
    if client.max_payload() < PAYLOAD_BYTES_MIN {
        let bytes = client.max_payload();
        return Err(ConnectError::SmallPayload {
            url: shown(url),
            bytes,
        });
    }
    let jetstream = ContextBuilder::new()
        .timeout(ANSWER_PATIENCE)
        .ack_timeout(ANSWER_PATIENCE)
        .build(client.clone());
    Ok(Connection {
        client,
        jetstream,
        url: shown(url),
        counts,
        connects,
    })
}

async fn first_connection(
    url: &str,
    name: &str,
    access: &Prepared,
    counts: &Arc<Counts>,
    connected: &Arc<watch::Sender<u64>>,
    last: &mut String,
) -> Result<Client, ConnectError> {
    let mut backoff = Backoff::new(name, Duration::from_millis(100), Duration::from_secs(2));
    loop {
        let reason = match access
            .apply(options(url, name, counts, connected))
            .connect(url)
            .await
        {
            Ok(client) => return Ok(client),
            Err(error) if error.kind() == async_nats::ConnectErrorKind::ServerParse => {
                let reason = format!("not a NATS address ({error})");
                return Err(ConnectError::Unreachable {
                    url: shown(url),
                    reason,
                });
            }
            Err(error) => without_tls(error.to_string()),
        };
        if backoff.attempts().is_multiple_of(WARN_EVERY_ATTEMPTS) {
            warn!(url = shown(url), reason, "no broker answers; trying again");
        }
        *last = reason;
        tokio::time::sleep(backoff.next_pause()).await;
    }
}

/// What a broker without TLS answers looks to the library like a damaged message.
fn without_tls(reason: String) -> String {
    if reason.contains("InvalidContentType") {
        return format!("TLS is asked for and what answers there does not speak it ({reason})");
    }
    reason
}

fn options(
    url: &str,
    name: &str,
    counts: &Arc<Counts>,
    connected: &Arc<watch::Sender<u64>>,
) -> ConnectOptions {
    let (counts, connected) = (counts.clone(), connected.clone());
    let seed = backoff::mix(name.as_bytes(), 0);
    // The library reads credentials out of a URL but does not use them.
    let given = url.parse::<ServerAddr>().ok();
    let options = match given
        .as_ref()
        .and_then(|url| Some((url.username()?, url.password()?)))
    {
        Some((user, password)) => {
            ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        }
        None => ConnectOptions::new(),
    };
    options
        .name(name)
        .max_reconnects(None)
        .ping_interval(PING_EVERY)
        .subscription_capacity(SUBSCRIPTION_MAX)
        .client_capacity(OUTGOING_MAX)
        .reconnect_delay_callback(move |attempt| {
            let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
            backoff::pause(
                seed,
                attempt,
                Duration::from_millis(50),
                Duration::from_secs(2),
            )
        })
        .event_callback(move |event| {
            note(&event, &counts, &connected);
            std::future::ready(())
        })
}

fn note(event: &Event, counts: &Counts, connected: &watch::Sender<u64>) {
    match event {
        Event::Connected => {
            connected.send_modify(|count| *count += 1);
            info!("connected to the broker");
        }
        Event::ServerError(ServerError::Other(text)) if is_violation(text) => {
            counts.violations.fetch_add(1, Ordering::Relaxed);
            error!(
                text,
                "the broker refused a subject; its permissions must be corrected"
            );
        }
        Event::ServerError(ServerError::AuthorizationViolation) => {
            counts.violations.fetch_add(1, Ordering::Relaxed);
            error!("the broker refused this process; its credentials must be corrected");
        }
        Event::Disconnected => warn!("the broker is gone; reconnecting"),
        Event::LameDuckMode => warn!("the broker is about to stop"),
        Event::SlowConsumer(subscription) => {
            counts.dropped.fetch_add(1, Ordering::Relaxed);
            warn!(
                subscription,
                "messages came faster than they were taken; some were dropped"
            );
        }
        Event::ServerError(other) => warn!(%other, "the broker reported an error"),
        Event::ClientError(other) => warn!(%other, "the broker's client reported an error"),
        Event::Draining | Event::Closed => info!(%event, "the broker connection is ending"),
    }
}

/// A URL as it may be shown: without the password that it can carry.
pub(crate) fn shown(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_owned(),
        (_, None) => url.to_owned(),
    }
}

fn is_violation(text: &str) -> bool {
    text.to_ascii_lowercase().contains("permissions violation")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        assert_eq!(shown("nats://u:p@127.0.0.1:4222"), "nats://127.0.0.1:4222");
        assert_eq!(shown("u:p@broker"), "broker");
        assert_eq!(shown("tls://broker:4222"), "tls://broker:4222");
    }
}
