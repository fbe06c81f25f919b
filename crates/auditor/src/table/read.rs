//! Checking a table, group by group.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use envelope::{KeyFile, KeyId, Signed};
use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, RowGroupReader, SerializedFileReader};
use parquet::schema::parser::parse_message_type;

use super::{COLUMNS, Cell, FORMAT, GROUP_BYTES, GROUP_ROWS, HEADER, cells};
use crate::export::{Exported, Header};
use crate::finding::Report;

/// What a group may take uncompressed: its events twice over, since the last one of a group may be large
/// and the repeated columns come beside them.
const GROUP_BYTES_MAX: i64 = 4 * GROUP_BYTES as i64;

/// A file that is no table of a journal.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not a Parquet file, or a damaged one.
    #[error(
        "it cannot be read as a Parquet table ({0}): have it made again by `motcua audit export`"
    )]
    Parquet(String),
    /// A Parquet file of something else.
    #[error("it is a Parquet table, but not of a journal: {0}")]
    Other(&'static str),
    /// The reader ended over it.
    #[error("it is damaged in a way that its reader cannot describe: have it made again")]
    Damaged,
}

impl From<ParquetError> for TableError {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error.to_string())
    }
}

impl From<io::Error> for TableError {
    fn from(error: io::Error) -> Self {
        Self::Parquet(error.to_string())
    }
}

/// Checks a whole table as an export is checked; `progress` is told the number of entries after each
/// group of rows.
///
/// # Errors
/// [`TableError`] when it cannot be read as a table of a journal.
pub fn verify(
    from: impl ChunkReader + 'static,
    trusted: Option<&KeyFile>,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, TableError> {
    // The reader of Parquet files is of others, and a damaged file is not what it is tried with most.
    let checked = catch_unwind(AssertUnwindSafe(|| walk(from, trusted, progress)));
    checked.unwrap_or(Err(TableError::Damaged))
}

fn walk(
    from: impl ChunkReader + 'static,
    trusted: Option<&KeyFile>,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, TableError> {
    let reader = SerializedFileReader::new(from)?;
    let about = reader.metadata().file_metadata();
    if *about.schema() != parse_message_type(COLUMNS)? {
        return Err(TableError::Other("its columns are others"));
    }
    let mut metadata = about.key_value_metadata().into_iter().flatten();
    let header = metadata.find(|pair| pair.key == HEADER);
    let header = header.and_then(|pair| pair.value.as_deref());
    let header = header.and_then(|text| serde_json::from_str::<Header>(text).ok());
    let header = header.ok_or(TableError::Other("its metadata have no header"))?;
    let mut exported = Exported::under(&header, FORMAT, trusted);
    for number in 0..reader.num_row_groups() {
        group(&*reader.get_row_group(number)?, &mut exported)?;
        progress(exported.entries());
    }
    Ok(exported.end())
}

/// One column of a group.
enum Column {
    Numbers(Vec<i64>),
    Bytes(Vec<ByteArray>),
}

impl Column {
    fn cell(&self, row: usize) -> Option<Cell> {
        match self {
            Self::Numbers(numbers) => numbers.get(row).copied().map(Cell::Number),
            Self::Bytes(bytes) => bytes.get(row).cloned().map(Cell::Bytes),
        }
    }
}

fn group(group: &dyn RowGroupReader, exported: &mut Exported) -> Result<(), TableError> {
    let about = group.metadata();
    let rows = usize::try_from(about.num_rows()).unwrap_or(usize::MAX);
    if rows > GROUP_ROWS || about.total_byte_size() > GROUP_BYTES_MAX {
        return Err(TableError::Other("its groups of rows are larger"));
    }
    let mut columns = Vec::new();
    for number in 0..group.num_columns() {
        columns.push(match group.get_column_reader(number)? {
            ColumnReader::Int64ColumnReader(mut from) => {
                let mut numbers = Vec::new();
                from.read_records(rows, None, None, &mut numbers)?;
                Column::Numbers(numbers)
            }
            ColumnReader::ByteArrayColumnReader(mut from) => {
                let mut bytes = Vec::new();
                from.read_records(rows, None, None, &mut bytes)?;
                Column::Bytes(bytes)
            }
            _ => return Err(TableError::Other("its columns are others")),
        });
    }
    for row in 0..rows {
        let found: Option<Vec<Cell>> = columns.iter().map(|column| column.cell(row)).collect();
        let found = found.ok_or(TableError::Other("a column is shorter than others"))?;
        entry(&found, exported);
    }
    Ok(())
}

fn entry(found: &[Cell], exported: &mut Exported) {
    let (index, signed) = match signed(found) {
        Ok(read) => read,
        Err(what) => return exported.unreadable(what),
    };
    match cells(index, &signed) {
        Ok(due) if due == *found => {}
        Ok(_) => exported.fault("its columns do not say what its event says"),
        Err(error) => exported.fault(error),
    }
    exported.entry(index, signed);
}

/// The evidence in a row.
fn signed(found: &[Cell]) -> Result<(u64, Signed), String> {
    let [
        Cell::Number(index),
        ..,
        Cell::Bytes(event),
        Cell::Bytes(signature),
        Cell::Bytes(key),
    ] = found
    else {
        return Err("its columns are of other types".to_owned());
    };
    let index = u64::try_from(*index).map_err(|_| "its number is negative".to_owned())?;
    let signature = signature.data().try_into();
    let key = key.as_utf8().map_err(|error| error.to_string())?;
    Ok((
        index,
        Signed {
            bytes: bytes::Bytes::copy_from_slice(event.data()),
            signature: signature.map_err(|_| "its signature does not have 64 bytes".to_owned())?,
            key: KeyId::parse(key).map_err(|error| error.to_string())?,
        },
    ))
}
