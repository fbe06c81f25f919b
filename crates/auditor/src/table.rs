//! A whole journal as a Parquet table, for those who go on with a data frame or a query engine.
//!
//! One row an entry, in journal order. `event`, `signature` and `key` are the evidence, as in the lines
//! of an [export](crate::export) but as bytes; `index` is the entry's number; the other columns repeat
//! what the event says, so that a query need not parse it. The metadata of the file hold under
//! `motcua` the header of an export. [`verify`] holds it all against the signed head again, the
//! repeated columns too.

mod read;

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use envelope::{Event, Signed};
use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::export::Header;

pub use read::{TableError, verify};

/// What `format` in the header says.
pub const FORMAT: &str = "motcua-table/v1";
/// The name of the header among the metadata of the file.
const HEADER: &str = "motcua";

/// The columns; those that repeat the event stand between the number and the evidence.
const COLUMNS: &str = "message entry {
    required int64 index;
    required binary id (STRING);
    required binary unit (STRING);
    required binary epoch (STRING);
    required int64 sequence;
    required binary kind (STRING);
    required binary subject (STRING);
    required int64 happened (TIMESTAMP(MICROS,true));
    required int64 recorded (TIMESTAMP(MICROS,true));
    required binary event (STRING);
    required binary signature;
    required binary key (STRING);
}";

/// Rows written at once, which is what a reader has to hold in memory.
const GROUP_ROWS: usize = 4_096;
/// Bytes of events after which rows are written, however few they are.
const GROUP_BYTES: usize = 16 << 20;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Number(i64),
    Bytes(ByteArray),
}

/// The values of an entry, in order of the columns.
fn cells(index: u64, signed: &Signed) -> Result<[Cell; 12], envelope::EventError> {
    let event = Event::read(&signed.bytes)?;
    let number = |number: u64| Cell::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let text = |text: &str| Cell::Bytes(ByteArray::from(text));
    let bytes = |bytes: &[u8]| Cell::Bytes(ByteArray::from(Bytes::copy_from_slice(bytes)));
    Ok([
        number(index),
        text(&event.id.to_string()),
        text(event.unit),
        text(&event.epoch.to_string()),
        number(event.sequence),
        text(event.kind),
        text(&event.subject),
        Cell::Number(event.time.timestamp_micros()),
        Cell::Number(event.recorded.timestamp_micros()),
        bytes(&signed.bytes),
        bytes(&signed.signature),
        text(signed.key.as_str()),
    ])
}

/// A table that is being written.
pub struct Table<W: Write + Send> {
    into: SerializedFileWriter<W>,
    rows: Vec<[Cell; 12]>,
    bytes: usize,
    entries: u64,
}

impl<W: Write + Send> Table<W> {
    /// Begins a table under a header; its `format` is set here.
    ///
    /// # Errors
    /// [`ParquetError`] when writing failed.
    pub fn begin(into: W, mut header: Header) -> Result<Self, ParquetError> {
        header.format = FORMAT.to_owned();
        let header = serde_json::to_string(&header);
        let header = header.map_err(|error| ParquetError::External(error.into()))?;
        let mut properties = WriterProperties::builder()
            .set_created_by("motcua".to_owned())
            .set_compression(Compression::UNCOMPRESSED)
            // Smallest and largest values of a column are of use to queries, not of signatures.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(vec![KeyValue::new(HEADER.to_owned(), header)]));
        for column in ["id", "event", "signature"] {
            properties = properties
                .set_column_dictionary_enabled(column.into(), false)
                .set_column_statistics_enabled(column.into(), EnabledStatistics::None);
        }
        let schema = Arc::new(parse_message_type(COLUMNS)?);
        Ok(Self {
            into: SerializedFileWriter::new(into, schema, Arc::new(properties.build()))?,
            rows: Vec::new(),
            bytes: 0,
            entries: 0,
        })
    }

    /// Writes the next entry.
    ///
    /// # Errors
    /// [`ParquetError`] when writing failed, or when the entry is no event.
    pub fn entry(&mut self, signed: &Signed) -> Result<(), ParquetError> {
        let cells = cells(self.entries, signed);
        self.rows
            .push(cells.map_err(|error| ParquetError::External(error.into()))?);
        self.entries += 1;
        self.bytes += signed.bytes.len();
        if self.rows.len() == GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.group()?;
        }
        Ok(())
    }

    /// Writes what is left, and the end of the file; gives back what was written into.
    ///
    /// # Errors
    /// [`ParquetError`] when writing failed.
    pub fn end(mut self) -> Result<W, ParquetError> {
        self.group()?;
        self.into.into_inner()
    }

    fn group(&mut self) -> Result<(), ParquetError> {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.into.next_row_group()?;
        let mut number = 0;
        while let Some(mut column) = group.next_column()? {
            let (mut numbers, mut texts) = (Vec::new(), Vec::new());
            for cell in rows.iter().filter_map(|row| row.get(number)) {
                match cell {
                    Cell::Number(number) => numbers.push(*number),
                    Cell::Bytes(bytes) => texts.push(bytes.clone()),
                }
            }
            match column.untyped() {
                ColumnWriter::Int64ColumnWriter(into) => into.write_batch(&numbers, None, None)?,
                ColumnWriter::ByteArrayColumnWriter(into) => {
                    into.write_batch(&texts, None, None)?
                }
                _ => return Err(ParquetError::General("a column of another type".to_owned())),
            };
            column.close()?;
            number += 1;
        }
        group.close()?;
        Ok(())
    }
}
