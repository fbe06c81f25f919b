//! An auditor, after the day: journals of real services, evidence taken home, and a program of
//! somebody else that checks it.

use std::fs;
use std::path::Path;
use std::process::Output;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tests::process::motcua;
use tests::python::{prepare, verify_bundle};
use tests::town::{COMMUNE, DISTRICT, LAND, SERVICES, TAX, Town};

use crate::route::{WHOLE, ended_well, received, walk};

/// A town where one land dossier went its way, with everybody gone home; and the dossier.
async fn evening() -> (Town, String) {
    let mut town = Town::simulated().await;
    let code = received(&town).await;
    // A second dossier, so that nobody's journal is about one alone.
    let other = received(&town).await;
    assert_ne!(code, other);
    walk(&town, &code).await;
    ended_well(&mut town, &code).await;
    (town, code)
}

struct Files {
    data: String,
    keys: String,
    bundle: String,
    page: String,
}

impl Files {
    fn of(town: &Town) -> Self {
        let shown = |name: &str| town.path(name).display().to_string();
        Self {
            data: shown("data"),
            keys: shown("keys.json"),
            bundle: shown("dossier.bundle.json"),
            page: shown("dossier.html"),
        }
    }
}

fn done(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out
}

fn elsewhere(bundle: &str, keys: &str) -> Output {
    verify_bundle(Path::new(bundle), Path::new(keys))
        .output()
        .unwrap()
}

fn follows_its_schema(bundle: &str) {
    let read = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    let schema = jsonschema::validator_for(&read(&schemas.join("bundle.v1.json"))).unwrap();
    let bundle = read(Path::new(bundle));
    let faults: Vec<String> = schema.iter_errors(&bundle).map(|e| e.to_string()).collect();
    assert_eq!(faults, [""; 0]);
}

