//! Sheets as CSV (RFC 4180, UTF-8): a line of full column names, then the rows.

use crate::render::RenderError;
use crate::sheet::{Cell, Sheet};

/// The sheets one after another, an empty line between them. Titles and notes are left out: a table
/// of values is wanted. Text that a spreadsheet would take for a formula begins with an apostrophe.
///
/// # Errors
/// [`RenderError::Csv`].
pub fn csv(sheets: &[Sheet]) -> Result<String, RenderError> {
    let mut text = String::new();
    for sheet in sheets {
        if !text.is_empty() {
            text.push('\n');
        }
        let mut bytes = Vec::new();
        {
            let mut writer = ::csv::WriterBuilder::new()
                .flexible(true)
                .from_writer(&mut bytes);
            writer.write_record(sheet.columns.iter().map(|c| harmless(c.full_name())))?;
            for row in &sheet.rows {
                writer.write_record(row.iter().map(|cell| match cell {
                    Cell::Text(text) => harmless(text.clone()),
                    Cell::Number(_) | Cell::Empty => cell.written(),
                }))?;
            }
            writer.flush().map_err(::csv::Error::from)?;
        }
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    Ok(text)
}

fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text
    }
}
