//! What a desk offers on which day: versions, successors, limits by case, the interconnected groups.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use calendar::{Limit, LimitUnit};
use catalogue::{Asked, Catalogue, NotOffered};
use chrono::NaiveDate;
use dossier::ids::{ProcedureCode, UnitId};
use dossier::intake::Channel;
use dossier::procedure::{Procedure, RouteStep, WaitEffect};
use dossier::promise::Wait;
use dossier::regime::{ClockStart, Group};

fn deploy(part: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../deploy")
        .join(part)
}

fn profile(name: &str) -> Catalogue {
    Catalogue::load(&deploy("registers"), &deploy(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn unit(id: &str) -> UnitId {
    UnitId::parse(id).unwrap()
}

fn code(text: &str) -> ProcedureCode {
    ProcedureCode::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn asked(
    catalogue: &Catalogue,
    procedure: &str,
    on: &str,
    options: &[&str],
) -> Result<Procedure, NotOffered> {
    let options: Vec<String> = options.iter().map(|o| (*o).to_owned()).collect();
    let asked = Asked {
        date: day(on),
        channel: Channel::Online,
        options: &options,
    };
    let home = catalogue
        .units()
        .find(|unit| unit.level == catalogue::Level::Commune)
        .unwrap();
    let offered = catalogue.procedure_for(&home.id, &code(procedure), &asked);
    offered.map(|(procedure, _)| procedure)
}

fn working_days(amount: u32) -> Limit {
    Limit::new(amount, LimitUnit::WorkingDays).unwrap()
}

#[test]
fn hundreds_of_real_procedures_are_held_with_their_sources() {
    let held = profile("an-giang").summary();
    assert!(held.procedures >= 500, "{held:?}");
    assert!(held.versions > held.procedures, "{held:?}");
    assert!(held.routes >= 20 && held.routed >= 40, "{held:?}");
    assert!(held.sources >= 300 && held.fields >= 70, "{held:?}");
}

#[test]
fn every_procedure_of_the_two_tier_model_can_be_walked_at_its_commune() {
    let catalogue = profile("an-giang");
    let home = unit("H01-169");
    let offered = catalogue.offered_at(&home, day("2026-10-01"));
    assert!(offered.len() >= 290, "{}", offered.len());
    for code in offered {
        let asked = Asked::on(day("2026-10-01"));
        let (procedure, _) = catalogue.procedure_for(&home, code, &asked).unwrap();
        let own = procedure.route.iter().filter(|step| step.unit == home);
        assert!(
            own.into_iter().all(|step| step.department.is_some()),
            "{code}"
        );
    }
}

#[test]
fn the_paper_group_of_birth_is_offered_until_its_successor_is() {
    let catalogue = profile("chau-thanh");
    for on in ["2018-01-02", "2026-08-31"] {
        assert_eq!(
            asked(&catalogue, "2.000986", on, &[]).unwrap().route.len(),
            3
        );
    }
    assert_eq!(
        asked(&catalogue, "2.000986", "2026-09-01", &[]).unwrap_err(),
        NotOffered::Repealed {
            code: code("2.000986"),
            since: day("2026-09-01"),
            successor: Some(code("3.000722")),
        }
    );
    let refused = asked(&catalogue, "2.000986", "2026-11-23", &[]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "thủ tục 2.000986 đã bị bãi bỏ từ 01/09/2026; thay bằng thủ tục 3.000722"
    );
}

#[test]
fn codes_that_are_only_remembered_lead_to_their_successors() {
    let catalogue = profile("an-giang");
    for (old, successor) in [
        ("2.001023", "3.000722"),
        ("2.002621", "3.000722"),
        ("2.002622", "2.002913"),
    ] {
        let refused = asked(&catalogue, old, "2026-09-01", &[]).unwrap_err();
        assert!(
            matches!(&refused, NotOffered::Repealed { successor: Some(s), .. } if *s == code(successor)),
            "{refused:?}"
        );
    }
    // Its limit is not known: a desk could promise nothing.
    assert!(matches!(
        asked(&catalogue, "2.002621", "2025-10-01", &[]).unwrap_err(),
        NotOffered::NotReceivedHere { .. }
    ));
}

#[test]
fn a_version_that_begins_later_is_not_offered_before() {
    let catalogue = profile("an-giang");
    assert_eq!(
        asked(&catalogue, "3.000722", "2026-08-31", &[]).unwrap_err(),
        NotOffered::NotYet {
            code: code("3.000722"),
            from: day("2026-09-01"),
        }
    );
}

#[test]
fn the_version_of_the_reception_date_is_pinned_by_name() {
    let catalogue = profile("chau-thanh");
    let version = |on| asked(&catalogue, "2.000815", on, &[]).unwrap().version;
    assert_eq!(version("2018-01-02"), "chau-thanh-2018.1");
    assert_eq!(version("2025-06-30"), "chau-thanh-2018.1");
    assert_eq!(version("2025-07-01"), "chau-thanh-2018.1+2025-07-01");
}

#[test]
fn three_limits_that_a_portal_files_under_channels_are_cases() {
    let catalogue = profile("an-giang");
    let limit = |options: &[&str]| {
        asked(&catalogue, "1.013978", "2026-10-01", options)
            .unwrap()
            .limit
    };
    assert_eq!(limit(&[]), working_days(17));
    assert_eq!(limit(&["cap_gcn"]), working_days(20));
    assert_eq!(limit(&["vung_kho_khan"]), working_days(27));
    assert_eq!(limit(&["vung_kho_khan", "cap_gcn"]), working_days(30));
    let procedure = asked(&catalogue, "1.013978", "2026-10-01", &[]).unwrap();
    assert_eq!(procedure.options, ["cap_gcn", "vung_kho_khan"]);
}

#[test]
fn nd301_article_5_birth_group_has_its_clock_and_its_optional_card() {
    let catalogue = profile("an-giang");
    let of = |options: &[&str]| asked(&catalogue, "3.000722", "2026-10-01", options).unwrap();
    let birth = of(&[]);
    assert_eq!((birth.group, birth.limit), (Group::Birth, working_days(3)));
    assert_eq!(of(&["xac_minh"]).limit, working_days(5));
    assert_eq!(of(&["can_cuoc"]).limit, working_days(8));
    assert_eq!(birth.clock.consent, WaitEffect::Pause);
    assert_eq!(birth.clock.consent_time_out, Some(working_days(5)));
    assert_eq!(birth.clock.supplement_time_out, Some(working_days(7)));
    for wait in [Wait::Supplement, Wait::Incident, Wait::Consent] {
        assert!(birth.clock_basis[&wait].contains("NĐ 301/2026"), "{wait:?}");
    }
    let step = |key: &str| step_of(&birth, key).clone();
    assert_eq!(step("identity_card").option.as_deref(), Some("can_cuoc"));
    assert_eq!(step("identity_card").inputs, [step("residence").key]);
    // Cases of verification have 5 days: the police is given 2 for it before the 2 of registering.
    let check = step("residence_check");
    assert_eq!(check.option.as_deref(), Some("xac_minh"));
    assert_eq!(
        (check.limit, &check.inputs),
        (working_days(2), &step("insurance").inputs)
    );
    assert_eq!(
        step("residence").inputs,
        [step("birth").key, check.key.clone()]
    );
    let mut others = birth.route.iter().filter(|step| step.key != check.key);
    assert!(others.all(|step| step.returns_result));
}

#[test]
fn nd301_article_10_death_group_keeps_its_sequence_inside_the_branch() {
    let catalogue = profile("an-giang");
    let of = |options: &[&str]| asked(&catalogue, "2.002913", "2026-10-01", options).unwrap();
    let death = of(&[]);
    assert_eq!((death.group, death.limit), (Group::Death, working_days(2)));
    let inputs = |key: &str| -> Vec<String> {
        let inputs = step_of(&death, key).inputs.iter();
        inputs.map(|input| input.as_str().to_owned()).collect()
    };
    assert_eq!(inputs("merit"), ["death", "benefit_stop"]);
    assert_eq!(inputs("insurance"), ["death"]);
    for (options, limit) in [
        (&["bhxh"][..], 9),
        (&["nguoi_co_cong"], 19),
        (&["nguoi_co_cong", "huong_hang_thang"], 21),
        (&["bao_tro_xa_hoi"], 4),
        (&["bao_tro_xa_hoi", "huong_hang_thang"], 6),
    ] {
        assert_eq!(of(options).limit, working_days(limit), "{options:?}");
        // 3 working days for the death in place of 24 hours, and no stop of the clock.
        let verified = of(&[options, &["xac_minh"]].concat());
        assert_eq!(verified.limit, working_days(limit + 2), "{options:?}");
    }
    assert_eq!(of(&["xac_minh"]).limit, working_days(4));
    assert_eq!(death.clock.verification, WaitEffect::None);
    assert_eq!(inputs("death"), ["death_check"]);
}

/// Environmental permits, water and minerals: the time of completing the papers is not counted, whatever
/// the general mechanism rules of a supplement (NĐ 61/2018 art. 19.4: the limit again from the start).
#[test]
fn sector_law_that_does_not_count_a_supplement_goes_before_nd61_article_19_4() {
    for (register, desk, on, procedure, limit) in [
        (
            "chau-thanh",
            "H33-27",
            "2024-10-01",
            "1.010723",
            working_days(30),
        ),
        (
            "chau-thanh",
            "H33-27",
            "2024-10-01",
            "1.010724",
            working_days(10),
        ),
        (
            "chau-thanh",
            "H33-27",
            "2024-10-01",
            "1.010725",
            working_days(15),
        ),
        (
            "chau-thanh",
            "H33-27",
            "2024-10-01",
            "1.010726",
            working_days(30),
        ),
        (
            "an-giang",
            "H01-169",
            "2026-10-01",
            "1.011518",
            working_days(11),
        ),
        (
            "an-giang",
            "H01-169",
            "2026-10-01",
            "1.014259",
            Limit::days(90),
        ),
    ] {
        let catalogue = profile(register);
        let asked = Asked::on(day(on));
        let offered = catalogue.procedure_for(&unit(desk), &code(procedure), &asked);
        let (held, _) = offered.unwrap_or_else(|refusal| panic!("{procedure}: {refusal}"));
        assert_eq!(held.clock.supplement, WaitEffect::Pause, "{procedure}");
        assert!(
            held.clock_basis[&Wait::Supplement].contains("không tính"),
            "{procedure}"
        );
        assert_eq!(
            (held.limit, held.route[0].limit),
            (limit, limit),
            "{procedure}"
        );
    }
}

#[test]
fn nd99_article_16_clock_starts_with_the_land_office() {
    let catalogue = profile("an-giang");
    let pledge = asked(&catalogue, "1.011441", "2026-10-01", &[]).unwrap();
    assert_eq!(pledge.start, Some(ClockStart::OnCompetentReceipt));
    assert_eq!(pledge.clock.incident, WaitEffect::Pause);
    assert_eq!(pledge.route[0].unit, unit("H01-991"));
}

#[test]
fn a_channel_with_a_limit_of_its_own_is_given_it() {
    let dir = copied();
    append(
        &dir.path().join("limits.csv"),
        "1.013949,online,,nộp trực tuyến,12,days,luật,cổng,2025-07-01,\n",
    );
    let catalogue = Catalogue::load(dir.path(), &deploy("an-giang")).unwrap();
    let limit = |channel| {
        let asked = Asked {
            channel,
            ..Asked::on(day("2026-10-01"))
        };
        let offered = catalogue.procedure_for(&unit("H01-169"), &code("1.013949"), &asked);
        offered.unwrap().0.limit
    };
    assert_eq!(
        limit(Channel::Online),
        Limit::new(12, LimitUnit::Days).unwrap()
    );
    assert_eq!(
        limit(Channel::Direct),
        Limit::new(15, LimitUnit::Days).unwrap()
    );
}

#[test]
fn the_published_chains_add_up_to_the_day() {
    for (file, days) in [
        ("land_use_change", 15),
        ("auctioned_land", 36),
        ("soldiers_allowance", 35),
        ("ocop_support", 17),
        ("resettlement_land", 15),
        ("oil_spill_plan", 15),
    ] {
        let dir = copied();
        let path = dir.path().join("routes").join(file).with_extension("toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.contains(&format!(
                "total = {{ amount = {days}, unit = \"working_days\" }}"
            )),
            "{file}"
        );
        // It adds up as it stands; one more hour of the desk, and it does not.
        let more = "[[parts]]\ntask = \"Thêm\"\nlimit = { amount = 1, unit = \"working_hours\" }\nsource = \"x\"\n";
        append(&path, more);
        let error = Catalogue::load(dir.path(), &deploy("an-giang")).unwrap_err();
        let [fault] = &error.faults[..] else {
            panic!("{error}")
        };
        let expected = format!("the declared total is {} ({days} ngày làm việc)", days * 8);
        assert!(fault.problem.ends_with(&expected), "{fault}");
    }
}

#[test]
fn the_chain_of_1_003005_that_contradicts_its_total_would_be_refused() {
    // As published: 15 + 15 + 10 days and 5 working days for a limit of 30 days.
    let mut route = String::from(
        "procedures = [\"1.003005\"]\nbasis = \"QĐ 2687/QĐ-BTP\"\nsource = \"cổng\"\n\
         [clock]\nsupplement = \"restart\"\npayment = \"pause\"\n[[papers]]\nname = \"Đơn\"\nrequired = true\n",
    );
    let steps = [
        ("check", "", 15, "days"),
        ("wait", "\"check\"", 15, "days"),
        ("opinion", "\"wait\"", 10, "days"),
        ("registration", "\"opinion\"", 5, "working_days"),
    ];
    for (key, input, amount, unit) in steps {
        route.push_str(&format!(
            "[[steps]]\nkey = \"{key}\"\ntask = \"Bước\"\nrole = \"home\"\ninputs = [{input}]\n\
             limit = {{ amount = {amount}, unit = \"{unit}\" }}\nsource = \"cổng\"\n"
        ));
    }
    let dir = copied();
    fs::write(dir.path().join("routes/adoption.toml"), route).unwrap();
    let error = Catalogue::load(dir.path(), &deploy("an-giang")).unwrap_err();
    let [fault] = &error.faults[..] else {
        panic!("{error}")
    };
    assert_eq!(
        fault.problem,
        "the steps take up to 360 working hours, 1.003005 allows 240 (30 ngày)"
    );
}

fn step_of<'a>(procedure: &'a Procedure, key: &str) -> &'a RouteStep {
    let steps = procedure.route.iter();
    steps.into_iter().find(|s| s.key.as_str() == key).unwrap()
}

/// A copy of the published registers that a test may spoil.
fn copied() -> tempfile::TempDir {
    let dir = tempfile::TempDir::new().unwrap();
    copy(&deploy("registers"), dir.path());
    copy(&deploy("registers/routes"), &dir.path().join("routes"));
    dir
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn append(path: &Path, more: &str) {
    let mut text = fs::read_to_string(path).unwrap();
    text.push_str(more);
    fs::write(path, text).unwrap();
}
