//! An event on paper: the CloudEvents 1.0 text that a unit writes once, and a view over it.
//!
//! Attributes are written in one fixed order, so the same draft always gives the same bytes:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use envelope::{Draft, Event, moment};
//! use uuid::Uuid;
//!
//! let data = serde_json::value::RawValue::from_string(r#"{"procedure":"1.001193"}"#.into())?;
//! let written = Draft {
//!     id: Uuid::try_parse("018f4a2e-6f80-7000-8000-000000000001")?,
//!     unit: "H33-12-04",
//!     kind: "vn.motcua.dossier.received.v1",
//!     subject: "H33-12-04-240506-0001",
//!     time: moment::parse("2024-05-06T08:30:00+07:00").ok_or("time")?,
//!     recorded: moment::parse("2024-05-06T08:30:02+07:00").ok_or("time")?,
//!     epoch: Uuid::try_parse("018f4a2e-0000-7000-8000-0000000000ee")?,
//!     sequence: 1,
//!     causation: None,
//!     parents: &[],
//!     schema: "https://motcua.vn/schemas/events/dossier.received.v1.json",
//!     simulated: false,
//!     traceparent: None,
//!     data: &data,
//! }
//! .write()?;
//!
//! assert_eq!(
//!     std::str::from_utf8(&written)?,
//!     concat!(
//!         r#"{"specversion":"1.0","id":"018f4a2e-6f80-7000-8000-000000000001","#,
//!         r#""source":"urn:motcua:unit:H33-12-04","type":"vn.motcua.dossier.received.v1","#,
//!         r#""subject":"H33-12-04-240506-0001","time":"2024-05-06T08:30:00+07:00","#,
//!         r#""recordedtime":"2024-05-06T08:30:02+07:00","sequence":1,"#,
//!         r#""epoch":"018f4a2e-0000-7000-8000-0000000000ee","#,
//!         r#""datacontenttype":"application/json","#,
//!         r#""dataschema":"https://motcua.vn/schemas/events/dossier.received.v1.json","#,
//!         r#""data":{"procedure":"1.001193"}}"#,
//!     )
//! );
//!
//! let event = Event::read(&written)?;
//! assert_eq!((event.unit, event.sequence), ("H33-12-04", 1));
//! assert_eq!(event.data.get(), r#"{"procedure":"1.001193"}"#);
//! # Ok(())
//! # }
//! ```

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;
use uuid::Uuid;

use crate::brief;
use crate::moment::Moment;
use attributes::Attributes;
use grammar::{
    SOURCE, check_kind, check_schema, check_sequence, check_subject, check_traceparent, check_unit,
    need, parse_id, parse_time, print_time, wrong,
};

pub use grammar::kind_parts;

mod attributes;
pub(crate) mod grammar;

/// The longest event, in bytes: the limit of an entry in the tlog-tiles format, and well below
/// the size from which a journal's database would spill values into files that it never syncs.
pub const EVENT_BYTES_MAX: usize = 65_535;

/// Why an event could not be written or read.
#[derive(Debug, Error)]
pub enum EventError {
    #[error(
        "an event may have {EVENT_BYTES_MAX} bytes, this one has {found}: \
         keep the document in a file of its own and name it in the event by its SHA-256"
    )]
    TooLarge { found: usize },
    #[error("the bytes are not an event ({}): ask the origin for what it signed", brief(.0))]
    Form(#[from] serde_json::Error),
    #[error("the event is not UTF-8 text ({0}): ask the origin for what it signed")]
    Text(#[from] std::str::Utf8Error),
    #[error("the event lacks the attribute `{name}`: its writer must add it")]
    Missing { name: &'static str },
    /// `value` is cut after 80 characters.
    #[error("the event's attribute `{name}` is {value:?}, but it must be {rule}")]
    Attribute {
        name: &'static str,
        value: String,
        rule: &'static str,
    },
}

/// Everything a unit says in one event, before it is written down.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// UUIDv7, the event's identity everywhere.
    pub id: Uuid,
    /// The writing unit: letters, digits and dashes, e.g. `H33-12-04`.
    pub unit: &'a str,
    /// `vn.motcua.<thing>.<past participle>.v<major>`.
    pub kind: &'a str,
    /// The dossier code.
    pub subject: &'a str,
    /// When it happened.
    pub time: Moment,
    /// When the origin's journal took it in; later than `time` for paper entered afterwards.
    pub recorded: Moment,
    /// The epoch of the origin's journal.
    pub epoch: Uuid,
    /// The origin's own number, from 1 without holes.
    pub sequence: u64,
    /// The command or event that led to this one.
    pub causation: Option<Uuid>,
    /// The latest events about the subject that the writer knew.
    pub parents: &'a [Uuid],
    /// The `$id` of the JSON Schema of `data`.
    pub schema: &'a str,
    /// True when the instants come from a simulation, so that nobody takes it for a real dossier.
    pub simulated: bool,
    /// W3C trace context.
    pub traceparent: Option<&'a str>,
    /// The payload, written as it is; personal fields only as ciphertext.
    pub data: &'a RawValue,
}

/// The order of these fields is the order of the attributes in the bytes.
#[derive(Serialize)]
struct Paper<'a> {
    specversion: &'a str,
    id: Uuid,
    source: &'a str,
    r#type: &'a str,
    subject: &'a str,
    time: &'a str,
    recordedtime: &'a str,
    sequence: u64,
    epoch: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<Uuid>,
    #[serde(skip_serializing_if = "str::is_empty")]
    parents: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    simulated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
    datacontenttype: &'a str,
    dataschema: &'a str,
    data: &'a RawValue,
}

