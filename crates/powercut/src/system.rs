//! What the system knows of open files and of names.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::path::PathBuf;

use libc::{c_int, stat64};

/// What the system knows of an open file.
pub(crate) fn stat(fd: c_int) -> Option<stat64> {
    // SAFETY: all zeros is a valid `stat64`.
    let mut stat: stat64 = unsafe { std::mem::zeroed() };
    // SAFETY: `stat` lives over the call and is of the type that is written.
    (unsafe { libc::fstat64(fd, &raw mut stat) } == 0).then_some(stat)
}

/// What the system knows of a name, without following a symbolic link.
pub(crate) fn stat_name(at: c_int, name: &CStr) -> Option<stat64> {
    // SAFETY: all zeros is a valid `stat64`.
    let mut stat: stat64 = unsafe { std::mem::zeroed() };
    let flags = libc::AT_SYMLINK_NOFOLLOW;
    // SAFETY: `name` is a C string, and `stat` of the type that is written; both live over the call.
    (unsafe { libc::fstatat64(at, name.as_ptr(), &raw mut stat, flags) } == 0).then_some(stat)
}

/// The path of an open file as the kernel has it now; none once it has no name.
pub(crate) fn path_of(fd: c_int) -> Option<PathBuf> {
    let path = std::fs::read_link(format!("/proc/self/fd/{fd}")).ok()?;
    (!path.to_string_lossy().ends_with(" (deleted)")).then_some(path)
}

/// An open file once more, for reading, however it was opened.
pub(crate) fn reopened(fd: c_int) -> io::Result<File> {
    File::open(format!("/proc/self/fd/{fd}"))
}

/// Whether a write to `fd` returns only when it is durable.
pub(crate) fn writes_through(fd: c_int) -> bool {
    // SAFETY: reading the flags of a descriptor touches no memory.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    flags >= 0 && flags & libc::O_DSYNC != 0
}

/// Where the next write to `fd` would go.
pub(crate) fn position(fd: c_int) -> u64 {
    // SAFETY: asking for the position touches no memory.
    let at = unsafe { libc::lseek64(fd, 0, libc::SEEK_CUR) };
    u64::try_from(at).unwrap_or(0)
}
