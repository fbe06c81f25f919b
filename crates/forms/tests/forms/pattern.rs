//! The pattern on a form is read back as the dossier's code, as a telephone reads it.

use calendar::Calendar;
use dossier::ids::{DossierCode, UnitId};
use forms::render;
use proptest::prelude::*;

use crate::sample::{Story, USUAL, names};

/// Pixels for each module.
const SCALE: usize = 4;

/// Reads the drawing in a page: its viewBox gives the size, each `M x y` a dark module.
fn read(page: &str) -> String {
    let between = |from: &str, to: &str| {
        let (_, rest) = page.split_once(from).unwrap();
        rest.split_once(to).unwrap().0.to_owned()
    };
    let side: usize = between("viewBox=\"0 0 ", " ").parse().unwrap();
    let mut light = vec![255_u8; side * side];
    for module in between("path d=\"M", "\"").split('M') {
        let (x, rest) = module.split_once(' ').unwrap();
        let (y, _) = rest.split_once('h').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        light[y * side + x] = 0;
    }
    let pixels = side * SCALE;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(pixels, pixels, |x, y| {
        light[y / SCALE * side + x / SCALE]
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_lawful_code_is_read_back_from_its_pattern(
        desk in "H[1-9]{2}(-[1-9]{2}){0,2}",
        number in "[0-9]{6}-[0-9]{4,7}",
    ) {
        let desk = UnitId::parse(&desk).unwrap();
        let code = format!("{}-{number}", desk.qcvn());
        let mut story = Story::of(2026, 1, USUAL);
        let event = story.received();
        story.code = DossierCode::parse(&code).unwrap();
        story.statements[0].unit = desk;
        let form = "tt03/1".parse().unwrap();
        let page = render(form, &story.code, &story.statements, event, &names(USUAL), None, Calendar::published());
        prop_assert_eq!(read(&page.unwrap()), code);
    }
}
