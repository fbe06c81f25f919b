//! The published field rules: what is required, how long, which codes. Held before anything is
//! sent; a receiver can be held against the same rules.
//!
//! The published lists differ in three places, and the rule here is the one that needs no invention:
//! `NgayTiepNhan` is required, except before reception (status 1 and 3), where there is none;
//! `NgayHenTra` may be empty, since the law sets no limit for some procedures; `DinhDanhCHS` may be an
//! empty list, since a sender without the citizen's consent has nothing to put there.

use std::fmt;

use serde_json::{Map, Value};

use crate::call::Service;
use crate::dossier_message::ABSTRACT_CHARS_MAX;
use crate::partner::Partner;
use crate::progress::{ROWS_MAX, WHO_CHARS_MAX};
use crate::status;
use crate::time;

/// A rule that a message breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, with its place.
    pub field: String,
    /// What is wrong, and what is expected.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.what)
    }
}

/// What a field may hold.
#[derive(Clone, Copy)]
enum Rule<'a> {
    /// Text; with a bound in characters where one is known.
    Text(Option<usize>),
    /// One of these codes.
    Code(&'a [&'a str]),
    /// A time as it is sent.
    Time,
    /// A list of objects with these fields.
    Rows(&'a [Field<'a>]),
}

/// Name, whether required, rule.
type Field<'a> = (&'a str, bool, Rule<'a>);

const TEXT: Rule<'static> = Rule::Text(None);
const YES_NO: Rule<'static> = Rule::Code(&["0", "1"]);

const IDENTITY: [Field<'static>; 2] = [
    ("LoaiDinhDanh", true, Rule::Code(&["1", "2"])),
    ("SoDinhDanh", true, TEXT),
];

const SUPPLEMENT: [Field<'static>; 6] = [
    ("HoSoBoSungId", false, TEXT),
    ("NoiDungBoSung", false, TEXT),
    ("NgayBoSung", false, Rule::Time),
    ("NgayTiepNhanBoSung", false, Rule::Time),
    ("NgayHenTraTruoc", false, Rule::Time),
    ("NgayHenTraMoi", false, Rule::Time),
];

const PROGRESS: [Field<'static>; 9] = [
    ("MaHoSo", true, TEXT),
    ("NguoiXuLy", true, Rule::Text(Some(WHO_CHARS_MAX))),
    ("ChucDanh", false, TEXT),
    ("ThoiDiemXuLy", true, Rule::Time),
    ("PhongBanXuLy", false, TEXT),
    ("NoiDungXuLy", true, TEXT),
    ("TrangThai", true, Rule::Code(&status::CODES)),
    ("NgayBatDau", false, Rule::Time),
    ("NgayKetThucTheoQuyDinh", false, Rule::Time),
];

/// Every rule that a dossier's message breaks.
pub fn dossier(message: &Value, partner: &Partner) -> Vec<Fault> {
    let applicants: Vec<&str> = partner
        .applicants
        .codes
        .iter()
        .map(String::as_str)
        .collect();
    let channels = &partner.channels;
    let channels = [&channels.direct, &channels.online, &channels.post].map(String::as_str);
    let was_received = !message["TrangThaiHoSo"]
        .as_str()
        .is_some_and(status::is_before_reception);
    let fields: [Field<'_>; 31] = [
        ("MaHoSo", true, TEXT),
        ("MaTTHC", true, TEXT),
        ("TenTTHC", true, TEXT),
        ("MaLinhVuc", true, TEXT),
        ("TenLinhVuc", true, TEXT),
        ("KenhThucHien", true, Rule::Code(&channels)),
        ("ChuHoSo", false, TEXT),
        ("LoaiDoiTuong", true, Rule::Code(&applicants)),
        ("MaDoiTuong", false, TEXT),
        ("ThongTinKhac", false, TEXT),
        ("Email", false, TEXT),
        ("Fax", false, TEXT),
        ("SoDienThoai", false, TEXT),
        ("TrichYeuHoSo", true, Rule::Text(Some(ABSTRACT_CHARS_MAX))),
        ("NgayNopHoSo", false, Rule::Time),
        ("NgayTiepNhan", was_received, Rule::Time),
        ("NgayHenTra", false, Rule::Time),
        ("NgayTuChoi", false, Rule::Time),
        ("NgayKetThucXuLy", false, Rule::Time),
        ("NgayTra", false, Rule::Time),
        ("TrangThaiHoSo", true, Rule::Code(&status::CODES)),
        ("ThongTinTra", false, TEXT),
        ("HinhThuc", true, YES_NO),
        ("DonViXuLy", true, TEXT),
        ("GhiChu", false, TEXT),
        ("NoiNopHoSo", true, Rule::Code(&["1", "2"])),
        ("HoSoCoThanhPhanSoHoa", true, YES_NO),
        ("TaiKhoanDuocXacThucVoiVNeID", true, YES_NO),
        ("DuocThanhToanTrucTuyen", true, Rule::Code(&["0", "1", "2"])),
        ("DinhDanhCHS", true, Rule::Rows(&IDENTITY)),
        ("DanhSachHoSoBoSung", false, Rule::Rows(&SUPPLEMENT)),
    ];
    let mut faults = Vec::new();
    object(message, "data", &fields, &mut faults);
    for identity in message["DinhDanhCHS"].as_array().into_iter().flatten() {
        identity_number(identity, &mut faults);
    }
    faults
}

