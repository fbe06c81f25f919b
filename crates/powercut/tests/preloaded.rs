//! The library as it is used: this very program runs again with it preloaded, writes in the
//! directory, and ends without a word; then the image is looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const STORY: &str = "POWERCUT_STORY";

/// Every file in a directory with what is in it, every directory with nothing.
fn contents(dir: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    fn walk(root: &Path, dir: &Path, found: &mut BTreeMap<String, Option<Vec<u8>>>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if path.is_dir() {
                found.insert(name, None);
                walk(root, &path, found);
            } else {
                found.insert(name, Some(fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(dir, dir, &mut found);
    found
}

fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let deps = test.parent().unwrap();
    let built = deps.join("libpowercut.so");
    assert!(built.is_file(), "{} is not built", built.display());
    built
}

/// Tells a story in a directory that has `old` with six bytes, synced long ago, and says what a power
/// cut at its end leaves.
fn left_of(story: &str) -> Vec<(String, Option<String>)> {
    let temp = TempDir::new().unwrap();
    let (dir, image) = (temp.path().join("dir"), temp.path().join("image"));
    for each in [&dir, &image] {
        fs::create_dir(each).unwrap();
        fs::write(each.join("old"), "before").unwrap();
    }
    let told = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_teller", "--nocapture"])
        .env("LD_PRELOAD", library())
        .env("POWERCUT_DIR", &dir)
        .env("POWERCUT_IMAGE", &image)
        .env(STORY, story)
        .output()
        .unwrap();
    assert!(told.status.success(), "{told:?}");
    contents(&image)
        .into_iter()
        .map(|(name, bytes)| (name, bytes.map(|bytes| String::from_utf8(bytes).unwrap())))
        .collect()
}

fn are(found: &[(String, Option<String>)], wanted: &[(&str, Option<&str>)]) {
    let found: Vec<_> = found
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_deref()))
        .collect();
    assert_eq!(found, wanted);
}

/// Tells a story when this program runs with the library; otherwise it has nothing to say.
#[test]
fn the_teller() {
    let Some(story) = std::env::var_os(STORY) else {
        return;
    };
    let dir = PathBuf::from(std::env::var_os("POWERCUT_DIR").unwrap());
    let file = |name: &str| {
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(dir.join(name))
            .unwrap()
    };
    let names = |of: &Path| File::open(of).unwrap().sync_all().unwrap();
    match story.to_str().unwrap() {
        "data" => {
            let old = file("old");
            old.write_all_at(b"AF", 0).unwrap();
            old.sync_data().unwrap();
            old.write_all_at(b"xx", 4).unwrap();
        }
        "append" => {
            let mut old = OpenOptions::new()
                .append(true)
                .open(dir.join("old"))
                .unwrap();
            old.write_all(b" and").unwrap();
            old.sync_all().unwrap();
            old.write_all(b" after").unwrap();
        }
        "other handle" => {
            file("old").write_all_at(b"AFTER!", 0).unwrap();
            file("old").sync_data().unwrap();
        }
        "new names" => {
            for name in ["a", "b", "c"] {
                file(name).write_all(name.as_bytes()).unwrap();
            }
            for name in ["a", "b"] {
                file(name).sync_all().unwrap();
            }
            names(&dir);
            file("d").write_all(b"d").unwrap();
            file("d").sync_all().unwrap();
        }
        "renamed" => {
            let mut new = file("new");
            new.write_all(b"whole").unwrap();
            new.sync_all().unwrap();
            fs::rename(dir.join("new"), dir.join("old")).unwrap();
            names(&dir);
        }
        "renamed unsynced" => {
            file("new").write_all(b"whole").unwrap();
            fs::rename(dir.join("new"), dir.join("old")).unwrap();
            names(&dir);
        }
        "removed" => {
            fs::remove_file(dir.join("old")).unwrap();
            file("other").write_all(b"!").unwrap();
        }
        "below" => {
            let below = dir.join("one/two");
            fs::create_dir_all(&below).unwrap();
            let mut deep = file("one/two/deep");
            deep.write_all(b"deep").unwrap();
            deep.sync_all().unwrap();
            for each in [&below, &dir.join("one"), &dir] {
                names(each);
            }
            fs::create_dir(dir.join("three")).unwrap();
        }
        "cut" => {
            let old = file("old");
            old.set_len(2).unwrap();
            old.set_len(4).unwrap();
            old.sync_all().unwrap();
            old.set_len(0).unwrap();
        }
        "truncated when opened" => {
            let mut old = File::create(dir.join("old")).unwrap();
            old.seek(SeekFrom::Start(3)).unwrap();
            old.write_all(b"!").unwrap();
            old.sync_all().unwrap();
        }
        "writes through" => {
            let mut old = OpenOptions::new()
                .write(true)
                .custom_flags(0o10_000)
                .open(dir.join("old"))
                .unwrap();
            old.write_all(b"AFTER!").unwrap();
        }
        "copied" => {
            let (mut from, mut to) = (file("old"), file("copy"));
            std::io::copy(&mut from, &mut to).unwrap();
            to.sync_all().unwrap();
            names(&dir);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn of_data_only_what_was_synced_is_left() {
    are(&left_of("data"), &[("old", Some("AFfore"))]);
    are(&left_of("append"), &[("old", Some("before and"))]);
    are(&left_of("other handle"), &[("old", Some("AFTER!"))]);
    are(&left_of("writes through"), &[("old", Some("AFTER!"))]);
}

#[test]
fn a_name_is_left_when_its_directory_was_synced() {
    are(
        &left_of("new names"),
        &[
            ("a", Some("a")),
            ("b", Some("b")),
            ("c", Some("")),
            ("old", Some("before")),
        ],
    );
    are(&left_of("removed"), &[("old", Some("before"))]);
    are(
        &left_of("below"),
        &[
            ("old", Some("before")),
            ("one", None),
            ("one/two", None),
            ("one/two/deep", Some("deep")),
        ],
    );
}

#[test]
fn a_file_renamed_over_another_is_left_with_what_was_synced_of_it() {
    are(&left_of("renamed"), &[("old", Some("whole"))]);
    are(&left_of("renamed unsynced"), &[("old", Some(""))]);
}

#[test]
fn what_was_cut_off_does_not_come_back() {
    are(&left_of("cut"), &[("old", Some("be\0\0"))]);
    are(
        &left_of("truncated when opened"),
        &[("old", Some("\0\0\0!"))],
    );
    are(
        &left_of("copied"),
        &[("copy", Some("before")), ("old", Some("before"))],
    );
}
