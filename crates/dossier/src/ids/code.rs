//! Dossier codes (mã số hồ sơ) in the forms that were in use since 2018.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Malformed, UnitId, groups, shape};

/// Why no code could be issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotIssued {
    /// The register of the day is full (TT 01/2018/TT-VPCP art. 19: four digits).
    #[error(
        "{unit} has issued {issued} dossier codes on {date}: the {width} digits of the day are used \
         up; set a wider serial for this unit (at most {} digits)",
        SerialWidth::MAX
    )]
    RegisterFull {
        /// The unit.
        unit: UnitId,
        /// The local date.
        date: NaiveDate,
        /// How many codes the width allows.
        issued: u32,
        /// Digits of a serial.
        width: u8,
    },
    /// The unit's identifier would not be recognised again in the code.
    #[error(
        "{0} cannot stand in a dossier code of this form: the first part of a unit begins with a \
         letter and the others with digits, such as H33-27-04"
    )]
    Spelling(UnitId),
}

/// How a dossier code spells the agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CodeForm {
    /// TT 01/2018/TT-VPCP art. 19: `000.00.06.H56-231027-0361`.
    Tt01,
    /// Most significant part first: `H15.50.05.13-261008-0975`. Read from codes in use in 2026; the
    /// text of TT 03/2025/TT-VPCP, which sets the form from 1/7/2025, was not found.
    MostSignificantFirst,
}

impl CodeForm {
    /// The form of codes issued on a local date: TT 01/2018 while NĐ 61/2018/NĐ-CP was in force, until
    /// 30/6/2025. Inferred: a unit whose system changed on another day is configured so.
    pub fn of(date: NaiveDate) -> Self {
        if (date.year(), date.month()) < (2025, 7) {
            Self::Tt01
        } else {
            Self::MostSignificantFirst
        }
    }
}

/// Digits of the serial of the day: four by TT 01/2018/TT-VPCP art. 19, up to seven in codes of
/// ministries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("minimum" = 4, "maximum" = 7))
)]
#[serde(try_from = "u8", into = "u8")]
pub struct SerialWidth(u8);

impl SerialWidth {
    /// The fewest digits, by TT 01/2018/TT-VPCP art. 19.
    pub const MIN: u8 = 4;
    /// The most digits that were seen in codes in use.
    pub const MAX: u8 = 7;

    /// A width in digits.
    ///
    /// # Errors
    /// [`Malformed`] outside 4 to 7.
    pub fn new(digits: u8) -> Result<Self, Malformed> {
        shape(
            &digits.to_string(),
            (Self::MIN..=Self::MAX).contains(&digits),
            "a width of serials",
            "4 to 7 digits",
        )?;
        Ok(Self(digits))
    }

    /// Digits.
    pub const fn digits(self) -> u8 {
        self.0
    }

    /// The last serial of a day.
    pub const fn serial_max(self) -> u32 {
        10u32.pow(self.0 as u32) - 1
    }
}

impl Default for SerialWidth {
    fn default() -> Self {
        Self(Self::MIN)
    }
}

impl TryFrom<u8> for SerialWidth {
    type Error = Malformed;
    fn try_from(digits: u8) -> Result<Self, Malformed> {
        Self::new(digits)
    }
}

impl From<SerialWidth> for u8 {
    fn from(width: SerialWidth) -> Self {
        width.0
    }
}

/// A dossier's code (mã số hồ sơ): issued once, at the desk, and never changed
/// (NĐ 61/2018/NĐ-CP art. 17.3 and 26; TT 01/2018/TT-VPCP art. 19).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = r"^[A-Z0-9]+(\.[A-Z0-9]+)*-([0-9]{6}|[0-9]{8})-[0-9]{4,7}$"))
)]
#[serde(try_from = "String")]
pub struct DossierCode(String);

impl DossierCode {
    /// The code of the `serial`-th dossier that `unit` takes in on `date` (local date), in the form
    /// of that date and with four digits.
    ///
    /// # Errors
    /// [`NotIssued`] when the four digits of the day are used up.
    pub fn issue(unit: &UnitId, date: NaiveDate, serial: u32) -> Result<Self, NotIssued> {
        Self::issue_as(
            unit,
            date,
            serial,
            CodeForm::of(date),
            SerialWidth::default(),
        )
    }

    /// The same in a form and with a width that the unit is configured for.
    ///
    /// # Errors
    /// [`NotIssued`] when the digits of the day are used up, or the unit's identifier would not be
    /// recognised in the code.
    pub fn issue_as(
        unit: &UnitId,
        date: NaiveDate,
        serial: u32,
        form: CodeForm,
        width: SerialWidth,
    ) -> Result<Self, NotIssued> {
        if serial == 0 || serial > width.serial_max() {
            return Err(NotIssued::RegisterFull {
                unit: unit.clone(),
                date,
                issued: width.serial_max(),
                width: width.digits(),
            });
        }
        let (year, month, day) = (date.year().rem_euclid(100), date.month(), date.day());
        let agency = match form {
            CodeForm::Tt01 => unit.qcvn(),
            CodeForm::MostSignificantFirst => unit.dotted(),
        };
        let digits = usize::from(width.digits());
        let code = Self(format!(
            "{agency}-{year:02}{month:02}{day:02}-{serial:0digits$}"
        ));
        if code.issued_by(unit) {
            Ok(code)
        } else {
            Err(NotIssued::Spelling(unit.clone()))
        }
    }

    /// Reads a code. Dates of eight digits and serials of up to seven occur in codes of ministries:
    /// `G09.20-20260609-0092637`. A code is an identity: its date is not looked into.
    ///
    /// # Errors
    /// [`Malformed`] for any other text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut parts = text.rsplitn(3, '-');
        let digits = |part: Option<&str>, lengths: &[usize]| {
            part.is_some_and(|p| {
                lengths.contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit())
            })
        };
        let good = digits(parts.next(), &[4, 5, 6, 7])
            && digits(parts.next(), &[6, 8])
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

    /// Whether the code carries `unit` as the receiving agency, in either spelling. Each code
    /// belongs to one unit at most.
    pub fn issued_by(&self, unit: &UnitId) -> bool {
        let agency = self.0.split('-').next().unwrap_or_default();
        UnitId::parse_any(agency).is_ok_and(|named| named == *unit)
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
