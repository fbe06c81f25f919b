//! Registers that are right, and what is said when one thing in them is spoiled.

use std::fs;

use catalogue::{Catalogue, CatalogueError};
use tempfile::TempDir;

/// Registers that are right; each test spoils one thing.
#[derive(Clone)]
pub(crate) struct Texts {
    pub(crate) units: String,
    pub(crate) procedures: String,
    pub(crate) later: String,
    pub(crate) limits: String,
    pub(crate) route: String,
}

pub(crate) fn right() -> Texts {
    Texts {
        units: UNITS.to_owned(),
        procedures: PROCEDURES.to_owned(),
        later: LATER.to_owned(),
        limits: LIMITS.to_owned(),
        route: ROUTE.to_owned(),
    }
}

const UNITS: &str = r#"version = "test.1"
[[units]]
id = "H33-27"
name = "UBND huyện"
level = "district"
roles = ["district"]
acknowledge = "by_officer"
[[units]]
id = "H33-27-01"
name = "UBND xã"
level = "commune"
overseer = "H33-27"
roles = ["commune"]
acknowledge = "on_arrival"
[[departments]]
unit = "H33-27"
name = "Phòng Đất"
fields = ["Đất đai"]
[[departments]]
level = "commune"
name = "Địa chính"
fields = ["Đất đai"]
"#;

const PROCEDURES: &str =
    "# a comment\ncode,name,field,level,at_once,limit,unit,basis,source,valid_from,valid_to,successor
1.000001,Giao đất,Đất đai,district,no,10,working_days,luật,cổng,,,
1.000002,Cho thuê đất,Đất đai,district,no,5,working_days,luật,cổng,,2025-06-30,1.000003
";
const LATER: &str = "code,name,field,level,at_once,limit,unit,basis,source,valid_from
1.000003,Cho thuê đất,Đất đai,commune,no,5,working_days,luật,cổng,2025-07-01
";
const LIMITS: &str = "code,channel,option,case,limit,unit,basis,source
1.000001,,vung_kho_khan,xã miền núi,20,working_days,luật,cổng
1.000003,online,,trực tuyến,3,working_days,luật,cổng
";
const ROUTE: &str = r#"procedures = ["1.000001"]
basis = "luật"
source = "cổng"
total = { amount = 10, unit = "working_days" }
[clock]
supplement = "restart"
payment = "pause"
[options]
vung_kho_khan = "Xã miền núi"
[[papers]]
name = "Đơn"
required = true
[[steps]]
key = "check"
task = "Kiểm tra"
role = "district"
limit = { amount = 4, unit = "working_days" }
source = "cổng"
[[steps]]
key = "sign"
task = "Ký"
role = "district"
inputs = ["check"]
limit = { amount = 6, unit = "working_days" }
source = "cổng"
"#;

pub(crate) fn load(texts: &Texts) -> Result<Catalogue, CatalogueError> {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("routes")).unwrap();
    fs::write(at("units.toml"), &texts.units).unwrap();
    fs::write(at("procedures.csv"), &texts.procedures).unwrap();
    fs::write(at("procedures-2025.csv"), &texts.later).unwrap();
    fs::write(at("limits.csv"), &texts.limits).unwrap();
    fs::write(at("routes/giao_dat.toml"), &texts.route).unwrap();
    Catalogue::load(dir.path(), dir.path()).map_err(|mut error| {
        let prefix = format!("{}/", dir.path().display());
        for fault in &mut error.faults {
            fault.file = fault.file.replace(&prefix, "");
            fault.problem = fault.problem.replace(&prefix, "");
        }
        error
    })
}

/// Spoils one text by one replacement and reads everything that is said.
pub(crate) fn said(
    which: fn(&mut Texts) -> &mut String,
    right_text: &str,
    wrong: &str,
) -> Vec<String> {
    let mut texts = right();
    let text = which(&mut texts);
    assert!(text.contains(right_text), "{right_text:?} is not there");
    *text = text.replacen(right_text, wrong, 1);
    let faults = load(&texts).expect_err(wrong).faults;
    faults.iter().map(ToString::to_string).collect()
}

pub(crate) fn check(which: fn(&mut Texts) -> &mut String, cases: &[(&str, &str, &str)]) {
    for (right_text, wrong, expected) in cases {
        assert_eq!(said(which, right_text, wrong), [*expected], "{wrong}");
    }
}
