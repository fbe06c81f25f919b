//! How long the law gives: "5 ngày làm việc", "24 giờ", "trong ngày".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest limit that is believed, in any unit. The longest found in published procedures is
/// a few hundred days; ten years of days is a slip of the keyboard.
pub const LIMIT_AMOUNT_MAX: u32 = 3_650;

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Days on which offices work (ngày làm việc).
    WorkingDays,
    /// Days of the solar calendar (ngày).
    Days,
    /// Hours within office hours (giờ làm việc).
    WorkingHours,
    /// Contiguous hours of the clock (giờ).
    Hours,
    /// Months of the solar calendar (tháng).
    Months,
    /// By the end of the day, or of the next one when received after 15:00 (trong ngày).
    SameDay,
    /// The law states none (không quy định); nothing is ever due.
    NoneStated,
}

impl LimitUnit {
    fn takes_an_amount(self) -> bool {
        !matches!(self, Self::SameDay | Self::NoneStated)
    }
}

impl fmt::Display for LimitUnit {
    /// The words of the law, in Vietnamese.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::WorkingDays => "ngày làm việc",
            Self::Days => "ngày",
            Self::WorkingHours => "giờ làm việc",
            Self::Hours => "giờ",
            Self::Months => "tháng",
            Self::SameDay => "trong ngày",
            Self::NoneStated => "không quy định",
        })
    }
}

/// A limit that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// The amount is zero or absurd for a unit that counts.
    #[error("could not use a limit of {amount} {unit}; give 1 to {LIMIT_AMOUNT_MAX}")]
    Amount {
        /// What was given.
        amount: u32,
        /// In what.
        unit: LimitUnit,
    },
    /// The unit counts nothing and came with an amount.
    #[error("could not use a limit of {amount} {unit}; this unit takes no amount, give 0")]
    AmountNotTaken {
        /// What was given.
        amount: u32,
        /// In what.
        unit: LimitUnit,
    },
    /// The text is not a limit.
    #[error(
        "could not read {text:?} as a limit; write a number and ngày làm việc, ngày, giờ làm việc, \
         giờ or tháng, or one of: trong ngày, không quy định"
    )]
    Unreadable {
        /// What was given.
        text: String,
    },
}

/// A limit for resolving a dossier or a step (thời hạn giải quyết).
///
/// On the wire `{"amount":5,"unit":"working_days"}`; the amount is 0 for `same_day` and
/// `none_stated`, and any other pair is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "WrittenLimit")]
pub struct Limit {
    amount: u32,
    unit: LimitUnit,
}

/// A limit as it stands in a document, before it is believed.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Limit"))]
struct WrittenLimit {
    amount: u32,
    unit: LimitUnit,
}

impl TryFrom<WrittenLimit> for Limit {
    type Error = LimitError;

    fn try_from(written: WrittenLimit) -> Result<Self, LimitError> {
        Self::new(written.amount, written.unit)
    }
}

impl Limit {
    /// By the end of the day, with the 15:00 rule.
    pub const SAME_DAY: Self = Self {
        amount: 0,
        unit: LimitUnit::SameDay,
    };
    /// No limit is stated.
    pub const NONE_STATED: Self = Self {
        amount: 0,
        unit: LimitUnit::NoneStated,
    };

    /// A limit of 1 to [`LIMIT_AMOUNT_MAX`] of a unit that counts, or 0 of one that does not.
    ///
    /// # Errors
    /// [`LimitError::Amount`] and [`LimitError::AmountNotTaken`] for any other pair.
    pub fn new(amount: u32, unit: LimitUnit) -> Result<Self, LimitError> {
        match (unit.takes_an_amount(), amount) {
            (true, 1..=LIMIT_AMOUNT_MAX) | (false, 0) => Ok(Self { amount, unit }),
            (true, _) => Err(LimitError::Amount { amount, unit }),
            (false, _) => Err(LimitError::AmountNotTaken { amount, unit }),
        }
    }

    /// So many working days, for tables of law. What lies outside 1 to [`LIMIT_AMOUNT_MAX`] is
    /// taken as the nearer end; what is read from outside goes through [`Limit::new`].
    #[must_use]
    pub const fn working_days(amount: u32) -> Self {
        Self::counting(amount, LimitUnit::WorkingDays)
    }

    /// So many days of the solar calendar, kept within bounds like [`Limit::working_days`].
    #[must_use]
    pub const fn days(amount: u32) -> Self {
        Self::counting(amount, LimitUnit::Days)
    }

    /// So many hours within office hours, kept within bounds like [`Limit::working_days`].
    #[must_use]
    pub const fn working_hours(amount: u32) -> Self {
        Self::counting(amount, LimitUnit::WorkingHours)
    }

    /// So many hours of the clock, kept within bounds like [`Limit::working_days`].
    #[must_use]
    pub const fn hours(amount: u32) -> Self {
        Self::counting(amount, LimitUnit::Hours)
    }

    const fn counting(amount: u32, unit: LimitUnit) -> Self {
        let amount = match amount {
            0 => 1,
            1..=LIMIT_AMOUNT_MAX => amount,
            _ => LIMIT_AMOUNT_MAX,
        };
        Self { amount, unit }
    }

    /// How many of the unit; 0 when the unit counts nothing.
    #[must_use]
    pub const fn amount(self) -> u32 {
        self.amount
    }

