//! How a dossier ends (NĐ 61/2018/NĐ-CP art. 19.8 and 20).

use dossier::fact::Fact;
use dossier::outcome::{Refuse, ReturnChannel, ReturnResult, Stop, Withdraw};
use dossier::procedure::WaitEffect;
use dossier::route::Dispatch;
use dossier::status::Status;
use tests::given::{Story, at, by, given};

use crate::cast::*;
use crate::facts::*;

fn refuse() -> Refuse {
    Refuse {
        reason: "Không đủ điều kiện".to_owned(),
    }
}

fn withdraw() -> Withdraw {
    Withdraw {
        reason: String::new(),
    }
}

fn stop() -> Stop {
    Stop {
        reason: "Công dân không bổ sung".to_owned(),
    }
}

fn hand_over() -> ReturnResult {
    ReturnResult {
        channel: ReturnChannel::Counter,
    }
}

fn open() -> Story {
    given(commune(), licence_in_work(&licence()))
}

#[test]
fn a_rejected_step_is_a_refusal_by_the_home() {
    open()
        .and([by(district(), FRI_5, rejected("appraisal", 1))])
        .the_home_goes_on([refused("Không đủ điều kiện")])
        .is(Status::ResultReady)
        // The citizen is handed the slip.
        .when(commune(), MON_8, |case| {
            hand_over().decide(case, &officer())
        })
        .then([returned()])
        .is(Status::ResultReturned);
}

#[test]
fn a_home_refuses_by_itself_with_a_reason() {
    let story = open()
        .when(commune(), FRI_5, |case| refuse().decide(case))
        .then([refused("Không đủ điều kiện")]);
    story
        .when(commune(), FRI_5, |case| refuse().decide(case))
        .refused("outcome.settled");
    let silent = Refuse {
        reason: String::new(),
    };
    open()
        .when(commune(), FRI_5, |case| silent.decide(case))
        .refused("reason.missing");
}

#[test]
fn a_withdrawn_dossier_is_stopped() {
    open()
        .when(commune(), FRI_5, |case| withdraw().decide(case))
        .then([withdrawn()])
        .is(Status::Withdrawn)
        .when(commune(), FRI_5, |case| withdraw().decide(case))
        .refused("outcome.settled")
        .when(commune(), MON_8, |case| stop().decide(case))
        .then([stopped()])
        .is(Status::Stopped)
        .when(commune(), MON_8, |case| stop().decide(case))
        .refused("outcome.settled");
}

#[test]
fn a_dossier_is_stopped_only_when_the_citizen_does_not_answer() {
    open()
        .when(commune(), FRI_5, |case| stop().decide(case))
        .refused("outcome.nothing_to_stop");
    for asked in [
        supplement_asked(None, "Bản vẽ", WaitEffect::Restart),
        payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause),
    ] {
        open()
            .and([at(THU_4, asked)])
            .when(commune(), WED_17, |case| stop().decide(case))
            .then([stopped()])
            .is(Status::Stopped);
    }
}

#[test]
fn a_stop_gives_its_reason() {
    let silent = Stop {
        reason: String::new(),
    };
    open()
        .and([at(THU_4, withdrawn())])
        .when(commune(), FRI_5, |case| silent.decide(case))
        .refused("reason.missing");
}

#[test]
fn a_result_is_returned_once() {
    open()
        .when(commune(), FRI_5, |case| {
            hand_over().decide(case, &officer())
        })
        .refused("outcome.no_result")
        .and([by(district(), FRI_5, completed("appraisal", 1))])
        .the_home_goes_on([ready()])
        .is(Status::ResultReady)
        .when(commune(), MON_8, |case| {
            hand_over().decide(case, &officer())
        })
        .then([returned()])
        .is(Status::ResultReturned)
        .when(commune(), MON_8, |case| {
            hand_over().decide(case, &officer())
        })
        .refused("outcome.already_returned");
}

#[test]
fn processing_ends_with_the_result_and_not_with_its_return() {
    let story = open().and([
        by(district(), FRI_5, completed("appraisal", 1)),
        at(FRI_5, ready()),
        at(FRI_12, returned()),
    ]);
    assert_eq!(story.dossier().ended_at(), Some(FRI_5));
}

#[test]
fn only_the_home_ends_a_dossier() {
    let story = open().and([at(
        THU_4,
        supplement_asked(None, "Bản vẽ", WaitEffect::Restart),
    )]);
    let story = story
        .when(district(), FRI_5, |case| refuse().decide(case))
        .refused("home.elsewhere");
    let story = story
        .when(district(), FRI_5, |case| withdraw().decide(case))
        .refused("home.elsewhere");
    let story = story
        .when(district(), FRI_5, |case| stop().decide(case))
        .refused("home.elsewhere");
    story
        .when(district(), FRI_5, |case| {
            hand_over().decide(case, &officer())
        })
        .refused("home.elsewhere");
}

#[test]
fn nothing_is_decided_about_a_settled_dossier() {
    for end in [refused("Không đủ điều kiện"), withdrawn(), ready()] {
        let mut story = open().and([at(FRI_5, end)]);
        let supplement = dossier::supplement::AskSupplement {
            items: vec!["Bản vẽ".to_owned()],
            reason: "Thiếu".to_owned(),
        };
        let payment = dossier::payment::AskPayment {
            amount_vnd: 1,
            purpose: String::new(),
        };
        let elsewhere = Dispatch {
            step: key("appraisal"),
            to: police(),
            reason: String::new(),
        };
        story = story
            .when(commune(), MON_8, |case| refuse().decide(case))
            .refused("outcome.settled");
        story = story
            .when(commune(), MON_8, |case| withdraw().decide(case))
            .refused("outcome.settled");
        story = story
            .when(commune(), MON_8, |case| supplement.decide(case))
            .refused("outcome.settled");
        story = story
            .when(commune(), MON_8, |case| payment.decide(case))
            .refused("outcome.settled");
        story = story
            .when(commune(), MON_8, |case| elsewhere.decide(case))
            .refused("outcome.settled");
        // And the home does nothing by itself any more.
        story
            .and([by(district(), MON_8, completed("appraisal", 1))])
            .the_home_goes_on([]);
    }
}

#[test]
fn of_two_rejections_the_first_is_the_refusal() {
    given(commune(), [received(&birth_group())])
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
            by(police(), THU_4, rejected("residence", 1)),
        ])
        .the_home_goes_on([refused("Không đủ điều kiện")])
        .and([by(insurance(), FRI_5, rejected("insurance", 1))])
        .the_home_goes_on([]);
}
