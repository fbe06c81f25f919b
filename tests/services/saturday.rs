//! A desk that receives on Saturdays, as its row in the register of units says: day 1 is Monday.

use tests::town::{COMMUNE, Town};

use crate::route::{LAND_PROCEDURE, receive};

/// Writes the profile's register of units otherwise, for every service that starts from now on.
fn open_on_saturdays(town: &Town) {
    let config = town.config_of("motcua-commune");
    let text = std::fs::read_to_string(&config).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let profile = std::path::Path::new(table["profile"].as_str().unwrap());
    let units = std::fs::read_to_string(profile.join("units.toml")).unwrap();
    let row = format!("id = \"{COMMUNE}\"\n");
    let open = units.replace(&row, &format!("{row}desk_saturday = \"morning\"\n"));
    assert_ne!(open, units);
    let own = town.path("profile");
    std::fs::create_dir(&own).unwrap();
    std::fs::write(own.join("units.toml"), open).unwrap();
    let profile = table["profile"].as_str().unwrap();
    let text = text.replace(profile, own.to_str().unwrap());
    std::fs::write(&config, text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saturday_desk_counts_from_the_next_working_day() {
    let mut town = Town::simulated().await;
    let sent = receive("2018-01-06T08:00", LAND_PROCEDURE, 4);
    town.end("motcua-commune").await;
    open_on_saturdays(&town);
    town.start("motcua-commune").await;
    let answer = town.ask(COMMUNE, "receive", &sent).await.done();
    assert_eq!(answer["dossier"], "000.04.27.H33-180106-0001");
    // Ten working days from Monday the 8th on: Saturday itself is none of them.
    assert_eq!(answer["due_at"], "2018-01-19T17:00:00+07:00");
}
