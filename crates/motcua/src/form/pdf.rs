//! A page as PDF, printed by the Chromium of this machine.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};

/// Names that it goes by.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// One page takes a second or two; a machine under load takes more.
const PATIENCE: Duration = Duration::from_secs(60);

/// The PDF of a page. Its format is the page's own.
pub(super) async fn printed(page: &str) -> anyhow::Result<Vec<u8>> {
    let program = found(std::env::var_os("CHROMIUM"), std::env::var_os("PATH"))?;
    let dir = tempfile::tempdir().context("making a directory for the printer")?;
    let (html, pdf) = (dir.path().join("form.html"), dir.path().join("form.pdf"));
    std::fs::write(&html, page).context("writing the page for the printer")?;
    let mut command = tokio::process::Command::new(&program);
    command
        .args(["--headless", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--disable-background-networking", "--no-first-run"])
        .arg("--no-pdf-header-footer")
        .arg(format!(
            "--user-data-dir={}",
            dir.path().join("profile").display()
        ))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(&html)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if is_root(dir.path())? {
        // It refuses to run as root with its sandbox. The page runs no script and loads nothing.
        command.arg("--no-sandbox");
    }
    let output = tokio::time::timeout(PATIENCE, command.output())
        .await
        .with_context(|| format!("{} did not finish in {PATIENCE:?}", program.display()))?
        .with_context(|| format!("running {}", program.display()))?;
    let printed = std::fs::read(&pdf).unwrap_or_default();
    ensure!(
        printed.starts_with(b"%PDF"),
        "{} printed nothing ({}): {}",
        program.display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(printed)
}

/// The program that `CHROMIUM` names, or the first of the known names in `PATH`.
fn found(named: Option<OsString>, path: Option<OsString>) -> anyhow::Result<PathBuf> {
    if let Some(named) = named.map(PathBuf::from) {
        ensure!(
            named.is_file(),
            "CHROMIUM names {}, which is no program; correct or unset it",
            named.display()
        );
        return Ok(named);
    }
    let places: Vec<PathBuf> = std::env::split_paths(&path.unwrap_or_default()).collect();
    let mut known = NAMES
        .iter()
        .flat_map(|name| places.iter().map(move |place| place.join(name)));
    known.find(|program| program.is_file()).context(
        "there is no Chromium here to print with; install it (Debian: apt-get install chromium), \
         name its program in CHROMIUM, or take --format html and print that",
    )
}

/// Whether what this process makes belongs to root.
fn is_root(made: &std::path::Path) -> anyhow::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(std::fs::metadata(made)?.uid() == 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn without_a_browser_one_hears_what_to_install() {
        let empty = tempfile::tempdir().unwrap();
        let path = Some(empty.path().as_os_str().to_owned());
        let refused = found(None, path.clone()).unwrap_err().to_string();
        assert!(refused.contains("apt-get install chromium"), "{refused}");
        let nowhere = empty.path().join("nowhere").into_os_string();
        let refused = found(Some(nowhere), path.clone()).unwrap_err().to_string();
        assert!(refused.contains("nowhere"), "{refused}");
        let program = empty.path().join("google-chrome");
        std::fs::write(&program, "").unwrap();
        assert_eq!(found(None, path).unwrap(), program);
    }
}
