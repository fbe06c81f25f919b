//! What the desk may take in, and what it says when it may not (NĐ 61/2018/NĐ-CP art. 17).

use dossier::desk::Register;
use dossier::dossier::Trespass;
use dossier::fact::Fact;
use dossier::intake::Verdict;
use dossier::receive::Receive;
use dossier::regime::Regime;
use dossier::status::Status;
use tests::given::{at, close_of, given};

use crate::cast::*;
use crate::facts::*;

fn complete() -> Receive {
    receive(vec![seen(1, Verdict::Original), seen(2, Verdict::Copy)])
}

#[test]
fn a_complete_dossier_is_received_with_its_promise() {
    let story = given(commune(), [])
        .at_the_desk(TUE_2, &licence(), |desk| complete().decide(desk))
        .done()
        .is(Status::Received)
        .due(TUE_9);
    let received = story.dossier().received().unwrap();
    let papers = received.papers.iter();
    let papers: Vec<_> = papers.map(|check| (check.paper, check.verdict)).collect();
    assert_eq!(papers, [(1, Verdict::Original), (2, Verdict::Copy)]);
    assert_eq!(
        received.route,
        licence().route,
        "the route is pinned at reception"
    );
    assert_eq!(
        received.regime,
        Regime::Qd09,
        "NĐ 61 is in force from 21 June 2018"
    );
    assert!(received.receipt, "a receipt is due");
    assert_eq!(
        story.dossier().promise.original_due_at,
        Some(close_of(TUE_9))
    );
    story.the_home_goes_on([Fact::Dispatched(dispatched("appraisal", 1, district()))]);
}

#[test]
fn missing_papers_are_named_and_nothing_is_written() {
    let desk = given(commune(), []);
    let story = desk
        .at_the_desk(TUE_2, &licence(), |desk| {
            receive(vec![seen(1, Verdict::Original)]).decide(desk)
        })
        .saying("2. Bản vẽ")
        .refused("intake.papers_missing");
    let missing = vec![seen(1, Verdict::Missing), seen(2, Verdict::Copy)];
    let story = story
        .at_the_desk(TUE_2, &licence(), |desk| receive(missing).decide(desk))
        .saying("1. Đơn đề nghị")
        .refused("intake.papers_missing");
    assert_eq!(story.dossier().received(), None);
}

#[test]
fn a_paper_that_is_not_required_may_be_missing() {
    let papers = vec![
        seen(1, Verdict::Original),
        seen(2, Verdict::Copy),
        seen(3, Verdict::Missing),
    ];
    given(commune(), [])
        .at_the_desk(TUE_2, &licence(), |desk| receive(papers).decide(desk))
        .done();
}

#[test]
fn a_paper_is_written_down_once_and_stands_in_the_list() {
    let papers = |paper| {
        vec![
            seen(1, Verdict::Original),
            seen(2, Verdict::Copy),
            seen(paper, Verdict::Copy),
        ]
    };
    let desk = given(commune(), []);
    let desk = desk
        .at_the_desk(TUE_2, &licence(), |desk| receive(papers(2)).decide(desk))
        .saying("số 2")
        .refused("intake.paper_twice");
    let desk = desk
        .at_the_desk(TUE_2, &licence(), |desk| receive(papers(4)).decide(desk))
        .saying("không có số 4")
        .refused("intake.paper_unknown");
    desk.at_the_desk(TUE_2, &licence(), |desk| receive(papers(0)).decide(desk))
        .refused("intake.paper_unknown");
}

#[test]
fn a_dossier_is_declined_with_its_reason() {
    given(commune(), [])
        .at_the_desk(TUE_2, &licence(), |desk| {
            decline("Không thuộc thẩm quyền").decide(desk)
        })
        .then([declined()])
        .is(Status::Declined)
        .the_home_goes_on([]);
}

#[test]
fn a_slip_without_a_reason_is_refused() {
    given(commune(), [])
        .at_the_desk(TUE_2, &licence(), |desk| decline("  ").decide(desk))
        .refused("reason.missing");
}

#[test]
fn an_online_submission_is_registered_then_received() {
    let register = Register {
        procedure: licence().code,
        applicant: complete().applicant,
    };
    let story = given(commune(), [])
        .at_the_desk(TUE_2, &licence(), |_| Ok(register.decide()))
        .then([registered()])
        .is(Status::Registered);
    assert_eq!(
        story.dossier().promise.due_at,
        None,
        "no clock runs before reception"
    );
    let story = story
        .at_the_desk(WED_3, &licence(), |desk| complete().decide(desk))
        .done();
    story.is(Status::Received).due(WED_10);
}

#[test]
fn an_online_submission_is_registered_then_declined() {
    given(commune(), [at(TUE_2, registered())])
        .at_the_desk(WED_3, &licence(), |desk| {
            decline("Không thuộc thẩm quyền").decide(desk)
        })
        .then([declined()])
        .is(Status::Declined);
}

#[test]
fn what_the_desk_has_decided_is_not_decided_again() {
    let story = given(commune(), [received(&licence())]);
    let story = story
        .at_the_desk(WED_3, &licence(), |desk| complete().decide(desk))
        .refused("intake.already_received");
    story
        .at_the_desk(WED_3, &licence(), |desk| decline("Không").decide(desk))
        .refused("intake.already_received");
    let story = given(commune(), [at(TUE_2, declined())]);
    let story = story
        .at_the_desk(WED_3, &licence(), |desk| complete().decide(desk))
        .refused("intake.already_declined");
    story
        .at_the_desk(WED_3, &licence(), |desk| decline("Không").decide(desk))
        .refused("intake.already_declined");
}

#[test]
fn a_code_is_used_once() {
    let Fact::Received(again) = received_due(&licence(), Some(close_of(TUE_9))) else {
        unreachable!()
    };
    let story = given(commune(), [received(&licence())]);
    let twice = Err(Trespass::Twice(story.dossier().code.clone()));
    assert_eq!(
        story
            .dossier()
            .may_write(&commune(), &Fact::Received(again)),
        twice
    );
    assert_eq!(story.dossier().may_write(&commune(), &registered()), twice);
    assert_eq!(story.dossier().may_write(&commune(), &declined()), twice);
    let story = given(commune(), [at(TUE_2, registered())]);
    assert_eq!(story.dossier().may_write(&commune(), &registered()), twice);
}

#[test]
fn a_result_returned_at_once_needs_no_receipt_but_is_recorded() {
    let at_once = Receive {
        at_once: true,
        ..receive(Vec::new())
    };
    let story = given(commune(), [])
        .at_the_desk(TUE_2, &certified_copy(), |desk| at_once.decide(desk))
        .done()
        .is(Status::ResultReturned)
        .the_home_goes_on([]);
    let received = story.dossier().received().unwrap();
    assert!(!received.receipt && received.route.is_empty());
}

#[test]
fn only_procedures_for_it_are_returned_at_once() {
    let at_once = Receive {
        at_once: true,
        ..complete()
    };
    given(commune(), [])
        .at_the_desk(TUE_2, &licence(), |desk| at_once.decide(desk))
        .refused("intake.not_at_once");
}

#[test]
fn no_date_is_promised_on_days_that_no_calendar_covers() {
    let eve = tests::given::of_2018(12, 28, 8, 0).with_timezone(&calendar::hanoi());
    let later = eve + chrono::TimeDelta::days(365 * 20);
    given(commune(), [])
        .at_the_desk(later, &licence(), |desk| complete().decide(desk))
        .refused("calendar.not_covered");
}
