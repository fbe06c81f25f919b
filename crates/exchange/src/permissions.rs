//! What each user of the broker may say and hear: the least with which the exchange works.
//!
//! A unit speaks under its own name alone and hears what is meant for it. Streams are made and changed
//! by nobody but those that an operator runs: whoever may make a stream could have it pass everything on.

use crate::access::inbox_prefix;
use crate::inbox::inbox_name;
use crate::recall::recall_name;
use crate::receive::consumer_names;
use crate::stream::{EVENT_STREAM, INBOX_STREAM};
use crate::subject::{self, SubjectError, UnitToken};

/// Somebody who logs in to the broker.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum User {
    /// A unit's service, or an agency's own software in its place.
    Unit(UnitToken),
    /// The software of the officers of one unit.
    Desk(UnitToken),
    /// A projector under its name at the broker.
    Projector(String),
    /// An adapter to the national portal under its name at the broker.
    Portal(String),
    /// Reads journals and asks projectors.
    Auditor,
    /// Keeps the broker: makes, changes and deletes streams, and speaks to every unit.
    Operator,
}

/// Subjects that a user may publish and subscribe. What is not named is denied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// May be published.
    pub publish: Vec<String>,
    /// Of these, may not.
    pub never_publish: Vec<String>,
    /// May be subscribed.
    pub subscribe: Vec<String>,
    /// May answer whoever asked them.
    pub answers: bool,
}

const STREAMS: [&str; 2] = [EVENT_STREAM, INBOX_STREAM];

impl User {
    /// Its name, under which its seed is filed.
    pub fn name(&self) -> String {
        match self {
            User::Unit(unit) => unit.to_string(),
            User::Desk(unit) => format!("{unit}-desk"),
            User::Projector(name) | User::Portal(name) => name.clone(),
            User::Auditor => "auditor".to_owned(),
            User::Operator => "operator".to_owned(),
        }
    }

    /// What it may do, logging in with `public_key`.
    ///
    /// # Errors
    /// [`SubjectError`] where a name cannot be part of a subject.
    pub fn permissions(&self, public_key: &str) -> Result<Permissions, SubjectError> {
        let mut may = match self {
            User::Unit(unit) => of_unit(unit),
            User::Desk(unit) => of_desk(unit),
            User::Projector(name) => {
                let mut may = of_reader(name)?;
                may.subscribe.push(subject::QUERIES.to_owned());
                may.subscribe.push(subject::HELD_READ.to_owned());
                may
            }
            User::Portal(name) => {
                let mut may = of_reader(name)?;
                may.subscribe.push(subject::query("portal_health")?);
                may
            }
            User::Auditor => of_auditor(),
            User::Operator => of_operator(),
        };
        may.subscribe
            .push(format!("{}.>", inbox_prefix(public_key)));
        Ok(may)
    }
}

fn of_unit(unit: &UnitToken) -> Permissions {
    let mut may = Permissions {
        publish: vec![
            subject::events_of(unit),
            subject::inboxes_from(unit),
            subject::checkpoint(unit),
            subject::alert(unit),
            // What another unit holds of a dossier's keys, it gives to who has a step of it.
            subject::KEY_QUESTIONS.to_owned(),
            PINGS.to_owned(),
        ],
        subscribe: vec![
            subject::commands_of(unit),
            subject::log_read(unit),
            subject::CHECKPOINTS.to_owned(),
            subject::CLOCK.to_owned(),
            DISCOVERY.to_owned(),
        ],
        answers: true,
        ..Permissions::default()
    };
    may.publish.extend(reading());
    may.publish.extend(looking());
    for (stream, own) in [
        (EVENT_STREAM, subject::events_of(unit)),
        (INBOX_STREAM, subject::inboxes_from(unit)),
    ] {
        may.publish
            .push(format!("$JS.API.DIRECT.GET.{stream}.{own}"));
        may.publish
            .extend(consuming(stream, &recall_name(unit), &own));
    }
    for name in consumer_names(&inbox_name(unit)) {
        let filter = subject::inbox_of(unit);
        may.publish.extend(consuming(INBOX_STREAM, &name, &filter));
    }
    may
}

fn of_desk(unit: &UnitToken) -> Permissions {
    Permissions {
        publish: vec![subject::commands_of(unit), subject::QUERIES.to_owned()],
        never_publish: vec![subject::KEY_QUESTIONS.to_owned(), REBUILD.to_owned()],
        subscribe: vec![subject::alert(unit)],
        answers: false,
    }
}

fn of_reader(name: &str) -> Result<Permissions, SubjectError> {
    // As a token of a subject, and nobody else's consumer.
    subject::query(name)?;
    let mut may = Permissions {
        publish: vec![PINGS.to_owned()],
        subscribe: vec![
            subject::CHECKPOINTS.to_owned(),
            subject::CLOCK.to_owned(),
            DISCOVERY.to_owned(),
        ],
        answers: true,
        ..Permissions::default()
    };
    may.publish.extend(reading());
    may.publish.extend(looking());
    let making = STREAMS.map(|stream| format!("$JS.API.STREAM.CREATE.{stream}"));
    may.publish.extend(making);
    for name in consumer_names(name) {
        may.publish
            .extend(consuming(EVENT_STREAM, &name, subject::EVENTS));
    }
    Ok(may)
}

