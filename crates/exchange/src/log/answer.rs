//! Answering from a journal, page by page. Pure: no broker and no waiting but for the disk.

use data_encoding::HEXLOWER;
use envelope::brief;
use journal::{Entry, Journal, Origin, ReadError, TreeError};
use tracing::error;
use uuid::Uuid;

use super::PAGE_EVENTS_MAX;
use super::paper::{Ask, EventPaper, PagePaper, ProofPaper, Span};

/// The size of a page; its last event may cross it.
const PAGE_BYTES: usize = 512 * 1024;

/// What surrounds an event on a page.
const AROUND_BYTES: usize = 160;

/// Entries of a line read at once, so that what finds no room on the page was not read in vain.
const CHUNK: usize = 64;

const USAGE: &str = "send {\"from_sequence\":n} (with \"epoch\" for an earlier one), \
    {\"to\":\"<unit>\",\"from_link\":n} or {\"origin\":\"<unit>\",\"from_link\":n}, n from 1, or \
    {\"epoch\":\"<uuid>\",\"consistency\":{\"from\":n,\"to\":m}}";
const HELD_USAGE: &str =
    "send {\"origin\":\"<unit>\",\"epoch\":\"<uuid>\",\"from_sequence\":n}, n from 1";

/// A refusal: a code as in HTTP, and what is wrong and what to do.
pub type Refusal = (u16, String);

/// Answers what came on `motcua.v1.log.<unit>.read`: from the unit's own events, from what it sent to one
/// addressee, or from what it received from one sender; or proves that its tree of one size begins with
/// that of another.
///
/// # Errors
/// 400 for what is no such question, 404 for an epoch that this journal never had, 409 for a proof
/// about more entries than it has, 410 for one about the tree of an epoch that ended, 500 for a damaged
/// journal, 503 for a proof while a restored journal does not know how far it had come.
pub fn answer(journal: &Journal, payload: &[u8]) -> Result<Vec<u8>, Refusal> {
    let ask = read(payload, USAGE)?;
    if let Some(span) = ask.consistency {
        let alone = ask.from_sequence.is_none() && ask.from_link.is_none();
        let alone = alone && ask.to.is_none() && ask.origin.is_none();
        let epoch = ask.epoch.filter(|_| alone);
        let epoch = epoch.ok_or_else(|| (400, USAGE.to_owned()))?;
        return consistency(journal, epoch, span);
    }
    let mut page = Filling::new(journal, ask.limit);
    let asked = (
        (ask.from_sequence, ask.epoch),
        (ask.to.as_deref(), ask.origin.as_deref()),
        ask.from_link,
    );
    match asked {
        ((Some(from), epoch), (None, None), None) if from > 0 => {
            let epoch = epoch.unwrap_or_else(|| journal.epoch());
            let last = journal.epoch_last(epoch).ok_or_else(|| {
                let unit = journal.unit();
                let text = format!("the journal of {unit} never had the epoch {epoch}");
                (404, text)
            })?;
            page.own(epoch, from, last)
        }
        ((None, None), (Some(to), None), Some(from)) if from > 0 => page.sent(to, from),
        ((None, None), (None, Some(origin)), Some(from)) if from > 0 => {
            page.paper.position = Some(journal.received_position(origin));
            page.line(origin, from)
        }
        _ => return Err((400, USAGE.to_owned())),
    }
    .map_err(|error| broken(journal, &error))?;
    page.written()
}

/// Answers what came on `motcua.v1.held.read` from the journal of whoever takes in everybody's events: those
/// of one origin and epoch.
///
/// # Errors
/// 400 for what is no such question, 500 for a damaged journal.
pub fn answer_held(journal: &Journal, payload: &[u8]) -> Result<Vec<u8>, Refusal> {
    let ask = read(payload, HELD_USAGE)?;
    let mut page = Filling::new(journal, ask.limit);
    let asked = (ask.from_sequence, ask.epoch, ask.origin.as_deref());
    match (asked, ask.to.is_none() && ask.from_link.is_none()) {
        ((Some(from), Some(epoch), Some(origin)), true) if from > 0 => {
            page.paper.epoch = epoch;
            page.line(&held_line(origin, epoch), from)
        }
        _ => return Err((400, HELD_USAGE.to_owned())),
    }
    .map_err(|error| broken(journal, &error))?;
    page.written()
}

