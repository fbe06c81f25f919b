//! The forms as people hold them: read on the screen, printed on their paper, and the pattern read
//! as a telephone does.

use forms::{Entry, FormId, Kind, available, register, render};
use serde_json::json;
use tempfile::TempDir;
use tests::browser::Browser;

use crate::sample::{Story, USUAL, Words, applicant, desk, names};

/// Pixels along a side of the pattern when it is read.
const PATTERN: usize = 400;

/// A form, filled, in a file.
struct Sheet {
    form: FormId,
    url: String,
    /// The dossier's code; none of the register.
    code: Option<String>,
}

/// The six forms of 2024 or the seven of 2026, and the directory that they lie in.
fn sheets(year: i32, words: Words) -> (TempDir, Vec<Sheet>) {
    let dir = TempDir::new().unwrap();
    let persons = applicant(words);
    let mut filled: Vec<(FormId, Option<String>, String)> = Vec::new();
    let mut declined = Story::of(year, 9, words);
    declined.declined();
    let mut late = Story::of(year, 5, words);
    late.received();
    late.dispatched();
    late.accepted();
    late.step_apologised();
    let stories = [
        Story::whole(year, words),
        Story::ending_refused(year, words),
        Story::ending_stopped(year, words),
        declined,
        late,
    ];
    for Story {
        code, statements, ..
    } in &stories
    {
        for found in available(code, statements) {
            let event = found.event;
            let page = render(
                found.form,
                code,
                statements,
                event,
                &names(words),
                Some(&persons),
                calendar::Calendar::published(),
            );
            filled.push((found.form, Some(code.as_str().to_owned()), page.unwrap()));
        }
    }
    let entries = stories.each_ref().map(|story| Entry {
        code: &story.code,
        statements: &story.statements,
        applicant: Some(&persons),
    });
    let as_of = stories[0].at("12-31T17:00");
    let form = FormId::all()
        .find(|form| form.kind() == Kind::Register && form.set() == forms::FormSet::at(as_of));
    let form = form.unwrap();
    let page = register(form, &desk(), as_of, &entries, &names(words)).unwrap();
    filled.push((form, None, page));
    let sheets = filled
        .into_iter()
        .enumerate()
        .map(|(number, (form, code, page))| {
            let path = dir.path().join(format!("{number}.html"));
            std::fs::write(&path, page).unwrap();
            let url = format!("file://{}", path.display());
            Sheet { form, url, code }
        });
    let sheets = sheets.collect();
    (dir, sheets)
}

/// How many pages a printed form has.
fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    let objects = text.split("/Type /Page").skip(1);
    objects.filter(|rest| !rest.starts_with('s')).count()
}

/// Width and height of the first page in points, a 72nd of an inch.
fn format(pdf: &[u8]) -> (f64, f64) {
    let text = String::from_utf8_lossy(pdf);
    let (_, rest) = text.split_once("/MediaBox [0 0 ").unwrap();
    let (numbers, _) = rest.split_once(']').unwrap();
    let (width, height) = numbers.trim().split_once(' ').unwrap();
    (width.parse().unwrap(), height.parse().unwrap())
}

