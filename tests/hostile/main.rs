//! Foreign bytes: whatever is sent, found on a disk or typed by somebody, every decoder reads it or
//! says what is wrong with it. It never panics, and it stays within a fixed memory and a fixed
//! number of processor seconds.
//!
//! Inputs are the published examples (`schemas/examples`) and real files, spoilt by a seeded
//! generator: flipped bits, cut ends, spliced halves, numbers at their limits, far years, names given twice,
//! nesting without end. Each case follows from seed, target and number alone. As part of the tests
//! each target gets 300 cases. A long run:
//!
//! ```sh
//! HOSTILE_CASES=200000 HOSTILE_SEED=42 cargo test -p tests --test hostile
//! ```
//!
//! What fails is printed with the command that shows that one case again
//! (`HOSTILE_SEED=42 HOSTILE_ONLY=1234 cargo test -p tests --test hostile <test>`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod course;
mod evidence;
mod golden;
mod names;
mod paper;
mod spoil;
mod wire;
