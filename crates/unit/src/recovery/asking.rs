//! Carries the questions of a search to the broker, to holders and to units.

use std::collections::BTreeMap;

use envelope::{Event, Signed};
use exchange::connect::Connection;
use exchange::log::{self, Page};
use exchange::recall;
use exchange::subject::UnitToken;
use journal::Journal;

use super::search::{Ask, Told};

/// Events asked for at once.
const PAGE_EVENTS: u64 = 500;

/// What carries questions.
#[derive(Clone)]
pub(crate) struct Asker {
    /// The way to everyone.
    pub(crate) connection: Connection,
    /// Who asks.
    pub(crate) me: UnitToken,
    /// What need not be told.
    pub(crate) journal: Journal,
}

impl Asker {
    /// The answer, or why there is none now.
    pub(crate) async fn ask(&self, ask: &Ask) -> Result<Told, String> {
        let client = &self.connection.client;
        match ask {
            Ask::Broker => self.broker().await,
            Ask::Holders {
                epoch,
                from_sequence,
            } => {
                let page =
                    log::read_held(client, &self.me, *epoch, *from_sequence, PAGE_EVENTS).await;
                page.map(told).map_err(|error| error.to_string())
            }
            Ask::Unit { unit, from_link } => {
                let unit = UnitToken::parse(unit.as_str()).map_err(|error| error.to_string())?;
                let page =
                    log::read_received(client, &unit, &self.me, *from_link, PAGE_EVENTS).await;
                page.map(told).map_err(|error| error.to_string())
            }
        }
    }

    async fn broker(&self) -> Result<Told, String> {
        let mut told = Told::default();
        let mut lost = |signed: Signed| {
            if !self.holds(&signed) {
                told.events.push((signed, None));
            }
        };
        let events = recall::events(&self.connection, &self.me, &mut lost).await;
        events.map_err(|error| error.to_string())?;
        let mut links: BTreeMap<String, u64> = BTreeMap::new();
        let deliveries = recall::deliveries(&self.connection, &self.me, |to, link, signed| {
            let last = links.entry(to.to_string()).or_default();
            *last = (*last).max(link);
            lost(signed);
        });
        deliveries.await.map_err(|error| error.to_string())?;
        told.deliveries = links.into_iter().collect();
        Ok(told)
    }

    /// Whether the journal holds it. What cannot be read is left to the search to judge.
    fn holds(&self, signed: &Signed) -> bool {
        let event = Event::read(&signed.bytes);
        event.is_ok_and(|event| self.journal.contains(&event.id).unwrap_or(false))
    }
}

fn told(page: Page) -> Told {
    Told {
        events: page
            .events
            .into_iter()
            .map(|event| (event.signed, event.link))
            .collect(),
        deliveries: Vec::new(),
        position: page.position,
        more: page.more,
    }
}
