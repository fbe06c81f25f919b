//! What is told in the course of a dossier, and under which status.

use dossier::ids::DossierCode;
use history::Statement;
use portal::story::{Manner, Story, Untold, story};
use serde_json::Value;
use uuid::Uuid;

use crate::pen::{HOME, Pen, TAX, at, code, data, manner, statement};

/// A dossier as it is told step by step: each writer knows everything before.
pub struct Course {
    pub code: DossierCode,
    home: Pen,
    tax: Pen,
    pub statements: Vec<Statement>,
}

impl Course {
    pub fn new() -> Self {
        Self {
            code: code(1),
            home: Pen::new(HOME, 1),
            tax: Pen::new(TAX, 2),
            statements: Vec::new(),
        }
    }

    /// The home says so on a day of January 2018.
    pub fn home(mut self, day: u32, kind: &str) -> Self {
        let signed = self.said(true, day, kind);
        self.statements.push(signed);
        self
    }

    /// The tax office does.
    pub fn tax(mut self, day: u32, kind: &str) -> Self {
        let signed = self.said(false, day, kind);
        self.statements.push(signed);
        self
    }

    fn said(&mut self, home: bool, day: u32, kind: &str) -> Statement {
        let when = at(&format!("2018-01-{day:02}T09:00"));
        let parents: Vec<Uuid> = self.statements.last().map(|s| s.id).into_iter().collect();
        let pen = if home { &mut self.home } else { &mut self.tax };
        let data = data(kind, when, 1, "Thiếu bản chính");
        statement(&pen.write(&self.code, when, &parents, kind, &data))
    }

    pub fn told(&self, manner: &Manner) -> Story {
        story(&self.code, &self.statements, &[], manner).unwrap()
    }
}

fn rows(story: &Story) -> Vec<(String, String)> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    story
        .rows
        .iter()
        .filter_map(|(_, row)| row.as_ref())
        .map(|row| (text(row, "TrangThai"), text(row, "NoiDungXuLy")))
        .collect()
}

fn statuses(course: &Course, manner: &Manner) -> Vec<String> {
    let told = course.told(manner);
    rows(&told).into_iter().map(|(status, _)| status).collect()
}

