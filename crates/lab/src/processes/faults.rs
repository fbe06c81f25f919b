//! The table of faults, and how each is brought about and healed. Chance comes from the run's seed.

use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::Signal;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tokio::time::{Instant, sleep};

use crate::processes::brokers::Ground;
use crate::processes::disk;
use crate::processes::line::State;
use crate::processes::town::{MEMBERS, Town};

/// Something that goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name on the command line and in the table.
    pub name: &'static str,
    /// On which ground it can happen.
    pub ground: Ground,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Killed(&'static str),
    AllKilled,
    ServiceStopped,
    BrokerKilled,
    BrokerWiped,
    BrokerOlder,
    BrokerFlipped,
    BrokerStopped,
    LineCut,
    LineHalfOpen,
    LineSlow,
    DiskFull,
    PowerCut,
    PowerCutTorn,
    PowerCutAll,
    Rolling,
    LeaderKilled,
    HubAway,
}

const fn fault(name: &'static str, ground: Ground, kind: Kind) -> Fault {
    Fault { name, ground, kind }
}

/// Every fault of this floor.
pub const FAULTS: [Fault; 21] = [
    fault("commune-killed", Ground::One, Kind::Killed("commune")),
    fault("district-killed", Ground::One, Kind::Killed("district")),
    fault("agency-killed", Ground::One, Kind::Killed("agency")),
    fault("projector-killed", Ground::One, Kind::Killed("projector")),
    fault("all-killed", Ground::One, Kind::AllKilled),
    fault("service-stopped", Ground::One, Kind::ServiceStopped),
    fault("broker-killed", Ground::One, Kind::BrokerKilled),
    fault("broker-wiped", Ground::One, Kind::BrokerWiped),
    fault("broker-older-copy", Ground::One, Kind::BrokerOlder),
    fault("broker-bits-flipped", Ground::One, Kind::BrokerFlipped),
    fault("broker-stopped", Ground::One, Kind::BrokerStopped),
    fault("line-cut", Ground::One, Kind::LineCut),
    fault("line-half-open", Ground::One, Kind::LineHalfOpen),
    fault("line-slow", Ground::One, Kind::LineSlow),
    fault("disk-full", Ground::One, Kind::DiskFull),
    fault("power-cut", Ground::One, Kind::PowerCut),
    fault("power-cut-torn", Ground::One, Kind::PowerCutTorn),
    fault("power-cut-all", Ground::One, Kind::PowerCutAll),
    fault("rolling-restart", Ground::One, Kind::Rolling),
    fault("leader-killed", Ground::Cluster, Kind::LeaderKilled),
    fault("hub-away", Ground::Leaf, Kind::HubAway),
];

/// How long a full disk may take to end a service; one that never comes to the end of its room is
/// ended in order.
const ROOM_LASTS: Duration = Duration::from_secs(4);
/// Room beyond the longest file that there is, in KiB, at most.
const ROOM_KIB_MAX: u64 = 96;
/// Bits flipped in the broker's store at a time.
const FLIPS: usize = 3;

