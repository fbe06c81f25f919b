//! A hand-over has two moments, given and taken (Phiếu kiểm soát quá trình giải quyết hồ sơ): both are
//! kept, and the performer's own clock starts with the second.

use dossier::fact::Fact;
use dossier::step::Accept;
use tests::given::{at, close_of, given};

use crate::cast::*;
use crate::facts::*;

#[test]
fn both_moments_are_kept_and_the_performers_clock_starts_with_the_second() {
    let story = given(commune(), [received(&licence())])
        .and([at(
            TUE_2,
            Fact::Dispatched(dispatched("appraisal", 1, district())),
        )])
        .when(district(), FRI_5, |case| {
            Accept {
                step: key("appraisal"),
            }
            .decide(case)
        })
        .done();
    assert_eq!(
        story.dossier().walk.turns[&key("appraisal")][0].given_at,
        TUE_2
    );
    let work = &story.dossier().work[&(key("appraisal"), 1)];
    assert_eq!(work.accepted_at, Some(FRI_5));
    assert_eq!(
        work.due_at,
        Some(close_of(TUE_9)),
        "two working days after the 5th: 8, 9"
    );
}

#[test]
fn the_promise_to_the_citizen_does_not_wait_for_a_hand_over() {
    given(commune(), [received(&licence())])
        .and([at(
            TUE_2,
            Fact::Dispatched(dispatched("appraisal", 1, district())),
        )])
        .when(district(), FRI_5, |case| {
            Accept {
                step: key("appraisal"),
            }
            .decide(case)
        })
        .done()
        .due(TUE_9);
}
