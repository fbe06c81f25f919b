//! Answering: what is asked is waited for, then told out of the state and the journal.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use calendar::{Calendar, Moment};
use dossier::ids::DossierCode;
use history::{Cut, Tale};
use report::{Sheet, sheet};

use super::{Projector, blocking};
use crate::answer::{self, Answer, Body, Comparison, Health, Units};
use crate::figures;
use crate::health;
use crate::paging;
use crate::quarantine::{self, QuarantineQuery};
use crate::query::{AtLeast, Called, Query, QueryError, Question, ReportQuery, SheetQuery};
use crate::state::State;
use crate::store::StoreError;
use crate::tabulate::{self, Sources};
use crate::told;
use crate::view;

/// How long an answer waits for what it was asked to cover. Clients of NATS commonly give up after 5 s
/// or more: they are to hear "stale", not nothing.
const AT_LEAST_PATIENCE: Duration = Duration::from_secs(2);

/// A report and what it was made from.
#[derive(Debug)]
pub(super) struct Reported {
    asked: ReportQuery,
    entries: u64,
    report: answer::Report,
}

impl Projector {
    /// Answers a question, after waiting up to 5 s for what it has to cover.
    ///
    /// # Errors
    /// [`QueryError`] says what is wrong, with the status of HTTP.
    pub async fn ask(&self, question: Question) -> Result<Answer, QueryError> {
        let stale = self.wait_for(&question.at_least).await;
        if let Query::Quarantine(asked) = &question.query {
            self.retry(asked).await?;
        }
        let me = self.clone();
        blocking(move || me.answer(&question.query, stale)).await
    }

    /// Judges again what is asked to be judged again, if anything.
    async fn retry(&self, asked: &QuarantineQuery) -> Result<(), QueryError> {
        let (Some(number), Some(retry)) = (asked.number, &asked.retry) else {
            return Ok(());
        };
        let _alone = self.0.retrying.lock().await;
        let (now, _) = self.0.clock.now();
        let keys = self.0.keys.get().map(Arc::clone).unwrap_or_default();
        if self.0.store.retry(number, retry, &keys, now).await? {
            let me = self.clone();
            blocking(move || me.catch_up()).await?;
        }
        Ok(())
    }

    /// Waits until the positions are covered; gives those that are not.
    async fn wait_for(&self, at_least: &[AtLeast]) -> Vec<AtLeast> {
        let mut entries = self.entries();
        let missing = || {
            let state = self.state();
            let covered = |wanted: &&AtLeast| {
                let key = (wanted.unit.clone(), wanted.epoch);
                state
                    .positions()
                    .get(&key)
                    .is_some_and(|known| known.sequence >= wanted.sequence)
            };
            at_least
                .iter()
                .filter(|wanted| !covered(wanted))
                .cloned()
                .collect::<Vec<_>>()
        };
        // Where time runs out, the answer says what it does not cover.
        let _ = tokio::time::timeout(AT_LEAST_PATIENCE, async {
            while !missing().is_empty() {
                if entries.changed().await.is_err() {
                    break;
                }
            }
        })
        .await;
        missing()
    }

    fn answer(&self, query: &Query, stale: Vec<AtLeast>) -> Result<Answer, QueryError> {
        let (now, simulated) = self.0.clock.now();
        let directory = &self.0.directory;
        // What takes long comes first: the state is not held meanwhile.
        let prepared = match query {
            Query::Digest => Some(Body::Digest(self.rebuild_alone(false)?)),
            Query::Rebuild => Some(Body::Rebuild(self.rebuild_alone(true)?)),
            Query::Dossier(asked) => {
                let (code, upto) = self.called(&asked.code)?;
                let statements = self.0.store.about(&code, upto)?;
                if statements.is_empty() {
                    return Err(unknown(code.as_str()));
                }
                let view = view::dossier(&code, &statements, directory, now);
                Some(Body::Dossier(Box::new(view)))
            }
            Query::Events(asked) => {
                let (code, upto) = self.called(&asked.code)?;
                let working_time = {
                    let state = self.state();
                    let declared = directory.declared(state.declarations());
                    let hours = directory.calendar(&[]).hours().to_string();
                    (hours, declared.cloned().collect())
                };
                let told = told::told(&self.0.store, &code, asked.skip, upto, working_time)?;
                if told.events.is_empty() && asked.skip == 0 {
                    return Err(unknown(code.as_str()));
                }
                Some(Body::Events(told))
            }
            Query::Why(asked) => Some(Body::Why(self.told_of(asked, now, tabulate::why)?)),
            Query::Slip(asked) => {
                let slip = |tale: &Tale, at, calendar: &Calendar| {
                    tabulate::slip(tale, at, calendar, directory)
                };
                Some(Body::Slip(self.told_of(asked, now, slip)?))
            }
            Query::Report(asked) => Some(Body::Report(self.report(asked)?)),
            Query::Quarantine(asked) => {
                let listed = self.0.store.quarantine(asked)?;
                let number = asked.number.unwrap_or_default();
                let listed = listed.ok_or_else(|| quarantine::unknown(number))?;
                Some(Body::Quarantine(listed))
            }
            _ => None,
        };
        let quarantined = match query {
            Query::Health => self.0.store.quarantine_counts()?,
            _ => (0, 0),
        };
        let state = self.state();
        let body = match (prepared, query) {
            (Some(body), _) => body,
            (None, Query::Summary(asked)) => {
                Body::Summary(figures::summary(&state, directory, asked, now))
            }
            (None, Query::Overdue(asked)) => {
                Body::Overdue(figures::overdue(&state, directory, asked, now))
            }
            (None, Query::Health) => Body::Health(self.health(&state, quarantined)),
            (None, _) => Body::Units(Units {
                units: directory.cards().cloned().collect(),
                headline: directory.headline.clone(),
            }),
        };
        Ok(Answer {
            now,
            simulated: simulated || state.is_simulated(),
            entries: state.entries(),
            as_of: health::as_of(&state),
            provisional: self
                .contacts(|contacts| health::lost(&state, directory, contacts, Instant::now())),
            stale,
            body,
        })
    }

