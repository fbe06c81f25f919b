//! What a journal holds: an entry is an event at its place in one journal.

use envelope::{EVENT_BYTES_MAX, KeyId, Signed};
use uuid::Uuid;

use crate::group::NewQuarantine;
use crate::record::{Fields, put_long, put_short};

/// Longest stored form of one entry, in bytes. Larger sled pages would spill into side files that
/// sled never syncs; with 4 MiB segments values up to 200 kB stay inside the log.
pub const RECORD_BYTES_MAX: usize = 200_000;

/// First byte of every stored record, so that a later layout can be told from this one.
const LAYOUT: u8 = 1;
const OWN: u8 = 0;
const RECEIVED: u8 = 1;

/// An event at its place in this journal.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Place in the journal, from 0, own and received events in one row.
    pub index: u64,
    /// Whether this unit wrote the event or was sent it.
    pub origin: Origin,
    /// The exact bytes as the writing unit signed them.
    pub signed: Signed,
    /// Which events this entry promises to which other units.
    pub deliveries: Vec<Delivery>,
}

/// Where an entry came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Written by the unit whose journal this is.
    Own,
    /// Sent by unit `from` as number `link` of its line to this unit.
    Received { from: String, link: u64 },
}

/// The promise to send event `event` to unit `to` as number `link` of the line to it.
///
/// `event` may be an older entry than the one that carries the delivery: a unit that joins a
/// dossier later gets the earlier events under new numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub to: String,
    pub link: u64,
    pub event: Uuid,
}

/// Something received that could not be accepted, kept with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Place in the quarantine, from 0.
    pub number: u64,
    /// The bytes as they came, cut after [`EVENT_BYTES_MAX`] bytes.
    pub bytes: Vec<u8>,
    /// How many bytes came.
    pub length: u64,
    pub reason: String,
    /// Who sent it, as far as the transport knows.
    pub from: String,
    /// When, RFC 3339, as the host said it.
    pub at: String,
    /// The signature that came with it, unverified.
    pub signature: Option<[u8; 64]>,
    /// The key that the signature is said to be by.
    pub key: Option<KeyId>,
    /// The number on the sender's line that it came under.
    pub link: Option<u64>,
}

pub(crate) fn write_entry(origin: &Origin, signed: &Signed, deliveries: &[Delivery]) -> Vec<u8> {
    let mut out = Vec::with_capacity(signed.bytes.len() + 128 + deliveries.len() * 64);
    out.push(LAYOUT);
    match origin {
        Origin::Own => out.push(OWN),
        Origin::Received { from, link } => {
            out.push(RECEIVED);
            put_short(&mut out, from.as_bytes());
            out.extend_from_slice(&link.to_be_bytes());
        }
    }
    put_short(&mut out, signed.key.as_str().as_bytes());
    out.extend_from_slice(&signed.signature);
    put_long(&mut out, deliveries.len());
    for delivery in deliveries {
        put_short(&mut out, delivery.to.as_bytes());
        out.extend_from_slice(&delivery.link.to_be_bytes());
        out.extend_from_slice(delivery.event.as_bytes());
    }
    out.extend_from_slice(&signed.bytes);
    out
}

/// Reads a stored record; `None` when it is not one.
pub(crate) fn read_entry(index: u64, record: &[u8]) -> Option<Entry> {
    let mut fields = Fields::of(record);
    if fields.byte()? != LAYOUT {
        return None;
    }
    let origin = match fields.byte()? {
        OWN => Origin::Own,
        RECEIVED => Origin::Received {
            from: fields.short_text()?,
            link: fields.number()?,
        },
        _ => return None,
    };
    let key = KeyId::parse(&fields.short_text()?).ok()?;
    let signature: [u8; 64] = fields.array()?;
    let count = fields.long()?;
    // A damaged count must not reserve memory for itself: a delivery takes at least 25 bytes.
    if count > fields.left() / 25 {
        return None;
    }
    let mut deliveries = Vec::with_capacity(count);
    for _ in 0..count {
        deliveries.push(Delivery {
            to: fields.short_text()?,
            link: fields.number()?,
            event: Uuid::from_bytes(fields.array()?),
        });
    }
    let bytes = bytes::Bytes::copy_from_slice(fields.rest());
    Some(Entry {
        index,
        origin,
        signed: Signed {
            bytes,
            signature,
            key,
        },
        deliveries,
    })
}

