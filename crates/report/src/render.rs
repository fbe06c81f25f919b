//! Sheets written down: for a terminal, for other programs, for a spreadsheet, for paper. Every writer
//! returns text or bytes and touches no file.

mod csv;
mod html;
mod terminal;
mod xlsx;

pub use csv::csv;
pub use html::html;
pub use terminal::terminal;
pub use xlsx::xlsx;

use serde::Serialize;

/// A report that could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The writer of CSV.
    #[error("writing the report as CSV: {0}")]
    Csv(#[from] ::csv::Error),
    /// The writer of JSON.
    #[error("writing the report as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The writer of workbooks; e.g. a sheet with more rows than a worksheet has (1,048,576).
    #[error("writing the report as a workbook: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

/// A report as JSON, indented: the report itself, with the dossiers of every cell, or its sheets.
///
/// # Errors
/// [`RenderError::Json`].
pub fn json(report: &impl Serialize) -> Result<String, RenderError> {
    Ok(serde_json::to_string_pretty(report)?)
}
