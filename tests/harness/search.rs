//! Looking for what must be nowhere: words and keys, as they are and as programs write them down.
#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

/// What is looked for, by the name under which it is told of.
#[derive(Debug, Default)]
pub struct Marks(BTreeMap<String, Vec<u8>>);

impl Marks {
    /// Also these bytes as they are, and only so.
    #[must_use]
    pub fn exactly(mut self, name: &str, bytes: &[u8]) -> Self {
        self.0.insert(name.to_owned(), bytes.to_vec());
        self
    }

    /// Also these bytes as they are, in hexadecimal, in JSON's list of numbers and in Base64, wherever
    /// in a longer text of Base64 they begin.
    #[must_use]
    pub fn however_written(mut self, name: &str, bytes: &[u8]) -> Self {
        let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
        let mut forms = vec![
            ("as it is", bytes.to_vec()),
            ("hex", HEXLOWER.encode(bytes).into_bytes()),
            ("HEX", HEXUPPER.encode(bytes).into_bytes()),
            ("numbers", numbers.join(",").into_bytes()),
            ("numbers, spaced", numbers.join(", ").into_bytes()),
        ];
        for (before, name) in [(0, "base64"), (1, "base64 + 1"), (2, "base64 + 2")] {
            let padded = [&vec![0; before], bytes].concat();
            for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
                let text = encoding.encode(&padded).into_bytes();
                // The first letters depend on what stands before, and the last on what follows.
                let inner = text[before + usize::from(before > 0)..text.len() - 1].to_vec();
                if !forms.iter().any(|(_, form)| *form == inner) {
                    forms.push((name, inner));
                }
            }
        }
        for (number, (form, bytes)) in (1..).zip(forms) {
            self.0.insert(format!("{name}, {form} ({number})"), bytes);
        }
        self
    }

    /// Every mark in every file under `dir`, with the file.
    ///
    /// # Panics
    /// When `dir` cannot be read.
    pub fn found_in(&self, dir: &Path) -> Found {
        let mut found = Found::default();
        self.search(dir, &mut found);
        found
    }

    fn search(&self, dir: &Path, found: &mut Found) {
        for entry in fs::read_dir(dir).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.search(&path, found);
                continue;
            }
            // A file of the broker may go away while one looks.
            let Ok(bytes) = fs::read(&path) else { continue };
            found.files += 1;
            for (name, mark) in &self.0 {
                if holds(&bytes, mark) {
                    found.hits.push((name.clone(), path.clone()));
                }
            }
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The mark and the file.
    pub hits: Vec<(String, PathBuf)>,
    /// Files that were looked at.
    pub files: usize,
}

impl Found {
    /// Nothing was found, and there was something to look at.
    ///
    /// # Panics
    /// With everything that was found.
    pub fn nothing(&self) {
        assert!(
            self.hits.is_empty(),
            "in {} files: {:#?}",
            self.files,
            self.hits
        );
        assert!(
            self.files > 20,
            "only {} files were there to look at",
            self.files
        );
    }
}

/// Whether `mark` stands in `bytes`.
fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    let Some(first) = mark.first() else {
        return false;
    };
    let mut rest = bytes;
    while let Some(place) = rest.iter().position(|byte| byte == first) {
        if rest[place..].starts_with(mark) {
            return true;
        }
        rest = &rest[place + 1..];
    }
    false
}
