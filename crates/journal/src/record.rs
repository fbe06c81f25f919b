//! The framing of stored records: lengths before texts, numbers big-endian.
//!
//! Not JSON: an event is already text, and wrapping it in text again would cost an escape of every
//! quotation mark and a parse at every read.

/// Appends a text of at most 255 bytes (unit names and key ids are checked to be shorter).
pub(crate) fn put_short(out: &mut Vec<u8>, text: &[u8]) {
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    out.push(length);
    out.extend_from_slice(text.get(..usize::from(length)).unwrap_or(text));
}

/// Appends a length or count of at most 65,535.
pub(crate) fn put_long(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
}

/// Takes a record apart from the front; every step is `None` when the record is too short.
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn of(record: &'a [u8]) -> Self {
        Fields(record)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn long(&mut self) -> Option<usize> {
        self.array()
            .map(|bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn short(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.byte()?);
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    pub(crate) fn short_text(&mut self) -> Option<String> {
        let length = usize::from(self.byte()?);
        self.text(length)
    }

    pub(crate) fn long_text(&mut self) -> Option<String> {
        let length = self.long()?;
        self.text(length)
    }

    fn text(&mut self, length: usize) -> Option<String> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(head.to_vec()).ok()
    }

    /// How many bytes have not been taken.
    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

    /// Everything that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }
}
