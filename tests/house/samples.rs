//! The facts that the golden examples of events tell: the life of a few dossiers of 2018, one fact
//! of each type, every optional field filled in somewhere.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use dossier::fact::{Fact, Writer};
use dossier::wire;
use envelope::register::proof_of_possession;
use envelope::{DossierKey, Draft, Place, Signed, UnitKey, moment};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use unit::writing;
use uuid::Uuid;

/// Seed of the Ed25519 key that signs examples.
pub(crate) const SIGNING_SEED: [u8; 32] = [0x11; 32];
/// The key of the examples' personal data.
pub(crate) const DOSSIER_KEY: [u8; 32] = [0x22; 32];
/// Units that write examples: home, performer, overseer.
pub(crate) const WRITERS: [&str; 3] = [HOME, TAX, DISTRICT];

const HOME: &str = "H33-27-04";
const TAX: &str = "H33-27-92";
const DISTRICT: &str = "H33-27";
const CODE: &str = "000.04.27.H33-180312-0007";
const KEY_ID: &str = "01621880-0000-7000-8000-00000000000c";
const EPOCH: Uuid = Uuid::from_u128(0x0162_1880_0000_7000_8000_0000_0000_00ee);

/// The person in every sealed field.
pub(crate) fn person() -> Value {
    json!({ "name": "Nguyễn Thị Mẫu", "id_number": "091180000000", "address": "Ấp Mẫu, xã Mong Thọ",
        "phone": "0900000000" })
}

fn sealed(field: &str, nonce: u8) -> Value {
    let id = Uuid::parse_str(KEY_ID).unwrap();
    let plain = serde_json::to_vec(&person()).unwrap();
    let sealed = DossierKey::from_bytes(DOSSIER_KEY)
        .seal(id, field, &plain, [nonce; 24])
        .unwrap();
    serde_json::to_value(sealed).unwrap()
}

/// The identity of the `n`-th example.
fn id(n: u64) -> Uuid {
    Uuid::from_u128(0x0162_1880_0000_7000_8000_0000_0000_0100 + u128::from(n))
}

