#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::moment;

fn moment(text: &str) -> Moment {
    moment::parse(text).unwrap()
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

fn draft(data: &RawValue) -> Draft<'_> {
    Draft {
        id: Uuid::from_u128(1),
        unit: "H33-12-04",
        kind: "vn.motcua.dossier.received.v1",
        subject: "H33-12-04-240506-0001",
        time: moment("2024-05-06T08:30:00+07:00"),
        recorded: moment("2024-05-06T08:30:02+07:00"),
        epoch: Uuid::from_u128(0xee),
        sequence: 1,
        causation: None,
        parents: &[],
        schema: "https://motcua.vn/schemas/events/dossier.received.v1.json",
        simulated: false,
        traceparent: None,
        data,
    }
}

/// The plainest event as text, with one part of it replaced.
fn altered(from: &str, to: &str) -> Vec<u8> {
    let data = raw("{}");
    let text = String::from_utf8(draft(&data).write().unwrap()).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from} once in {text}");
    text.replace(from, to).into_bytes()
}

fn refused_attribute(bytes: &[u8]) -> &'static str {
    match Event::read(bytes).unwrap_err() {
        EventError::Attribute { name, .. } | EventError::Missing { name } => name,
        other => panic!("refused for another reason: {other}"),
    }
}

#[test]
fn every_attribute_has_its_place() {
    let data = raw(r#"{"a": 1}"#);
    let full = Draft {
        causation: Some(Uuid::from_u128(2)),
        parents: &[Uuid::from_u128(3), Uuid::from_u128(4)],
        simulated: true,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ..draft(&data)
    };
    assert_eq!(
        String::from_utf8(full.write().unwrap()).unwrap(),
        concat!(
            r#"{"specversion":"1.0","id":"00000000-0000-0000-0000-000000000001","#,
            r#""source":"urn:motcua:unit:H33-12-04","type":"vn.motcua.dossier.received.v1","#,
            r#""subject":"H33-12-04-240506-0001","time":"2024-05-06T08:30:00+07:00","#,
            r#""recordedtime":"2024-05-06T08:30:02+07:00","sequence":1,"#,
            r#""epoch":"00000000-0000-0000-0000-0000000000ee","#,
            r#""causationid":"00000000-0000-0000-0000-000000000002","#,
            r#""parents":"00000000-0000-0000-0000-000000000003 "#,
            r#"00000000-0000-0000-0000-000000000004","simulated":true,"#,
            r#""traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","#,
            r#""datacontenttype":"application/json","#,
            r#""dataschema":"https://motcua.vn/schemas/events/dossier.received.v1.json","#,
            r#""data":{"a": 1}}"#,
        )
    );
}

#[test]
fn an_event_at_the_limit_is_written_and_one_byte_more_is_not() {
    let spare = EVENT_BYTES_MAX - draft(&raw(r#""""#)).write().unwrap().len();
    let longest = raw(&format!("\"{}\"", "x".repeat(spare)));
    let bytes = draft(&longest).write().unwrap();
    assert_eq!(bytes.len(), EVENT_BYTES_MAX);
    Event::read(&bytes).unwrap();

    let longer = raw(&format!("\"{}\"", "x".repeat(spare + 1)));
    let refused = draft(&longer).write().unwrap_err();
    assert!(matches!(refused, EventError::TooLarge { found } if found == EVENT_BYTES_MAX + 1));
    let padded = [bytes, b" ".to_vec()].concat();
    assert!(matches!(
        Event::read(&padded).unwrap_err(),
        EventError::TooLarge { .. }
    ));
}

#[test]
fn an_unknown_attribute_is_skipped() {
    let bytes = altered(
        r#""sequence":1"#,
        r#""sequence":1,"later":{"x":[1,"\u0041"]}"#,
    );
    assert_eq!(Event::read(&bytes).unwrap().sequence, 1);
}

#[test]
fn an_attribute_given_twice_is_refused_even_in_disguise_or_unknown() {
    for twice in [
        r#""sequence":1,"sequence":1"#,
        r#""sequence":1,"\u0073equence":2"#,
        r#""sequence":1,"later":1,"later":1"#,
        r#""sequence":1,"later":1,"\u006cater":1"#,
    ] {
        let refused = Event::read(&altered(r#""sequence":1"#, twice))
            .map(|_| ())
            .unwrap_err();
        assert!(matches!(refused, EventError::Form(_)), "{twice}: {refused}");
    }
}

#[test]
fn what_this_program_trusts_is_checked_on_reading() {
    for (from, to, name) in [
        (
            r#""specversion":"1.0""#,
            r#""specversion":"0.3""#,
            "specversion",
        ),
        (
            "urn:motcua:unit:H33-12-04",
            "urn:elsewhere:H33-12-04",
            "source",
        ),
        ("urn:motcua:unit:H33-12-04", "urn:motcua:unit:", "source"),
        (
            "urn:motcua:unit:H33-12-04",
            "urn:motcua:unit:H33.12.04",
            "source",
        ),
        (
            "dossier.received.v1\",\"subject",
            "dossier.v1\",\"subject",
            "type",
        ),
        (
            r#""subject":"H33-12-04-240506-0001""#,
            r#""subject":"""#,
            "subject",
        ),
        (
            r#""subject":"H33-12-04-240506-0001""#,
            r#""subject":"a\u0000b""#,
            "subject",
        ),
        (
            r#""time":"2024-05-06T08:30:00+07:00""#,
            r#""time":"2024-05-06""#,
            "time",
        ),
        (
            r#""recordedtime":"2024-05-06T08:30:02+07:00","#,
            "",
            "recordedtime",
        ),
        (r#""sequence":1"#, r#""sequence":0"#, "sequence"),
        (r#""sequence":1,"#, "", "sequence"),
        ("0000000000ee", "0000000000EE", "epoch"),
        (
            "00000000-0000-0000-0000-0000000000ee",
            "000000000000000000000000000000ee",
            "epoch",
        ),
        ("00000000-0000-0000-0000-000000000001", "first", "id"),
        (r#""sequence":1"#, r#""sequence":1,"parents":"""#, "parents"),
        (
            r#""sequence":1"#,
            r#""sequence":1,"causationid":"x""#,
            "causationid",
        ),
        ("application/json", "application/xml", "datacontenttype"),
        (r#","data":{}"#, "", "data"),
    ] {
        assert_eq!(
            refused_attribute(&altered(from, to)),
            name,
            "{from} -> {to}"
        );
    }
}

#[test]
fn a_sequence_is_a_whole_number_and_a_name_hides_behind_no_escape() {
    for (from, to) in [
        (r#""sequence":1"#, r#""sequence":"1""#),
        (r#""sequence":1"#, r#""sequence":1.0"#),
        (r#""sequence":1"#, r#""sequence":-1"#),
        ("urn:motcua", r"\u0075rn:motcua"),
        (r#""data":{}"#, r#""data":{"#),
    ] {
        let refused = Event::read(&altered(from, to)).map(|_| ()).unwrap_err();
        assert!(matches!(refused, EventError::Form(_)), "{to}: {refused}");
    }
}

#[test]
fn an_offset_of_elsewhere_is_normalised() {
    let bytes = altered("2024-05-06T08:30:00+07:00", "2024-05-06T01:30:00Z");
    let event = Event::read(&bytes).unwrap();
    assert_eq!(
        moment::print(&event.time).unwrap(),
        "2024-05-06T08:30:00+07:00"
    );
}

#[test]
fn a_draft_that_could_not_be_read_is_not_written() {
    let data = raw("{}");
    for (bad, name) in [
        (
            Draft {
                sequence: 0,
                ..draft(&data)
            },
            "sequence",
        ),
        (
            Draft {
                subject: "",
                ..draft(&data)
            },
            "subject",
        ),
        (
            Draft {
                subject: "a\0b",
                ..draft(&data)
            },
            "subject",
        ),
        (
            Draft {
                unit: "H33.12",
                ..draft(&data)
            },
            "source",
        ),
        (
            Draft {
                kind: "dossier.received",
                ..draft(&data)
            },
            "type",
        ),
        (
            Draft {
                schema: "",
                ..draft(&data)
            },
            "dataschema",
        ),
        (
            Draft {
                traceparent: Some(""),
                ..draft(&data)
            },
            "traceparent",
        ),
    ] {
        match bad.write().unwrap_err() {
            EventError::Attribute { name: found, .. } => assert_eq!(found, name),
            other => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn a_type_has_a_thing_a_participle_and_a_version() {
    let parts = |thing, participle, major| Some((thing, participle, major));
    assert_eq!(
        kind_parts("vn.motcua.step.accepted.v2"),
        parts("step", "accepted", 2)
    );
    assert_eq!(
        kind_parts("vn.motcua.personal_data.erased.v1"),
        parts("personal_data", "erased", 1)
    );
    for wrong in [
        "vn.motcua.step.v1",
        "vn.motcua.step.accepted",
        "vn.motcua.step.accepted.1",
        "vn.motcua.step.accepted.v0",
        "vn.motcua.step.accepted.v01",
        "vn.motcua.step.accepted.v+1",
        "vn.motcua.step.accepted.v1.x",
        "vn.motcua.Step.accepted.v1",
        "vn.motcua.*.accepted.v1",
        "vn.motcua..accepted.v1",
        "vn.elsewhere.step.accepted.v1",
    ] {
        assert_eq!(kind_parts(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(
        id: u128, sequence in 1u64.., causation: Option<u128>,
        parents in prop::collection::vec(any::<u128>(), 0..5),
        subject in "[^\\p{Cc}]{1,40}", unit in "[A-Za-z0-9-]{1,20}",
        seconds in 0i64..4_000_000_000, nanos in 0u32..1_000_000_000, simulated: bool,
        text: String,
    ) {
        let time = chrono::DateTime::from_timestamp(seconds, nanos).unwrap()
            .with_timezone(&moment::VIETNAM);
        let data = raw(&serde_json::to_string(&text).unwrap());
        let parents: Vec<Uuid> = parents.into_iter().map(Uuid::from_u128).collect();
        let written = Draft {
            id: Uuid::from_u128(id), sequence, subject: &subject, unit: &unit, time,
            causation: causation.map(Uuid::from_u128), parents: &parents, simulated,
            ..draft(&data)
        };
        let bytes = written.write().unwrap();
        let event = Event::read(&bytes).unwrap();
        prop_assert_eq!(event.id, written.id);
        prop_assert_eq!(event.sequence, sequence);
        prop_assert_eq!(event.unit, unit.as_str());
        prop_assert_eq!(event.subject.as_ref(), subject.as_str());
        prop_assert_eq!(event.time, time);
        prop_assert_eq!(event.causation, written.causation);
        prop_assert_eq!(event.parents, parents);
        prop_assert_eq!(event.simulated, simulated);
        prop_assert_eq!(event.data.get(), data.get());
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
        let _ = Event::read(&bytes);
    }

    #[test]
    fn no_damage_to_an_event_makes_reading_panic(
        at: prop::sample::Index, cut: prop::sample::Index, with: Vec<u8>,
    ) {
        let data = raw(r#"{"tên":"\u0041","n":[1,2,{"x":null}]}"#);
        let mut bytes = draft(&data).write().unwrap();
        let at = at.index(bytes.len());
        let end = at + cut.index(bytes.len() - at);
        bytes.splice(at..end, with);
        let _ = Event::read(&bytes);
    }
}
