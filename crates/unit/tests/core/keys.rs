//! The keys that a unit signs with: replaced and revoked by command, told to everybody, and found again
//! after every kind of end.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use dossier::fact::Fact;
use dossier::wire;
use envelope::{Event, KeyId, KeyRegister, KeyRing, PublicKeys, Signed, UnitKey};
use journal::Journal;
use serde_json::{Value, json};
use tempfile::TempDir;
use unit::answer::{Noted, Refused};
use unit::command::CommandEnvelope;
use unit::identity::{self, FollowError, Identity};

use crate::house::{
    BUSINESS, COMMUNE, DISTRICT, House, LAND, POLICE, TAX, command, key_of, receive, register,
};

const WHEN: &str = "2018-01-05T08:00";

fn ordered(id: u128, data: Value) -> CommandEnvelope {
    command(id, WHEN, None, data)
}

/// Replaces the key as the host does: the next one is laid ready first.
async fn rotate(house: &mut House, id: u128, next: u8) -> Arc<UnitKey> {
    let next = Arc::new(UnitKey::from_seed([next; 32]));
    house.core.lay_ready(Arc::clone(&next));
    let sent = ordered(id, json!({ "reason": "Đến hạn thay khóa" }));
    house.notes_down("rotate_key", &sent).await.unwrap();
    next
}

fn revocation(house: &House, key: &str, sequence: u64) -> Value {
    json!({ "key": key, "after": { "epoch": house.journal.epoch(), "sequence": sequence },
        "reason": "Máy chủ bị xâm nhập" })
}

async fn revoke(house: &mut House, id: u128, data: Value) -> Result<Noted, Refused> {
    house.notes_down("revoke_key", &ordered(id, data)).await
}

/// Everything on the line to `to`, in its order.
fn line(house: &House, to: &str) -> Vec<Signed> {
    let links = 1..=house.journal.last_link(to);
    links
        .map(|link| house.journal.delivery(to, link).unwrap().unwrap().signed)
        .collect()
}

#[tokio::test]
async fn everybody_hears_of_a_new_key_before_anything_that_it_signed() {
    let mut district = House::new(DISTRICT);
    let sent = receive(1, "2018-01-02T08:00", BUSINESS);
    district.does("receive", &sent).await.unwrap();
    let old = key_of(DISTRICT);
    let new = rotate(&mut district, 2, 21).await;
    let sent = receive(3, "2018-01-05T08:00", BUSINESS);
    district.does("receive", &sent).await.unwrap();

    let signers: Vec<_> = district
        .entries()
        .into_iter()
        .map(|entry| entry.signed.key)
        .collect();
    let turned = district
        .kinds()
        .iter()
        .position(|kind| kind == "key.rotated")
        .unwrap();
    assert!(signers[..=turned].iter().all(|key| *key == old.id()));
    assert!(signers.len() > turned + 1);
    assert!(signers[turned + 1..].iter().all(|key| *key == new.id()));

    for to in [COMMUNE, LAND, TAX, POLICE] {
        let line = line(&district, to);
        let keys = register(&[DISTRICT]);
        for signed in &line {
            keys.verify(signed).unwrap();
        }
        let about = line
            .iter()
            .map(|signed| Event::read(&signed.bytes).unwrap().kind);
        assert_eq!(
            about.filter(|kind| kind.contains("key.rotated")).count(),
            1,
            "{to}"
        );
    }
    let said = &district.entries()[turned].signed;
    let event = Event::read(&said.bytes).unwrap();
    let Ok(Some(Fact::KeyRotated(fact))) = wire::read(event.kind, event.data) else {
        panic!("another fact");
    };
    assert_eq!(
        (fact.officer.as_str(), fact.reason.as_str()),
        ("cb-01", "Đến hạn thay khóa")
    );
}

#[tokio::test]
async fn a_repeated_rotation_replaces_the_key_once() {
    let mut district = House::new(DISTRICT);
    let first = rotate(&mut district, 2, 21).await;
    let again = rotate(&mut district, 2, 22).await;
    assert_ne!(first.id(), again.id());
    assert_eq!(district.core.key_in_use(), first.id());
    let rotations = district
        .kinds()
        .into_iter()
        .filter(|kind| kind == "key.rotated");
    assert_eq!(rotations.count(), 1);
}