/// The data of the example of the type `kind`.
fn data(kind: &str) -> Value {
    let days = |amount: u32| json!({ "amount": amount, "unit": "working_days" });
    let version = "vn-2018.1";
    match kind.strip_prefix("vn.motcua.").unwrap() {
        "dossier.registered.v1" => {
            json!({ "procedure": "1.013831", "applicant": sealed("applicant", 1) })
        }
        "dossier.received.v1" => json!({
            "channel": "direct",
            "procedure": { "code": "1.013831", "version": "2018.1", "field": "Đất đai",
                "name": "Đăng ký biến động quyền sử dụng đất", "basis": "NĐ 43/2014/NĐ-CP điều 61, 79" },
            "competent": HOME, "overseer": DISTRICT,
            "applicant": sealed("applicant", 2), "delegate": sealed("delegate", 3),
            "papers": [{ "paper": 1, "verdict": "original" }, { "paper": 2, "verdict": "copy" },
                { "paper": 3, "verdict": "missing", "reason": "Không qua người đại diện" }],
            "route": [
                { "key": "conditions", "task": "Kiểm tra điều kiện", "unit": HOME, "limit": days(3) },
                { "key": "tax", "task": "Xác định nghĩa vụ tài chính", "unit": TAX,
                    "department": "Đội Trước bạ và thu khác", "inputs": ["conditions"], "limit": days(3) },
                { "key": "entry", "task": "Ghi vào sổ", "unit": HOME, "inputs": ["tax"],
                    "limit": { "amount": 0, "unit": "same_day" }, "after_payment": true },
            ],
            "clock": { "supplement": { "second_limit": days(5) }, "payment": "pause" },
            "limit": days(10), "due_at": "2018-03-26T17:00:00+07:00", "calendar": version,
            "regime": "qd09", "receipt": true, "officer": "cb-01",
        }),
        "dossier.declined.v1" => {
            json!({ "procedure": "1.013831", "field": "Đất đai", "channel": "post",
            "reason": "Thửa đất thuộc địa bàn huyện khác", "officer": "cb-01" })
        }
        "step.dispatched.v1" => json!({ "step": "tax", "turn": 2, "to": TAX,
            "task": "Xác định nghĩa vụ tài chính", "limit": days(3), "department": "Đội Trước bạ và thu khác",
            "documents": [{ "name": "Phiếu chuyển thông tin", "sha256": "ab".repeat(32) }],
            "reason": "Chỉnh sửa diện tích" }),
        "supplement.asked.v1" => {
            json!({ "items": ["Bản gốc Giấy chứng nhận"], "step": "conditions",
            "reason": "Bản sao mờ", "effect": { "second_limit": days(5) } })
        }
        "supplement.given.v1" => json!({ "papers": [{ "paper": 2, "verdict": "original" }],
            "recounted": { "effect": { "second_limit": days(5) }, "limit": days(5),
                "due_at": "2018-03-27T17:00:00+07:00", "calendar": version } }),
        "payment.asked.v1" => json!({ "amount_vnd": 1_250_000, "step": "tax", "effect": "pause",
            "purpose": "Lệ phí trước bạ, thuế thu nhập cá nhân" }),
        "payment.confirmed.v1" => json!({ "voucher": "GNT-0042", "recounted": { "effect": "pause",
            "limit": days(5), "due_at": "2018-03-29T17:00:00+07:00", "calendar": version } }),
        "dossier.apologised.v1" => json!({ "reason": "Chờ số liệu đo đạc", "late": false,
            "old_due_at": "2018-03-29T17:00:00+07:00", "new_due_at": "2018-04-02T17:00:00+07:00" }),
        "dossier.refused.v1" => json!({ "reason": "Thửa đất đang có tranh chấp" }),
        "dossier.withdrawn.v1" => json!({ "reason": "Không còn nhu cầu" }),
        "dossier.stopped.v1" => json!({ "reason": "Công dân xin rút hồ sơ" }),
        "result.readied.v1" => json!({}),
        "result.returned.v1" => json!({ "channel": "counter", "officer": "cb-01" }),
        "step.accepted.v1" => {
            json!({ "step": "tax", "turn": 1, "due_at": "2018-03-20T17:00:00+07:00" })
        }
        "step.declined.v1" => {
            json!({ "step": "tax", "turn": 1, "reason": "Thuộc địa bàn chi cục khác" })
        }
        "step.allotted.v1" => {
            json!({ "step": "tax", "turn": 1, "department": "Đội Trước bạ và thu khác" })
        }
        "step.assigned.v1" => json!({ "step": "tax", "turn": 1, "officer": "cb-92-07" }),
        "supplement.needed.v1" => json!({ "step": "tax", "turn": 1, "items": ["Tờ khai thuế"],
            "reason": "Tờ khai thiếu chữ ký" }),
        "opinion.asked.v1" => {
            json!({ "step": "tax", "turn": 1, "opinion": 1, "of": "Phòng Tài chính huyện",
            "question": "Giá đất tại thời điểm chuyển nhượng", "due_at": "2018-03-19T17:00:00+07:00" })
        }
        "opinion.given.v1" => {
            json!({ "step": "tax", "turn": 1, "opinion": 1, "summary": "Theo bảng giá năm 2018" })
        }
        "obligation.assessed.v1" => {
            json!({ "step": "tax", "turn": 1, "amount_vnd": 1_250_000, "notice": "TB-0042/2018" })
        }
        "step.returned.v1" => {
            json!({ "step": "tax", "turn": 1, "to_step": "conditions", "reason": "Sai diện tích" })
        }
        "step.completed.v1" => {
            json!({ "step": "tax", "turn": 2, "outcome": { "rejected": "Không đủ điều kiện" },
            "documents": [{ "name": "Thông báo nộp tiền", "sha256": "cd".repeat(32) }] })
        }
        "oversight.reminded.v1" => json!({ "unit": HOME, "dossiers": [
            { "code": CODE, "due_at": "2018-03-26T17:00:00+07:00", "overdue": true }] }),
        "clock.paused.v1" => json!({ "cause": "incident", "effect": "pause", "step": "tax",
            "reason": "Cổng thanh toán ngừng hoạt động", "notice": "TB 12/2018",
            "basis": "Thông báo sự cố của đơn vị vận hành" }),
        "clock.resumed.v1" => json!({ "cause": "incident", "recounted": { "effect": "pause",
            "limit": days(5), "due_at": "2018-03-30T17:00:00+07:00", "calendar": version } }),
        "clock.started.v1" => json!({ "at": TAX, "since": "2018-03-13T08:00:00+07:00",
            "due_at": "2018-03-27T17:00:00+07:00", "calendar": version,
            "basis": "NĐ 309/2026/NĐ-CP điều 8 khoản 3" }),
        "due_date.recomputed.v1" => {
            json!({ "declaration": id(36), "basis": "Văn bản hoán đổi ngày làm việc",
            "old_due_at": "2018-03-26T17:00:00+07:00", "counted_due_at": "2018-03-27T17:00:00+07:00",
            "due_at": "2018-03-27T17:00:00+07:00", "calendar": "vn-2018.1+1" })
        }
        "procedure.repinned.v1" => json!({
            "procedure": { "code": "1.013831", "version": "2018.2", "field": "Đất đai",
                "name": "Đăng ký biến động quyền sử dụng đất", "basis": "NĐ 43/2014/NĐ-CP điều 61, 79" },
            "route": [{ "key": "conditions", "task": "Kiểm tra điều kiện", "unit": HOME, "limit": days(3) }],
            "clock": { "supplement": "restart", "payment": "pause" }, "approver": "ld-01",
            "reason": "Quy trình nội bộ thay đổi", "basis": "Quyết định công bố thủ tục" }),
        "code.aliased.v1" => {
            json!({ "alias": { "scheme": "dvcqg", "code": "G22.99-180312-0001" } })
        }
        "alert.raised.v1" => json!({ "alert": "data_mismatch", "step": "tax", "turn": 1,
            "reason": "Ngày sinh không khớp", "repair_by": "2018-03-14T17:00:00+07:00",
            "basis": "NĐ 301/2026/NĐ-CP điều 5 khoản 4" }),
        "alert.settled.v1" => json!({ "alert": "data_mismatch", "step": "tax", "turn": 1,
            "repair": "Đã gửi lại bản đúng", "late": true }),
        "result.part_returned.v1" => {
            json!({ "step": "tax", "channel": "counter", "officer": "cb-01" })
        }
        "step.apologised.v1" => json!({ "step": "tax", "turn": 1, "reason": "Chờ xác minh",
            "old_due_at": "2018-03-20T17:00:00+07:00", "new_due_at": "2018-03-22T17:00:00+07:00",
            "late": false }),
        "calendar.declared.v1" => json!({ "number": 1, "officer": "cb-27-01", "declaration": {
            "days": [{ "date": "2018-03-26", "kind": "compensatory", "name": "Nghỉ bù (ví dụ)",
                "pair": "2018-03-24" }],
            "basis": "Văn bản hoán đổi ngày làm việc", "published_on": "2018-03-15" } }),
        "period.closed.v1" => json!({ "form": "ii06a", "from": "2018-01-01T00:00:00+07:00",
            "to": "2018-04-01T00:00:00+07:00", "rules": "tt01_2018", "officer": "ld-01",
            "known_by": "2018-04-02T08:00:00+07:00", "rows": [{ "field": "Đất đai", "c3": 12 }] }),
        "period.restated.v1" => json!({ "closed": id(37), "reason": "Nhập bổ sung từ sổ giấy",
            "known_by": "2018-04-20T08:00:00+07:00", "officer": "ld-01",
            "rows": [{ "field": "Đất đai", "c3": 13 }] }),
        "journal.restored.v1" => {
            json!({ "backup_entries": 120, "restored_at": "2018-03-12T08:00:00+07:00",
            "from_epoch": "01621880-0000-7000-8000-0000000000dd", "held": 131, "known": 133, "taken_back": 11,
            "by_holder": { "broker": 9, "H33-27": 2 }, "unanswered": [TAX], "missing": [132, 133],
            "officer": "qt-01", "reason": "Hỏng ổ đĩa máy chủ xã" })
        }
        "journal.repaired.v1" => {
            json!({ "entries": [{ "index": 17, "fault": "its bytes do not verify",
            "source": TAX }], "officer": "qt-01", "reason": "Lỗi ổ đĩa" })
        }
        "quarantine.retried.v1" => json!({ "number": 4, "sha256": "ef".repeat(32), "from": TAX,
            "held_for": "the register holds no key 0123456789abcdef of H33-27-92",
            "outcome": "taken_in", "event": id(20), "officer": "qt-01", "reason": "Đã bổ sung khóa mới của chi cục" }),
        "quarantine.rejected.v1" => {
            json!({ "number": 5, "sha256": "01".repeat(32), "from": "H33-28",
            "held_for": "signature does not verify", "officer": "qt-01",
            "reason": "Không phải do đơn vị H33-28 gửi" })
        }
        "personal_data.read.v1" => json!({ "officer": "cb-01", "purpose": "contact",
            "applicant": ["name", "phone"], "delegate": ["name"] }),
        "personal_data.key_granted.v1" => json!({ "to": TAX }),
        "personal_data.erasure_refused.v1" => {
            json!({ "basis": "subject_request", "obstacle": "retained",
            "retention": { "years": 2, "basis": "NĐ 23/2015/NĐ-CP điều 14 khoản 2" }, "until": "2020-03-12",
            "message": "Chưa xóa được dữ liệu cá nhân: hồ sơ phải lưu trữ 2 năm, đến ngày 12/03/2020, theo \
                NĐ 23/2015/NĐ-CP điều 14 khoản 2. Hãy thông báo lý do cho người yêu cầu.",
            "officer": "ld-01", "reason": "Đơn số 12" })
        }
        "personal_data.erasure_ordered.v1" => json!({ "keys": [KEY_ID], "places": [HOME, TAX],
            "basis": "retention_over", "retention": { "basis": "NĐ 23/2015/NĐ-CP điều 14 khoản 2", "years": 2 },
            "officer": "ld-01", "reason": "Hết thời hạn lưu trữ, biên bản số 5" }),
        "personal_data.keys_destroyed.v1" => json!({ "keys": [KEY_ID] }),
        "personal_data.erased.v1" => {
            json!({ "keys": [KEY_ID], "places": [HOME, TAX], "basis": "retention_over",
            "article": "Hết thời hạn lưu trữ (Luật 91/2025/QH15 điều 14)", "officer": "ld-01" })
        }
        "key.rotated.v1" => new_key(kind),
        "key.revoked.v1" => {
            json!({ "key": "0123456789abcdef", "after": { "epoch": EPOCH, "sequence": 12 },
            "earlier": { "01621880-0000-7000-8000-0000000000dd": 133 },
            "officer": "qt-02", "reason": "Mất máy tính có lưu khóa ký" })
        }
        _ => panic!("a new event type needs its example here: {kind}"),
    }
}

