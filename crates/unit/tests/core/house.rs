//! Units of the published profile, each with a journal of its own, and the lines between them.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use calendar::{Calendar, Moment};
use catalogue::Catalogue;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId, UnitId};
use dossier::privacy::{Field, Purpose, Read};
use envelope::{Draft, Event, KeyRegister, KeyRing, PublicKeys, Signed, UnitKey};
use journal::{Entry, Group, Journal, Options};
use serde_json::json;
use serde_json::value::to_raw_value;
use tempfile::TempDir;
use unit::answer::{Answer, Noted, Refused};
use unit::command::CommandEnvelope;
use unit::core::{Core, Outcome};
use unit::memory::{Memory, Remembered};
use unit::reader::KeyWanted;
use unit::stamp::Stamp;
use uuid::Uuid;

use crate::clerk::Clerk;

pub const DISTRICT: &str = "H33-27";
pub const COMMUNE: &str = "H33-27-04";
pub const LAND: &str = "H33-27-91";
pub const TAX: &str = "H33-27-92";
pub const POLICE: &str = "H33-27-93";
/// Land registration: the land office twice, the tax office, and the land office once more.
pub const LAND_PROCEDURE: &str = "1.010754";
/// Business register at the district, then a tax code at the tax office.
pub const BUSINESS: &str = "DNG-288122_1";
pub const CERTIFIED_COPY: &str = "2.000815";

pub fn at(text: &str) -> Moment {
    calendar::parse_moment(&format!("{text}:00+07:00")).unwrap()
}

pub fn unit_id(text: &str) -> UnitId {
    UnitId::parse(text).unwrap()
}

fn deployed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn catalogue() -> Arc<Catalogue> {
    static LOADED: OnceLock<Arc<Catalogue>> = OnceLock::new();
    let load = || {
        let deploy = deployed();
        Arc::new(Catalogue::load(&deploy.join("registers"), &deploy.join("chau-thanh")).unwrap())
    };
    Arc::clone(LOADED.get_or_init(load))
}

/// The published profile with one file of it written otherwise.
pub fn catalogue_with(file: &str, write: impl Fn(String) -> String) -> Arc<Catalogue> {
    let dir = TempDir::new().unwrap();
    for place in ["registers", "registers/routes", "chau-thanh"] {
        fs::create_dir_all(dir.path().join(place)).unwrap();
        for entry in fs::read_dir(deployed().join(place)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap();
                fs::copy(&path, dir.path().join(place).join(name)).unwrap();
            }
        }
    }
    let path = dir.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    let otherwise = write(text.clone());
    assert_ne!(otherwise, text, "{file} is as it was");
    fs::write(&path, otherwise).unwrap();
    let (registers, profile) = (dir.path().join("registers"), dir.path().join("chau-thanh"));
    Arc::new(Catalogue::load(&registers, &profile).unwrap())
}

/// A unit's key follows from its name, so that anyone here can sign as anyone.
pub fn key_of(unit: &str) -> Arc<UnitKey> {
    let mut seed = [7; 32];
    seed[..unit.len()].copy_from_slice(unit.as_bytes());
    Arc::new(UnitKey::from_seed(seed))
}

/// The public keys of `units`.
pub fn register(units: &[&str]) -> Arc<KeyRegister> {
    let mut keys = KeyRegister::new();
    for unit in units {
        let row = PublicKeys::new(unit, key_of(unit).public(), [1; 32]);
        keys.insert(&row).unwrap();
    }
    Arc::new(keys)
}

/// One unit at work.
pub struct House {
    pub core: Core<Clerk>,
    pub journal: Journal,
    pub name: &'static str,
    dir: TempDir,
    way: Way,
    lives: u64,
}

/// How a unit is set up.
#[derive(Clone)]
struct Way {
    at_hand: usize,
    simulated: bool,
    catalogue: Arc<Catalogue>,
    keys: Arc<KeyRegister>,
}

impl House {
    pub fn new(name: &'static str) -> Self {
        Self::with_memory(name, 64)
    }

