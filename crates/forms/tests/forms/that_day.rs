//! A form printed years later is the form of that day, and of that day's circular.

use calendar::Calendar;
use dossier::fact::Fact;
use dossier::promise::Apologised;
use forms::{FormError, FormId, available, register, render};
use history::Statement;
use proptest::prelude::*;

use crate::sample::{Story, USUAL, applicant, desk, land, names};

fn form(name: &str) -> FormId {
    name.parse().unwrap()
}

fn printed(story: &Story, said: &[Statement], form: FormId, event: uuid::Uuid) -> String {
    let persons = applicant(USUAL);
    render(
        form,
        &story.code,
        said,
        event,
        &names(USUAL),
        Some(&persons),
        Calendar::published(),
    )
    .unwrap()
}

/// Why the form is not filled.
fn refusal(story: &Story, asked: &str, event: uuid::Uuid) -> FormError {
    let (code, said, names) = (&story.code, &story.statements, names(USUAL));
    let calendar = Calendar::published();
    render(form(asked), code, said, event, &names, None, calendar).unwrap_err()
}

#[test]
fn nothing_that_is_said_later_changes_a_form() {
    let stories = [
        Story::whole(2024, USUAL),
        Story::whole(2026, USUAL),
        Story::ending_refused(2024, USUAL),
        Story::ending_stopped(2026, USUAL),
    ];
    for story in stories {
        let mut forms = 0;
        for said in 1..=story.statements.len() {
            let that_day = &story.statements[..said];
            for found in available(&story.code, that_day) {
                let then = printed(&story, that_day, found.form, found.event);
                let today = printed(&story, &story.statements, found.form, found.event);
                assert_eq!(then, today, "{}", found.form);
                forms += 1;
            }
        }
        assert!(forms >= story.statements.len(), "{forms}");
    }
}

#[test]
fn an_apology_leaves_the_date_on_the_receipt_as_it_was_promised() {
    let story = Story::whole(2026, USUAL);
    let receipt = printed(
        &story,
        &story.statements,
        form("tt03/1"),
        story.statements[0].id,
    );
    assert!(receipt.contains("ngày 18 tháng 3 năm 2026"));
    assert!(!receipt.contains("ngày 31 tháng 3 năm 2026"));
}

#[test]
fn what_was_recorded_later_is_not_on_a_form_of_that_day_though_it_had_happened() {
    let mut story = Story::of(2026, 1, USUAL);
    story.received();
    story.withdrawn();
    story.stopped();
    let event = story.statements[2].id;
    let in_time = printed(&story, &story.statements, form("tt03/5"), event);
    assert!(in_time.contains("rút hồ sơ lúc"));

    // The same withdrawal, entered two days after the stop that does not know of it.
    story.statements[1].recorded = story.at("03-14T08:00");
    story.statements[1].sequence = 9;
    story.statements[2].parents = vec![story.statements[0].id];
    let too_late = printed(&story, &story.statements, form("tt03/5"), event);
    assert!(!too_late.contains("rút hồ sơ lúc"));
}

#[test]
fn a_form_knows_what_its_writer_knew_though_clocks_disagree() {
    let mut story = Story::of(2026, 1, USUAL);
    story.received();
    story.dispatched();
    let taken = story.accepted();
    // The land office's clock is an hour behind that of the desk.
    story.statements[2].at = story.at("03-04T13:10");
    story.statements[2].recorded = story.at("03-04T13:10");
    let slip = printed(&story, &story.statements, form("tt03/6"), taken);
    assert!(slip.contains("Giao: 14:10 04/03/2026"));
    assert!(slip.contains("Nhận: 13:10 04/03/2026"));
}

#[test]
fn the_form_of_another_circular_is_refused_with_the_right_one() {
    let (old, new) = (Story::whole(2024, USUAL), Story::whole(2026, USUAL));
    for (story, asked, right) in [(&old, "tt03/1", "tt01/1"), (&new, "tt01/1", "tt03/1")] {
        let event = story.statements[0].id;
        let refused = refusal(story, asked, event);
        assert!(matches!(&refused, FormError::NotInUse { right: r, .. } if *r == form(right)));
        assert!(refused.to_string().contains(right), "{refused}");
    }
    let stopped = Story::ending_stopped(2024, USUAL);
    let event = stopped.statements[4].id;
    let refused = refusal(&stopped, "tt03/5", event);
    assert!(matches!(refused, FormError::NoneInUse { .. }), "{refused}");
}

