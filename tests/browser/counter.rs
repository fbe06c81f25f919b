//! `motcua form` at a counter: the events of a real commune, out of a projector, on paper.

use std::process::Output;

use serde_json::json;
use tests::process::{eventually, motcua};
use tests::town::{COMMUNE, Town, message_at};

/// Land registration at a commune's desk.
const PROCEDURE: &str = "1.010754";
const NAME: &str = "Trần Văn An";
const PROMISED: &str = "17 giờ 00 phút, ngày 16 tháng 01 năm 2018";
const PROMISED_ANEW: &str = "17 giờ 00 phút, ngày 18 tháng 01 năm 2018";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(output: &Output) -> String {
    assert!(!output.status.success(), "{}", said(output));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A dossier received on 2 January, with an apology on the 10th.
async fn apologised(town: &Town) -> String {
    let papers: Vec<_> = (1..=4)
        .map(|n| json!({ "paper": n, "verdict": "original" }))
        .collect();
    let received = json!({
        "procedure": PROCEDURE, "channel": "direct", "applicant": { "name": NAME }, "papers": papers,
    });
    let received = message_at("2018-01-02T08:00", None, received);
    let answer = town.ask(COMMUNE, "receive", &received).await.done();
    let code = answer["dossier"].as_str().unwrap().to_owned();
    let apology = json!({ "reason": "Chờ trích đo", "new_due_at": "2018-01-18T17:00:00+07:00" });
    let apology = message_at("2018-01-10T09:00", Some(&code), apology);
    town.ask(COMMUNE, "apologise", &apology).await.done();
    code
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_lists_the_forms_of_a_dossier_and_prints_them_as_they_were() {
    let mut town = Town::simulated().await;
    let projector = town.projector().await;
    let code = apologised(&town).await;
    let nats = town.broker.url();
    let form = |more: &[&str]| {
        let asked = ["form", COMMUNE, &code, "--nats", &nats];
        motcua(&[&asked, more].concat())
    };
    let listed = eventually("the projector to have heard of the apology", async || {
        let listed = said(&form(&[]));
        listed.contains("tt01/4").then_some(listed)
    })
    .await;
    assert!(listed.contains("tt01/1") && listed.contains("Giấy tiếp nhận hồ sơ"));

    // The receipt, printed after the apology.
    let units = std::fs::read_to_string(town.config_of("motcua-commune")).unwrap();
    let units: toml::Table = units.parse().unwrap();
    let [registers, profile] = ["registers", "profile"].map(|name| units[name].as_str().unwrap());
    let receipt = form(&[
        "--form",
        "tt01/1",
        "--registers",
        registers,
        "--profile",
        profile,
    ]);
    let receipt = said(&receipt);
    for part in [NAME, PROMISED, "mô phỏng", "UBND xã Mong Thọ"] {
        assert!(receipt.contains(part), "{part:?} is not in {receipt}");
    }
    assert!(!receipt.contains(PROMISED_ANEW), "{receipt}");
    // The papers have the names of their day, with the registers and without them.
    assert!(!receipt.contains("Giấy tờ số 1"), "{receipt}");
    let blank = said(&form(&["--form", "tt01/1", "--blank"]));
    assert!(
        !blank.contains("Giấy tờ số 1") && !blank.contains(NAME),
        "{blank}"
    );

    let path = town.path("apology.pdf");
    let name = path.display().to_string();
    let printed = form(&["--form", "tt01/4", "--format", "pdf", "--output", &name]);
    assert!(printed.status.success(), "{printed:?}");
    assert!(std::fs::read(&path).unwrap().starts_with(b"%PDF"));

    let evening = ["--form", "tt01/6", "--as-of", "2018-01-09T17:00:00+07:00"];
    let register = said(&form(&evening));
    assert!(
        register.contains(&code) && register.contains("16/01/2018"),
        "{register}"
    );
    // Simulated events are recorded when they happen: the apology was not known then.
    assert!(!register.contains("18/01/2018"), "{register}");

    let refused = complained(&form(&["--form", "tt01/3"]));
    for part in [&code, "tt01/3", "tt01/1", "tt01/4"] {
        assert!(refused.contains(part), "{refused}");
    }
    town.end("motcua-commune").await;
    let nobody = complained(&form(&["--form", "tt01/1"]));
    assert!(nobody.contains("--blank"), "{nobody}");
    projector.end().await;
    town.end_all().await;
}

#[test]
fn what_cannot_be_done_is_named_before_anything_is_asked() {
    let form = |more: &[&str]| complained(&motcua(&[&["form", COMMUNE, "a"], more].concat()));
    assert!(form(&["--format", "pdf"]).contains("--output"));
    assert!(form(&["b", "--form", "tt03/1"]).contains("tt03/7"));
    assert!(form(&["--form", "tt03/8"]).contains("tt03/8"));
}
