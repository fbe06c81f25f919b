//! Work on a step by the unit that it was given to (NĐ 61/2018/NĐ-CP art. 19.1, 19.2 and 19.5).

use dossier::fact::Fact;
use dossier::ids::UnitId;
use dossier::opinion::{AskOpinion, GiveOpinion};
use dossier::route::Dispatched;
use dossier::step::{
    Accept, Allot, Allotted, Assign, Assigned, Complete, DeclineStep, SendBack, StepOutcome,
};
use tests::given::{Story, at, by, close_of, given};

use crate::cast::*;
use crate::facts::*;

fn accept() -> Accept {
    Accept {
        step: key("appraisal"),
    }
}

fn decline() -> DeclineStep {
    DeclineStep {
        step: key("appraisal"),
        reason: "Không thuộc thẩm quyền".to_owned(),
    }
}

fn allot() -> Allot {
    Allot {
        step: key("appraisal"),
        department: "Kinh tế và Hạ tầng".to_owned(),
    }
}

fn assign() -> Assign {
    Assign {
        step: key("appraisal"),
        officer: officer(),
    }
}

fn complete(outcome: StepOutcome) -> Complete {
    Complete {
        step: key("appraisal"),
        outcome,
        documents: vec![document("Giấy phép")],
    }
}

fn ask(due: calendar::Moment) -> AskOpinion {
    AskOpinion {
        step: key("appraisal"),
        of: "Phòng Cảnh sát PCCC".to_owned(),
        question: "Có bảo đảm an toàn không?".to_owned(),
        due_at: due,
    }
}

fn give(opinion: u16) -> GiveOpinion {
    GiveOpinion {
        step: key("appraisal"),
        opinion,
        summary: "Đồng ý".to_owned(),
    }
}

fn offered() -> Story {
    given(
        commune(),
        [
            received(&licence()),
            at(
                TUE_2,
                Fact::Dispatched(dispatched("appraisal", 1, district())),
            ),
        ],
    )
}

fn taken() -> Story {
    given(commune(), licence_in_work(&licence()))
}

#[test]
fn a_step_is_taken_and_its_own_clock_starts() {
    // Two working days from Wednesday the 3rd.
    offered()
        .when(district(), WED_3, |case| accept().decide(case))
        .then([accepted("appraisal", 1, FRI_5)]);
}

#[test]
fn a_step_for_a_department_is_allotted_as_it_is_taken() {
    let department = Some("Kinh tế và Hạ tầng".to_owned());
    let given_out = Fact::Dispatched(Dispatched {
        department,
        ..dispatched("appraisal", 1, district())
    });
    let allotted = Fact::StepAllotted(Allotted {
        step: key("appraisal"),
        turn: 1,
        department: "Kinh tế và Hạ tầng".to_owned(),
    });
    given(commune(), [received(&licence()), at(TUE_2, given_out)])
        .when(district(), WED_3, |case| accept().decide(case))
        .then([accepted("appraisal", 1, FRI_5), allotted]);
}

#[test]
fn a_step_is_answered_once() {
    let story = taken();
    let story = story
        .when(district(), WED_3, |case| accept().decide(case))
        .refused("step.already_taken");
    story
        .when(district(), WED_3, |case| decline().decide(case))
        .refused("step.already_taken");
    let story = offered().and([by(district(), WED_3, step_declined("appraisal", 1))]);
    let story = story
        .when(district(), WED_3, |case| accept().decide(case))
        .refused("step.declined");
    story
        .when(district(), WED_3, |case| decline().decide(case))
        .refused("step.declined");
}

#[test]
fn a_step_is_declined_with_a_reason() {
    let silent = DeclineStep {
        reason: String::new(),
        ..decline()
    };
    offered()
        .when(district(), WED_3, |case| silent.decide(case))
        .refused("reason.missing")
        .when(district(), WED_3, |case| decline().decide(case))
        .then([step_declined("appraisal", 1)]);
}

/// Every command of a performer, by `unit`, refused under `code`.
fn all_refused(mut story: Story, unit: &UnitId, code: &str) -> Story {
    let need = || dossier::step::NeedSupplement {
        step: key("appraisal"),
        items: vec!["Bản vẽ".to_owned()],
        reason: "Thiếu".to_owned(),
    };
    let owed = || dossier::obligation::AssessObligation {
        step: key("appraisal"),
        amount_vnd: 1,
        notice: "TB-15".to_owned(),
    };
    let back = || SendBack {
        step: key("appraisal"),
        to_step: key("survey"),
        reason: "Sai".to_owned(),
    };
    story = story
        .when(unit.clone(), FRI_5, |case| allot().decide(case))
        .refused(code);
    story = story
        .when(unit.clone(), FRI_5, |case| assign().decide(case))
        .refused(code);
    story = story
        .when(unit.clone(), FRI_5, |case| need().decide(case))
        .refused(code);
    story = story
        .when(unit.clone(), FRI_5, |case| {
            ask(close_of(MON_8)).decide(case)
        })
        .refused(code);
    story = story
        .when(unit.clone(), FRI_5, |case| give(1).decide(case))
        .refused(code);
    story = story
        .when(unit.clone(), FRI_5, |case| owed().decide(case))
        .refused(code);
    story = story
        .when(unit.clone(), FRI_5, |case| back().decide(case))
        .refused(code);
    story
        .when(unit.clone(), FRI_5, |case| {
            complete(StepOutcome::Approved).decide(case)
        })
        .refused(code)
}

