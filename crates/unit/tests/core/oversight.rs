//! The watch of one unit over another: each due date is pressed once.

use serde_json::json;
use unit::watch::WATCH;

use crate::house::{COMMUNE, DISTRICT, House, LAND_PROCEDURE, at, command, receive};

#[tokio::test]
async fn a_watched_dossier_is_pressed_once_for_each_due_date() {
    let (mut commune, mut district) = (House::new(COMMUNE), House::new(DISTRICT));
    let code = commune
        .does("receive", &receive(1, "2018-01-02T08:00", LAND_PROCEDURE))
        .await
        .unwrap()
        .dossier;
    while district.hears_next(&commune).await {}
    assert_eq!(district.notes(WATCH).len(), 1);

    let mut reminders = 0;
    // Twice before the disk has the first of them, once after a restart.
    let first = district.core.wake(at("2018-01-08T08:00")).unwrap();
    let second = district.core.wake(at("2018-01-08T08:01")).unwrap();
    for group in [first, second] {
        reminders += group.entries.len();
        district.write(group).await;
    }
    let mut district = district.restarted();
    reminders += district
        .core
        .wake(at("2018-01-08T08:02"))
        .unwrap()
        .entries
        .len();
    assert_eq!(reminders, 1);

    // Asked and answered within one minute after hours: the clock stood still, the date did not move.
    let asked = json!({ "amount_vnd": 1_000, "purpose": "Lệ phí" });
    commune
        .does(
            "ask_payment",
            &command(2, "2018-01-08T20:00", Some(&code), asked),
        )
        .await
        .unwrap();
    while district.hears_next(&commune).await {}
    assert!(
        district
            .core
            .wake(at("2018-01-08T20:00"))
            .unwrap()
            .entries
            .is_empty()
    );
    commune
        .does(
            "confirm_payment",
            &command(
                3,
                "2018-01-08T20:01",
                Some(&code),
                json!({ "voucher": "BL-1" }),
            ),
        )
        .await
        .unwrap();
    while district.hears_next(&commune).await {}
    assert_eq!(
        district
            .core
            .wake(at("2018-01-08T20:02"))
            .unwrap()
            .entries
            .len(),
        0
    );

    commune
        .does(
            "withdraw",
            &command(
                4,
                "2018-01-08T20:03",
                Some(&code),
                json!({ "reason": "vì" }),
            ),
        )
        .await
        .unwrap();
    while district.hears_next(&commune).await {}
    assert!(
        district
            .notes("")
            .keys()
            .all(|key| !String::from_utf8_lossy(key).contains(code.as_str()))
    );
}
