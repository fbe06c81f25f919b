//! The published field rules, one by one.

use portal::check;
use portal::partner::Partner;
use serde_json::{Value, json};

use crate::course::Course;
use crate::pen::manner;

fn dossier() -> Value {
    Course::new()
        .home(2, "dossier.received")
        .home(3, "supplement.asked")
        .told(&manner())
        .record
}

fn row() -> Value {
    let told = Course::new().home(2, "dossier.received").told(&manner());
    told.rows[0].1.clone().unwrap()
}

fn partner() -> Partner {
    Partner::new("000.00.00.H33")
}

/// The fields at fault.
fn faulty(message: &Value) -> Vec<String> {
    let faults = if message.get("NguoiXuLy").is_some() {
        check::progress(message)
    } else {
        check::dossier(message, &partner())
    };
    faults.into_iter().map(|fault| fault.field).collect()
}

/// The fields at fault after one was changed.
fn changed(mut message: Value, field: &str, value: Value) -> Vec<String> {
    message[field] = value;
    faulty(&message)
}

#[test]
fn what_is_sent_keeps_every_rule() {
    assert_eq!(check::dossier(&dossier(), &partner()), []);
    assert_eq!(check::progress(&row()), []);
}

#[test]
fn a_required_field_may_not_be_empty() {
    let of_dossier = [
        "MaHoSo",
        "MaTTHC",
        "TenTTHC",
        "MaLinhVuc",
        "TenLinhVuc",
        "KenhThucHien",
        "LoaiDoiTuong",
        "TrichYeuHoSo",
        "NgayTiepNhan",
        "TrangThaiHoSo",
        "HinhThuc",
        "DonViXuLy",
        "NoiNopHoSo",
        "HoSoCoThanhPhanSoHoa",
        "TaiKhoanDuocXacThucVoiVNeID",
        "DuocThanhToanTrucTuyen",
        "DinhDanhCHS",
    ];
    let of_row = [
        "MaHoSo",
        "NguoiXuLy",
        "ThoiDiemXuLy",
        "NoiDungXuLy",
        "TrangThai",
    ];
    let all = of_dossier
        .map(|field| (dossier(), field))
        .into_iter()
        .chain(of_row.map(|field| (row(), field)));
    for (message, field) in all {
        for empty in [Value::Null, json!(""), json!("  ")] {
            let faults = changed(message.clone(), field, empty.clone());
            assert_eq!(faults, [format!("data.{field}")], "{field} as {empty}");
        }
        if field != "NguoiXuLy" {
            let mut without = message;
            without.as_object_mut().unwrap().remove(field);
            assert_eq!(
                faulty(&without),
                [format!("data.{field}")],
                "{field} left out"
            );
        }
    }
}

#[test]
fn what_is_optional_may_be_empty() {
    for field in [
        "ChuHoSo",
        "MaDoiTuong",
        "Email",
        "Fax",
        "SoDienThoai",
        "NgayNopHoSo",
        "NgayHenTra",
        "NgayTra",
        "ThongTinTra",
        "GhiChu",
        "DanhSachHoSoBoSung",
    ] {
        assert!(changed(dossier(), field, Value::Null).is_empty(), "{field}");
    }
    for field in [
        "ChucDanh",
        "PhongBanXuLy",
        "NgayBatDau",
        "NgayKetThucTheoQuyDinh",
    ] {
        assert!(changed(row(), field, Value::Null).is_empty(), "{field}");
    }
}

#[test]
fn before_reception_there_is_no_date_of_reception() {
    for (status, wanted) in [("1", 0), ("3", 0), ("2", 1), ("8", 1), ("10", 1)] {
        let mut message = dossier();
        message["TrangThaiHoSo"] = json!(status);
        let faults = changed(message, "NgayTiepNhan", Value::Null);
        assert_eq!(faults.len(), wanted, "{status}");
    }
}

