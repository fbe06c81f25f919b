//! What people see, and how they get from a figure to a dossier.

use tests::browser::Browser;

use crate::hall::{Hall, USUAL};

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

/// The page is complete: figures and the overdue dossier are there.
const SHOWN: &str = "!!document.querySelector('#figures tbody tr') \
                     && !!document.querySelector('#overdue tbody a')";

/// A dossier is open: its timeline is there.
const OPENED: &str = "!!document.querySelector('#dossier .line li')";

#[tokio::test(flavor = "multi_thread")]
async fn rates_stand_beside_the_published_one_and_a_click_leads_to_what_is_overdue() {
    let hall = Hall::open(USUAL).await;
    let mut browser = Browser::start().await;
    browser.open(&hall.page("")).await;
    browser.until(SHOWN).await;

    // Two of three have ended, one of them in time.
    let compared = browser.text("#compared").await;
    holds(
        &compared,
        &["99,58 %", "50,00 %", USUAL.desk, USUAL.published],
    );
    let figures = browser.text("#figures tbody").await;
    holds(&figures, &[USUAL.desk, "50,00 %", "công bố 99,58 %"]);
    let overdue = browser.text("#overdue tbody").await;
    let code = hall.overdue.as_str();
    holds(&overdue, &[code, "10/01/2018", "10 ngày", USUAL.land]);
    assert_eq!(
        browser.text("#overdue-at").await,
        format!("{} 1", USUAL.land)
    );
    let numbers = "number(11452) + ' ' + rate(9958)";
    assert_eq!(browser.evaluate(numbers).await, "11.452 99,58\u{a0}%");

    // By field, of this unit alone.
    browser.click("#figures tbody a").await;
    let by_field = "document.querySelector('#what').textContent === 'Lĩnh vực' \
                    && !document.querySelector('#within').hidden";
    browser.until(by_field).await;
    holds(
        &browser.text("#figures").await,
        &[USUAL.field, "50,00 %", "Tổng số"],
    );

    browser.click("#overdue tbody a").await;
    browser.until(OPENED).await;
    let address = browser.evaluate("location.hash").await;
    holds(address.as_str().unwrap(), &["dossier=", code]);
    assert_eq!(browser.text("#h-dossier").await, format!("Hồ sơ {code}"));

    // And back, as with any link.
    browser.evaluate("history.back()").await;
    browser.until("document.querySelector('#one').hidden").await;
    assert!(
        browser.complaints().is_empty(),
        "{:?}",
        browser.complaints()
    );
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_dossier_shows_its_course_and_both_moments_of_each_hand_over() {
    let hall = Hall::open(USUAL).await;
    let mut browser = Browser::start().await;
    let link = format!("#dossier={}", hall.overdue);
    browser.open(&hall.page(&link)).await;
    browser.until(OPENED).await;

    let dossier = browser.text("#dossier").await;
    holds(
        &dossier,
        &[USUAL.procedure, "Đang quá hạn", "17:00 ngày 10/01/2018"],
    );
    let handover = browser.text("#dossier table tbody").await;
    holds(
        &handover,
        &[
            USUAL.task,
            USUAL.land,
            "09:30 ngày 03/01/2018",
            "07:45 ngày 04/01/2018",
            "17:00 ngày 11/01/2018",
        ],
    );
    let line = browser.evaluate(
        "[...document.querySelectorAll('#dossier .line .title')].map((e) => e.textContent).join('|')",
    );
    assert_eq!(
        line.await,
        format!(
            "Tiếp nhận hồ sơ và hẹn trả kết quả|Giao xử lý cho {}|Nhận xử lý",
            USUAL.land
        )
    );

    // A code that nobody has is answered in words, and the page goes on.
    browser
        .open(&hall.page("#dossier=000.00.27.H33-180103-9999"))
        .await;
    browser
        .until("!!document.querySelector('#dossier .hot')")
        .await;
    holds(&browser.text("#dossier").await, &["Không có hồ sơ"]);
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_wide_tables_move_within_their_own_box() {
    let hall = Hall::open(USUAL).await;
    let mut browser = Browser::start().await;
    browser.width(390).await;
    let link = format!("#dossier={}", hall.overdue);
    browser.open(&hall.page(&link)).await;
    browser.until(SHOWN).await;
    browser.until(OPENED).await;
    let whole = "document.documentElement.scrollWidth";
    assert_eq!(browser.evaluate(whole).await, 390);
    let boxes =
        "[...document.querySelectorAll('.scroll')].map((e) => e.scrollWidth > e.clientWidth)";
    assert_eq!(
        browser.evaluate(boxes).await,
        serde_json::json!([true, true, true])
    );
    hall.close().await;
}