fn bundled(files: &Files, code: &str) -> String {
    done(&motcua(&[
        "audit",
        "bundle",
        code,
        &files.data,
        "--keys",
        &files.keys,
        "--output",
        &files.bundle,
        "--html",
        &files.page,
    ]))
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_a_real_dossier_is_checked_at_home_by_two_programs_which_name_the_same_event() {
    tokio::task::spawn_blocking(prepare).await.unwrap().unwrap();
    let (town, code) = evening().await;
    let files = Files::of(&town);
    let said = bundled(&files, &code);
    assert!(said.contains("sound: "), "{said}");
    let page = fs::read_to_string(&files.page).unwrap();
    assert!(page.contains(&code) && page.contains("chữ ký, vị trí và thứ tự đều đúng"));

    follows_its_schema(&files.bundle);

    // At home there is the file, the register, and nothing else.
    fs::remove_dir_all(town.path("data")).unwrap();
    let verify = || motcua(&["audit", "verify", &files.bundle, "--keys", &files.keys]);
    let said = done(&verify());
    assert!(said.contains(&format!("{} events", WHOLE.len())), "{said}");
    assert_eq!(done(&elsewhere(&files.bundle, &files.keys)).trim(), "sound");

    let text = fs::read(&files.bundle).unwrap();
    let sound: Value = serde_json::from_slice(&text).unwrap();
    let both_name = |changed: &Value, place: &str| {
        fs::write(&files.bundle, serde_json::to_vec_pretty(changed).unwrap()).unwrap();
        for output in [verify(), elsewhere(&files.bundle, &files.keys)] {
            assert_eq!(output.status.code(), Some(1));
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(said.contains(place), "{place}: {said}{output:?}");
        }
    };
    let events = sound["events"].as_array().unwrap();
    for number in 0..events.len() {
        let exact = BASE64.decode(events[number]["event"].as_str().unwrap().as_bytes());
        let mut exact = exact.unwrap();
        // In the recorded time: another minute, and still an event.
        let place = exact
            .windows(14)
            .position(|w| w == b"\"recordedtime\"")
            .unwrap()
            + 31;
        exact[place] ^= 1;
        let mut changed = sound.clone();
        changed["events"][number]["event"] = json!(BASE64.encode(&exact));
        both_name(&changed, &format!("event {number} ("));

        let mut changed = sound.clone();
        let places = changed["events"][number]["places"].as_array_mut().unwrap();
        let index = places[0]["index"].as_u64().unwrap();
        places[0]["index"] = json!(index ^ 1);
        both_name(&changed, &format!("event {number} ("));

        let mut changed = sound.clone();
        let other = &events[(number + 1) % events.len()];
        changed["events"][number]["signature"] = other["signature"].clone();
        both_name(&changed, &format!("event {number} ("));
    }
    // An event in the middle of the dossier's history, taken out: another one knew of it.
    let mut changed = sound.clone();
    changed["events"].as_array_mut().unwrap().remove(1);
    both_name(&changed, "which is not in the bundle");
    for number in 0..sound["heads"].as_array().unwrap().len() {
        let note = sound["heads"][number]["note"].as_str().unwrap();
        let mut changed = sound.clone();
        let (origin, rest) = note.split_once('\n').unwrap();
        let (size, rest) = rest.split_once('\n').unwrap();
        let size: u64 = size.parse().unwrap();
        changed["heads"][number]["note"] = json!(format!("{origin}\n{}\n{rest}", size + 1));
        both_name(&changed, &format!("head {number}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_day_everything_can_be_asked_of_the_journals_alone() {
    let (town, code) = evening().await;
    let files = Files::of(&town);
    let told = done(&motcua(&[
        "audit",
        "history",
        &code,
        &files.data,
        "--keys",
        &files.keys,
        "--format",
        "json",
    ]));
    let told: Value = serde_json::from_str(&told).unwrap();
    let told = told.as_array().unwrap();
    let mut kinds: Vec<&str> = told.iter().map(|t| t["kind"].as_str().unwrap()).collect();
    // The first is the reception, the last the handing out, whatever the units' clocks say.
    assert_eq!(
        (kinds[0], kinds[kinds.len() - 1]),
        ("dossier.received.v1", "result.returned.v1")
    );
    kinds.sort_unstable();
    let mut whole = WHOLE.map(|kind| format!("{kind}.v1"));
    whole.sort_unstable();
    assert_eq!(kinds, whole);
    for told in told {
        let held = told["held"].as_array().unwrap();
        let home = held.iter().any(|held| held[0] == COMMUNE);
        assert!(
            home && held.iter().any(|held| held[0] == told["unit"]),
            "{told}"
        );
        assert_eq!(told.get("fault"), None);
    }
    let shown = done(&motcua(&[
        "audit",
        "history",
        &code,
        &files.data,
        "--keys",
        &files.keys,
    ]));
    assert!(shown.contains("signatures verified"), "{shown}");

    stood(&files, &code);
    for (one, other) in [
        (COMMUNE, LAND),
        (COMMUNE, TAX),
        (COMMUNE, DISTRICT),
        (LAND, TAX),
    ] {
        let dir = |unit: &str| town.unit_dir(unit).display().to_string();
        let said = done(&motcua(&[
            "audit",
            "compare",
            &dir(one),
            &dir(other),
            "--keys",
            &files.keys,
        ]));
        assert!(!said.contains("they part"), "{said}");
    }
    for unit in SERVICES.iter().flat_map(|(_, units)| *units) {
        let dir = town.unit_dir(unit).display().to_string();
        let exports = ["jsonl", "parquet"].map(|ending| {
            let export = town.path(&format!("{unit}.{ending}"));
            let export = export.display().to_string();
            done(&motcua(&[
                "audit",
                "export",
                &dir,
                "--keys",
                &files.keys,
                "--output",
                &export,
            ]));
            export
        });
        for path in [&dir].into_iter().chain(&exports) {
            let said = done(&motcua(&["audit", "verify", path, "--keys", &files.keys]));
            assert!(said.contains("0 faults"), "{said}");
        }
    }
}

/// How it stood at noon of the first day, at the end, and what changed.
fn stood(files: &Files, code: &str) {
    let replay = |more: &[&str]| -> Value {
        let asked = ["audit", "replay", &files.data, "--format", "json"];
        serde_json::from_str(&done(&motcua(&[&asked, more].concat()))).unwrap()
    };
    let (before, noon, end) = (
        "2018-01-01T12:00:00+07:00",
        "2018-01-02T12:00:00+07:00",
        "2018-03-01T12:00:00+07:00",
    );
    for by in ["recorded", "happened"] {
        let at = |at| replay(&["--dossier", code, "--by", by, "--at", at]);
        assert_eq!(at(before), Value::Null);
        assert_eq!(at(noon)["end"], Value::Null);
        assert_eq!(at(end)["status"], 10);
        let figures = |at| replay(&["--by", by, "--at", at])["figures"]["total"].clone();
        assert_eq!(figures(before)["received"]["total"], 0);
        assert_eq!(figures(end)["received"]["total"], 2);
        let ended = &figures(end)["rules"][0]["ended"];
        let all: i64 = ["early", "on_time", "late", "no_limit"]
            .iter()
            .filter_map(|n| ended[n].as_i64())
            .sum();
        assert_eq!(all, 1, "{ended}");
    }
    let diff = |more: &[&str]| {
        let asked = [
            "audit",
            "diff",
            &files.data,
            "--from",
            noon,
            "--to",
            end,
            "--format",
            "json",
        ];
        let said = done(&motcua(&[&asked, more].concat()));
        serde_json::from_str::<Value>(&said).unwrap()
    };
    let changed = diff(&[]);
    let of = changed
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["dossier"] == code)
        .unwrap();
    let status = of["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f[0] == "status");
    assert_eq!(status.unwrap()[2], "10");
    let units: Vec<&Value> = of["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["unit"])
        .collect();
    assert!(
        units.contains(&&json!(LAND)) && units.contains(&&json!(TAX)),
        "{units:?}"
    );
    assert_eq!(diff(&["--dossier", code])[0], *of);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_service_answers_a_history_and_keeps_its_journal_to_itself() {
    let town = Town::simulated().await;
    let projector = town.projector().await;
    let code = received(&town).await;
    let files = Files::of(&town);
    let asked = || {
        let url = town.broker.url();
        motcua(&[
            "audit",
            "history",
            &code,
            "--nats",
            &url,
            "--keys",
            &files.keys,
            "--format",
            "json",
        ])
    };
    let told = tests::process::eventually("the projector to have heard of it", async || {
        let output = asked();
        output.status.success().then(|| done(&output))
    })
    .await;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told[0]["kind"], "dossier.received.v1");
    let refused = motcua(&["audit", "history", &code, &files.data]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("open in another process"),
        "{said}"
    );
    drop(projector);
}
