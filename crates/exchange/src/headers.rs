//! What travels beside an event: its signature, and its number on a line.
//!
//! Headers are hints. The signature is checked against the bytes, and a link number is believed
//! only as far as the sender's own permissions go; signed checkpoints tell when one was lost.

use async_nats::HeaderMap;
use envelope::{Signed, brief};

use crate::parcel::Parcel;

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
    let mut headers = of_parcel(&Parcel::of(String::new(), signed, link));
    headers.insert(CONTENT_TYPE, CLOUDEVENT);
    headers
}

/// Headers of what is published as `parcel` says.
pub(crate) fn of_parcel(parcel: &Parcel) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let values = [
        (SIGNATURE, &parcel.signature),
        (KEY, &parcel.key),
        (LINK, &parcel.link),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            headers.insert(name, value.as_str());
        }
    }
    headers
}

/// A text fit for a header: line breaks would end it, and make the client library panic.
/// A sentence as a header carries it: on one line, and short enough for any broker.
pub(crate) fn one_line(text: &str) -> String {
    brief(&text)
        .chars()
        .map(|c| if c == '\r' || c == '\n' { ' ' } else { c })
        .collect()
}
