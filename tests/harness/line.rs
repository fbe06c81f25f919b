//! A line to a broker that can be cut: a TCP proxy on a port of its own.
#![allow(clippy::expect_used)]

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A line; gone when dropped.
#[derive(Debug)]
pub struct Line {
    scheme: String,
    port: u16,
    is_up: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Line {
    /// A line to the broker at `url`, such as `nats://127.0.0.1:4222`.
    ///
    /// # Panics
    /// When it is no such URL, or no port is free.
    pub async fn to(url: &str) -> Self {
        let (scheme, address) = url.split_once("://").expect("a URL");
        let (scheme, address) = (scheme.to_owned(), address.to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let is_up = watch::Sender::new(true);
        let up = is_up.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, address.clone(), up.subscribe()));
            }
        });
        Self {
            scheme,
            port,
            is_up,
            accepting,
        }
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Cuts every connection over it, whatever is under way, and takes no new ones.
    pub fn down(&self) {
        self.is_up.send_replace(false);
    }

    /// Takes connections again.
    pub fn up(&self) {
        self.is_up.send_replace(true);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(mut near: TcpStream, address: String, mut up: watch::Receiver<bool>) {
    if !*up.borrow_and_update() {
        return;
    }
    let Ok(mut far) = TcpStream::connect(address).await else {
        return;
    };
    // Dropping both ends of a connection is the cut; what either end says of it is of no interest.
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = up.changed() => {}
    }
}
