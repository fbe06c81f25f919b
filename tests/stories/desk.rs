//! When the clock starts, when the desk is open, and what else is written at reception, by article.

use calendar::{Calendar, DeskDays, Limit, Moment, SaturdayDesk, parse_moment};
use dossier::case::Refusal;
use dossier::desk::AtTheDesk;
use dossier::fact::Fact;
use dossier::intake::{Alias, Channel, PaperRegister, Received};
use dossier::outcome::ReturnChannel;
use dossier::procedure::Procedure;
use dossier::receive::Receive;
use dossier::regime::{ClockStart, Regime};

use crate::cast::*;
use crate::facts::*;
use crate::group_cast;

fn at(text: &str) -> Moment {
    parse_moment(&format!("{text}:00+07:00")).unwrap()
}

/// What a desk of the commune is asked, and what it knows.
struct Asked {
    at: Moment,
    procedure: Procedure,
    competent: dossier::ids::UnitId,
    saturday: SaturdayDesk,
    receive: Receive,
}

/// A plain licence with nothing to check, decided by the commune itself.
fn asked(text: &str) -> Asked {
    Asked {
        at: at(text),
        procedure: Procedure {
            papers: Vec::new(),
            ..licence()
        },
        competent: commune(),
        saturday: SaturdayDesk::Closed,
        receive: receive(Vec::new()),
    }
}

impl Asked {
    fn decided(self) -> Result<Box<Received>, Refusal> {
        let desk = AtTheDesk {
            me: &commune(),
            at: self.at,
            officer: &officer(),
            procedure: &self.procedure,
            competent: &self.competent,
            overseer: None,
            calendar: Calendar::published(),
            desk_days: DeskDays {
                saturday: self.saturday,
            },
            registered: None,
        };
        let mut facts = self.receive.decide(&desk)?;
        match facts.swap_remove(0) {
            Fact::Received(received) => Ok(received),
            other => panic!("{other:?}"),
        }
    }