    /// A unit that keeps only so many dossiers at hand.
    pub fn with_memory(name: &'static str, at_hand: usize) -> Self {
        Self::set_up(name, at_hand, true, catalogue())
    }

    /// A unit whose instants are the machine's.
    pub fn in_real_time(name: &'static str) -> Self {
        Self::set_up(name, 64, false, catalogue())
    }

    /// A unit of another profile.
    pub fn under(name: &'static str, catalogue: Arc<Catalogue>) -> Self {
        Self::set_up(name, 64, true, catalogue)
    }

    fn set_up(
        name: &'static str,
        at_hand: usize,
        simulated: bool,
        catalogue: Arc<Catalogue>,
    ) -> Self {
        let dir = TempDir::new().unwrap();
        let way = Way {
            at_hand,
            simulated,
            catalogue,
            keys: register(&[DISTRICT, COMMUNE, LAND, TAX, POLICE]),
        };
        let (core, journal) = open(dir.path(), name, &way, 0);
        Self {
            core,
            journal,
            name,
            dir,
            way,
            lives: 0,
        }
    }

    /// Ends the unit and starts it again over the same journal.
    pub fn restarted(self) -> Self {
        let Self {
            core,
            journal,
            name,
            dir,
            way,
            lives,
        } = self;
        drop((core, journal));
        let (core, journal) = open(dir.path(), name, &way, lives + 1);
        Self {
            core,
            journal,
            name,
            dir,
            way,
            lives: lives + 1,
        }
    }

    /// The same with a register of keys that names only `units`.
    pub fn restarted_trusting(mut self, units: &[&str]) -> Self {
        self.way.keys = register(units);
        self.restarted()
    }

    /// The same started again with keys of its own and what it knows of everybody's.
    pub fn signing_with(mut self, ring: KeyRing, keys: Arc<KeyRegister>) -> Self {
        self.way.keys = keys;
        let mut house = self.restarted();
        house.core = house.core.signing_with(ring);
        house
    }

    /// The same unit over a journal made from `backup`, which knows nothing of what came after.
    pub fn restored_from(&self, backup: &Path) -> Self {
        let dir = TempDir::new().unwrap();
        journal::restore(
            backup,
            dir.path(),
            "2018-01-09T08:00:00+07:00",
            "qt-01",
            "hỏng đĩa",
        )
        .unwrap();
        let (core, journal) = open(dir.path(), self.name, &self.way, self.lives + 1_000);
        Self {
            core,
            journal,
            name: self.name,
            dir,
            way: self.way.clone(),
            lives: self.lives + 1_000,
        }
    }

    /// Sends a command about no dossier; what follows from it is on the disk when this returns.
    pub async fn notes_down(
        &mut self,
        name: &str,
        sent: &CommandEnvelope,
    ) -> Result<Noted, Refused> {
        match self.core.command(name, sent).unwrap() {
            Outcome::Noted(group, noted) => {
                self.write(group).await;
                Ok(noted)
            }
            Outcome::Refused(refused) | Outcome::RefusedOnRecord(_, refused) => Err(refused),
            Outcome::Followed(..) => panic!("{name} is about a dossier"),
        }
    }

    /// Recounts open dossiers until none waits for it.
    pub async fn sweeps(&mut self) {
        while self.core.sweep_waits_for().is_some() {
            let group = self.core.sweep().unwrap();
            self.write(group).await;
        }
    }

    /// Time passes.
    pub async fn wakes(&mut self, moment: &str) {
        let group = self.core.wake(at(moment)).unwrap();
        self.write(group).await;
    }

    /// Sends a command; what follows from it is on the disk when this returns.
    pub async fn does(&mut self, name: &str, sent: &CommandEnvelope) -> Result<Answer, Refused> {
        match self.core.command(name, sent).unwrap() {
            Outcome::RefusedOnRecord(group, refused) => {
                self.write(group).await;
                Err(refused)
            }
            Outcome::Followed(group, answer) => {
                self.write(group).await;
                Ok(answer)
            }
            Outcome::Refused(refused) => Err(refused),
            Outcome::Noted(..) => panic!("{name} is about no dossier"),
        }
    }

