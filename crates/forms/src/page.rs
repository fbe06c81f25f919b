//! The sheet that every form is printed on: masthead, title, the code with its QR pattern, lines to
//! be filled in by hand, signatures. The page brings everything along and asks for nothing.

use calendar::Moment;
use dossier::ids::DossierCode;
use dossier::intake::Person;
use history::Statement;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use report::{FormId, FormSet, sheet};

use crate::error::FormError;
use crate::qr;
use crate::wording;

const STYLE: &str = include_str!("page.css");

/// Even if markup got in, it could load nothing and run nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Who issues a form, and from which event it is filled.
pub(crate) struct Sheet<'a> {
    /// The form.
    pub(crate) form: FormId,
    /// The dossier.
    pub(crate) code: &'a DossierCode,
    /// The agency that issues it.
    pub(crate) issuer: &'a str,
    /// The event.
    pub(crate) statement: &'a Statement,
}

impl Sheet<'_> {
    /// A whole page about one dossier.
    ///
    /// # Errors
    /// [`FormError::Qr`].
    pub(crate) fn page(&self, body: &Markup) -> Result<String, FormError> {
        let code = self.code.as_str();
        let content = html! {
            (masthead(self.issuer, self.form, self.statement.at))
            div .place { span .dots .short {} ", " (wording::date(self.statement.at)) }
            div .heading {
                figure { (qr::svg(self.code)?) figcaption #code { (code) } }
                h1 { (self.form.title()) }
            }
            main { (body) }
            (self.foot())
        };
        let title = format!("{} · {code}", self.form.title());
        Ok(document(&title, "a5", self.statement.simulated, &content))
    }

    /// Where what is printed stands in the record.
    fn foot(&self) -> Markup {
        let Statement {
            id,
            unit,
            at,
            recorded,
            ..
        } = self.statement;
        html! {
            footer {
                "Lập từ sự kiện " (id) " do đơn vị " (unit.as_str()) " ghi nhận lúc " (sheet::moment(*recorded))
                @if at != recorded { "; xảy ra lúc " (sheet::moment(*at)) }
                "."
            }
        }
    }
}

/// The whole document.
pub(crate) fn document(title: &str, format: &str, simulated: bool, content: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="vi" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body .(format) {
                @if simulated { p .simulated { "Hồ sơ mô phỏng, không có giá trị sử dụng" } }
                (content)
            }
        }
    }
    .into_string()
}

/// Agency on the left, quốc hiệu on the right, number and circular of the form above them.
pub(crate) fn masthead(issuer: &str, form: FormId, issued_at: Moment) -> Markup {
    html! {
        p .form {
            b { (form.label()) } " · Thông tư số " (form.set().circular())
            @if let Some(remark) = FormSet::remark(issued_at) { " (" (remark) ")" }
        }
        header {
            div { b { (issuer) } br; "Bộ phận Một cửa" }
            div { b { "Cộng hòa xã hội chủ nghĩa Việt Nam" } br; b .motto { "Độc lập - Tự do - Hạnh phúc" } }
        }
    }
}

/// A line with its value, or with dots where there is none.
pub(crate) fn field(label: &str, value: Option<&str>) -> Markup {
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    html! {
        p .field {
            span { (label) ": " }
            @match value {
                Some(value) => span .value { (value) },
                None => span .dots {},
            }
        }
    }
}

/// Name, address, telephone, e-mail of a person. E-mail addresses are in no event.
pub(crate) fn person(label: &str, person: Option<&Person>) -> Markup {
    html! {
        (field(label, person.map(|p| p.name.as_str())))
        (field("Địa chỉ", person.and_then(|p| p.address.as_deref())))
        div .pair {
            (field("Số điện thoại", person.and_then(|p| p.phone.as_deref())))
            (field("Email", None))
        }
    }
}

/// Places to sign, each with who is known to sign there.
pub(crate) fn signatures(places: &[(&str, Option<&str>)]) -> Markup {
    html! {
        div .signatures {
            @for (role, who) in places {
                div {
                    b { (role) }
                    br;
                    i { "(Ký và ghi rõ họ tên)" }
                    p .name { @if let Some(who) = who { (who) } }
                }
            }
        }
    }
}