/// Every rule that a row of progress breaks.
pub fn progress(row: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    object(row, "data", &PROGRESS, &mut faults);
    faults
}

/// Every rule that a whole call breaks.
pub fn call(body: &Value, partner: &Partner) -> Vec<Fault> {
    let mut faults = Vec::new();
    let envelope: [Field<'_>; 4] = [
        ("session", false, TEXT),
        ("madonvi", true, TEXT),
        (
            "service",
            true,
            Rule::Code(&["DongBoHoSoMC", "CapNhatTienDoHoSoMC"]),
        ),
        ("isUpdating", true, Rule::Code(&["True", "False"])),
    ];
    let mut outside = body.clone();
    let data = outside.as_object_mut().and_then(|body| body.remove("data"));
    object(&outside, "call", &envelope, &mut faults);
    let Some(Value::Array(messages)) = data else {
        faults.push(fault("call.data", "is not a list of messages"));
        return faults;
    };
    if messages.is_empty() || messages.len() > ROWS_MAX {
        let what = format!(
            "holds {} messages, expected 1 to {ROWS_MAX}",
            messages.len()
        );
        faults.push(fault("call.data", &what));
    }
    let service = serde_json::from_value(body["service"].clone());
    for message in &messages {
        faults.extend(match service {
            Ok(Service::Dossier) => dossier(message, partner),
            Ok(Service::Progress) => progress(message),
            // The envelope's fault is named above.
            Err(_) => Vec::new(),
        });
    }
    faults
}

fn object(value: &Value, place: &str, fields: &[Field<'_>], faults: &mut Vec<Fault>) {
    let Value::Object(object) = value else {
        return faults.push(fault(place, "is not an object"));
    };
    for (name, required, rule) in fields {
        field(object, place, name, *required, *rule, faults);
    }
    for name in object.keys() {
        if !fields.iter().any(|(known, ..)| known == name) {
            faults.push(fault(
                &format!("{place}.{name}"),
                "is not a published field",
            ));
        }
    }
}

fn field(
    object: &Map<String, Value>,
    place: &str,
    name: &str,
    required: bool,
    rule: Rule<'_>,
    faults: &mut Vec<Fault>,
) {
    let place = format!("{place}.{name}");
    let value = object.get(name).unwrap_or(&Value::Null);
    if let Rule::Rows(fields) = rule {
        match value {
            Value::Array(rows) => {
                for (number, row) in rows.iter().enumerate() {
                    self::object(row, &format!("{place}[{number}]"), fields, faults);
                }
            }
            Value::Null if !required => {}
            _ => faults.push(fault(&place, "is not a list")),
        }
        return;
    }
    let text = match value {
        Value::Null => "",
        Value::String(text) => text.as_str(),
        _ => return faults.push(fault(&place, "is not a text")),
    };
    if text.trim().is_empty() {
        if required {
            faults.push(fault(&place, "is required"));
        }
        return;
    }
    let what = match rule {
        Rule::Text(Some(most)) if text.chars().count() > most => {
            format!("has {} characters, at most {most}", text.chars().count())
        }
        Rule::Code(codes) if !codes.contains(&text) => {
            format!("is {text:?}, expected one of {}", codes.join(", "))
        }
        Rule::Time => match time::read_sent(text) {
            Ok(_) => return,
            Err(error) => error.to_string(),
        },
        Rule::Text(_) | Rule::Code(_) | Rule::Rows(_) => return,
    };
    faults.push(fault(&place, &what));
}

/// CCCD has 12 digits, CMND 9.
fn identity_number(identity: &Value, faults: &mut Vec<Fault>) {
    let digits = match identity["LoaiDinhDanh"].as_str() {
        Some("1") => 12,
        Some("2") => 9,
        // Named already.
        _ => return,
    };
    let number = identity["SoDinhDanh"].as_str().unwrap_or_default();
    if number.len() != digits || !number.bytes().all(|b| b.is_ascii_digit()) {
        let what = format!("has to be {digits} digits");
        faults.push(fault("data.DinhDanhCHS.SoDinhDanh", &what));
    }
}

fn fault(field: &str, what: &str) -> Fault {
    Fault {
        field: field.to_owned(),
        what: what.to_owned(),
    }
}
