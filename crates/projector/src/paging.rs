//! A report that is longer than one answer: its pages, and the whole out of them.

use report::Sheet;

use crate::answer::Report;

/// Rows of one answer, in bytes of JSON: answers travel over NATS, which takes 1 MiB.
const ROWS_BYTES_MAX: usize = 600_000;

/// The report without its first `skip` rows, and without what does not fit into one answer after
/// them.
pub fn page(whole: &Report, skip: u32) -> Report {
    let mut page = Report {
        next: None,
        sheets: Vec::with_capacity(whole.sheets.len()),
        ..whole.clone()
    };
    let (mut left, mut bytes, mut given) = (usize::try_from(skip).unwrap_or(usize::MAX), 0, 0u32);
    for sheet in &whole.sheets {
        let mut rows = Vec::new();
        for row in &sheet.rows {
            if left > 0 {
                left -= 1;
                continue;
            }
            let size = serde_json::to_vec(row).map_or(0, |json| json.len());
            if page.next.is_some() || (bytes + size > ROWS_BYTES_MAX && given > 0) {
                page.next = Some(skip.saturating_add(given));
                break;
            }
            bytes += size;
            given += 1;
            rows.push(row.clone());
        }
        page.sheets.push(Sheet {
            rows,
            ..sheet.clone()
        });
    }
    page
}

/// The sheets of all answers of one report together.
pub fn joined(parts: impl IntoIterator<Item = Vec<Sheet>>) -> Vec<Sheet> {
    let mut all: Vec<Sheet> = Vec::new();
    for part in parts {
        if all.is_empty() {
            all = part;
            continue;
        }
        for (sheet, more) in all.iter_mut().zip(part) {
            sheet.rows.extend(more.rows);
        }
    }
    all
}
