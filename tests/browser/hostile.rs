//! Whoever writes markup into a name, and whoever wants the page to speak to somebody else.

use std::io::ErrorKind;
use std::net::TcpListener;

use serde_json::json;
use tests::browser::Browser;

use crate::hall::{Hall, Words};

const HOSTILE: Words = Words {
    desk: "UBND <img src=x onerror=\"document.title='bị chiếm'\">",
    land: "Chi nhánh <a href=\"javascript:document.title='bị chiếm'\">đất đai</a>",
    field: "Đất <b id=\"bold\">đai</b> &amp; nhà",
    procedure: "Thủ tục <script>document.title='bị chiếm'</script>",
    task: "</td></table><iframe src=\"/\"></iframe>",
    published: "<style>body{display:none}</style>",
};

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_names_is_shown_as_the_text_that_it_is() {
    let hall = Hall::open(HOSTILE).await;
    let mut browser = Browser::start().await;
    let link = format!("#dossier={}&group=unit,field", hall.overdue);
    browser.open(&hall.page(&link)).await;
    let shown = "!!document.querySelector('#dossier .line li') \
                 && !!document.querySelector('#overdue tbody a')";
    browser.until(shown).await;

    for (place, word) in [
        ("#compared", HOSTILE.published),
        ("#compared", HOSTILE.desk),
        ("#figures tbody", HOSTILE.desk),
        ("#figures tbody", HOSTILE.field),
        ("#overdue tbody", HOSTILE.land),
        ("#overdue-at", HOSTILE.land),
        ("#dossier dl", HOSTILE.procedure),
        ("#dossier table", HOSTILE.task),
        ("#dossier .line", HOSTILE.land),
    ] {
        let text = browser.text(place).await;
        assert!(text.contains(word), "{place}: {text}");
    }
    let grown = "document.querySelectorAll('main script, main img, main iframe, main style, #bold, \
                 a[href^=javascript]').length";
    assert_eq!(browser.evaluate(grown).await, 0);
    let title = browser.evaluate("document.title").await;
    assert_eq!(title, "Tình hình giải quyết hồ sơ · Một cửa liên thông");
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_leaves_the_origin_and_none_could() {
    let hall = Hall::open(HOSTILE).await;
    let mut browser = Browser::start().await;
    let link = format!("#dossier={}", hall.overdue);
    browser.open(&hall.page(&link)).await;
    browser
        .until("!!document.querySelector('#overdue tbody a')")
        .await;
    let origin = hall.page("");
    let asked = browser.requests();
    assert!(asked.iter().any(|url| url.contains("/api/summary")));
    for url in asked.iter().filter(|url| *url != "about:blank") {
        assert!(url.starts_with(&origin), "{url}");
    }
    assert!(
        browser.complaints().is_empty(),
        "{:?}",
        browser.complaints()
    );

    // Even a script that had got in could neither speak to another nor bring one along.
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = format!("http://{}/", elsewhere.local_addr().unwrap());
    // Nobody answers at the door, so what gets out to it is left waiting and not refused.
    let speak = format!(
        "fetch({}, {{ signal: AbortSignal.timeout(5000) }})\
         .then(() => 'heard', (e) => e.name === 'TimeoutError' ? 'sent' : 'refused')",
        json!(address)
    );
    assert_eq!(browser.evaluate(&speak).await, "refused");
    let show = format!(
        "new Promise((told) => {{ const i = new Image(); i.onload = () => told('shown'); \
         i.onerror = () => told('refused'); i.src = {}; }})",
        json!(address)
    );
    assert_eq!(browser.evaluate(&show).await, "refused");
    let run = "(() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; \
               document.body.append(s); return typeof window.ran; })()";
    assert_eq!(browser.evaluate(run).await, "undefined");
    let policy = |said: &&String| said.contains("Content Security Policy");
    assert!(browser.complaints().iter().filter(policy).count() >= 3);
    // Whoever had knocked would be waiting at the door.
    assert_eq!(
        elsewhere.accept().unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    hall.close().await;
}