    /// What is counted.
    #[must_use]
    pub const fn unit(self) -> LimitUnit {
        self.unit
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unit.takes_an_amount() {
            write!(formatter, "{} ", self.amount)?;
        }
        write!(formatter, "{}", self.unit)
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    /// Reads what [`Display`](fmt::Display) writes, also with capitals, leading zeros ("05 ngày")
    /// and spare spaces.
    fn from_str(text: &str) -> Result<Self, LimitError> {
        let unreadable = || LimitError::Unreadable {
            text: text.to_owned(),
        };
        let words = text
            .to_lowercase()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        match words.as_str() {
            "trong ngày" | "trong ngày làm việc" => return Ok(Self::SAME_DAY),
            "không quy định" => return Ok(Self::NONE_STATED),
            _ => {}
        }
        let (amount, unit) = words.split_once(' ').ok_or_else(unreadable)?;
        let unit = match unit {
            "ngày làm việc" => LimitUnit::WorkingDays,
            "ngày" => LimitUnit::Days,
            "giờ làm việc" => LimitUnit::WorkingHours,
            "giờ" => LimitUnit::Hours,
            "tháng" => LimitUnit::Months,
            _ => return Err(unreadable()),
        };
        Self::new(amount.parse().map_err(|_| unreadable())?, unit)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_written_and_read_back_in_vietnamese() {
        let limits = [
            (
                Limit::new(5, LimitUnit::WorkingDays).unwrap(),
                "5 ngày làm việc",
            ),
            (Limit::new(30, LimitUnit::Days).unwrap(), "30 ngày"),
            (
                Limit::new(2, LimitUnit::WorkingHours).unwrap(),
                "2 giờ làm việc",
            ),
            (Limit::new(24, LimitUnit::Hours).unwrap(), "24 giờ"),
            (Limit::new(3, LimitUnit::Months).unwrap(), "3 tháng"),
            (Limit::SAME_DAY, "trong ngày"),
            (Limit::NONE_STATED, "không quy định"),
        ];
        for (limit, text) in limits {
            assert_eq!(limit.to_string(), text);
            assert_eq!(text.parse::<Limit>().unwrap(), limit);
        }
        let as_portals_write = "  05 Ngày  làm việc ".parse::<Limit>().unwrap();
        assert_eq!(
            as_portals_write,
            Limit::new(5, LimitUnit::WorkingDays).unwrap()
        );
    }

    #[test]
    fn what_is_not_a_limit_is_refused_with_what_is() {
        for text in [
            "",
            "1 OTHER",
            "5",
            "ngày",
            "-1 ngày",
            "2,5 ngày",
            "99999999999 giờ",
        ] {
            let refusal = text.parse::<Limit>().unwrap_err();
            assert_eq!(
                refusal,
                LimitError::Unreadable {
                    text: text.to_owned()
                }
            );
            assert!(refusal.to_string().contains("ngày làm việc"));
        }
    }

    #[test]
    fn absurd_amounts_are_refused() {
        assert!(Limit::new(LIMIT_AMOUNT_MAX, LimitUnit::Days).is_ok());
        for amount in [0, LIMIT_AMOUNT_MAX + 1, u32::MAX] {
            let refusal = Limit::new(amount, LimitUnit::Days);
            assert_eq!(
                refusal,
                Err(LimitError::Amount {
                    amount,
                    unit: LimitUnit::Days
                })
            );
        }
        let refusal = Limit::new(1, LimitUnit::SameDay);
        let expected = LimitError::AmountNotTaken {
            amount: 1,
            unit: LimitUnit::SameDay,
        };
        assert_eq!(refusal, Err(expected));
    }

    #[test]
    fn refusals_name_the_unit_as_the_law_does() {
        let too_many = Limit::new(0, LimitUnit::WorkingDays).unwrap_err();
        assert_eq!(
            too_many.to_string(),
            "could not use a limit of 0 ngày làm việc; give 1 to 3650"
        );
        let needless = Limit::new(2, LimitUnit::SameDay).unwrap_err();
        assert_eq!(
            needless.to_string(),
            "could not use a limit of 2 trong ngày; this unit takes no amount, give 0"
        );
    }

    #[test]
    fn tables_of_law_are_written_at_compile_time() {
        const NOTICE: Limit = Limit::working_days(3);
        assert_eq!(NOTICE, Limit::new(3, LimitUnit::WorkingDays).unwrap());
        assert_eq!(Limit::days(30), Limit::new(30, LimitUnit::Days).unwrap());
        assert_eq!(Limit::working_hours(2).to_string(), "2 giờ làm việc");
        assert_eq!(Limit::hours(24).to_string(), "24 giờ");
        assert_eq!(Limit::days(0).amount(), 1);
        assert_eq!(Limit::days(u32::MAX).amount(), LIMIT_AMOUNT_MAX);
    }

    #[test]
    fn the_wire_form_is_an_amount_and_a_unit() {
        let limit = Limit::new(5, LimitUnit::WorkingDays).unwrap();
        let wire = r#"{"amount":5,"unit":"working_days"}"#;
        assert_eq!(serde_json::to_string(&limit).unwrap(), wire);
        assert_eq!(serde_json::from_str::<Limit>(wire).unwrap(), limit);
        let same_day = serde_json::to_string(&Limit::SAME_DAY).unwrap();
        assert_eq!(same_day, r#"{"amount":0,"unit":"same_day"}"#);
        let absurd = serde_json::from_str::<Limit>(r#"{"amount":99999,"unit":"days"}"#);
        assert!(absurd.unwrap_err().to_string().contains("99999"));
    }

    #[cfg(feature = "schema")]
    #[test]
    fn the_schema_says_what_the_wire_form_is() {
        let schema = serde_json::to_value(schemars::schema_for!(Limit)).unwrap();
        assert_eq!(schema["title"], "Limit");
        assert_eq!(schema["required"], serde_json::json!(["amount", "unit"]));
    }
}
