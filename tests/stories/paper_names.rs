//! A paper keeps the name that the procedure's list gave it on the day it was checked, whatever the
//! list says later and whatever the officer's program sends.

use dossier::fact::Fact;
use dossier::intake::{PaperCheck, PinnedProcedure, Repinned, Verdict};
use dossier::procedure::WaitEffect;
use dossier::supplement::{GiveSupplement, Given};
use tests::given::{Story, at, given};

use crate::cast::*;
use crate::facts::*;

fn named(paper: u16, verdict: Verdict, name: &str) -> PaperCheck {
    PaperCheck {
        name: Some(name.to_owned()),
        ..seen(paper, verdict)
    }
}

/// Received with two papers and without the authorisation; asked for something more on the 4th.
fn asked() -> Story {
    let papers = vec![
        named(1, Verdict::Original, "Nguyễn Văn A, 091190000012"),
        seen(2, Verdict::Copy),
        seen(3, Verdict::Missing),
    ];
    given(commune(), [])
        .at_the_desk(TUE_2, &licence(), |desk| receive(papers).decide(desk))
        .done()
        .and([at(
            THU_4,
            supplement_asked(None, "Giấy ủy quyền", WaitEffect::Restart),
        )])
}

/// What is written down when these papers are given on the 10th.
fn given_with(story: Story, papers: Vec<PaperCheck>, written: Vec<PaperCheck>) {
    let give = GiveSupplement { papers };
    let recounted = recounted(WaitEffect::Restart, working_days(5), WED_17);
    story
        .when(commune(), WED_10, |case| give.decide(case))
        .then([Fact::SupplementGiven(Given {
            papers: written,
            recounted,
        })]);
}

#[test]
fn what_is_handed_in_and_what_is_missing_is_written_down_by_its_name() {
    let story = asked();
    assert_eq!(
        story.dossier().received().unwrap().papers,
        [
            named(1, Verdict::Original, "Đơn đề nghị"),
            named(2, Verdict::Copy, "Bản vẽ"),
            named(3, Verdict::Missing, "Giấy ủy quyền"),
        ],
        "a name in the command is not taken"
    );
}

#[test]
fn what_comes_later_has_the_name_that_was_written_down_at_reception() {
    given_with(
        asked(),
        vec![seen(3, Verdict::Original)],
        vec![named(3, Verdict::Original, "Giấy ủy quyền")],
    );
}

#[test]
fn what_stood_in_no_list_at_reception_has_no_name() {
    given_with(
        asked(),
        vec![named(9, Verdict::Copy, "Nguyễn Văn A, 091190000012")],
        vec![seen(9, Verdict::Copy)],
    );
}

#[test]
fn what_is_checked_by_another_version_is_not_named_by_the_first() {
    let procedure = licence();
    let repinned = Fact::Repinned(Box::new(Repinned {
        procedure: PinnedProcedure::from(&procedure),
        route: procedure.route.clone(),
        clock: procedure.clock,
        approver: officer(),
        reason: "Phiên bản mới".to_owned(),
        basis: "QĐ 01/2018/QĐ-UBND".to_owned(),
    }));
    given_with(
        asked().and([at(FRI_5, repinned)]),
        vec![seen(3, Verdict::Original)],
        vec![seen(3, Verdict::Original)],
    );
}
