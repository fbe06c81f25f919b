//! Moments, days and amounts in the words of the forms.

use calendar::{Moment, hanoi};
use chrono::{Datelike, Timelike};

/// `09 giờ 32 phút, ngày 24 tháng 4 năm 2025`: to the minute, as Mẫu số 01 asks.
pub(crate) fn moment(moment: Moment) -> String {
    let here = moment.with_timezone(&hanoi());
    format!(
        "{:02} giờ {:02} phút, {}",
        here.hour(),
        here.minute(),
        date(moment)
    )
}

/// `ngày 24 tháng 4 năm 2025`.
pub(crate) fn date(moment: Moment) -> String {
    let here = moment.with_timezone(&hanoi());
    // One digit months but 1 and 2 stand alone, days below ten take a zero (NĐ 30/2020/NĐ-CP Phụ lục I).
    let month = match here.month() {
        month @ 1..=2 => format!("{month:02}"),
        month => month.to_string(),
    };
    format!("ngày {:02} tháng {month} năm {}", here.day(), here.year())
}

/// `24/04/2025`, for columns that ask for a day.
pub(crate) fn day(moment: Moment) -> String {
    moment
        .with_timezone(&hanoi())
        .format("%d/%m/%Y")
        .to_string()
}

/// `1.250.000 đồng`.
pub(crate) fn vnd(amount: u64) -> String {
    let digits = amount.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("{grouped} đồng")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use calendar::parse_moment;

    #[test]
    fn a_moment_is_written_out_to_the_minute_in_the_time_of_vietnam() {
        let read = |text| parse_moment(text).unwrap();
        assert_eq!(
            moment(read("2025-04-24T02:05:00Z")),
            "09 giờ 05 phút, ngày 24 tháng 4 năm 2025"
        );
        assert_eq!(
            date(read("2026-02-03T23:30:00+07:00")),
            "ngày 03 tháng 02 năm 2026"
        );
    }

    #[test]
    fn amounts_are_grouped_by_thousands() {
        assert_eq!(vnd(0), "0 đồng");
        assert_eq!(vnd(999), "999 đồng");
        assert_eq!(vnd(1_250_000), "1.250.000 đồng");
    }
}
