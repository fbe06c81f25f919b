//! The percentages of a filled-in form II.06a, over each denominator that is in use.

use super::Column;
use super::filled::{FilledRow, added};
use crate::share::Share;

impl FilledRow {
    /// The percentages that can be formed, each under its own name: published figures use all of them.
    /// Column 7 that was not published is 8 + 9 + 10, and 8 + 9 is 7 less 10.
    #[must_use]
    pub fn rates(&self) -> Vec<(&'static str, Share)> {
        let late = self.cell(Column::Late);
        let rest = |(resolved, late)| resolved - late;
        let resolved = self.cell(Column::Resolved);
        let kept = self.kept().or_else(|| resolved.zip(late).map(rest));
        let resolved = resolved.or_else(|| kept.zip(late).map(added));
        let received = self.cell(Column::Received);
        let both = kept.zip(self.cell(Column::InTime)).map(added);
        let fell_due = resolved.zip(self.cell(Column::Overdue)).map(added);
        let online = self.cell(Column::Online);
        let came = online.zip(self.cell(Column::Direct)).map(added);
        let share = |part: Option<i64>, whole: Option<i64>| {
            let (part, whole) = (u64::try_from(part?), u64::try_from(whole?));
            Some(Share::of(part.ok()?, whole.ok()?))
        };
        [
            ("(8 + 9) / 7: đã giải quyết đúng hạn", share(kept, resolved)),
            (
                "12 / 11: đang giải quyết trong hạn",
                share(self.cell(Column::InTime), self.cell(Column::Open)),
            ),
            (
                "(8 + 9 + 12) / 3: cả hai trên tổng số tiếp nhận",
                share(both, received),
            ),
            (
                "(8 + 9) / 3: đã giải quyết đúng hạn trên tổng số tiếp nhận",
                share(kept, received),
            ),
            (
                "(8 + 9) / (7 + 13): đúng hạn trên số hồ sơ đến hạn",
                share(kept, fell_due),
            ),
            (
                "7 / 3: đã giải quyết trên tổng số tiếp nhận",
                share(resolved, received),
            ),
            (
                "4 / (4 + 5): trực tuyến trên số tiếp nhận trong kỳ",
                share(online, came),
            ),
        ]
        .into_iter()
        .filter_map(|(name, share)| Some((name, share?)))
        .collect()
    }
}
