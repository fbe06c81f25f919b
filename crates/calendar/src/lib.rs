//! Working time of Vietnamese state offices: which days are worked, how long a legal limit
//! (thời hạn giải quyết) lasts, and on which minute the promised result is due (ngày hẹn trả).
//!
//! **What it is.** Pure arithmetic over a dated register of days. The register is data: every holiday,
//! compensatory day and swapped day is a row with its legal basis and the place it was read from.
//! A day that an authority declares or swaps later amends the calendar under a version of its own.
//!
//! **What it does not do.** It decides nothing about a dossier: whether a supplement pauses or
//! restarts the clock is the crate `dossier`'s knowledge, and which limit a procedure has is the crate
//! `catalogue`'s. It reads no clock and no time zone of the machine; who asks brings the moment. It
//! does not guess: days that no published register covers are an error, not an ordinary week.
//!
//! **What it promises.**
//! * The same calendar, moment and limit always give the same answer, with every counted and
//!   skipped day named (`the_time_zone_of_the_machine_changes_nothing`).
//! * A limit in days ends on a working day (`a_day_limit_ends_on_a_working_day`).
//! * Adding a holiday never makes a due date earlier, adding a working Saturday never makes it
//!   later (`an_added_holiday_never_brings_a_due_date_forward`,
//!   `an_added_working_saturday_never_puts_a_due_date_off`).
//! * No pause moves a promise forward (`a_pause_never_brings_the_due_date_forward`).
//! * No input panics (`any_moment_from_1900_to_2200_gets_an_answer_or_the_covered_dates`).
//!
//! **Where to start reading.** [`due`](mod@due) holds the rules of counting, [`cut_off`] what 15:00
//! does, [`workday`] the days, [`sessions`] the office hours, [`amendment`] what is declared late,
//! [`desk`] the days of reception, [`resume`](mod@resume) the pauses.
//!
//! ```
//! use calendar::{Calendar, Limit, LimitUnit, due, parse_moment};
//!
//! // Received on Thursday 24 April 2025. Saturday 26 April was worked in exchange for 2 May, so
//! // the third working day is Monday 28 April and not Tuesday 29 April.
//! let received = parse_moment("2025-04-24T09:32:00+07:00")?;
//! let limit = Limit::new(3, LimitUnit::WorkingDays)?;
//! let reckoning = due(Calendar::published(), received, limit)?;
//!
//! assert_eq!(reckoning.due_at, Some(parse_moment("2025-04-28T17:00:00+07:00")?));
//! assert_eq!(reckoning.counted[1].reason, "làm bù cho ngày nghỉ hoán đổi 02/05/2025");
//! assert_eq!(reckoning.skipped[0].reason, "nghỉ hằng tuần (Chủ nhật)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod amendment;
mod count;
pub mod cut_off;
pub mod desk;
pub mod due;
pub mod error;
pub mod hours;
pub mod limit;
pub mod moment;
mod register;
pub mod resume;
pub mod sessions;
pub mod workday;

pub use amendment::{Declaration, DeclaredDay};
pub use cut_off::{hand_over_by, start_after_cut_off};
pub use desk::{DeskDays, SaturdayDesk};
pub use due::{DayNote, Reckoning, due};
pub use error::CalendarError;
pub use hours::{add_working_minutes, is_open, next_opening, working_minutes_between};
pub use limit::{Limit, LimitError, LimitUnit};
pub use moment::{Moment, MomentError, hanoi, parse_moment};
pub use resume::{resume, resume_reckoned};
pub use sessions::{Hours, HoursError, Session};
pub use workday::{Calendar, Day, DayKind, last_working_day_before};