    fn told_of(
        &self,
        asked: &SheetQuery,
        now: Moment,
        say: impl Fn(&Tale, Moment, &Calendar) -> Result<Option<Sheet>, QueryError>,
    ) -> Result<answer::Sheets, QueryError> {
        let (code, upto) = self.called(&asked.code)?;
        let calendar = self.0.directory.calendar(self.state().declarations());
        let at = asked.at.unwrap_or(now);
        let statements = self.0.store.about(&code, upto)?;
        let cut = Cut {
            happened_by: at,
            recorded_by: None,
        };
        let tale = history::fold(&code, history::as_known(&statements, cut));
        let sheet = say(&tale, at, &calendar)?;
        let Some(sheet) = sheet else {
            let at = sheet::moment(at);
            let message = format!("Hồ sơ {code} chưa được tiếp nhận vào lúc {at}");
            return Err(QueryError::new(404, "dossier.not_received", message));
        };
        Ok(answer::Sheets {
            code,
            at,
            sheets: vec![sheet],
        })
    }

    /// A long report is asked for page by page: the whole of the latest one is kept meanwhile.
    fn report(&self, asked: &ReportQuery) -> Result<answer::Report, QueryError> {
        let whole = ReportQuery {
            skip: 0,
            ..asked.clone()
        };
        let mut latest = self
            .0
            .reported
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let entries = self.state().entries();
        let known = latest
            .take()
            .filter(|known| known.asked == whole && (known.entries == entries || asked.skip > 0));
        let known = match known {
            Some(known) => known,
            None => Reported {
                report: self.reported(&whole)?,
                asked: whole,
                entries,
            },
        };
        let page = paging::page(&known.report, asked.skip);
        *latest = page.next.is_some().then_some(known);
        Ok(page)
    }

    fn reported(&self, asked: &ReportQuery) -> Result<answer::Report, QueryError> {
        let (codes, upto, calendar, closed) = {
            let state = self.state();
            let calendar = self.0.directory.calendar(state.declarations());
            let codes = tabulate::candidates(state.rows(), asked);
            (codes, state.entries(), calendar, state.closed())
        };
        let sources = Sources {
            store: &self.0.store,
            upto,
            directory: &self.0.directory,
            calendar: &calendar,
            closed: &closed,
        };
        tabulate::report(&sources, asked, &codes)
    }

    /// The dossier that goes by this code, and how many entries are covered.
    fn called(&self, called: &Called) -> Result<(DossierCode, u64), QueryError> {
        let state = self.state();
        let own = DossierCode::parse(called.as_str()).ok();
        if let Some(code) = own.filter(|code| state.knows(code)) {
            return Ok((code, state.entries()));
        }
        let mut aliased = state.aliased(called.as_str());
        match (aliased.next(), aliased.next()) {
            (Some(code), None) => Ok((code.clone(), state.entries())),
            (Some(one), Some(other)) => {
                let message = format!(
                    "{} là mã của cả {one} và {other}; hãy dùng mã số hồ sơ",
                    called.as_str()
                );
                Err(QueryError::new(409, "dossier.ambiguous", message))
            }
            (None, _) => Err(unknown(called.as_str())),
        }
    }

    fn rebuild_alone(&self, swap: bool) -> Result<Comparison, QueryError> {
        let _alone = match self.0.rebuilding.try_lock() {
            Ok(alone) => alone,
            Err(TryLockError::Poisoned(broken)) => broken.into_inner(),
            Err(TryLockError::WouldBlock) => {
                let message = "a rebuild is running; ask again when it is done";
                return Err(QueryError::new(503, "rebuild.running", message));
            }
        };
        Ok(self.rebuild(None, swap)?)
    }

    fn health(&self, state: &State, (quarantined, quarantine_open): (u64, u64)) -> Health {
        let now = Instant::now();
        let feed = self.0.feed.get().map(|feed| feed.borrow().clone());
        let feed = feed.unwrap_or_default();
        let origins = self.contacts(|contacts| {
            health::origins_health(state, &self.0.directory, contacts, &feed, now)
        });
        Health {
            lag: origins.iter().map(|origin| origin.missing).sum(),
            origins,
            seen: state.seen(),
            quarantined,
            quarantine_open,
            connected: self.0.connected.load(Ordering::Relaxed),
            two_histories: self.found(),
        }
    }
}

fn unknown(code: &str) -> QueryError {
    let message = format!("Không có hồ sơ mang mã số {code}");
    QueryError::new(404, "dossier.unknown", message)
}

impl From<StoreError> for QueryError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a query could not be answered");
        Self::new(500, "projector.store", error.to_string())
    }
}
