//! Sheets as one page to print: A4 landscape, self-contained, everything escaped by the template.

use maud::{DOCTYPE, Markup, html as markup};

use crate::sheet::{Cell, Sheet};

const STYLE: &str = "\
@page { size: A4 landscape; margin: 12mm; }
body { font-family: 'Times New Roman', 'Liberation Serif', 'DejaVu Serif', serif; font-size: 10pt; \
color: #000; margin: 0; }
section + section { break-before: page; }
h1 { font-size: 13pt; text-align: center; text-transform: uppercase; margin: 0 0 2mm; }
p { margin: 0 0 1mm; text-align: center; }
p.note { text-align: left; font-size: 9pt; }
table { border-collapse: collapse; width: 100%; margin: 3mm 0; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.3mm solid #000; padding: 1mm 1.5mm; overflow-wrap: anywhere; vertical-align: top; }
th { font-weight: bold; text-align: center; vertical-align: middle; }
td.number { text-align: right; white-space: nowrap; overflow-wrap: normal; }
";

/// The sheets as a whole page; every sheet begins a new sheet of paper.
#[must_use]
pub fn html(sheets: &[Sheet]) -> String {
    let title = sheets
        .first()
        .map_or("Báo cáo", |sheet| sheet.title.as_str());
    let page = markup! {
        (DOCTYPE)
        html lang="vi" {
            head {
                meta charset="utf-8";
                title { (title) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                @for sheet in sheets { section { (section(sheet)) } }
            }
        }
    };
    page.into_string()
}

fn section(sheet: &Sheet) -> Markup {
    markup! {
        h1 { (sheet.title) }
        @for line in &sheet.subtitle { p { (line) } }
        table {
            thead {
                (head(sheet))
                @if sheet.is_numbered() {
                    tr { @for column in &sheet.columns { th { (column.number) } } }
                }
            }
            tbody {
                @for row in &sheet.rows { tr { @for cell in row { (data(cell)) } } }
            }
        }
        @for note in &sheet.notes { p.note { (note) } }
    }
}

/// One line of names, or two where some columns stand under a common heading.
fn head(sheet: &Sheet) -> Markup {
    let mut first = 0;
    let groups: Vec<(&str, usize, &str)> = sheet
        .groups()
        .into_iter()
        .map(|(group, width)| {
            let name = sheet.columns.get(first).map_or("", |c| c.name.as_str());
            first += width;
            (group, width, name)
        })
        .collect();
    markup! {
        @if sheet.is_grouped() {
            tr {
                @for (group, width, name) in groups {
                    @if group.is_empty() { th rowspan="2" { (name) } }
                    @else { th colspan=(width) { (group) } }
                }
            }
            tr {
                @for column in sheet.columns.iter().filter(|c| !c.group.is_empty()) {
                    th { (column.name) }
                }
            }
        } @else {
            tr { @for column in &sheet.columns { th { (column.name) } } }
        }
    }
}

fn data(cell: &Cell) -> Markup {
    match cell {
        Cell::Text(text) => markup! { td { (text) } },
        Cell::Number(number) => markup! { td.number { (number) } },
        Cell::Empty => markup! { td {} },
    }
}
