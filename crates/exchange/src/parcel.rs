//! One message as a broker carries it, apart from any broker.

use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use envelope::{KeyId, Signed, sign::parse_signature};

use crate::headers::{KEY, LINK, SIGNATURE};

/// A message with the few headers that mean something here. Headers are hints: what is in them is
/// believed only as far as the signature or the sender's permissions go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Where it was published.
    pub subject: String,
    /// The exact bytes.
    pub payload: Bytes,
    /// The header [`SIGNATURE`], as it stands.
    pub signature: Option<String>,
    /// The header [`KEY`], as it stands.
    pub key: Option<String>,
    /// The header [`LINK`], as it stands.
    pub link: Option<String>,
}

impl Parcel {
    /// `signed` under `subject`; `link` for deliveries.
    pub fn of(subject: String, signed: &Signed, link: Option<u64>) -> Parcel {
        Parcel {
            subject,
            payload: signed.bytes.clone(),
            signature: Some(signed.signature_text()),
            key: Some(signed.key.to_string()),
            link: link.map(|link| link.to_string()),
        }
    }

    pub(crate) fn read(subject: &str, payload: Bytes, headers: Option<&HeaderMap>) -> Parcel {
        let text = |name: &str| {
            headers
                .and_then(|headers| headers.get(name))
                .map(HeaderValue::to_string)
        };
        Parcel {
            subject: subject.to_owned(),
            payload,
            signature: text(SIGNATURE),
            key: text(KEY),
            link: text(LINK),
        }
    }

    /// Puts payload and signature together, or says what is wrong with the headers.
    pub(crate) fn signed(&self) -> Result<Signed, String> {
        let missing = |name: &str| format!("the header {name} is missing");
        let signature = self
            .signature
            .as_deref()
            .ok_or_else(|| missing(SIGNATURE))?;
        let key = self.key.as_deref().ok_or_else(|| missing(KEY))?;
        Ok(Signed {
            bytes: self.payload.clone(),
            signature: parse_signature(signature).map_err(|error| error.to_string())?,
            key: KeyId::parse(key).map_err(|error| error.to_string())?,
        })
    }

    /// The number on the sender's line, or what is wrong with it.
    pub(crate) fn link(&self) -> Result<u64, String> {
        let value = self
            .link
            .as_deref()
            .ok_or_else(|| format!("the header {LINK} is missing"))?;
        match value.parse() {
            Ok(link) if link > 0 => Ok(link),
            _ => Err(format!("the header {LINK} is not a number from 1")),
        }
    }
}
