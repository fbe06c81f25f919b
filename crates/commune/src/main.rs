//! The service of commune units.

use std::process::ExitCode;

fn main() -> ExitCode {
    unit::run::run(commune::Commune)
}
