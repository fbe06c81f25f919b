//! What is wrong with somebody else's bytes, said at bounded length: readers of JSON quote a name or a
//! text that they did not expect as a whole, and it may have 64 kB. What is said goes into headers,
//! log lines and quarantines.

use std::fmt::Display;

/// Characters that are kept of the beginning, which says what is wrong.
const BEGINNING: usize = 500;

/// Characters that are kept of the end, which says what was expected and where.
const END: usize = 300;

/// `what` as text; of a long one, its beginning and its end.
pub fn brief(what: &impl Display) -> String {
    let text = what.to_string();
    let length = text.chars().count();
    if length <= BEGINNING + END {
        return text;
    }
    let beginning = text.chars().take(BEGINNING);
    let end = text.chars().skip(length - END);
    beginning.chain(" … ".chars()).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_keeps_its_ends_and_a_short_one_is_whole() {
        assert_eq!(brief(&"ngắn"), "ngắn");
        let said = brief(&format!("lạ: {}, ở cột 7", "ữ".repeat(60_000)));
        assert!(
            said.starts_with("lạ: ữ") && said.ends_with("ở cột 7"),
            "{said}"
        );
        assert_eq!(said.chars().count(), BEGINNING + END + 3);
    }
}
