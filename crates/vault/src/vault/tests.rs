#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use tempfile::TempDir;

use super::*;

/// 2024-05-06 and one month later, in milliseconds.
const MAY: u64 = 1_714_960_000_000;
const JUNE: u64 = MAY + 31 * 86_400_000;

fn id(time_ms: u64, number: u64) -> Uuid {
    let (version, variant) = (7 << 76, 0b10 << 62);
    Uuid::from_u128(u128::from(time_ms) << 80 | version | variant | u128::from(number))
}

fn key(number: u64) -> DossierKey {
    let mut bytes = [0xa5; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    DossierKey::from_bytes(bytes)
}

/// A vault with `keys` keys of May in a new directory, closed again.
async fn filled(keys: u64) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    for number in 0..keys {
        vault.keep(id(MAY, number), key(number)).await.unwrap();
    }
    let shard = dir.path().join("shards/2024-05.keys");
    (dir, shard)
}

#[tokio::test]
async fn a_kept_key_is_found_now_and_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    vault.keep(id(MAY, 1), key(1)).await.unwrap();
    vault.keep(id(JUNE, 2), key(2)).await.unwrap();
    assert_eq!(vault.find(id(MAY, 1)).unwrap(), Some(key(1)));
    drop(vault);

    let vault = Vault::open(dir.path()).unwrap();
    assert_eq!(vault.find(id(MAY, 1)).unwrap(), Some(key(1)));
    assert_eq!(vault.find(id(JUNE, 2)).unwrap(), Some(key(2)));
    assert_eq!(vault.find(id(MAY, 2)).unwrap(), None);
    assert_eq!(vault.find(id(JUNE + 90 * 86_400_000, 2)).unwrap(), None);
    assert_eq!(vault.check().unwrap(), 2);
    assert!(dir.path().join("shards/2024-06.keys").exists());
}

#[tokio::test]
async fn an_id_keeps_its_first_key() {
    let (dir, shard) = filled(1).await;
    let vault = Vault::open(dir.path()).unwrap();
    vault.keep(id(MAY, 0), key(0)).await.unwrap();
    let refused = vault.keep(id(MAY, 0), key(9)).await.unwrap_err();
    assert!(matches!(refused, VaultError::Taken { .. }));
    assert_eq!(vault.find(id(MAY, 0)).unwrap(), Some(key(0)));
    assert_eq!(fs::metadata(&shard).unwrap().len(), LINE_BYTES as u64);
}

#[tokio::test]
async fn two_keys_for_one_id_at_the_same_moment_leave_one() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let (one, other) = tokio::join!(
        vault.keep(id(MAY, 0), key(1)),
        vault.keep(id(MAY, 0), key(2))
    );
    assert!(one.is_ok() != other.is_ok());
    let kept = if one.is_ok() { key(1) } else { key(2) };
    assert_eq!(vault.find(id(MAY, 0)).unwrap(), Some(kept));
}

#[tokio::test]
async fn an_id_without_a_time_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let refused = vault.keep(Uuid::from_u128(5), key(5)).await.unwrap_err();
    assert!(matches!(refused, VaultError::NotV7 { .. }));
    assert!(matches!(
        vault.find(Uuid::nil()),
        Err(VaultError::NotV7 { .. })
    ));
}

#[tokio::test]
async fn a_line_cut_short_anywhere_is_removed_and_the_rest_stays() {
    let (dir, shard) = filled(3).await;
    let whole = fs::read(&shard).unwrap();
    for torn in [1, 36, 37, 100, LINE_BYTES - 1] {
        fs::write(&shard, &whole[..2 * LINE_BYTES + torn]).unwrap();
        let vault = Vault::open(dir.path()).unwrap();
        assert_eq!(vault.find(id(MAY, 1)).unwrap(), Some(key(1)));
        assert_eq!(vault.find(id(MAY, 2)).unwrap(), None);
        vault.keep(id(MAY, 2), key(2)).await.unwrap();
        drop(vault);
        let vault = Vault::open(dir.path()).unwrap();
        assert_eq!(vault.find(id(MAY, 2)).unwrap(), Some(key(2)));
        assert_eq!(vault.check().unwrap(), 3);
    }
}

