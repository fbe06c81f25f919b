//! The dossier's code as a QR code: TT 01/2018/TT-VPCP art. 19 allows bar and QR codes of it.

use dossier::ids::DossierCode;
use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

use crate::error::FormError;

/// Modules of white that a reader needs around the pattern (ISO/IEC 18004).
const QUIET: usize = 4;

/// The pattern as an SVG drawing, with the code as its label. Level Q stays readable when a quarter
/// of it is smudged or stamped over.
pub(crate) fn svg(code: &DossierCode) -> Result<Markup, FormError> {
    let pattern = QrCode::with_error_correction_level(code.as_str(), EcLevel::Q)
        .map_err(|error| FormError::Qr(error.to_string()))?;
    let width = pattern.width();
    let mut path = String::new();
    for (index, color) in pattern.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (index % width + QUIET, index / width + QUIET);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    let side = width + 2 * QUIET;
    Ok(html! {
        svg .qr xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {side} {side}"))
            role="img" aria-label=(format!("Mã QR: {}", code.as_str())) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}
