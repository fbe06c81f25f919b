//! The signed head of a journal: as its unit signs it now, or as somebody kept it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use auditor::bundle::write_proof;
use auditor::{Earlier, Head};
use clap::Args;
use envelope::{KeyRegister, TreeHead, note};
use unit::identity;

use super::journals::Opened;

/// Which heads are proved against.
#[derive(Debug, Args)]
pub(super) struct Heads {
    /// A head of one of the journals (C2SP checkpoint), as its unit serves it, or as a witness or
    /// another unit kept it; may be given several times. Without any, a unit's directory must hold its
    /// `unit.key`: then the unit signs the head that its journal has now.
    #[arg(long = "head", value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Heads {
    /// The head of a journal to prove against, with the earlier ones that it has to continue; and how
    /// many entries it has.
    pub(super) fn of(&self, opened: &Opened, keys: &KeyRegister) -> anyhow::Result<(Head, u64)> {
        let Opened { dir, journal } = opened;
        let mut kept: Vec<(TreeHead, String)> = Vec::new();
        for file in &self.files {
            let named = || format!("reading the head {}", file.display());
            let text = fs::read_to_string(file).with_context(named)?;
            let head = note::read_head(text.as_bytes(), keys).with_context(named)?;
            if head.unit != journal.unit() || head.epoch != journal.epoch() {
                continue;
            }
            ensure!(
                head.size <= journal.size(),
                "{} has {} entries, the journal in {} only {}: it is older, or has lost some",
                file.display(),
                head.size,
                dir.display(),
                journal.size()
            );
            kept.push((head, text));
        }
        let (head, note) = match signed_now(opened)? {
            Some(now) => now,
            None => {
                let place = (0..kept.len()).max_by_key(|place| kept[*place].0.size);
                let latest = place.map(|place| kept.swap_remove(place));
                latest.with_context(|| {
                    format!(
                        "there is no signed head of {}: give one with --head, or put `unit.key` into {}",
                        journal.unit(),
                        dir.display()
                    )
                })?
            }
        };
        kept.sort_by_key(|(head, _)| head.size);
        let mut earlier = Vec::new();
        for (before, note) in kept {
            let is_proved = 0 < before.size && before.size < head.size;
            let proof = if is_proved {
                write_proof(&journal.consistency(before.size, head.size)?)
            } else {
                Vec::new()
            };
            earlier.push(Earlier { note, proof });
        }
        Ok((Head { note, earlier }, head.size))
    }
}

/// The head that the journal has now, signed with the key in the unit's directory, if it is there.
fn signed_now(opened: &Opened) -> anyhow::Result<Option<(TreeHead, String)>> {
    let Opened { dir, journal } = opened;
    let unit = journal.unit();
    let data = dir.parent().unwrap_or(dir);
    if !identity::secret_file(data, unit).is_file() {
        return Ok(None);
    }
    let identity = identity::load(data, unit)?;
    identity::follow(journal, &identity)?;
    let key = identity.signing.current();
    let now = journal.head();
    let head = TreeHead {
        unit: unit.to_owned(),
        epoch: journal.epoch(),
        size: now.entries,
        root: now.root,
    };
    let note = String::from_utf8(note::sign_head(&head, &key)?)?;
    Ok(Some((head, note)))
}
