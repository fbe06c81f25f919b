//! Opening personal data for an officer, with a key from the vault, or one that the home grants to a
//! unit that has a step. What is opened here is given out by `asked`, once that is recorded.

use std::sync::Arc;
use std::time::Duration;

use dossier::dossier::Dossier;
use dossier::ids::{OfficerId, UnitId};
use dossier::intake::{Person, Sealed};
use dossier::privacy::{Field, Purpose, Read};
use envelope::{DossierKey, Grant, KeyRegister, SealingKey};
use exchange::subject::{self, UnitToken};
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vault::Vault;

use crate::answer::Refused;
use crate::core::ERASED;
use crate::door::{APPLICANT, DELEGATE};

/// How long a home may take to grant a key.
const GRANT_PATIENCE: Duration = Duration::from_secs(5);

/// The persons of a dossier, in the clear, for the officer who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Persons {
    /// Chủ hồ sơ.
    pub applicant: Person,
    /// Người nộp thay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegate: Option<Person>,
}

/// Question: who the persons of a dossier are. That they were read is recorded before they are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonsWanted {
    /// What for.
    pub purpose: Purpose,
}

impl Persons {
    /// What `officer` reads of them.
    pub(crate) fn read_by(&self, officer: &OfficerId, purpose: Purpose) -> Read {
        Read {
            officer: officer.clone(),
            purpose,
            applicant: fields(&self.applicant),
            delegate: self.delegate.as_ref().map(fields).unwrap_or_default(),
        }
    }
}

fn fields(person: &Person) -> Vec<Field> {
    let told = [
        (true, Field::Name),
        (person.id_number.is_some(), Field::IdNumber),
        (person.address.is_some(), Field::Address),
        (person.phone.is_some(), Field::Phone),
    ];
    let told = told.into_iter().filter(|(is_told, _)| *is_told);
    told.map(|(_, field)| field).collect()
}

/// A request for a dossier's key, from a unit that has a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyWanted {
    /// The unit that wants it. The key is sealed so that no other can use it.
    pub unit: UnitId,
}

/// A dossier's key, sealed to the unit that wanted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyGranted {
    /// Which key.
    pub key: Uuid,
    /// Sealed box, base64url.
    #[serde(rename = "box")]
    pub sealed: String,
}

/// What reading needs.
#[derive(Clone)]
pub struct Reader {
    /// The reading unit.
    pub me: UnitId,
    /// Its vault.
    pub vault: Vault,
    /// Its key for grants.
    pub sealing: Arc<SealingKey>,
    /// Everyone's public keys.
    pub keys: Arc<KeyRegister>,
    /// The way to other units.
    pub client: async_nats::Client,
}

impl Reader {
    /// The persons of a dossier.
    ///
    /// # Errors
    /// The refusal, where the key is not to be had.
    pub async fn persons(&self, dossier: &Dossier) -> Result<Persons, Refused> {
        let received = dossier
            .received()
            .ok_or_else(|| unreadable("Hồ sơ chưa được tiếp nhận"))?;
        if dossier.privacy.ordered.is_some() {
            return Err(unreadable(ERASED));
        }
        let key = match self.kept(received.applicant.key).await? {
            Some(key) => key,
            None if dossier.home == self.me => {
                return Err(unreadable("Khóa dữ liệu cá nhân không còn"));
            }
            None => self.asked_for(dossier, received.applicant.key).await?,
        };
        let applicant = open(&key, APPLICANT, &received.applicant)?;
        let delegate = received
            .delegate
            .as_ref()
            .map(|sealed| open(&key, DELEGATE, sealed))
            .transpose()?;
        Ok(Persons {
            applicant,
            delegate,
        })
    }

    /// Seals the key of a dossier of ours to a unit that may have it.
    ///
    /// # Errors
    /// The refusal, where the key is gone or the unit has no public key.
    pub async fn grant(
        &self,
        dossier: &Dossier,
        wanted: &KeyWanted,
    ) -> Result<KeyGranted, Refused> {
        let received = dossier
            .received()
            .ok_or_else(|| unreadable("Hồ sơ chưa được tiếp nhận"))?;
        let id = received.applicant.key;
        let key = self
            .kept(id)
            .await?
            .ok_or_else(|| unreadable("Khóa dữ liệu cá nhân không còn"))?;
        let to = self.keys.sealing_key(wanted.unit.as_str());
        let to = to.ok_or_else(|| unreadable("Đơn vị không có khóa công khai"))?;
        let grant = Grant::seal(id, &key, &to, &mut OsRng)
            .map_err(|error| unreadable(&error.to_string()))?;
        Ok(KeyGranted {
            key: grant.key,
            sealed: grant.boxed,
        })
    }

    async fn kept(&self, id: Uuid) -> Result<Option<DossierKey>, Refused> {
        let vault = self.vault.clone();
        let found = tokio::task::spawn_blocking(move || vault.find(id)).await;
        found
            .map_err(|error| unreadable(&error.to_string()))?
            .map_err(|error| unreadable(&error.to_string()))
    }

    async fn asked_for(&self, dossier: &Dossier, id: Uuid) -> Result<DossierKey, Refused> {
        let refused = |why: String| unreadable(&why);
        let home =
            UnitToken::parse(dossier.home.as_str()).map_err(|error| refused(error.to_string()))?;
        let subject = subject::command(&home, "key").map_err(|error| refused(error.to_string()))?;
        let wanted = serde_json::json!({
            "id": id, "officer": "unit", "dossier": dossier.code, "data": { "unit": self.me },
        });
        let request = self.client.request(subject, wanted.to_string().into());
        let answer = tokio::time::timeout(GRANT_PATIENCE, request)
            .await
            .map_err(|_| refused(format!("{home} không trả lời")))?
            .map_err(|error| refused(format!("{home}: {error}")))?;
        let granted: KeyGranted = serde_json::from_slice(&answer.payload)
            .map_err(|_| refused(format!("{home} không cấp khóa")))?;
        let grant = Grant {
            key: granted.key,
            boxed: granted.sealed,
        };
        let key = self
            .sealing
            .open_grant(&grant)
            .map_err(|error| refused(error.to_string()))?;
        if granted.key != id {
            return Err(refused(format!("{home} cấp nhầm khóa")));
        }
        self.vault
            .keep(id, key.clone())
            .await
            .map_err(|error| refused(error.to_string()))?;
        Ok(key)
    }
}

fn open(key: &DossierKey, field: &str, sealed: &Sealed) -> Result<Person, Refused> {
    let sealed = envelope::Sealed {
        key: sealed.key,
        boxed: sealed.sealed.clone(),
    };
    let plain = key
        .open(field, &sealed)
        .map_err(|error| unreadable(&error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|error| unreadable(&error.to_string()))
}

pub(crate) fn unreadable(why: &str) -> Refused {
    Refused {
        code: "personal_data.not_readable".into(),
        message: format!("Không đọc được dữ liệu cá nhân: {why}"),
        rule: "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15: chỉ đơn vị được giao việc".into(),
    }
}
