//! Tables and units that are wrong.

use crate::texts::{check, load, right, said};

#[test]
fn what_is_right_is_loaded() {
    let held = load(&right()).unwrap().summary();
    assert_eq!((held.procedures, held.versions, held.ended), (3, 3, 1));
    assert_eq!((held.limits, held.routes, held.units), (2, 1, 2));
}

const ROW: &str = "1.000001,Giao đất,Đất đai,district,no,10,working_days,luật,cổng,,,";

#[test]
fn a_row_of_the_procedures_that_is_wrong() {
    let units_of_limits =
        "write working_days, days, working_hours, hours, months, same_day or none_stated";
    let cases = [
        (
            // As a portal publishes it: a number and a word that is no unit.
            "1.000001,Giao đất,Đất đai,district,no,1,OTHER,luật,cổng,,,",
            format!("1.000001: \"OTHER\" is no unit of a limit; {units_of_limits}"),
        ),
        (
            "1.000001,Giao đất,Đất đai,district,no,10,,luật,cổng,,,",
            format!("1.000001: the limit \"10\" has no unit; {units_of_limits}"),
        ),
        (
            "1.000001,Giao đất,Đất đai,district,no,0.5,working_days,luật,cổng,,,",
            "1.000001: the limit \"0.5\" is no whole number; write half days in working_hours".to_owned(),
        ),
        (
            "1.000001,Giao đất,Đất đai,nation,no,10,days,luật,cổng,,,",
            "1.000001: the level \"nation\" is not known; write district, commune, district|commune or province".to_owned(),
        ),
        (
            "1.000001,Giao đất,Đất đai,district,maybe,10,days,luật,cổng,,,",
            "1.000001 has at_once \"maybe\"; write yes or no".to_owned(),
        ),
        (
            "1.000001,Giao đất,Đất đai,district,yes,10,days,luật,cổng,,,",
            "1.000001 is returned at once but has a limit of 10 ngày; give 0,same_day".to_owned(),
        ),
        (
            "1.000001,Giao đất,Đất đai,district,no,10,working_days,luật,,,,",
            "1.000001 has no source".to_owned(),
        ),
        (
            "1.000001,Giao đất,Đất đai,district,no,10,working_days,luật,cổng,2025-07-01,2025-06-30,",
            "1.000001: valid_from 2025-07-01 lies after valid_to 2025-06-30; give the earlier day first".to_owned(),
        ),
        (
            "1.000001,Giao đất,Đất đai,district,no,10,working_days,luật,cổng,1/7/2025,,",
            "1.000001: valid_from \"1/7/2025\" is no date; write it as 2025-07-01".to_owned(),
        ),
        (
            "1.000001,Giao đất,Đất đai,district,no,10,working_days,luật,cổng,,,1.000003",
            "1.000001 has a successor but no valid_to; say until when it was offered".to_owned(),
        ),
        (
            "1.000001,Giao, đất,Đất đai,district,no,10,working_days,luật,cổng,,,",
            "the row has 13 fields and the header 12; quote what holds a comma".to_owned(),
        ),
    ];
    for (wrong, expected) in cases {
        // A row that is left out is missed by what refers to it: that is said after it.
        let expected = format!("procedures.csv:3: {expected}");
        let all = said(|t| &mut t.procedures, ROW, wrong);
        assert!(all.contains(&expected), "{all:#?}\n{expected}");
    }
}

#[test]
fn amounts_that_no_law_gives() {
    for (amount, expected) in [
        (
            "0",
            "could not use a limit of 0 ngày làm việc; give 1 to 3650",
        ),
        (
            "99999",
            "could not use a limit of 99999 ngày làm việc; give 1 to 3650",
        ),
    ] {
        let wrong = ROW.replace(",10,", &format!(",{amount},"));
        let all = said(|t| &mut t.procedures, ROW, &wrong);
        let expected = format!("procedures.csv:3: 1.000001: {expected}");
        assert!(all.contains(&expected), "{all:#?}");
    }
}

#[test]
fn versions_and_successors_that_contradict_one_another() {
    check(
        |t| &mut t.later,
        &[(
            "2025-07-01\n",
            "2025-07-01\n1.000002,Cho thuê đất,Đất đai,district,no,5,working_days,luật,cổng,2025-06-30\n",
            "procedures.csv:4: 1.000002 stands on line 3 of procedures-2025.csv already, for days that this row claims too; give one of them a valid_to",
        )],
    );
    check(
        |t| &mut t.procedures,
        &[
            (
                "2025-06-30,1.000003",
                "2025-06-30,1.000009",
                "procedures.csv:4: 1.000002 is followed by 1.000009, which is in no register",
            ),
            (
                "2025-06-30,1.000003",
                "2025-06-30,1.000002",
                "procedures.csv:4: 1.000002 is followed by 1.000002, and that in the end by 1.000002 again",
            ),
        ],
    );
    let mut texts = right();
    texts.later = texts
        .later
        .replace("valid_from\n", "valid_from,valid_to\n")
        .replace("2025-07-01\n", "2025-07-01,2026-08-31\n");
    let said = load(&texts).unwrap_err().faults[0].to_string();
    assert_eq!(
        said,
        "procedures.csv:4: 1.000002 is followed by 1.000003, which is repealed itself and has no successor"
    );
}

#[test]
fn a_column_that_nobody_knows_or_that_is_missing() {
    let all = said(|t| &mut t.later, "source,valid_from", "source,fee");
    assert_eq!(
        all[0],
        "limits.csv:3: 1.000003 is in no register of procedures"
    );
    assert!(all.contains(&"procedures-2025.csv:1: the column \"fee\" is not known; the columns are code, name, field, level, at_once, limit, unit, basis, source and, where needed, valid_from, valid_to, successor".to_owned()), "{all:#?}");
    let all = said(|t| &mut t.limits, "channel,option", "channel,source");
    assert_eq!(all[0], "limits.csv:1: the column option is missing");
    assert_eq!(all[1], "limits.csv:1: the column source occurs twice");
}

