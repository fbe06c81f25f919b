//! A citizen's data is erased: refused while it has to be kept, destroyed wherever its key went, to be
//! found in no file afterwards, whatever was killed, away or put back from an older copy meanwhile.

use std::fs;
use std::path::{Path, PathBuf};

use exchange::broker::Leaf;
use serde_json::{Value, json};
use tests::process::{Process, eventually, motcua};
use tests::search::Marks;
use tests::town::{COMMUNE, DISTRICT, LAND, SERVICES, Town, message, message_at};

use crate::route::{LAND_PROCEDURE, given, sound, walk};
use crate::vaults::{
    copied, is_destroyed, key_in, still_kept, vault_copied, vault_of, vault_put_back, wrapped_in,
};

const NAME: &str = "Nguyễn Thị Zyxwv";
const MARKS: [(&str, &str); 4] = [
    ("name", NAME),
    ("part of the name", "Zyxwv"),
    ("number", "079987654321"),
    ("phone", "0918273645"),
];

/// A town in which land dossiers are kept for two years, where every program says all it can.
async fn town_that_keeps_for_two_years() -> Town {
    let mut town = Town::prepared(Some("2018-01-02T08:00:00+07:00"), Leaf::Alone).await;
    let registers = town.path("registers");
    copied(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/registers"),
        &registers,
    );
    let path = registers.join("retention.csv");
    let rules = fs::read_to_string(&path).unwrap();
    let shorter = rules.replace(",Đất đai,hồ sơ địa chính,forever,", ",Đất đai,hồ sơ,2,");
    assert_ne!(rules, shorter);
    fs::write(&path, shorter).unwrap();
    for (name, _) in SERVICES {
        let path = town.config_of(name);
        let mut config: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        config.insert("registers".into(), registers.to_str().unwrap().into());
        fs::write(&path, config.to_string()).unwrap();
    }
    town.telling_everything = true;
    town.start_all().await;
    town
}

/// The adapter to the national portal, which nobody answers: what it has to tell stays in its files.
fn adapter(town: &Town) -> Process {
    let name = "motcua-portal";
    let units = fs::read_to_string(town.config_of("motcua-district")).unwrap();
    let units: toml::Table = units.parse().unwrap();
    let shared = ["nats", "registers", "profile", "keys", "checkpoint_seconds"];
    let shared = shared.map(|key| (key.to_owned(), units[key].clone()));
    let mut config: toml::Table = shared.into_iter().collect();
    let data = town.path("data").join(name).display().to_string();
    let more = format!(
        "data = {data:?}\nurl = \"http://127.0.0.1:9\"\nsimulated = true\nanswer_millis = 2000\n\
         pause_millis = 20\npause_millis_max = 300\n[partner]\nmadonvi = \"000.00.00.H33\"\n\
         fields = {{ \"Đất đai\" = \"H33-LV01\" }}\n"
    );
    config.extend(more.parse::<toml::Table>().unwrap());
    fs::write(town.config_of(name), config.to_string()).unwrap();
    Process::service_saying_everything(name, &town.config_of(name), &town.log_of(name))
}

async fn received(town: &Town, name: &str) -> String {
    let papers: Vec<Value> = (1..=4)
        .map(|n| json!({ "paper": n, "verdict": "original" }))
        .collect();
    let citizen = json!({ "name": name, "id_number": MARKS[2].1, "phone": MARKS[3].1 });
    let data = json!({
        "procedure": LAND_PROCEDURE, "channel": "direct", "papers": papers, "applicant": citizen,
    });
    let sent = message_at("2018-01-02T08:00", None, data);
    let answer = town.ask(COMMUNE, "receive", &sent).await.done();
    answer["dossier"].as_str().unwrap().to_owned()
}

async fn reads(town: &Town, unit: &str, code: &str, purpose: &str) -> Value {
    let asked = message(Some(code), json!({ "purpose": purpose }));
    town.ask(unit, "applicant", &asked).await.done()
}

