//! How deep a register of settings nests, looked at before it is read: the reader of TOML follows
//! brackets that nobody closes with its stack, line after line, until there is none left.

use crate::error::Faults;

/// Open brackets at one place. A step's limit has one, its list of units two.
const DEPTH_MAX: usize = 64;

/// False, with a fault that names the line, where more brackets are open at once than any register has.
pub(crate) fn is_plain(text: &str, faults: &mut Faults<'_>) -> bool {
    let mut open = 0_usize;
    for (line, content) in (1..).zip(text.lines()) {
        let mut quoted = None;
        let mut escaped = false;
        for letter in content.chars() {
            match (quoted, letter) {
                (Some(_), _) if escaped => escaped = false,
                (Some('"'), '\\') => escaped = true,
                (Some(quote), letter) if quote == letter => quoted = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quoted = Some(letter),
                (None, '#') => break,
                (None, '[' | '{') => open += 1,
                (None, ']' | '}') => open = open.saturating_sub(1),
                (None, _) => {}
            }
        }
        if open > DEPTH_MAX {
            faults.at_line(
                line,
                format!("more than {DEPTH_MAX} brackets are open here; close those before it"),
            );
            return false;
        }
    }
    true
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn brackets_that_nobody_closes_are_named_by_the_line_that_is_too_much() {
        let text = "limit = { amount\n".repeat(100);
        let mut faults = Faults::of("a.toml", &text);
        assert!(!is_plain(&text, &mut faults));
        assert_eq!(faults.found[0].line, Some(65));
    }

    #[test]
    fn brackets_in_texts_and_remarks_are_no_brackets() {
        let text = format!("name = \"{0}\\\"{0}\" # {0}\nother = '{0}'\n", "[".repeat(70));
        let mut faults = Faults::of("a.toml", &text);
        assert!(is_plain(&text, &mut faults), "{:?}", faults.found);
    }
}
