//! Nothing in `deploy/` is decoration: every file is read by what it was written for.

use std::path::Path;
use std::process::Command;

use exchange::broker::find_or_install;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn the_services_read_their_example_configurations() {
    for level in ["commune", "district", "agency"] {
        let path = root()
            .join("deploy/local")
            .join(level)
            .with_extension("toml");
        let config = unit::config::Config::read(&path).unwrap();
        let catalogue = catalogue::Catalogue::load(
            &root().join(&config.registers),
            &root().join(&config.profile),
        )
        .unwrap();
        for unit in &config.units {
            let unit = catalogue
                .unit(&dossier::ids::UnitId::parse(unit).unwrap())
                .unwrap();
            assert_eq!(
                format!("{:?}", unit.level).to_lowercase(),
                level,
                "{}",
                path.display()
            );
        }
    }
    unit::officers::Officers::read(&root().join("deploy/local/officers.toml")).unwrap();
    projector::config::Config::read(&root().join("deploy/local/projector.toml")).unwrap();
    portal::config::Config::read(&root().join("deploy/local/portal.toml")).unwrap();
}

#[test]
fn the_broker_reads_its_example_configurations() {
    let server = find_or_install(&root().join("target")).unwrap();
    for name in ["server", "hub", "leaf"] {
        let config = root().join("deploy/nats").join(name).with_extension("conf");
        let said = Command::new(&server)
            .arg("-t")
            .arg("-c")
            .arg(&config)
            .output()
            .unwrap();
        assert!(
            said.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&said.stderr)
        );
    }
}
