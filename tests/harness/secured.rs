//! A town whose broker knows its users and speaks TLS, as `motcua permissions` and an operator's
//! certificates make it.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event};
use exchange::broker::{Broker, BrokerConfig};
use nkeys::KeyPair;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair as TlsKey,
    date_time_ymd,
};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::process::motcua;
use crate::town::{SERVICES, Town, broker_config};

/// An authority and one certificate of it for this machine's broker.
#[derive(Debug)]
pub struct Certificates {
    /// The authority, for those who connect.
    pub ca: PathBuf,
    /// The broker's.
    pub certificate: PathBuf,
    /// The broker's secret.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes an authority called `name` and a certificate that is valid until the end of `year`.
    pub fn make(dir: &Path, name: &str, year: i32) -> Self {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, name.to_owned());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = TlsKey::generate().expect("a key");
        let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("names");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 12, 31);
        let key = TlsKey::generate().expect("a key");
        let certificate = params.signed_by(&key, &authority).expect("a certificate");
        let written = |what: &str, text: &str| {
            let path = dir.join(format!("{name}-{what}.pem"));
            fs::write(&path, text).expect("a file");
            path
        };
        Self {
            ca: written("ca", &authority.pem()),
            certificate: written("certificate", &certificate.pem()),
            key: written("key", &key.serialize_pem()),
        }
    }

    /// The broker's settings with it.
    pub fn settings(&self) -> String {
        format!(
            "tls {{ cert_file: {:?}, key_file: {:?} }}\n",
            self.certificate, self.key
        )
    }
}

/// The town, and what its users log in with.
pub struct Secured {
    /// The town; officers of every unit speak as the operator.
    pub town: Town,
    /// The broker, with TLS.
    pub url: String,
    /// The authority that vouches for it.
    pub ca: PathBuf,
    logins: PathBuf,
}

/// A connection that hears what the broker refuses it.
pub struct Watched {
    /// The connection.
    pub client: Client,
    refused: mpsc::UnboundedReceiver<String>,
}

impl Watched {
    /// Waits for the broker's next refusal.
    pub async fn refusal(&mut self) -> String {
        let waited = tokio::time::timeout(Duration::from_secs(20), self.refused.recv()).await;
        waited.expect("a refusal").expect("a connection")
    }

    /// What was refused until now, all that was said before having been judged.
    pub async fn refusals(&mut self) -> Vec<String> {
        self.client.flush().await.expect("a broker");
        // The broker answers in order: what it refused stands before the answer to a request.
        let _ = self.client.request("motcua.v1.query.none", "".into()).await;
        let mut all = Vec::new();
        while let Ok(one) = self.refused.try_recv() {
            all.push(one);
        }
        all
    }
}

impl Secured {
    /// Broker, users, certificates and configurations, and no service yet.
    pub async fn prepared(simulated_from: Option<&str>) -> Self {
        let dir = TempDir::new().expect("a directory");
        let made = dir.path().join("permissions");
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
        let shown = |path: &Path| path.display().to_string();
        let output = motcua(&[
            "permissions",
            &shown(&made),
            "--registers",
            &shown(&deploy.join("registers")),
            "--profile",
            &shown(&deploy.join("chau-thanh")),
            "--projector",
            "motcua-projector",
        ]);
        assert!(output.status.success(), "{output:?}");
        let certificates = Certificates::make(dir.path(), "province", 2099);
        let users = fs::read_to_string(made.join("users.conf")).expect("users");
        let config = BrokerConfig {
            extra: certificates.settings() + &users,
            ..broker_config(&dir.path().join("broker"))
        };
        let broker = Broker::start(config).await.expect("a broker");
        let url = broker.url().replace("nats://", "tls://");
        let (logins, ca) = (made.join("logins"), certificates.ca);
        let operator = watched(&url, &ca, &logins, "operator").await;
        let town = Town::around(dir, broker, operator.client, simulated_from);
        for (name, units) in SERVICES {
            town.configure(name, units, &url, simulated_from);
            town.also(
                name,
                &format!("access = {{ login = {logins:?}, ca = {ca:?} }}"),
            );
        }
        Self {
            town,
            url,
            ca,
            logins,
        }
    }

    /// Connects as a user of the broker.
    pub async fn as_user(&self, user: &str) -> Watched {
        watched(&self.url, &self.ca, &self.logins, user).await
    }

    /// The file with which a user logs in.
    pub fn login(&self, user: &str) -> PathBuf {
        self.logins.join(user).with_extension("nk")
    }
}

async fn watched(url: &str, ca: &Path, logins: &Path, user: &str) -> Watched {
    let path = logins.join(user).with_extension("nk");
    let seed = fs::read_to_string(path).expect("a seed").trim().to_owned();
    let public = KeyPair::from_seed(&seed).expect("a seed").public_key();
    let (tell, refused) = mpsc::unbounded_channel();
    let client = ConnectOptions::with_nkey(seed)
        .custom_inbox_prefix(format!("_INBOX_{public}"))
        .add_root_certificates(ca.to_owned())
        .require_tls(true)
        .request_timeout(Some(Duration::from_secs(2)))
        .event_callback(move |event| {
            if let Event::ServerError(error) = event {
                // Nobody listens any more at the end of a test.
                let _ = tell.send(error.to_string());
            }
            std::future::ready(())
        })
        .connect(url)
        .await
        .expect("the broker lets its user in");
    Watched { client, refused }
}
