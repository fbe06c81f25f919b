//! The same dossiers under several meanings of "on time", side by side: the sources disagree, and no
//! single rate stands for the others.

use std::collections::BTreeMap;

use super::{Column, Stated, Statement};
use crate::share::Share;
use crate::sheet::{self, Cell, Sheet};

/// Kept, late and overdue with the rate of what was resolved, for each row under each rule set. The
/// statements are of one question but for the rules; none when there is nothing to put beside another.
#[must_use]
pub fn beside(statements: &[&Statement]) -> Option<Sheet> {
    let [first, _, ..] = statements else {
        return None;
    };
    let query = &first.query;
    let mut columns = vec![sheet::Column::named(query.grouping.to_string())];
    let mut lines: BTreeMap<(bool, &str), Vec<Cell>> = BTreeMap::new();
    for stated in statements {
        let label = stated.query.rules.label();
        columns.extend(
            [
                "Đúng hạn (8 + 9)",
                "Quá hạn (10)",
                "Đang quá hạn (13)",
                "Tỷ lệ (8 + 9) / 7",
            ]
            .map(|name| sheet::Column::under(label, name)),
        );
        for row in &stated.rows {
            // The row of all together has no key and stands last.
            let line = lines
                .entry((row.key.is_empty(), row.key.as_str()))
                .or_insert_with(|| vec![Cell::from(row.label.as_str())]);
            line.extend(figures(row));
        }
    }
    Some(Sheet {
        title: "Các cách tính đúng hạn".to_owned(),
        subtitle: vec![query.period.to_string()],
        columns,
        rows: lines.into_values().collect(),
        notes: vec![
            "Cùng một tập hồ sơ; mỗi cách tính có căn cứ riêng, không cách nào thay cho cách khác."
                .to_owned(),
        ],
    })
}

fn figures(row: &Stated) -> [Cell; 4] {
    let count = |column| row.columns.get(&column).copied().unwrap_or_default();
    let kept = count(Column::Early) + count(Column::OnTime);
    [
        Cell::from(kept),
        Cell::from(count(Column::Late)),
        Cell::from(count(Column::Overdue)),
        Cell::from(Share::of(kept as u64, count(Column::Resolved) as u64)),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::ii06a::Query;
    use crate::scope::{Grouping, Scope};
    use crate::{Period, RuleSet};

    fn statement(rules: RuleSet, on_time: usize, late: usize) -> Statement {
        let row = |key: &str, label: &str| Stated {
            key: key.to_owned(),
            label: label.to_owned(),
            columns: BTreeMap::from([
                (Column::OnTime, on_time),
                (Column::Late, late),
                (Column::Resolved, on_time + late),
            ]),
            memo: BTreeMap::new(),
        };
        Statement {
            query: Query {
                period: "2018-01".parse::<Period>().unwrap(),
                rules,
                scope: Scope::default(),
                grouping: Grouping::Field,
            },
            as_of: Vec::new(),
            rows: vec![row("Đất đai", "Đất đai"), row("", "Tổng cộng")],
            sha256: String::new(),
        }
    }

    #[test]
    fn each_row_has_the_figures_of_every_rule_set() {
        let (in_force, original) = (
            statement(RuleSet::Ii06a, 3, 1),
            statement(RuleSet::Original, 2, 2),
        );
        let sheet = beside(&[&in_force, &original]).unwrap();
        let written: Vec<Vec<String>> = sheet
            .rows
            .iter()
            .map(|row| row.iter().map(Cell::written).collect())
            .collect();
        let figures = ["3", "1", "0", "75,00 %", "2", "2", "0", "50,00 %"];
        for (line, label) in written.iter().zip(["Đất đai", "Tổng cộng"]) {
            assert_eq!(
                (line[0].as_str(), &line[1..]),
                (label, &figures.map(String::from)[..])
            );
        }
        assert_eq!(sheet.columns.len(), 9);
    }

    #[test]
    fn one_rule_set_stands_beside_nothing() {
        assert_eq!(beside(&[&statement(RuleSet::Ii06a, 1, 0)]), None);
        assert_eq!(beside(&[]), None);
    }
}
