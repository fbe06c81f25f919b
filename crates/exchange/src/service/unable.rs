//! What is said to a caller whose request is right and cannot be served at the moment.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

/// The header that says after how many seconds to repeat a request.
pub const RETRY_AFTER: &str = "Retry-After";

/// Why a request is not served now. Nothing was written; the same request with the same id may be
/// repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unable {
    /// As many requests as may wait are waiting.
    Busy,
    /// The process is ending.
    Stopping,
    /// The journal was restored and does not know yet how far it had come.
    Recovering,
}

#[derive(Serialize)]
struct Body {
    code: &'static str,
    message: &'static str,
    rule: &'static str,
    retry_after_ms: u64,
}

impl Unable {
    /// Stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Unable::Busy => "unit.busy",
            Unable::Stopping => "unit.stopping",
            Unable::Recovering => "unit.recovering",
        }
    }

    /// After how long the request is worth repeating.
    pub fn retry_after(self) -> Duration {
        Duration::from_secs(match self {
            Unable::Busy => 1,
            Unable::Stopping => 2,
            Unable::Recovering => 5,
        })
    }

    /// What an officer reads.
    pub fn message(self) -> &'static str {
        match self {
            Unable::Busy => "Hệ thống đang bận; lệnh chưa được ghi nhận, xin gửi lại sau giây lát",
            Unable::Stopping => {
                "Hệ thống đang dừng để khởi động lại; lệnh chưa được ghi nhận, xin gửi lại sau giây lát"
            }
            Unable::Recovering => {
                "Sổ điện tử của đơn vị đang được khôi phục từ bản sao lưu; lệnh chưa được ghi nhận, xin gửi \
                 lại sau"
            }
        }
    }

    pub(super) fn body(self) -> Bytes {
        let body = Body {
            code: self.code(),
            message: self.message(),
            rule: "Gửi lại với cùng `id` là an toàn: mỗi lệnh chỉ có một kết quả",
            retry_after_ms: self.retry_after().as_secs() * 1_000,
        };
        // Texts and numbers can always be written.
        serde_json::to_vec(&body).unwrap_or_default().into()
    }
}
