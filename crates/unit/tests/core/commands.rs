//! Commands: followed once, or refused without a trace.

use serde_json::json;
use unit::command::CommandEnvelope;

use crate::house::{
    BUSINESS, CERTIFIED_COPY, COMMUNE, DISTRICT, House, LAND_PROCEDURE, TAX, at, catalogue_with,
    command, complete, receive,
};

#[tokio::test]
async fn a_reception_is_written_with_what_the_desk_does_by_itself() {
    let mut district = House::new(DISTRICT);
    let answer = district
        .does("receive", &receive(1, "2018-01-02T08:00", BUSINESS))
        .await
        .unwrap();
    assert_eq!(answer.dossier.as_str(), "000.00.27.H33-180102-0001");
    assert_eq!(answer.due_at, Some(at("2018-01-10T17:00")));
    assert_eq!(
        district.kinds(),
        [
            "dossier.received",
            "step.dispatched",
            "step.accepted",
            "step.allotted"
        ]
    );
    assert_eq!(answer.sequence, 4);
    assert_eq!(answer.events.len(), 4);
}

#[tokio::test]
async fn a_repeated_command_returns_the_first_answer_and_writes_nothing() {
    let mut commune = House::new(COMMUNE);
    let sent = receive(1, "2018-01-02T08:00", CERTIFIED_COPY);
    let first = commune.does("receive", &sent).await.unwrap();
    let size = commune.journal.size();
    // Even when it now says something else, and even under another name.
    let other = receive(1, "2018-01-03T08:00", LAND_PROCEDURE);
    for name in ["receive", "decline", "complete"] {
        assert_eq!(commune.does(name, &other).await.unwrap(), first);
    }
    assert_eq!(commune.journal.size(), size);
}

#[tokio::test]
async fn a_command_repeated_before_the_disk_has_the_first_is_not_done_twice() {
    let mut commune = House::new(COMMUNE);
    let sent = receive(1, "2018-01-02T08:00", CERTIFIED_COPY);
    let (first, answer) = commune.thinks("receive", &sent).unwrap();
    let (second, again) = commune.thinks("receive", &sent).unwrap();
    assert_eq!(answer, again);
    assert!(second.entries.is_empty() && second.notes.is_empty());
    commune.write(first).await;
    commune.write(second).await;
    assert_eq!(commune.journal.last_sequence(), answer.sequence);
}

#[tokio::test]
async fn the_serial_is_of_the_unit_and_the_local_day() {
    let (mut commune, mut district) = (House::new(COMMUNE), House::new(DISTRICT));
    let mut codes = Vec::new();
    // 23:59 and 00:01 of Viet Nam are two days, although one day in Greenwich.
    for (id, moment) in [
        (1, "2018-01-02T23:58"),
        (2, "2018-01-02T23:59"),
        (3, "2018-01-03T00:01"),
        (4, "2018-01-02T10:00"),
    ] {
        let sent = receive(id, moment, LAND_PROCEDURE);
        codes.push(
            commune
                .does("receive", &sent)
                .await
                .unwrap()
                .dossier
                .to_string(),
        );
    }
    let sent = receive(1, "2018-01-02T08:00", LAND_PROCEDURE);
    codes.push(
        district
            .does("receive", &sent)
            .await
            .unwrap()
            .dossier
            .to_string(),
    );
    assert_eq!(
        codes,
        [
            "000.04.27.H33-180102-0001",
            "000.04.27.H33-180102-0002",
            "000.04.27.H33-180103-0001",
            "000.04.27.H33-180102-0003",
            "000.00.27.H33-180102-0001"
        ]
    );
}

/// The post comes on days when the desk is closed as well.
fn by_post(sent: CommandEnvelope) -> CommandEnvelope {
    let data = sent.data.get().replace("\"direct\"", "\"post\"");
    CommandEnvelope {
        data: serde_json::value::RawValue::from_string(data).unwrap(),
        ..sent
    }
}

#[tokio::test]
async fn back_entry_over_many_days_never_issues_a_code_twice_before_the_disk_answers() {
    let mut commune = House::new(COMMUNE);
    let mut groups = Vec::new();
    let mut codes = std::collections::BTreeSet::new();
    // A whole month of paper is typed in while the disk is busy, twice over.
    for round in 0..2_u128 {
        for day in 1..=28_u128 {
            let moment = format!("2018-02-{day:02}T09:00");
            let sent = by_post(receive(round * 100 + day, &moment, CERTIFIED_COPY));
            let (group, answer) = commune.thinks("receive", &sent).unwrap();
            groups.push(group);
            assert!(
                codes.insert(answer.dossier.to_string()),
                "{} twice",
                answer.dossier
            );
        }
    }
    for group in groups {
        commune.write(group).await;
    }
}

