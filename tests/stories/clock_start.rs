//! Where the clock starts: with the receipt, or where the competent agency has the dossier
//! (NĐ 309/2026/NĐ-CP art. 8.3). Received on Tuesday 2 January 2018 with five working days and due, as
//! promised, on Tuesday the 9th.

use calendar::Moment;
use dossier::clock::{Pause, Resume, Started};
use dossier::fact::Fact;
use dossier::intake::{Particulars, Received};
use dossier::procedure::{ClockPolicy, Procedure, WaitEffect};
use dossier::promise::Wait;
use dossier::regime::{ClockStart, Regime};
use dossier::step::Accept;
use tests::given::{Line, Story, at, close_of, given};

use crate::cast::*;
use crate::facts::*;
use crate::group_cast::september;

const RULE: &str = "NĐ 309/2026/NĐ-CP điều 8 khoản 3; NĐ 61/2018/NĐ-CP";

fn elsewhere(procedure: &Procedure) -> Line {
    let particulars = Particulars {
        start: ClockStart::OnCompetentReceipt,
        ..Particulars::default()
    };
    received_with(procedure, particulars)
}

fn given_out(line: Line) -> Story {
    let given_out = Fact::Dispatched(dispatched("appraisal", 1, district()));
    given(commune(), [line, at(TUE_2, given_out)])
}

fn taken(story: Story, on: Moment) -> Story {
    let accept = Accept {
        step: key("appraisal"),
    };
    story
        .when(district(), on, |case| accept.decide(case))
        .done()
}

fn started(since: Moment, due: Moment) -> Fact {
    Fact::ClockStarted(Started {
        at: district(),
        since,
        due_at: Some(close_of(due)),
        calendar: calendar::Calendar::published().version().to_owned(),
        basis: licence().basis,
    })
}

#[test]
fn the_clock_starts_when_the_competent_agency_takes_its_first_step() {
    // 5, 8, 9, 10, 11.
    let thursday = tests::given::of_2018(1, 11, 8, 0);
    let story = taken(given_out(elsewhere(&licence())), THU_4)
        .the_home_goes_on([started(THU_4, thursday)])
        .due(thursday);
    assert_eq!(
        story.dossier().promise.original_due_at,
        Some(close_of(TUE_9))
    );
}

#[test]
fn nd309_art_8_3_is_named_where_the_regime_starts_the_clock_there() {
    let Fact::Received(received) = received_due(&licence(), Some(close_of(TUE_9))) else {
        unreachable!()
    };
    let received = Received {
        regime: Regime::Nd118Nd309,
        due_at: Some(september(15, "17:00")),
        particulars: Particulars {
            start: ClockStart::OnCompetentReceipt,
            ..Particulars::default()
        },
        ..*received
    };
    let story = given_out(at(
        september(8, "08:00"),
        Fact::Received(Box::new(received)),
    ));
    let expected = Fact::ClockStarted(Started {
        at: district(),
        since: september(9, "16:00"),
        // 10, 11, 14, 15, 16.
        due_at: Some(september(16, "17:00")),
        calendar: calendar::Calendar::published().version().to_owned(),
        basis: RULE.to_owned(),
    });
    taken(story, september(9, "16:00")).the_home_goes_on([expected]);
}

#[test]
fn taken_sooner_than_promised_for_the_promised_date_stays() {
    let story = given_out(elsewhere(&licence()));
    taken(story, TUE_2).the_home_goes_on([started(TUE_2, TUE_9)]);
    let story = given_out(elsewhere(&Procedure {
        limit: working_days(2),
        ..licence()
    }));
    taken(story, THU_4)
        .the_home_goes_on([started(THU_4, TUE_9)])
        .due(TUE_9);
}

#[test]
fn with_the_receipt_nothing_starts_when_a_step_is_taken() {
    let story = given_out(received(&licence()));
    taken(story, THU_4).the_home_goes_on([]).due(TUE_9);
}

#[test]
fn the_clock_starts_once_and_only_at_the_competent_agency() {
    let line = elsewhere(&fork());
    let survey = Fact::Dispatched(dispatched("survey", 1, land_office()));
    let story = given(commune(), [line, at(TUE_2, survey)]);
    let accept = |name: &str| Accept { step: key(name) };
    let story = story
        .when(land_office(), WED_3, |case| accept("survey").decide(case))
        .done()
        .the_home_goes_on([]);
    let two = ["tax", "security"]
        .map(|name| at(WED_3, Fact::Dispatched(dispatched(name, 1, district()))));
    let story = story
        .and(two)
        .when(district(), THU_4, |case| accept("tax").decide(case))
        .done();
    let due = story.dossier().promise.due_at.unwrap();
    let story = story.the_home_goes_on([Fact::ClockStarted(Started {
        at: district(),
        since: THU_4,
        // Ten working days: 5, 8 to 12, 15 to 18.
        due_at: Some(close_of(tests::given::of_2018(1, 18, 8, 0))),
        calendar: calendar::Calendar::published().version().to_owned(),
        basis: licence().basis,
    })]);
    assert!(story.dossier().promise.due_at.unwrap() > due);
    story
        .when(district(), FRI_5, |case| accept("security").decide(case))
        .done()
        .the_home_goes_on([]);
}

#[test]
fn a_clock_that_stands_still_when_it_is_started_has_its_whole_limit_ahead() {
    let procedure = Procedure {
        clock: ClockPolicy {
            verification: WaitEffect::Pause,
            ..licence().clock
        },
        ..licence()
    };
    let pause = Pause {
        cause: Wait::Verification,
        reason: "Xác minh".to_owned(),
        step: None,
        notice: None,
    };
    let story = given_out(elsewhere(&procedure))
        .when(commune(), WED_3, |case| pause.decide(case))
        .done();
    let story = taken(story, FRI_5).the_home_goes_on([started(FRI_5, FRI_12)]);
    // All five of the days from the 8th to the 12th remain on the 10th: 11, 12, 15, 16, 17.
    let resume = Resume {
        cause: Wait::Verification,
    };
    story
        .when(commune(), WED_10, |case| resume.decide(case))
        .done()
        .due(WED_17);
}
