//! What travels beside an event: its signature, and its number on a line.
//!
//! Headers are hints. The signature is checked against the bytes, and a link number is believed
//! only as far as the sender's own permissions go; signed checkpoints tell when one was lost.

use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use envelope::{KeyId, Signed, sign::parse_signature};

/// The Ed25519 signature, base64url.
pub const SIGNATURE: &str = "Motcua-Signature";
/// The key it was made with.
pub const KEY: &str = "Motcua-Key";
/// The number of a delivery on the line from its sender to its addressee.
pub const LINK: &str = "Motcua-Link";

const CONTENT_TYPE: &str = "content-type";
const CLOUDEVENT: &str = "application/cloudevents+json";

/// Headers of an event; `link` for deliveries.
pub(crate) fn of_event(signed: &Signed, link: Option<u64>) -> HeaderMap {
    let mut headers = of_checkpoint(signed);
    headers.insert(CONTENT_TYPE, CLOUDEVENT);
    if let Some(link) = link {
        headers.insert(LINK, link.to_string());
    }
    headers
}

/// Headers of a checkpoint.
pub(crate) fn of_checkpoint(signed: &Signed) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(SIGNATURE, signed.signature_text());
    headers.insert(KEY, signed.key.as_str());
    headers
}

/// Puts payload and headers back together, or says what is wrong with them.
pub(crate) fn signed(payload: &Bytes, headers: Option<&HeaderMap>) -> Result<Signed, String> {
    let text = |name: &str| {
        headers
            .and_then(|headers| headers.get(name))
            .map(HeaderValue::as_str)
            .ok_or_else(|| format!("the header {name} is missing"))
    };
    let signature = parse_signature(text(SIGNATURE)?).map_err(|error| error.to_string())?;
    let key = KeyId::parse(text(KEY)?).map_err(|error| error.to_string())?;
    Ok(Signed {
        bytes: payload.clone(),
        signature,
        key,
    })
}

/// The link number, or what is wrong with it.
pub(crate) fn link(headers: Option<&HeaderMap>) -> Result<u64, String> {
    let value = headers
        .and_then(|headers| headers.get(LINK))
        .ok_or_else(|| format!("the header {LINK} is missing"))?;
    match value.as_str().parse() {
        Ok(link) if link > 0 => Ok(link),
        _ => Err(format!("the header {LINK} is not a number from 1")),
    }
}

/// A text fit for a header: line breaks would end it, and make the client library panic.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c == '\r' || c == '\n' { ' ' } else { c })
        .collect()
}
