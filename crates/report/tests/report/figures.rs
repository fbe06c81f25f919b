//! Statistics that can be made to look good: each a test that ours cannot.

use calendar::Limit;
use dossier::ids::DossierCode;
use dossier::intake::Channel;
use report::ii06a::{Column, Memo, Query, Row, Table, table};
use report::scope::{Grouping, Role, Scope};
use report::{Names, Period, RuleSet, index766};

use crate::story::{Setting, Story, period, unit};

pub(crate) fn query(period: Period, rules: RuleSet) -> Query {
    Query {
        period,
        rules,
        scope: Scope::default(),
        grouping: Grouping::Field,
    }
}

pub(crate) fn of(stories: &[&Story], period: Period) -> Table {
    let tales: Vec<_> = stories
        .iter()
        .map(|story| story.as_of(period.cut(None)))
        .collect();
    let table = table(&tales, query(period, RuleSet::Ii06a), &Names::default());
    assert_eq!(table.check(), vec![]);
    table
}

/// Columns 3 to 13 as numbers.
fn numbers(row: &Row) -> [usize; 11] {
    Column::ALL.map(|column| row.cell(column).len())
}

fn january() -> Period {
    period("2018-01")
}

#[test]
fn nothing_released_is_no_rate_and_not_100_percent() {
    let open = Setting::plain(1, "2018-01-31T09:00").begin();
    let rates = of(&[&open], january()).total.rates;
    assert_eq!(rates.finished.hundredths(), None);
    assert_eq!(rates.open.hundredths(), Some(10_000));
    let none = of(&[], january()).total.rates;
    assert_eq!(none.together().hundredths(), None);
    assert_eq!(none.finished.written(), "không có");
}

#[test]
fn refusals_withdrawals_and_stops_lift_no_rate() {
    let late = Setting::plain(1, "2018-01-03T09:00")
        .begin()
        .ready("2018-01-12T09:00");
    let alone = of(&[&late], january()).total;
    let refused = Setting::plain(2, "2018-01-03T09:00")
        .begin()
        .refused("2018-01-04T09:00");
    let withdrawn = Setting::plain(3, "2018-01-03T09:00")
        .begin()
        .withdrawn("2018-01-04T09:00");
    let stopped = Setting::plain(4, "2018-01-03T09:00")
        .begin()
        .stopped("2018-01-04T09:00");
    let all = of(&[&late, &refused, &withdrawn, &stopped], january()).total;
    assert_eq!(all.rates.finished, alone.rates.finished);
    assert_eq!(all.rates.together(), alone.rates.together());
    assert_eq!(all.rates.finished.hundredths(), Some(0));
    assert_eq!(all.cell(Column::Resolved).len(), 4);
    for memo in [Memo::Refused, Memo::Withdrawn, Memo::Stopped] {
        assert_eq!(all.memo(memo).len(), 1, "{memo:?}");
    }
}

#[test]
fn an_overdue_dossier_counts_as_long_as_it_is_open() {
    let overdue = Setting::plain(1, "2018-01-03T09:00").begin();
    for month in ["2018-01", "2018-02", "2018-12"] {
        let total = of(&[&overdue], period(month)).total;
        assert_eq!(
            total.cell(Column::Overdue),
            std::slice::from_ref(&overdue.code),
            "{month}"
        );
        assert_eq!(total.rates.open.hundredths(), Some(0), "{month}");
        assert_eq!(total.rates.together().hundredths(), Some(0), "{month}");
    }
}

#[test]
fn asking_for_a_supplement_does_not_cure_what_is_overdue() {
    let story = Setting::plain(1, "2018-01-03T09:00")
        .begin()
        .asked("2018-01-12T09:00");
    let total = of(&[&story], january()).total;
    assert_eq!(total.cell(Column::Overdue).len(), 1);
    assert_eq!(total.memo(Memo::Paused).len(), 0);
}

#[test]
fn a_dossier_without_a_limit_is_never_early_and_in_no_rate() {
    let mut setting = Setting::plain(1, "2018-01-03T09:00");
    setting.limit = Limit::NONE_STATED;
    let open = setting.clone().begin();
    setting.serial = 2;
    let done = setting.begin().ready("2018-01-04T09:00");
    let total = of(&[&open, &done], january()).total;
    assert_eq!(numbers(&total), [2, 0, 2, 0, 1, 0, 1, 0, 1, 1, 0]);
    assert_eq!(total.memo(Memo::NoLimitEnded), [done.code]);
    assert_eq!(total.memo(Memo::NoLimitOpen), [open.code]);
    assert_eq!(
        (total.rates.no_limit, total.rates.together().hundredths()),
        (2, None)
    );
}

#[test]
fn a_stop_that_confirms_a_withdrawal_does_not_move_the_end_into_the_next_month() {
    let story = Setting::plain(1, "2018-01-03T09:00")
        .begin()
        .withdrawn("2018-01-30T09:00")
        .stopped("2018-02-02T09:00");
    let (january, february) = (of(&[&story], january()), of(&[&story], period("2018-02")));
    assert_eq!(january.total.cell(Column::Resolved).len(), 1);
    assert_eq!(february.total.cell(Column::Received).len(), 0);
    assert_eq!(february.continues(&january), vec![]);
}

