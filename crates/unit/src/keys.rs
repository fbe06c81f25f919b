//! Commands about a unit's own signing keys, and why they are refused.

use dossier::case::Refusal;
use dossier::intervention::OwnPlace;
use serde::{Deserialize, Serialize};

/// Command: sign with another key from the next event on. The unit makes it, keeps it in its key file,
/// and tells everybody under the key of today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// Why, in Vietnamese.
    pub reason: String,
}

/// Command: an earlier key of this unit came into wrong hands, and counts no further than a place. The key
/// in use is replaced first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeKey {
    /// Id of the key.
    pub key: String,
    /// The last own event that it signs.
    pub after: OwnPlace,
    /// Why, in Vietnamese.
    pub reason: String,
}

const RULE: &str = "Quy tắc của hệ thống: khóa ký của đơn vị được thay, thu hồi bằng sự kiện có người thực hiện và lý do";

/// There is no further key to sign with.
pub(crate) fn not_made(why: &str) -> Refusal {
    Refusal::new(
        "key.not_made",
        format!("Chưa tạo hoặc chưa lưu được khóa ký mới: {why}"),
        RULE,
    )
}

/// What the unit would say about its keys would count nowhere.
pub(crate) fn not_counting(why: &str) -> Refusal {
    Refusal::new(
        "key.not_counting",
        format!("Danh bạ khóa của đơn vị không chấp nhận việc này: {why}"),
        RULE,
    )
}

/// The unit has no such key.
pub(crate) fn unknown(key: &str) -> Refusal {
    let key: String = key.chars().take(80).collect();
    Refusal::new(
        "key.unknown",
        format!("Đơn vị không có khóa ký nào mang số {key}"),
        RULE,
    )
}

/// A key cannot revoke itself.
pub(crate) fn in_use() -> Refusal {
    Refusal::new(
        "key.in_use",
        "Khóa đang dùng không tự thu hồi được; hãy thay khóa (rotate_key) trước rồi thu hồi",
        RULE,
    )
}

/// A key is revoked up to something that was said.
pub(crate) fn not_said_yet() -> Refusal {
    Refusal::new(
        "key.not_said_yet",
        "Khóa được thu hồi kể từ sau một sự kiện đã ghi của đơn vị, không phải sự kiện tương lai",
        RULE,
    )
}
