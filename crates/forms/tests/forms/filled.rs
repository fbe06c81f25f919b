//! Each of the six forms and of the seven, filled from events: what stands on it.

use calendar::Calendar;
use dossier::fact::Fact;
use dossier::intake::{PaperRegister, Particulars};
use dossier::status::Status;
use forms::{Available, Entry, FormId, Kind, available, register, render};
use history::Content;

use crate::sample::{Story, USUAL, applicant, desk, names};

/// A year of each circular.
const OLD: i32 = 2024;
const NEW: i32 = 2026;

fn form(name: &str) -> FormId {
    name.parse().unwrap()
}

/// The page without its tags, as it is read.
fn text(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    let words = body.split('<').filter_map(|part| part.split_once('>'));
    let text: Vec<&str> = words.map(|(_, text)| text).collect();
    text.concat()
}

/// The form as the story's only event of that kind gave rise to it.
fn printed(name: &str, story: &Story) -> String {
    let found = available(&story.code, &story.statements);
    let of = |a: &&Available| a.form == form(name);
    let event = found.iter().find(of).unwrap().event;
    let applicant = applicant(USUAL);
    let (code, said) = (&story.code, &story.statements);
    let html = render(
        form(name),
        code,
        said,
        event,
        &names(USUAL),
        Some(&applicant),
        Calendar::published(),
    );
    text(&html.unwrap())
}

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

const MASTHEAD: [&str; 4] = [
    USUAL.desk,
    "Cộng hòa xã hội chủ nghĩa Việt Nam",
    "Độc lập - Tự do - Hạnh phúc",
    "Bộ phận Một cửa",
];

const PERSON: [&str; 3] = [USUAL.person, "Ấp Hòa An, xã Mong Thọ", "0912 345 678"];

#[test]
fn form_01_of_both_circulars_is_the_receipt_with_its_date_to_the_minute() {
    for (name, year) in [("tt01/1", OLD), ("tt03/1", NEW)] {
        let story = Story::whole(year, USUAL);
        let text = printed(name, &story);
        holds(&text, &MASTHEAD);
        holds(&text, &PERSON);
        holds(
            &text,
            &[
                "Mẫu số 01",
                form(name).set().circular(),
                "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
                story.code.as_str(),
                USUAL.procedure,
                "091190000012",
                USUAL.paper,
                "Hợp đồng chuyển nhượng",
                "2. Số lượng hồ sơ: 2 (bộ)",
                "theo quy định là: 10 ngày làm việc",
                &format!("4. Thời gian nhận hồ sơ: 09 giờ 32 phút, ngày 04 tháng 3 năm {year}"),
                &format!("kết quả giải quyết hồ sơ: 17 giờ 00 phút, ngày 18 tháng 3 năm {year}"),
                "Dịch vụ bưu chính công ích",
                "NGƯỜI NỘP HỒ SƠ",
                "cb-01",
            ],
        );
        // What was not handed in is no part of a receipt.
        assert!(!text.contains("Văn bản ủy quyền"), "{text}");
    }
}

#[test]
fn a_receipt_entered_from_the_paper_register_names_volume_and_number() {
    let mut story = Story::of(OLD, 1, USUAL);
    let paper = PaperRegister {
        volume: "02/2024".to_owned(),
        number: 417,
    };
    let fact = story.reception(Particulars {
        paper: Some(paper),
        ..Particulars::default()
    });
    story.says(&desk(), "03-04T09:32", fact);
    holds(
        &printed("tt01/1", &story),
        &["Quyển số: 02/2024, Số thứ tự: 417"],
    );
}

#[test]
fn form_02_names_every_item_and_the_reason() {
    for (name, year) in [("tt01/2", OLD), ("tt03/2", NEW)] {
        let text = printed(name, &Story::whole(year, USUAL));
        holds(&text, &MASTHEAD);
        holds(&text, &PERSON);
        holds(
            &text,
            &[
                "Mẫu số 02",
                "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
                "/HDHS",
                &format!("1{}", USUAL.item),
                "2Bản đồ",
                USUAL.reason,
                "NGƯỜI HƯỚNG DẪN",
            ],
        );
        // The stage at which it was asked is asked for since the second circular.
        assert_eq!(text.contains(USUAL.task), year == NEW, "{text}");
    }
}

