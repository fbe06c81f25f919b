//! Questions to a unit that need its core. Personal data and its keys are given out by these two ways
//! and no other, and only once the event that tells of it is durable:
//!
//! ```text
//! applicant ─▶ reader opens ─▶ mailbox ─▶ personal_data.read ─────────▶ journal ─▶ answer
//! key ───────▶ core ───────────────────▶ personal_data.key_granted ──▶ journal ─▶ reader seals ─▶ answer
//! ```

use dossier::dossier::Dossier;
use dossier::ids::DossierCode;
use dossier::privacy::Read;
use exchange::service::{Request, Unable};
use journal::Group;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::answer::Refused;
use crate::command::CommandEnvelope;
use crate::core::{Core, CoreError};
use crate::desk::Desk;
use crate::host::{Input, Means, Speech, json, refuse};
use crate::reader::{KeyWanted, Persons, PersonsWanted, Reader};

type Sent = Box<CommandEnvelope<Box<RawValue>>>;

/// A question that came in.
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) sent: Sent,
    pub(crate) request: Request,
}

/// Personal data that is open and not given out yet.
pub(crate) struct Opened {
    code: DossierCode,
    read: Read,
    persons: Persons,
    sent: Sent,
    request: Request,
}

/// A key that may leave once the grant is durable.
pub(crate) struct Granting {
    reader: Reader,
    dossier: Dossier,
    wanted: KeyWanted,
    request: Request,
}

impl Asked {
    /// Answers, unless something is to be written first: that, and what is said when it is durable.
    pub(crate) async fn answered<D: Desk>(
        self,
        core: &mut Core<D>,
        means: &Means,
    ) -> Result<Option<(Group, Speech)>, CoreError> {
        match self.name.as_str() {
            "worklist" => {
                let list = core.worklist()?;
                self.request.ok(json(&list)).await;
                return Ok(None);
            }
            "backdated" => {
                let late = core.backdated()?;
                self.request.ok(json(&late)).await;
                return Ok(None);
            }
            _ => {}
        }
        let Some(code) = self.sent.dossier.clone() else {
            let refused = Refused::malformed("this question needs the field `dossier`");
            refuse(self.request, &refused).await;
            return Ok(None);
        };
        let said = match self.name.as_str() {
            "show" => core.standing(&code)?.map(|answer| json(&answer)),
            "readings" => match read(&self.sent.data) {
                Ok(asked) => core.readings(&code, &asked)?.map(|list| json(&list)),
                Err(refused) => Err(refused),
            },
            "key" => return self.granted(core, means, &code).await,
            _ => return self.opening(core, means, code).await,
        };
        match said {
            Ok(body) => self.request.ok(body).await,
            Err(refused) => refuse(self.request, &refused).await,
        }
        Ok(None)
    }

    async fn granted<D: Desk>(
        self,
        core: &mut Core<D>,
        means: &Means,
        code: &DossierCode,
    ) -> Result<Option<(Group, Speech)>, CoreError> {
        let granted = match read::<KeyWanted>(&self.sent.data) {
            Ok(wanted) => core
                .grant(code, &self.sent, &wanted)?
                .map(|(group, dossier)| (group, dossier, wanted)),
            Err(refused) => Err(refused),
        };
        match granted {
            Ok((group, dossier, wanted)) => {
                let granting = Granting {
                    reader: means.reader.clone(),
                    dossier,
                    wanted,
                    request: self.request,
                };
                Ok(Some((group, Speech::Grant(Box::new(granting)))))
            }
            Err(refused) => {
                refuse(self.request, &refused).await;
                Ok(None)
            }
        }
    }

    /// Opens the persons beside the mailbox, which may take a question to the home, and brings them
    /// back to it.
    async fn opening<D: Desk>(
        self,
        core: &mut Core<D>,
        means: &Means,
        code: DossierCode,
    ) -> Result<Option<(Group, Speech)>, CoreError> {
        let wanted = read::<PersonsWanted>(&self.sent.data);
        let ready = match (core.show(&code)?, wanted) {
            (Ok(known), Ok(wanted)) => Ok((known, wanted)),
            (Err(refused), _) | (_, Err(refused)) => Err(refused),
        };
        let (known, wanted) = match ready {
            Ok(ready) => ready,
            Err(refused) => {
                refuse(self.request, &refused).await;
                return Ok(None);
            }
        };
        let (reader, mailbox) = (means.reader.clone(), means.mailbox.clone());
        let Self { sent, request, .. } = self;
        tokio::spawn(async move {
            let persons = match reader.persons(&known.dossier).await {
                Ok(persons) => persons,
                Err(refused) => return refuse(request, &refused).await,
            };
            let read = persons.read_by(&sent.officer, wanted.purpose);
            let opened = Box::new(Opened {
                code,
                read,
                persons,
                sent,
                request,
            });
            let Some(mailbox) = mailbox.upgrade() else {
                return opened.request.unable(Unable::Stopping).await;
            };
            if let Err(mpsc::error::SendError(Input::Opened(opened))) =
                mailbox.send(Input::Opened(opened)).await
            {
                opened.request.unable(Unable::Stopping).await;
            }
        });
        Ok(None)
    }
}

impl Opened {
    /// What tells of the reading, and the persons to be said when that is durable.
    pub(crate) async fn recorded<D: Desk>(
        self,
        core: &mut Core<D>,
    ) -> Result<Option<(Group, Speech)>, CoreError> {
        match core.read(&self.code, &self.sent, self.read)? {
            Ok(group) => {
                let body = json(&self.persons);
                Ok(Some((group, Speech::Answer(Box::new(self.request), body))))
            }
            Err(refused) => {
                refuse(self.request, &refused).await;
                Ok(None)
            }
        }
    }
}

impl Granting {
    /// Seals the key and answers, beside the mouth.
    pub(crate) fn carry_out(self) {
        tokio::spawn(async move {
            match self.reader.grant(&self.dossier, &self.wanted).await {
                Ok(granted) => self.request.ok(json(&granted)).await,
                Err(refused) => refuse(self.request, &refused).await,
            }
        });
    }
}

fn read<T: DeserializeOwned>(data: &RawValue) -> Result<T, Refused> {
    serde_json::from_str(data.get()).map_err(|error| Refused::malformed(error.to_string()))
}
