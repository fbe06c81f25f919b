//! `motcua audit compare`: do the journals of two units agree on what passed between them?
//!
//! A unit numbers what it sends to another from 1; what was sent under a number is in its journal, and
//! in the other's with that number. What the second has not received yet is no disagreement. Numbers
//! that a unit spent before it was restored carry nothing any more; what the other has under them has to
//! be known to the restored unit all the same.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use clap::Args;
use envelope::{Event, KeyRegister};
use journal::{Entry, Journal, Origin};

use super::ended;
use super::journals::{self, progress};
use crate::say;

/// Entries of a line read at once.
const PAGE: usize = 256;

/// Do two units' journals agree on what passed between them?
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The directory of one unit.
    one: PathBuf,
    /// The directory of the other.
    other: PathBuf,
    /// The register of public keys, to say whose signature holds where they disagree.
    #[arg(long)]
    keys: Option<PathBuf>,
}

/// What was found on the line from one unit to the other.
#[derive(Debug, Default)]
struct Line {
    sent: u64,
    received: u64,
    agreed: u64,
    /// Numbers that the receiver keeps in quarantine instead.
    quarantined: Vec<(u64, String)>,
    /// The first number on which they disagree, and how.
    divergence: Option<(u64, String)>,
    divergences: u64,
}

impl Line {
    fn part(&mut self, number: u64, how: String) {
        self.divergences += 1;
        let first = self.divergence.as_ref().map(|(first, _)| *first);
        if first.is_none_or(|first| number < first) {
            self.divergence = Some((number, how));
        }
    }
}

impl Compare {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let keys = self.keys.as_deref().map(journals::keys).transpose()?;
        let register = keys.as_ref().map(|(_, register)| register);
        let opened = journals::open(&[self.one, self.other])?;
        let [one, other] = opened.as_slice() else {
            anyhow::bail!("compare takes two units: name the directories of two");
        };
        ensure!(
            one.journal.unit() != other.journal.unit(),
            "both are of one unit"
        );
        let mut sound = true;
        for (from, to) in [(one, other), (other, one)] {
            let line = compare(&from.journal, &to.journal, register)?;
            sound &= tell(&from.journal, &to.journal, &line)?;
        }
        Ok(ended(sound))
    }
}

/// Prints what was found; whether they agree.
fn tell(from: &Journal, to: &Journal, line: &Line) -> anyhow::Result<bool> {
    let (from, to) = (from.unit(), to.unit());
    say(format_args!(
        "{from} → {to}: {} sent, {} received, {} agree",
        line.sent, line.received, line.agreed
    ))?;
    if line.sent > line.received {
        say(format_args!(
            "{from} → {to}: {} not received yet",
            line.sent - line.received
        ))?;
    }
    for (number, reason) in &line.quarantined {
        say(format_args!(
            "{from} → {to}: number {number} is in the quarantine of {to}: {reason}"
        ))?;
    }
    match &line.divergence {
        None => Ok(true),
        Some((number, how)) => {
            say(format_args!(
                "{from} → {to}: they part at number {number}: {how} ({} numbers in all)",
                line.divergences
            ))?;
            Ok(false)
        }
    }
}

fn compare(from: &Journal, to: &Journal, keys: Option<&KeyRegister>) -> anyhow::Result<Line> {
    let mut line = Line {
        sent: from.last_link(to.unit()),
        received: to.received_position(from.unit()),
        ..Line::default()
    };
    let kept = to.quarantined()?;
    // What the receiver holds, against what the sender says it sent.
    let mut received = BTreeSet::new();
    let (mut next, mut seen) = (0, 0);
    loop {
        let page = to.received_on(from.unit(), next, PAGE)?;
        let mut last = next;
        for entry in &page {
            let Origin::Received { link, .. } = entry.origin else {
                continue;
            };
            last = link;
            if !received.insert((link, entry.index)) {
                continue;
            }
            seen += 1;
            progress(to.unit(), seen);
            match disagreement(from, to.unit(), link, entry, keys)? {
                None => line.agreed += 1,
                Some(how) => line.part(link, how),
            }
        }
        if page.len() < PAGE {
            break;
        }
        // The numbers of a page may end within one; from there on once more.
        next = if last == next { last + 1 } else { last };
    }
    // What the sender says it sent, against what the receiver has behind it.
    for number in 1..=line.sent.min(line.received) {
        if received
            .range((number, 0)..=(number, u64::MAX))
            .next()
            .is_some()
        {
            continue;
        }
        let Some(sent) = from.delivery(to.unit(), number)? else {
            continue;
        };
        let quarantined = kept
            .iter()
            .find(|row| row.from == from.unit() && row.link == Some(number));
        let event = Event::read(&sent.signed.bytes)?;
        match (to.by_id(&event.id)?, quarantined) {
            (Some(held), _) if held.signed.bytes == sent.signed.bytes => line.agreed += 1,
            (Some(held), _) => {
                let how = format!(
                    "event {} has other bytes as entry {} of {}",
                    event.id,
                    held.index,
                    to.unit()
                );
                line.part(number, how);
            }
            (None, Some(row)) => line.quarantined.push((number, row.reason.clone())),
            (None, None) => {
                let how = format!(
                    "{} sent event {} ({}, entry {}), {} has received up to {} and does not hold it",
                    from.unit(),
                    event.id,
                    event.kind,
                    sent.index,
                    to.unit(),
                    line.received
                );
                line.part(number, how);
            }
        }
    }
    Ok(line)
}

/// How the sender's journal contradicts an entry that came as `number` of its line.
fn disagreement(
    from: &Journal,
    to: &str,
    number: u64,
    entry: &Entry,
    keys: Option<&KeyRegister>,
) -> anyhow::Result<Option<String>> {
    let sent = from.delivery(to, number)?;
    if let Some(sent) = &sent
        && sent.signed.bytes == entry.signed.bytes
    {
        return Ok(None);
    }
    let event = Event::read(&entry.signed.bytes)?;
    // A number that a restored sender spent and has forgotten: the event itself has to be known.
    let known = from.by_id(&event.id)?;
    if sent.is_none()
        && let Some(known) = &known
        && known.signed.bytes == entry.signed.bytes
    {
        return Ok(None);
    }
    let told = match (&sent, &known) {
        (_, Some(known)) if known.signed.bytes != entry.signed.bytes => format!(
            "{} holds other bytes of that event as entry {}",
            from.unit(),
            known.index
        ),
        (Some(sent), _) => format!(
            "{} sent event {} (entry {}) under it",
            from.unit(),
            Event::read(&sent.signed.bytes)?.id,
            sent.index
        ),
        (None, _) => format!("{} does not know it", from.unit()),
    };
    let signature = match keys.map(|keys| keys.verify(&entry.signed)) {
        None => String::new(),
        Some(Ok(())) => format!("; {to} holds {}'s valid signature on it", event.unit),
        Some(Err(error)) => format!("; what {to} holds does not verify: {error}"),
    };
    Ok(Some(format!(
        "{to} received event {} ({}) as entry {}, {told}{signature}",
        event.id, event.kind, entry.index
    )))
}
