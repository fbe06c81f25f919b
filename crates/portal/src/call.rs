//! One call of the portal's adapter: the envelope of a message, and what the answer means.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::partner::Partner;

/// A service of the portal that this adapter speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Service {
    /// Creates or replaces a dossier.
    #[serde(rename = "DongBoHoSoMC")]
    Dossier,
    /// Adds rows of progress.
    #[serde(rename = "CapNhatTienDoHoSoMC")]
    Progress,
}

/// `error_code` of an answer that says "done".
const DONE: [&str; 2] = ["0", "00"];

/// The envelope, with its published field names.
#[derive(Debug, Serialize)]
pub struct Call<'a> {
    /// The session that the portal gave; empty where the way there needs none.
    pub session: &'a str,
    /// The sender's code.
    pub madonvi: &'a str,
    /// What is asked.
    pub service: Service,
    /// `False` creates, `True` replaces. Rows are always added.
    #[serde(rename = "isUpdating")]
    pub is_updating: &'a str,
    /// The messages.
    pub data: &'a [Value],
}

impl<'a> Call<'a> {
    /// A call with these messages.
    pub fn new(
        session: &'a str,
        partner: &'a Partner,
        service: Service,
        updating: bool,
        data: &'a [Value],
    ) -> Self {
        Self {
            session,
            madonvi: &partner.madonvi,
            service,
            is_updating: if updating { "True" } else { "False" },
            data,
        }
    }
}

/// The portal's answer. Some receivers write the code as a number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reply {
    /// `0` or `00` when it was done.
    pub error_code: Value,
    /// What is wrong, in words.
    #[serde(default)]
    pub message: Option<String>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The portal says that it has it. Nothing else counts as delivered.
    Done,
    /// There is such a dossier already.
    Exists,
    /// Refused, with what the portal said.
    Refused(String),
}

impl Reply {
    /// Reads an answer; none when it is not one.
    pub fn read(body: &[u8]) -> Option<Self> {
        let reply: Self = serde_json::from_slice(body).ok()?;
        matches!(reply.error_code, Value::String(_) | Value::Number(_)).then_some(reply)
    }

    /// What it says about the message.
    pub fn verdict(&self, partner: &Partner) -> Verdict {
        let code = match &self.error_code {
            Value::String(code) => code.trim().to_owned(),
            code => code.to_string(),
        };
        if DONE.contains(&code.as_str()) {
            return Verdict::Done;
        }
        let message = self.message.as_deref().unwrap_or_default();
        let lower = message.to_lowercase();
        let says = |mark: &String| *mark == code || lower.contains(&mark.to_lowercase());
        if partner.exists.iter().any(says) {
            Verdict::Exists
        } else {
            Verdict::Refused(format!("error_code {code}: {message}"))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn verdict(body: &str) -> Option<Verdict> {
        let partner = Partner::new("000.00.00.H33");
        Some(Reply::read(body.as_bytes())?.verdict(&partner))
    }

    #[test]
    fn only_the_two_published_codes_say_done() {
        for body in [
            r#"{"error_code":"0","message":"ok"}"#,
            r#"{"error_code":"00"}"#,
            r#"{"error_code":0,"message":null}"#,
        ] {
            assert_eq!(verdict(body), Some(Verdict::Done), "{body}");
        }
        for body in [
            r#"{"error_code":"000","message":"Thành công"}"#,
            r#"{"error_code":"","message":"0"}"#,
            r#"{"error_code":"-1","message":"Lỗi"}"#,
            r#"{"error_code":1}"#,
        ] {
            assert!(matches!(verdict(body), Some(Verdict::Refused(_))), "{body}");
        }
    }

    #[test]
    fn what_is_no_answer_says_nothing() {
        for body in [
            "",
            "<html>502</html>",
            "{}",
            r#"{"error_code":null}"#,
            r#"{"error_code":[]}"#,
            "[]",
        ] {
            assert_eq!(verdict(body), None, "{body}");
        }
    }

    #[test]
    fn a_dossier_that_is_there_is_told_from_other_refusals() {
        let body = r#"{"error_code":"97","message":"Mã hồ sơ ĐÃ TỒN TẠI trên hệ thống"}"#;
        assert_eq!(verdict(body), Some(Verdict::Exists));
    }
}