#[tokio::test]
async fn what_would_count_nowhere_is_refused_and_leaves_nothing() {
    let mut district = House::new(DISTRICT);
    let old = key_of(DISTRICT).id().to_string();
    let reason = json!({ "reason": "Đến hạn" });
    let unready = district.notes_down("rotate_key", &ordered(1, reason)).await;
    assert_eq!(unready.unwrap_err().code, "key.not_made");
    district
        .core
        .lay_ready(Arc::new(UnitKey::from_seed([21; 32])));
    let silent = ordered(2, json!({ "reason": " " }));
    let silent = district.notes_down("rotate_key", &silent).await;
    assert_eq!(silent.unwrap_err().code, "quarantine.no_reason");

    let own = revocation(&district, &old, 0);
    assert_eq!(
        revoke(&mut district, 3, own).await.unwrap_err().code,
        "key.in_use"
    );
    for strange in ["0123456789abcdef", "no key"] {
        let strange = revocation(&district, strange, 0);
        assert_eq!(
            revoke(&mut district, 4, strange).await.unwrap_err().code,
            "key.unknown"
        );
    }
    assert_eq!(district.journal.size(), 0);

    rotate(&mut district, 5, 21).await;
    let future = revocation(&district, &old, 2);
    assert_eq!(
        revoke(&mut district, 6, future).await.unwrap_err().code,
        "key.not_said_yet"
    );
    let now = revocation(&district, &old, 1);
    revoke(&mut district, 7, now).await.unwrap();
    assert_eq!(district.kinds(), ["key.rotated", "key.revoked"]);
}

/// The register of keys that a unit was started with names another key as its own.
#[tokio::test]
async fn a_unit_says_nothing_about_keys_that_its_own_register_would_not_believe() {
    let mut stranger = House::new(DISTRICT).restarted_trusting(&[COMMUNE]);
    stranger
        .core
        .lay_ready(Arc::new(UnitKey::from_seed([21; 32])));
    let sent = ordered(1, json!({ "reason": "Đến hạn" }));
    let refused = stranger.notes_down("rotate_key", &sent).await.unwrap_err();
    assert_eq!(refused.code, "key.not_counting");
    assert_eq!(stranger.core.key_in_use(), key_of(DISTRICT).id());
    let sent = receive(2, "2018-01-05T08:00", BUSINESS);
    stranger.does("receive", &sent).await.unwrap();
    let first = Event::read(&stranger.entries()[0].signed.bytes)
        .unwrap()
        .sequence;
    assert_eq!(first, 1, "no number was spent on it");
}

/// A thief signs a further event with the old key.
#[tokio::test]
async fn a_stolen_key_is_refused_by_name_once_it_is_revoked() {
    let mut district = House::new(DISTRICT);
    let sent = receive(1, "2018-01-02T08:00", BUSINESS);
    let code = district.does("receive", &sent).await.unwrap().dossier;
    let stolen = key_of(DISTRICT).id();
    let settled = Fact::Withdrawn(dossier::outcome::Withdrawn {
        reason: "giả mạo".into(),
    });
    // `forges` signs with the first key, under the next number.
    let before = district.forges(50, &code, &settled);
    let keys = register(&[DISTRICT]);
    keys.verify(&before).expect("nobody can know yet");

    rotate(&mut district, 2, 21).await;
    let at = district.journal.last_sequence();
    let data = revocation(&district, stolen.as_str(), at);
    revoke(&mut district, 3, data).await.unwrap();
    let after = district.forges(51, &code, &settled);
    for signed in line(&district, TAX) {
        keys.verify(&signed).unwrap();
    }
    let said = keys.verify(&after).unwrap_err().to_string();
    for word in [
        stolen.as_str(),
        DISTRICT,
        "was revoked",
        &format!("number {at} of epoch"),
    ] {
        assert!(said.contains(word), "{said} does not say {word}");
    }
}

/// A unit's directory with its secret file, and a journal in which it lives.
struct Home {
    dir: TempDir,
    house: House,
}

impl Home {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        identity::create(dir.path(), DISTRICT).unwrap();
        Self {
            dir,
            house: House::new(DISTRICT),
        }
    }

    /// What the next start finds.
    fn started(&self) -> Identity {
        started(self.dir.path(), &self.house.journal).unwrap()
    }
}

fn started(dir: &Path, journal: &Journal) -> Result<Identity, FollowError> {
    let identity = identity::load(dir, DISTRICT).unwrap();
    identity::follow(journal, &identity)?;
    Ok(identity)
}

fn id(ring: &KeyRing) -> String {
    ring.current().id().to_string()
}

