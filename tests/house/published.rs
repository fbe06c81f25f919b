//! Every schema that is generated from the types of the code, by its path under `schemas/`.

use std::collections::BTreeMap;

use dossier::ids::DossierCode;
use dossier::intake::Person;
use dossier::{
    alert, alias, clock, desk, erase, group, intake, intervention, notice, obligation, opinion,
    outcome, oversight, payment, privacy, promise, receive, repin, route, step, supplement, wire,
};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};
use unit::command::{CommandEnvelope, UPKEEP};
use unit::{answer, reader, writing};

/// The one query that another program answers than the projector.
pub(crate) const PORTAL_HEALTH: &str = "portal_health";

/// What a question without parameters carries.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct Nothing {}

/// Path under `schemas/` and content of each generated schema.
pub(crate) fn generated() -> BTreeMap<String, Value> {
    let all = [
        events(),
        commands(),
        questions(),
        queries(),
        answers(),
        alerts(),
    ];
    let mut found = BTreeMap::new();
    for (path, schema) in all.into_iter().flatten() {
        assert!(
            found.insert(path.clone(), schema).is_none(),
            "{path} is generated twice"
        );
    }
    found
}

/// The names of all commands: what each level may be given, and what each unit.
pub(crate) fn command_names() -> Vec<&'static str> {
    use unit::desk::Desk;
    let mut names = [
        agency::Agency.powers(),
        commune::Commune.powers(),
        district::District.powers(),
        UPKEEP.to_vec(),
    ]
    .concat();
    names.sort_unstable();
    names.dedup();
    names
}

fn events() -> Vec<(String, Value)> {
    let data: [fn() -> Value; wire::KINDS.len()] = [
        read::<intake::Registered>,
        read::<intake::Received>,
        read::<intake::Declined>,
        read::<route::Dispatched>,
        read::<supplement::Asked>,
        read::<supplement::Given>,
        read::<payment::Asked>,
        read::<payment::Confirmed>,
        read::<promise::Apologised>,
        read::<outcome::Refused>,
        read::<outcome::Withdrawn>,
        read::<outcome::Stopped>,
        read::<outcome::ResultReady>,
        read::<outcome::ResultReturned>,
        read::<step::Accepted>,
        read::<step::Declined>,
        read::<step::Allotted>,
        read::<step::Assigned>,
        read::<step::SupplementNeeded>,
        read::<opinion::OpinionAsked>,
        read::<opinion::OpinionGiven>,
        read::<obligation::ObligationAssessed>,
        read::<step::SentBack>,
        read::<step::Completed>,
        read::<oversight::Reminded>,
        read::<clock::Paused>,
        read::<clock::Resumed>,
        read::<clock::Started>,
        read::<clock::Recomputed>,
        read::<intake::Repinned>,
        read::<intake::Aliased>,
        read::<alert::Raised>,
        read::<alert::Settled>,
        read::<outcome::PartReturned>,
        read::<step::StepApologised>,
        read::<notice::CalendarDeclared>,
        read::<notice::PeriodClosed>,
        read::<notice::PeriodRestated>,
        read::<intervention::JournalRestored>,
        read::<intervention::JournalRepaired>,
        read::<intervention::QuarantineRetried>,
        read::<intervention::QuarantineRejected>,
        read::<privacy::Read>,
        read::<privacy::KeyGranted>,
        read::<privacy::ErasureRefused>,
        read::<privacy::ErasureOrdered>,
        read::<privacy::KeysDestroyed>,
        read::<privacy::Erased>,
        read::<intervention::KeyRotated>,
        read::<intervention::KeyRevoked>,
    ];
    let rows = wire::KINDS.iter().zip(data);
    rows.map(|(kind, data)| {
        let short = kind
            .strip_prefix("vn.motcua.")
            .expect("a type of this system");
        (
            format!("events/{short}.json"),
            headed(data(), &writing::schema_of(kind), kind),
        )
    })
    .collect()
}

