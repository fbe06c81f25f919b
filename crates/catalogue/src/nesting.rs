//! TOML nested without end overflows the stack of its reader before any limit of the reader holds.

/// Brackets and braces that may be open at once: our files need four.
const OPEN_MAX: usize = 100;

/// Refuses a text whose brackets nest deeper than any of our files; call it before the TOML is read.
///
/// # Errors
/// Says at which byte it goes too deep.
pub fn check_nesting(text: &str) -> Result<(), Nested> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > OPEN_MAX {
            return Err(Nested { at });
        }
    }
    Ok(())
}

/// Brackets nest too deep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("more than {OPEN_MAX} brackets are open at byte {at}: close them")]
pub struct Nested {
    /// Where, in bytes from the beginning.
    pub at: usize,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_without_end_is_refused_with_its_place() {
        check_nesting("a = [[1], [2]]\nb = { c = { d = [] } }\n").unwrap();
        check_nesting(&"[[units]]\n".repeat(5_000)).unwrap();
        for opening in ["[", "{a="] {
            let deep = format!("a = {}", opening.repeat(100_000));
            let refused = check_nesting(&deep).unwrap_err();
            assert!(refused.to_string().contains("close them"), "{refused}");
        }
    }
}
