//! What a power cut would leave of a directory.
//!
//! **What it is.** A library that is preloaded into a service (`LD_PRELOAD`). It stands between the
//! program and the C library, and keeps beside the directory `$POWERCUT_DIR` an image of it in
//! `$POWERCUT_IMAGE` that holds only what was synced. A power cut is then: kill the process, put the
//! image in the place of the directory, start again.
//!
//! **What it does not do, and who does.** It cuts nothing and decides nothing: the laboratory (`lab`)
//! makes the first image (a copy of the directory), kills and puts back. It is part of no service.
//!
//! **What it promises.** The image never holds what was not synced. In detail:
//! * Data of a file reach the image by `fsync` or `fdatasync` of it, as they were when the sync began,
//!   and before the sync returns; with `O_SYNC` or `O_DSYNC` by the write itself.
//! * `sync_file_range` makes nothing durable, since it writes no metadata and flushes no disk cache
//!   (its manual page says so).
//! * Names (of files created, renamed, removed, of directories made) reach the image by `fsync` of the
//!   directory that they stand in, and by nothing else. This is POSIX; ext4 is kinder.
//! * Where it errs, it errs by forgetting: `sync`, `syncfs`, `msync`, `io_uring` and system calls made
//!   around the C library are not seen, so what they made durable is missing from the image.
//! * When the image cannot be kept, the process ends at once rather than go on with a wrong one.
//!
//! **Where to start reading.** `image` (what is durable), `ranges` (what is not yet), then `hooks` (the
//! functions that programs call instead of the C library's).

pub mod hooks;
mod image;
mod ranges;
mod system;
