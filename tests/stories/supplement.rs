//! Supplements after reception: asked with their reason, one request at a time, and the clock
//! recounted by the procedure's rule (NĐ 61/2018/NĐ-CP art. 19.4).

use dossier::fact::Fact;
use dossier::procedure::{Procedure, WaitEffect};
use dossier::status::Status;
use dossier::step::NeedSupplement;
use dossier::supplement::{AskSupplement, GiveSupplement};
use tests::given::{Story, at, by, close_of, given};

use crate::cast::*;
use crate::facts::*;

fn ask(item: &str) -> AskSupplement {
    AskSupplement {
        items: vec![item.to_owned()],
        reason: "Thiếu".to_owned(),
    }
}

fn give() -> GiveSupplement {
    GiveSupplement { papers: Vec::new() }
}

fn need(step: &str, item: &str) -> NeedSupplement {
    NeedSupplement {
        step: key(step),
        items: vec![item.to_owned()],
        reason: "Thiếu".to_owned(),
    }
}

fn with(effect: WaitEffect) -> Procedure {
    Procedure {
        clock: clock(effect, WaitEffect::Pause),
        ..licence()
    }
}

/// Asked on Thursday the 4th, given on Wednesday the 10th, of a dossier due on Tuesday the 9th.
fn asked_and_given(effect: WaitEffect) -> Story {
    given(commune(), [received(&with(effect))])
        .when(commune(), THU_4, |case| ask("Bản vẽ").decide(case))
        .then([supplement_asked(None, "Bản vẽ", effect)])
        .is(Status::SupplementAsked)
        .when(commune(), WED_10, |case| give().decide(case))
        .done()
        .is(Status::Received)
}

#[test]
fn the_whole_limit_starts_again_on_the_day_of_full_receipt() {
    // 11, 12, 15, 16, 17.
    asked_and_given(WaitEffect::Restart).due(WED_17);
}

#[test]
fn or_the_waiting_is_not_counted() {
    // 5, 8 and 9 remained: 11, 12, 15.
    asked_and_given(WaitEffect::Pause).due(MON_15);
}

#[test]
fn or_a_limit_of_its_own_begins() {
    // 11, 12.
    let story = asked_and_given(WaitEffect::SecondLimit(working_days(2))).due(FRI_12);
    assert_eq!(story.dossier().promise.limit, Some(working_days(2)));
}

#[test]
fn or_the_clock_runs_on() {
    asked_and_given(WaitEffect::None).due(TUE_9);
}

#[test]
fn the_first_promise_is_kept_whatever_is_recounted() {
    let story = asked_and_given(WaitEffect::Restart);
    assert_eq!(
        story.dossier().promise.original_due_at,
        Some(close_of(TUE_9))
    );
    assert!(!story.dossier().promise.is_paused());
}

#[test]
fn a_second_request_waits_for_the_first() {
    let asked = supplement_asked(None, "Bản vẽ", WaitEffect::Restart);
    given(commune(), [received(&licence()), at(THU_4, asked)])
        .when(commune(), FRI_5, |case| ask("Hợp đồng").decide(case))
        .refused("supplement.already_asked");
}

#[test]
fn what_was_not_asked_for_is_not_given() {
    given(commune(), [received(&licence())])
        .when(commune(), FRI_5, |case| give().decide(case))
        .refused("supplement.not_asked");
    asked_and_given(WaitEffect::Restart)
        .when(commune(), FRI_12, |case| give().decide(case))
        .refused("supplement.not_asked");
}

#[test]
fn nothing_is_given_before_it_was_asked_for() {
    let asked = supplement_asked(None, "Bản vẽ", WaitEffect::Pause);
    given(
        commune(),
        [received(&with(WaitEffect::Pause)), at(THU_4, asked)],
    )
    .when(commune(), WED_3, |case| give().decide(case))
    .refused("promise.before_pause");
}

#[test]
fn a_request_names_what_is_missing_and_why() {
    let story = given(commune(), [received(&licence())]);
    let nothing = AskSupplement {
        items: Vec::new(),
        reason: "Thiếu".to_owned(),
    };
    let story = story
        .when(commune(), THU_4, |case| nothing.decide(case))
        .refused("supplement.nothing_named");
    let silent = AskSupplement {
        items: vec!["Bản vẽ".to_owned()],
        reason: " ".to_owned(),
    };
    story
        .when(commune(), THU_4, |case| silent.decide(case))
        .refused("reason.missing");
}

