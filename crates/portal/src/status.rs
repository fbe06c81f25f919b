//! The status code of a message (`TrangThaiHoSo`, `TrangThai`): the dossier's own, as it is.
//!
//! Some provinces send 9 (đã xử lý xong) while they wait for the citizen (5, 6) or have stopped (8),
//! which stops the portal's count of days. There is no way to do so here: this is the only place that
//! writes a status, and it knows nothing but the status.

use dossier::status::Status;

/// The code as the portal reads it: `1` to `10`.
pub(crate) fn code(status: Status) -> String {
    status.code().to_string()
}

/// Whether the clock that the portal keeps has not begun: before reception there is no
/// `NgayTiepNhan` (1 mới đăng ký, 3 không được tiếp nhận).
pub(crate) fn is_before_reception(code: &str) -> bool {
    code == "1" || code == "3"
}

/// Every code that the portal knows.
pub(crate) const CODES: [&str; 10] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_told_as_itself() {
        for (number, told) in (1_u8..).zip(CODES) {
            assert_eq!(code(Status::try_from(number).unwrap()), told);
        }
    }

    #[test]
    fn waiting_and_stopped_are_not_told_as_finished() {
        let finished = code(Status::ResultReady);
        for status in [
            Status::SupplementAsked,
            Status::PaymentAsked,
            Status::Stopped,
        ] {
            assert_ne!(code(status), finished);
        }
    }
}
