//! Sheets on a terminal.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use crate::sheet::{Cell, Sheet};

/// Width that a form of 13 columns still reads well in, with words wrapped.
const WIDTH_CHARACTERS: u16 = 160;

/// Sheets one under another, no wider than 160 characters.
#[must_use]
pub fn terminal(sheets: &[Sheet]) -> String {
    let mut text = String::new();
    for sheet in sheets {
        let mut table = Table::new();
        table
            .load_preset(UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(WIDTH_CHARACTERS);
        table.set_header(sheet.columns.iter().map(|column| {
            let mut lines = vec![column.group.as_str(), &column.name, &column.number];
            lines.retain(|line| !line.is_empty());
            plain(&lines.join("\n"))
        }));
        for row in &sheet.rows {
            table.add_row(row.iter().map(|cell| {
                let shown = comfy_table::Cell::new(plain(&cell.written()));
                match cell {
                    Cell::Number(_) => shown.set_alignment(CellAlignment::Right),
                    Cell::Text(_) | Cell::Empty => shown,
                }
            }));
        }
        let head = [&sheet.title].into_iter().chain(&sheet.subtitle);
        for line in head {
            text.push_str(&plain(line));
            text.push('\n');
        }
        text.push_str(&table.to_string());
        text.push('\n');
        for note in &sheet.notes {
            text.push_str(&plain(note));
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

/// Without control characters: a name out of a register must not steer the terminal.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect()
}
