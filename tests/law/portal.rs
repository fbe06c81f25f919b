//! The adapter to the national portal beside the services: over a portal that fails and through a kill,
//! every dossier and every row of progress is there once, and a status is told as it is.

use serde_json::{Value, json};
use tests::process::eventually;

use crate::province::{COMMUNE, POLICE, Province, kind_of};
use crate::stand_in::{Kept, StandIn};

const ADAPTER: &str = "motcua-portal";
/// Five working days at the commune.
const DISABILITY: &str = "1.001653";

fn configure(province: &Province, url: &str) {
    let more = format!(
        "url = {url:?}\nsimulated = true\nanswer_millis = 2000\npause_millis = 20\npause_millis_max = 300\n\
         [partner]\nmadonvi = \"000.00.00.H01\"\n\
         fields = {{ \"Bảo trợ xã hội\" = \"H01-LV01\", \"Hộ tịch\" = \"H01-LV02\" }}\n"
    );
    province.configure_reader(ADAPTER, more.parse().unwrap());
}

/// Facts that have nothing in them for the citizen (`portal::wording`), so no row.
const UNTOLD: [&str; 3] = ["code.aliased", "alert.raised", "alert.settled"];

async fn rows_due(province: &Province, code: &str) -> usize {
    let timeline = province.timeline(code).await;
    timeline
        .iter()
        .filter(|e| !UNTOLD.contains(&kind_of(e)))
        .count()
}

/// Waits until the portal has everything that the projector knows of a dossier, under this status.
async fn arrives(province: &Province, portal: &StandIn, code: &str, status: &str) -> Kept {
    eventually(&format!("{code} at the portal as {status}"), async || {
        let rows = rows_due(province, code).await;
        let kept = portal.told(|told| told.dossiers.get(code).cloned())?;
        let whole = kept.rows.len() == rows && kept.record["TrangThaiHoSo"] == *status;
        whole.then_some(kept)
    })
    .await
}

fn texts<'a>(kept: &'a Kept, field: &str) -> Vec<&'a str> {
    let text = |row: &'a Value| row[field].as_str().unwrap();
    kept.rows.iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_has_every_dossier_and_row_once_through_failures_and_a_kill() {
    let mut province = Province::running("2026-10-05T07:00").await;
    let (portal, url) = StandIn::listening().await;
    configure(&province, &url);
    province.launch(ADAPTER);

    let received = async |at: &str, procedure, papers| {
        province.receives(at, procedure, papers, json!({})).await
    };
    let finished = received("2026-10-05T08:00", DISABILITY, 1).await;
    let waiting = received("2026-10-05T09:00", DISABILITY, 1).await;
    let birth = received("2026-10-05T10:00", "3.000722", 2).await;
    eventually("the portal to be in the middle of it", async || {
        portal.told(|told| (told.calls >= 4).then_some(()))
    })
    .await;
    province.kill(ADAPTER);

    // What happens while nobody tells is told later.
    province
        .completes(COMMUNE, "2026-10-06T08:00", &finished, "processing")
        .await;
    let back = json!({ "channel": "counter" });
    let returned = province.does(
        COMMUNE,
        "return_result",
        "2026-10-06T09:00",
        &finished,
        back,
    );
    returned.await;
    let asked = json!({ "items": ["Biên bản họp"], "reason": "Thiếu biên bản của Hội đồng" });
    let asked = province.does(
        COMMUNE,
        "ask_supplement",
        "2026-10-06T10:00",
        &waiting,
        asked,
    );
    asked.await;
    province
        .completes(COMMUNE, "2026-10-06T08:30", &birth, "birth")
        .await;
    province
        .accepts(POLICE, "2026-10-06T09:00", &birth, "residence")
        .await;
    province.hears(&birth, "step.accepted", 2).await;
    province.hears(&finished, "result.returned", 1).await;
    province.hears(&waiting, "supplement.asked", 1).await;
    province.launch(ADAPTER);

    let finished = arrives(&province, &portal, &finished, "10").await;
    let waiting = arrives(&province, &portal, &waiting, "5").await;
    let birth = arrives(&province, &portal, &birth, "4").await;
    let health = eventually("nothing to be due", async || {
        let health = province.query("portal_health", &json!({})).await;
        (health["due"] == 0).then_some(health)
    })
    .await;
    assert_eq!(
        (&health["aside"], &health["quarantined"]),
        (&json!(0), &json!(0))
    );
    portal.told(|told| {
        assert_eq!(told.broken, Vec::<String>::new());
        assert_eq!(told.dossiers.len(), 3);
        assert!(told.failed >= 3, "{} calls failed", told.failed);
    });
    for kept in [&finished, &waiting, &birth] {
        let mut said = texts(kept, "NoiDungXuLy");
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), kept.rows.len(), "{:#?}", kept.rows);
    }
    assert_eq!(texts(&finished, "TrangThai").last(), Some(&"10"));
    assert_eq!(texts(&waiting, "TrangThai").last(), Some(&"5"));
    // Who waits for the citizen was finished at no time.
    for kept in [&waiting, &birth] {
        assert!(
            !kept.statuses.iter().any(|status| status == "9"),
            "{:?}",
            kept.statuses
        );
        assert!(!texts(kept, "TrangThai").contains(&"9"));
    }
    assert_eq!(waiting.record["NgayHenTra"], "20261012170000");
    assert_eq!(
        waiting.record["DanhSachHoSoBoSung"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(finished.record["NgayTra"], "20261006090000");
}
