//! Who may give which command: held at the door, before anything is sealed or written.

use std::fs;
use std::path::{Path, PathBuf};

use exchange::broker::Leaf;
use serde_json::{Value, json};
use tests::town::{COMMUNE, Town, message};

use crate::route::{LAND_PROCEDURE, receive};

const OFFICERS: &str = r#"
officers = [
  { unit = "H33-27-04", id = "cb-01", roles = ["tiep_nhan"] },
  { unit = "H33-27-04", id = "tt-01", roles = ["thanh_tra"] },
  { unit = "H33-27-04", id = "ld-01", roles = ["lanh_dao", "xu_ly"] },
  { unit = "H33-27", id = "cb-02", roles = ["tiep_nhan"] },
]
"#;

fn by(officer: &str, mut sent: Value) -> Value {
    sent["officer"] = officer.into();
    sent
}

/// Every file of a vault with its length.
fn kept(vault: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(vault).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            found.extend(kept(&entry.path()));
        } else {
            found.push((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_the_role_is_refused_before_anything_is_sealed_or_written() {
    let mut town = Town::prepared(Some("2018-01-02T08:00:00+07:00"), Leaf::Alone).await;
    let file = town.path("officers.toml");
    fs::write(&file, OFFICERS).unwrap();
    town.also(
        "motcua-commune",
        &format!("officers = {:?}", file.display().to_string()),
    );
    town.start_all().await;
    let vault = town.unit_dir(COMMUNE).join("vault");
    let before = kept(&vault);

    let sent = || receive("2018-01-02T08:00", LAND_PROCEDURE, 4);
    for (officer, code) in [
        ("tt-01", "officer.no_role"),
        ("ld-01", "officer.no_role"),
        ("cb-02", "officer.unknown"),
        ("nobody", "officer.unknown"),
    ] {
        let said = town.ask(COMMUNE, "receive", &by(officer, sent())).await;
        assert_eq!(said.refusal(), ("403", code), "{officer}");
        assert!(said.body["rule"].as_str().unwrap().contains("vai trò"));
    }
    assert_eq!(kept(&vault), before, "no key was kept for what was refused");

    let answer = town.ask(COMMUNE, "receive", &sent()).await.done();
    assert_ne!(kept(&vault), before, "and one for what was received");
    let about = |officer| by(officer, message(answer["dossier"].as_str(), json!({})));
    let reading = |officer| {
        let purpose = json!({ "purpose": "resolution" });
        by(officer, message(answer["dossier"].as_str(), purpose))
    };
    let read = town.ask(COMMUNE, "applicant", &reading("tt-01")).await;
    assert_eq!(read.refusal(), ("403", "officer.no_role"));
    town.ask(COMMUNE, "applicant", &reading("ld-01"))
        .await
        .done();
    town.ask(COMMUNE, "show", &about("tt-01")).await.done();

    let open = "whoever reaches this service may give every command";
    assert!(town.process("motcua-district").said().contains(open));
    assert!(!town.process("motcua-commune").said().contains(open));
    town.end_all().await;
    let code = answer["dossier"].as_str().unwrap();
    let events = town.journal(COMMUNE).head().entries;
    assert_eq!(
        events as usize,
        town.history(COMMUNE, code).len(),
        "nothing but the dossier"
    );
}
