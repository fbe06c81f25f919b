//! The attributes of an event as they stand in its JSON text, before any is judged.
//!
//! Read by hand rather than derived, because a name given twice must be refused even when this
//! version does not know the name: a later one will, and must not see another event than we did.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A text that is borrowed unless JSON escapes force a copy.
#[derive(serde::Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

#[derive(Default)]
pub(super) struct Attributes<'a> {
    pub(super) specversion: Option<&'a str>,
    pub(super) id: Option<&'a str>,
    pub(super) source: Option<&'a str>,
    pub(super) kind: Option<&'a str>,
    pub(super) subject: Option<Text<'a>>,
    pub(super) time: Option<&'a str>,
    pub(super) recordedtime: Option<&'a str>,
    pub(super) sequence: Option<u64>,
    pub(super) epoch: Option<&'a str>,
    pub(super) causationid: Option<&'a str>,
    pub(super) parents: Option<&'a str>,
    pub(super) simulated: Option<bool>,
    pub(super) traceparent: Option<Text<'a>>,
    pub(super) datacontenttype: Option<&'a str>,
    pub(super) dataschema: Option<Text<'a>>,
    pub(super) data: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Attributes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Attributes<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CloudEvents JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes<'de>, A::Error> {
        let mut found = Attributes::default();
        let mut unknown = BTreeSet::new();
        while let Some(name) = map.next_key::<Text<'de>>()? {
            match name.0.as_ref() {
                "specversion" => once("specversion", &mut found.specversion, &mut map)?,
                "id" => once("id", &mut found.id, &mut map)?,
                "source" => once("source", &mut found.source, &mut map)?,
                "type" => once("type", &mut found.kind, &mut map)?,
                "subject" => once("subject", &mut found.subject, &mut map)?,
                "time" => once("time", &mut found.time, &mut map)?,
                "recordedtime" => once("recordedtime", &mut found.recordedtime, &mut map)?,
                "sequence" => once("sequence", &mut found.sequence, &mut map)?,
                "epoch" => once("epoch", &mut found.epoch, &mut map)?,
                "causationid" => once("causationid", &mut found.causationid, &mut map)?,
                "parents" => once("parents", &mut found.parents, &mut map)?,
                "simulated" => once("simulated", &mut found.simulated, &mut map)?,
                "traceparent" => once("traceparent", &mut found.traceparent, &mut map)?,
                "datacontenttype" => once("datacontenttype", &mut found.datacontenttype, &mut map)?,
                "dataschema" => once("dataschema", &mut found.dataschema, &mut map)?,
                "data" => once("data", &mut found.data, &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    if !unknown.insert(name) {
                        return Err(A::Error::custom("an unknown attribute is given twice"));
                    }
                }
            }
        }
        Ok(found)
    }
}

fn once<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    name: &'static str,
    slot: &mut Option<T>,
    map: &mut A,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(A::Error::duplicate_field(name));
    }
    *slot = Some(map.next_value()?);
    Ok(())
}