#[test]
fn every_column_of_the_form_holds_its_dossiers() {
    let mut online = Setting::plain(2, "2018-01-15T09:00");
    online.channel = Channel::Online;
    let mut posted = Setting::plain(3, "2018-01-15T09:00");
    posted.channel = Channel::Post;
    let before = Setting::plain(1, "2018-01-02T09:00")
        .begin()
        .ready("2018-02-01T09:00");
    let early = online.begin().ready("2018-01-17T09:00");
    let exact = posted.begin().ready("2018-01-22T09:00");
    let overdue = Setting::plain(4, "2018-01-16T09:00").begin();
    let paused = Setting::plain(5, "2018-01-30T09:00")
        .begin()
        .asked("2018-01-31T09:00");
    let gone = Setting::plain(6, "2018-01-02T09:00")
        .begin()
        .ready("2018-01-05T09:00");
    let all = [&before, &early, &exact, &overdue, &paused, &gone];
    let table = of(&all, period("2018-01-15..2018-02-05"));
    //            3  4  5  6  7  8  9 10 11 12 13
    assert_eq!(numbers(&table.total), [5, 1, 3, 1, 3, 1, 1, 1, 2, 1, 1]);
    let cell = |column: Column| table.rows["Đất đai"].cell(column).to_vec();
    let codes = |stories: &[&Story]| -> Vec<DossierCode> {
        stories.iter().map(|story| story.code.clone()).collect()
    };
    assert_eq!(cell(Column::CarriedOver), codes(&[&before]));
    assert_eq!(cell(Column::Direct), codes(&[&exact, &overdue, &paused]));
    assert_eq!(cell(Column::Late), codes(&[&before]));
    assert_eq!(cell(Column::InTime), codes(&[&paused]));
    assert_eq!(table.total.memo(Memo::Paused), codes(&[&paused]));
    assert!(!cell(Column::Received).contains(&gone.code));
}

#[test]
fn a_unit_is_looked_at_as_desk_or_as_competent_and_never_one_for_the_other() {
    let story = Setting::plain(1, "2018-01-03T09:00").begin();
    let tales = [story.as_of(january().cut(None))];
    let received = |id: &str, role: Role| {
        let mut query = query(january(), RuleSet::Ii06a);
        query.scope.unit = Some(unit(id));
        query.scope.role = role;
        query.grouping = Grouping::Unit;
        let table = table(&tales, query, &Names::default());
        table.total.cell(Column::Received).len()
    };
    assert_eq!(received("H33-27", Role::Home), 1);
    assert_eq!(received("H33-27", Role::Competent), 0);
    assert_eq!(received("G12-27", Role::Competent), 1);
}

#[test]
fn a_table_that_was_tampered_with_says_where() {
    let story = Setting::plain(1, "2018-01-03T09:00").begin();
    let mut table = of(&[&story], january());
    let row = table.rows.get_mut("Đất đai").unwrap();
    row.columns.remove(&Column::Overdue);
    let broken = table.check();
    assert!(
        broken
            .iter()
            .any(|b| b.identity == "11 = 12 + 13" && b.dossiers == [story.code.clone()])
    );
    assert!(broken.iter().any(|b| b.identity == "tổng = các dòng"));
    assert!(broken[0].to_string().contains(story.code.as_str()));
}

#[test]
fn qd766_2_1_is_linear_to_20_points_and_counts_open_ones() {
    let kept = Setting::plain(1, "2018-01-03T09:00")
        .begin()
        .ready("2018-01-10T09:00");
    let late = Setting::plain(2, "2018-01-03T09:00")
        .begin()
        .ready("2018-01-12T09:00");
    let open = Setting::plain(3, "2018-01-30T09:00").begin();
    let overdue = Setting::plain(4, "2018-01-03T09:00").begin();
    let tales = [&kept, &late, &open, &overdue].map(|s| s.as_of(january().cut(None)));
    let calendar = calendar::Calendar::published();
    let index = index766::index(&tales, january(), &Scope::default(), calendar).unwrap();
    assert_eq!((index.on_time.part, index.on_time.whole), (2, 4));
    assert_eq!(index.on_time.points(20, 100), Some(1_000));
    let ((_, unit), average) = index.average.iter().next().unwrap();
    // Wednesday 3 at 9:00 to Wednesday 10 and to Friday 12 at 9:00: five and seven working days.
    assert_eq!((average.dossiers, average.minutes), (2, 12 * 480));
    assert_eq!(average.hundredths(*unit), Some(600));
    assert_eq!(index.channels[&Channel::Direct].hundredths(), Some(10_000));
    assert_eq!(index.channels[&Channel::Online].hundredths(), Some(0));
    let sheet = index.sheet(january(), &Scope::default(), &Names::default());
    let text = serde_json::to_string(&sheet).unwrap();
    assert!(
        text.contains("10,00") && text.contains("không có dữ liệu"),
        "{text}"
    );
}
