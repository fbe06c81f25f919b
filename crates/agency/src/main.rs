//! The service of specialised agencies.

use std::process::ExitCode;

fn main() -> ExitCode {
    unit::run::run(agency::Agency)
}
