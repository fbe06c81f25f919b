//! The paths of a tiled log below its prefix, exactly as C2SP tlog-tiles writes them
//! (<https://c2sp.org/tlog-tiles>). One resource has one path: every other spelling is none.

use journal::TILE_WIDTH;

/// A number of a tile has at most this many groups of three digits.
const GROUPS_MAX: usize = 7;

/// What is asked of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The signed head.
    Checkpoint,
    /// Hashes of the tree.
    Tile {
        /// Level of tiles, 0 for leaves.
        level: u32,
        /// Its number within the level.
        n: u64,
        /// How many of its hashes, 1 to 256.
        width: u64,
    },
    /// Entries.
    Entries {
        /// The number of the bundle.
        n: u64,
        /// How many of its entries, 1 to 256.
        width: u64,
    },
}

impl Wanted {
    /// Reads a path below the prefix of a log; `None` when there is no such resource in any log.
    pub fn parse(path: &str) -> Option<Wanted> {
        if path == "checkpoint" {
            return Some(Wanted::Checkpoint);
        }
        let (kind, place) = path.strip_prefix("tile/")?.split_once('/')?;
        let (n, width) = place_of(place)?;
        if kind == "entries" {
            return Some(Wanted::Entries { n, width });
        }
        let level = plain(kind, 63)?;
        let level = u32::try_from(level).ok()?;
        Some(Wanted::Tile { level, n, width })
    }
}

/// `<N>[.p/<W>]`.
fn place_of(place: &str) -> Option<(u64, u64)> {
    match place.split_once(".p/") {
        Some((n, width)) => {
            let width = plain(width, TILE_WIDTH - 1).filter(|width| *width > 0)?;
            Some((index(n)?, width))
        }
        None => Some((index(place)?, TILE_WIDTH)),
    }
}

/// Groups of three digits, all but the last behind an `x`, the first one not zero unless alone.
fn index(text: &str) -> Option<u64> {
    let groups: Vec<&str> = text.splitn(GROUPS_MAX + 1, '/').collect();
    let (last, before) = groups.split_last()?;
    if groups.len() > GROUPS_MAX || before.first() == Some(&"x000") {
        return None;
    }
    let before = before.iter().map(|group| group.strip_prefix('x'));
    let mut number = 0_u64;
    for group in before.chain([Some(*last)]) {
        let group = group.filter(|group| group.len() == 3)?;
        number = number.checked_mul(1_000)?.checked_add(digits(group)?)?;
    }
    Some(number)
}

/// A decimal number up to `max` without leading zeros.
fn plain(text: &str, max: u64) -> Option<u64> {
    let is_plain = text == "0" || !text.starts_with('0');
    digits(text).filter(|number| is_plain && *number <= max)
}

fn digits(text: &str) -> Option<u64> {
    // Parsing a number would take a sign as well.
    let only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| only)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_the_standard_are_understood() {
        let tile = |level, n, width| Some(Wanted::Tile { level, n, width });
        assert_eq!(Wanted::parse("checkpoint"), Some(Wanted::Checkpoint));
        assert_eq!(Wanted::parse("tile/0/000"), tile(0, 0, 256));
        assert_eq!(Wanted::parse("tile/0/273.p/112"), tile(0, 273, 112));
        assert_eq!(Wanted::parse("tile/63/999.p/255"), tile(63, 999, 255));
        assert_eq!(
            Wanted::parse("tile/1/x001/x234/067"),
            tile(1, 1_234_067, 256)
        );
        assert_eq!(Wanted::parse("tile/2/x001/000.p/1"), tile(2, 1_000, 1));
        let entries = Wanted::Entries {
            n: 1_234_067,
            width: 8,
        };
        assert_eq!(
            Wanted::parse("tile/entries/x001/x234/067.p/8"),
            Some(entries)
        );
        let last = Wanted::parse("tile/0/x018/x446/x744/x073/x709/x551/615");
        assert_eq!(last, tile(0, u64::MAX, 256));
    }

    #[test]
    fn another_spelling_is_no_path() {
        for path in [
            "",
            "/checkpoint",
            "checkpoint/",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/0000",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/data/000",
            "tile/0/x000",
            "tile/0/x000/001",
            "tile/0/001/001",
            "tile/0/x001/x001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000.p",
            "tile/0/000.p/1/",
            "tile/0/000.p/1.p/1",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/x001/x018/x446/x744/x073/x709/x551/615",
            "tile/entries",
            "tile/entries/0",
            "tile/0/+01",
            "tile/0/00\u{0661}",
            "tile/8/0/000",
            "tile/0/000?x",
        ] {
            assert_eq!(Wanted::parse(path), None, "{path}");
        }
    }
}