/// The new key of the example has the seed 0x33 repeated.
fn new_key(kind: &str) -> Value {
    let place = wire::KINDS
        .iter()
        .position(|known| known.ends_with(kind))
        .unwrap();
    let at = Place {
        epoch: EPOCH,
        sequence: place as u64 + 1,
    };
    let new = UnitKey::from_seed([0x33; 32]);
    let proof = proof_of_possession(&new, DISTRICT, at);
    json!({ "replaces": UnitKey::from_seed(SIGNING_SEED).id(), "signing": HEXLOWER.encode(&new.public()),
        "proof": BASE64URL_NOPAD.encode(&proof), "officer": "qt-01", "reason": "Đến hạn thay khóa ký" })
}

/// The example of the type at this place of the table, as its writer would have written it.
pub(crate) fn event(place: usize) -> Signed {
    let kind = wire::KINDS[place];
    let told = to_raw_value(&data(kind)).unwrap();
    let fact = wire::read(kind, &told).unwrap().expect("a known type");
    let (unit, subject) = match (&fact, fact.writer()) {
        (Fact::Reminded(reminded), _) => (DISTRICT, reminded.unit.as_str()),
        (Fact::CalendarDeclared(_) | Fact::KeyRotated(_), _) => (DISTRICT, DISTRICT),
        (Fact::KeyRevoked(_), _) => (TAX, TAX),
        (_, Writer::Itself) => (HOME, HOME),
        (_, Writer::Performer(..)) => (TAX, CODE),
        _ => (HOME, CODE),
    };
    let number = place as u64 + 1;
    let parents: &[Uuid] = &[id(number - 1), id(number + 1_000)];
    let bytes = Draft {
        id: id(number),
        unit,
        kind,
        subject,
        time: moment::parse("2018-03-12T08:30:00+07:00").unwrap(),
        recorded: moment::parse("2018-03-12T08:30:00.250+07:00").unwrap(),
        epoch: EPOCH,
        sequence: number,
        causation: Some(id(number + 2_000)),
        parents: &parents[..place.min(2)],
        schema: &writing::schema_of(kind),
        simulated: true,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        data: &wire::write(&fact).unwrap(),
    }
    .write()
    .unwrap();
    let key = UnitKey::from_seed(SIGNING_SEED);
    Signed {
        signature: key.sign_event(&bytes),
        bytes: bytes.into(),
        key: key.id(),
    }
}
