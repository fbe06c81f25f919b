//! Identities. Each is its own type, so that a dossier code cannot be taken for a unit.

use std::fmt;

use serde::{Deserialize, Serialize};

mod code;
mod unit_id;

pub use code::{CodeForm, DossierCode, NotIssued, SerialWidth};
pub use unit_id::UnitId;

/// A text that is not the identity it was offered as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}: expected {expected}")]
pub struct Malformed {
    text: String,
    what: &'static str,
    expected: &'static str,
}

fn shape(
    text: &str,
    good: bool,
    what: &'static str,
    expected: &'static str,
) -> Result<(), Malformed> {
    if good {
        Ok(())
    } else {
        Err(Malformed {
            text: text.chars().take(80).collect(),
            what,
            expected,
        })
    }
}

fn groups(text: &str, separator: char) -> bool {
    text.len() <= 64
        && text.split(separator).all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        })
}

/// A procedure's code (mã thủ tục hành chính) of the national database: `1.001193`; codes of
/// single provinces from before it are kept as they are: `DNG-288122`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = r"^[A-Z0-9][A-Z0-9._-]{0,31}$"))
)]
#[serde(try_from = "String")]
pub struct ProcedureCode(String);

impl ProcedureCode {
    /// Reads a code.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let good = (1..=32).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"._-".contains(&b));
        shape(
            text,
            good,
            "a procedure code",
            "capital letters, digits, dots and dashes, such as 1.001193",
        )?;
        Ok(Self(text.to_owned()))
    }

    /// The code as published.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a step within its route: `appraisal`, `tax`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = r"^[a-z][a-z0-9_]{0,31}$"))
)]
#[serde(try_from = "String")]
pub struct StepKey(String);

impl StepKey {
    /// Reads a step's name.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let good = (1..=32).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        shape(
            text,
            good,
            "a step",
            "a small letter, then small letters, digits and underscores, such as land_survey",
        )?;
        Ok(Self(text.to_owned()))
    }

    /// The name as routes write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The officer who acted (cán bộ, công chức), by the identity that the unit gave; never a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = r"^[a-z0-9][a-z0-9._-]{0,63}$"))
)]
#[serde(try_from = "String")]
pub struct OfficerId(String);

impl OfficerId {
    /// Reads an officer's identity.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let good = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
        shape(
            text,
            good,
            "an officer",
            "small letters, digits, dots and dashes, such as cb-0123",
        )?;
        Ok(Self(text.to_owned()))
    }

    /// The identity as the unit writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProcedureCode {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl fmt::Display for ProcedureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for StepKey {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl fmt::Display for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for OfficerId {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl fmt::Display for OfficerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