/// Proves it about the tree of the present epoch: that of an ended one was over another order.
fn consistency(journal: &Journal, epoch: Uuid, span: Span) -> Result<Vec<u8>, Refusal> {
    let unit = journal.unit().to_owned();
    if journal.restored().is_some() {
        let text = format!("the journal of {unit} was restored and waits to know how far it was");
        return Err((503, text));
    }
    let present = journal.epoch();
    if epoch != present {
        let known = journal.epoch_last(epoch).is_some();
        let text = format!("the journal of {unit} is in epoch {present}, not in {epoch}");
        return Err((if known { 410 } else { 404 }, text));
    }
    let proof = journal.consistency(span.from, span.to);
    let proof = proof.map_err(|error| match error {
        TreeError::Beyond { .. } => (409, format!("{unit}: {error}")),
        TreeError::Question(_) => (400, format!("{error}: {USAGE}")),
        TreeError::Read(error) => broken(journal, &error),
    })?;
    let proof = proof.iter().map(|hash| HEXLOWER.encode(hash)).collect();
    let paper = ProofPaper { unit, epoch, proof };
    serde_json::to_vec(&paper).map_err(|error| (500, error.to_string()))
}

/// The name that a line of `origin` has in the journal of whoever takes in everybody's events: there each
/// epoch is a numbering of its own.
pub fn held_line(origin: &str, epoch: Uuid) -> String {
    format!("{origin}/{epoch}")
}

fn read(payload: &[u8], usage: &str) -> Result<Ask, Refusal> {
    serde_json::from_slice(payload)
        .map_err(|error| (400, format!("not understood ({}): {usage}", brief(&error))))
}

fn broken(journal: &Journal, error: &ReadError) -> Refusal {
    error!(unit = journal.unit(), %error, "the own journal could not be read");
    (500, "the journal could not be read".to_owned())
}

/// A page that is being filled.
struct Filling<'a> {
    journal: &'a Journal,
    paper: PagePaper,
    limit: usize,
    bytes: usize,
}

impl<'a> Filling<'a> {
    fn new(journal: &'a Journal, limit: Option<u64>) -> Filling<'a> {
        let limit = limit.unwrap_or(PAGE_EVENTS_MAX).clamp(1, PAGE_EVENTS_MAX);
        Filling {
            journal,
            paper: PagePaper {
                unit: journal.unit().to_owned(),
                epoch: journal.epoch(),
                events: Vec::new(),
                more: false,
                skipped_to: None,
                last: None,
                position: None,
            },
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            bytes: 0,
        }
    }

    fn has_room(&self) -> bool {
        self.paper.events.len() < self.limit && self.bytes < PAGE_BYTES
    }

    fn add(&mut self, entry: &Entry, link: Option<u64>) {
        let paper = EventPaper::of(entry, link);
        // Quotes and backslashes double when the event becomes a JSON text in the page.
        let doubled = paper.event.matches(['"', '\\']).count();
        self.bytes += paper.event.len() + doubled + AROUND_BYTES;
        self.paper.events.push(paper);
    }

    fn own(&mut self, epoch: Uuid, from: u64, last: u64) -> Result<(), ReadError> {
        let mut next = from;
        while next <= last && self.has_room() {
            let Some(entry) = self.journal.own_of(epoch, next)? else {
                break;
            };
            self.add(&entry, None);
            next += 1;
        }
        self.paper.epoch = epoch;
        self.paper.last = Some(last);
        self.paper.more = next <= last;
        Ok(())
    }

    fn sent(&mut self, to: &str, from: u64) -> Result<(), ReadError> {
        let last = self.journal.last_link(to);
        let skipped_to = self.journal.skipped(to, from);
        let mut next = skipped_to.map_or(from, |skipped| skipped.saturating_add(1));
        while next <= last && self.has_room() {
            // Numbers that carry nothing further on stand at the beginning of the next page.
            let Some(entry) = self.journal.delivery(to, next)? else {
                break;
            };
            self.add(&entry, Some(next));
            next += 1;
        }
        self.paper.skipped_to = skipped_to;
        self.paper.last = Some(last);
        self.paper.more = next <= last;
        Ok(())
    }

    /// What was received on `line`, which may have holes. All that came under one number is given
    /// together.
    fn line(&mut self, line: &str, from: u64) -> Result<(), ReadError> {
        let mut seen = (from, None);
        loop {
            let mut is_end = true;
            for entry in self.journal.received_on(line, seen.0, CHUNK)? {
                let Origin::Received { link, .. } = entry.origin else {
                    continue;
                };
                let at = (link, Some(entry.index));
                if at <= seen {
                    continue;
                }
                if link > seen.0 && !self.has_room() {
                    self.paper.more = true;
                    return Ok(());
                }
                self.add(&entry, Some(link));
                (seen, is_end) = (at, false);
            }
            if is_end {
                return Ok(());
            }
        }
    }

    fn written(self) -> Result<Vec<u8>, Refusal> {
        serde_json::to_vec(&self.paper).map_err(|error| (500, error.to_string()))
    }
}
