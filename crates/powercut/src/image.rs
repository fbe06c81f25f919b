//! The image: what would be left of the directory if the power went now.
//!
//! Every file has a shadow beside the image, named by the file's inode, with the bytes that were
//! synced. The names in the image are further names of the shadows, so that a file whose name was not
//! synced yet can already have synced bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use libc::c_int;

use crate::ranges::Dirty;
use crate::system;

/// The image of one directory.
#[derive(Debug)]
pub(crate) struct Image {
    dir: PathBuf,
    device: u64,
    image: PathBuf,
    shadows: PathBuf,
    /// By inode.
    files: BTreeMap<u64, Dirty>,
    /// Names synced in directories whose own name is not synced yet, by the directory's inode.
    unreachable: BTreeMap<u64, Vec<Name>>,
}

/// A name in a directory.
#[derive(Debug, Clone)]
struct Name {
    name: OsString,
    inode: u64,
    is_dir: bool,
}

/// A sync that has begun: what will be durable when it is over.
#[derive(Debug)]
pub(crate) enum Syncing {
    /// Of a file.
    File {
        inode: u64,
        shortest: Option<u64>,
        length: u64,
        bytes: Vec<(u64, Vec<u8>)>,
    },
    /// Of a directory.
    Dir {
        inode: u64,
        path: PathBuf,
        names: Names,
    },
}

/// The names in a directory at one moment.
#[derive(Debug)]
pub(crate) struct Names(Vec<Name>);

impl Image {
    /// The image in `image` of the directory `dir`; both exist, and are alike where they have the
    /// same names. What only the directory has is not durable yet.
    pub(crate) fn of(dir: &Path, image: &Path) -> io::Result<Self> {
        let (dir, image) = (dir.canonicalize()?, image.canonicalize()?);
        let shadows = image.with_extension(format!("shadows-{}", std::process::id()));
        fs::create_dir(&shadows)?;
        let mut this = Self {
            device: dir.metadata()?.dev(),
            dir,
            image,
            shadows,
            files: BTreeMap::new(),
            unreachable: BTreeMap::new(),
        };
        let root = this.image.clone();
        this.adopt(&root)?;
        Ok(this)
    }

    /// Takes the files in a part of the image as shadows of the files of the same names.
    fn adopt(&mut self, part: &Path) -> io::Result<()> {
        for entry in fs::read_dir(part)? {
            let durable = entry?.path();
            if durable.is_dir() {
                self.adopt(&durable)?;
                continue;
            }
            let Some(live) = self.live(&durable) else {
                continue;
            };
            let Ok(known) = live.symlink_metadata() else {
                continue;
            };
            if known.is_file() && !self.files.contains_key(&known.ino()) {
                fs::hard_link(&durable, self.shadow(known.ino()))?;
                self.files.insert(known.ino(), Dirty::default());
            }
        }
        Ok(())
    }

    /// The inode and length of an open file, if it is a file in the directory.
    pub(crate) fn file(&self, fd: c_int) -> Option<(u64, u64)> {
        let stat = system::stat(fd)?;
        if stat.st_mode & libc::S_IFMT != libc::S_IFREG || stat.st_dev != self.device {
            return None;
        }
        let known = self.files.contains_key(&stat.st_ino);
        let inside = || system::path_of(fd).is_some_and(|path| path.starts_with(&self.dir));
        (known || inside()).then(|| (stat.st_ino, u64::try_from(stat.st_size).unwrap_or(0)))
    }

    /// Bytes `from..to` of a file were written; it had `before` bytes before.
    pub(crate) fn wrote(&mut self, inode: u64, before: u64, from: u64, to: u64) -> io::Result<()> {
        let dirty = self.dirty(inode, before)?;
        dirty.was_long(before);
        dirty.wrote(from, to);
        Ok(())
    }

    /// A file was made shorter or longer.
    pub(crate) fn cut(&mut self, inode: u64, before: u64, length: u64) -> io::Result<()> {
        let dirty = self.dirty(inode, before)?;
        dirty.was_long(before.min(length));
        Ok(())
    }

    /// A file has lost its last name: its inode may soon be another file's.
    pub(crate) fn forget(&mut self, inode: u64) -> io::Result<()> {
        if self.files.remove(&inode).is_some() {
            fs::remove_file(self.shadow(inode))?;
        }
        self.unreachable.remove(&inode);
        Ok(())
    }