#[test]
fn a_dossier_is_told_with_its_dates_and_its_due_date() {
    let course = Course::new()
        .home(2, "dossier.registered")
        .home(3, "dossier.received")
        .home(3, "code.aliased");
    let record = course.told(&manner()).record;
    for (field, value) in [
        ("MaHoSo", "000.04.27.H33-180102-0001"),
        ("MaTTHC", "1.010754"),
        ("TenTTHC", "Đăng ký biến động"),
        ("MaLinhVuc", "H33-LV01"),
        ("KenhThucHien", "2"),
        ("NgayNopHoSo", "20180102090000"),
        ("NgayTiepNhan", "20180103090000"),
        ("NgayHenTra", "20180108090000"),
        ("TrangThaiHoSo", "2"),
        ("HinhThuc", "0"),
        // The national portal's own code was noted, so it came from there.
        ("NoiNopHoSo", "1"),
        ("LoaiDoiTuong", "1"),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
    for personal in ["ChuHoSo", "SoDienThoai", "Email", "MaDoiTuong"] {
        assert_eq!(record[personal], Value::Null, "{personal}");
    }
    assert_eq!(record["DinhDanhCHS"], Value::Array(Vec::new()));
}

#[test]
fn waiting_and_stopped_dossiers_are_told_as_what_they_are() {
    let manner = manner();
    let received = || Course::new().home(2, "dossier.received");
    for (course, status) in [
        (received(), "2"),
        (received().home(3, "supplement.asked"), "5"),
        (received().home(3, "payment.asked"), "6"),
        (received().home(3, "dossier.withdrawn"), "7"),
        (
            received()
                .home(3, "dossier.withdrawn")
                .home(4, "dossier.stopped"),
            "8",
        ),
        (received().home(3, "result.readied"), "9"),
        (
            received()
                .home(3, "result.readied")
                .home(4, "result.returned"),
            "10",
        ),
        (Course::new().home(2, "dossier.registered"), "1"),
        (Course::new().home(2, "dossier.declined"), "3"),
    ] {
        assert_eq!(course.told(&manner).record["TrangThaiHoSo"], status);
        assert_eq!(statuses(&course, &manner).last().unwrap(), status);
    }
}

#[test]
fn every_row_carries_the_status_of_its_moment() {
    let course = Course::new()
        .home(2, "dossier.received")
        .home(2, "step.dispatched")
        .tax(3, "step.accepted")
        .tax(4, "obligation.assessed")
        .home(4, "payment.asked")
        .home(5, "payment.confirmed")
        .tax(6, "step.completed")
        .home(6, "result.readied")
        .home(8, "result.returned");
    let manner = manner();
    assert_eq!(
        statuses(&course, &manner),
        ["2", "2", "4", "4", "6", "4", "4", "9", "10"]
    );
    let rows = rows(&course.told(&manner));
    assert_eq!(
        rows[0].1,
        "Tiếp nhận hồ sơ, hẹn trả kết quả 09:00 ngày 07/01/2018"
    );
    assert!(rows[3].1.contains("2.500.000 đồng"), "{}", rows[3].1);
}

#[test]
fn a_supplement_is_told_with_the_date_before_and_after() {
    let course = Course::new()
        .home(2, "dossier.received")
        .home(3, "supplement.asked")
        .home(8, "supplement.given");
    let record = course.told(&manner()).record;
    let round = &record["DanhSachHoSoBoSung"][0];
    assert_eq!(round["NgayBoSung"], "20180103090000");
    assert_eq!(round["NgayTiepNhanBoSung"], "20180108090000");
    assert_eq!(round["NgayHenTraTruoc"], "20180107090000");
    assert_eq!(round["NgayHenTraMoi"], "20180113090000");
}

#[test]
fn what_concerns_the_offices_alone_is_no_row() {
    let course = Course::new()
        .home(2, "dossier.received")
        .home(2, "code.aliased");
    let told = course.told(&manner());
    assert_eq!(told.rows.len(), 2);
    assert_eq!(told.rows[1].1, None);
}

#[test]
fn what_a_unit_had_no_right_to_say_is_not_told() {
    let course = Course::new()
        .home(2, "dossier.received")
        .tax(3, "result.returned");
    let told = course.told(&manner());
    assert_eq!(rows(&told).len(), 1);
    assert_eq!(told.record["TrangThaiHoSo"], "2");
}

#[test]
fn a_row_waits_for_what_its_writer_knew() {
    let whole = Course::new()
        .home(2, "dossier.received")
        .home(2, "step.dispatched")
        .tax(3, "step.accepted")
        .tax(4, "step.completed");
    // The dispatch has not arrived yet.
    let mut gap = whole.statements.clone();
    gap.remove(1);
    let manner = manner();
    let told = story(&whole.code, &gap, &[], &manner).unwrap();
    assert_eq!((told.rows.len(), told.held), (1, 2));
    let first = [whole.statements[0].id];
    let told = story(&whole.code, &whole.statements, &first, &manner).unwrap();
    let order: Vec<Uuid> = told.rows.iter().map(|(id, _)| *id).collect();
    let wanted: Vec<Uuid> = whole.statements[1..].iter().map(|s| s.id).collect();
    assert_eq!((order, told.held), (wanted, 0));
}

#[test]
fn a_field_without_a_code_waits_and_is_named() {
    let mut manner = manner();
    manner.partner.fields.remove("Đất đai");
    let course = Course::new().home(2, "dossier.received");
    let untold = story(&course.code, &course.statements, &[], &manner).unwrap_err();
    assert!(
        matches!(&untold, Untold::Unfit(why) if why.contains("MaLinhVuc")),
        "{untold}"
    );
}

#[test]
fn an_invented_dossier_is_told_to_a_test_portal_only() {
    let mut course = Course::new().home(2, "dossier.received");
    course.statements[0].simulated = true;
    let mut manner = manner();
    let untold = story(&course.code, &course.statements, &[], &manner);
    assert_eq!(untold, Err(Untold::Simulated));
    manner.simulated = true;
    assert!(story(&course.code, &course.statements, &[], &manner).is_ok());
}