#[tokio::test]
async fn a_refused_command_leaves_nothing_behind() {
    let mut district = House::new(DISTRICT);
    let code = district
        .does("receive", &receive(1, "2018-01-02T08:00", BUSINESS))
        .await
        .unwrap()
        .dossier;
    let before = district.dossier(&code);
    let (size, links) = (district.journal.size(), district.journal.links());
    let enormous = "dài ".repeat(16_000);
    let refused = [
        (
            "receive",
            receive(2, "2018-01-02T09:00", "9.999999"),
            "procedure.not_offered",
        ),
        (
            "receive",
            receive(3, "2031-01-02T09:00", BUSINESS),
            "calendar.not_covered",
        ),
        (
            "complete",
            complete(4, "2018-01-02T09:00", &code, "tax_code"),
            "step.not_held",
        ),
        (
            "complete",
            complete(5, "2018-01-01T09:00", &code, "business"),
            "time.before_reception",
        ),
        (
            "need_supplement",
            command(
                6,
                "2018-01-02T09:00",
                Some(&code),
                json!({ "step": "business", "items": ["x"], "reason": enormous }),
            ),
            "event.not_writable",
        ),
        (
            "withdraw",
            command(
                7,
                "2018-01-02T09:00",
                Some(&code),
                json!({ "reason": "x", "surprise": 1 }),
            ),
            "message.malformed",
        ),
        (
            "withdraw",
            command(8, "2018-01-02T09:00", None, json!({ "reason": "x" })),
            "message.malformed",
        ),
    ];
    for (name, sent, reason) in refused {
        let answer = district.does(name, &sent).await.unwrap_err();
        assert_eq!(answer.code, reason, "{}", answer.message);
        assert!(!answer.message.is_empty());
    }
    let declined = json!({ "procedure": BUSINESS, "channel": "direct", "reason": enormous });
    let answer = district
        .does("decline", &command(9, "2018-01-02T09:00", None, declined))
        .await
        .unwrap_err();
    assert_eq!(answer.code, "event.not_writable");
    let after = district.dossier(&code);
    assert_eq!(
        (after.dossier, after.home_events),
        (before.dossier, before.home_events)
    );
    assert_eq!(
        (district.journal.size(), district.journal.links()),
        (size, links)
    );
    // Sequence, links and serial go on as if nothing had been said.
    let next = district
        .does("receive", &receive(10, "2018-01-02T10:00", BUSINESS))
        .await
        .unwrap();
    assert_eq!(next.dossier.as_str(), "000.00.27.H33-180102-0002");
    assert_eq!(next.sequence, 8);
    // A refusal is no outcome: the same id may still be followed.
    let sent = complete(4, "2018-01-02T11:00", &code, "business");
    assert!(district.does("complete", &sent).await.is_ok());
    assert_eq!(district.journal.last_link(TAX), 3);
}

#[tokio::test]
async fn a_unit_that_starts_again_goes_on_where_its_journal_ends() {
    let mut district = House::new(DISTRICT);
    let sent = receive(1, "2018-01-02T08:00", BUSINESS);
    let first = district.does("receive", &sent).await.unwrap();
    let done = complete(2, "2018-01-02T09:00", &first.dossier, "business");
    let second = district.does("complete", &done).await.unwrap();
    let (links, before) = (district.journal.links(), district.dossier(&first.dossier));

    let mut district = district.restarted();
    let after = district.dossier(&first.dossier);
    assert_eq!(
        (after.dossier, after.home_events),
        (before.dossier, before.home_events)
    );
    assert_eq!(district.does("receive", &sent).await.unwrap(), first);
    assert_eq!(district.does("complete", &done).await.unwrap(), second);
    assert_eq!(district.journal.links(), links);
    let next = district
        .does("receive", &receive(3, "2018-01-02T10:00", BUSINESS))
        .await
        .unwrap();
    assert_eq!(next.dossier.as_str(), "000.00.27.H33-180102-0002");
    assert_eq!(next.sequence, second.sequence + 4);
}

#[tokio::test]
async fn where_time_is_real_nothing_happens_in_the_future() {
    let mut commune = House::in_real_time(COMMUNE);
    let answer = commune
        .does("receive", &receive(1, "2999-01-02T08:00", CERTIFIED_COPY))
        .await
        .unwrap_err();
    assert_eq!(answer.code, "time.in_the_future");
    let now = command(
        2,
        "2018-01-02T08:00",
        None,
        json!({ "procedure": CERTIFIED_COPY, "channel": "direct", "reason": "vì" }),
    );
    let now = CommandEnvelope { at: None, ..now };
    let (group, _) = commune.thinks("decline", &now).unwrap();
    let event = envelope::Event::read(&group.entries[0].signed.bytes).unwrap();
    assert!(!event.simulated && event.time <= event.recorded);
}

/// The commune's row of the register with further fields.
fn commune_with(fields: &'static str) -> House {
    let catalogue = catalogue_with("chau-thanh/units.toml", |text| {
        let row = format!("id = \"{COMMUNE}\"\n");
        text.replace(&row, &format!("{row}{fields}\n"))
    });
    House::under(COMMUNE, catalogue)
}

#[tokio::test]
async fn a_saturday_desk_receives_on_saturdays_and_counts_by_the_working_days() {
    let saturday = "2018-01-06T08:00";
    let mut closed = House::new(COMMUNE);
    let sent = receive(1, saturday, LAND_PROCEDURE);
    let off_days = closed.does("receive", &sent).await.unwrap();
    let known = closed.recalled(&off_days.dossier).unwrap();
    assert!(known.dossier.received().unwrap().particulars.off_days);
    let mut open = commune_with("desk_saturday = \"morning\"");
    let on_saturday = open.does("receive", &sent).await.unwrap();
    assert_eq!(on_saturday.dossier.as_str(), "000.04.27.H33-180106-0001");
    let known = open.recalled(&on_saturday.dossier).unwrap();
    assert!(!known.dossier.received().unwrap().particulars.off_days);
    let friday = receive(2, "2018-01-05T08:00", LAND_PROCEDURE);
    let on_friday = open.does("receive", &friday).await.unwrap();
    assert_eq!(on_saturday.due_at, on_friday.due_at, "both begin on Monday");
}

#[tokio::test]
async fn a_register_may_ask_for_more_digits_and_for_the_form_of_2026() {
    let mut commune = commune_with("serial_width = 6\ncode_form = \"most_significant_first\"");
    let sent = receive(1, "2018-01-02T08:00", CERTIFIED_COPY);
    let code = commune.does("receive", &sent).await.unwrap().dossier;
    assert_eq!(code.as_str(), "H33.27.04-180102-000001");
    assert!(commune.recalled(&code).is_some());
}
