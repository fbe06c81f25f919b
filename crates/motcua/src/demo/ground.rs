//! The directory of a run: claimed before anything is written into it, cleared only if a run made it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Marks a directory as one that a demonstration may clear; locked while one runs there.
const MARK: &str = ".motcua-demo";

/// An empty directory that no other demonstration uses as long as this value lives.
#[derive(Debug)]
pub(super) struct Ground {
    /// Where it is, without links or dots.
    pub path: PathBuf,
    _mark: File,
}

impl Ground {
    /// Claims `dir` for a run and clears it of an earlier one.
    ///
    /// # Errors
    /// When it holds something that no run made, and when another run is going on in it; nothing is
    /// touched then.
    pub(super) fn claim(dir: &Path) -> anyhow::Result<Self> {
        let shown = dir.display();
        fs::create_dir_all(dir).with_context(|| format!("creating {shown}"))?;
        let path = dir
            .canonicalize()
            .with_context(|| format!("finding {shown}"))?;
        let held = entries(&path)?;
        let mark = path.join(MARK);
        anyhow::ensure!(
            held.is_empty() || held.contains(&mark),
            "{shown} holds something else than an earlier run: name another directory with --dir"
        );
        let file = File::create(&mark).with_context(|| format!("writing {}", mark.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => anyhow::bail!(
                "another demonstration runs in {shown}: end it, or name another directory with --dir"
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("claiming {}", mark.display()));
            }
        }
        for path in held.into_iter().filter(|path| *path != mark) {
            // A link is removed, never what it leads to.
            let removed = if path.is_dir() && !path.is_symlink() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.with_context(|| format!("clearing {}", path.display()))?;
        }
        Ok(Self { path, _mark: file })
    }
}

fn entries(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let reading = || format!("reading {}", dir.display());
    let entries = fs::read_dir(dir).with_context(reading)?;
    let paths = entries.map(|entry| Ok(entry?.path()));
    paths.collect::<std::io::Result<_>>().with_context(reading)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(dir: &Path) -> Vec<PathBuf> {
        let mut names = entries(dir).unwrap();
        names.sort();
        names
    }

    #[test]
    fn an_earlier_run_is_cleared_and_nothing_beyond_it() {
        let above = tempfile::tempdir().unwrap();
        let (dir, others) = (above.path().join("run"), above.path().join("others"));
        drop(Ground::claim(&dir).unwrap());
        fs::create_dir_all(dir.join("data/H33-27")).unwrap();
        fs::create_dir(&others).unwrap();
        fs::write(others.join("letter"), "kept").unwrap();
        symlink(&others, dir.join("link")).unwrap();
        let ground = Ground::claim(&dir).unwrap();
        assert_eq!(names(&dir), [ground.path.join(MARK)]);
        assert_eq!(fs::read_to_string(others.join("letter")).unwrap(), "kept");
    }

    #[test]
    fn a_directory_of_others_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("letter"), "kept").unwrap();
        let refused = Ground::claim(dir.path()).unwrap_err().to_string();
        assert!(
            refused.contains(&*dir.path().to_string_lossy()),
            "{refused}"
        );
        assert!(refused.contains("--dir"), "{refused}");
        assert_eq!(names(dir.path()), [dir.path().join("letter")]);
    }

    #[test]
    fn a_run_that_goes_on_is_not_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let ground = Ground::claim(dir.path()).unwrap();
        fs::write(ground.path.join("keys.json"), "{}").unwrap();
        let refused = Ground::claim(dir.path()).unwrap_err().to_string();
        assert!(refused.contains("another demonstration"), "{refused}");
        assert!(ground.path.join("keys.json").exists());
        drop(ground);
        Ground::claim(dir.path()).unwrap();
    }
}
