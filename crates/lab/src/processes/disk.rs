//! What happens to disks: copies put aside and back, flipped bits, and what a power cut leaves.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// The unit in which unsynced data may or may not have reached the disk by themselves.
const PAGE: usize = 4096;

/// Copies a directory with everything in it; `to` must not exist.
///
/// # Errors
/// Names the file that cannot be copied.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to).with_context(|| format!("making {}", to.display()))?;
    for name in names(from)? {
        let (source, copied) = (from.join(&name), to.join(&name));
        if source.is_dir() {
            copy(&source, &copied)?;
        } else {
            fs::copy(&source, &copied)
                .with_context(|| format!("copying {} to {}", source.display(), copied.display()))?;
        }
    }
    Ok(())
}

/// Puts `image` in the place of `dir`; `image` is gone then.
///
/// # Errors
/// When a directory cannot be removed or renamed.
pub fn put_in_place(image: &Path, dir: &Path) -> anyhow::Result<()> {
    remove(dir)?;
    fs::rename(image, dir)
        .with_context(|| format!("putting {} in place of {}", image.display(), dir.display()))
}

/// Removes a directory, if it is there.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(dir: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", dir.display()))
        }
        _ => Ok(()),
    }
}

/// Every file below a directory, in order of name.
///
/// # Errors
/// When a directory cannot be read.
pub fn files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for name in names(dir)? {
        let path = dir.join(name);
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

fn names(dir: &Path) -> anyhow::Result<Vec<std::ffi::OsString>> {
    let reading = || format!("reading {}", dir.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).with_context(reading)? {
        names.push(entry.with_context(reading)?.file_name());
    }
    names.sort();
    Ok(names)
}

/// Flips one bit in each of up to `count` places of the files that `which` names.
///
/// # Errors
/// When a file cannot be read or written.
pub fn flip_bits(
    dir: &Path,
    which: impl Fn(&Path) -> bool,
    count: usize,
    chance: &mut ChaCha8Rng,
) -> anyhow::Result<()> {
    let mut damaged = files(dir)?;
    damaged.retain(|path| which(path) && path.metadata().is_ok_and(|known| known.len() > 0));
    for _ in 0..count {
        if damaged.is_empty() {
            return Ok(());
        }
        let path = &damaged[chance.gen_range(0..damaged.len())];
        let flipping = || format!("flipping a bit in {}", path.display());
        let file = File::options()
            .read(true)
            .write(true)
            .open(path)
            .with_context(flipping)?;
        let at = chance.gen_range(0..file.metadata().with_context(flipping)?.len());
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).with_context(flipping)?;
        byte[0] ^= 1 << chance.gen_range(0..8);
        file.write_all_at(&byte, at).with_context(flipping)?;
    }
    Ok(())
}

/// Adds to an image some of the pages that were written and not synced: a kernel writes them back
/// when it likes, in whatever order.
///
/// # Errors
/// When a file cannot be read or written.
pub fn some_more_pages(image: &Path, live: &Path, chance: &mut ChaCha8Rng) -> anyhow::Result<()> {
    for durable in files(image)? {
        let below = durable.strip_prefix(image).context("a file of the image")?;
        let written = live.join(below);
        let adding = || format!("adding pages to {}", durable.display());
        let Ok(new) = fs::read(&written) else {
            continue;
        };
        let old = fs::read(&durable).with_context(adding)?;
        let file = File::options()
            .write(true)
            .open(&durable)
            .with_context(adding)?;
        for (number, page) in new.chunks(PAGE).enumerate() {
            let at = number * PAGE;
            let known = old.get(at..(at + page.len()).min(old.len()));
            if known != Some(page) && chance.gen_bool(0.5) {
                file.write_all_at(page, at as u64).with_context(adding)?;
            }
        }
    }
    Ok(())
}