fn is_about((width, height): (f64, f64), expected: (f64, f64)) -> bool {
    (width - expected.0).abs() < 1.5 && (height - expected.1).abs() < 1.5
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_the_thirteen_is_read_in_vietnamese_and_printed_on_one_sheet_of_its_format() {
    let mut browser = Browser::start().await;
    let mut seen: Vec<FormId> = Vec::new();
    for year in [2024, 2026] {
        let (_dir, sheets) = sheets(year, USUAL);
        for Sheet { form, url, code } in sheets {
            browser.open(&url).await;
            let title = browser.text("h1").await;
            assert_eq!(title, form.title().to_uppercase(), "{form}");
            let read = browser.text("body").await;
            for part in [
                "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                "Độc lập - Tự do - Hạnh phúc",
                &format!("Mẫu số {:02}", form.number()),
                form.set().circular(),
            ] {
                assert!(read.contains(part), "{form}: {part:?} is not in {read:?}");
            }
            if let Some(code) = code {
                assert_eq!(browser.text("#code").await, code, "{form}");
                let side = "document.querySelector('svg.qr').getBoundingClientRect().width";
                // 22 mm at 96 dots an inch.
                let side = browser.evaluate(side).await.as_f64().unwrap();
                assert!((80.0..90.0).contains(&side), "{form}: {side}");
            }
            let pdf = browser.printed().await;
            assert!(pdf.starts_with(b"%PDF"), "{form}");
            assert_eq!(pages(&pdf), 1, "{form}");
            let paper = match form.kind() {
                Kind::Register => (841.9, 595.3),
                _ => (419.5, 595.3),
            };
            assert!(is_about(format(&pdf), paper), "{form}: {:?}", format(&pdf));
            seen.push(form);
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen, FormId::all().collect::<Vec<_>>());
    assert!(
        browser.complaints().is_empty(),
        "{:?}",
        browser.complaints()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_citizen_reads_the_date_that_was_promised_and_on_the_apology_the_new_one() {
    let mut browser = Browser::start().await;
    let (_dir, sheets) = sheets(2026, USUAL);
    let of = |kind| {
        sheets
            .iter()
            .find(|sheet| sheet.form.kind() == kind)
            .unwrap()
    };
    browser.open(&of(Kind::Receipt).url).await;
    let due = browser.text("#due").await;
    assert_eq!(due, "17 giờ 00 phút, ngày 18 tháng 3 năm 2026");
    browser.open(&of(Kind::Apology).url).await;
    let due = browser.text("#due").await;
    assert_eq!(due, "17 giờ 00 phút, ngày 31 tháng 3 năm 2026");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pattern_that_the_browser_draws_is_read_back_as_the_code() {
    let mut browser = Browser::start().await;
    let (_dir, sheets) = sheets(2026, USUAL);
    browser.open(&sheets[0].url).await;
    let drawing = "new XMLSerializer().serializeToString(document.querySelector('svg.qr'))";
    let drawing = browser.evaluate(drawing).await;
    // The form's own policy loads no picture, not even this one.
    browser.open("about:blank").await;
    let pixels = format!(
        "new Promise((told, failed) => {{ const i = new Image({PATTERN}, {PATTERN}); i.onerror = failed; \
         i.onload = () => {{ const c = document.createElement('canvas'); c.width = c.height = {PATTERN}; \
         const p = c.getContext('2d'); p.drawImage(i, 0, 0, {PATTERN}, {PATTERN}); \
         const d = p.getImageData(0, 0, {PATTERN}, {PATTERN}).data; \
         told(Array.from({{ length: d.length / 4 }}, (_, n) => d[4 * n])); }}; \
         i.src = 'data:image/svg+xml,' + encodeURIComponent({}); }})",
        json!(drawing)
    );
    let pixels = browser.evaluate(&pixels).await;
    let gray: Vec<u8> = serde_json::from_value(pixels).unwrap();
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(PATTERN, PATTERN, |x, y| gray[y * PATTERN + x]);
    let (_, read) = image.detect_grids()[0].decode().unwrap();
    assert_eq!(Some(read), sheets[0].code);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_wrote_grows_no_element_and_nothing_is_asked_for() {
    const WORDS: Words = Words {
        desk: "UBND <img src=x onerror=\"document.title='bị chiếm'\">",
        land: "Chi nhánh <a href=\"javascript:document.title='bị chiếm'\">đất đai</a>",
        procedure: "Thủ tục <script>document.title='bị chiếm'</script>",
        task: "</td></table><iframe src=\"http://127.0.0.1:9/\"></iframe>",
        paper: "<style>body{display:none}</style>",
        item: "<b id=\"grown\">\"'&amp;</b>",
        reason: "</p></main><script src=\"http://127.0.0.1:9/x.js\"></script>",
        person: "MộtTênRấtDàiKhôngCóDấuCáchNào<i id=\"grown\">MộtTênRấtDàiKhôngCóDấuCáchNàoCả</i>",
    };
    let mut browser = Browser::start().await;
    let (_dir, sheets) = sheets(2026, WORDS);
    for Sheet { form, url, .. } in &sheets {
        browser.open(url).await;
        let title = browser.evaluate("document.title").await;
        assert!(title.as_str().unwrap().starts_with(form.title()), "{title}");
        let grown =
            "document.querySelectorAll('script, img, iframe, a, #grown, main style').length";
        assert_eq!(browser.evaluate(grown).await, 0, "{form}");
        // And it stays on the sheet.
        let within = "document.body.scrollWidth <= document.body.clientWidth + 1";
        assert_eq!(browser.evaluate(within).await, true, "{form}");
    }
    browser.open(&sheets[0].url).await;
    let read = browser.text("main").await;
    assert!(read.contains(WORDS.procedure), "{read}");
    let own = |url: &&String| *url == "about:blank" || sheets.iter().any(|s| s.url == **url);
    let others: Vec<_> = browser.requests().iter().filter(|url| !own(url)).collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(
        browser.complaints().is_empty(),
        "{:?}",
        browser.complaints()
    );
}
