//! Personal data is erased when nothing has to be kept any more, everywhere or not at all; and what
//! stands against it is told and written down (Luật 91/2025/QH15 art. 14).

use calendar::{Moment, parse_moment};
use dossier::case::{Case, Refusal};
use dossier::erase::{Erase, Erasure};
use dossier::fact::Fact;
use dossier::ids::UnitId;
use dossier::privacy::{
    Basis, Erased, ErasureOrdered, ErasureRefused, Field, KeyGranted, KeysDestroyed, Obstacle,
    Purpose, Read, Retention,
};
use tests::given::{Line, Story, at, by, given};
use uuid::Uuid;

use crate::cast::*;
use crate::facts::*;

fn erase() -> Erase {
    Erase {
        basis: Basis::SubjectRequest,
        reason: "Đơn số 12 ngày 19/01/2018".to_owned(),
    }
}

fn kept(years: Option<u16>) -> Retention {
    Retention {
        years,
        basis: "NĐ 23/2015/NĐ-CP điều 14 khoản 2".to_owned(),
    }
}

fn decided(
    story: &Story,
    unit: &UnitId,
    moment: Moment,
    rule: Option<&Retention>,
) -> Result<Erasure, Refusal> {
    let officer = officer();
    let case = Case {
        me: unit,
        at: moment,
        officer: Some(&officer),
        dossier: story.dossier(),
        calendar: calendar::Calendar::published(),
    };
    erase().decide(&case, &officer, rule)
}

fn refused(story: &Story, moment: Moment, rule: Option<&Retention>) -> (ErasureRefused, Refusal) {
    match decided(story, &commune(), moment, rule) {
        Ok(Erasure::Refused(Fact::ErasureRefused(fact), refusal)) => (*fact, refusal),
        other => panic!("{other:?}"),
    }
}

fn ordered(story: &Story, moment: Moment, rule: Option<&Retention>) -> Fact {
    match decided(story, &commune(), moment, rule) {
        Ok(Erasure::Ordered(fact)) => fact,
        other => panic!("{other:?}"),
    }
}

fn granted(unit: UnitId) -> Fact {
    Fact::KeyGranted(KeyGranted { to: unit })
}

fn destroyed() -> Fact {
    Fact::KeysDestroyed(KeysDestroyed {
        keys: [Uuid::from_u128(7)].into(),
    })
}

/// Received on Tuesday 2 January, worked on by the district, and returned on Friday 12.
fn returned_on_friday() -> Story {
    given(commune(), licence_in_work(&licence())).and([
        at(FRI_5, granted(district())),
        by(district(), TUE_9, completed("appraisal", 1)),
        at(TUE_9, ready()),
        at(FRI_12, returned()),
    ])
}

fn day(text: &str) -> Moment {
    parse_moment(&format!("{text}T08:00:00+07:00")).unwrap()
}

#[test]
fn luat_91_art_14_2_a_running_dossier_is_not_erased_and_that_is_written_down() {
    let running = given(commune(), licence_in_work(&licence()));
    let (fact, refusal) = refused(&running, FRI_19, Some(&kept(Some(2))));
    assert_eq!(fact.obstacle, Obstacle::Running);
    assert_eq!(refusal.code, "personal_data.in_use");
    assert!(refusal.rule.contains("điều 14 khoản 2, điều 19"));
    assert!(
        fact.message.contains("đang được giải quyết"),
        "{}",
        fact.message
    );
    // A result that lies at the desk is waited for: somebody has to be told of it.
    let at_the_desk = running.and([
        by(district(), TUE_9, completed("appraisal", 1)),
        at(TUE_9, ready()),
    ]);
    assert_eq!(
        refused(&at_the_desk, FRI_19, None).0.obstacle,
        Obstacle::Running
    );
}

#[test]
fn nd23_art_14_2_a_dossier_is_kept_for_two_years_from_its_result_to_the_day() {
    let rule = kept(Some(2));
    let story = returned_on_friday();
    let (fact, refusal) = refused(&story, day("2020-01-11"), Some(&rule));
    assert_eq!(fact.obstacle, Obstacle::Retained);
    assert_eq!(fact.until, Some(day("2020-01-12").date_naive()));
    assert_eq!(fact.retention, Some(rule.clone()));
    assert_eq!(refusal.code, "personal_data.retained");
    for told in ["2 năm", "12/01/2020", "NĐ 23/2015/NĐ-CP điều 14 khoản 2"] {
        assert!(fact.message.contains(told), "{}", fact.message);
    }
    let Fact::ErasureOrdered(order) = ordered(&story, day("2020-01-12"), Some(&rule)) else {
        panic!("no order");
    };
    let ErasureOrdered {
        keys,
        places,
        retention,
        ..
    } = *order;
    assert_eq!(keys, [Uuid::from_u128(7)].into());
    assert_eq!(places, [commune(), district()].into());
    assert_eq!(retention, Some(rule));
}