impl Draft<'_> {
    /// Writes the event down. What this returns is the event from now on.
    ///
    /// # Errors
    /// Refuses exactly what [`Event::read`] would refuse: an attribute outside its grammar, the
    /// sequence 0, more than [`EVENT_BYTES_MAX`] bytes.
    pub fn write(&self) -> Result<Vec<u8>, EventError> {
        check_unit(self.unit)?;
        check_kind(self.kind)?;
        check_subject(self.subject)?;
        check_sequence(self.sequence)?;
        check_schema(self.schema)?;
        if let Some(traceparent) = self.traceparent {
            check_traceparent(traceparent)?;
        }
        let parents: Vec<String> = self.parents.iter().map(Uuid::to_string).collect();
        let bytes = serde_json::to_vec(&Paper {
            specversion: "1.0",
            id: self.id,
            source: &format!("{SOURCE}{}", self.unit),
            r#type: self.kind,
            subject: self.subject,
            time: &print_time("time", &self.time)?,
            recordedtime: &print_time("recordedtime", &self.recorded)?,
            sequence: self.sequence,
            epoch: self.epoch,
            causationid: self.causation,
            parents: &parents.join(" "),
            simulated: self.simulated,
            traceparent: self.traceparent,
            datacontenttype: "application/json",
            dataschema: self.schema,
            data: self.data,
        })?;
        if bytes.len() > EVENT_BYTES_MAX {
            return Err(EventError::TooLarge { found: bytes.len() });
        }
        Ok(bytes)
    }
}

/// A view over the bytes of an event; the fields mean what they mean in [`Draft`].
#[derive(Debug, Clone)]
pub struct Event<'a> {
    pub id: Uuid,
    /// Taken from `source`.
    pub unit: &'a str,
    /// CloudEvents `type`. It may be one this program does not know; then it is kept and passed on.
    pub kind: &'a str,
    pub subject: Cow<'a, str>,
    pub time: Moment,
    pub recorded: Moment,
    pub epoch: Uuid,
    pub sequence: u64,
    pub causation: Option<Uuid>,
    pub parents: Vec<Uuid>,
    pub schema: Cow<'a, str>,
    pub simulated: bool,
    pub traceparent: Option<Cow<'a, str>>,
    pub data: &'a RawValue,
}

impl<'a> Event<'a> {
    /// Reads the attributes. Unknown attributes are skipped, since later versions may add some;
    /// an offset other than +07:00 is normalised. This says nothing about who wrote the bytes:
    /// see [`crate::KeyRegister::verify`].
    ///
    /// # Errors
    /// Refuses bytes over the limit, text that is not one JSON object, an attribute given twice
    /// (two readers could each believe another one), and any known attribute outside its grammar.
    /// Ids have one spelling, lower case with dashes. `source`, `type`, ids and times may not
    /// hide behind JSON escapes.
    pub fn read(bytes: &'a [u8]) -> Result<Event<'a>, EventError> {
        if bytes.len() > EVENT_BYTES_MAX {
            return Err(EventError::TooLarge { found: bytes.len() });
        }
        let found: Attributes<'a> = serde_json::from_str(std::str::from_utf8(bytes)?)?;
        let specversion = need("specversion", found.specversion)?;
        if specversion != "1.0" {
            return Err(wrong("specversion", specversion, "1.0"));
        }
        if let Some(other) = found
            .datacontenttype
            .filter(|kind| *kind != "application/json")
        {
            return Err(wrong(
                "datacontenttype",
                other,
                "application/json or absent",
            ));
        }
        let source = need("source", found.source)?;
        let unit = source
            .strip_prefix(SOURCE)
            .ok_or_else(|| wrong("source", source, "urn:motcua:unit:<unit>"))?;
        check_unit(unit)?;
        let kind = need("type", found.kind)?;
        check_kind(kind)?;
        let subject = need("subject", found.subject)?.0;
        check_subject(&subject)?;
        let sequence = need("sequence", found.sequence)?;
        check_sequence(sequence)?;
        let schema = need("dataschema", found.dataschema)?.0;
        check_schema(&schema)?;
        let traceparent = found.traceparent.map(|text| text.0);
        if let Some(traceparent) = &traceparent {
            check_traceparent(traceparent)?;
        }
        Ok(Event {
            id: parse_id("id", need("id", found.id)?)?,
            unit,
            kind,
            subject,
            time: parse_time("time", need("time", found.time)?)?,
            recorded: parse_time("recordedtime", need("recordedtime", found.recordedtime)?)?,
            epoch: parse_id("epoch", need("epoch", found.epoch)?)?,
            sequence,
            causation: found
                .causationid
                .map(|id| parse_id("causationid", id))
                .transpose()?,
            parents: match found.parents {
                Some(ids) => ids
                    .split(' ')
                    .map(|id| parse_id("parents", id))
                    .collect::<Result<_, _>>()?,
                None => Vec::new(),
            },
            schema,
            simulated: found.simulated.unwrap_or(false),
            traceparent,
            data: need("data", found.data)?,
        })
    }
}

#[cfg(test)]
mod tests;
