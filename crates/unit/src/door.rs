//! The door of a unit: what comes in from officers is read here, and personal data is sealed
//! before anything goes further in. Behind the door nothing is in the clear.

use calendar::Moment;
use dossier::desk::Register;
use dossier::intake::{Person, Sealed};
use dossier::receive::Receive;
use envelope::DossierKey;
use journal::Journal;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;
use vault::Vault;

use crate::answer::Refused;
use crate::command::CommandEnvelope;
use crate::officers::Staff;
use crate::pace::Pace;
use crate::roles::BETWEEN_UNITS;
use crate::stamp::{Stamp, machine_now};
use crate::watch;

/// The sealed field that holds the applicant.
pub(crate) const APPLICANT: &str = "applicant";
/// The sealed field that holds whoever handed the dossier in for them.
pub(crate) const DELEGATE: &str = "delegate";

/// One unit's door.
#[derive(Clone)]
pub(crate) struct Door {
    vault: Vault,
    journal: Journal,
    simulated: bool,
    staff: Staff,
    pace: Pace,
}

impl Door {
    /// A door before a journal, with the vault that keeps its keys.
    pub(crate) fn new(
        vault: Vault,
        journal: Journal,
        simulated: bool,
        staff: Staff,
        pace: Pace,
    ) -> Self {
        Self {
            vault,
            journal,
            simulated,
            staff,
            pace,
        }
    }

    /// Reads a command. New keys survive a power cut before this returns.
    ///
    /// # Errors
    /// The refusal of a command that cannot be read, that its officer may not give, or whose persons
    /// cannot be sealed.
    pub(crate) async fn admit(
        &self,
        name: &str,
        payload: &[u8],
    ) -> Result<CommandEnvelope<Box<RawValue>>, Refused> {
        let malformed = |error: serde_json::Error| Refused::malformed(error.to_string());
        let mut sent: CommandEnvelope<Box<RawValue>> =
            serde_json::from_slice(payload).map_err(malformed)?;
        self.staff.permit(name, &sent.officer)?;
        if !BETWEEN_UNITS.contains(&name) {
            self.pace.keep(&sent.officer)?;
        }
        // A repeated command is answered from its first outcome: no new key for it.
        let repeated = self
            .journal
            .note(&watch::outcome_key(&sent.id))
            .ok()
            .flatten()
            .is_some();
        if repeated || !matches!(name, "register" | "receive") {
            if repeated && matches!(name, "register" | "receive") {
                sent.data = RawValue::NULL.to_owned();
            }
            return Ok(sent);
        }
        let mut seal = Seal::new(self.instant(sent.at))?;
        let data = match name {
            "register" => {
                let clear: Register<Person> =
                    serde_json::from_str(sent.data.get()).map_err(malformed)?;
                let applicant = seal.person(APPLICANT, &clear.applicant)?;
                to_raw_value(&Register {
                    procedure: clear.procedure,
                    applicant,
                })
            }
            _ => {
                let clear: Receive<Person> =
                    serde_json::from_str(sent.data.get()).map_err(malformed)?;
                let applicant = seal.person(APPLICANT, &clear.applicant)?;
                let delegate = clear
                    .delegate
                    .as_ref()
                    .map(|person| seal.person(DELEGATE, person))
                    .transpose()?;
                to_raw_value(&Receive {
                    procedure: clear.procedure,
                    channel: clear.channel,
                    applicant,
                    delegate,
                    papers: clear.papers,
                    at_once: clear.at_once,
                    options: clear.options,
                    sets: clear.sets,
                    return_by: clear.return_by,
                    paper: clear.paper,
                    aliases: clear.aliases,
                    outside: clear.outside,
                })
            }
        };
        sent.data = data.map_err(malformed)?;
        self.vault
            .keep(seal.id, seal.key)
            .await
            .map_err(|error| not_kept(&error.to_string()))?;
        Ok(sent)
    }

    fn instant(&self, named: Option<Moment>) -> Moment {
        named.filter(|_| self.simulated).unwrap_or_else(machine_now)
    }
}

/// One dossier's key while it is being used for the first time.
struct Seal {
    id: Uuid,
    key: DossierKey,
    stamp: Stamp,
}

impl Seal {
    fn new(at: Moment) -> Result<Self, Refused> {
        let mut stamp = Stamp::simulated(at);
        let id = stamp.id();
        let key = DossierKey::generate(stamp.chance());
        Ok(Self { id, key, stamp })
    }

    fn person(&mut self, field: &str, person: &Person) -> Result<Sealed, Refused> {
        use rand::RngCore;
        if person.name.trim().is_empty() {
            return Err(Refused::malformed(format!("{field}.name is empty")));
        }
        let plain =
            serde_json::to_vec(person).map_err(|error| Refused::malformed(error.to_string()))?;
        let mut nonce = [0; 24];
        self.stamp.chance().fill_bytes(&mut nonce);
        let sealed = self
            .key
            .seal(self.id, field, &plain, nonce)
            .map_err(|error| not_kept(&error.to_string()))?;
        Ok(Sealed {
            key: sealed.key,
            sealed: sealed.boxed,
        })
    }
}

fn not_kept(why: &str) -> Refused {
    Refused {
        code: "personal_data.not_kept".into(),
        message: format!("Không lưu được khóa dữ liệu cá nhân: {why}"),
        rule: "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15".into(),
    }
}
