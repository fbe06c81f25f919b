//! Back-dating: what happened and when it was written down are two times. How far apart they may lie
//! is a rule of the regime; entries from the paper register have a longer one of their own
//! (NĐ 61/2018/NĐ-CP art. 39.1), and what exceeds even that is recorded and listed for the head.

use calendar::{Calendar, CalendarError, Limit, Moment, hanoi};

use crate::case::Refusal;
use crate::regime::{Regime, Rules};
use crate::supplement::passed;

/// Whether what happened at `happened` may be recorded at `recorded`, and if so whether it is to be
/// listed for the head. `paper`: it is entered from the paper register. What is recorded before it
/// happened is a clock that goes wrong, not back-dating.
///
/// # Errors
/// `time.too_long_ago` with both moments and the limit; `calendar.not_covered` when `happened` lies
/// outside the calendar.
pub fn permitted(
    rules: &Rules,
    happened: Moment,
    recorded: Moment,
    paper: bool,
    calendar: &Calendar,
) -> Result<bool, Refusal> {
    let ruled = if paper {
        rules.paper_record_within
    } else {
        rules.record_within
    };
    let exceeded = exceeds(ruled.value, happened, recorded, calendar)
        .map_err(|error| Refusal::calendar(&error))?;
    if exceeded && !paper {
        return Err(Refusal::new(
            "time.too_long_ago",
            format!(
                "Việc xảy ra lúc {} được ghi lúc {}, quá mức {} cho phép ({}); \
                 nếu nhập lại từ sổ giấy, hãy ghi quyển số và số thứ tự",
                read_aloud(happened),
                read_aloud(recorded),
                ruled.value,
                ruled.basis,
            ),
            ruled.basis,
        ));
    }
    Ok(exceeded)
}

/// Whether a fact of a dossier under `regime` is to be listed for the head: recorded later than the
/// regime allows, by whatever way it came into a journal. What no calendar covers is listed too.
pub fn is_listed(
    regime: Regime,
    happened: Moment,
    recorded: Moment,
    paper: bool,
    calendar: &Calendar,
) -> bool {
    permitted(regime.rules(), happened, recorded, paper, calendar).unwrap_or(true)
}

fn exceeds(
    limit: Limit,
    happened: Moment,
    recorded: Moment,
    calendar: &Calendar,
) -> Result<bool, CalendarError> {
    if recorded <= happened {
        return Ok(false);
    }
    let by = calendar::due(calendar, happened, limit)?.due_at;
    Ok(by.is_some_and(|by| passed(recorded.with_timezone(&hanoi()), by, limit.unit())))
}

fn read_aloud(moment: Moment) -> String {
    let here = moment.with_timezone(&hanoi());
    here.format("%H giờ %M phút ngày %d/%m/%Y").to_string()
}