#[test]
fn who_was_not_given_a_step_does_nothing_about_it() {
    let story = taken();
    let story = story
        .when(police(), FRI_5, |case| accept().decide(case))
        .refused("step.not_held");
    let story = story
        .when(police(), FRI_5, |case| decline().decide(case))
        .refused("step.not_held");
    let story = all_refused(story, &police(), "step.not_held");
    all_refused(story, &commune(), "step.not_held");
}

#[test]
fn a_step_that_was_not_taken_is_not_worked_on() {
    all_refused(offered(), &district(), "step.not_taken");
}

#[test]
fn a_step_that_was_declined_is_not_worked_on() {
    let story = offered().and([by(district(), WED_3, step_declined("appraisal", 1))]);
    all_refused(story, &district(), "step.declined");
}

#[test]
fn a_step_that_ended_is_not_worked_on() {
    let story = taken().and([by(district(), THU_4, completed("appraisal", 1))]);
    let story = all_refused(story, &district(), "step.ended");
    let story = story
        .when(district(), FRI_5, |case| accept().decide(case))
        .refused("step.ended");
    story
        .when(district(), FRI_5, |case| decline().decide(case))
        .refused("step.ended");
}

#[test]
fn nothing_is_done_about_a_dossier_that_is_settled() {
    let story = taken().and([at(THU_4, withdrawn())]);
    all_refused(story, &district(), "outcome.settled");
}

#[test]
fn a_head_allots_and_assigns_as_often_as_needed() {
    let allotted = Fact::StepAllotted(Allotted {
        step: key("appraisal"),
        turn: 1,
        department: "Kinh tế và Hạ tầng".to_owned(),
    });
    let assigned = Fact::StepAssigned(Assigned {
        step: key("appraisal"),
        turn: 1,
        officer: officer(),
    });
    let story = taken()
        .when(district(), WED_3, |case| allot().decide(case))
        .then([allotted.clone()])
        .when(district(), WED_3, |case| assign().decide(case))
        .then([assigned.clone()])
        .when(district(), THU_4, |case| allot().decide(case))
        .then([allotted])
        .when(district(), THU_4, |case| assign().decide(case))
        .then([assigned]);
    let work = &story.dossier().work[&(key("appraisal"), 1)];
    assert_eq!(work.officer, Some(officer()));
    assert_eq!(work.department.as_deref(), Some("Kinh tế và Hạ tầng"));
}

#[test]
fn opinions_are_asked_for_and_come() {
    let story = taken()
        .when(district(), THU_4, |case| ask(close_of(MON_8)).decide(case))
        .then([opinion_asked(1)])
        .when(district(), THU_4, |case| ask(close_of(MON_8)).decide(case))
        .then([opinion_asked(2)])
        // They come in any order.
        .when(district(), FRI_5, |case| give(2).decide(case))
        .then([opinion_given(2)])
        .when(district(), MON_8, |case| give(1).decide(case))
        .then([opinion_given(1)])
        .due(TUE_9);
    let opinions = &story.dossier().work[&(key("appraisal"), 1)].opinions;
    assert_eq!(opinions[0].asked_at, THU_4);
    assert_eq!(opinions[0].given_at, Some(MON_8));
    assert_eq!(opinions[1].given_at, Some(FRI_5));
}

#[test]
fn an_opinion_that_was_not_asked_for_does_not_come() {
    let story = taken().and([by(district(), THU_4, opinion_asked(1))]);
    let story = story
        .when(district(), FRI_5, |case| give(0).decide(case))
        .refused("opinion.not_asked");
    let story = story
        .when(district(), FRI_5, |case| give(2).decide(case))
        .refused("opinion.not_asked");
    story
        .and([by(district(), FRI_5, opinion_given(1))])
        .when(district(), MON_8, |case| give(1).decide(case))
        .refused("opinion.not_asked");
}

#[test]
fn an_opinion_is_asked_for_with_time_to_give_it() {
    taken()
        .when(district(), THU_4, |case| ask(WED_3).decide(case))
        .refused("opinion.no_time");
}

#[test]
fn a_step_is_completed_with_its_documents() {
    let story = taken()
        .when(district(), THU_4, |case| {
            complete(StepOutcome::Approved).decide(case)
        })
        .done();
    assert_eq!(
        story.dossier().work[&(key("appraisal"), 1)].documents,
        [document("Giấy phép")]
    );
    story.the_home_goes_on([ready()]);
}

#[test]
fn a_step_is_rejected_with_a_reason() {
    taken()
        .when(district(), THU_4, |case| {
            complete(StepOutcome::Rejected(" ".to_owned())).decide(case)
        })
        .refused("reason.missing");
}

#[test]
fn the_homes_own_step_is_worked_on_like_any_other() {
    let given_out = Fact::Dispatched(dispatched("birth", 1, commune()));
    given(commune(), [received(&birth_group()), at(TUE_2, given_out)])
        .when(commune(), TUE_2, |case| {
            Accept { step: key("birth") }.decide(case)
        })
        .then([accepted("birth", 1, THU_4)]);
}