    /// Sends a command; what follows from it is not written yet.
    pub fn thinks(
        &mut self,
        name: &str,
        sent: &CommandEnvelope,
    ) -> Result<(Group, Answer), Refused> {
        match self.core.command(name, sent).unwrap() {
            Outcome::Followed(group, answer) => Ok((group, answer)),
            Outcome::Refused(refused) | Outcome::RefusedOnRecord(_, refused) => Err(refused),
            Outcome::Noted(..) => panic!("{name} is about no dossier"),
        }
    }

    pub async fn write(&self, group: Group) {
        self.journal.append(group).await.await.unwrap();
    }

    /// Takes an event in as link `link` of `from`'s line.
    pub async fn hears(&mut self, signed: Signed, from: &str, link: u64) {
        let group = self.core.arrived(signed, from, link).unwrap();
        self.write(group).await;
    }

    /// Takes in the next event on the line from `from`; false when there is none.
    pub async fn hears_next(&mut self, from: &House) -> bool {
        let link = self.journal.received_position(from.name) + 1;
        let Some(entry) = from.journal.delivery(self.name, link).unwrap() else {
            return false;
        };
        self.hears(entry.signed, from.name, link).await;
        true
    }

    /// An officer reads the personal data of a dossier.
    pub async fn reads(&mut self, id: u128, code: &DossierCode) -> Result<(), Refused> {
        let sent = command(id, "2018-01-03T08:00", Some(code), json!({}));
        let read = Read {
            officer: sent.officer.clone(),
            purpose: Purpose::Resolution,
            applicant: vec![Field::Name],
            delegate: Vec::new(),
        };
        let group = self.core.read(code, &sent, read).unwrap()?;
        self.write(group).await;
        Ok(())
    }

    /// The key of a dossier is granted to a unit.
    pub async fn grants(&mut self, id: u128, code: &DossierCode, to: &str) -> Result<(), Refused> {
        let sent = command(id, "2018-01-03T08:00", Some(code), json!({}));
        let wanted = KeyWanted { unit: unit_id(to) };
        let (group, _) = self.core.grant(code, &sent, &wanted).unwrap()?;
        self.write(group).await;
        Ok(())
    }

    /// Every key that this unit still has to destroy is destroyed in its vault.
    pub async fn destroys(&mut self) {
        for (key, value) in self.notes(unit::watch::TO_ERASE) {
            let (code, _) = unit::watch::keys_of(&key, &value).unwrap();
            let group = self.core.destroyed(&code).unwrap();
            self.write(group).await;
        }
    }

    pub fn dossier(&mut self, code: &DossierCode) -> Remembered {
        self.core.show(code).unwrap().unwrap()
    }

    /// The dossier as a unit without any memory makes it out of the journal.
    pub fn recalled(&self, code: &DossierCode) -> Option<Remembered> {
        Memory::over(self.journal.clone()).take(code).unwrap()
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.journal.scan(0).map(Result::unwrap).collect()
    }

    /// Types of everything in the journal, shortened to thing and participle.
    pub fn kinds(&self) -> Vec<String> {
        self.entries().iter().map(kind).collect()
    }

    pub fn reasons(&self) -> Vec<String> {
        self.journal
            .quarantined()
            .unwrap()
            .into_iter()
            .map(|kept| kept.reason)
            .collect()
    }

    /// What the indexes say under `prefix`.
    pub fn notes(&self, prefix: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.journal
            .notes_with_prefix(prefix.as_bytes())
            .unwrap()
            .into_iter()
            .collect()
    }

    /// Signs a fact as this unit would, under the next number, without writing it.
    pub fn forges(&self, id: u128, code: &DossierCode, fact: &Fact) -> Signed {
        let data = dossier::wire::write(fact).unwrap();
        self.signs(
            id,
            code.as_str(),
            dossier::wire::kind(fact),
            data.get(),
            true,
        )
    }

