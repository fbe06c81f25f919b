//! The course of one dossier's messages: created, then replaced whenever it changed, and row after
//! row of its progress. Pure; `outbox` keeps it on disk and sends.
//!
//! One message is under way at a time. It is fixed before it is sent and stays as it is until the
//! portal says "done", or has refused it so often that it is set aside.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::call::{Service, Verdict};
use crate::story::Story;

/// Refusals of one message, each in a round of its own, after which it is set aside: what the portal
/// refuses for being busy has passed by then.
pub const REFUSALS_MAX: u32 = 4;

/// Where the telling of one dossier stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Line {
    /// Whether the portal has the dossier.
    pub created: bool,
    /// The message that the portal has.
    pub record: Option<Value>,
    /// Statements whose rows were told, are nothing for the citizen or were set aside; in order.
    pub told: Vec<Uuid>,
    /// The message under way.
    pub under_way: Option<Parcel>,
    /// Messages that the portal would not take.
    pub aside: Vec<Aside>,
    /// That many rows are sent one by one, because together they were refused.
    pub one_by_one: usize,
}

/// A message, fixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parcel {
    /// Where it goes.
    pub service: Service,
    /// Whether the dossier is there already.
    pub updating: bool,
    /// What it says.
    pub data: Vec<Value>,
    /// The statements that it tells, in order; none for the dossier itself.
    pub statements: Vec<Uuid>,
    /// How often it was refused.
    pub refusals: u32,
}

/// A message that the portal refused for what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    /// Where it was to go.
    pub service: Service,
    /// What it said.
    pub data: Vec<Value>,
    /// The statements that it told.
    pub statements: Vec<Uuid>,
    /// What the portal said.
    pub reason: String,
}

impl Line {
    /// Fixes the next message, unless one is under way already; says whether there is one.
    pub fn load(&mut self, story: &Story) -> bool {
        if self.under_way.is_some() {
            return true;
        }
        let refused = self.aside.iter().any(|aside| {
            aside.service == Service::Dossier && aside.data.first() == Some(&story.record)
        });
        if self.record.as_ref() != Some(&story.record) && !refused {
            self.under_way = Some(Parcel {
                service: Service::Dossier,
                updating: self.created,
                data: vec![story.record.clone()],
                statements: Vec::new(),
                refusals: 0,
            });
            return true;
        }
        if !self.created {
            // Rows of a dossier that is not there would all be refused.
            return false;
        }
        let most = if self.one_by_one > 0 { 1 } else { usize::MAX };
        let (mut data, mut statements) = (Vec::new(), Vec::new());
        for (id, row) in &story.rows {
            if self.told.contains(id) {
                continue;
            }
            if data.len() == most {
                break;
            }
            statements.push(*id);
            data.extend(row.clone());
        }
        if data.is_empty() {
            self.told.append(&mut statements);
            return false;
        }
        self.under_way = Some(Parcel {
            service: Service::Progress,
            updating: false,
            data,
            statements,
            refusals: 0,
        });
        true
    }

    /// Takes in what the portal answered to the message under way.
    pub fn answered(&mut self, verdict: &Verdict) {
        let Some(mut parcel) = self.under_way.take() else {
            return;
        };
        let reason = match verdict {
            Verdict::Done => return self.delivered(parcel),
            Verdict::Exists if parcel.service == Service::Dossier && !parcel.updating => {
                parcel.updating = true;
                self.under_way = Some(parcel);
                return;
            }
            Verdict::Exists => "the portal has it already",
            Verdict::Refused(reason) => reason,
        };
        parcel.refusals += 1;
        if parcel.refusals < REFUSALS_MAX {
            self.under_way = Some(parcel);
        } else if parcel.data.len() > 1 {
            self.one_by_one = parcel.data.len();
        } else {
            self.one_by_one = self.one_by_one.saturating_sub(1);
            self.told.extend(&parcel.statements);
            self.aside.push(Aside {
                service: parcel.service,
                data: parcel.data,
                statements: parcel.statements,
                reason: reason.to_owned(),
            });
        }
    }

    fn delivered(&mut self, parcel: Parcel) {
        match parcel.service {
            Service::Dossier => {
                self.created = true;
                self.record = parcel.data.into_iter().next();
                self.aside.retain(|aside| aside.service != Service::Dossier);
            }
            Service::Progress => {
                self.told.extend(parcel.statements);
                self.one_by_one = self.one_by_one.saturating_sub(1);
            }
        }
    }

    /// Takes up again what was set aside: its cause is said to be mended. Rows come after those that
    /// were told meanwhile.
    pub fn again(&mut self) {
        for aside in std::mem::take(&mut self.aside) {
            self.told.retain(|id| !aside.statements.contains(id));
        }
    }
}
