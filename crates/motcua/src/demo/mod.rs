//! `motcua demo`: the first quarter of 2018 at huyện Châu Thành (Kiên Giang), end to end: a broker,
//! the services of the district, its communes and the agencies behind them, the projector, and a
//! generator that plays officers and citizens. It ends with the on-time table, the tally check, and
//! the page in the browser.

mod comparison;
pub(crate) mod configuration;
mod ground;
mod pace;
pub(crate) mod processes;
mod progress;
mod quarter;
mod report;
mod table;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::IsTerminal;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use catalogue::{Catalogue, Level};
use clap::Args;
use dossier::ids::UnitId;
use exchange::broker::{Broker, BrokerConfig, build_dir_above, find_or_install};
use exchange::connect::{Connection, Patience, connect};
use exchange::feed::Feed;
use exchange::settings::Timing;
use exchange::stream::StreamSettings;
use exchange::subject::CLOCK;
use serde_json::json;
use tokio::sync::watch;
use unit::identity;
use workload::player::Player;
use workload::settings::QuarterSettings;
use workload::workload::Workload;

use crate::say;
use configuration::{Layout, PROJECTOR};
use ground::Ground;
use processes::{PROGRAMS, Service, Supervisor};
use progress::Progress;
use quarter::Quarter;
use report::Report;

/// The on-time rate that the district published for the quarter, in hundredths of a percent.
const PUBLISHED_RATE: u32 = 9_958;
/// Where it was published.
const PUBLISHED: &str = "UBND huyện Châu Thành, quý I/2018: 11.452 hồ sơ, đúng hạn 99,58 %";
/// Exit status of what Ctrl-C ended, as shells have it: 128 and the signal's number.
const INTERRUPTED: u8 = 130;

/// Run the quarter.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Directory with the registers and profiles.
    #[arg(long, default_value = "deploy")]
    deploy: PathBuf,
    /// Directory of the run; cleared at the start if it is of an earlier run.
    #[arg(long, default_value = "target/demo")]
    dir: PathBuf,
    /// What the work is drawn from.
    #[arg(long, default_value_t = 2018)]
    seed: u64,
    /// Draw a smaller quarter of about this many dossiers, in the same proportions.
    #[arg(long)]
    dossiers: Option<u32>,
    /// Where the page is served; a free port when not given.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// How a run ended.
enum Ended {
    /// Every figure and digest agrees, and nothing was refused that should not have been.
    Agreed,
    /// Something does not; the report says what.
    Differed,
    /// Somebody did not want to see the end.
    Interrupted,
}

/// What is played, by whom, and where its services are found.
struct Stage {
    layout: Layout,
    catalogue: Catalogue,
    player: Player,
    page: SocketAddr,
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        Ok(match crate::runtime()?.block_on(self.play())? {
            Ended::Agreed => ExitCode::SUCCESS,
            Ended::Differed => ExitCode::FAILURE,
            Ended::Interrupted => ExitCode::from(INTERRUPTED),
        })
    }

    /// Everything that can be wrong with what was asked is found before a directory is cleared or a
    /// process started. Whatever ends the quarter, what was started is ended in order.
    async fn play(self) -> anyhow::Result<Ended> {
        let mut interrupted =
            tokio::spawn(async { anyhow::Ok(exchange::stop::terminated().await?) });
        let deploy = self.deploy.canonicalize().with_context(|| {
            format!("finding the registers in {}: run this in the project's own directory, or name them with --deploy", self.deploy.display())
        })?;
        // Only the registers are looked for yet; there is no broker.
        let layout = Layout::under(&self.dir, &deploy, "");
        let catalogue = Catalogue::load(&layout.registers, &layout.profile)?;
        let calendar = catalogue.calendar();
        let settings = QuarterSettings::load(&layout.profile)?;
        let workload = Workload::new(self.seed, &catalogue, &calendar, &settings, self.dossiers)?;
        let page = free_address(self.http)?;
        for program in PROGRAMS {
            processes::binary(program)?;
        }

        let ground = Ground::claim(&self.dir)?;
        let beside = || ground.path.parent().unwrap_or(&ground.path).to_owned();
        let program = find_or_install(&build_dir_above(&deploy).unwrap_or_else(beside))?;
        let broker = Broker::start(BrokerConfig::new(program, ground.path.join("broker"))).await?;
        let mut stage = Stage {
            layout: Layout::under(&ground.path, &deploy, &broker.url()),
            catalogue,
            player: Player::new(workload),
            page,
        };
        let services = stage.configure()?;
        let mut supervisor = Supervisor::start(broker, services, &ground.path)?;
        let mut ended = tokio::select! {
            biased;
            signal = &mut interrupted => signal.map_err(Into::into).flatten().map(|()| Ended::Interrupted),
            failed = supervisor.failed() => Err(failed),
            shown = stage.show(self.seed) => shown,
        };
        if std::io::stdin().is_terminal() && matches!(ended, Ok(Ended::Agreed | Ended::Differed)) {
            let failed = tokio::select! {
                biased;
                signal = &mut interrupted => signal.map_err(Into::into).flatten().err(),
                failed = supervisor.failed() => Some(failed),
                failed = stage.keep_open() => failed.err(),
            };
            ended = failed.map_or(ended, Err);
        }
        if matches!(ended, Ok(Ended::Interrupted)) {
            eprintln!("interrupted; ending the services");
        }
        let stopped = supervisor.stop().await;
        let ended = ended?;
        stopped?;
        Ok(ended)
    }
}

