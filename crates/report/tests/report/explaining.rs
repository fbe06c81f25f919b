//! Why a date is what it is.

use calendar::Calendar;
use dossier::procedure::{ClockPolicy, WaitEffect};
use dossier::promise::Wait;
use report::slip::slip;
use report::why::{Why, explain};
use report::{Names, Period, register};

use crate::story::{Setting, Story, at, period, step_of, unit};

fn why(story: &Story, when: &str) -> Why {
    explain(&story.tale(), at(when), Calendar::published())
        .unwrap()
        .unwrap()
}

#[track_caller]
fn says(why: &Why, parts: &[&str]) {
    let text = why.to_string();
    let mut rest = text.as_str();
    for part in parts {
        let found = rest.find(part);
        assert!(found.is_some(), "{part:?} in order in:\n{text}");
        rest = &rest[found.unwrap()..];
    }
}

#[test]
fn every_day_is_counted_or_skipped_with_its_reason() {
    // Thursday 8 February 2018, five working days, over Tết.
    let why = why(
        &Setting::plain(1, "2018-02-08T09:00").begin(),
        "2018-02-09T09:00",
    );
    says(
        &why,
        &[
            "Tiếp nhận khi áp dụng Quyết định 09/2015/QĐ-TTg",
            "thời hạn 5 ngày làm việc",
            "hẹn trả 17:00 22/02/2018",
            "09/02/2018  ngày thứ 1: ngày làm việc",
            "10/02/2018  không tính: nghỉ hằng tuần (Thứ Bảy)",
            "14/02/2018  không tính: nghỉ lễ, tết",
            "22/02/2018  ngày thứ 5: ngày làm việc",
            "Theo ngày hẹn hiện hành (biểu II.06a): Đang giải quyết, trong hạn",
            "Mẫu 01 (TT 01/2018/TT-VPCP)",
        ],
    );
}

#[test]
fn everything_that_moved_the_clock_stands_with_its_basis() {
    let story = Setting::plain(1, "2019-01-07T09:00")
        .begin()
        .asked("2019-01-09T09:00")
        .given("2019-01-14T09:00")
        .paused(Wait::Incident, "2019-01-16T08:00", "2019-01-17T08:00")
        .apologised("2019-01-18T09:00", "2019-01-25T17:00")
        .ready("2019-01-28T09:00");
    let why = why(&story, "2019-02-28T09:00");
    says(
        &why,
        &[
            "Bắt đầu chờ bổ sung hồ sơ (Thiếu bản vẽ): đồng hồ dừng, sẽ tính lại từ đầu",
            "NĐ 61/2018/NĐ-CP điều 19 khoản 4",
            "Hết chờ bổ sung hồ sơ: thời hạn 5 ngày làm việc tính lại từ đầu, ngày hẹn 17:00 21/01/2019",
            "Bắt đầu chờ sự cố hệ thống",
            "đồng hồ đã dừng từ 08:00 16/01/2019, chạy tiếp phần còn lại, ngày hẹn 17:00 22/01/2019",
            "Xin lỗi, hẹn lại (Quá tải): từ 17:00 22/01/2019 sang 17:00 25/01/2019",
            "NĐ 61/2018/NĐ-CP điều 19 khoản 9",
            "có kết quả lúc 09:00 28/01/2019",
            "Quá hạn (so với 17:00 25/01/2019)",
            "Theo ngày hẹn đầu tiên: Quá hạn (so với 17:00 14/01/2019)",
            "Theo thời hạn pháp luật (TT 01/2018/TT-VPCP, chỉ số 1): Quá hạn (so với 17:00 22/01/2019)",
            "Mẫu 02",
            "Mẫu 04",
        ],
    );
    assert_eq!(why.original_due_at, Some(at("2019-01-14T17:00")));
}

