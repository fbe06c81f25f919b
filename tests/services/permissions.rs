//! What the broker lets each of its users do, and what it does not, as `motcua permissions` says.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use async_nats::jetstream;
use exchange::broker::{Broker, BrokerConfig, build_dir_above, find_or_install};
use exchange::{Access, Patience, connect_with};
use serde_json::json;
use tempfile::TempDir;
use tests::process::{eventually, motcua};
use tests::secured::{Certificates, Secured};
use tests::town::{COMMUNE, DISTRICT, LAND, TAX, message};

use crate::route::{ended_well, received, walk};

#[tokio::test(flavor = "multi_thread")]
async fn a_route_runs_to_its_end_with_nothing_refused_over_tls() {
    let mut secured = Secured::prepared(Some("2018-01-02T08:00:00+07:00")).await;
    let town = &mut secured.town;
    // The streams are made by the projector: units may not.
    let projector = town.projector().await;
    town.start_all().await;
    let code = received(town).await;
    walk(town, &code).await;
    let told = town.query("dossier", &json!({ "code": code })).await;
    assert!(told.to_string().contains(&code), "{told}");
    for unit in [COMMUNE, DISTRICT, LAND, TAX] {
        let health = town.ask(unit, "health", &message(None, json!({}))).await;
        let health = health.done();
        assert_eq!(health["broker"]["violations"], 0, "{unit}: {health}");
    }

    // A line that the broker forgot entirely is filled again within the same permissions.
    town.broker.wipe().unwrap();
    town.broker.restart().await.unwrap();
    let again = received(town).await;
    walk(town, &again).await;
    let health = town.query("health", &json!({})).await;
    assert!(!health.to_string().contains("refused"), "{health}");
    let said = projector.said();
    assert!(!said.contains("Permissions Violation"), "{said}");
    drop(projector);
    ended_well(town, &code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_is_restored_reads_its_own_words_back_and_nobody_elses() {
    let mut secured = Secured::prepared(Some("2018-01-02T08:00:00+07:00")).await;
    let projector = secured.town.projector().await;
    secured.town.start_all().await;
    received(&secured.town).await;
    let commune = secured.as_user(COMMUNE).await;
    let recalled = |client: async_nats::Client| async move {
        let connection = connect_with(
            &secured.url,
            "recall",
            &Access {
                login: Some(secured.login(COMMUNE)),
                ca: Some(secured.ca.clone()),
                plain: false,
            },
            Patience::Within(Duration::from_secs(10)),
        )
        .await
        .unwrap();
        drop(client);
        let me = exchange::UnitToken::parse(COMMUNE).unwrap();
        let other = exchange::UnitToken::parse(LAND).unwrap();
        let mut own = 0;
        eventually("the unit's own words", async || {
            own = 0;
            exchange::recall::events(&connection, &me, |_| own += 1)
                .await
                .ok()?;
            exchange::recall::deliveries(&connection, &me, |_, _, _| own += 1)
                .await
                .ok()?;
            (own >= 2).then_some(())
        })
        .await;
        let refused = exchange::recall::events(&connection, &other, |_| {}).await;
        assert!(refused.is_err(), "another unit's words");
        assert!(connection.violations() > 0);
    };
    recalled(commune.client).await;
    drop(projector);
}

/// What a unit tries that is not its own to do. The first word says how.
fn attempts() -> Vec<(&'static str, String)> {
    let publish = [
        // In the name of another.
        format!("motcua.v1.event.{COMMUNE}.dossier.received.v1"),
        format!("motcua.v1.inbox.{COMMUNE}.{TAX}.step.accepted.v1"),
        format!("motcua.v1.inbox.{LAND}.{TAX}.step.accepted.v1"),
        format!("motcua.v1.checkpoint.{COMMUNE}"),
        format!("motcua.v1.alert.{COMMUNE}"),
        "motcua.v1.clock".to_owned(),
        // To another's officers, or as its own officers.
        format!("motcua.v1.cmd.{COMMUNE}.receive"),
        format!("motcua.v1.cmd.{COMMUNE}.erase"),
        format!("motcua.v1.cmd.{COMMUNE}.applicant"),
        format!("motcua.v1.cmd.{LAND}.complete"),
        "motcua.v1.query.rebuild".to_owned(),
        // A reply to a question that was put to somebody else.
        "_INBOX.abc.def".to_owned(),
        "_INBOX_UABC.def".to_owned(),
        // The streams.
        "$JS.API.STREAM.DELETE.MOTCUA_EVENT".to_owned(),
        "$JS.API.STREAM.DELETE.MOTCUA_INBOX".to_owned(),
        "$JS.API.STREAM.PURGE.MOTCUA_EVENT".to_owned(),
        "$JS.API.STREAM.UPDATE.MOTCUA_EVENT".to_owned(),
        "$JS.API.STREAM.CREATE.MOTCUA_EVENT".to_owned(),
        "$JS.API.STREAM.CREATE.MINE".to_owned(),
        "$JS.API.STREAM.MSG.DELETE.MOTCUA_EVENT".to_owned(),
        "$JS.API.STREAM.MSG.GET.MOTCUA_INBOX".to_owned(),
        "$JS.API.STREAM.SNAPSHOT.MOTCUA_EVENT".to_owned(),
        "$JS.API.STREAM.RESTORE.MOTCUA_EVENT".to_owned(),
        "$JS.API.STREAM.LEADER.STEPDOWN.MOTCUA_EVENT".to_owned(),
        "$JS.API.DIRECT.GET.MOTCUA_INBOX".to_owned(),
        format!("$JS.API.DIRECT.GET.MOTCUA_INBOX.motcua.v1.inbox.{COMMUNE}.{TAX}.step.accepted.v1"),
        format!("$JS.API.DIRECT.GET.MOTCUA_EVENT.motcua.v1.event.{COMMUNE}.>"),
        "$JS.API.DIRECT.GET.MOTCUA_EVENT.motcua.v1.event.>".to_owned(),
        // The consumers of others, or one of its own on what is not its own.
        format!("$JS.API.CONSUMER.CREATE.MOTCUA_INBOX.inbox-{COMMUNE}.motcua.v1.inbox.{COMMUNE}.>"),
        format!("$JS.API.CONSUMER.CREATE.MOTCUA_INBOX.inbox-{LAND}.motcua.v1.inbox.{COMMUNE}.>"),
        format!("$JS.API.CONSUMER.CREATE.MOTCUA_INBOX.inbox-{LAND}.motcua.v1.inbox.>"),
        format!("$JS.API.CONSUMER.CREATE.MOTCUA_INBOX.inbox-{LAND}"),
        "$JS.API.CONSUMER.CREATE.MOTCUA_INBOX".to_owned(),
        "$JS.API.CONSUMER.CREATE.MOTCUA_EVENT.all.motcua.v1.event.>".to_owned(),
        format!("$JS.API.CONSUMER.DURABLE.CREATE.MOTCUA_INBOX.inbox-{LAND}"),
        format!("$JS.API.CONSUMER.DELETE.MOTCUA_INBOX.inbox-{COMMUNE}"),
        format!("$JS.API.CONSUMER.PAUSE.MOTCUA_INBOX.inbox-{COMMUNE}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.MOTCUA_INBOX.inbox-{COMMUNE}"),
        format!("$JS.ACK.MOTCUA_INBOX.inbox-{COMMUNE}.1.1.1.1.1"),
        "$JS.API.CONSUMER.DELETE.MOTCUA_EVENT.motcua-projector".to_owned(),
        // The broker itself.
        "$SYS.REQ.SERVER.PING".to_owned(),
        "$JS.API.SERVER.REMOVE".to_owned(),
        "$JS.API.ACCOUNT.PURGE.$G".to_owned(),
        "anything.else".to_owned(),
    ];
    let subscribe = [
        ">".to_owned(),
        "motcua.>".to_owned(),
        "motcua.v1.event.>".to_owned(),
        format!("motcua.v1.event.{COMMUNE}.>"),
        "motcua.v1.inbox.>".to_owned(),
        format!("motcua.v1.inbox.{COMMUNE}.>"),
        "motcua.v1.cmd.>".to_owned(),
        format!("motcua.v1.cmd.{COMMUNE}.receive"),
        format!("motcua.v1.log.{COMMUNE}.read"),
        "motcua.v1.held.read".to_owned(),
        "motcua.v1.query.dossier".to_owned(),
        "motcua.v1.alert.*".to_owned(),
        "_INBOX.>".to_owned(),
        "_INBOX_*.>".to_owned(),
        "$JS.>".to_owned(),
        "$SYS.>".to_owned(),
    ];
    let publish = publish.into_iter().map(|subject| ("Publish", subject));
    let subscribe = subscribe
        .into_iter()
        .map(|subject| ("Subscription", subject));
    publish.chain(subscribe).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_logged_in_as_itself_is_refused_everything_that_is_not_its_own() {
    let mut secured = Secured::prepared(Some("2018-01-02T08:00:00+07:00")).await;
    let _projector = secured.town.projector().await;
    secured.town.start_all().await;
    let code = received(&secured.town).await;
    let mut land = secured.as_user(LAND).await;
    for (how, subject) in attempts() {
        if how == "Publish" {
            land.client
                .publish(subject.clone(), "{}".into())
                .await
                .unwrap();
        } else {
            // Kept until the broker has judged it.
            let subscription = land.client.subscribe(subject.clone()).await.unwrap();
            land.client.flush().await.unwrap();
            let refused = land.refusal().await;
            assert_named(&refused, how, &subject);
            drop(subscription);
            continue;
        }
        assert_named(&land.refusal().await, how, &subject);
    }
    // What is its own it may say, and nobody is the worse for what was tried.
    let own = format!("motcua.v1.alert.{LAND}");
    land.client.publish(own, "{}".into()).await.unwrap();
    let refused = land.refusals().await;
    assert!(
        refused
            .iter()
            .all(|one| one.contains("motcua.v1.query.none")),
        "{refused:?}"
    );
    walk(&secured.town, &code).await;
    ended_well(&mut secured.town, &code).await;
}

fn assert_named(refused: &str, how: &str, subject: &str) {
    let expected = format!("Permissions Violation for {how} to \"{subject}\"");
    assert!(
        refused.to_lowercase().contains(&expected.to_lowercase()),
        "{expected}: {refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_reach_their_own_unit_an_auditor_reads_and_only_the_operator_keeps_the_streams() {
    let mut secured = Secured::prepared(Some("2018-01-02T08:00:00+07:00")).await;
    let projector = secured.town.projector().await;
    secured.town.start_all().await;
    let asked = |login: &str, arguments: &[&str]| {
        let login = secured.login(login).display().to_string();
        let ca = secured.ca.display().to_string();
        let mut all = arguments.to_vec();
        all.extend(["--login", &login, "--ca", &ca, "--nats", &secured.url]);
        motcua(&all)
    };
    let message = message(None, json!({})).to_string();
    let desk = format!("{COMMUNE}-desk");
    let own = asked(&desk, &["send", COMMUNE, "worklist", &message]);
    assert!(own.status.success(), "{own:?}");
    let other = asked(&desk, &["send", LAND, "worklist", &message]);
    assert!(!other.status.success(), "{other:?}");
    let read = asked("auditor", &["ask", "units"]);
    assert!(read.status.success(), "{read:?}");
    let said = asked("auditor", &["send", COMMUNE, "worklist", &message]);
    assert!(!said.status.success(), "{said:?}");

    // The desk's clients may not have the keys of dossiers asked for in a unit's stead.
    let mut officer = secured.as_user(&desk).await;
    let key = format!("motcua.v1.cmd.{COMMUNE}.key");
    officer
        .client
        .publish(key.clone(), "{}".into())
        .await
        .unwrap();
    assert_named(&officer.refusal().await, "Publish", &key);

    let operator = secured.as_user("operator").await;
    let streams = jetstream::new(operator.client.clone());
    assert!(streams.delete_stream("MOTCUA_EVENT").await.unwrap().success);
    drop(projector);

    // Nobody gets in without a login, or with one that the broker does not know.
    let without = motcua(&[
        "ask",
        "units",
        "--nats",
        &secured.url,
        "--ca",
        secured.ca.to_str().unwrap(),
    ]);
    assert!(!without.status.success());
    let text = String::from_utf8_lossy(&without.stderr).into_owned();
    assert!(text.to_lowercase().contains("authorization"), "{text}");
}

#[test]
fn users_keep_their_secrets_when_units_come_and_nobody_else_reads_them() {
    let dir = TempDir::new().unwrap();
    let made = dir.path().join("permissions");
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    let write = |profile: &str| {
        let output = motcua(&[
            "permissions",
            made.to_str().unwrap(),
            "--registers",
            deploy.join("registers").to_str().unwrap(),
            "--profile",
            deploy.join(profile).to_str().unwrap(),
        ]);
        assert!(output.status.success(), "{output:?}");
        fs::read_to_string(made.join("users.conf")).unwrap()
    };
    let first = write("chau-thanh");
    assert_eq!(first, write("chau-thanh"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&made.join("logins")), 0o700);
    for seed in fs::read_dir(made.join("logins")).unwrap() {
        assert_eq!(mode(&seed.unwrap().path()), 0o600);
    }
    let operator = |text: &str| {
        let mut lines = text.lines().skip_while(|line| !line.contains("# operator"));
        lines.nth(1).map(str::to_owned).unwrap()
    };
    assert_eq!(operator(&first), operator(&write("an-giang")));
    fs::write(made.join("logins/operator.nk"), "SUBROKEN").unwrap();
    let output = motcua(&[
        "permissions",
        made.to_str().unwrap(),
        "--registers",
        deploy.join("registers").to_str().unwrap(),
        "--profile",
        deploy.join("chau-thanh").to_str().unwrap(),
    ]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("operator.nk"),
        "{said}"
    );
    assert!(!said.contains("SUBROKEN"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_speaks_to_no_broker_that_it_cannot_be_sure_of() {
    let dir = TempDir::new().unwrap();
    let build = build_dir_above(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let server = find_or_install(&build).unwrap();
    let broker = |name: &str, extra: String| {
        Broker::start(BrokerConfig {
            extra,
            ..BrokerConfig::new(server.clone(), dir.path().join(name))
        })
    };
    let good = Certificates::make(dir.path(), "good", 2099);
    let other = Certificates::make(dir.path(), "other", 2099);
    let over = Certificates::make(dir.path(), "over", 2021);
    let attempt = |broker: &Broker, ca: &Path| {
        let (url, ca) = (broker.url(), ca.to_owned());
        async move {
            let access = Access {
                ca: Some(ca),
                ..Access::default()
            };
            let patience = Patience::Within(Duration::from_secs(3));
            let connected = connect_with(&url, "test", &access, patience).await;
            connected.map(drop).map_err(|error| error.to_string())
        }
    };
    let secure = broker("secure", good.settings()).await.unwrap();
    assert_eq!(attempt(&secure, &good.ca).await, Ok(()));
    let plain = broker("plain", String::new()).await.unwrap();
    let expired = broker("expired", over.settings()).await.unwrap();
    for (broker, ca, what) in [
        (&secure, &other.ca, "invalid peer certificate"),
        (&plain, &good.ca, "TLS"),
        (&expired, &over.ca, "certificate expired"),
    ] {
        let refused = attempt(broker, ca).await.unwrap_err();
        assert!(refused.contains(what), "{what}: {refused}");
    }
}

#[test]
fn the_example_of_a_secured_broker_is_accepted_once_its_steps_are_followed() {
    let dir = TempDir::new().unwrap();
    let build = build_dir_above(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let server = find_or_install(&build).unwrap();
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    let at = |name: &str| dir.path().join(name);
    for name in ["deploy/nats", "data/tls"] {
        fs::create_dir_all(at(name)).unwrap();
    }
    fs::copy(
        deploy.join("nats/secured.conf"),
        at("deploy/nats/secured.conf"),
    )
    .unwrap();
    let accepted = || {
        let mut command = Command::new(&server);
        command
            .current_dir(dir.path())
            .args(["-t", "-c", "deploy/nats/secured.conf"]);
        let output = command.output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    assert!(!accepted().0, "without users it must let nobody in");
    let output = motcua(&[
        "permissions",
        at("data/permissions").to_str().unwrap(),
        "--registers",
        deploy.join("registers").to_str().unwrap(),
        "--profile",
        deploy.join("chau-thanh").to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{output:?}");
    let made = Certificates::make(dir.path(), "province", 2099);
    fs::copy(made.certificate, at("data/tls/broker.pem")).unwrap();
    fs::copy(made.key, at("data/tls/broker.key")).unwrap();
    let (good, said) = accepted();
    assert!(good, "{said}");
}
