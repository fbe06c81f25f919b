//! The line between a service and its broker: a small relay that can be cut, left hanging or made
//! slow.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Everything passes.
    Good,
    /// Every connection is closed, and new ones are at once.
    Cut,
    /// Connections stay open and new ones are taken; what is sent disappears, and nobody is told.
    /// A connection that lost something so stays dead when the line is good again.
    HalfOpen,
    /// Everything passes, each piece so much later.
    Slow(Duration),
}

/// A line; it ends when dropped.
#[derive(Debug)]
pub struct Line {
    port: u16,
    state: watch::Sender<State>,
    relay: AbortHandle,
}

impl Line {
    /// A good line to the broker on port `to` of this machine.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn to(to: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("taking a port for a line")?;
        let port = listener.local_addr().context("the line's port")?.port();
        let (state, seen) = watch::channel(State::Good);
        let relay = tokio::spawn(relay(listener, to, seen)).abort_handle();
        Ok(Self { port, state, relay })
    }

    /// Where the service connects.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The port where the service connects.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes the line good or bad.
    pub fn become_(&self, state: State) {
        self.state.send_replace(state);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.relay.abort();
    }
}

async fn relay(listener: TcpListener, to: u16, state: watch::Receiver<State>) {
    loop {
        let Ok((near, _)) = listener.accept().await else {
            return;
        };
        if *state.borrow() != State::Cut {
            tokio::spawn(connection(near, to, state.clone()));
        }
    }
}

async fn connection(near: TcpStream, to: u16, state: watch::Receiver<State>) {
    let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else {
        return;
    };
    // Small pieces go at once, as without the line.
    if near.set_nodelay(true).is_err() || far.set_nodelay(true).is_err() {
        return;
    }
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let dead = AtomicBool::new(false);
    let mut until_cut = state.clone();
    tokio::select! {
        () = pass(near_in, far_out, &state, &dead) => {}
        () = pass(far_in, near_out, &state, &dead) => {}
        // An error means that the line itself is gone.
        _ = until_cut.wait_for(|state| *state == State::Cut) => {}
    }
}

/// Passes on what comes, until either end closes. Once a piece was swallowed the connection is of no
/// more use to anybody, and nobody is told.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: &watch::Receiver<State>,
    dead: &AtomicBool,
) {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut piece).await else {
            return;
        };
        let now = *state.borrow();
        match now {
            State::HalfOpen => dead.store(true, Ordering::Relaxed),
            State::Slow(pause) => tokio::time::sleep(pause).await,
            State::Good | State::Cut => {}
        }
        if !dead.load(Ordering::Relaxed) && to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
