//! The file of a backup: sections of records, each section and the whole under its SHA-256.
//!
//! ```text
//! "motcua journal backup 1\n"
//! section  := length of the name (1 byte), name, records, end, count (8), SHA-256 (32)
//! record   := length (4), bytes
//! end      := ff ff ff ff
//! sections := head, epochs, entries, received, notes, quarantine
//! last     := SHA-256 of all bytes before (32)
//! ```
//! Numbers are big-endian. A section's SHA-256 is over its bytes from the name's length to the count.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::BackupError;

const MAGIC: &[u8] = b"motcua journal backup 1\n";
const END: u32 = u32::MAX;
/// Longer than any record that is written (a quarantine record with its texts has 260 kB); a damaged
/// length must not reserve memory for itself.
const RECORD_BYTES_MAX: u32 = 1 << 20;

pub(crate) const HEAD: &str = "head";
pub(crate) const EPOCHS: &str = "epochs";
pub(crate) const ENTRIES: &str = "entries";
pub(crate) const RECEIVED: &str = "received";
pub(crate) const NOTES: &str = "notes";
pub(crate) const QUARANTINE: &str = "quarantine";

/// Hashes what passes, for the section and for the whole.
#[derive(Debug, Default)]
struct Hashes {
    section: Sha256,
    whole: Sha256,
}

impl Hashes {
    fn take(&mut self, bytes: &[u8]) {
        self.section.update(bytes);
        self.whole.update(bytes);
    }
}

#[derive(Debug)]
pub(crate) struct Writer {
    out: BufWriter<File>,
    hashes: Hashes,
}

impl Writer {
    pub(crate) fn new(file: File) -> io::Result<Writer> {
        let mut writer = Writer {
            out: BufWriter::new(file),
            hashes: Hashes::default(),
        };
        writer.put(MAGIC)?;
        Ok(writer)
    }

    /// Writes a whole section; `next` gives its records until there are none.
    pub(crate) fn section<E: From<io::Error>>(
        &mut self,
        name: &str,
        records: impl IntoIterator<Item = Result<Vec<u8>, E>>,
    ) -> Result<(), E> {
        self.hashes.section = Sha256::new();
        self.put(&[u8::try_from(name.len()).unwrap_or(u8::MAX)])?;
        self.put(name.as_bytes())?;
        let mut count = 0_u64;
        for record in records {
            let record = record?;
            let length = u32::try_from(record.len()).unwrap_or(END);
            if length > RECORD_BYTES_MAX {
                return Err(io::Error::from(io::ErrorKind::FileTooLarge).into());
            }
            self.put(&length.to_be_bytes())?;
            self.put(&record)?;
            count += 1;
        }
        self.put(&END.to_be_bytes())?;
        self.put(&count.to_be_bytes())?;
        let hash = self.hashes.section.finalize_reset();
        self.put(&hash)?;
        Ok(())
    }

    /// Closes the file and makes its content durable.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let hash = self.hashes.whole.finalize_reset();
        self.out.write_all(&hash)?;
        let file = self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hashes.take(bytes);
        self.out.write_all(bytes)
    }
}

#[derive(Debug)]
pub(crate) struct Reader {
    path: PathBuf,
    input: BufReader<File>,
    hashes: Hashes,
    section: &'static str,
    records: u64,
}

impl Reader {
    pub(crate) fn open(path: &Path) -> Result<Reader, BackupError> {
        let file = File::open(path).map_err(super::files("opening", path))?;
        let mut reader = Reader {
            path: path.to_owned(),
            input: BufReader::new(file),
            hashes: Hashes::default(),
            section: "beginning",
            records: 0,
        };
        let mut magic = [0; MAGIC.len()];
        reader.fill(&mut magic)?;
        if magic != *MAGIC {
            return Err(reader.damaged("it does not begin like one of this version"));
        }
        Ok(reader)
    }

    /// Begins the section that must come next.
    pub(crate) fn begin(&mut self, section: &'static str) -> Result<(), BackupError> {
        self.hashes.section = Sha256::new();
        self.section = section;
        self.records = 0;
        let [length] = self.array()?;
        let mut name = vec![0; usize::from(length)];
        self.fill(&mut name)?;
        if name != section.as_bytes() {
            return Err(self.damaged(format_args!("section {section} does not follow")));
        }
        Ok(())
    }

    /// The next record of the section; `None` at its end, once its count and hash were compared.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, BackupError> {
        let length = u32::from_be_bytes(self.array()?);
        if length == END {
            let count = u64::from_be_bytes(self.array()?);
            if count != self.records {
                let held = self.records;
                return Err(self.damaged(format_args!("it holds {held} records, not {count}")));
            }
            let hash = self.hashes.section.finalize_reset();
            if self.array::<32>()? != *hash {
                return Err(self.damaged("its SHA-256 is another"));
            }
            return Ok(None);
        }
        if length > RECORD_BYTES_MAX {
            return Err(self.damaged(format_args!("a record of {length} bytes")));
        }
        let mut record = vec![0; length as usize];
        self.fill(&mut record)?;
        self.records += 1;
        Ok(Some(record))
    }

    /// Compares the SHA-256 over everything, and gives the number of bytes of the file and the
    /// SHA-256 over all of them, as `sha256sum` says it.
    pub(crate) fn finish(mut self) -> Result<(u64, [u8; 32]), BackupError> {
        self.section = "end";
        let due = self.hashes.whole.clone().finalize();
        if self.array::<32>()? != *due {
            return Err(self.damaged("the SHA-256 over all of it is another"));
        }
        let more = self.input.read(&mut [0]);
        if more.map_err(super::files("reading", &self.path))? > 0 {
            return Err(self.damaged("something follows"));
        }
        let file = self.input.get_ref();
        let bytes = file
            .metadata()
            .map_err(super::files("measuring", &self.path))?
            .len();
        Ok((bytes, self.hashes.whole.finalize().into()))
    }

    /// The error that says where this backup is wrong.
    pub(crate) fn damaged(&self, what: impl std::fmt::Display) -> BackupError {
        BackupError::Damaged {
            path: self.path.clone(),
            section: self.section,
            what: what.to_string(),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BackupError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), BackupError> {
        match self.input.read_exact(bytes) {
            Ok(()) => {
                self.hashes.take(bytes);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(self.damaged("the file ends here"))
            }
            Err(error) => Err(super::files("reading", &self.path)(error)),
        }
    }
}
