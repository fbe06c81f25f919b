//! What an explanation lists as held, against what can be printed: both tell one fact.

use calendar::Calendar;
use forms::{Kind, available};

use crate::sample::{Story, USUAL};

#[test]
fn what_an_explanation_says_the_citizen_holds_is_what_can_be_printed() {
    let mut late_step = Story::of(2026, 4, USUAL);
    late_step.received();
    late_step.dispatched();
    late_step.accepted();
    late_step.step_apologised();
    let mut withdrawn = Story::of(2026, 5, USUAL);
    withdrawn.received();
    withdrawn.withdrawn();
    let stories = [2024, 2026].into_iter().flat_map(|year| {
        [
            Story::whole(year, USUAL),
            Story::ending_refused(year, USUAL),
            Story::ending_stopped(year, USUAL),
        ]
    });
    for story in stories.chain([late_step, withdrawn]) {
        let tale = history::fold(&story.code, &story.statements);
        let end_of_year = story.at("12-31T17:00");
        let why = report::why::explain(&tale, end_of_year, Calendar::published());
        let held = why.unwrap().unwrap().forms;
        let held: Vec<_> = held
            .iter()
            .map(|held| (held.form, held.issued_at))
            .collect();
        let printable = available(&story.code, &story.statements).into_iter();
        let theirs = printable.filter(|found| found.form.kind() != Kind::ControlSlip);
        let theirs: Vec<_> = theirs.map(|found| (found.form, found.at)).collect();
        assert_eq!(held, theirs, "{}", story.code.as_str());
    }
}
