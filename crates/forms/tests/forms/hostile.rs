//! Whatever people wrote is shown as the text that it is, and a page asks for nothing.

use calendar::Calendar;
use forms::{Entry, available, register, render};

use crate::sample::{Story, Words, applicant, desk, names};

pub(crate) const HOSTILE: Words = Words {
    desk: "UBND <img src=x onerror=alert(1)>",
    land: "Chi nhánh <a href=\"javascript:alert(1)\">đất đai</a>",
    procedure: "Thủ tục <script>document.title='bị chiếm'</script>",
    task: "</td></table><iframe src=\"//example.org/\"></iframe>",
    paper: "<style>body{display:none}</style>",
    item: "\"><svg onload=alert(1)>",
    reason: "</body></html><script src=https://example.org/x.js></script> & 'thế thôi'",
    person: "Nguyễn <b id=\"due\">Văn</b> A",
};

fn pages() -> Vec<String> {
    let mut declined = Story::of(2026, 9, HOSTILE);
    declined.declined();
    let stories = [
        Story::whole(2024, HOSTILE),
        Story::whole(2026, HOSTILE),
        Story::ending_refused(2026, HOSTILE),
        Story::ending_stopped(2026, HOSTILE),
        declined,
    ];
    let persons = applicant(HOSTILE);
    let mut pages = Vec::new();
    for story in &stories {
        for found in available(&story.code, &story.statements) {
            let (code, said, event) = (&story.code, &story.statements, found.event);
            let page = render(
                found.form,
                code,
                said,
                event,
                &names(HOSTILE),
                Some(&persons),
                Calendar::published(),
            );
            pages.push(page.unwrap());
        }
    }
    let entries = [Entry {
        code: &stories[1].code,
        statements: &stories[1].statements,
        applicant: Some(&persons),
    }];
    let form = "tt03/7".parse().unwrap();
    let as_of = stories[1].at("12-31T17:00");
    pages.push(register(form, &desk(), as_of, &entries, &names(HOSTILE)).unwrap());
    pages
}

#[test]
fn markup_that_people_wrote_becomes_no_element() {
    let pages = pages();
    // Four of each whole way, two, three and one of the others, and a register.
    assert_eq!(pages.len(), 15);
    for page in pages {
        for element in ["<script", "<img", "<iframe", "<a ", "<b id=\"due\">Văn"] {
            assert!(!page.contains(element), "{element} in {page}");
        }
        assert_eq!(page.matches("<style>").count(), 1);
        assert_eq!(page.matches("</html>").count(), 1);
        assert!(page.contains("&lt;"));
    }
}

#[test]
fn a_page_names_no_other_and_its_policy_lets_it_load_none() {
    for page in pages() {
        assert!(page.contains("default-src 'none'"));
        let own = page.replace("http://www.w3.org/2000/svg", "");
        for loading in ["src=\"", "href=\"", "url(", "@import"] {
            assert!(!own.contains(loading), "{loading} in {own}");
        }
    }
}