#[test]
fn nd61_article_19_4_a_supplement_asked_for_late_is_said_to_be() {
    let begun = || Setting::plain(1, "2019-01-07T09:00").begin();
    let says_late = |story: Story| {
        why(&story, "2019-01-31T09:00")
            .to_string()
            .contains("Yêu cầu bổ sung gửi muộn hơn quy định [NĐ 61/2018/NĐ-CP điều 19 khoản 4]")
    };
    assert!(says_late(begun().asked_late("2019-01-14T09:00")));
    assert!(!says_late(begun().asked("2019-01-08T09:00")));
}

#[test]
fn nd309_article_8_3_the_clock_starts_with_the_competent_agency() {
    let mut story = Setting::plain(1, "2026-10-05T09:00").begin();
    let home = story.home.clone();
    let started = dossier::clock::Started {
        at: unit("G12-27"),
        since: at("2026-10-06T08:00"),
        due_at: Some(at("2026-10-13T17:00")),
        calendar: Calendar::published().version().to_owned(),
        basis: "NĐ 309/2026/NĐ-CP điều 8 khoản 3".to_owned(),
    };
    story.say(
        &home,
        at("2026-10-06T08:00"),
        dossier::fact::Fact::ClockStarted(started),
    );
    let why = why(&story, "2026-10-07T09:00");
    says(
        &why,
        &[
            "hẹn trả 17:00 12/10/2026",
            "Cơ quan có thẩm quyền nhận hồ sơ, đồng hồ bắt đầu; ngày hẹn 17:00 13/10/2026 \
             [NĐ 309/2026/NĐ-CP điều 8 khoản 3]",
            "13/10/2026  ngày thứ 5",
        ],
    );
    assert!(!why.to_string().contains("Ngày đã ghi là"));
    // The way to the competent agency is nobody's delay.
    let now = at("2026-10-07T08:00");
    let division = report::delay::divide(&story.tale(), now, Calendar::published())
        .unwrap()
        .unwrap();
    let on_the_way = report::delay::Owner::Excluded(Wait::Transfer);
    assert_eq!(division.minutes(|owner| *owner == on_the_way), 7 * 60);
}

#[test]
fn a_payment_that_lets_the_clock_run_on_does_not_hold_it_after_a_supplement() {
    let mut setting = Setting::plain(1, "2018-01-03T09:00");
    setting.clock = ClockPolicy::of(WaitEffect::Pause, WaitEffect::None);
    let mut story = setting.begin();
    let home = story.home.clone();
    let ask = dossier::payment::AskPayment {
        amount_vnd: 50_000,
        purpose: "Lệ phí".to_owned(),
    };
    assert!(story.ask(&home, at("2018-01-03T10:00"), |case| ask.decide(case)));
    let story = story
        .asked("2018-01-04T09:00")
        .given("2018-01-05T09:00")
        .asked("2018-01-08T09:00")
        .given("2018-01-09T09:00");
    let why = why(&story, "2018-01-10T09:00");
    says(
        &why,
        &[
            "đồng hồ vẫn chạy",
            "đồng hồ đã dừng từ 09:00 04/01/2018, chạy tiếp phần còn lại, ngày hẹn 17:00 11/01/2018",
            "đồng hồ đã dừng từ 09:00 08/01/2018, chạy tiếp phần còn lại, ngày hẹn 17:00 12/01/2018",
        ],
    );
}

#[test]
fn what_is_assumed_says_so() {
    let why = why(
        &Setting::plain(1, "2025-08-04T09:00").begin(),
        "2025-08-04T10:00",
    );
    says(
        &why,
        &[
            "Nghị định 118/2025/NĐ-CP",
            "suy luận từ văn bản",
            "giả định",
        ],
    );
}

#[test]
fn a_calendar_that_counts_otherwise_changes_no_date_and_is_named() {
    let mut story = Setting::plain(1, "2018-01-03T09:00").begin();
    if let history::Content::Fact(dossier::fact::Fact::Received(received)) =
        &mut story.statements[0].content
    {
        received.due_at = Some(at("2018-01-09T17:00"));
        received.calendar = "vn-2017.1".to_owned();
    }
    let why = why(&story, "2018-01-04T09:00");
    says(
        &why,
        &[
            "Ngày đã ghi là 17:00 09/01/2018 theo lịch vn-2017.1",
            "được 17:00 10/01/2018",
        ],
    );
    assert_eq!(why.due_at, Some(at("2018-01-09T17:00")));
}

