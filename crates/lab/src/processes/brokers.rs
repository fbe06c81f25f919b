//! The brokers of a town: one, a cluster of three, or a hub with a leaf at the commune's site.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::Context;
use async_nats::{Client, ServerAddr, jetstream};
use exchange::broker::{Broker, BrokerConfig, Leaf};
use exchange::stream::EVENT_STREAM;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::{Duration, Instant, sleep};

/// How long a cluster may take to agree on a leader.
const LEADER_PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How a town's brokers stand to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// One broker for all.
    One,
    /// Three that keep every stream three times.
    Cluster,
    /// A hub, and the commune behind a leaf node of its own that keeps nothing.
    Leaf,
}

/// Running brokers.
#[derive(Debug)]
pub struct Brokers {
    ground: Ground,
    all: Vec<Broker>,
}

impl Brokers {
    /// Starts brokers below `dir`.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn start(program: PathBuf, dir: &Path, ground: Ground) -> anyhow::Result<Self> {
        let config = |name: &str| {
            let mut config = BrokerConfig::new(program.clone(), dir.join(name));
            config.extra = format!("pid_file: \"{}\"\n", pid_file(&config.dir).display());
            config
        };
        let mut all = Vec::new();
        match ground {
            Ground::One => all.push(Broker::start(config("broker")).await?),
            Ground::Cluster => {
                let ports = [free_port()?, free_port()?, free_port()?];
                let routes = ports.map(|port| format!("\"nats-route://127.0.0.1:{port}\""));
                for (number, port) in ports.iter().enumerate() {
                    let name = format!("broker-{number}");
                    let mut config = config(&name);
                    config.extra += &format!(
                        "server_name: {name}\ncluster {{ name: lab, host: 127.0.0.1, port: {port}, routes: [{}] }}\n",
                        routes.join(", ")
                    );
                    all.push(Broker::start(config).await?);
                }
            }
            Ground::Leaf => {
                let mut hub = config("hub");
                hub.leaf = Leaf::Hub;
                let hub = Broker::start(hub).await?;
                let mut site = config("site");
                site.jetstream = false;
                site.leaf = Leaf::Of(hub.leaf_url().context("a hub without leaves")?);
                all.push(hub);
                all.push(Broker::start(site).await?);
            }
        }
        Ok(Self { ground, all })
    }

    /// How they stand to one another.
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// Where callers connect.
    pub fn urls(&self) -> Vec<ServerAddr> {
        let shared = match self.ground {
            Ground::Leaf => &self.all[..1],
            Ground::One | Ground::Cluster => &self.all[..],
        };
        let urls = shared.iter().filter_map(|broker| broker.url().parse().ok());
        urls.collect()
    }

    /// The port that the service `kind`, the `number`-th, connects to.
    pub fn port_for(&self, kind: &str, number: usize) -> u16 {
        let which = match self.ground {
            Ground::One => 0,
            Ground::Cluster => number % self.all.len(),
            Ground::Leaf => usize::from(kind == "commune"),
        };
        self.all[which].port()
    }

    /// Copies of each stream.
    pub fn replicas(&self) -> usize {
        if self.ground == Ground::Cluster { 3 } else { 1 }
    }

    /// The broker that stands alone, or the hub.
    pub fn main(&mut self) -> &mut Broker {
        &mut self.all[0]
    }

    /// Where that broker keeps its streams.
    pub fn store(&self) -> PathBuf {
        self.all[0].dir().join("store")
    }

    /// The member of the cluster that leads the stream of events, as soon as there is one.
    ///
    /// # Errors
    /// When the cluster does not agree on one for too long.
    pub async fn leader(&mut self, client: &Client) -> anyhow::Result<&mut Broker> {
        let deadline = Instant::now() + LEADER_PATIENCE;
        let leader = loop {
            let found = jetstream::new(client.clone())
                .get_stream(EVENT_STREAM)
                .await;
            let cluster = found
                .ok()
                .and_then(|stream| stream.cached_info().cluster.clone());
            if let Some(leader) = cluster.and_then(|cluster| cluster.leader) {
                break leader;
            }
            anyhow::ensure!(
                Instant::now() < deadline,
                "the cluster has no leader of {EVENT_STREAM} after {LEADER_PATIENCE:?}"
            );
            sleep(LOOK_EVERY).await;
        };
        let found = self
            .all
            .iter_mut()
            .find(|broker| broker.dir().ends_with(&leader));
        found.with_context(|| format!("the leader {leader} is none of the cluster"))
    }

    /// Sends a signal to the main broker.
    ///
    /// # Errors
    /// When it does not run.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let file = pid_file(self.all[0].dir());
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("reading {}", file.display()))?;
        let pid = text.trim().parse().context("the broker's process id")?;
        kill(Pid::from_raw(pid), signal).with_context(|| format!("sending {signal} to the broker"))
    }
}

fn pid_file(dir: &Path) -> PathBuf {
    dir.join("broker.pid")
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("taking a free port")?;
    Ok(listener.local_addr().context("taking a free port")?.port())
}
