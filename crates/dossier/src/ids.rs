//! Identities. Each is its own type, so that a dossier code cannot be taken for a unit.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A text that is not the identity it was offered as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}: expected {expected}")]
pub struct Malformed {
    text: String,
    what: &'static str,
    expected: &'static str,
}

/// A dossier's register of one day is full (TT 01/2018/TT-VPCP art. 19: four digits).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{unit} has issued {} dossier codes on {date}: the four digits of the day are used up",
    DossierCode::SERIAL_MAX
)]
pub struct RegisterFull {
    unit: UnitId,
    date: NaiveDate,
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
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let used = text
            .rsplit('-')
            .next()
            .is_some_and(|last| last.bytes().any(|b| b != b'0'));
        shape(
            text,
            groups(text, '-') && used,
            "a unit",
            "parts of capital letters and digits joined by dashes, the last not zero, such as H33-27-04",
        )?;
        Ok(Self(text.to_owned()))
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
}

/// A dossier's code (mã số hồ sơ): issued once, at the desk, and never changed
/// (NĐ 61/2018/NĐ-CP art. 17.3 and 26; form of TT 01/2018/TT-VPCP art. 19).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = r"^[A-Z0-9]+(\.[A-Z0-9]+)*-[0-9]{6}-[0-9]{4,7}$"))
)]
#[serde(try_from = "String")]
pub struct DossierCode(String);

impl DossierCode {
    /// Four digits a day and unit.
    pub const SERIAL_MAX: u32 = 9_999;

    /// The code of the `serial`-th dossier that `unit` takes in on `date` (local date).
    pub fn issue(unit: &UnitId, date: NaiveDate, serial: u32) -> Result<Self, RegisterFull> {
        if serial == 0 || serial > Self::SERIAL_MAX {
            return Err(RegisterFull {
                unit: unit.clone(),
                date,
            });
        }
        let (year, month, day) = (date.year().rem_euclid(100), date.month(), date.day());
        Ok(Self(format!(
            "{}-{year:02}{month:02}{day:02}-{serial:04}",
            unit.qcvn()
        )))
    }

    /// Reads a code; serials of up to seven digits occur in codes of ministries.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut parts = text.rsplitn(3, '-');
        let digits = |part: Option<&str>, least: usize, most: usize| {
            part.is_some_and(|p| {
                (least..=most).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit())
            })
        };
        let good = digits(parts.next(), 4, 7)
            && digits(parts.next(), 6, 6)
            && parts.next().is_some_and(|agency| groups(agency, '.'));
        shape(
            text,
            good,
            "a dossier code",
            "agency-yymmdd-serial, such as 000.00.27.H33-180102-0001",
        )?;
        Ok(Self(text.to_owned()))
    }

    /// The code as printed on the receipt.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the code carries `unit` as the receiving agency.
    pub fn issued_by(&self, unit: &UnitId) -> bool {
        self.0
            .strip_prefix(unit.qcvn().as_str())
            .is_some_and(|rest| rest.starts_with('-'))
    }
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

impl TryFrom<String> for DossierCode {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_code_carries_agency_day_and_serial() {
        let unit = UnitId::parse("H33-27-04").unwrap();
        let day = NaiveDate::from_ymd_opt(2018, 1, 2).unwrap();
        let code = DossierCode::issue(&unit, day, 361).unwrap();
        assert_eq!(code.as_str(), "000.04.27.H33-180102-0361");
        assert!(code.issued_by(&unit));
        assert!(!code.issued_by(&UnitId::parse("H33-27").unwrap()));
        assert_eq!(DossierCode::parse(code.as_str()).unwrap(), code);
    }

    #[test]
    fn the_day_ends_at_9999() {
        let unit = UnitId::parse("H33-27").unwrap();
        let day = NaiveDate::from_ymd_opt(2018, 1, 2).unwrap();
        assert!(DossierCode::issue(&unit, day, 9_999).is_ok());
        assert!(DossierCode::issue(&unit, day, 10_000).is_err());
    }

    #[test]
    fn codes_of_province_and_ministry_are_read() {
        for code in [
            "000.00.06.H56-231027-0361",
            "H15.50.05.13-261008-0975",
            "G09.20-260609-0092637",
        ] {
            assert!(DossierCode::parse(code).is_ok(), "{code}");
        }
        for bad in [
            "",
            "x",
            "H56-231027",
            "H56-23102-0361",
            "h56-231027-0361",
            "H56..1-231027-0361",
            "H56-231027-036a",
        ] {
            assert!(DossierCode::parse(bad).is_err(), "{bad}");
        }
    }
}
