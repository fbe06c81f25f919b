//! Sheets as a workbook, one worksheet each.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook};

use crate::render::RenderError;
use crate::sheet::{Cell, Sheet};

/// A worksheet's name may have so many characters, and none of `[ ] : * ? / \`.
const NAME_CHARACTERS_MAX: usize = 31;

/// Width of a column in characters, at least and at most.
const WIDTH_MIN: usize = 8;
const WIDTH_MAX: usize = 48;

/// A4 in the numbering of the format.
const PAPER_A4: u8 = 9;

/// The workbook's bytes. The same sheets give the same bytes: the file carries no time of its making.
///
/// # Errors
/// [`RenderError::Xlsx`], e.g. for more rows than a worksheet has.
pub fn xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, RenderError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2018, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    for (number, sheet) in (1usize..).zip(sheets) {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(name(number, &sheet.title))?;
        worksheet.set_landscape().set_paper_size(PAPER_A4);
        fill(worksheet, sheet)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// The title as far as the format allows, numbered, because names have to differ.
fn name(number: usize, title: &str) -> String {
    let allowed = |c: &char| !c.is_control() && !"[]:*?/\\'".contains(*c);
    let numbered = format!("{number}. {title}");
    numbered
        .chars()
        .filter(allowed)
        .take(NAME_CHARACTERS_MAX)
        .collect()
}

fn fill(
    worksheet: &mut rust_xlsxwriter::Worksheet,
    sheet: &Sheet,
) -> Result<(), rust_xlsxwriter::XlsxError> {
    let bold = Format::new().set_bold();
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin);
    let body = Format::new()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_border(FormatBorder::Thin);
    let mut line = 0u32;
    for text in [&sheet.title].into_iter().chain(&sheet.subtitle) {
        worksheet.write_string_with_format(line, 0, text, &bold)?;
        line += 1;
    }
    if sheet.is_grouped() {
        let mut first = 0u16;
        for (group, width) in sheet.groups() {
            let last = first + u16::try_from(width).unwrap_or(1) - 1;
            if last > first {
                worksheet.merge_range(line, first, line, last, group, &head)?;
            } else {
                worksheet.write_string_with_format(line, first, group, &head)?;
            }
            first = last + 1;
        }
        line += 1;
    }
    for (at, column) in (0u16..).zip(&sheet.columns) {
        worksheet.write_string_with_format(line, at, &column.name, &head)?;
        if sheet.is_numbered() {
            worksheet.write_string_with_format(line + 1, at, &column.number, &head)?;
        }
        let cells = sheet.rows.iter().filter_map(|row| row.get(usize::from(at)));
        let widest = cells
            .map(|cell| cell.written().chars().count())
            .max()
            .unwrap_or(0);
        let width = widest.clamp(WIDTH_MIN, WIDTH_MAX) as f64;
        worksheet.set_column_width(at, width)?;
    }
    line += 1 + u32::from(sheet.is_numbered());
    for row in &sheet.rows {
        for (at, cell) in (0u16..).zip(row) {
            match cell {
                Cell::Text(text) => worksheet.write_string_with_format(line, at, text, &body)?,
                // Counts of dossiers and minutes are far below 2^53.
                Cell::Number(number) => {
                    worksheet.write_number_with_format(line, at, *number as f64, &body)?
                }
                Cell::Empty => worksheet.write_blank(line, at, &body)?,
            };
        }
        line += 1;
    }
    for note in &sheet.notes {
        worksheet.write_string(line, 0, note)?;
        line += 1;
    }
    Ok(())
}
