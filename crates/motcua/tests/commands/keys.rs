//! `motcua keys`: secrets that stay, and a register that names everyone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use unit::identity;

use crate::{Said, motcua};

fn keys(dir: &Path, units: &[&str]) -> Said {
    let [data, register] = ["data", "keys.json"].map(|name| dir.join(name).display().to_string());
    let mut arguments = vec!["keys", "--data", &data, "--register", &register];
    arguments.extend(units);
    motcua(&arguments)
}

#[test]
fn units_get_secrets_that_only_the_owner_reads_and_keep_them() {
    let dir = tempfile::tempdir().unwrap();
    let said = keys(dir.path(), &["H33-27", "H33-27-04"]).done();
    assert!(said.starts_with("2 units in "), "{said}");
    let secret = |unit| identity::secret_file(&dir.path().join("data"), unit);
    let before = fs::read(secret("H33-27")).unwrap();
    let mode = fs::metadata(secret("H33-27")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "others may read the secret: {mode:o}");

    keys(dir.path(), &["H33-27", "H33-27-04", "H33-27-91"]).done();
    assert_eq!(fs::read(secret("H33-27")).unwrap(), before);
    let register = fs::read_to_string(dir.path().join("keys.json")).unwrap();
    for unit in ["H33-27", "H33-27-04", "H33-27-91"] {
        let own = identity::load(&dir.path().join("data"), unit).unwrap();
        let own =
            envelope::PublicKeys::new(unit, own.signing.current().public(), own.sealing.public());
        let own = serde_json::to_value(own).unwrap();
        let public: serde_json::Value = serde_json::from_str(&register).unwrap();
        assert!(public["units"].as_array().unwrap().contains(&own), "{unit}");
    }
}

#[test]
fn what_cannot_be_a_unit_gets_no_keys() {
    let dir = tempfile::tempdir().unwrap();
    for unit in ["H33/../../x", "h33-27", "H33 27", "", "H33.27"] {
        keys(dir.path(), &[unit]).names(&["as a unit", "such as H33-12-04"]);
    }
    keys(dir.path(), &[]).names(&["UNITS"]);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_secret_that_is_none_is_named_and_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let secret = identity::secret_file(&dir.path().join("data"), "H33-27");
    fs::create_dir_all(secret.parent().unwrap()).unwrap();
    fs::write(&secret, "torn").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    keys(dir.path(), &["H33-27"]).names(&["unit.key", "not a file of keys"]);
    assert_eq!(fs::read(&secret).unwrap(), b"torn");
}

#[test]
fn what_the_register_states_about_a_key_stays_when_units_are_added() {
    let dir = tempfile::tempdir().unwrap();
    let register = dir.path().join("keys.json");
    let said = keys(dir.path(), &["H33-27"]).done();
    assert!(said.contains("H33-27 ") && said.contains(" U"), "{said}");
    let stated = fs::read_to_string(&register).unwrap().replace(
        "\"sealing\"",
        "\"until\": { \"epoch\": \"018f4a2e-0000-7000-8000-0000000000ee\", \"sequence\": 7 }, \"sealing\"",
    );
    fs::write(&register, stated).unwrap();
    keys(dir.path(), &["H33-27", "H33-27-04"]).done();
    let after = fs::read_to_string(&register).unwrap();
    assert!(
        after.contains("\"sequence\": 7") && after.contains("H33-27-04"),
        "{after}"
    );
}

#[test]
fn a_register_with_other_keys_of_a_unit_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    keys(dir.path(), &["H33-27"]).done();
    let register = dir.path().join("keys.json");
    let before = fs::read(&register).unwrap();
    fs::remove_file(identity::secret_file(&dir.path().join("data"), "H33-27")).unwrap();
    keys(dir.path(), &["H33-27"]).names(&["other keys of H33-27", "unit.key"]);
    assert_eq!(fs::read(&register).unwrap(), before);
}
