//! A closed period stays what it said; what is known later is a restatement.

use dossier::fact::Fact;
use dossier::outcome::ResultReady;
use history::Cut;
use report::ii06a::{Column, Statement, Table, table};
use report::{Names, Period, RuleSet};

use crate::figures::query;
use crate::story::{Setting, Story, at, period};

/// Finished on 9 January; the desk wrote that down on 5 February.
fn written_down_late() -> Story {
    let mut story = Setting::plain(1, "2018-01-03T09:00").begin();
    let home = story.home.clone();
    story.say_recorded(
        &home,
        at("2018-01-09T10:00"),
        at("2018-02-05T08:00"),
        Fact::ResultReady(ResultReady {}),
    );
    story
}

fn january(story: &Story, known_by: Option<&str>) -> Table {
    let january = period("2018-01");
    let tale = story.as_of(january.cut(known_by.map(at)));
    table([&tale], query(january, RuleSet::Ii06a), &Names::default())
}

#[test]
fn a_closed_month_does_not_drift() {
    let story = written_down_late();
    let closed = january(&story, Some("2018-02-01T08:00"));
    assert_eq!(
        closed.total.cell(Column::Overdue),
        std::slice::from_ref(&story.code)
    );
    // Asked again in March for what was known on 1 February, after the dossier was returned.
    let story = story.returned("2018-03-01T09:00");
    assert_eq!(january(&story, Some("2018-02-01T08:00")), closed);
}

#[test]
fn what_is_known_later_is_another_table_and_names_what_changed() {
    let story = written_down_late();
    let closed = january(&story, Some("2018-02-01T08:00"));
    let restated = january(&story, Some("2018-02-06T08:00"));
    assert_eq!(
        restated.total.cell(Column::Early),
        std::slice::from_ref(&story.code)
    );
    let changes = closed.changes(&restated);
    let moved: Vec<(u8, usize, usize)> = changes
        .iter()
        .map(|change| (change.column.number(), change.gone.len(), change.come.len()))
        .collect();
    assert_eq!(moved, [(7, 0, 1), (8, 0, 1), (11, 1, 0), (13, 1, 0)]);
    assert!(closed.changes(&closed).is_empty());
}

#[test]
fn what_was_stated_is_held_against_the_dossiers_and_not_only_the_numbers() {
    let story = written_down_late();
    let closed = january(&story, Some("2018-02-01T08:00"));
    let stated = closed.stated(Vec::new()).unwrap();
    assert!(stated.is_of(&closed));
    assert!(!stated.is_of(&january(&story, None)));
    let another = Setting::plain(2, "2018-01-03T09:00").begin();
    let same_numbers = january(&another, None);
    assert_eq!(same_numbers.stated(Vec::new()).unwrap().rows, stated.rows);
    assert!(!stated.is_of(&same_numbers));
    let written = serde_json::to_value(&stated).unwrap();
    assert_eq!(
        serde_json::from_value::<Statement>(written).unwrap(),
        stated
    );
}

#[test]
fn a_closed_period_names_its_instants() {
    let stated = Period::of_instants(at("2018-01-01T00:00"), at("2018-02-01T00:00"));
    assert_eq!(stated, Ok(period("2018-01")));
    assert!(Period::of_instants(at("2018-01-01T07:00"), at("2018-02-01T07:00")).is_err());
}

#[test]
fn a_month_that_restates_breaks_the_chain_until_the_next_is_told_with_it() {
    let story = written_down_late();
    let february = period("2018-02");
    let tale = story.as_of(february.cut(None));
    let february = table([&tale], query(february, RuleSet::Ii06a), &Names::default());
    let broken = february.continues(&january(&story, Some("2018-02-01T08:00")));
    assert_eq!(broken[0].identity, "6 = 11 của kỳ trước");
    assert_eq!(broken[0].dossiers, std::slice::from_ref(&story.code));
    assert_eq!(february.continues(&january(&story, None)), vec![]);
}

#[test]
fn what_happens_at_midnight_belongs_to_the_day_that_begins() {
    let story = Setting::plain(1, "2018-02-01T00:00").begin();
    let cut = period("2018-01").cut(None);
    assert!(story.as_of(cut).dossier.is_none());
    let next = Cut {
        happened_by: period("2018-02").from(),
        recorded_by: None,
    };
    assert!(story.as_of(next).dossier.is_some());
}
