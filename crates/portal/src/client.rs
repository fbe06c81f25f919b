//! The way to the portal: one HTTPS request for each message.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use exchange::access::is_loopback;
use http::header::CONTENT_TYPE;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;

use crate::call::{Call, Reply, Service};
use crate::partner::Partner;

/// An answer is a code and a sentence; more is somebody else's page.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The portal's answer to the message.
    Reply(Reply),
    /// The message is refused by its HTTP status (400, 413, 422 …).
    Refused(String),
    /// Nothing, or nothing of the portal's: whether the message arrived is unknown.
    Silence(String),
    /// The sender is not let in (401, 403), whatever it says.
    NotLetIn(String),
}

/// The portal, as this adapter reaches it.
#[derive(Debug)]
pub(crate) struct Portal {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: String,
    session: Option<PathBuf>,
    header: Option<String>,
    patience: Duration,
}

impl Portal {
    /// The portal at `url`. The session's token is read from `session` before each message, so that
    /// a renewed one needs no restart, and goes into the envelope and, where one is named, a header.
    /// Certificates are held against the machine's own (`SSL_CERT_FILE` names others).
    ///
    /// # Errors
    /// When `url` is none or in the clear to another machine, or the machine has no certificates for HTTPS.
    pub(crate) fn new(
        url: &str,
        session: Option<PathBuf>,
        header: Option<String>,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("preparing TLS")?;
        let tls = if url.starts_with("https://") {
            builder
                .with_native_roots()
                .context("reading the machine's certificates; install ca-certificates")?
        } else if url.starts_with("http://") {
            let to: Uri = url.parse().with_context(|| format!("reading `url` {url:?}"))?;
            ensure!(
                to.host().is_some_and(is_loopback),
                "`url` is {url:?}: the session's token would cross the line in the clear; give https://…"
            );
            builder.with_root_certificates(RootCertStore::empty())
        } else {
            bail!("`url` is {url:?}, expected https://…");
        }
        .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: url.to_owned(),
            session,
            header,
            patience,
        })
    }

    /// Sends one message and waits for the answer, within the patience that was set.
    pub(crate) async fn send(
        &self,
        partner: &Partner,
        service: Service,
        updating: bool,
        data: &[Value],
    ) -> Heard {
        let exchange = self.exchange(partner, service, updating, data);
        match tokio::time::timeout(self.patience, exchange).await {
            Ok(Ok(heard)) => heard,
            Ok(Err(error)) => Heard::Silence(format!("{error:#}")),
            Err(_) => Heard::Silence(format!(
                "no answer within {} s",
                self.patience.as_secs_f32()
            )),
        }
    }

    async fn exchange(
        &self,
        partner: &Partner,
        service: Service,
        updating: bool,
        data: &[Value],
    ) -> anyhow::Result<Heard> {
        let session = match &self.session {
            Some(path) => tokio::fs::read_to_string(path)
                .await
                .with_context(|| format!("reading the session from {}", path.display()))?,
            None => String::new(),
        };
        let session = session.trim();
        let call = Call::new(session, partner, service, updating, data);
        let body = serde_json::to_vec(&call)?;
        let mut request = Request::post(&self.url).header(CONTENT_TYPE, "application/json");
        if let Some(header) = &self.header {
            request = request.header(header.as_str(), session);
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        let answer = self
            .client
            .request(request)
            .await
            .context("asking the portal")?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await;
        let body = body.map_or_else(|_| Bytes::new(), |body| body.to_bytes());
        Ok(match status.as_u16() {
            200..=299 => match Reply::read(&body) {
                Some(reply) => Heard::Reply(reply),
                None => Heard::Silence(format!("HTTP {status} without an answer in it")),
            },
            401 | 403 => Heard::NotLetIn(format!("HTTP {status}")),
            408 | 429 => Heard::Silence(format!("HTTP {status}")),
            400..=499 => Heard::Refused(match Reply::read(&body).and_then(|r| r.message) {
                Some(message) => format!("HTTP {status}: {message}"),
                None => format!("HTTP {status}"),
            }),
            _ => Heard::Silence(format!("HTTP {status}")),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_token_crosses_no_line_in_the_clear() {
        let portal = |url: &str| Portal::new(url, None, None, Duration::from_secs(1));
        for url in [
            "http://dvcqg.example.vn/vxp",
            "http://10.0.0.7:8080/",
            "ftp://127.0.0.1/",
        ] {
            let refused = format!("{:#}", portal(url).unwrap_err());
            assert!(
                refused.contains(url) && refused.contains("https://"),
                "{refused}"
            );
        }
        for url in [
            "http://127.0.0.1:9/",
            "http://localhost:9/",
            "http://[::1]:9/",
        ] {
            portal(url).unwrap();
        }
    }
}
