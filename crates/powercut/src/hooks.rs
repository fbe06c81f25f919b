//! The functions that programs call instead of the C library's: each does what its namesake does, by
//! the system call, and then tells the image.

use std::cell::Cell;
use std::ffi::CStr;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use libc::{
    c_char, c_int, c_long, c_uint, c_void, iovec, loff_t, off_t, off64_t, size_t, ssize_t, syscall,
};

use crate::image::Image;
use crate::system;

thread_local! {
    /// Set while this library itself uses files: its own writes and removals are nobody's business.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

static IMAGE: OnceLock<Option<Mutex<Image>>> = OnceLock::new();

/// One sync after the other: a sync that finds nothing dirty must not return before the one that
/// took it is over.
static SYNCING: Mutex<()> = Mutex::new(());

/// Runs `work` on the image with this library's own use of files unobserved; nothing without an image
/// or inside such work.
fn with_image<T>(work: impl FnOnce(&mut Image) -> io::Result<T>) -> Option<T> {
    if INSIDE.replace(true) {
        return None;
    }
    let done = IMAGE
        .get_or_init(|| settings().map(|(dir, image)| Mutex::new(kept(Image::of(&dir, &image)))))
        .as_ref()
        .map(|image| {
            let mut image: MutexGuard<'_, Image> =
                image.lock().unwrap_or_else(PoisonError::into_inner);
            kept(work(&mut image))
        });
    INSIDE.set(false);
    done
}

fn settings() -> Option<(PathBuf, PathBuf)> {
    let path = |name| std::env::var_os(name).map(PathBuf::from);
    Some((path("POWERCUT_DIR")?, path("POWERCUT_IMAGE")?))
}

/// What was needed to keep the image right; the process ends where it cannot be kept.
fn kept<T>(result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        let text = format!("powercut: the image cannot be kept: {error}\n");
        // SAFETY: the text is readable for its length.
        unsafe { syscall(libc::SYS_write, 2, text.as_ptr(), text.len()) };
        std::process::abort()
    })
}

/// Inode and length of a file of the directory, before something is done to it.
fn watched(fd: c_int) -> Option<(u64, u64)> {
    with_image(|image| Ok(image.file(fd))).flatten()
}

/// `done` bytes were written to `fd`, ending at `end`.
fn wrote(fd: c_int, before: Option<(u64, u64)>, done: c_long, start: Option<off64_t>) {
    let (Some((inode, length)), Ok(count)) = (before, u64::try_from(done)) else {
        return;
    };
    let from = match start {
        Some(start) => u64::try_from(start).unwrap_or(0),
        None => system::position(fd).saturating_sub(count),
    };
    with_image(|image| image.wrote(inode, length, from, from + count));
    if system::writes_through(fd) {
        synced(fd, || 0);
    }
}

/// Some bytes were written to `fd`, wherever.
fn wrote_somewhere(fd: c_int, before: Option<(u64, u64)>, done: c_long) {
    if let (Some((inode, length)), true) = (before, done >= 0) {
        with_image(|image| {
            let (_, now) = image.file(fd).unwrap_or((inode, length));
            image.wrote(inode, length, 0, now.max(length))
        });
    }
}

/// Does `sync`, and notes what is durable after it.
fn synced(fd: c_int, sync: impl FnOnce() -> c_long) -> c_long {
    if INSIDE.get() {
        return sync();
    }
    let _alone = SYNCING.lock().unwrap_or_else(PoisonError::into_inner);
    let begun = with_image(|image| image.begin(fd)).flatten();
    let done = sync();
    if let (Some(begun), 0) = (begun, done) {
        with_image(|image| image.finish(begun));
    }
    done
}

/// The file that a name stands for, if the name is its last one.
fn last_name(at: c_int, name: *const c_char) -> Option<u64> {
    if name.is_null() || INSIDE.get() {
        return None;
    }
    // SAFETY: the caller promises its namesake a C string.
    let stat = system::stat_name(at, unsafe { CStr::from_ptr(name) })?;
    (stat.st_nlink == 1 || stat.st_mode & libc::S_IFMT == libc::S_IFDIR).then_some(stat.st_ino)
}

fn unnamed(inode: Option<u64>, done: c_long) {
    if let (Some(inode), 0) = (inode, done) {
        with_image(|image| image.forget(inode));
    }
}

fn small(done: c_long) -> c_int {
    c_int::try_from(done).unwrap_or(-1)
}

fn long(done: c_long) -> ssize_t {
    ssize_t::try_from(done).unwrap_or(-1)
}

/// # Safety
/// As `write(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, bytes: *const c_void, count: size_t) -> ssize_t {
    let before = watched(fd);
    // SAFETY: as the caller promises.
    let done = unsafe { syscall(libc::SYS_write, fd, bytes, count) };
    wrote(fd, before, done, None);
    long(done)
}

/// # Safety
/// As `writev(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t {
    let before = watched(fd);
    // SAFETY: as the caller promises.
    let done = unsafe { syscall(libc::SYS_writev, fd, parts, count) };
    wrote(fd, before, done, None);
    long(done)
}

/// # Safety
/// As `pwrite(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(
    fd: c_int,
    bytes: *const c_void,
    count: size_t,
    at: off64_t,
) -> ssize_t {
    let before = watched(fd);
    // SAFETY: as the caller promises.
    let done = unsafe { syscall(libc::SYS_pwrite64, fd, bytes, count, at) };
    wrote(fd, before, done, Some(at));
    long(done)
}

