//! The death group: death, residence, and the benefit that the deceased was entitled to (NĐ 63/2024/NĐ-CP
//! as amended by NĐ 301/2026/NĐ-CP art. 10).

use dossier::fact::Fact;
use tests::given::{Line, Story, at, by, given};

use crate::cast::*;
use crate::facts::*;
use crate::group_cast::*;

fn out(name: &str) -> Fact {
    Fact::Dispatched(given_out(&death(), name, 1))
}

/// A step is given out, taken and done on 9 September.
fn done(name: &str, by_whom: dossier::ids::UnitId) -> [Line; 3] {
    let day = |time| september(9, time);
    [
        at(day("10:00"), out(name)),
        by(
            by_whom.clone(),
            day("10:10"),
            accepted(name, 1, september(10, "10:00")),
        ),
        by(by_whom, day("10:20"), completed(name, 1)),
    ]
}

fn names(options: &[&str]) -> Vec<String> {
    let route = route_of(&received_in_group(&death(), options));
    route.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn nd301_art_10_the_branch_is_chosen_by_what_the_deceased_was_entitled_to() {
    let table: [(&[&str], &[&str]); 5] = [
        (&[], &["death", "residence"]),
        (&["bhxh"], &["death", "residence", "funeral"]),
        (&["nguoi_co_cong"], &["death", "residence", "merit"]),
        (&["bao_tro"], &["death", "residence", "protection"]),
        (
            &["dang_huong_tro_cap", "bao_tro"],
            &["death", "residence", "stop_benefit", "protection"],
        ),
    ];
    for (options, route) in table {
        assert_eq!(names(options), route, "{options:?}");
    }
}

#[test]
fn nd301_art_10_the_branches_run_side_by_side_once_the_death_is_registered() {
    received_in_group(&death(), &["nguoi_co_cong"])
        .and(done("death", commune()))
        .the_home_goes_on([out("residence"), out("merit")]);
}

#[test]
fn nd301_art_10_a_benefit_that_was_drawn_is_stopped_before_the_branch_goes_on() {
    let story = received_in_group(&death(), &["dang_huong_tro_cap", "bao_tro"]);
    let protection = route_of(&story).pop().unwrap();
    assert_eq!(
        protection,
        (
            "protection".to_owned(),
            vec!["death".to_owned(), "stop_benefit".to_owned()]
        )
    );
    // Residence is not held up by it: the exception is sequential inside one branch.
    let story: Story = story
        .and(done("death", commune()))
        .the_home_goes_on([out("residence"), out("stop_benefit")]);
    let (taken_at, done_at) = (september(9, "14:00"), september(10, "09:00"));
    story
        .and([
            by(
                insurance(),
                taken_at,
                accepted("stop_benefit", 1, september(11, "10:00")),
            ),
            by(insurance(), done_at, completed("stop_benefit", 1)),
        ])
        .the_home_goes_on([out("protection")]);
}

#[test]
fn without_a_benefit_to_stop_the_branch_does_not_wait_for_it() {
    let story = received_in_group(&death(), &["bhxh"]);
    let funeral = route_of(&story).pop().unwrap();
    assert_eq!(funeral, ("funeral".to_owned(), vec!["death".to_owned()]));
}

#[test]
fn an_option_that_the_procedure_has_not_is_refused_with_those_it_has() {
    let desk = given(commune(), []);
    let at = september(9, "09:00");
    let desk = desk
        .at_the_desk(at, &death(), |desk| online(&["the_can_cuoc"]).decide(desk))
        .saying("bao_tro, bhxh, dang_huong_tro_cap, nguoi_co_cong")
        .refused("intake.option_unknown");
    let desk = desk
        .at_the_desk(at, &licence(), |desk| online(&["bhxh"]).decide(desk))
        .saying("không có lựa chọn nào")
        .refused("intake.option_unknown");
    desk.at_the_desk(at, &death(), |desk| online(&["bhxh", "bhxh"]).decide(desk))
        .refused("intake.option_twice");
}

#[test]
fn options_that_leave_no_step_are_refused() {
    let only_optional = dossier::procedure::Procedure {
        route: death()
            .route
            .into_iter()
            .filter(|step| step.option.is_some())
            .collect(),
        ..death()
    };
    given(commune(), [])
        .at_the_desk(september(9, "09:00"), &only_optional, |desk| {
            online(&[]).decide(desk)
        })
        .saying("bao_tro")
        .refused("route.empty");
}
