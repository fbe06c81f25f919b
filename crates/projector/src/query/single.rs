//! What is asked about one dossier.

use calendar::Moment;
use serde::{Deserialize, Serialize};

/// The longest code of any system is believed to be shorter.
const CODE_LENGTH_MAX: usize = 100;

/// What people call a dossier: its own code, or one that somebody else gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String")]
pub struct Called(String);

impl Called {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Called {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let printable = text.chars().all(|c| !c.is_control());
        if (1..=CODE_LENGTH_MAX).contains(&text.len()) && printable {
            return Ok(Self(text));
        }
        Err(format!(
            "a dossier is called by 1 to {CODE_LENGTH_MAX} printable characters"
        ))
    }
}

/// One dossier: where it stands and how it came there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DossierQuery {
    /// Its code, or one that somebody else gave it.
    pub code: Called,
}

/// The events of one dossier, as they were signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// Its code, or one that somebody else gave it.
    pub code: Called,
    /// How many to skip: `next` of the answer before.
    #[serde(default)]
    pub skip: u32,
}

/// One dossier as of a moment: why it is due when it is, or its control slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SheetQuery {
    /// Its code, or one that somebody else gave it.
    pub code: Called,
    /// As of when; now when not given.
    #[serde(default)]
    pub at: Option<Moment>,
}
