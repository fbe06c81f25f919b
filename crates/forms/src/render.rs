//! One form about one dossier, filled.

use calendar::Calendar;
use dossier::fact::Fact;
use dossier::ids::DossierCode;
use history::Statement;
use maud::{Markup, html};
use report::{FormId, Kind};
use uuid::Uuid;

use crate::error::FormError;
use crate::letters::Letter;
use crate::names::{Applicant, Names};
use crate::occasion::Occasion;
use crate::page::Sheet;
use crate::{control, receipt};

/// The HTML page of `form` as the event `event` gave rise to it. Only what was known then enters;
/// persons who are not given leave dotted lines. A control slip judges each step by its own limit, for
/// which `calendar` counts the time that was not the step's.
///
/// # Errors
/// [`FormError`]: the event is unknown, contested or gives rise to no such form; the form was not in
/// use on that day; it is the register, which [`crate::register()`] fills; or the calendar does not
/// reach.
pub fn render(
    form: FormId,
    code: &DossierCode,
    statements: &[Statement],
    event: Uuid,
    names: &Names,
    applicant: Option<&Applicant>,
    calendar: &Calendar,
) -> Result<String, FormError> {
    if form.kind() == Kind::Register {
        return Err(FormError::IsTheRegister(form));
    }
    let occasion = Occasion::of(code, statements, event)?;
    let fact = occasion
        .statement
        .fact()
        .filter(|fact| Kind::of(fact) == Some(form.kind()));
    let Some(fact) = fact else {
        return Err(FormError::NotOfThisEvent {
            form,
            event,
            kind: occasion.statement.kind.clone(),
        });
    };
    let set = occasion.set(form.kind());
    match FormId::of(set, form.kind()) {
        Some(right) if right == form => {}
        Some(right) => return Err(FormError::NotInUse { asked: form, right }),
        None => {
            return Err(FormError::NoneInUse {
                asked: form,
                circular: set.circular(),
            });
        }
    }
    let issuer = match (form.kind(), occasion.dossier()) {
        // The slip goes with the dossier from desk to desk; its home began it.
        (Kind::ControlSlip, Some(dossier)) => &dossier.home,
        _ => &occasion.statement.unit,
    };
    let sheet = Sheet {
        form,
        code,
        issuer: names.unit(issuer),
        statement: occasion.statement,
    };
    let body = if form.kind() == Kind::ControlSlip {
        control::body(&occasion, names, calendar)?
    } else {
        let letter = Letter {
            occasion: &occasion,
            set: form.set(),
            names,
            applicant,
        };
        body(&letter, fact)
    };
    sheet.page(&body)
}

fn body(letter: &Letter<'_>, fact: &Fact) -> Markup {
    match fact {
        Fact::Received(received) => receipt::body(letter, received),
        Fact::SupplementAsked(asked) => letter.supplement(asked),
        Fact::Declined(declined) => letter.declined(declined),
        Fact::Refused(refused) => letter.refused(refused),
        Fact::Apologised(apologised) => letter.apologised(apologised),
        Fact::StepApologised(apologised) => letter.step_apologised(apologised),
        Fact::Stopped(stopped) => letter.stopped(stopped),
        // A hand-over is on the control slip; no other fact is put on paper.
        _ => html! {},
    }
}