    fn received(self) -> Received {
        *self.decided().unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    fn refused(self, code: &str) -> String {
        let refusal = self.decided().expect_err("it is refused");
        assert_eq!(refusal.code, code, "{refusal}");
        refusal.message
    }
}

/// Outside the territory of the district, which decides.
fn outside(text: &str) -> Asked {
    let plain = asked(text);
    Asked {
        competent: district(),
        receive: Receive {
            outside: true,
            ..plain.receive
        },
        ..plain
    }
}

#[test]
fn nd61_art_17_1c_and_nd118_art_17_3_the_clock_starts_with_the_receipt() {
    // Regime, moment, the end of five working days.
    let table = [
        (Regime::Nd61, "2018-07-02T09:00", "2018-07-09T17:00"),
        (Regime::Nd118, "2025-07-01T09:00", "2025-07-08T17:00"),
        (Regime::Nd118Nd309, "2026-08-05T09:00", "2026-08-12T17:00"),
    ];
    for (regime, received_at, due_at) in table {
        let received = asked(received_at).received();
        assert_eq!(received.regime, regime, "{received_at}");
        assert_eq!(received.particulars.start, ClockStart::OnReceipt);
        assert_eq!(received.particulars.counted_from, None);
        assert_eq!(received.due_at, Some(at(due_at)));
    }
}

#[test]
fn nd309_art_8_3_outside_the_territory_the_clock_starts_at_the_competent_agency() {
    // Wednesday; handed over by the end of the same day, or the next morning after 15:00.
    let table = [
        ("2026-09-09T09:00", "2026-09-09T17:00", "2026-09-16T17:00"),
        ("2026-09-09T15:01", "2026-09-10T07:00", "2026-09-17T17:00"),
    ];
    for (received_at, counted_from, due_at) in table {
        let received = outside(received_at).received();
        assert_eq!(received.particulars.start, ClockStart::OnCompetentReceipt);
        assert_eq!(
            received.particulars.counted_from,
            Some(at(counted_from)),
            "{received_at}"
        );
        assert_eq!(received.due_at, Some(at(due_at)), "{received_at}");
    }
}

#[test]
fn nd309_art_8_3_a_desk_that_decides_itself_starts_the_clock_with_the_receipt() {
    let received = Asked {
        competent: commune(),
        ..outside("2026-09-09T09:00")
    }
    .received();
    assert_eq!(received.particulars.start, ClockStart::OnReceipt);
    assert_eq!(received.particulars.counted_from, None);
}

#[test]
fn before_nd309_outside_the_territory_made_no_difference() {
    let received = outside("2026-08-04T09:00").received();
    assert_eq!(received.regime, Regime::Nd118);
    assert_eq!(received.particulars.start, ClockStart::OnReceipt);
}

#[test]
fn nd99_2022_art_16_sector_law_goes_before_the_regime() {
    let registered_at_the_office = |start| {
        let plain = asked("2018-07-02T09:00");
        let procedure = Procedure {
            start,
            ..plain.procedure
        };
        Asked {
            competent: land_office(),
            procedure,
            ..plain
        }
        .received()
    };
    let by_law = registered_at_the_office(Some(ClockStart::OnCompetentReceipt));
    assert_eq!(by_law.particulars.start, ClockStart::OnCompetentReceipt);
    assert_eq!(
        by_law.particulars.counted_from,
        Some(at("2018-07-02T17:00"))
    );
    let by_regime = registered_at_the_office(None);
    assert_eq!(by_regime.particulars.counted_from, None);
}

/// First effect of 15:00: only the hand-over may wait, no limit in days moves.
#[test]
fn nd61_art_18_2_after_15_00_the_hand_over_waits_and_the_limit_does_not() {
    for time in ["2018-07-02T09:00", "2018-07-02T15:01"] {
        let received = asked(time).received();
        assert_eq!(received.due_at, Some(at("2018-07-09T17:00")), "{time}");
    }
    let (before, after) = ("2026-09-09T15:00", "2026-09-09T15:01");
    let counted_from = |time| outside(time).received().particulars.counted_from;
    assert_eq!(counted_from(before), Some(at("2026-09-09T17:00")));
    assert_eq!(counted_from(after), Some(at("2026-09-10T07:00")));
}

/// Second effect of 15:00: a same-day result becomes one of the next working day.
#[test]
fn nd23_2015_art_7_after_15_00_a_same_day_result_is_due_on_the_next_working_day() {
    let table = [
        ("2018-07-06T15:00", "2018-07-06T17:00"),
        ("2018-07-06T15:01", "2018-07-09T17:00"),
    ];
    for (received_at, due_at) in table {
        let plain = asked(received_at);
        let same_day = Procedure {
            limit: Limit::SAME_DAY,
            ..plain.procedure
        };
        let received = Asked {
            procedure: same_day,
            ..plain
        }
        .received();
        assert_eq!(received.due_at, Some(at(due_at)), "{received_at}");
    }
}

/// Third effect of 15:00: in the birth and death groups the clock itself starts later.
#[test]
fn nd301_art_5_2_after_15_00_the_clock_of_a_group_starts_on_the_next_working_day() {
    let in_group = |text| {
        let plain = asked(text);
        let procedure = group_cast::birth();
        let receive = group_cast::online(&[]);
        Asked {
            procedure,
            receive,
            ..plain
        }
        .received()
    };
    assert_eq!(
        in_group("2026-09-09T15:00").due_at,
        Some(at("2026-09-14T17:00"))
    );
    let late = in_group("2026-09-09T15:01");
    assert_eq!(late.particulars.counted_from, Some(at("2026-09-10T07:00")));
    assert_eq!(late.due_at, Some(at("2026-09-15T17:00")));
    // A portal takes submissions on any day; the clock starts on Monday.
    let sunday = in_group("2026-09-13T20:00");
    assert_eq!(
        sunday.particulars.counted_from,
        Some(at("2026-09-14T07:00"))
    );
    assert_eq!(
        in_group("2026-08-28T15:01").particulars.counted_from,
        None,
        "NĐ 301 is in force from 1 September 2026"
    );
}

#[test]
fn qd127_2007_over_the_counter_a_desk_receives_on_its_own_days() {
    let saturday = "2025-03-15T09:00";
    // Whoever stands before a closed desk and is served anyway is written down as such.
    let closed = asked(saturday).received();
    assert!(closed.particulars.off_days);
    assert_eq!(closed.due_at, Some(at("2025-03-21T17:00")));
    let open = Asked {
        saturday: SaturdayDesk::Morning,
        ..asked(saturday)
    };
    // Day 1 is Monday all the same.
    let received = open.received();
    assert!(!received.particulars.off_days);
    assert_eq!(received.due_at, Some(at("2025-03-21T17:00")));
    for channel in [Channel::Online, Channel::Post] {
        let plain = asked(saturday);
        let receive = Receive {
            channel,
            ..plain.receive
        };
        let received = Asked { receive, ..plain }.received();
        assert_eq!(received.due_at, Some(at("2025-03-21T17:00")), "{channel:?}");
        assert!(!received.particulars.off_days, "{channel:?}");
    }
    let holiday = Asked {
        saturday: SaturdayDesk::WholeDay,
        ..asked("2025-09-02T09:00")
    }
    .received();
    assert!(holiday.particulars.off_days, "a public holiday");
    // A Saturday worked in exchange for another day is a working day.
    assert!(!asked("2025-04-26T09:00").received().particulars.off_days);
}

fn alias(scheme: &str, code: &str) -> Alias {
    Alias {
        scheme: scheme.to_owned(),
        code: code.to_owned(),
    }
}

#[test]
fn tt01_2018_mau_01_what_was_written_at_reception_is_kept() {
    let plain = asked("2018-07-02T09:00");
    let paper = PaperRegister {
        volume: "02/2018".to_owned(),
        number: 17,
    };
    let aliases = vec![alias("dvcqg", "G22.99.12-180702-0001")];
    let receive = Receive {
        sets: 2,
        return_by: Some(ReturnChannel::Post),
        paper: Some(paper.clone()),
        aliases: aliases.clone(),
        ..plain.receive
    };
    let particulars = Asked { receive, ..plain }.received().particulars;
    assert_eq!(particulars.sets, 2);
    assert_eq!(particulars.return_by, Some(ReturnChannel::Post));
    assert_eq!(particulars.paper, Some(paper));
    assert_eq!(particulars.aliases, aliases);
}

#[test]
fn what_cannot_be_right_is_refused_and_said() {
    let with = |change: fn(&mut Receive)| {
        let mut asked = asked("2018-07-02T09:00");
        change(&mut asked.receive);
        asked
    };
    with(|receive| receive.sets = 0).refused("intake.sets");
    let message = with(|receive| receive.sets = 1_000).refused("intake.sets");
    assert!(message.contains("1 đến 999"), "{message}");
    with(|receive| {
        receive.paper = Some(PaperRegister {
            volume: " ".to_owned(),
            number: 1,
        });
    })
    .refused("intake.paper_register");
    with(|receive| {
        receive.paper = Some(PaperRegister {
            volume: "01".to_owned(),
            number: 0,
        });
    })
    .refused("intake.paper_register");
    with(|receive| receive.aliases = vec![alias("dvcqg", "")]).refused("alias.malformed");
    with(|receive| receive.aliases = vec![alias("dvcqg", "A"), alias("dvcqg", "A")])
        .refused("alias.noted");
    let many = with(|receive| {
        receive.aliases = (0..17).map(|n| alias("dvcqg", &n.to_string())).collect();
    });
    many.refused("alias.too_many");
}

#[test]
fn an_option_that_only_chooses_a_limit_is_kept_too() {
    let mut asked = asked("2018-07-02T09:00");
    asked.procedure.options = vec!["vung_kho_khan".to_owned()];
    asked.receive.options = vec!["vung_kho_khan".to_owned()];
    let received = asked.received();
    assert_eq!(received.particulars.options, ["vung_kho_khan"]);
    assert_eq!(received.route.len(), 1);
}

#[test]
fn a_command_without_the_newer_fields_reads_and_writes_as_before() {
    let written = serde_json::to_value(receive(Vec::new())).unwrap();
    let fields: Vec<&String> = written.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["applicant", "at_once", "channel", "papers", "procedure"]
    );
    let read: Receive = serde_json::from_value(written).unwrap();
    assert_eq!(read, receive(Vec::new()));
}
