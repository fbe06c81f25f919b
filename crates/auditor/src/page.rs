//! A bundle for people: who said what and when, where it stands, and what was found. It brings
//! everything along and asks for nothing.

use bytes::Bytes;
use data_encoding::{BASE64, HEXLOWER};
use envelope::{Event, moment};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::bundle::{Bundle, Evidence};
use crate::finding::Report;

const STYLE: &str = include_str!("page.css");

/// Even if markup got in, it could load nothing and run nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The page of a bundle as it was found by [`crate::verify`].
pub fn page(bundle: &Bundle, report: &Report) -> String {
    let mut events: Vec<(usize, &Evidence, Option<Bytes>)> = bundle
        .events
        .iter()
        .enumerate()
        .map(|(number, evidence)| {
            let bytes = BASE64.decode(evidence.event.as_bytes()).ok();
            (number, evidence, bytes.map(Bytes::from))
        })
        .collect();
    // As people read it; the file keeps the order of the journals.
    events.sort_by_cached_key(|(number, _, bytes)| {
        let event = bytes.as_deref().and_then(|bytes| Event::read(bytes).ok());
        let at = event.map(|event| (event.time, event.recorded));
        (at.is_none(), at, *number)
    });
    let content = html! {
        h1 { "Chứng cứ về hồ sơ " (bundle.asked.dossier) }
        (findings(report))
        h2 { "Sự kiện" }
        table {
            thead { tr {
                th { "Số" } th { "Xảy ra" } th { "Ghi nhận" } th { "Đơn vị" } th { "Loại" } th { "Nội dung đã ký" }
                th { "Vị trí trong nhật ký" }
            } }
            tbody { @for (number, evidence, bytes) in &events { (row(*number, evidence, bytes.as_deref(), report)) } }
        }
        h2 { "Đầu nhật ký đã ký" }
        @for (number, head) in bundle.heads.iter().enumerate() {
            p { "Số " (number) @if !head.earlier.is_empty() {
                " (nối tiếp " (head.earlier.len()) " đầu nhật ký mà đơn vị khác đã giữ)"
            } }
            pre { (head.note) }
        }
        h2 { "Khóa công khai" }
        table {
            thead { tr { th { "Đơn vị" } th { "Khóa Ed25519" } } }
            tbody { @for row in &bundle.keys.units { tr { td { (row.unit) } td { code { (row.signing) } } } } }
        }
    };
    document(&bundle.asked.dossier, &content).into_string()
}

fn findings(report: &Report) -> Markup {
    html! {
        @if report.is_sound() {
            p .sound { "Đã kiểm tra: " (report.events) " sự kiện, " (report.heads.len())
                " đầu nhật ký; chữ ký, vị trí và thứ tự đều đúng." }
        } @else {
            p .broken { "KHÔNG hợp lệ: " (report.fault_count) " lỗi." }
            ul { @for fault in &report.faults { li { (fault.place) ": " (fault.what) } } }
        }
        p { "Trang này chỉ để đọc. Chứng cứ là tệp bundle; hãy kiểm tra lại tệp đó bằng chương trình của mình." }
        ul .conditions { @for condition in &report.conditions { li { (condition) } } }
    }
}

fn row(number: usize, evidence: &Evidence, bytes: Option<&[u8]>, report: &Report) -> Markup {
    let event = bytes.and_then(|bytes| Event::read(bytes).ok());
    html! {
        tr {
            td { (number) }
            @if let Some(event) = &event {
                td { (moment::print(&event.time).unwrap_or_default()) }
                td { (moment::print(&event.recorded).unwrap_or_default()) }
                td { (event.unit) br; "số " (event.sequence) }
                td { (event.kind.trim_start_matches("vn.motcua.")) @if event.simulated { br; "(mô phỏng)" } }
                td .data { (event.data.get()) }
            } @else {
                td colspan="5" { "không đọc được" }
            }
            td {
                @for place in &evidence.places {
                    @match report.heads.get(&place.head) {
                        Some(head) => { (head.unit) },
                        None => { "đầu " (place.head) },
                    }
                    " #" (place.index) br;
                }
                @if let Some(bytes) = bytes { code { (HEXLOWER.encode(&envelope::tree::leaf_hash(bytes)[..8])) "…" } }
            }
        }
    }
}

fn document(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="vi" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { "Chứng cứ · " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (content) }
        }
    }
}