#[test]
fn the_numbers_of_the_two_sets_of_forms_clash_and_stay_with_their_set() {
    let old = Setting::plain(1, "2019-01-07T09:00")
        .begin()
        .stopped("2019-01-08T09:00");
    let new = Setting::plain(1, "2026-10-08T09:00")
        .begin()
        .stopped("2026-10-09T09:00");
    let forms = |story: &Story, when: &str| -> Vec<String> {
        let forms = why(story, when).forms;
        forms.iter().map(|held| held.form.to_string()).collect()
    };
    assert_eq!(forms(&old, "2019-02-01T00:00"), ["tt01/1"]);
    assert_eq!(forms(&new, "2026-11-01T00:00"), ["tt03/1", "tt03/5"]);
    let refused = Setting::plain(2, "2019-01-07T09:00")
        .begin()
        .refused("2019-01-08T09:00");
    assert_eq!(forms(&refused, "2019-02-01T00:00"), ["tt01/1", "tt01/3"]);
}

#[test]
fn the_slip_has_both_moments_of_every_hand_over_and_the_result_of_each_step() {
    let (survey, tax) = (unit("G12-27"), unit("H33-27-92"));
    let mut setting = Setting::plain(1, "2018-01-03T08:00");
    setting.route = vec![
        step_of("survey", &survey, calendar::Limit::working_days(2), &[]),
        step_of("tax", &tax, calendar::Limit::working_hours(8), &["survey"]),
    ];
    let story = setting
        .begin()
        .took(&survey, "survey", "2018-01-03T09:00")
        .did(&survey, "survey", "2018-01-04T09:00")
        .took(&tax, "tax", "2018-01-04T10:00")
        .did(&tax, "tax", "2018-01-08T10:00");
    let names: Names = [(survey.clone(), "Chi nhánh VPĐKĐĐ".to_owned())]
        .into_iter()
        .collect();
    let at_end = at("2018-01-31T08:00");
    let slip = slip(&story.tale(), at_end, Calendar::published(), &names)
        .unwrap()
        .unwrap();
    let text: Vec<String> = slip
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .map(report::sheet::Cell::written)
                .collect::<Vec<_>>()
                .join("|")
        })
        .collect();
    assert_eq!(text.len(), 3);
    assert!(
        text[0].contains("Chi nhánh VPĐKĐĐ (G12-27)|Việc survey|08:00 03/01/2018|09:00 03/01/2018")
            && text[0].contains("Trước hạn"),
        "{}",
        text[0]
    );
    assert!(
        text[1].contains("Quá hạn|hoàn thành; quá 480 phút làm việc"),
        "{}",
        text[1]
    );
    assert!(text[2].contains("Công dân, tổ chức"), "{}", text[2]);
}

#[test]
fn the_register_holds_no_personal_data_and_stands_in_the_order_of_reception() {
    let first = Setting::plain(2, "2018-01-03T08:00")
        .begin()
        .ready("2018-01-05T08:00");
    let second = Setting::plain(1, "2018-01-03T09:00").begin();
    let other = Setting::plain(3, "2018-02-03T09:00").begin();
    let tales = [other.tale(), second.tale(), first.tale()];
    let january: Period = period("2018-01");
    let sheet = register::register(&tales, january, &Default::default(), &Names::default());
    let codes: Vec<String> = sheet.rows.iter().map(|row| row[1].written()).collect();
    assert_eq!(codes, [first.code.as_str(), second.code.as_str()]);
    for row in &sheet.rows {
        assert_eq!(row.len(), sheet.columns.len());
        assert_eq!(
            (row[4].written().as_str(), row[5].written().as_str()),
            (register::UNDER_KEY, register::UNDER_KEY)
        );
    }
    assert!(
        sheet.rows[0][12]
            .written()
            .contains("có kết quả 08:00 05/01/2018")
    );
}