#[test]
fn codes_are_the_published_ones() {
    for (field, good, bad) in [
        ("KenhThucHien", &["1", "2", "3"][..], &["0", "4", "01"][..]),
        ("LoaiDoiTuong", &["1", "2", "3", "4"], &["0", "5"]),
        ("HinhThuc", &["0", "1"], &["2", "-1"]),
        ("NoiNopHoSo", &["1", "2"], &["0", "3"]),
        ("HoSoCoThanhPhanSoHoa", &["0", "1"], &["2", "True"]),
        ("TaiKhoanDuocXacThucVoiVNeID", &["0", "1"], &["2"]),
        ("DuocThanhToanTrucTuyen", &["0", "1", "2"], &["3"]),
        (
            "TrangThaiHoSo",
            &["2", "4", "5", "6", "7", "8", "9", "10"],
            &["0", "11", "Đang xử lý"],
        ),
    ] {
        for code in good {
            assert!(
                changed(dossier(), field, json!(code)).is_empty(),
                "{field} {code}"
            );
        }
        for code in bad {
            let faults = changed(dossier(), field, json!(code));
            assert_eq!(faults, [format!("data.{field}")], "{field} {code}");
        }
    }
    assert_eq!(changed(row(), "TrangThai", json!("11")), ["data.TrangThai"]);
}

#[test]
fn times_have_fourteen_digits() {
    for field in [
        "NgayNopHoSo",
        "NgayTiepNhan",
        "NgayHenTra",
        "NgayTuChoi",
        "NgayKetThucXuLy",
        "NgayTra",
    ] {
        for time in [
            "2018-01-02 09:00:00",
            "20180102",
            "20180132090000",
            "201801020900000",
        ] {
            let faults = changed(dossier(), field, json!(time));
            assert_eq!(faults, [format!("data.{field}")], "{field} {time}");
        }
    }
}

#[test]
fn texts_are_not_too_long() {
    let of = |length: usize| json!("ế".repeat(length));
    assert!(changed(dossier(), "TrichYeuHoSo", of(1_000)).is_empty());
    assert_eq!(
        changed(dossier(), "TrichYeuHoSo", of(1_001)),
        ["data.TrichYeuHoSo"]
    );
    assert!(changed(row(), "NguoiXuLy", of(50)).is_empty());
    assert_eq!(changed(row(), "NguoiXuLy", of(51)), ["data.NguoiXuLy"]);
}

#[test]
fn an_identity_has_the_digits_of_its_kind() {
    let identity =
        |kind: &str, number: &str| json!([{ "LoaiDinhDanh": kind, "SoDinhDanh": number }]);
    for (value, good) in [
        (json!([]), true),
        (identity("1", "091234567890"), true),
        (identity("2", "361234567"), true),
        (identity("1", "361234567"), false),
        (identity("2", "36123456a"), false),
        (identity("3", "361234567"), false),
        (json!("091234567890"), false),
    ] {
        let faults = changed(dossier(), "DinhDanhCHS", value.clone());
        assert_eq!(faults.is_empty(), good, "{value}");
    }
}

#[test]
fn a_field_that_is_not_published_is_a_fault() {
    assert_eq!(
        changed(dossier(), "MaHoSoNoiBo", json!("7")),
        ["data.MaHoSoNoiBo"]
    );
    assert_eq!(changed(row(), "GhiChu", json!("7")), ["data.GhiChu"]);
}

#[test]
fn a_call_names_its_sender_its_service_and_at_most_ten_messages() {
    let call = |change: (&str, Value)| {
        let mut call = json!({ "session": "", "madonvi": "000.00.00.H33",
            "service": "CapNhatTienDoHoSoMC", "isUpdating": "False", "data": [row()] });
        call[change.0] = change.1;
        check::call(&call, &partner()).len()
    };
    assert_eq!(call(("session", json!("s"))), 0);
    assert_eq!(call(("data", json!(vec![row(); 10]))), 0);
    assert_eq!(call(("data", json!(vec![row(); 11]))), 1);
    assert_eq!(call(("data", json!([]))), 1);
    assert_eq!(call(("data", json!({}))), 1);
    assert_eq!(call(("isUpdating", json!(true))), 1);
    assert_eq!(call(("isUpdating", json!("true"))), 1);
    assert_eq!(call(("madonvi", json!(""))), 1);
    assert_eq!(call(("service", json!("XoaHoSo"))), 1);
    assert_eq!(call(("key", json!("x"))), 1);
}