#[test]
fn a_form_of_2018_says_that_its_circular_came_later() {
    for (year, says) in [(2018, true), (2024, false)] {
        let story = Story::whole(year, USUAL);
        let event = story.statements[0].id;
        let receipt = printed(&story, &story.statements, form("tt01/1"), event);
        assert_eq!(receipt.contains("có hiệu lực từ ngày 06/01/2019"), says);
    }
}

#[test]
fn form_05_of_one_circular_is_not_taken_for_that_of_the_other() {
    // Asked for by number 5, a stop of 2026 is no control slip and a hand-over is no stop.
    let story = Story::ending_stopped(2026, USUAL);
    let said = &story.statements;
    for (asked, event) in [("tt01/5", said[4].id), ("tt03/5", said[1].id)] {
        let refused = refusal(&story, asked, event);
        assert!(
            matches!(refused, FormError::NotOfThisEvent { .. }),
            "{refused}"
        );
    }
}

#[test]
fn a_control_slip_stays_the_form_that_it_was_begun_as() {
    // Handed over under the first circular; the result came under the second.
    let mut story = Story::of(2025, 1, USUAL);
    story.received();
    story.dispatched();
    story.accepted();
    story.completed();
    let ready = Fact::ResultReady(dossier::outcome::ResultReady {});
    story.says(&desk(), "10-01T08:00", ready);
    let slips = available(&story.code, &story.statements);
    assert_eq!(slips.last().unwrap().form, form("tt01/5"));
}

#[test]
fn a_control_slip_of_an_earlier_hand_over_can_still_be_printed() {
    let story = Story::whole(2026, USUAL);
    let given = printed(
        &story,
        &story.statements,
        form("tt03/6"),
        story.statements[1].id,
    );
    assert!(given.contains("14:10 04/03/2026") && !given.contains("07:45 05/03/2026"));
}

#[test]
fn what_a_unit_had_no_right_to_say_gives_no_form() {
    let mut story = Story::of(2026, 1, USUAL);
    story.received();
    let not_theirs = Fact::Apologised(Apologised {
        reason: USUAL.reason.to_owned(),
        old_due_at: story.at("03-18T17:00"),
        new_due_at: story.at("03-31T17:00"),
        late: false,
    });
    let event = story.says(&land(), "03-10T08:00", not_theirs);
    let found = available(&story.code, &story.statements);
    assert_eq!(found.len(), 1);
    let refused = refusal(&story, "tt03/4", event);
    assert!(
        matches!(&refused, FormError::Contested { by, .. } if *by == land()),
        "{refused}"
    );
}

#[test]
fn an_unknown_event_and_a_misplaced_register_are_named() {
    let story = Story::whole(2026, USUAL);
    let said = &story.statements;
    let nobody = uuid::Uuid::from_u128(7);
    let refused = refusal(&story, "tt03/1", nobody);
    assert!(
        refused.to_string().contains(&nobody.to_string()),
        "{refused}"
    );
    let refused = refusal(&story, "tt03/7", said[0].id);
    assert_eq!(refused, FormError::IsTheRegister(form("tt03/7")));
    let as_of = story.at("12-31T17:00");
    let refused = register(form("tt03/1"), &desk(), as_of, &[], &names(USUAL)).unwrap_err();
    assert_eq!(refused, FormError::IsNotTheRegister(form("tt03/1")));
    let refused = register(form("tt01/6"), &desk(), as_of, &[], &names(USUAL)).unwrap_err();
    let right = form("tt03/7");
    let asked = form("tt01/6");
    assert_eq!(refused, FormError::NotInUse { asked, right });
}

proptest! {
    #[test]
    fn any_order_of_arrival_and_any_repetition_gives_the_same_forms(
        order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
        again in proptest::collection::vec(0..9_usize, 0..4),
    ) {
        let story = Story::whole(2026, USUAL);
        let pick = order.into_iter().chain(again);
        let arrived: Vec<Statement> = pick.map(|i| story.statements[i].clone()).collect();
        let forms = available(&story.code, &story.statements);
        prop_assert_eq!(&available(&story.code, &arrived), &forms);
        for found in forms {
            prop_assert_eq!(
                printed(&story, &arrived, found.form, found.event),
                printed(&story, &story.statements, found.form, found.event)
            );
        }
    }
}
