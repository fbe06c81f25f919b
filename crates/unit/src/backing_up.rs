//! A backup of a running unit: one file on the service's own machine, verified when made.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use dossier::ids::UnitId;
use envelope::KeyRegister;
use journal::{BackupError, Journal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::answer::Refused;

/// Longest name of a backup, in characters.
const NAME_MAX: usize = 80;

/// Where the backups of a unit are put, and whose signatures are checked in them.
#[derive(Clone)]
pub(crate) struct Backups {
    /// `backups` in the unit's directory.
    pub(crate) dir: PathBuf,
    /// Everyone's public keys.
    pub(crate) keys: Arc<KeyRegister>,
}

/// Asks a running unit for a backup of its journal. Nothing is written into the journal for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BackUp {
    /// Name of the file, without its ending: letters, digits, `-` and `_`. It must be a new one.
    pub name: String,
}

/// A backup that was read back as a whole, every signature in it verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackedUp {
    /// Whose journal it is.
    pub unit: UnitId,
    /// The file, on the service's machine.
    pub file: String,
    /// The epoch in which own events were numbered.
    pub epoch: Uuid,
    /// Number of entries, own and received.
    pub entries: u64,
    /// Last own sequence of the epoch.
    pub sequence: u64,
    /// RFC 6962 root over the entries, hex.
    pub root: String,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, hex, as `sha256sum` says it.
    pub sha256: String,
}

impl Backups {
    /// Makes the backup. Blocks as long as that takes; the unit goes on meanwhile.
    ///
    /// # Errors
    /// The refusal of a name that cannot be used, or of a disk that cannot take the file; nothing is
    /// left under the name then.
    pub(crate) fn make(
        &self,
        journal: &Journal,
        unit: &UnitId,
        asked: &BackUp,
    ) -> Result<BackedUp, Refused> {
        let name = &asked.name;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(plain) {
            return Err(Refused {
                code: "backup.name".into(),
                message: format!(
                    "Tên bản sao lưu {name:?} không dùng được: chỉ chữ cái không dấu, chữ số, - và _, \
                     tối đa {NAME_MAX} ký tự"
                ),
                rule: "motcua journal backup".into(),
            });
        }
        let file = self.dir.join(format!("{name}.backup"));
        create(&self.dir).map_err(|error| not_made(&file, &error.to_string()))?;
        let made = journal.backup(&file, Some(&self.keys));
        let report = made.map_err(|error| match error {
            BackupError::Running => Refused {
                code: "backup.running".into(),
                message: "Đang có một bản sao lưu khác được tạo; hãy đợi xong rồi gửi lại".into(),
                rule: "motcua journal backup".into(),
            },
            error => not_made(&file, &error.to_string()),
        })?;
        Ok(BackedUp {
            unit: unit.clone(),
            file: file.display().to_string(),
            epoch: report.epoch,
            entries: report.entries,
            sequence: report.sequence,
            root: HEXLOWER.encode(&report.root),
            bytes: report.bytes,
            sha256: HEXLOWER.encode(&report.sha256),
        })
    }
}

/// Readable by the service's account alone, as the journal is.
fn create(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}

fn not_made(file: &Path, why: &str) -> Refused {
    Refused {
        code: "backup.not_made".into(),
        message: format!("Không tạo được bản sao lưu {}: {why}", file.display()),
        rule: "motcua journal backup".into(),
    }
}
