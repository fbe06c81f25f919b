//! The on-time table of the quarter, on a terminal (after form II.06a/VPCP/KSTT).

use std::collections::BTreeMap;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Row, Table};
use projector::answer::{Figures, Summary};
use projector::ontime::RuleSet;
use projector::query::Dimension;

const HEADER: [&str; 11] = [
    "Đơn vị / Lĩnh vực",
    "Tiếp nhận",
    "Trước hạn",
    "Đúng hạn",
    "Quá hạn",
    "Từ chối",
    "Rút, dừng",
    "Đang xử lý",
    "Tạm dừng",
    "Đang quá hạn",
    "Tỷ lệ %",
];

/// One row for each unit, and below it one for each of its fields.
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
            (ends.resolved.early + ends.refused.early).to_string(),
            (ends.resolved.on_time + ends.refused.on_time).to_string(),
            (ends.resolved.late + ends.refused.late).to_string(),
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

/// Resolved in time of all that were resolved, in hundredths of a percent, rounded half up.
pub(super) fn rate(figures: &Figures) -> Option<i64> {
    let rules = figures
        .rules
        .iter()
        .find(|rules| rules.rules == RuleSet::Ii06a)?;
    let (resolved, refused) = (&rules.by_end.resolved, &rules.by_end.refused);
    let all = resolved.total() + refused.total() - resolved.no_limit - refused.no_limit;
    let good = all - resolved.late - refused.late;
    (all > 0).then(|| (good * 20_000 + all) / (2 * all))
}

/// Hundredths of a percent, as people read them.
pub(super) fn percent(hundredths: i64) -> String {
    format!("{},{:02}", hundredths / 100, hundredths % 100)
}
