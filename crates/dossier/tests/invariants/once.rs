//! How a dossier ended is told once.

use calendar::Moment;
use dossier::dossier::{Dossier, Told};
use dossier::fact::Fact;
use dossier::ids::OfficerId;
use dossier::outcome::{
    Outcome, Refused, ResultReady, ResultReturned, ReturnChannel, Stopped, Withdrawn,
};
use proptest::prelude::{prop_assert_eq, proptest};
use uuid::Uuid;

use crate::intake_facts::received;
use crate::world::{code, home, moment};

fn ends() -> [Fact; 5] {
    let reason = || "Lý do".to_owned();
    [
        Fact::Refused(Refused {
            reason: reason(),
            late: false,
        }),
        Fact::Withdrawn(Withdrawn { reason: reason() }),
        Fact::Stopped(Stopped { reason: reason() }),
        Fact::ResultReady(ResultReady {}),
        Fact::ResultReturned(ResultReturned {
            channel: ReturnChannel::Counter,
            officer: OfficerId::parse("cb-01").unwrap(),
        }),
    ]
}

fn told(dossier: &mut Dossier, number: u128, at: Moment, fact: &Fact) {
    let by = home();
    let circumstances = Told {
        id: Uuid::from_u128(number),
        by: &by,
        at,
        parents: &[],
    };
    dossier.evolve(&circumstances, fact);
}

proptest! {
    #[test]
    fn an_end_that_is_told_again_stays_where_it_was(first in received(), at in moment(), again in moment()) {
        let mut dossier = Dossier::at(code(), home());
        told(&mut dossier, 0, at, &first);
        for (number, end) in (1..).zip(ends()) {
            told(&mut dossier, number, at, &end);
        }
        let once = Outcome {
            refused_at: Some(at),
            withdrawn_at: Some(at),
            stopped_at: Some(at),
            ready_at: Some(at),
            returned_at: Some(at),
            ..Outcome::default()
        };
        prop_assert_eq!(&dossier.outcome, &once);
        for (number, end) in (10..).zip(ends()) {
            told(&mut dossier, number, again, &end);
        }
        prop_assert_eq!(&dossier.outcome, &once);
    }
}