/// Lets the unit live with its own keys, as a start does.
fn live(home: &mut Home) -> Identity {
    let identity = home.started();
    let mut keys = KeyRegister::new();
    let first = identity::create(home.dir.path(), DISTRICT).unwrap();
    keys.insert(&PublicKeys { ..first }).unwrap();
    home.house.journal.remind_of_keys(&keys).unwrap();
    let name = home.house.name;
    let spare = std::mem::replace(&mut home.house, House::new(name));
    home.house = spare.signing_with(identity.signing.clone(), Arc::new(keys));
    identity
}

#[tokio::test]
async fn a_unit_that_ends_anywhere_in_a_rotation_goes_on_with_the_key_of_its_journal() {
    let mut home = Home::new();
    let identity = live(&mut home);
    let old = id(&identity.signing);

    // Before the event: the new seed is on the disk and signs nothing.
    let next = identity
        .seeds
        .next(&identity.signing.current().id())
        .unwrap();
    let path = identity::secret_file(home.dir.path(), DISTRICT);
    fs::write(path.with_extension("key.new"), "half of one").unwrap();
    let identity = live(&mut home);
    assert_eq!(id(&identity.signing), old);
    let again = identity
        .seeds
        .next(&identity.signing.current().id())
        .unwrap();
    assert_eq!(again.id(), next.id(), "no second seed is made");

    // The event is durable, and nothing after it.
    home.house.core.lay_ready(again);
    let sent = ordered(1, json!({ "reason": "Đến hạn" }));
    home.house.notes_down("rotate_key", &sent).await.unwrap();
    let identity = live(&mut home);
    assert_eq!(id(&identity.signing), next.id().to_string());
    let sent = receive(2, "2018-01-05T08:00", BUSINESS);
    home.house.does("receive", &sent).await.unwrap();
    let signed = &home.house.entries()[1].signed;
    assert_eq!(signed.key, next.id());

    // Revoked: its seed leaves the file at the next start, and the journal still leads to the new one.
    let data = revocation(&home.house, &old, 1);
    revoke(&mut home.house, 3, data).await.unwrap();
    let identity = live(&mut home);
    assert_eq!(id(&identity.signing), next.id().to_string());
    assert_eq!(identity.seeds.first().id(), next.id());
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("further"), "{text}");
    assert!(identity.seeds.know(&KeyId::parse(&old).unwrap()));
    assert!(identity.seeds.of(&KeyId::parse(&old).unwrap()).is_none());
    assert_eq!(id(&live(&mut home).signing), next.id().to_string());
}

#[tokio::test]
async fn a_unit_without_the_seed_that_its_journal_names_does_not_sign() {
    let mut home = Home::new();
    let identity = live(&mut home);
    let path = identity::secret_file(home.dir.path(), DISTRICT);
    let before = fs::read(&path).unwrap();
    let next = identity
        .seeds
        .next(&identity.signing.current().id())
        .unwrap();
    home.house.core.lay_ready(Arc::clone(&next));
    let sent = ordered(1, json!({ "reason": "Đến hạn" }));
    home.house.notes_down("rotate_key", &sent).await.unwrap();
    fs::write(&path, before).unwrap();
    let Err(error) = started(home.dir.path(), &home.house.journal) else {
        panic!("it signs with a key that counts no more");
    };
    let said = error.to_string();
    assert!(
        said.contains(next.id().as_str()) && said.contains("unit.key"),
        "{said}"
    );
}

#[tokio::test]
async fn a_restored_unit_tells_everybody_of_its_keys_again() {
    let mut district = House::new(DISTRICT);
    let backup = TempDir::new().unwrap();
    let file = backup.path().join("district.backup");
    let sent = receive(1, "2018-01-02T08:00", BUSINESS);
    district.does("receive", &sent).await.unwrap();
    district.journal.backup(&file, None).unwrap();
    rotate(&mut district, 2, 21).await;
    let held = district.entries().len();

    let mut restored = district.restored_from(&file);
    let kept = restored.entries().len();
    let lost: Vec<Signed> = district.entries()[kept..held]
        .iter()
        .map(|entry| entry.signed.clone())
        .collect();
    let group = restored.core.retake(lost).unwrap();
    let owed: Vec<_> = group
        .notes
        .iter()
        .filter(|note| note.key.starts_with(b"recovery/owed/"))
        .collect();
    let told = String::from_utf8(owed.last().unwrap().value.clone().unwrap()).unwrap();
    for to in [COMMUNE, LAND, TAX, POLICE] {
        assert!(told.contains(to), "{told}");
    }
}
