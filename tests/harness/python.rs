//! Programs in another language, which know what is published and nothing of the code: the software of an
//! agency, and a verifier of evidence.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::{fs, process};

use anyhow::{Context, bail};

const REQUIREMENTS: &str = include_str!("../python/requirements.txt");

static PREPARING: Mutex<()> = Mutex::new(());

/// Where the program plays, and as whom.
#[derive(Debug, Clone)]
pub struct TaxAgency {
    /// The unit whose software it is, such as `H33-27-92`.
    pub unit: String,
    /// The broker.
    pub url: String,
    /// How many dossiers it completes before it ends.
    pub count: usize,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new(".."))
}

/// Beside `target/tools` and not in it: that directory is replaced as a whole when the broker's
/// program is fetched.
fn packages() -> PathBuf {
    root().join("target").join("tools-python")
}

/// Fetches the pinned packages of the Python program into the build directory, once, and says so.
/// Blocks.
///
/// # Errors
/// When there is no python3 with pip, or no package index.
pub fn prepare() -> anyhow::Result<()> {
    let _one_at_a_time = PREPARING.lock();
    let packages = packages();
    // Written last, so that a broken attempt is not taken for a finished one.
    let mark = packages.join("requirements.txt");
    if fs::read_to_string(&mark).is_ok_and(|found| found == REQUIREMENTS) {
        return Ok(());
    }
    #[expect(
        clippy::print_stderr,
        reason = "a program about to use the network says so"
    )]
    {
        eprintln!(
            "fetching nats-py, jsonschema and pynacl (pinned by hash) into {}",
            packages.display()
        );
    }
    let fresh = packages.with_extension(process::id().to_string());
    let output = Command::new("python3")
        .args([
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--no-deps",
        ])
        .args(["--only-binary=:all:", "--require-hashes", "--target"])
        .arg(&fresh)
        .arg("-r")
        .arg(root().join("tests/python/requirements.txt"))
        .output()
        .context("running python3; install python3 and pip")?;
    if !output.status.success() {
        bail!(
            "pip cannot install tests/python: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    fs::write(fresh.join("requirements.txt"), REQUIREMENTS)?;
    // Another process may have been faster; one whole set is as good as the other.
    let _ = fs::remove_dir_all(&packages);
    if fs::rename(&fresh, &packages).is_err() {
        fs::remove_dir_all(&fresh).ok();
    }
    Ok(())
}

/// The program as a command that was not started yet. Call [`prepare`] before. It prints one line
/// of JSON (`dossiers`, `sent`, `answers`, `refused`, `events`, `faults`) and ends with 0 when it
/// completed its dossiers and every message followed its schema.
pub fn tax_agency(agency: &TaxAgency) -> Command {
    let mut command = Command::new("python3");
    command
        .arg(root().join("tests/python/tax_agency.py"))
        .args(["--unit", &agency.unit, "--url", &agency.url])
        .args(["--count", &agency.count.to_string()])
        .arg("--schemas")
        .arg(root().join("schemas"))
        .env("PYTHONPATH", packages())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The verifier of evidence, written from the description of the format alone, as a command that was not
/// started yet. Call [`prepare`] before. It ends with 0 when `bundle` holds under the register `keys`, and
/// otherwise prints each fault with its place.
pub fn verify_bundle(bundle: &Path, keys: &Path) -> Command {
    let mut command = Command::new("python3");
    command
        .arg(root().join("tests/python/verify_bundle.py"))
        .args([bundle, keys])
        .env("PYTHONPATH", packages())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