fn of_auditor() -> Permissions {
    let mut may = Permissions {
        publish: vec![subject::QUERIES.to_owned()],
        never_publish: vec![REBUILD.to_owned()],
        subscribe: vec![subject::EVENTS.to_owned(), subject::CHECKPOINTS.to_owned()],
        answers: false,
    };
    may.publish.extend(reading());
    may
}

fn of_operator() -> Permissions {
    let mut may = Permissions {
        publish: vec![
            subject::COMMANDS.to_owned(),
            subject::QUERIES.to_owned(),
            "$JS.API.>".to_owned(),
            DISCOVERY.to_owned(),
        ],
        never_publish: vec![subject::KEY_QUESTIONS.to_owned()],
        subscribe: vec![
            subject::ALERTS.to_owned(),
            subject::CHECKPOINTS.to_owned(),
            "$JS.EVENT.ADVISORY.>".to_owned(),
        ],
        answers: false,
    };
    may.publish.extend(reading());
    may
}

/// How services are found (NATS ADR-32).
const DISCOVERY: &str = "$SRV.>";

/// With which a service makes sure that the broker has all its subscriptions.
const PINGS: &str = "$SRV.PING.>";

const REBUILD: &str = "motcua.v1.query.rebuild";

/// Reading journals, of their units or of whoever holds them.
fn reading() -> [String; 2] {
    [subject::LOG_READS.to_owned(), subject::HELD_READ.to_owned()]
}

/// Looking whether the streams are there, and which they are.
fn looking() -> [String; 2] {
    STREAMS.map(|stream| format!("$JS.API.STREAM.INFO.{stream}"))
}

/// Having one consumer of one name, with one filter: the broker holds a request against its subject.
fn consuming(stream: &str, name: &str, filter: &str) -> [String; 6] {
    [
        format!("$JS.API.CONSUMER.CREATE.{stream}.{name}.{filter}"),
        format!("$JS.API.CONSUMER.INFO.{stream}.{name}"),
        format!("$JS.API.CONSUMER.DELETE.{stream}.{name}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"),
        format!("$JS.ACK.{stream}.{name}.>"),
        // The longer form, with domain and account in front.
        format!("$JS.ACK.*.*.{stream}.{name}.>"),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn units() -> [UnitToken; 2] {
        ["H33-27", "H33-27-04"].map(|unit| UnitToken::parse(unit).unwrap())
    }

    fn users() -> Vec<User> {
        let mut users: Vec<User> = units().into_iter().map(User::Unit).collect();
        users.extend(units().into_iter().map(User::Desk));
        users.push(User::Projector("projector".into()));
        users.push(User::Portal("portal".into()));
        users.extend([User::Auditor, User::Operator]);
        users
    }

    #[test]
    fn nobody_but_the_operator_may_change_or_delete_what_a_stream_holds() {
        for user in users() {
            let may = user.permissions("UABC").unwrap();
            let whole = may.publish.iter().any(|subject| subject == "$JS.API.>");
            assert_eq!(whole, user == User::Operator, "{user:?}");
            for subject in may
                .publish
                .iter()
                .filter(|subject| subject.starts_with("$JS.API.STREAM"))
            {
                let verb = subject.split('.').nth(3).unwrap();
                assert!(["INFO", "CREATE"].contains(&verb), "{user:?}: {subject}");
            }
        }
    }

    #[test]
    fn no_unit_may_speak_under_the_name_of_another_or_hear_what_is_not_for_it() {
        let [one, other] = units();
        let may = User::Unit(one).permissions("UABC").unwrap();
        let spoken = may.publish.iter().chain(&may.subscribe);
        assert!(
            spoken
                .into_iter()
                .all(|subject| !subject.contains(&format!(".{other}")))
        );
        for subject in &may.subscribe {
            let own = subject.contains(".H33-27.") || subject.contains("_INBOX_UABC");
            let open =
                [subject::CHECKPOINTS, subject::CLOCK, DISCOVERY].contains(&subject.as_str());
            assert!(own || open, "{subject}");
        }
        for subject in may
            .publish
            .iter()
            .filter(|subject| subject.starts_with("motcua"))
        {
            let own = subject.contains(".H33-27.") || subject.ends_with(".H33-27");
            let asked = [
                subject::KEY_QUESTIONS,
                subject::LOG_READS,
                subject::HELD_READ,
            ];
            assert!(own || asked.contains(&subject.as_str()), "{subject}");
        }
    }

    #[test]
    fn every_user_has_a_name_of_its_own_and_an_inbox_of_its_own() {
        let mut names: Vec<String> = users().iter().map(User::name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), users().len());
        for user in users() {
            let may = user.permissions("UABC").unwrap();
            assert!(
                may.subscribe.contains(&"_INBOX_UABC.>".to_owned()),
                "{user:?}"
            );
            assert!(
                !may.subscribe
                    .iter()
                    .any(|subject| subject.starts_with("_INBOX."))
            );
        }
    }

    #[test]
    fn a_name_that_would_open_more_is_refused() {
        for name in ["*", "a.b", ">", ""] {
            assert!(
                User::Projector(name.into()).permissions("UABC").is_err(),
                "{name}"
            );
        }
    }
}
