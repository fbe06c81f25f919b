//! Identifiers of units (mã định danh cơ quan): one spelling inside, and those that people write.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Malformed, groups, shape};

/// A unit (đơn vị): the canonical agency identifier, most significant part first, as in
/// QĐ 20/2020/QĐ-TTg but with dashes, so that it can stand as one token of a subject: `H33-27-04`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = r"^[A-Z0-9]+(-[A-Z0-9]+)*$"))
)]
#[serde(try_from = "String")]
pub struct UnitId(String);

impl UnitId {
    /// Reads the canonical spelling. A last part of zeros is a level that is not used and is left
    /// out: `H33-27` and `H33-27-00` would issue the same dossier codes.
    ///
    /// # Errors
    /// [`Malformed`] for any other text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let used = text.rsplit('-').next().is_some_and(|last| !is_zero(last));
        shape(
            text,
            groups(text, '-') && used,
            "a unit",
            "parts of capital letters and digits joined by dashes, the last not zero, such as H33-27-04",
        )?;
        Ok(Self(text.to_owned()))
    }

    /// Reads any spelling that people use: canonical `H56-06`, QĐ 20/2020/QĐ-TTg `H56.06`, and
    /// QCVN 102:2016/BTTTT `000.00.06.H56`. Levels that are not used (zeros at the least significant
    /// end) are left out; a zero between two used levels is kept, since it is another unit.
    ///
    /// # Errors
    /// [`Malformed`] when the text has none of the three spellings.
    pub fn parse_any(text: &str) -> Result<Self, Malformed> {
        shape(
            text,
            groups(text, '.') || groups(text, '-'),
            "a unit in any spelling",
            "H33-27-04, H33.27.04 or 000.04.27.H33",
        )?;
        let mut levels: Vec<&str> = text.split(['.', '-']).collect();
        if text.contains('.') && !is_most_significant_first(&levels) {
            levels.reverse();
        }
        while levels.last().is_some_and(|level| is_zero(level)) {
            levels.pop();
        }
        shape(
            text,
            !levels.is_empty(),
            "a unit in any spelling",
            "at least one level that is not zero",
        )?;
        Ok(Self(levels.join("-")))
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The spelling of QCVN 102:2016/BTTTT that dossier codes of TT 01/2018 carry: least
    /// significant part first, four levels, unused levels zero: `000.04.27.H33`.
    pub fn qcvn(&self) -> String {
        let mut levels: Vec<&str> = self.0.split('-').collect();
        while levels.len() < 4 {
            levels.push(if levels.len() == 3 { "000" } else { "00" });
        }
        levels.reverse();
        levels.join(".")
    }

    /// The spelling of QĐ 20/2020/QĐ-TTg that dossier codes of 2026 carry: most significant part
    /// first, only levels that are used: `H33.27.04`.
    pub fn dotted(&self) -> String {
        self.0.replace('-', ".")
    }
}

/// The first level is a province or a ministry and begins with a letter (`H33`, `G09`); the others
/// are numbers. Which end the letter stands at says which spelling it is.
fn is_most_significant_first(levels: &[&str]) -> bool {
    let lettered = |level: Option<&&str>| {
        level.is_some_and(|level| level.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    lettered(levels.first()) && (levels.len() == 1 || !lettered(levels.last()))
}

fn is_zero(level: &str) -> bool {
    level.bytes().all(|b| b == b'0')
}

impl TryFrom<String> for UnitId {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
