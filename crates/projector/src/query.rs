//! What can be asked, and why an answer may be refused. One language for NATS (a JSON object) and
//! HTTP (the same names as parameters).

mod period;
mod single;

pub use period::{Form, ReportQuery};
pub use single::{Called, DossierQuery, EventsQuery, SheetQuery};

use dossier::ids::UnitId;
use envelope::brief;
use report::RuleSet;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::counters::Month;
use crate::directory::Level;
use crate::quarantine::QuarantineQuery;

/// Overdue dossiers in one answer, unless asked otherwise, and at most: answers travel over NATS,
/// which takes 1 MiB.
const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// By what figures are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is what its name says")]
pub enum Dimension {
    Unit,
    Level,
    Field,
    Procedure,
    Month,
    Channel,
}

/// Figures: received, ended by timeliness, open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SummaryQuery {
    /// Grouped by; not at all when empty.
    pub group_by: Vec<Dimension>,
    /// Under which rule sets; all when empty.
    pub rules: Vec<RuleSet>,
    /// From this month on.
    pub from: Option<Month>,
    /// Up to and with this month.
    pub to: Option<Month>,
    /// Of this home unit only.
    pub unit: Option<UnitId>,
    /// Of home units of this level only.
    pub level: Option<Level>,
    /// Of this field only.
    pub field: Option<String>,
}

/// What is overdue now, and at whom; the longest overdue first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OverdueQuery {
    /// Only where this unit is the home or is awaited.
    pub unit: Option<UnitId>,
    /// By which due date.
    pub rules: RuleSet,
    /// How many at most, 1 to 1,000.
    pub limit: u32,
}

impl Default for OverdueQuery {
    fn default() -> Self {
        Self {
            unit: None,
            rules: RuleSet::Ii06a,
            limit: LIMIT_DEFAULT,
        }
    }
}

/// A query that takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// A query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Figures.
    Summary(SummaryQuery),
    /// What is overdue.
    Overdue(OverdueQuery),
    /// One dossier.
    Dossier(DossierQuery),
    /// The events of one dossier.
    Events(EventsQuery),
    /// Why a dossier is due when it is.
    Why(SheetQuery),
    /// The control slip of a dossier (phiếu kiểm soát quá trình giải quyết hồ sơ).
    Slip(SheetQuery),
    /// A report of a period.
    Report(Box<ReportQuery>),
    /// The units and the headline figure.
    Units,
    /// The digest of the state, live and rebuilt from zero beside it.
    Digest,
    /// As `Digest`; then the rebuilt state takes the place of the live one.
    Rebuild,
    /// How the projector fares.
    Health,
    /// What it could not accept.
    Quarantine(QuarantineQuery),
}

/// A position that the answer has to cover: what a command's answer carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AtLeast {
    /// The origin.
    pub unit: UnitId,
    /// Its journal's epoch.
    pub epoch: Uuid,
    /// Its own number.
    pub sequence: u64,
}

/// A query with what it has to cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub query: Query,
    /// What the answer has to cover.
    pub at_least: Vec<AtLeast>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{code}: {message}")]
pub struct QueryError {
    /// Stable name, for programs.
    pub code: String,
    /// What is wrong and what to do, for people.
    pub message: String,
    /// The status of HTTP, also used over NATS.
    #[serde(skip, default = "internal")]
    pub status: u16,
}

fn internal() -> u16 {
    500
}

impl QueryError {
    /// An error of this status.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: brief(&message.into()),
            status,
        }
    }
}

impl From<Query> for Question {
    fn from(query: Query) -> Self {
        Self {
            query,
            at_least: Vec::new(),
        }
    }
}

impl Query {
    /// Every name.
    pub const NAMES: [&'static str; 12] = [
        "summary",
        "overdue",
        "dossier",
        "events",
        "why",
        "slip",
        "report",
        "units",
        "digest",
        "rebuild",
        "health",
        "quarantine",
    ];

    /// The name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Summary(_) => "summary",
            Self::Overdue(_) => "overdue",
            Self::Dossier(_) => "dossier",
            Self::Events(_) => "events",
            Self::Why(_) => "why",
            Self::Slip(_) => "slip",
            Self::Report(_) => "report",
            Self::Units => "units",
            Self::Digest => "digest",
            Self::Rebuild => "rebuild",
            Self::Health => "health",
            Self::Quarantine(_) => "quarantine",
        }
    }
}

impl Question {
    /// Reads the query `name` with its parameters, a JSON object or nothing.
    ///
    /// # Errors
    /// [`QueryError`] with status 404 for an unknown name and 400 for parameters that do not fit.
    pub fn read(name: &str, parameters: &[u8]) -> Result<Self, QueryError> {
        let value = if parameters.is_empty() {
            Value::Object(Map::new())
        } else {
            serde_json::from_slice(parameters).map_err(|error| unreadable(&error))?
        };
        Self::of(name, value)
    }

    /// Reads the query `name` with the parameters of a URL: lists are separated by commas,
    /// `at_least` is a list of `unit:epoch:sequence`.
    ///
    /// # Errors
    /// As [`Question::read`].
    pub fn from_url(name: &str, pairs: &[(String, String)]) -> Result<Self, QueryError> {
        let mut parameters = Map::new();
        for (key, text) in pairs {
            let parts = || text.split(',').filter(|part| !part.is_empty());
            let value = match key.as_str() {
                "group_by" if name == "summary" => parts().map(Value::from).collect(),
                "rules" if name == "summary" => parts().map(Value::from).collect(),
                "at_least" => parts().map(position).collect::<Result<_, _>>()?,
                "limit" | "skip" => text
                    .parse::<u32>()
                    .map_or_else(|_| json!(text), Value::from),
                "number" | "before" => text
                    .parse::<u64>()
                    .map_or_else(|_| json!(text), Value::from),
                _ if text.is_empty() => continue,
                _ => json!(text),
            };
            if parameters.insert(key.clone(), value).is_some() {
                return Err(invalid(format!(
                    "parameter `{key}` is given twice; give it once"
                )));
            }
        }
        Self::of(name, Value::Object(parameters))
    }

