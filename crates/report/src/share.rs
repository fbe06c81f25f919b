//! A part of a whole. Over nothing there is no share: it is none, never 100 %.

use serde::{Deserialize, Serialize};

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Share {
    /// The part.
    pub part: u64,
    /// The whole.
    pub whole: u64,
}

impl Share {
    /// `part` of `whole`.
    #[must_use]
    pub const fn of(part: u64, whole: u64) -> Self {
        Self { part, whole }
    }

    /// In hundredths of a percent, rounded half up: 9958 is 99.58 %. None when the whole is empty.
    #[must_use]
    pub fn hundredths(self) -> Option<u64> {
        if self.whole == 0 {
            return None;
        }
        let (part, whole) = (u128::from(self.part), u128::from(self.whole));
        u64::try_from((part * 20_000 + whole) / (whole * 2)).ok()
    }

    /// Linear points up to `max` when the share reaches `full_at` percent, in hundredths of a point,
    /// rounded half up (QĐ 766/QĐ-TTg: below the threshold, rate × max ÷ threshold).
    #[must_use]
    pub fn points(self, max: u32, full_at: u32) -> Option<u64> {
        if self.whole == 0 || full_at == 0 {
            return None;
        }
        let top = u128::from(max) * 100;
        let over = u128::from(self.whole) * u128::from(full_at);
        let points = (u128::from(self.part) * top * 200 + over) / (over * 2);
        u64::try_from(points.min(top)).ok()
    }

    /// As people read it: `99,58 %`, or `không có` over nothing.
    #[must_use]
    pub fn written(self) -> String {
        match self.hundredths() {
            Some(hundredths) => format!("{} %", two_decimals(hundredths)),
            None => "không có".to_owned(),
        }
    }
}

/// Hundredths with the decimal comma of Vietnam: 9958 is `99,58`.
#[must_use]
pub fn two_decimals(hundredths: u64) -> String {
    format!("{},{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_nothing_is_no_share() {
        assert_eq!(Share::of(0, 0).hundredths(), None);
        assert_eq!(Share::of(0, 0).points(20, 100), None);
        assert_eq!(Share::of(0, 0).written(), "không có");
    }

    #[test]
    fn shares_are_rounded_half_up_to_two_decimals() {
        let table = [
            (1, 3, "33,33 %"),
            (2, 3, "66,67 %"),
            (1, 20_000, "0,01 %"),
            (1, 20_001, "0,00 %"),
            (5, 5, "100,00 %"),
        ];
        for (part, whole, written) in table {
            assert_eq!(Share::of(part, whole).written(), written);
        }
        assert_eq!(Share::of(u64::MAX, u64::MAX).hundredths(), Some(10_000));
    }
}
