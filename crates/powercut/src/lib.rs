//! What a power cut would leave of a directory.
//!
//! **What it is.** A library that is preloaded into a service (`LD_PRELOAD`).
//!
//! **What it does not do, and who does.** It cuts nothing: the laboratory kills the process.
//!
//! **What it promises.** The image holds what was synced, and nothing else.
//!
//! **Where to start reading.** Here.