#[test]
fn a_limit_of_a_case_that_is_wrong() {
    check(
        |t| &mut t.limits,
        &[
            (
                "1.000003,online,",
                "1.000003,fax,",
                "limits.csv:3: 1.000003: the channel \"fax\" is not known; write direct, online, post or nothing",
            ),
            (
                "1.000003,online,",
                "1.000003,,",
                "limits.csv:3: 1.000003: names neither a channel nor an option; the procedure's own limit stands in its register",
            ),
            (
                "1.000003,online,",
                "1.000008,online,",
                "limits.csv:3: 1.000008 is in no register of procedures",
            ),
            (
                "1.000003,online,,trực tuyến,3,working_days",
                "1.000003,online,,trực tuyến,3,",
                "limits.csv:3: 1.000003: the limit \"3\" has no unit; write working_days, days, working_hours, hours, months, same_day or none_stated",
            ),
            (
                "1.000003,online,,trực tuyến,3",
                "1.000001,online,vung_kho_khan,trực tuyến,30",
                "limits.csv:3: 1.000001: line 2 matches wherever this row would, so it is never chosen; put this row first",
            ),
            (
                "1.000003,online,,trực tuyến,3",
                "1.000001,,gap,việc gấp,30",
                "limits.csv:3: 1.000001: the limit is for the option \"gap\", which [options] of its route does not name",
            ),
            (
                "1.000001,,vung_kho_khan,xã miền núi,20",
                "1.000001,,vung_kho_khan,xã miền núi,9",
                "routes/giao_dat.toml:1: the steps with vung_kho_khan take up to 80 working hours, 1.000001 allows 72 (9 ngày làm việc)",
            ),
        ],
    );
}

#[test]
fn a_unit_that_is_wrong() {
    check(
        |t| &mut t.units,
        &[
            (
                r#"overseer = "H33-27""#,
                r#"overseer = "H33-99""#,
                "units.toml:9: H33-27-01 is watched over by H33-99, which is no district of this register",
            ),
            (
                "overseer = \"H33-27\"\n",
                "",
                "units.toml:9: commune H33-27-01 has no overseer; name its district, or give the profile a valid_from since 2025-07-01",
            ),
            (
                r#"roles = ["commune"]"#,
                r#"roles = ["tax"]"#,
                "units.toml:9: H33-27-01 plays {Tax}; a unit of its level and kind plays Commune",
            ),
            (
                r#"acknowledge = "on_arrival""#,
                "acknowledge = \"on_arrival\"\nreceives_for_superior = [\"1.000009\"]",
                "units.toml:9: H33-27-01 receives 1.000009, which is in no register of procedures",
            ),
            (
                r#"acknowledge = "on_arrival""#,
                "acknowledge = \"on_arrival\"\nreceives_for_superior = [\"1.000003\"]",
                "units.toml:9: H33-27-01 receives 1.000003 for its superior, but it is not the district's alone",
            ),
            (
                "version = \"test.1\"",
                "version = \"test.1\"\nvalid_from = \"2026-01-01\"\nvalid_to = \"2025-01-01\"",
                "units.toml:1: valid_from 2026-01-01 lies after valid_to 2025-01-01; give the earlier day first",
            ),
            (
                "name = \"Địa chính\"\nfields = [\"Đất đai\"]",
                "name = \"Địa chính\"\nfields = []",
                "procedures-2025.csv:2: 1.000003: no department of H33-27-01 handles \"Đất đai\"",
            ),
        ],
    );
    let all = said(|t| &mut t.units, r#"id = "H33-27-01""#, r#"id = "H33-27""#);
    assert!(all.contains(&"units.toml:9: unit H33-27 occurs twice".to_owned()));
    let all = said(
        |t| &mut t.units,
        r#"roles = ["commune"]"#,
        r#"roles = ["baker"]"#,
    );
    assert!(all[0].starts_with("units.toml:13: unknown variant `baker`"));
}

#[test]
fn what_holds_on_no_day_of_the_profile_is_not_held_against_it() {
    let mut texts = right();
    texts.units = texts.units.replace(
        "version = \"test.1\"",
        "version = \"test.1\"\nvalid_to = \"2018-12-31\"",
    );
    texts.later = texts.later.replace("Đất đai", "Hàng hải");
    assert!(load(&texts).is_ok());
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut texts = right();
    texts.units = texts
        .units
        .replacen(r#"overseer = "H33-27""#, r#"overseer = "H33-99""#, 1);
    texts
        .later
        .push_str("1.000005,,Đất đai,commune,no,10,days,luật,cổng,\n");
    texts.route = texts.route.replacen("basis = \"luật\"", "basis = \"\"", 1);
    let error = load(&texts).unwrap_err();
    let files: Vec<_> = error
        .faults
        .iter()
        .map(|f| (f.file.as_str(), f.line))
        .collect();
    assert_eq!(
        files,
        [
            ("procedures-2025.csv", Some(3)),
            ("routes/giao_dat.toml", Some(1)),
            ("units.toml", Some(9)),
        ]
    );
}

#[test]
fn a_directory_without_registers_is_refused_with_the_files_that_are_missing() {
    let dir = tempfile::TempDir::new().unwrap();
    let said = catalogue::Catalogue::load(dir.path(), dir.path())
        .unwrap_err()
        .to_string();
    for file in ["units.toml", "procedures.csv", "routes"] {
        assert!(said.contains(file), "{said}");
    }
}