#[test]
fn only_the_home_speaks_to_the_citizen() {
    let story = given(commune(), licence_in_work(&licence()));
    let story = story
        .when(district(), THU_4, |case| ask("Bản vẽ").decide(case))
        .refused("home.elsewhere");
    story
        .when(district(), THU_4, |case| give().decide(case))
        .refused("home.elsewhere");
}

#[test]
fn the_home_passes_a_performers_need_on_to_the_citizen() {
    given(commune(), licence_in_work(&licence()))
        .when(district(), THU_4, |case| {
            need("appraisal", "Bản vẽ").decide(case)
        })
        .then([needed("appraisal", 1, "Bản vẽ")])
        .the_home_goes_on([supplement_asked(
            Some("appraisal"),
            "Bản vẽ",
            WaitEffect::Restart,
        )])
        .is(Status::SupplementAsked)
        .when(commune(), WED_10, |case| give().decide(case))
        .then([supplement_given(
            WaitEffect::Restart,
            working_days(5),
            WED_17,
        )])
        .the_home_goes_on([])
        .is(Status::InProcess);
}

#[test]
fn a_need_is_told_once_until_it_is_answered() {
    let story = given(commune(), licence_in_work(&licence())).and([by(
        district(),
        THU_4,
        needed("appraisal", 1, "Bản vẽ"),
    )]);
    // The home has not even heard of it.
    let story = story
        .when(district(), THU_4, |case| {
            need("appraisal", "Bản vẽ").decide(case)
        })
        .refused("supplement.already_needed");
    // The citizen has been asked.
    let story = story
        .and([at(
            FRI_5,
            supplement_asked(Some("appraisal"), "Bản vẽ", WaitEffect::Restart),
        )])
        .when(district(), MON_8, |case| {
            need("appraisal", "Bản vẽ").decide(case)
        })
        .refused("supplement.already_needed");
    // The citizen has answered, and something else is missing.
    story
        .and([at(
            WED_10,
            supplement_given(WaitEffect::Restart, working_days(5), WED_17),
        )])
        .when(district(), FRI_12, |case| {
            need("appraisal", "Hợp đồng").decide(case)
        })
        .then([needed("appraisal", 1, "Hợp đồng")])
        .the_home_goes_on([supplement_asked(
            Some("appraisal"),
            "Hợp đồng",
            WaitEffect::Restart,
        )]);
}

#[test]
fn a_need_names_what_is_missing_and_why() {
    let story = given(commune(), licence_in_work(&licence()));
    let nothing = NeedSupplement {
        items: Vec::new(),
        ..need("appraisal", "")
    };
    let story = story
        .when(district(), THU_4, |case| nothing.decide(case))
        .refused("supplement.nothing_named");
    let silent = NeedSupplement {
        reason: String::new(),
        ..need("appraisal", "Bản vẽ")
    };
    story
        .when(district(), THU_4, |case| silent.decide(case))
        .refused("reason.missing");
}

#[test]
fn the_need_of_a_second_unit_waits_and_is_not_lost() {
    let story = given(commune(), [received(&birth_group())])
        .and([
            at(TUE_2, Fact::Dispatched(dispatched("birth", 1, commune()))),
            at(TUE_2, accepted("birth", 1, THU_4)),
            at(WED_3, completed("birth", 1)),
            at(
                WED_3,
                Fact::Dispatched(dispatched("residence", 1, police())),
            ),
            at(
                WED_3,
                Fact::Dispatched(dispatched("insurance", 1, insurance())),
            ),
            by(police(), WED_3, accepted("residence", 1, FRI_5)),
            by(insurance(), WED_3, accepted("insurance", 1, FRI_5)),
            by(police(), THU_4, needed("residence", 1, "Sổ hộ khẩu")),
        ])
        .the_home_goes_on([supplement_asked(
            Some("residence"),
            "Sổ hộ khẩu",
            WaitEffect::Restart,
        )]);
    story
        .and([by(
            insurance(),
            FRI_5,
            needed("insurance", 1, "Tờ khai TK1"),
        )])
        .the_home_goes_on([])
        .when(commune(), WED_10, |case| give().decide(case))
        .then([supplement_given(
            WaitEffect::Restart,
            working_days(5),
            WED_17,
        )])
        .the_home_goes_on([supplement_asked(
            Some("insurance"),
            "Tờ khai TK1",
            WaitEffect::Restart,
        )]);
}