/// Prepares what must be so before the load begins.
///
/// # Errors
/// When a service cannot be restarted.
pub async fn prepare(
    town: &mut Town,
    fault: &Fault,
    chance: &mut ChaCha8Rng,
) -> anyhow::Result<()> {
    match fault.kind {
        Kind::PowerCut | Kind::PowerCutTorn => with_an_image(town, anyone(chance)).await,
        Kind::PowerCutAll => {
            for (kind, _) in MEMBERS {
                with_an_image(town, kind).await?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn with_an_image(town: &mut Town, kind: &'static str) -> anyhow::Result<()> {
    town.end(kind).await?;
    town.launch_with_an_image(kind)
}

fn anyone(chance: &mut ChaCha8Rng) -> &'static str {
    MEMBERS[chance.gen_range(0..MEMBERS.len())].0
}

fn moments(chance: &mut ChaCha8Rng, milliseconds: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(chance.gen_range(milliseconds))
}

/// Brings the fault about, lets it last, and ends it: from then on nobody helps any more.
///
/// # Errors
/// When it cannot be brought about, or something does not start or end as it must.
pub async fn happen(
    town: &mut Town,
    fault: &Fault,
    chance: &mut ChaCha8Rng,
) -> anyhow::Result<Instant> {
    match fault.kind {
        Kind::Killed(kind) => {
            // Once more while it is still rising, now and then.
            for _ in 0..chance.gen_range(1..3) {
                town.kill(kind).await?;
                sleep(moments(chance, 0..300)).await;
                town.launch(kind)?;
                sleep(moments(chance, 0..200)).await;
            }
        }
        Kind::AllKilled => all_killed(town, chance).await?,
        Kind::ServiceStopped => {
            let kind = anyone(chance);
            town.service(kind)?.signal(Signal::SIGSTOP)?;
            sleep(moments(chance, 500..3_000)).await;
            town.service(kind)?.signal(Signal::SIGCONT)?;
        }
        Kind::BrokerKilled => {
            town.brokers.main().kill();
            sleep(moments(chance, 0..1_000)).await;
            town.brokers.main().restart().await?;
        }
        Kind::BrokerWiped => {
            town.brokers.main().wipe()?;
            sleep(moments(chance, 0..500)).await;
            town.brokers.main().restart().await?;
        }
        Kind::BrokerOlder => older_copy(town, chance).await?,
        Kind::BrokerFlipped => {
            town.brokers.main().kill();
            let messages =
                |path: &std::path::Path| path.extension().is_some_and(|end| end == "blk");
            disk::flip_bits(&town.brokers.store(), messages, FLIPS, chance)?;
            town.brokers.main().restart().await?;
        }
        Kind::BrokerStopped => {
            town.brokers.signal(Signal::SIGSTOP)?;
            sleep(moments(chance, 500..3_000)).await;
            town.brokers.signal(Signal::SIGCONT)?;
        }
        Kind::LineCut => line(town, chance, |_| State::Cut).await?,
        Kind::LineHalfOpen => line(town, chance, |_| State::HalfOpen).await?,
        Kind::LineSlow => {
            line(town, chance, |chance| State::Slow(moments(chance, 20..200))).await?;
        }
        Kind::DiskFull => disk_full(town, chance).await?,
        Kind::PowerCut | Kind::PowerCutTorn | Kind::PowerCutAll => {
            let torn = matches!(fault.kind, Kind::PowerCutTorn);
            power_cut(town, torn, chance).await?;
        }
        Kind::Rolling => {
            let mut order: Vec<_> = MEMBERS.into_iter().map(|(kind, _)| kind).collect();
            order.shuffle(chance);
            for kind in order {
                town.end(kind).await?;
                town.launch(kind)?;
                sleep(moments(chance, 0..200)).await;
            }
        }
        Kind::LeaderKilled => {
            let client = town.client.clone();
            let leader = town.brokers.leader(&client).await?;
            leader.kill();
            sleep(moments(chance, 500..3_000)).await;
            leader.restart().await?;
        }
        Kind::HubAway => {
            town.brokers.main().kill();
            sleep(moments(chance, 500..3_000)).await;
            town.brokers.main().restart().await?;
        }
    }
    Ok(Instant::now())
}

async fn all_killed(town: &mut Town, chance: &mut ChaCha8Rng) -> anyhow::Result<()> {
    let mut order: Vec<_> = MEMBERS.into_iter().map(|(kind, _)| kind).collect();
    order.shuffle(chance);
    for kind in &order {
        town.kill(kind).await?;
    }
    town.brokers.main().kill();
    order.shuffle(chance);
    for (number, kind) in order.into_iter().enumerate() {
        // Services are not to mind whether the broker is there when they start.
        if number == 2 {
            town.brokers.main().restart().await?;
        }
        town.launch(kind)?;
    }
    Ok(())
}

async fn older_copy(town: &mut Town, chance: &mut ChaCha8Rng) -> anyhow::Result<()> {
    let (store, aside) = (
        town.brokers.store(),
        town.brokers.store().with_extension("aside"),
    );
    town.brokers.main().kill();
    disk::copy(&store, &aside)?;
    town.brokers.main().restart().await?;
    sleep(moments(chance, 300..1_500)).await;
    town.brokers.main().kill();
    disk::put_in_place(&aside, &store)?;
    town.brokers.main().restart().await?;
    Ok(())
}

async fn line(
    town: &mut Town,
    chance: &mut ChaCha8Rng,
    bad: impl FnOnce(&mut ChaCha8Rng) -> State,
) -> anyhow::Result<()> {
    let kind = anyone(chance);
    let state = bad(chance);
    let line = town.lines.get(kind).context("a line")?;
    line.become_(state);
    sleep(moments(chance, 300..3_000)).await;
    line.become_(State::Good);
    Ok(())
}

async fn disk_full(town: &mut Town, chance: &mut ChaCha8Rng) -> anyhow::Result<()> {
    let kind = anyone(chance);
    town.end(kind).await?;
    let lengths = disk::files(&town.data(kind))?
        .into_iter()
        .filter_map(|path| path.metadata().ok())
        .map(|known| known.len().div_ceil(1024));
    let longest = lengths.max().unwrap_or(0);
    town.launch_with_little_room(kind, longest + chance.gen_range(0..ROOM_KIB_MAX))?;
    let until = Instant::now() + ROOM_LASTS;
    while Instant::now() < until && town.service(kind)?.ended()?.is_none() {
        sleep(Duration::from_millis(20)).await;
    }
    if town.service(kind)?.ended()?.is_none() {
        town.end(kind).await?;
    }
    town.launch(kind)
}

async fn power_cut(town: &mut Town, torn: bool, chance: &mut ChaCha8Rng) -> anyhow::Result<()> {
    let cut: Vec<_> = MEMBERS
        .into_iter()
        .map(|(kind, _)| kind)
        .filter(|kind| town.image(kind).is_dir())
        .collect();
    for kind in &cut {
        town.kill(kind).await?;
    }
    for kind in cut {
        let (dir, image) = (town.data(kind), town.image(kind));
        if torn {
            disk::some_more_pages(&image, &dir, chance)?;
        }
        disk::put_in_place(&image, &dir)?;
        town.launch(kind)?;
    }
    Ok(())
}