#[tokio::test]
async fn zeros_that_a_power_cut_left_at_the_end_are_removed() {
    let (dir, shard) = filled(1).await;
    let mut bytes = fs::read(&shard).unwrap();
    bytes.extend([0; 4096]);
    fs::write(&shard, bytes).unwrap();
    assert_eq!(Vault::open(dir.path()).unwrap().check().unwrap(), 1);
}

#[tokio::test]
async fn a_line_of_another_length_in_the_middle_is_no_torn_tail() {
    let (dir, shard) = filled(3).await;
    let mut bytes = fs::read(&shard).unwrap();
    bytes.remove(LINE_BYTES + 50);
    fs::write(&shard, &bytes).unwrap();
    let refused = Vault::open(dir.path()).unwrap_err();
    assert!(
        matches!(&refused, VaultError::Damaged { path, .. } if *path == shard),
        "{refused}"
    );
    assert_eq!(fs::read(&shard).unwrap(), bytes, "nothing was removed");
}

#[tokio::test]
async fn a_damaged_line_in_the_middle_is_named_and_never_passed_over() {
    let (dir, shard) = filled(3).await;
    let whole = fs::read(&shard).unwrap();
    for damage in [b'\n', b'!'] {
        let mut bytes = whole.clone();
        bytes[LINE_BYTES + 10] = damage;
        fs::write(&shard, &bytes).unwrap();
        let vault = Vault::open(dir.path()).unwrap();
        let named = |refused: VaultError| match refused {
            VaultError::Damaged { path, line, .. } => assert_eq!((path, line), (shard.clone(), 2)),
            other => panic!("{other}"),
        };
        named(vault.find(id(MAY, 2)).unwrap_err());
        named(vault.keep(id(MAY, 7), key(7)).await.unwrap_err());
        named(vault.check().unwrap_err());
    }
}