fn order(code: &str, moment: &str) -> Value {
    let data = json!({ "basis": "subject_request", "reason": "Đơn số 12 ngày 19/01/2018" });
    message_at(moment, Some(code), data)
}

async fn readings(town: &Town, code: &str) -> Value {
    let asked = message(Some(code), json!({}));
    town.ask(COMMUNE, "readings", &asked).await.done()
}

async fn is_erased(town: &Town, code: &str) {
    eventually(&format!("{code} to be erased everywhere"), async || {
        let said = readings(town, code).await;
        said["erasure"]["erased_at"].is_string().then_some(())
    })
    .await;
}

async fn backed_up(town: &Town, unit: &str) -> PathBuf {
    let asked = message(None, json!({ "name": "truoc" }));
    let made = town.ask(unit, "back_up", &asked).await.done();
    made["file"].as_str().unwrap().into()
}

/// What a program printed that did what it was asked for.
fn printed(arguments: &[&str]) -> String {
    let output = motcua(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_name_is_in_no_file_of_any_process_and_every_proof_still_holds() {
    let mut town = town_that_keeps_for_two_years().await;
    let projector = town.projector().await;
    let portal = adapter(&town);
    let code = received(&town, NAME).await;
    let other = received(&town, "Trần Văn An").await;
    given(&town, LAND, &code, "conditions").await;
    reads(&town, LAND, &code, "contact").await;
    let home = reads(&town, COMMUNE, &code, "handover").await;
    assert_eq!(home["applicant"]["name"], NAME);
    let backup = backed_up(&town, LAND).await;
    backed_up(&town, COMMUNE).await;
    let copies = [COMMUNE, LAND].map(|unit| (unit, vault_copied(&town, unit)));

    // What is to be found nowhere in the end is where it belongs now.
    let kept = |number: usize| wrapped_in(&copies[number].1.path().join("vault"));
    let [(id, at_home), (other_id, _)] = &kept(0)[..] else {
        panic!("two dossiers, two keys");
    };
    let (granted, at_land) = &kept(1)[0];
    assert_eq!(granted, id);
    let key = key_in(&copies[0].1.path().join("vault"), *id).unwrap();
    assert_eq!(key_in(&copies[1].1.path().join("vault"), *id), Some(key));
    let wrapped = Marks::default()
        .exactly("wrapped at home", at_home.as_bytes())
        .exactly("wrapped at the land office", at_land.as_bytes());
    assert_eq!(wrapped.found_in(&town.path("")).hits.len(), 2);

    let asked = order(&code, "2018-01-02T10:00");
    let running = town.ask(COMMUNE, "erase", &asked).await;
    assert_eq!(running.refusal(), ("422", "personal_data.in_use"));
    walk(&town, &code).await;
    let early = order(&code, "2020-01-07T08:00");
    let early = town.ask(COMMUNE, "erase", &early).await;
    assert_eq!(early.refusal(), ("422", "personal_data.retained"));
    let told = early.body["message"].as_str().unwrap();
    assert!(told.contains("2 năm, đến ngày 08/01/2020"), "{told}");
    let elsewhere = order(&code, "2020-01-09T08:00");
    let elsewhere = town.ask(DISTRICT, "erase", &elsewhere).await;
    assert_eq!(elsewhere.refusal(), ("422", "home.elsewhere"));

    // The land office is away when the order is given.
    town.kill("motcua-agency");
    let asked = order(&code, "2020-01-09T08:00");
    town.ask(COMMUNE, "erase", &asked).await.done();
    is_destroyed(&town, COMMUNE, *id).await;
    let waiting = eventually("the home to have destroyed its key", async || {
        let said = readings(&town, &code).await;
        let waiting = said["erasure"]["waiting_for"].clone();
        (waiting.as_array()?.len() == 1).then_some(said)
    })
    .await;
    assert_eq!(waiting["erasure"]["waiting_for"], json!([LAND]));
    assert_eq!(waiting["erasure"]["erased_at"], Value::Null);
    assert!(still_kept(&town, LAND, *id));
    let question = message(Some(&code), json!({ "purpose": "contact" }));
    let closed = town.ask(COMMUNE, "applicant", &question).await;
    assert_eq!(closed.refusal(), ("422", "personal_data.not_readable"));
    town.start("motcua-agency").await;
    is_erased(&town, &code).await;
    is_destroyed(&town, LAND, *id).await;

    told_to_people(&town, &code).await;

    // An older vault comes back at home; at the land office journal and vault do.
    town.end("motcua-commune").await;
    vault_put_back(&town, COMMUNE, &copies[0].1);
    assert!(still_kept(&town, COMMUNE, *id));
    town.start("motcua-commune").await;
    is_destroyed(&town, COMMUNE, *id).await;
    town.end("motcua-agency").await;
    vault_put_back(&town, LAND, &copies[1].1);
    fs::remove_dir_all(town.unit_dir(LAND).join("journal")).unwrap();
    let dir = town.unit_dir(LAND).display().to_string();
    let by = ["--officer", "qt-01", "--reason", "Hỏng đĩa máy chủ"];
    printed(
        &[
            &["journal", "restore", backup.to_str().unwrap(), &dir][..],
            &by,
        ]
        .concat(),
    );
    town.start("motcua-agency").await;
    is_destroyed(&town, LAND, *id).await;
    eventually("the land office to be recovered", async || {
        let said = town.ask(LAND, "worklist", &message(None, json!({}))).await;
        said.refused.is_none().then_some(())
    })
    .await;
    // Nobody else's data went with it.
    let unharmed = reads(&town, COMMUNE, &other, "resolution").await;
    assert_eq!(unharmed["applicant"]["name"], "Trần Văn An");

    portal.end().await;
    projector.end().await;
    town.end_all().await;
    town.broker.kill();
    for unit in [COMMUNE, LAND] {
        let left = town.journal(unit).notes_with_prefix(b"erase/").unwrap();
        assert_eq!(left, [], "{unit} has nothing left to destroy");
    }
    assert_eq!(key_in(&vault_of(&town, COMMUNE), *id), None);
    assert!(key_in(&vault_of(&town, COMMUNE), *other_id).is_some());
    let mut marks = wrapped.however_written("key", &key);
    for (what, mark) in MARKS {
        marks = marks.however_written(what, mark.as_bytes());
    }
    marks.found_in(&town.path("")).nothing();
    every_proof_holds(&town, &code);
}

/// The page of the dossier, its forms and the list of its readings say what became of the data.
async fn told_to_people(town: &Town, code: &str) {
    let erased = "Đã xóa dữ liệu cá nhân tại mọi đơn vị";
    eventually("the projector to say that it is erased", async || {
        let page = town.query("dossier", &json!({ "code": code })).await;
        page.to_string().contains(erased).then_some(())
    })
    .await;
    let nats = town.broker.url();
    let form = printed(&["form", COMMUNE, code, "--form", "tt01/1", "--nats", &nats]);
    assert!(form.contains(code) && !form.contains(NAME));
    let list = printed(&["readings", COMMUNE, code, "--nats", &nats]);
    for told in [
        "Liên hệ người nộp hồ sơ",
        "Trả kết quả",
        "cb-01",
        "Họ tên, Số giấy tờ, Số điện thoại",
        "Khóa dữ liệu đã cấp cho",
        "đang được giải quyết",
        "2 năm, đến ngày 08/01/2020",
        erased,
    ] {
        assert!(list.contains(told), "{told}: {list}");
    }
    assert_eq!(readings(town, code).await["total"], 2);
}

/// Journals and the evidence of the dossier are as sound as before; the order and its basis are in it.
fn every_proof_holds(town: &Town, code: &str) {
    sound(town);
    let history = town.history(COMMUNE, code);
    for (kind, times) in [
        ("personal_data.read", 2),
        ("personal_data.key_granted", 1),
        ("personal_data.erasure_refused", 2),
        ("personal_data.erasure_ordered", 1),
        ("personal_data.keys_destroyed", 2),
        ("personal_data.erased", 1),
    ] {
        let found = history.iter().filter(|found| *found == kind).count();
        assert_eq!(found, times, "{kind} in {history:?}");
    }
    let entries = town.journal(COMMUNE).of_subject(code).unwrap();
    let erased = entries.iter().find_map(|entry| {
        let event = envelope::Event::read(&entry.signed.bytes).unwrap();
        let is_it = event.kind == "vn.motcua.personal_data.erased.v1";
        is_it.then(|| serde_json::from_str::<Value>(event.data.get()).unwrap())
    });
    let erased = erased.unwrap();
    assert_eq!(erased["places"], json!([COMMUNE, LAND]));
    let article = erased["article"].as_str().unwrap();
    assert!(article.contains("Luật 91/2025/QH15 điều 14"), "{article}");

    let shown = |name: &str| town.path(name).display().to_string();
    let (data, keys, bundle) = (shown("data"), shown("keys.json"), shown("a.bundle.json"));
    let page = shown("a.html");
    let to = ["--keys", &keys, "--output", &bundle, "--html", &page];
    printed(&[&["audit", "bundle", code, &data][..], &to].concat());
    printed(&["audit", "verify", &bundle, "--keys", &keys]);
    for unit in [COMMUNE, LAND] {
        let dir = town.unit_dir(unit).display().to_string();
        printed(&["audit", "verify", &dir, "--keys", &keys]);
    }
}

/// When a service is killed.
#[derive(Debug, Clone, Copy)]
enum Killed {
    /// As soon as the order is on the disk.
    AfterTheOrder,
    /// As soon as the list of destroyed keys names the key, whatever was written over.
    WhileDestroying,
    /// The home as soon as its key is gone, whatever was told of it.
    BeforeTelling,
    /// The land office as soon as its key is gone.
    ThereBeforeTelling,
    /// Everybody as soon as the order is on the disk.
    Everybody,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_interrupted_anywhere_ends_erased() {
    let mut town = Town::simulated().await;
    for killed in [
        Killed::AfterTheOrder,
        Killed::WhileDestroying,
        Killed::BeforeTelling,
        Killed::ThereBeforeTelling,
        Killed::Everybody,
    ] {
        let code = received(&town, NAME).await;
        given(&town, LAND, &code, "conditions").await;
        reads(&town, LAND, &code, "resolution").await;
        let (id, _) = wrapped_in(&vault_of(&town, LAND)).pop().unwrap();
        assert!(still_kept(&town, COMMUNE, id));
        let withdrawn = message_at("2018-01-02T09:00", Some(&code), json!({}));
        town.ask(COMMUNE, "withdraw", &withdrawn).await.done();
        let asked = order(&code, "2018-01-02T10:00");
        town.ask(COMMUNE, "erase", &asked).await.done();
        let mut away = vec!["motcua-commune"];
        match killed {
            Killed::AfterTheOrder => {}
            Killed::WhileDestroying => {
                let list = vault_of(&town, COMMUNE).join("destroyed.ids");
                eventually("the key to be named", async || {
                    let named = fs::read_to_string(&list).unwrap();
                    named.contains(&id.to_string()).then_some(())
                })
                .await;
            }
            Killed::BeforeTelling => is_destroyed(&town, COMMUNE, id).await,
            Killed::ThereBeforeTelling => {
                is_destroyed(&town, LAND, id).await;
                away = vec!["motcua-agency"];
            }
            Killed::Everybody => away.push("motcua-agency"),
        }
        for service in &away {
            town.kill(service);
        }
        for service in away {
            town.start(service).await;
        }
        is_erased(&town, &code).await;
        for unit in [COMMUNE, LAND] {
            assert!(!still_kept(&town, unit, id), "{killed:?} at {unit}");
        }
        // The order is answered as it was, and no second one follows from it.
        town.ask(COMMUNE, "erase", &asked).await.done();
        let again = town
            .ask(COMMUNE, "erase", &order(&code, "2018-01-02T11:00"))
            .await;
        assert_eq!(again.refusal(), ("422", "personal_data.erased_already"));
    }
    town.end_all().await;
    sound(&town);
}