fn commands() -> Vec<(String, Value)> {
    vec![
        command::<desk::Register<Person>>("register"),
        command::<receive::Receive<Person>>("receive"),
        command::<desk::Decline>("decline"),
        command::<route::Dispatch>("dispatch"),
        command::<supplement::AskSupplement>("ask_supplement"),
        command::<supplement::GiveSupplement>("give_supplement"),
        command::<payment::AskPayment>("ask_payment"),
        command::<payment::ConfirmPayment>("confirm_payment"),
        command::<promise::Apologise>("apologise"),
        command::<outcome::Withdraw>("withdraw"),
        command::<outcome::Stop>("stop"),
        command::<outcome::Refuse>("refuse"),
        command::<outcome::ReturnResult>("return_result"),
        command::<outcome::ReturnPart>("return_part"),
        command::<clock::Pause>("pause"),
        command::<clock::Resume>("resume"),
        command::<alias::NoteAlias>("note_alias"),
        command::<repin::MoveVersion>("move_version"),
        command::<alert::RaiseAlert>("raise_alert"),
        command::<alert::SettleAlert>("settle_alert"),
        command::<erase::Erase>("erase"),
        command::<step::Accept>("accept"),
        command::<step::DeclineStep>("decline_step"),
        command::<step::Allot>("allot"),
        command::<step::Assign>("assign"),
        command::<step::NeedSupplement>("need_supplement"),
        command::<opinion::AskOpinion>("ask_opinion"),
        command::<opinion::GiveOpinion>("give_opinion"),
        command::<obligation::AssessObligation>("assess_obligation"),
        command::<step::SendBack>("send_back"),
        command::<step::Complete>("complete"),
        command::<group::ApologiseStep>("apologise_step"),
        command::<unit::notice::DeclareDays>("declare_days"),
        command::<unit::notice::ClosePeriod>("close_period"),
        command::<unit::notice::RestatePeriod>("restate_period"),
        command::<unit::quarantine::RetryQuarantined>("retry_quarantined"),
        command::<unit::quarantine::RejectQuarantined>("reject_quarantined"),
        command::<unit::recovery::GoOnWithout>("go_on_without"),
        command::<unit::keys::RotateKey>("rotate_key"),
        command::<unit::keys::RevokeKey>("revoke_key"),
    ]
}

fn questions() -> Vec<(String, Value)> {
    vec![
        command::<Nothing>("worklist"),
        command::<Nothing>("show"),
        command::<reader::PersonsWanted>("applicant"),
        command::<reader::KeyWanted>("key"),
        command::<unit::readings::ReadingsAsked>("readings"),
        command::<Nothing>("backdated"),
        command::<unit::quarantine::QuarantineAsked>("quarantine"),
        command::<Nothing>("health"),
        command::<unit::backing_up::BackUp>("back_up"),
    ]
}

/// The whole message of a command: what every command carries, around its own fields.
fn command<D: JsonSchema>(name: &str) -> (String, Value) {
    let mut schema = read::<CommandEnvelope<D>>();
    let own = generator().into_root_schema_for::<D>().to_value();
    if let Some(words) = own["description"].as_str() {
        // The one sentence of these types that is about Rust.
        schema["description"] = json!(words.split(" `P` is ").next());
    }
    let of_none = [
        "register",
        "receive",
        "decline",
        "worklist",
        "backdated",
        "declare_days",
        "close_period",
        "restate_period",
        "retry_quarantined",
        "reject_quarantined",
        "go_on_without",
        "rotate_key",
        "revoke_key",
        "quarantine",
        "health",
        "back_up",
    ];
    if !of_none.contains(&name) {
        schema["required"]
            .as_array_mut()
            .expect("required fields")
            .push(json!("dossier"));
        let mut generator = generator();
        schema["properties"]["dossier"] = generator.subschema_for::<DossierCode>().to_value();
        schema["properties"]["dossier"]["description"] = json!("Which dossier.");
    }
    let id = format!("urn:motcua:schema:commands:{name}.v1");
    (
        format!("commands/{name}.v1.json"),
        headed(schema, &id, name),
    )
}