#[test]
fn form_03_is_given_at_the_desk_and_after_reception() {
    for (name, year) in [("tt01/3", OLD), ("tt03/3", NEW)] {
        let mut declined = Story::of(year, 9, USUAL);
        declined.declined();
        let at_the_desk = printed(name, &declined);
        let afterwards = printed(name, &Story::ending_refused(year, USUAL));
        for text in [&at_the_desk, &afterwards] {
            holds(text, &MASTHEAD);
            holds(
                text,
                &[
                    "Mẫu số 03",
                    "Phiếu từ chối tiếp nhận giải quyết hồ sơ",
                    USUAL.reason,
                ],
            );
        }
        holds(&at_the_desk, &["không tiếp nhận, giải quyết", "1.013831"]);
        holds(&afterwards, &["không giải quyết", USUAL.procedure]);
    }
}

#[test]
fn form_04_apologises_and_since_tt_03_2025_asks_for_an_extension() {
    for (name, year, title) in [
        ("tt01/4", OLD, "Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
        (
            "tt03/4",
            NEW,
            "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết",
        ),
    ] {
        let story = Story::whole(year, USUAL);
        let text = printed(name, &story);
        holds(&text, &MASTHEAD);
        holds(&text, &PERSON);
        let on = |day| format!("17 giờ 00 phút, ngày {day} tháng 3 năm {year}");
        holds(
            &text,
            &[
                "Mẫu số 04",
                title,
                story.code.as_str(),
                // Promised, counted anew after the supplement, and promised again.
                &format!("hẹn trên Giấy tiếp nhận: {}", on(18)),
                &format!("hẹn trả kết quả ban đầu: {}", on(24)),
                &on(31),
                USUAL.reason,
                "xin lỗi Ông/Bà",
                "THỦ TRƯỞNG CƠ QUAN",
            ],
        );
    }
}

#[test]
fn the_agency_that_is_late_with_its_step_apologises_in_its_own_name() {
    let mut story = Story::of(NEW, 5, USUAL);
    story.received();
    story.dispatched();
    story.accepted();
    story.step_apologised();
    let text = printed("tt03/4", &story);
    holds(
        &text,
        &[USUAL.land, USUAL.task, USUAL.reason, "ngày 26 tháng 3"],
    );
    assert!(!text.contains(USUAL.desk), "{text}");
}

#[test]
fn form_05_of_tt_03_2025_is_the_notice_of_a_stop() {
    let text = printed("tt03/5", &Story::ending_stopped(NEW, USUAL));
    holds(&text, &MASTHEAD);
    holds(&text, &PERSON);
    holds(
        &text,
        &[
            "Mẫu số 05",
            "Thông báo dừng giải quyết hồ sơ",
            "rút hồ sơ lúc 10 giờ 00 phút, ngày 12 tháng 3 năm 2026",
            "kể từ 10 giờ 30 phút, ngày 12 tháng 3 năm 2026",
            USUAL.task,
            "không phát sinh",
        ],
    );
    // TT 01/2018 has none for this.
    let old = Story::ending_stopped(OLD, USUAL);
    let stops = |a: &Available| a.form.kind() == Kind::Stop;
    assert!(!available(&old.code, &old.statements).iter().any(stops));
}

#[test]
fn the_control_slip_has_both_moments_of_each_hand_over_and_its_result() {
    // The two working days in which the citizen was waited for are not the land office's.
    for (name, year, label, due) in [
        ("tt01/5", OLD, "Mẫu số 05", "21/03"),
        ("tt03/6", NEW, "Mẫu số 06", "23/03"),
    ] {
        let text = printed(name, &Story::whole(year, USUAL));
        holds(&text, &MASTHEAD);
        holds(
            &text,
            &[
                label,
                "Phiếu kiểm soát quá trình giải quyết hồ sơ",
                &format!("2. Nhận: {} - Tổ Đăng ký", USUAL.land),
                USUAL.task,
                &format!("Giao: 14:10 04/03/{year}"),
                &format!("Nhận: 07:45 05/03/{year}"),
                &format!("Hạn: 17:00 {due}/{year}"),
                &format!("Xong: 16:00 25/03/{year}; hoàn thành; quá "),
                &format!("Chờ bổ sung hồ sơ từ 10:00 06/03/{year} đến 08:15 10/03/{year}"),
                "Quá hạn",
                // The dossier kept the date of the apology, and not the first one.
                "Trước hạn",
                "So với ngày hẹn ban đầu: Quá hạn",
                &format!("Trả kết quả cho người nộp: 09:05 27/03/{year}"),
            ],
        );
    }
}

#[test]
fn the_register_has_a_row_for_each_dossier_received_with_its_dates() {
    for (name, year, label) in [("tt01/6", OLD, "Mẫu số 06"), ("tt03/7", NEW, "Mẫu số 07")]
    {
        let stories = [
            Story::whole(year, USUAL),
            Story::ending_refused(year, USUAL),
            Story::ending_stopped(year, USUAL),
        ];
        let persons = applicant(USUAL);
        let entries = stories.each_ref().map(|story| Entry {
            code: &story.code,
            statements: &story.statements,
            applicant: Some(&persons),
        });
        let at = |text| stories[0].at(text);
        let filled = |as_of| {
            let html = register(form(name), &desk(), as_of, &entries, &names(USUAL));
            text(&html.unwrap())
        };
        let end_of_year = filled(at("12-31T17:00"));
        holds(&end_of_year, &[label, "Sổ theo dõi hồ sơ", USUAL.desk]);
        for story in &stories {
            holds(&end_of_year, &[story.code.as_str()]);
        }
        holds(&end_of_year, &PERSON);
        holds(
            &end_of_year,
            &[
                &format!("04/03/{year}18/03/{year}27/03/{year}Bộ phận Một cửa"),
                &format!("xin lỗi, hẹn lại 17:00 31/03/{year}"),
                &format!("từ chối giải quyết 10:00 14/03/{year}"),
                &format!(
                    "công dân rút hồ sơ 10:00 12/03/{year}; {}",
                    Status::Stopped.label()
                ),
            ],
        );
        let that_evening = filled(at("03-04T20:00"));
        holds(&that_evening, &[stories[0].code.as_str()]);
        assert!(!that_evening.contains("27/03"), "{that_evening}");
        assert!(!that_evening.contains("31/03"), "{that_evening}");
        let before = filled(at("03-01T08:00"));
        assert!(!before.contains(stories[0].code.as_str()), "{before}");
    }
}

#[test]
fn a_whole_way_has_one_form_for_each_occasion_in_the_order_of_time() {
    for (year, names) in [
        (OLD, ["tt01/1", "tt01/2", "tt01/4", "tt01/5"]),
        (NEW, ["tt03/1", "tt03/2", "tt03/4", "tt03/6"]),
    ] {
        let story = Story::whole(year, USUAL);
        let found = available(&story.code, &story.statements);
        let found: Vec<String> = found.iter().map(|a| a.form.to_string()).collect();
        assert_eq!(found, names);
    }
}

#[test]
fn without_persons_the_lines_are_dotted_and_nothing_is_invented() {
    let story = Story::whole(NEW, USUAL);
    let event = story.statements[0].id;
    let filled = |persons| {
        let (code, said) = (&story.code, &story.statements);
        render(
            form("tt03/1"),
            code,
            said,
            event,
            &names(USUAL),
            persons,
            Calendar::published(),
        )
        .unwrap()
    };
    let persons = applicant(USUAL);
    let (with, without) = (filled(Some(&persons)), filled(None));
    let dots = |html: &str| html.matches("class=\"dots\"").count();
    // Name twice, address twice, telephone, number.
    assert_eq!(dots(&without), dots(&with) + 6);
    assert!(!text(&without).contains(USUAL.person));
}

#[test]
fn a_paper_keeps_the_name_that_its_event_carries() {
    let mut story = Story::of(NEW, 1, USUAL);
    let event = story.received();
    let Content::Fact(Fact::Received(received)) = &mut story.statements[0].content else {
        panic!("the first statement is the reception");
    };
    received.papers[0].name = Some("Đơn theo mẫu của năm đó".to_owned());
    let (code, said) = (&story.code, &story.statements);
    let named = names(USUAL);
    let html = render(
        form("tt03/1"),
        code,
        said,
        event,
        &named,
        None,
        Calendar::published(),
    );
    let text = text(&html.unwrap());
    holds(
        &text,
        &[
            "Đơn theo mẫu của năm đó",
            "Hợp đồng chuyển nhượng quyền sử dụng đất",
        ],
    );
    assert!(!text.contains(USUAL.paper), "{text}");
}

#[test]
fn a_paper_whose_name_is_not_known_is_printed_by_its_position() {
    let story = Story::whole(NEW, USUAL);
    let (code, said, event) = (&story.code, &story.statements, story.statements[0].id);
    let unnamed = forms::Names::default();
    let html = render(
        form("tt03/1"),
        code,
        said,
        event,
        &unnamed,
        None,
        Calendar::published(),
    )
    .unwrap();
    holds(
        &text(&html),
        &["Giấy tờ số 1 của thành phần hồ sơ", "H33-27-04"],
    );
}

#[test]
fn a_simulated_dossier_says_so_on_its_forms() {
    let mut story = Story::whole(NEW, USUAL);
    assert!(!printed("tt03/1", &story).contains("mô phỏng"));
    for statement in &mut story.statements {
        statement.simulated = true;
    }
    assert!(printed("tt03/1", &story).contains("mô phỏng"));
}