impl Stage {
    /// Plays the quarter, and prints its table and checks.
    async fn show(&mut self, seed: u64) -> anyhow::Result<Ended> {
        let units: Vec<UnitId> = self.catalogue.units().map(|unit| unit.id.clone()).collect();
        let dossiers = self.player.workload().plans.len() as u64;
        say(format_args!(
            "Một Cửa: {} đơn vị, {dossiers} hồ sơ, hạt giống {seed}",
            units.len()
        ))?;
        say(format_args!(
            "  trang   http://{}/\n  NATS    {}\n  nhật ký {}",
            self.page,
            self.layout.nats,
            self.layout.run.display()
        ))?;
        let connection = self.connected().await?;
        let (stop, stopped) = watch::channel(false);
        let timing = Timing {
            checkpoint: Duration::from_secs(2),
            ..Timing::default()
        };
        let (feed, fed) = Feed::new(
            connection.clone(),
            "demo",
            Arc::new(identity::read_register(&self.layout.keys())?),
            StreamSettings::default(),
            timing,
            BTreeMap::new(),
        );
        let feeding = tokio::spawn(feed.run(stopped));
        let mut quarter = Quarter::new(connection.clone(), fed, Progress::towards(dossiers));
        let heads = quarter.play(&mut self.player, &units).await?;

        let end = self.player.workload().ends_at;
        let report = Report::of(&connection.client, &heads, end).await?;
        let ended = report.print(&self.player, &quarter, &self.catalogue)?;
        stop.send_replace(true);
        drop(quarter);
        feeding.await.context("the feed ended badly")?;
        Ok(ended)
    }

    /// Keeps the page at the last instant of the quarter; returns only when it cannot.
    async fn keep_open(&self) -> anyhow::Result<Infallible> {
        say(format_args!(
            "\nTrang vẫn mở tại http://{}/ cho đến khi bấm Ctrl-C.",
            self.page
        ))?;
        let now = json!({ "now": self.player.workload().ends_at }).to_string();
        let client = self.connected().await?.client;
        let mut every = tokio::time::interval(Duration::from_secs(1));
        loop {
            every.tick().await;
            client.publish(CLOCK, now.clone().into()).await?;
        }
    }

    async fn connected(&self) -> anyhow::Result<Connection> {
        let patience = Patience::Within(Duration::from_secs(10));
        Ok(connect(&self.layout.nats, "demo", patience).await?)
    }

    /// Keys and configuration files of all services.
    fn configure(&self) -> anyhow::Result<Vec<Service>> {
        let Self {
            layout, catalogue, ..
        } = self;
        let from = quarter::begins_at(&self.player);
        let of = |level: Level| -> Vec<String> {
            catalogue
                .units()
                .filter(|unit| unit.level == level)
                .map(|unit| unit.id.as_str().to_owned())
                .collect()
        };
        let everyone: Vec<String> = catalogue
            .units()
            .map(|unit| unit.id.as_str().to_owned())
            .collect();
        layout.make_keys(&everyone)?;
        let mut services = Vec::new();
        for (name, level) in [
            ("motcua-commune", Level::Commune),
            ("motcua-district", Level::District),
            ("motcua-agency", Level::Agency),
        ] {
            services.push(Service {
                name,
                config: layout.service(name, &of(level), Some(from))?,
            });
        }
        let district = of(Level::District)
            .into_iter()
            .next()
            .context("the profile has no district")?;
        let projector = toml::toml! { checkpoint_seconds = 2 };
        let mut projector = toml::Table::from(projector);
        for (key, value) in [
            ("nats", layout.nats.clone()),
            ("http", self.page.to_string()),
            ("data", layout.data().join(PROJECTOR).display().to_string()),
            ("keys", layout.keys().display().to_string()),
            ("registers", layout.registers.display().to_string()),
            ("profile", layout.profile.display().to_string()),
        ] {
            projector.insert(key.to_owned(), value.into());
        }
        let headline = toml::Table::from_iter([
            ("text".to_owned(), toml::Value::from(PUBLISHED)),
            ("rate".to_owned(), toml::Value::from(PUBLISHED_RATE)),
            ("unit".to_owned(), toml::Value::from(district)),
        ]);
        projector.insert("headline".to_owned(), headline.into());
        let config = layout.write("motcua-projector", &toml::to_string(&projector)?)?;
        services.push(Service {
            name: "motcua-projector",
            config,
        });
        Ok(services)
    }
}

/// An address for the page: the wished one if it is free, or any free one.
fn free_address(wished: Option<SocketAddr>) -> anyhow::Result<SocketAddr> {
    let address = wished.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
    let listener = TcpListener::bind(address).with_context(|| {
        format!("serving the page at {address}: free the address, or name another with --http")
    })?;
    Ok(listener.local_addr()?)
}
