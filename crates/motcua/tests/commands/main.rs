//! The command line as an operator meets it: what it prints, what it refuses and in which words.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod audit;
mod catalogue;
mod course;
mod deadline;
mod help;
mod journal;
mod keys;
mod send;

use std::process::{Command, Stdio};

/// What the program said and how it ended.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// What it printed.
    ///
    /// # Panics
    /// When it did not succeed.
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// Holds it to an ordinary failure, one that names all of `words`.
    pub fn names(&self, words: &[&str]) {
        let Self { code, out, err } = self;
        assert!(matches!(code, Some(1 | 2)), "{code:?}: {out}{err}");
        for word in words {
            assert!(err.contains(word), "{word:?} is not named: {err}");
        }
    }
}

/// Runs the program to its end.
pub fn motcua(arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_motcua"))
        .args(arguments)
        .env_remove("RUST_LOG")
        .env_remove("MOTCUA_NATS")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