#[test]
fn what_is_kept_for_ever_is_never_erased() {
    let (fact, _) = refused(&returned_on_friday(), day("2218-01-12"), Some(&kept(None)));
    assert_eq!((fact.obstacle, fact.until), (Obstacle::Retained, None));
    assert!(fact.message.contains("vĩnh viễn"), "{}", fact.message);
}

#[test]
fn what_nobody_wrote_a_rule_down_for_is_not_erased_after_a_result() {
    let (fact, refusal) = refused(&returned_on_friday(), day("2050-01-12"), None);
    assert_eq!(fact.obstacle, Obstacle::Unregulated);
    assert_eq!(refusal.code, "personal_data.retention_unknown");
}

#[test]
fn what_led_to_no_result_need_not_be_kept() {
    for end in [withdrawn(), stopped()] {
        let story = given(commune(), [received(&licence()), at(WED_3, end)]);
        ordered(&story, THU_4, Some(&kept(None)));
    }
    let online = given(commune(), [at(TUE_2, registered())]);
    assert_eq!(refused(&online, WED_3, None).0.obstacle, Obstacle::Running);
    ordered(&online.and([at(WED_3, declined())]), THU_4, None);
}

#[test]
fn only_the_home_erases_with_a_reason_and_once() {
    let story = given(commune(), [received(&licence()), at(WED_3, withdrawn())]);
    let elsewhere = decided(&story, &district(), THU_4, None).unwrap_err();
    assert_eq!(elsewhere.code, "home.elsewhere");
    let order = ordered(&story, THU_4, None);
    let again = decided(&story.and([at(THU_4, order)]), &commune(), FRI_5, None).unwrap_err();
    assert_eq!(again.code, "personal_data.erased_already");
    let (me, who) = (commune(), officer());
    let story = given(commune(), [received(&licence()), at(WED_3, withdrawn())]);
    let case = Case {
        me: &me,
        at: THU_4,
        officer: Some(&who),
        dossier: story.dossier(),
        calendar: calendar::Calendar::published(),
    };
    let silent = Erase {
        reason: " ".to_owned(),
        ..erase()
    };
    assert_eq!(
        silent.decide(&case, &who, None).unwrap_err().code,
        "reason.missing"
    );
}

#[test]
fn it_is_erased_when_the_last_unit_that_had_the_key_says_so() {
    let story = returned_on_friday();
    let when = day("2020-01-13");
    let order = ordered(&story, when, Some(&kept(Some(2))));
    let story = story.and([at(when, order)]).the_home_goes_on([]);
    assert_eq!(story.dossier().privacy.awaited(), [&district(), &commune()]);
    let story = story.and([at(when, destroyed())]).the_home_goes_on([]);
    assert_eq!(story.dossier().privacy.erased_at, None);
    let story = story.and([by(district(), when, destroyed())]);
    let erased = Fact::Erased(Box::new(Erased {
        keys: [Uuid::from_u128(7)].into(),
        places: [commune(), district()].into(),
        basis: Basis::SubjectRequest,
        article: Basis::SubjectRequest.label().to_owned(),
        officer: officer(),
    }));
    let story = story.the_home_goes_on([erased]);
    assert_eq!(story.dossier().privacy.erased_at, Some(when));
    // Heard again it leads to nothing.
    story
        .and([by(district(), when, destroyed())])
        .the_home_goes_on([]);
}

/// Facts about personal data, their writer, and a story in which no other unit may write them.
pub fn of_personal_data() -> Vec<(Fact, UnitId, Story)> {
    let home = || given(commune(), [received(&licence())]);
    let line = |fact: Fact| -> [Line; 1] { [at(WED_3, fact)] };
    let ended = || home().and(line(withdrawn()));
    let order = ordered(&ended(), THU_4, None);
    let (refusal, _) = refused(&home(), WED_3, None);
    let read = Fact::Read(Read {
        officer: officer(),
        purpose: Purpose::Contact,
        applicant: vec![Field::Name, Field::Phone],
        delegate: Vec::new(),
    });
    let erased = Fact::Erased(Box::new(Erased {
        keys: [Uuid::from_u128(7)].into(),
        places: [commune()].into(),
        basis: Basis::Decision,
        article: Basis::Decision.label().to_owned(),
        officer: officer(),
    }));
    vec![
        (read, commune(), home()),
        (granted(district()), commune(), home()),
        (Fact::ErasureRefused(Box::new(refusal)), commune(), home()),
        (order.clone(), commune(), ended()),
        (destroyed(), commune(), ended().and(line(order))),
        (erased, commune(), ended()),
    ]
}

#[test]
fn a_unit_that_was_given_a_step_tells_of_its_own_readings_and_no_other_does() {
    let story = given(commune(), licence_in_work(&licence()));
    let [(read, ..), ..] = &of_personal_data()[..] else {
        panic!("no readings");
    };
    for unit in everyone() {
        let entitled = unit == commune() || unit == district();
        let allowed = story.dossier().may_write(&unit, read).is_ok();
        assert_eq!(allowed, entitled, "{unit}");
    }
}