#[tokio::test]
async fn a_changed_character_of_a_wrapped_key_concerns_that_key_alone() {
    let (dir, shard) = filled(3).await;
    let mut bytes = fs::read(&shard).unwrap();
    let at = LINE_BYTES + 80;
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    fs::write(&shard, &bytes).unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let refused = vault.find(id(MAY, 1)).unwrap_err();
    assert!(
        matches!(refused, VaultError::Damaged { line: 2, .. }),
        "{refused}"
    );
    assert_eq!(vault.find(id(MAY, 2)).unwrap(), Some(key(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_at_once_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let callers: Vec<_> = (0..32)
        .map(|caller| {
            let vault = vault.clone();
            tokio::spawn(async move {
                for round in 0..50 {
                    // More months than are held, so that indexes are dropped and read again.
                    let key_id = id(MAY + (round % 9) * 31 * 86_400_000, caller * 50 + round);
                    vault.keep(key_id, key(round)).await.unwrap();
                    assert_eq!(vault.find(key_id).unwrap(), Some(key(round)));
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    drop(vault);
    let vault = Vault::open(dir.path()).unwrap();
    assert_eq!(vault.check().unwrap(), 32 * 50);
    assert!(vault.0.shelf.state().months.len() <= MONTHS_HELD);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_its_key_kept() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let mut keeping = Box::pin(vault.keep(id(MAY, 1), key(1)));
    // Polled once it stands in the queue.
    assert!(futures_poll_once(keeping.as_mut()).await);
    drop(keeping);
    drop(vault);
    assert_eq!(
        Vault::open(dir.path()).unwrap().find(id(MAY, 1)).unwrap(),
        Some(key(1))
    );
}

/// True when one poll was made, whatever came of it.
async fn futures_poll_once<F: Future + Unpin>(mut future: F) -> bool {
    std::future::poll_fn(|context| {
        let _ = std::pin::Pin::new(&mut future).poll(context);
        std::task::Poll::Ready(true)
    })
    .await
}

#[tokio::test]
async fn one_process_at_a_time_holds_a_vault() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    assert!(matches!(
        Vault::open(dir.path()),
        Err(VaultError::InUse { .. })
    ));
    drop(vault);
    Vault::open(dir.path()).unwrap();
}

#[tokio::test]
async fn a_lost_wrapping_key_is_not_replaced() {
    let (dir, _) = filled(1).await;
    let path = dir.path().join("wrapping.key");
    fs::remove_file(&path).unwrap();
    let refused = Vault::open(dir.path()).unwrap_err();
    assert!(matches!(refused, VaultError::Wrapping { .. }), "{refused}");
    assert!(!path.exists());
}

#[tokio::test]
async fn another_wrapping_key_opens_nothing() {
    let (dir, _) = filled(1).await;
    fs::write(dir.path().join("wrapping.key"), "00".repeat(32)).unwrap();
    let refused = Vault::open(dir.path())
        .unwrap()
        .find(id(MAY, 0))
        .unwrap_err();
    assert!(
        matches!(refused, VaultError::Damaged { line: 1, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn nobody_else_can_read_the_files() {
    let (dir, shard) = filled(1).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let wrapping = dir.path().join("wrapping.key");
    assert_eq!(mode(&wrapping), 0o600);
    assert_eq!(mode(&shard), 0o600);
    assert_eq!(mode(&dir.path().join("shards")), 0o700);

    fs::set_permissions(&wrapping, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        Vault::open(dir.path()),
        Err(VaultError::Mode { mode: 0o640, .. })
    ));
}

#[tokio::test]
async fn no_key_shows_in_the_shard_or_in_debug_output() {
    let (dir, shard) = filled(1).await;
    let vault = Vault::open(dir.path()).unwrap();
    let secret = fs::read_to_string(dir.path().join("wrapping.key")).unwrap();
    let written = fs::read_to_string(shard).unwrap();
    let error = vault.keep(id(MAY, 0), key(3)).await.unwrap_err();
    let shown = format!(
        "{vault:?} {error:?} {error} {:?} {written}",
        vault.find(id(MAY, 0))
    );
    for key in [key(0), key(3)] {
        assert!(!shown.contains(&HEXLOWER.encode(key.expose())));
        assert!(!shown.contains(&BASE64URL_NOPAD.encode(key.expose())));
    }
    assert!(!shown.contains("165, 165") && !shown.contains(&secret));
}

/// The line of the key that is wrapped there, in one of the vault's files.
fn wrapped_line(shard: &Path, number: usize) -> String {
    let text = fs::read_to_string(shard).unwrap();
    let line = text.lines().nth(number).unwrap();
    line.split_once(' ').unwrap().1.to_owned()
}

/// Whether any file under `dir` holds these bytes.
fn lies_in(dir: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return lies_in(&path, bytes);
        }
        let held = fs::read(&path).unwrap();
        held.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[tokio::test]
async fn a_destroyed_key_is_in_no_file_and_never_found_or_made_again() {
    let (dir, shard) = filled(3).await;
    let wrapped = wrapped_line(&shard, 1);
    let vault = Vault::open(dir.path()).unwrap();
    assert!(lies_in(dir.path(), wrapped.as_bytes()));
    vault.destroy(id(MAY, 1)).await.unwrap();
    vault.destroy(id(MAY, 1)).await.unwrap();
    assert!(!lies_in(dir.path(), wrapped.as_bytes()));
    for _ in 0..2 {
        assert_eq!(vault.find(id(MAY, 1)).unwrap(), None);
        assert!(vault.has_destroyed(id(MAY, 1)));
        for again in [key(1), key(9)] {
            let refused = vault.keep(id(MAY, 1), again).await.unwrap_err();
            assert!(matches!(refused, VaultError::Destroyed { .. }), "{refused}");
        }
    }
    drop(vault);
    let vault = Vault::open(dir.path()).unwrap();
    assert_eq!(vault.find(id(MAY, 1)).unwrap(), None);
    assert!(vault.keep(id(MAY, 1), key(1)).await.is_err());
    assert_eq!(vault.find(id(MAY, 0)).unwrap(), Some(key(0)));
    assert_eq!(vault.find(id(MAY, 2)).unwrap(), Some(key(2)));
    assert_eq!(vault.check().unwrap(), 2);
}

#[tokio::test]
async fn a_key_destroyed_before_it_came_is_not_taken_when_it_comes() {
    let (dir, _) = filled(0).await;
    let vault = Vault::open(dir.path()).unwrap();
    let (destroyed, kept) = tokio::join!(vault.destroy(id(MAY, 5)), vault.keep(id(MAY, 5), key(5)));
    destroyed.unwrap();
    // Whichever of the two came first, nothing is left of the key.
    drop(kept);
    assert_eq!(vault.find(id(MAY, 5)).unwrap(), None);
    assert!(vault.keep(id(MAY, 5), key(5)).await.is_err());
}

#[tokio::test]
async fn a_crash_at_any_byte_of_the_destruction_leaves_the_key_whole_or_destroyed() {
    let (dir, shard) = filled(3).await;
    let list = dir.path().join("destroyed.ids");
    let whole = fs::read(&shard).unwrap();
    let wrapped = wrapped_line(&shard, 1);
    let vault = Vault::open(dir.path()).unwrap();
    vault.destroy(id(MAY, 1)).await.unwrap();
    drop(vault);
    let (listed, blank) = (fs::read(&list).unwrap(), fs::read(&shard).unwrap());
    for cut in 0..=listed.len() {
        // The list came first: until its line is whole nothing was written over.
        fs::write(&list, &listed[..cut]).unwrap();
        fs::write(&shard, &whole).unwrap();
        let vault = Vault::open(dir.path()).unwrap();
        let gone = cut == listed.len();
        assert_eq!(vault.find(id(MAY, 1)).unwrap().is_none(), gone, "{cut}");
        assert_eq!(lies_in(dir.path(), wrapped.as_bytes()), !gone);
    }
    for cut in 0..=LINE_BYTES {
        let mut torn = whole.clone();
        torn[LINE_BYTES..LINE_BYTES + cut].copy_from_slice(&blank[LINE_BYTES..LINE_BYTES + cut]);
        fs::write(&shard, torn).unwrap();
        let vault = Vault::open(dir.path()).unwrap();
        assert_eq!(vault.find(id(MAY, 1)).unwrap(), None);
        assert_eq!(vault.find(id(MAY, 2)).unwrap(), Some(key(2)));
        drop(vault);
        assert_eq!(fs::read(&shard).unwrap(), blank, "{cut}");
    }
}

#[tokio::test]
async fn a_months_file_from_an_older_copy_is_blanked_again() {
    let (dir, shard) = filled(2).await;
    let older = fs::read(&shard).unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    vault.destroy(id(MAY, 0)).await.unwrap();
    drop(vault);
    fs::write(&shard, &older).unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    assert_eq!(vault.find(id(MAY, 0)).unwrap(), None);
    assert_ne!(fs::read(&shard).unwrap(), older);
}

#[tokio::test]
async fn a_blank_line_that_nobody_destroyed_is_damage() {
    let (dir, shard) = filled(2).await;
    let vault = Vault::open(dir.path()).unwrap();
    vault.destroy(id(MAY, 0)).await.unwrap();
    drop(vault);
    fs::remove_file(dir.path().join("destroyed.ids")).unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    for refused in [
        vault.find(id(MAY, 0)).unwrap_err(),
        vault.check().unwrap_err(),
        vault.keep(id(MAY, 0), key(0)).await.unwrap_err(),
    ] {
        assert!(
            matches!(&refused, VaultError::Damaged { line: 1, path, .. } if *path == shard),
            "{refused}"
        );
    }
}
