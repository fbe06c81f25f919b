//! Routes that cannot be walked, or not in the time that was promised.

use crate::texts::{check, load, right, said};

#[test]
fn a_step_of_a_route_that_is_wrong() {
    check(
        |t| &mut t.route,
        &[
            (
                r#"inputs = ["check"]"#,
                r#"inputs = ["survey"]"#,
                "routes/giao_dat.toml:20: step sign needs the result of survey, which is not a step of the route",
            ),
            (
                r#"inputs = ["check"]"#,
                r#"inputs = ["sign"]"#,
                "routes/giao_dat.toml:20: steps sign wait for one another",
            ),
            (
                r#"key = "sign""#,
                r#"key = "check""#,
                "routes/giao_dat.toml:20: step check occurs twice",
            ),
            (
                "role = \"district\"\ninputs",
                "role = \"police\"\ninputs",
                "routes/giao_dat.toml:20: step sign needs the part Police, which no unit of the profile plays",
            ),
            (
                "role = \"district\"\ninputs",
                "role = \"commune\"\ninputs",
                "routes/giao_dat.toml:20: step sign is the commune's, but a district's desk takes in 1.000001",
            ),
            (
                "role = \"district\"\ninputs",
                "role = \"district\"\ndepartment = \"Phòng Lạ\"\ninputs",
                "routes/giao_dat.toml:20: step sign names \"Phòng Lạ\", which is no department of H33-27",
            ),
        ],
    );
    let all = said(
        |t| &mut t.route,
        "role = \"district\"\ninputs",
        "role = \"baker\"\ninputs",
    );
    assert!(
        all[0].starts_with("routes/giao_dat.toml:22: unknown variant `baker`"),
        "{all:#?}"
    );
    let all = said(
        |t| &mut t.route,
        "role = \"district\"\ninputs",
        "role = \"district\"\noption = \"gap\"\ninputs",
    );
    assert_eq!(
        all[1],
        "routes/giao_dat.toml:20: step sign is for the option \"gap\", which [options] does not name"
    );
    let all = said(
        |t| &mut t.route,
        "amount = 6, unit = \"working_days\"",
        "amount = 6",
    );
    assert_eq!(all, ["routes/giao_dat.toml:24: missing field `unit`"]);
}

#[test]
fn parts_that_do_not_fit_the_whole() {
    let all = said(|t| &mut t.route, "amount = 6", "amount = 7");
    assert_eq!(
        all,
        [
            "routes/giao_dat.toml:1: the steps take up to 88 working hours, 1.000001 allows 80 (10 ngày làm việc)",
            "routes/giao_dat.toml:4: the parts add up to 88 working hours (88 of steps, 0 of others), the declared total is 80 (10 ngày làm việc)",
        ]
    );
    check(
        |t| &mut t.route,
        &[
            (
                "amount = 6",
                "amount = 5",
                "routes/giao_dat.toml:4: the parts add up to 72 working hours (72 of steps, 0 of others), the declared total is 80 (10 ngày làm việc)",
            ),
            (
                "total = { amount = 10, unit = \"working_days\" }",
                "total = { amount = 80, unit = \"working_hours\" }",
                "routes/giao_dat.toml:4: the declared total is 80 giờ làm việc, 1.000001 allows 10 ngày làm việc",
            ),
            (
                "[clock]",
                "[[parts]]\ntask = \"Tiếp nhận\"\nlimit = { amount = 4, unit = \"working_hours\" }\nsource = \"cổng\"\n[clock]",
                "routes/giao_dat.toml:4: the parts add up to 84 working hours (80 of steps, 4 of others), the declared total is 80 (10 ngày làm việc)",
            ),
        ],
    );
}

#[test]
fn a_route_as_a_whole_that_is_wrong() {
    check(
        |t| &mut t.route,
        &[
            (
                "vung_kho_khan = \"Xã miền núi\"",
                "vung_kho_khan = \"Xã miền núi\"\ngap = \"Việc gấp\"",
                "routes/giao_dat.toml:10: the option gap is asked for by no step and no limit",
            ),
            (
                "vung_kho_khan = \"Xã miền núi\"",
                "vung_kho_khan = \" \"",
                "routes/giao_dat.toml:9: the option vung_kho_khan has no name; officers read it",
            ),
            (
                "payment = \"pause\"",
                "payment = \"pause\"\nposting = \"pause\"",
                "routes/giao_dat.toml:5: the wait Posting moves the clock, and [clock_basis] does not say by which law",
            ),
            (
                r#"["1.000001"]"#,
                r#"["1.000001", "1.000001"]"#,
                "routes/giao_dat.toml:1: 1.000001 has another route already, for days that this one claims too",
            ),
            (
                r#"["1.000001"]"#,
                r#"["1.000001", "1.000007"]"#,
                "routes/giao_dat.toml:1: 1.000007 is in no register of procedures",
            ),
            (
                "basis = \"luật\"",
                "basis = \"\"",
                "routes/giao_dat.toml:1: the route has no basis",
            ),
            (
                "basis = \"luật\"",
                "basis = \"luật\"\ncompetent = \"tax\"",
                "routes/giao_dat.toml:1: the part Tax is competent, and no unit of the profile plays it",
            ),
        ],
    );
    let mut texts = right();
    let steps = texts.route.find("[[steps]]").unwrap();
    texts.route.truncate(steps);
    let faults = load(&texts).unwrap_err().faults;
    assert_eq!(
        faults[0].to_string(),
        "routes/giao_dat.toml:1: the route has no step; leave the file out and the procedure gets one step"
    );
    let all = said(|t| &mut t.route, "payment =", "paymnet =");
    assert!(
        all[0].starts_with("routes/giao_dat.toml:7: unknown field `paymnet`"),
        "{all:#?}"
    );
}
