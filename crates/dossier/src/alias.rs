//! Codes of others (mã hồ sơ khác): what a portal or a ministry calls the same dossier. The dossier's
//! own code never changes (NĐ 61/2018/NĐ-CP art. 17.3).

use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::fact::Fact;
use crate::intake::{Alias, Aliased};

const RULE: &str = "NĐ 61/2018/NĐ-CP điều 26: mỗi hồ sơ một mã số; mã của hệ thống khác ghi kèm";

/// The longest name of a scheme, in characters: `bo_tnmt`, not a sentence.
pub const SCHEME_CHARS_MAX: usize = 32;
/// The longest code, in characters: twice the longest that was seen.
pub const CODE_CHARS_MAX: usize = 64;
/// The most codes of others that one dossier has; more systems than this do not share one.
pub const ALIASES_MAX: usize = 16;

/// Command: note a code that somebody else gave the dossier, at any time after its reception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoteAlias {
    /// The code.
    pub alias: Alias,
}

impl NoteAlias {
    /// Once for each code.
    ///
    /// # Errors
    /// [`Refusal`] when the unit is not the home, when the code is blank, too long or noted
    /// already, and when there are too many.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home()?;
        case.taken_in()?;
        well_formed(&self.alias)?;
        let dossier = case.dossier;
        if dossier.intake.aliases.contains(&self.alias) || self.alias.code == dossier.code.as_str()
        {
            return Err(noted(&self.alias));
        }
        not_too_many(dossier.intake.aliases.len() + 1)?;
        Ok(vec![Fact::Aliased(Aliased { alias: self.alias })])
    }
}

pub(crate) fn well_formed(alias: &Alias) -> Result<(), Refusal> {
    let readable = |text: &str, most: usize| {
        !text.trim().is_empty()
            && text.chars().count() <= most
            && !text.chars().any(char::is_control)
    };
    if readable(&alias.scheme, SCHEME_CHARS_MAX) && readable(&alias.code, CODE_CHARS_MAX) {
        return Ok(());
    }
    Err(Refusal::new(
        "alias.malformed",
        format!(
            "Mã của hệ thống khác phải ghi tên hệ thống (1 đến {SCHEME_CHARS_MAX} ký tự) và mã (1 đến \
             {CODE_CHARS_MAX} ký tự)"
        ),
        RULE,
    ))
}

pub(crate) fn noted(alias: &Alias) -> Refusal {
    Refusal::new(
        "alias.noted",
        format!("Mã {} của {} đã được ghi", alias.code, alias.scheme),
        RULE,
    )
}

pub(crate) fn not_too_many(count: usize) -> Result<(), Refusal> {
    if count <= ALIASES_MAX {
        return Ok(());
    }
    Err(Refusal::new(
        "alias.too_many",
        format!("Một hồ sơ ghi không quá {ALIASES_MAX} mã của hệ thống khác"),
        RULE,
    ))
}