    pub fn signs(
        &self,
        id: u128,
        subject: &str,
        kind: &str,
        data: &str,
        simulated: bool,
    ) -> Signed {
        let data = serde_json::value::RawValue::from_string(data.to_owned()).unwrap();
        let key = key_of(self.name);
        let bytes = Draft {
            id: Uuid::from_u128(id),
            unit: self.name,
            kind,
            subject,
            time: at("2018-01-03T09:00"),
            recorded: at("2018-01-03T09:00"),
            epoch: self.journal.epoch(),
            sequence: self.journal.last_sequence() + 1,
            causation: None,
            parents: &[],
            schema: "urn:motcua:schema:events:test",
            simulated,
            traceparent: None,
            data: &data,
        }
        .write()
        .unwrap();
        let signature = key.sign_event(&bytes);
        Signed {
            bytes: bytes.into(),
            signature,
            key: key.id(),
        }
    }
}

fn open(dir: &Path, name: &str, way: &Way, life: u64) -> (Core<Clerk>, Journal) {
    let epoch = Uuid::from_u128(u128::from_be_bytes(*b"an epoch of test") + name.len() as u128);
    let journal = Journal::open(dir, Options::new(name, epoch)).unwrap();
    let seed = life + name.bytes().map(u64::from).sum::<u64>() * 1_000;
    let stamp = if way.simulated {
        Stamp::fixed(at("2018-01-02T08:00"), seed)
    } else {
        Stamp::machine()
    };
    let calendar = Arc::new(Calendar::published().clone());
    let core = Core::new(
        Clerk,
        unit_id(name),
        key_of(name),
        stamp,
        Arc::clone(&way.catalogue),
        calendar,
        journal.clone(),
    )
    .unwrap();
    (
        core.at_hand(NonZeroUsize::new(way.at_hand).unwrap())
            .trusting(Arc::clone(&way.keys)),
        journal,
    )
}

pub fn kind(entry: &Entry) -> String {
    let event = Event::read(&entry.signed.bytes).unwrap();
    let short = event
        .kind
        .trim_start_matches("vn.motcua.")
        .trim_end_matches(".v1");
    short.to_owned()
}

/// Everything that is said is heard, until nobody has anything to say.
pub async fn talk(houses: &mut [House]) {
    let mut quiet = false;
    while !quiet {
        quiet = true;
        for from in 0..houses.len() {
            for to in 0..houses.len() {
                while hear_one(houses, from, to).await {
                    quiet = false;
                }
            }
        }
    }
}

/// One event from one to another, if there is one.
pub async fn hear_one(houses: &mut [House], from: usize, to: usize) -> bool {
    match houses.get_disjoint_mut([from, to]) {
        Ok([from, to]) => to.hears_next(from).await,
        Err(_) => false,
    }
}

pub fn command(
    id: u128,
    moment: &str,
    code: Option<&DossierCode>,
    data: serde_json::Value,
) -> CommandEnvelope {
    CommandEnvelope {
        id: Uuid::from_u128(id),
        officer: OfficerId::parse("cb-01").unwrap(),
        at: Some(at(moment)),
        dossier: code.cloned(),
        data: to_raw_value(&data).unwrap(),
    }
}

pub fn receive(id: u128, moment: &str, procedure: &str) -> CommandEnvelope {
    let papers: Vec<_> = (1..=papers_of(procedure))
        .map(|n| json!({ "paper": n, "verdict": "original" }))
        .collect();
    let applicant = json!({ "key": Uuid::from_u128(9), "box": "bWF0" });
    let data = json!({ "procedure": procedure, "channel": "direct", "applicant": applicant, "papers": papers });
    command(id, moment, None, data)
}

fn papers_of(procedure: &str) -> u16 {
    match procedure {
        LAND_PROCEDURE => 4,
        BUSINESS => 3,
        _ => 1,
    }
}

pub fn complete(id: u128, moment: &str, code: &DossierCode, step: &str) -> CommandEnvelope {
    command(
        id,
        moment,
        Some(code),
        json!({ "step": step, "outcome": "approved" }),
    )
}
