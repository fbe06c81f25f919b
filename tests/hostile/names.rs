//! What people type and what stands in subjects: identities, instants, names of forms.

use calendar::parse_moment;
use dossier::ids::{DossierCode, OfficerId, ProcedureCode, StepKey, UnitId};
use exchange::subject::{self, UnitToken};
use projector::query::Called;

use crate::paper::said;
use crate::spoil::hold;

fn texts(good: &[&str]) -> Vec<Vec<u8>> {
    good.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn typed(target: &str, good: &[&str], read: impl Fn(&str) -> Result<(), String>) {
    hold(target, &texts(good), |bytes| {
        read(&String::from_utf8_lossy(bytes))
    });
}

#[test]
fn a_dossier_code_is_read_or_its_form_is_explained() {
    let good = [
        "000.00.27.H33-180102-0001",
        "G09.20-20260609-0092637",
        "H15.50.05.13-261008-0975",
    ];
    typed("code", &good, |text| {
        let code = DossierCode::parse(text).map_err(said)?;
        let _ = code.issued_by(&UnitId::parse("H33-27").unwrap());
        Ok(())
    });
}

#[test]
fn a_unit_in_any_spelling_is_read_or_its_form_is_explained() {
    typed(
        "unit",
        &["H33-27-04", "H33.27.04", "000.04.27.H33"],
        |text| {
            let unit = UnitId::parse_any(text).map_err(said)?;
            let _ = (unit.qcvn(), unit.dotted());
            UnitToken::parse(unit.as_str()).map(drop).map_err(said)
        },
    );
}

#[test]
fn officers_procedures_and_steps_are_read_or_their_form_is_explained() {
    typed("officer", &["cb-01"], |text| {
        OfficerId::parse(text).map(drop).map_err(said)
    });
    typed("procedure", &["1.001193", "DNG-288122_1"], |text| {
        ProcedureCode::parse(text).map(drop).map_err(said)
    });
    typed("step", &["appraisal"], |text| {
        StepKey::parse(text).map(drop).map_err(said)
    });
    typed("called", &["000.00.27.H33-180102-0001"], |text| {
        Called::try_from(text.to_owned()).map(drop)
    });
}

#[test]
fn an_instant_is_read_or_an_example_is_given() {
    typed("moment", &["2018-03-12T08:30:00+07:00"], |text| {
        let moment = parse_moment(text).map_err(said)?;
        let _ = (moment.date_naive(), moment.to_rfc3339());
        Ok(())
    });
    typed("envelope-moment", &["2018-03-12T08:30:00+07:00"], |text| {
        let moment = envelope::moment::parse(text).ok_or("no instant")?;
        envelope::moment::print(&moment).ok_or("cannot be printed")?;
        Ok(())
    });
}

#[test]
fn a_subject_is_read_back_or_is_none() {
    let good = [
        "motcua.v1.inbox.H33-27-04.H33-27.dossier.received.v1",
        "motcua.v1.event.H33-27.dossier.received.v1",
        "motcua.v1.checkpoint.H33-27",
    ];
    typed("subject", &good, |text| {
        let inbox = subject::read_inbox(text);
        let event = subject::read_event(text);
        let checkpoint = subject::read_checkpoint(text);
        if let Some(read) = &inbox {
            assert_eq!(
                subject::inbox(&read.to, &read.from, &read.kind).unwrap(),
                text,
                "what was read is what is written"
            );
        }
        if let Some(read) = &event {
            assert_eq!(subject::event(&read.unit, &read.kind).unwrap(), text);
        }
        let read = inbox.is_some() || event.is_some() || checkpoint.is_some();
        if read {
            Ok(())
        } else {
            Err("no subject".into())
        }
    });
    typed("name", &["receive"], |text| {
        subject::query(text).map(drop).map_err(said)
    });
}
