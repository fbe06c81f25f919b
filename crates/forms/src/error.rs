//! Why a form cannot be filled.

use dossier::ids::{DossierCode, UnitId};
use report::FormId;
use report::steps::NotCovered;
use uuid::Uuid;

/// Why a form cannot be filled. Nothing is printed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The event is not among the statements.
    #[error("{code} has no event {event}; ask which forms it has, and take the event from there")]
    UnknownEvent {
        /// The dossier.
        code: DossierCode,
        /// What was asked for.
        event: Uuid,
    },
    /// The event gives rise to another form, or to none.
    #[error("form {form} ({}) does not follow from event {event} ({kind}); ask which forms the dossier has", .form.title())]
    NotOfThisEvent {
        /// What was asked for.
        form: FormId,
        /// The event.
        event: Uuid,
        /// Its type.
        kind: String,
    },
    /// Another circular's form was issued on that day.
    #[error("form {asked} was not in use on that day; it was {right} of TT {}", .right.set().circular())]
    NotInUse {
        /// What was asked for.
        asked: FormId,
        /// What was in use.
        right: FormId,
    },
    /// No form of that day's circular serves this purpose.
    #[error("form {asked} was not in use on that day, and TT {circular} has none for this purpose")]
    NoneInUse {
        /// What was asked for.
        asked: FormId,
        /// Number of the circular of that day.
        circular: &'static str,
    },
    /// The event was written by a unit that had no right to it.
    #[error(
        "event {event} about {code} was written by {by}, which had no right to it: no form follows"
    )]
    Contested {
        /// The dossier.
        code: DossierCode,
        /// The event.
        event: Uuid,
        /// The writer.
        by: UnitId,
    },
    /// The register takes many dossiers and follows from no single event.
    #[error("form {0} is the register of many dossiers; ask for it as such")]
    IsTheRegister(FormId),
    /// Another form was asked for where only the register can be.
    #[error("form {0} is about one dossier; the register is tt01/6 or tt03/7")]
    IsNotTheRegister(FormId),
    /// The calendar does not reach as far as the control slip's steps.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
    /// The code does not fit a QR code; codes that are lawful always do.
    #[error("drawing the QR code: {0}")]
    Qr(String),
}