fn queries() -> Vec<(String, Value)> {
    use projector::query::{
        DossierQuery, EventsQuery, NoParameters, OverdueQuery, ReportQuery, SheetQuery,
        SummaryQuery,
    };
    vec![
        query::<SummaryQuery>("summary", "Figures: received, ended by timeliness, open."),
        query::<OverdueQuery>("overdue", "What is overdue now, and at whom."),
        query::<DossierQuery>(
            "dossier",
            "One dossier: where it stands and how it came there.",
        ),
        query::<EventsQuery>(
            "events",
            "The events of one dossier as they were signed, and the days declared later.",
        ),
        query::<SheetQuery>("why", "Why a dossier is due when it is."),
        query::<SheetQuery>("slip", "The control slip of one dossier."),
        query::<ReportQuery>("report", "A report of a period."),
        query::<NoParameters>("units", "The units and the headline figure."),
        query::<NoParameters>(
            "digest",
            "The digest of the live state and of one rebuilt from zero.",
        ),
        query::<NoParameters>(
            "rebuild",
            "As `digest`; then the rebuilt state replaces the live one.",
        ),
        query::<NoParameters>("health", "How the projector fares."),
        query::<projector::quarantine::QuarantineQuery>(
            "quarantine",
            "What the projector could not accept; or one of it, judged again.",
        ),
        query::<NoParameters>(
            PORTAL_HEALTH,
            "How the adapter of the national portal fares.",
        ),
    ]
}

/// A query's parameters, with the position that any answer can be asked to cover.
fn query<Q: JsonSchema>(name: &str, words: &str) -> (String, Value) {
    let mut generator = generator();
    let mut at_least = generator
        .subschema_for::<Vec<projector::query::AtLeast>>()
        .to_value();
    at_least["description"] =
        json!("What the answer has to cover: positions from commands' answers.");
    let mut schema = generator.into_root_schema_for::<Q>().to_value();
    if schema.get("properties").is_none() {
        schema["properties"] = json!({});
    }
    schema["properties"]["at_least"] = at_least;
    schema["description"] = json!(words);
    let id = format!("urn:motcua:schema:queries:{name}.v1");
    (format!("queries/{name}.v1.json"), headed(schema, &id, name))
}

fn answers() -> Vec<(String, Value)> {
    vec![
        answered::<answer::Answer>("answer"),
        answered::<answer::Noted>("noted"),
        answered::<answer::Backdated>("backdated"),
        answered::<unit::health::Health>("health"),
        answered::<unit::backing_up::BackedUp>("backed_up"),
        answered::<unit::quarantine::Quarantine>("quarantine"),
        answered::<answer::Refused>("refused"),
        answered::<answer::Worklist>("worklist"),
        answered::<reader::Persons>("persons"),
        answered::<reader::KeyGranted>("key_granted"),
        answered::<unit::readings::Readings>("readings"),
        answered::<projector::Answer>("query"),
        answered::<projector::QueryError>("query_refused"),
    ]
}

fn alerts() -> Vec<(String, Value)> {
    let schema = headed(
        read::<unit::alert::Alert>(),
        "urn:motcua:schema:alert.v1",
        "alert",
    );
    vec![("alert.v1.json".to_owned(), schema)]
}

fn answered<A: JsonSchema>(name: &str) -> (String, Value) {
    let id = format!("urn:motcua:schema:answers:{name}.v1");
    (
        format!("answers/{name}.v1.json"),
        headed(read::<A>(), &id, name),
    )
}

/// What a reader has to accept: fields with a default may be absent.
fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator()
}

fn read<T: JsonSchema>() -> Value {
    generator().into_root_schema_for::<T>().to_value()
}

fn headed(mut schema: Value, id: &str, title: &str) -> Value {
    schema["$id"] = json!(id);
    schema["title"] = json!(title);
    plain_words(&mut schema);
    schema
}

/// Links of rustdoc lead nowhere outside of it, and its lines break where the source does.
fn plain_words(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                if let (true, Value::String(words)) = (key == "description", &mut *value) {
                    *words = words
                        .replace("[`", "`")
                        .replace("`]", "`")
                        .replace("\n\n", " ")
                        .replace('\n', " ");
                }
                plain_words(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain_words),
        _ => {}
    }
}