pub(crate) fn write_quarantined(new: &NewQuarantine) -> Vec<u8> {
    let mut out = vec![LAYOUT];
    out.extend_from_slice(&(new.bytes.len() as u64).to_be_bytes());
    for text in [&new.reason, &new.from, &new.at] {
        let text = cut(text, usize::from(u16::MAX));
        put_long(&mut out, text.len());
        out.extend_from_slice(text.as_bytes());
    }
    put_short(
        &mut out,
        new.key
            .as_ref()
            .map_or(&[][..], |key| key.as_str().as_bytes()),
    );
    put_short(
        &mut out,
        new.signature.as_ref().map_or(&[][..], |bytes| &bytes[..]),
    );
    put_short(
        &mut out,
        &new.link
            .map_or_else(Vec::new, |link| link.to_be_bytes().to_vec()),
    );
    out.extend_from_slice(new.bytes.get(..EVENT_BYTES_MAX).unwrap_or(&new.bytes));
    out
}

pub(crate) fn read_quarantined(number: u64, record: &[u8]) -> Option<Quarantined> {
    let mut fields = Fields::of(record);
    if fields.byte()? != LAYOUT {
        return None;
    }
    let (length, reason) = (fields.number()?, fields.long_text()?);
    let (from, at) = (fields.long_text()?, fields.long_text()?);
    let key = Some(fields.short_text()?).filter(|key| !key.is_empty());
    let signature = Some(fields.short()?).filter(|signature| !signature.is_empty());
    let link = Some(fields.short()?).filter(|link| !link.is_empty());
    Some(Quarantined {
        number,
        length,
        reason,
        from,
        at,
        key: key.map(|key| KeyId::parse(&key)).transpose().ok()?,
        signature: signature.map(<[u8; 64]>::try_from).transpose().ok()?,
        link: link
            .map(<[u8; 8]>::try_from)
            .transpose()
            .ok()?
            .map(u64::from_be_bytes),
        bytes: fields.rest().to_vec(),
    })
}

/// A reason is written by this house, but may quote what a stranger sent.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most))
        .unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn signed(bytes: &[u8]) -> Signed {
        Signed {
            bytes: bytes::Bytes::copy_from_slice(bytes),
            signature: [7; 64],
            key: KeyId::parse("0123456789abcdef").unwrap(),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let origin = Origin::Received {
            from: "H33-12-04".into(),
            link: 9,
        };
        let deliveries = vec![Delivery {
            to: "H33-12".into(),
            link: 3,
            event: Uuid::from_u128(5),
        }];
        let record = write_entry(&origin, &signed(b"{}"), &deliveries);
        let entry = read_entry(4, &record).unwrap();
        assert_eq!(entry.index, 4);
        assert_eq!(entry.origin, origin);
        assert_eq!(entry.deliveries, deliveries);
        assert_eq!(&entry.signed.bytes[..], b"{}");
        assert_eq!(entry.signed.signature, [7; 64]);
    }

    #[test]
    fn a_cut_record_is_no_record() {
        let record = write_entry(&Origin::Own, &signed(b""), &[]);
        for end in 0..record.len() {
            assert!(read_entry(0, &record[..end]).is_none(), "cut at {end}");
        }
    }

    #[test]
    fn quarantine_keeps_what_fits_and_how_much_came() {
        let sent = vec![b'x'; EVENT_BYTES_MAX + 10];
        let new = NewQuarantine {
            bytes: sent.clone(),
            reason: "quá dài".into(),
            from: "H33".into(),
            at: "now".into(),
            signature: Some([9; 64]),
            key: Some(KeyId::parse("0123456789abcdef").unwrap()),
            link: Some(7),
        };
        let kept = read_quarantined(2, &write_quarantined(&new)).unwrap();
        assert_eq!(
            (kept.signature, &kept.key, kept.link),
            (new.signature, &new.key, new.link)
        );
        assert_eq!(kept.length, sent.len() as u64);
        assert_eq!(kept.bytes.len(), EVENT_BYTES_MAX);
        assert_eq!(kept.reason, "quá dài");
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(0u8.., 0..300)) {
            let _ = read_entry(0, &bytes);
            let _ = read_quarantined(0, &bytes);
        }
    }
}
