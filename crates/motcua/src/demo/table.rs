//! The on-time table of the quarter, on a terminal (after form II.06a/VPCP/KSTT).

use std::collections::BTreeMap;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Row, Table};
use projector::answer::{Figures, Summary};
use projector::query::Dimension;
use report::RuleSet;

const HEADER: [&str; 11] = [
    "Đơn vị / Lĩnh vực",
    "Tiếp nhận",
    "Trước hạn",
    "Đúng hạn",
    "Quá hạn",
    "(từ chối)",
    "(rút, dừng)",
    "Đang xử lý",
    "Tạm dừng",
    "Đang quá hạn",
    "Tỷ lệ %",
];

/// One row for each unit, and below it one for each of its fields. What was refused, withdrawn or
/// stopped is among the resolved, as the form has it, and named once more in brackets.
pub(super) fn of(by_unit: &Summary, by_unit_and_field: &Summary) -> Table {
    let mut fields: BTreeMap<&str, Vec<(&str, &Figures)>> = BTreeMap::new();
    for group in &by_unit_and_field.groups {
        if let (Some(unit), Some(field)) = (
            group.key.get(&Dimension::Unit),
            group.key.get(&Dimension::Field),
        ) {
            fields
                .entry(unit)
                .or_default()
                .push((field, &group.figures));
        }
    }
    let mut table = Table::new();
    table.load_preset(NOTHING).set_header(HEADER);
    for group in &by_unit.groups {
        let Some(unit) = group.key.get(&Dimension::Unit) else {
            continue;
        };
        let name = group.name.as_deref().unwrap_or(unit);
        table.add_row(row(&format!("{name} ({unit})"), &group.figures));
        for (field, figures) in fields.get(unit.as_str()).into_iter().flatten() {
            table.add_row(row(&format!("  {field}"), figures));
        }
    }
    table.add_row(row("Tổng cộng", &by_unit.total));
    for column in 1..HEADER.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn row(name: &str, figures: &Figures) -> Row {
    let mut cells = vec![name.to_owned(), figures.received.total.to_string()];
    if let Some(rules) = figures
        .rules
        .iter()
        .find(|rules| rules.rules == RuleSet::Ii06a)
    {
        let ends = &rules.by_end;
        cells.extend([
            rules.ended.early.to_string(),
            rules.ended.on_time.to_string(),
            rules.ended.late.to_string(),
            ends.refused.total().to_string(),
            (ends.withdrawn.total() + ends.stopped.total()).to_string(),
            rules.open.in_time.to_string(),
            rules.open.paused.to_string(),
            rules.open.overdue.to_string(),
            rate(figures).map_or_else(|| "–".to_owned(), percent),
        ]);
    }
    cells.into()
}

/// The projector's own rate under form II.06a, in hundredths of a percent: the page shows the same.
pub(super) fn rate(figures: &Figures) -> Option<u32> {
    figures
        .rules
        .iter()
        .find(|rules| rules.rules == RuleSet::Ii06a)?
        .rate
}

/// Hundredths of a percent, as people read them.
pub(super) fn percent(hundredths: u32) -> String {
    format!("{},{:02}", hundredths / 100, hundredths % 100)
}
