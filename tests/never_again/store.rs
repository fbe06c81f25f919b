//! What a broker may do to what it stored: put it back as it was yesterday, flip bits in it, forget
//! what it had seen. Nobody's hand is needed afterwards, and nothing happens twice.

use std::fs;
use std::path::{Path, PathBuf};

use async_nats::jetstream;
use async_nats::jetstream::stream::Config;
use futures::TryStreamExt;
use serde_json::json;
use tests::land::{given, has_the_whole, received, sound, walk};
use tests::process::eventually;
use tests::town::{LAND, Town};

use crate::reading::caught_up;

const STREAMS: [&str; 2] = ["MOTCUA_EVENT", "MOTCUA_INBOX"];

fn store(town: &Town) -> PathBuf {
    town.broker.dir().join("store")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Flips so many bits, evenly spread, of each file below `dir` that ends so; gives how many in all.
fn flip(dir: &Path, ending: &str, bits: usize) -> usize {
    let mut found = Vec::new();
    files(dir, &mut found);
    found.retain(|path| path.to_string_lossy().ends_with(ending));
    let mut flipped = 0;
    for path in found {
        let mut bytes = fs::read(&path).unwrap();
        let every = (bytes.len() / bits).max(1);
        for byte in bytes.iter_mut().skip(every / 2).step_by(every) {
            *byte ^= 0x10;
            flipped += 1;
        }
        fs::write(&path, bytes).unwrap();
    }
    flipped
}

/// Messages in a stream of the broker.
async fn messages(town: &Town, stream: &str) -> u64 {
    let jetstream = jetstream::new(town.client.clone());
    eventually(&format!("{stream} at the broker"), async || {
        let stream = jetstream.get_stream(stream).await.ok()?;
        Some(stream.cached_info().state.messages)
    })
    .await
}

/// A dossier that the land office has heard of, and one that only the broker has.
async fn half_delivered(town: &mut Town) -> [String; 2] {
    let heard = received(town).await;
    given(town, LAND, &heard, "conditions").await;
    town.end("motcua-agency").await;
    town.end("motcua-district").await;
    let before = messages(town, "MOTCUA_INBOX").await;
    let unheard = received(town).await;
    eventually("its deliveries at the broker", async || {
        (messages(town, "MOTCUA_INBOX").await >= before + 4).then_some(())
    })
    .await;
    [heard, unheard]
}

/// Both dossiers are led to their end, and everyone agrees about them.
async fn ends_well(town: &mut Town, codes: &[String]) {
    for code in codes {
        walk(town, code).await;
    }
    caught_up(town, codes.len() as u64).await;
    town.end_all().await;
    for code in codes {
        has_the_whole(town, code);
    }
    sound(town);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_brokers_store_put_back_loses_and_repeats_nothing() {
    let mut town = Town::simulated().await;
    let _projector = town.projector().await;
    let first = received(&town).await;
    given(&town, LAND, &first, "conditions").await;
    let aside = town.path("yesterday");
    town.broker.kill();
    copy(&store(&town), &aside);
    town.broker.restart().await.unwrap();

    let [second, third] = half_delivered(&mut town).await;
    let reached = messages(&town, "MOTCUA_INBOX").await;
    town.end("motcua-commune").await;
    town.broker.wipe().unwrap();
    copy(&aside, &store(&town));
    town.broker.restart().await.unwrap();
    assert!(messages(&town, "MOTCUA_INBOX").await < reached);
    town.start_all().await;
    ends_well(&mut town, &[first, second, third]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_store_that_outgrew_what_was_lost_hides_no_loss() {
    let mut town = Town::simulated().await;
    let _projector = town.projector().await;
    let first = received(&town).await;
    given(&town, LAND, &first, "conditions").await;
    let aside = town.path("yesterday");
    town.broker.kill();
    copy(&store(&town), &aside);
    town.broker.restart().await.unwrap();

    let [second, third] = half_delivered(&mut town).await;
    let reached = messages(&town, "MOTCUA_INBOX").await;
    // While the commune is away, others fill the older streams beyond where the commune had got to.
    town.end("motcua-commune").await;
    town.broker.wipe().unwrap();
    copy(&aside, &store(&town));
    town.broker.restart().await.unwrap();
    let jetstream = jetstream::new(town.client.clone());
    eventually("streams longer than they were", async || {
        for subject in [
            "motcua.v1.event.H33.noise.made.v1",
            "motcua.v1.inbox.H33.H33.noise.made.v1",
        ] {
            let sent = jetstream.publish(subject, "noise".into()).await.ok()?;
            sent.await.ok()?;
        }
        (messages(&town, "MOTCUA_INBOX").await > reached * 2).then_some(())
    })
    .await;
    town.start_all().await;
    ends_well(&mut town, &[first, second, third]).await;
}

/// Bits flipped in the stopped broker's files while deliveries wait in it: they arrive all the same.
async fn damaged(town: &mut Town, ending: &str, bits: usize) -> [String; 2] {
    let two = half_delivered(town).await;
    town.broker.kill();
    assert!(flip(&store(town), ending, bits) > 0, "no {ending}");
    town.broker.restart().await.unwrap();
    town.start("motcua-agency").await;
    town.start("motcua-district").await;
    for code in &two {
        given(town, LAND, code, "conditions").await;
    }
    two
}

#[tokio::test(flavor = "multi_thread")]
async fn bits_flipped_in_the_brokers_store_lose_and_repeat_nothing() {
    let mut town = Town::simulated().await;
    let _projector = town.projector().await;
    let mut codes = Vec::new();
    // One bit in the middle of the messages, many bits, one in what the broker knows of its streams.
    for (ending, bits) in [(".blk", 1), (".blk", 20), ("meta.inf", 1)] {
        codes.extend(damaged(&mut town, ending, bits).await);
    }
    ends_well(&mut town, &codes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_can_no_longer_read_where_its_consumers_are_keeps_nothing_back() {
    let mut town = Town::simulated().await;
    let _projector = town.projector().await;
    let [one, other] = damaged(&mut town, "o.dat", 3).await;
    // Until the broker gives again, everything is read from its origin, which takes its time.
    walk(&town, &one).await;
    caught_up(&town, 2).await;
    town.end_all().await;
    has_the_whole(&town, &one);
    assert_eq!(
        town.history(LAND, &other),
        ["dossier.received", "step.dispatched"]
    );
    sound(&town);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_again_after_the_brokers_memory_of_ids_has_no_second_effect() {
    let mut town = Town::prepared(
        Some("2018-01-02T08:00:00+07:00"),
        exchange::broker::Leaf::Alone,
    )
    .await;
    let jetstream = jetstream::new(town.client.clone());
    for (name, subjects) in STREAMS
        .into_iter()
        .zip(["motcua.v1.event.>", "motcua.v1.inbox.>"])
    {
        // An operator who gave the broker next to no memory: the shortest that it takes.
        let config = Config {
            name: name.to_owned(),
            subjects: vec![subjects.to_owned()],
            duplicate_window: std::time::Duration::from_millis(100),
            ..Config::default()
        };
        jetstream.create_stream(config).await.unwrap();
    }
    town.start_all().await;
    let _projector = town.projector().await;
    let code = received(&town).await;
    walk(&town, &code).await;
    caught_up(&town, 1).await;

    // What is late at the broker was read from its origins meanwhile.
    eventually("the broker to hold all of it", async || {
        let mut held = 0;
        for name in STREAMS {
            let mut stream = jetstream.get_stream(name).await.ok()?;
            held += stream.info().await.ok()?.state.messages;
        }
        (held > 40).then_some(())
    })
    .await;
    let entries = town.query("units", &json!({})).await["entries"].clone();
    let mut again = 0;
    for name in STREAMS {
        let mut stream = jetstream.get_stream(name).await.unwrap();
        let last = stream.info().await.unwrap().state.last_sequence;
        for number in 1..=last {
            let kept = stream.get_raw_message(number).await.unwrap();
            eventually("the broker to have forgotten an id", async || {
                let sent = jetstream
                    .publish_with_headers(
                        kept.subject.clone(),
                        kept.headers.clone(),
                        kept.payload.clone(),
                    )
                    .await
                    .ok()?;
                (!sent.await.ok()?.duplicate).then_some(())
            })
            .await;
            again += 1;
        }
        // Everybody has been given everything a second time, and has said so.
        eventually("all of it to be acknowledged", async || {
            let consumers: Vec<_> = stream.consumers().try_collect().await.ok()?;
            let done =
                |one: &jetstream::consumer::Info| one.num_pending == 0 && one.num_ack_pending == 0;
            (!consumers.is_empty() && consumers.iter().all(done)).then_some(())
        })
        .await;
    }
    assert!(again > 40, "{again}");
    assert_eq!(town.query("units", &json!({})).await["entries"], entries);
    caught_up(&town, 1).await;
    town.end_all().await;
    has_the_whole(&town, &code);
    sound(&town);
}
