//! The service of district units.

use std::process::ExitCode;

fn main() -> ExitCode {
    unit::run::run(district::District)
}