/// # Safety
/// As `pwrite(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite(
    fd: c_int,
    bytes: *const c_void,
    count: size_t,
    at: off_t,
) -> ssize_t {
    // SAFETY: as the caller promises.
    unsafe { pwrite64(fd, bytes, count, at) }
}

/// # Safety
/// As `pwritev(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwritev64(
    fd: c_int,
    parts: *const iovec,
    count: c_int,
    at: off64_t,
) -> ssize_t {
    let before = watched(fd);
    // SAFETY: as the caller promises. The kernel takes the offset in two halves; on 64 bits the
    // second is not looked at.
    let done = unsafe { syscall(libc::SYS_pwritev, fd, parts, count, at, 0) };
    wrote(fd, before, done, Some(at));
    long(done)
}

/// # Safety
/// As `pwritev(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwritev(
    fd: c_int,
    parts: *const iovec,
    count: c_int,
    at: off_t,
) -> ssize_t {
    // SAFETY: as the caller promises.
    unsafe { pwritev64(fd, parts, count, at) }
}

/// # Safety
/// As `copy_file_range(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn copy_file_range(
    from: c_int,
    from_at: *mut loff_t,
    to: c_int,
    to_at: *mut loff_t,
    count: size_t,
    flags: c_uint,
) -> ssize_t {
    let before = watched(to);
    // SAFETY: as the caller promises.
    let done = unsafe {
        syscall(
            libc::SYS_copy_file_range,
            from,
            from_at,
            to,
            to_at,
            count,
            flags,
        )
    };
    wrote_somewhere(to, before, done);
    long(done)
}

/// # Safety
/// As `sendfile(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sendfile64(
    to: c_int,
    from: c_int,
    at: *mut off64_t,
    count: size_t,
) -> ssize_t {
    let before = watched(to);
    // SAFETY: as the caller promises.
    let done = unsafe { syscall(libc::SYS_sendfile, to, from, at, count) };
    wrote_somewhere(to, before, done);
    long(done)
}

/// # Safety
/// As `sendfile(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sendfile(
    to: c_int,
    from: c_int,
    at: *mut off_t,
    count: size_t,
) -> ssize_t {
    // SAFETY: as the caller promises.
    unsafe { sendfile64(to, from, at, count) }
}

/// # Safety
/// As `ftruncate(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate64(fd: c_int, length: off64_t) -> c_int {
    let before = watched(fd);
    // SAFETY: as the caller promises.
    let done = unsafe { syscall(libc::SYS_ftruncate, fd, length) };
    if let (Some((inode, was)), 0) = (before, done) {
        with_image(|image| image.cut(inode, was, u64::try_from(length).unwrap_or(0)));
    }
    small(done)
}

/// # Safety
/// As `ftruncate(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate(fd: c_int, length: off_t) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { ftruncate64(fd, length) }
}

/// # Safety
/// As `fallocate(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fallocate64(
    fd: c_int,
    mode: c_int,
    at: off64_t,
    length: off64_t,
) -> c_int {
    let before = watched(fd);
    // SAFETY: as the caller promises.
    let done = unsafe { syscall(libc::SYS_fallocate, fd, mode, at, length) };
    wrote_somewhere(fd, before, done);
    small(done)
}

/// # Safety
/// As `fallocate(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fallocate(fd: c_int, mode: c_int, at: off_t, length: off_t) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { fallocate64(fd, mode, at, length) }
}

/// # Safety
/// As `fsync(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    // SAFETY: no memory is touched.
    small(synced(fd, || unsafe { syscall(libc::SYS_fsync, fd) }))
}

/// # Safety
/// As `fdatasync(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    // SAFETY: no memory is touched.
    small(synced(fd, || unsafe { syscall(libc::SYS_fdatasync, fd) }))
}

/// # Safety
/// As `unlinkat(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlinkat(at: c_int, name: *const c_char, flags: c_int) -> c_int {
    let lost = last_name(at, name);
    // SAFETY: as the caller promises.
    let done = unsafe { syscall(libc::SYS_unlinkat, at, name, flags) };
    unnamed(lost, done);
    small(done)
}

/// # Safety
/// As `unlink(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(name: *const c_char) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { unlinkat(libc::AT_FDCWD, name, 0) }
}

/// # Safety
/// As `rmdir(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmdir(name: *const c_char) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { unlinkat(libc::AT_FDCWD, name, libc::AT_REMOVEDIR) }
}

/// # Safety
/// As `renameat2(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn renameat2(
    from_at: c_int,
    from: *const c_char,
    to_at: c_int,
    to: *const c_char,
    flags: c_uint,
) -> c_int {
    // Whoever has the new name loses it, unless both are names of one file.
    let moved = last_name(from_at, from);
    let lost = last_name(to_at, to).filter(|lost| Some(*lost) != moved && flags == 0);
    // SAFETY: as the caller promises.
    let done = unsafe { syscall(libc::SYS_renameat2, from_at, from, to_at, to, flags) };
    unnamed(lost, done);
    small(done)
}

/// # Safety
/// As `renameat(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn renameat(
    from_at: c_int,
    from: *const c_char,
    to_at: c_int,
    to: *const c_char,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { renameat2(from_at, from, to_at, to, 0) }
}

/// # Safety
/// As `rename(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { renameat2(libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0) }
}