    /// What a sync of `fd` that begins now will make durable; none if it is nothing of the directory.
    pub(crate) fn begin(&mut self, fd: c_int) -> io::Result<Option<Syncing>> {
        if let Some((inode, length)) = self.file(fd) {
            let (parts, shortest) = self.dirty(inode, length)?.take();
            let file = system::reopened(fd)?;
            let mut bytes = Vec::new();
            for (from, to) in parts {
                bytes.push((from, read(&file, from, to.min(length))?));
            }
            return Ok(Some(Syncing::File {
                inode,
                shortest,
                length,
                bytes,
            }));
        }
        let Some(path) = system::path_of(fd) else {
            return Ok(None);
        };
        if !path.starts_with(&self.dir) || !path.is_dir() {
            return Ok(None);
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            // What is removed meanwhile may be there or not.
            let Ok(known) = entry.metadata() else {
                continue;
            };
            names.push(Name {
                name: entry.file_name(),
                inode: known.ino(),
                is_dir: known.is_dir(),
            });
        }
        Ok(Some(Syncing::Dir {
            inode: path.metadata()?.ino(),
            path,
            names: Names(names),
        }))
    }

    /// The sync is over.
    pub(crate) fn finish(&mut self, synced: Syncing) -> io::Result<()> {
        match synced {
            Syncing::File {
                inode,
                shortest,
                length,
                bytes,
            } => {
                // One that lost its last name meanwhile needs no shadow any more.
                if !self.files.contains_key(&inode) {
                    return Ok(());
                }
                let shadow = File::options().write(true).open(self.shadow(inode))?;
                let durable = shadow.metadata()?.len();
                if let Some(shortest) = shortest.filter(|shortest| *shortest < durable) {
                    shadow.set_len(shortest)?;
                }
                shadow.set_len(length)?;
                for (at, bytes) in bytes {
                    shadow.write_all_at(&bytes, at)?;
                }
                Ok(())
            }
            Syncing::Dir { inode, path, names } => {
                let Ok(below) = path.strip_prefix(&self.dir) else {
                    return Ok(());
                };
                let durable = self.image.join(below);
                if durable.is_dir() {
                    self.publish(&durable, &names.0)
                } else {
                    self.unreachable.insert(inode, names.0);
                    Ok(())
                }
            }
        }
    }

    /// Gives a directory of the image these names and no others.
    fn publish(&mut self, durable: &Path, names: &[Name]) -> io::Result<()> {
        let wanted: BTreeSet<&OsString> = names.iter().map(|name| &name.name).collect();
        for entry in fs::read_dir(durable)? {
            let entry = entry?;
            if wanted.contains(&entry.file_name()) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        for Name {
            name,
            inode,
            is_dir,
        } in names
        {
            let place = durable.join(name);
            if *is_dir {
                if !place.is_dir() {
                    fs::create_dir(&place)?;
                    let below = self.unreachable.remove(inode).unwrap_or_default();
                    self.publish(&place, &below)?;
                }
                continue;
            }
            self.dirty(*inode, 0)?;
            let shadow = self.shadow(*inode);
            let same = place
                .symlink_metadata()
                .is_ok_and(|known| shadow.metadata().is_ok_and(|own| own.ino() == known.ino()));
            if !same {
                let between = self.shadows.join("new");
                fs::hard_link(&shadow, &between)?;
                fs::rename(&between, &place)?;
            }
        }
        Ok(())
    }

    /// What is not durable of a file. One seen for the first time is new: nothing of it is durable,
    /// neither of the `length` bytes that it has already.
    fn dirty(&mut self, inode: u64, length: u64) -> io::Result<&mut Dirty> {
        if !self.files.contains_key(&inode) {
            File::create_new(self.shadow(inode))?;
        }
        Ok(self.files.entry(inode).or_insert_with(|| {
            let mut dirty = Dirty::default();
            dirty.wrote(0, length);
            dirty
        }))
    }

    fn shadow(&self, inode: u64) -> PathBuf {
        self.shadows.join(inode.to_string())
    }

    fn live(&self, durable: &Path) -> Option<PathBuf> {
        let below = durable.strip_prefix(&self.image).ok()?;
        Some(self.dir.join(below))
    }
}

fn read(file: &File, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(to.saturating_sub(from)).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    let mut done = 0;
    while done < length {
        let read = file.read_at(&mut bytes[done..], from + done as u64)?;
        if read == 0 {
            break;
        }
        done += read;
    }
    bytes.truncate(done);
    Ok(bytes)
}