    fn of(name: &str, parameters: Value) -> Result<Self, QueryError> {
        let Value::Object(mut parameters) = parameters else {
            return Err(invalid(
                "the parameters must be a JSON object, such as {}".to_owned(),
            ));
        };
        let at_least = parameters
            .remove("at_least")
            .map_or(Ok(Vec::new()), typed)?;
        let parameters = Value::Object(parameters);
        let plain = |query| typed::<NoParameters>(parameters.clone()).map(|_| query);
        let query = match name {
            "summary" => Query::Summary(typed(parameters)?),
            "overdue" => Query::Overdue(typed(parameters)?),
            "dossier" => Query::Dossier(typed(parameters)?),
            "events" => Query::Events(typed(parameters)?),
            "why" => Query::Why(typed(parameters)?),
            "slip" => Query::Slip(typed(parameters)?),
            "report" => {
                let asked: ReportQuery = typed(parameters)?;
                asked.period()?;
                Query::Report(Box::new(asked))
            }
            "units" => plain(Query::Units)?,
            "digest" => plain(Query::Digest)?,
            "rebuild" => plain(Query::Rebuild)?,
            "health" => plain(Query::Health)?,
            "quarantine" => Query::Quarantine(typed(parameters)?),
            _ => {
                let known = Query::NAMES.join(", ");
                let message = format!("there is no query {name:?}; there are {known}");
                return Err(QueryError::new(404, "query.unknown", message));
            }
        };
        if let Query::Overdue(OverdueQuery { limit, .. }) = &query
            && !(1..=LIMIT_MAX).contains(limit)
        {
            return Err(invalid(format!("limit is {limit}; give 1 to {LIMIT_MAX}")));
        }
        if let Query::Quarantine(asked) = &query
            && asked.retry.is_some()
            && asked.number.is_none()
        {
            return Err(invalid(
                "`retry` needs the `number` that is to be judged again".into(),
            ));
        }
        Ok(Self { query, at_least })
    }
}

fn position(text: &str) -> Result<Value, QueryError> {
    let mut parts = text.split(':');
    match (
        parts.next(),
        parts.next(),
        parts.next().map(str::parse::<u64>),
        parts.next(),
    ) {
        (Some(unit), Some(epoch), Some(Ok(sequence)), None) => {
            Ok(json!({ "unit": unit, "epoch": epoch, "sequence": sequence }))
        }
        _ => Err(invalid(format!(
            "at_least has {text:?}; write unit:epoch:sequence"
        ))),
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, QueryError> {
    serde_json::from_value(value).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> QueryError {
    invalid(format!("the parameters cannot be read: {error}"))
}

fn invalid(message: String) -> QueryError {
    QueryError::new(400, "query.invalid", message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn url(name: &str, pairs: &[(&str, &str)]) -> Result<Question, QueryError> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Question::from_url(name, &pairs)
    }

    #[test]
    fn a_url_and_a_json_object_ask_the_same() {
        let json =
            br#"{"group_by":["unit","field"],"rules":["original"],"from":"2018-01","at_least":
            [{"unit":"H33-27","epoch":"018f4a2e-0000-7000-8000-0000000000ee","sequence":7}]}"#;
        let pairs = [
            ("group_by", "unit,field"),
            ("rules", "original"),
            ("from", "2018-01"),
            ("at_least", "H33-27:018f4a2e-0000-7000-8000-0000000000ee:7"),
        ];
        assert_eq!(
            url("summary", &pairs).unwrap(),
            Question::read("summary", json).unwrap()
        );
    }

    #[test]
    fn nothing_asked_for_means_everything() {
        let asked = Question::read("summary", b"").unwrap();
        assert_eq!(asked.query, Query::Summary(SummaryQuery::default()));
        assert_eq!(url("summary", &[("unit", "")]).unwrap(), asked);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_does() {
        assert_eq!(url("sumary", &[]).unwrap_err().status, 404);
        for (name, pairs) in [
            ("summary", [("group_by", "weather")]),
            ("summary", [("from", "2018-13")]),
            ("summary", [("colour", "red")]),
            ("overdue", [("limit", "0")]),
            ("overdue", [("limit", "many")]),
            ("dossier", [("code", "")]),
            ("units", [("unit", "H33")]),
            ("health", [("at_least", "H33:1")]),
        ] {
            let refused = url(name, &pairs).unwrap_err();
            assert_eq!(
                (refused.status, refused.code.as_str()),
                (400, "query.invalid"),
                "{name} {pairs:?}"
            );
        }
        assert_eq!(url("dossier", &[]).unwrap_err().status, 400);
        assert_eq!(Question::read("units", b"[]").unwrap_err().status, 400);
    }

    #[test]
    fn every_name_is_a_query() {
        for name in Query::NAMES
            .iter()
            .filter(|name| !["dossier", "events", "why", "slip", "report"].contains(*name))
        {
            assert_eq!(Question::read(name, b"{}").unwrap().query.name(), *name);
        }
    }
}
