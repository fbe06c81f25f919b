//! `motcua demo`: the first quarter of 2018 at huyện Châu Thành (Kiên Giang), end to end: a broker,
//! the services of the district, its communes and the agencies behind them, the projector, and a
//! generator that plays officers and citizens. It ends with the on-time table, the tally check, and
//! the page in the browser.

mod comparison;
pub(crate) mod configuration;
pub(crate) mod processes;
mod progress;
mod quarter;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_nats::Client;
use calendar::{Calendar, Moment};
use catalogue::{Catalogue, Level};
use clap::Args;
use dossier::ids::UnitId;
use envelope::Checkpoint;
use exchange::broker::{Broker, BrokerConfig, find_or_install};
use exchange::connect::{Connection, Patience, connect};
use exchange::feed::Feed;
use exchange::settings::Timing;
use exchange::stream::StreamSettings;
use exchange::subject::{self, CLOCK};
use projector::answer::{Body, Comparison, Summary};
use serde_json::{Value, json};
use tokio::sync::watch;
use unit::identity;
use workload::player::Player;
use workload::settings::QuarterSettings;
use workload::workload::Workload;

use configuration::{Layout, PROJECTOR};
use processes::{Service, Supervisor};
use progress::Progress;
use quarter::Quarter;

/// The on-time rate that the district published for the quarter, in hundredths of a percent.
const PUBLISHED_RATE: i64 = 9_958;
/// Where it was published.
const PUBLISHED: &str = "UBND huyện Châu Thành, quý I/2018: 11.452 hồ sơ, đúng hạn 99,58 %";
/// Marks a directory as one that a demonstration may clear.
const MARK: &str = ".motcua-demo";
/// How long the projector may take to catch up after the last event.
const CATCH_UP: Duration = Duration::from_secs(120);

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
struct Verdict {
    agrees: bool,
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let verdict = crate::runtime()?.block_on(self.play())?;
        Ok(if verdict.agrees {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn play(self) -> anyhow::Result<Verdict> {
        let deploy = self.deploy.canonicalize().with_context(|| {
            format!("finding the registers in {}: run this in the project's own directory, or name them with --deploy", self.deploy.display())
        })?;
        let dir = cleared(&self.dir)?;
        let build = dir.parent().unwrap_or(&dir).to_owned();
        let broker = Broker::start(BrokerConfig::new(
            find_or_install(&build)?,
            dir.join("broker"),
        ))
        .await?;
        let layout = Layout::under(&dir, &deploy, &broker.url());
        let catalogue = Catalogue::load(&layout.registers, &layout.profile)?;
        let calendar = Calendar::published();
        let settings = QuarterSettings::load(&layout.profile)?;
        let workload = Workload::new(self.seed, &catalogue, calendar, &settings, self.dossiers)?;
        let dossiers = workload.plans.len() as u64;
        let mut player = Player::new(workload);
        let units: Vec<UnitId> = catalogue.units().map(|unit| unit.id.clone()).collect();

        let page = self.http.map_or_else(free_address, Ok)?;
        let services = self.configure(&layout, &catalogue, quarter::begins_at(&player), page)?;
        let supervisor = Supervisor::start(broker, services, &dir)?;
        println!(
            "Một Cửa: {} đơn vị, {dossiers} hồ sơ, hạt giống {}",
            units.len(),
            self.seed
        );
        println!(
            "  trang   http://{page}/\n  NATS    {}\n  nhật ký {}",
            layout.nats,
            dir.display()
        );

        let connection = connect(
            &layout.nats,
            "demo",
            Patience::Within(Duration::from_secs(10)),
        )
        .await?;
        let (stop, stopped) = watch::channel(false);
        let keys = Arc::new(identity::read_register(&layout.keys())?);
        let timing = Timing {
            checkpoint: Duration::from_secs(2),
            ..Timing::default()
        };
        let (feed, fed) = Feed::new(
            connection.clone(),
            "demo",
            keys,
            StreamSettings::default(),
            timing,
            BTreeMap::new(),
        );
        let feeding = tokio::spawn(feed.run(stopped));
        let mut quarter = Quarter::new(connection.client.clone(), fed, Progress::towards(dossiers));
        let heads = quarter.play(&mut player, &units).await?;

        let end = player.workload().ends_at;
        let report = Report::of(&connection.client, &heads, end).await?;
        let verdict = report.print(&player, &quarter, &catalogue);
        if std::io::stdin().is_terminal() {
            println!("\nTrang vẫn mở tại http://{page}/ cho đến khi bấm Ctrl-C.");
            serve_until_interrupted(&connection, end).await?;
        }
        stop.send_replace(true);
        drop(quarter);
        feeding.await.context("the feed ended badly")?;
        supervisor.stop().await?;
        Ok(verdict)
    }

    /// Keys and configuration files of all services.
    fn configure(
        &self,
        layout: &Layout,
        catalogue: &Catalogue,
        from: Moment,
        page: SocketAddr,
    ) -> anyhow::Result<Vec<Service>> {
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
            ("http", page.to_string()),
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

/// What the projector says of the quarter.
struct Report {
    by_unit: Summary,
    by_unit_and_field: Summary,
    digest: Comparison,
}

impl Report {
    /// Asks the projector, once it has caught up with every unit.
    async fn of(
        client: &Client,
        heads: &BTreeMap<String, Checkpoint>,
        end: Moment,
    ) -> anyhow::Result<Self> {
        // The last instant of the quarter: what is open and overdue is judged there.
        client
            .publish(CLOCK, json!({ "now": end }).to_string().into())
            .await?;
        let at_least: Vec<Value> = heads
            .values()
            .map(
                |head| json!({ "unit": head.unit, "epoch": head.epoch, "sequence": head.sequence }),
            )
            .collect();
        let summary = |group_by: Value| json!({ "group_by": group_by, "at_least": at_least });
        let caught_up = async {
            loop {
                client
                    .publish(CLOCK, json!({ "now": end }).to_string().into())
                    .await?;
                match ask(client, "summary", &summary(json!(["unit"]))).await {
                    Ok(answer) if answer.stale.is_empty() && answer.now == end => {
                        return Ok(answer);
                    }
                    Ok(_) => {}
                    Err(error) => tracing::warn!("{error:#}"),
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let by_unit: anyhow::Result<projector::Answer> = tokio::time::timeout(CATCH_UP, caught_up)
            .await
            .with_context(|| {
                format!(
                    "the projector did not catch up within {} s",
                    CATCH_UP.as_secs()
                )
            })?;
        let Body::Summary(by_unit) = by_unit?.body else {
            anyhow::bail!("the projector answered something else")
        };
        let fields = ask(client, "summary", &summary(json!(["unit", "field"]))).await?;
        let Body::Summary(by_unit_and_field) = fields.body else {
            anyhow::bail!("the projector answered something else")
        };
        let rebuilt = ask(client, "rebuild", &json!({})).await?;
        let (Body::Rebuild(digest) | Body::Digest(digest)) = rebuilt.body else {
            anyhow::bail!("the projector answered something else")
        };
        Ok(Self {
            by_unit,
            by_unit_and_field,
            digest,
        })
    }

    fn print(&self, player: &Player, quarter: &Quarter, catalogue: &Catalogue) -> Verdict {
        println!("\n{}", table::of(&self.by_unit, &self.by_unit_and_field));
        let tally = player.tally(player.workload().ends_at);
        let differences = comparison::differences(&tally, &self.by_unit_and_field);
        let district = catalogue.units().find(|unit| unit.level == Level::District);
        let measured = self.by_unit.groups.iter().find(|group| {
            let unit = group.key.get(&projector::query::Dimension::Unit);
            district.is_some_and(|district| unit.is_some_and(|unit| unit == district.id.as_str()))
        });
        let rate = measured.and_then(|group| table::rate(&group.figures));
        println!(
            "Tỷ lệ đúng hạn cấp huyện: đo được {} %, đã công bố {} %",
            rate.map_or_else(|| "–".into(), table::percent),
            table::percent(PUBLISHED_RATE)
        );
        for fault in quarter.faults.iter().take(20) {
            println!("  ! {fault}");
        }
        for difference in differences.iter().take(20) {
            println!("  ! {difference}");
        }
        if quarter.overtaken > 0 {
            println!(
                "{} việc đã được giải quyết trước khi cán bộ kịp làm",
                quarter.overtaken
            );
        }
        let tallied = differences.is_empty();
        println!(
            "Đối chiếu với sổ của người đóng vai: {}",
            if tallied {
                "khớp".into()
            } else {
                format!("{} chỗ lệch", differences.len())
            }
        );
        println!(
            "Dấu của trạng thái: đang chạy {}, dựng lại {} — {}",
            self.digest.live,
            self.digest.rebuilt,
            if self.digest.equal { "trùng" } else { "KHÁC" }
        );
        let took = quarter.elapsed().as_secs_f64();
        println!(
            "{} sự kiện trong {took:.0} s, {:.0} sự kiện/s",
            quarter.events,
            quarter.events as f64 / took
        );
        Verdict {
            agrees: tallied && self.digest.equal && quarter.faults.is_empty(),
        }
    }
}

async fn ask(client: &Client, query: &str, question: &Value) -> anyhow::Result<projector::Answer> {
    let subject = subject::query(query)?;
    let answer = client
        .request(subject.clone(), question.to_string().into())
        .await
        .with_context(|| format!("asking the projector on {subject}"))?;
    serde_json::from_slice(&answer.payload).with_context(|| {
        format!(
            "the projector's answer on {subject}: {}",
            String::from_utf8_lossy(&answer.payload)
        )
    })
}

async fn serve_until_interrupted(connection: &Connection, now: Moment) -> anyhow::Result<()> {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    let interrupted = unit::run::terminated();
    tokio::pin!(interrupted);
    loop {
        tokio::select! {
            ended = &mut interrupted => return ended,
            _ = every.tick() => connection.client.publish(CLOCK, json!({ "now": now }).to_string().into()).await?,
        }
    }
}

/// An empty directory for a run. Only a directory that a run made is ever cleared.
fn cleared(dir: &Path) -> anyhow::Result<PathBuf> {
    let shown = dir.display();
    if dir.exists() {
        let ours = dir.join(MARK).exists()
            || dir
                .read_dir()
                .with_context(|| format!("reading {shown}"))?
                .next()
                .is_none();
        anyhow::ensure!(
            ours,
            "{shown} holds something else than an earlier run: name another directory with --dir"
        );
        fs::remove_dir_all(dir).with_context(|| format!("clearing {shown}"))?;
    }
    fs::create_dir_all(dir).with_context(|| format!("creating {shown}"))?;
    fs::write(dir.join(MARK), "").with_context(|| format!("writing into {shown}"))?;
    dir.canonicalize()
        .with_context(|| format!("finding {shown}"))
}

fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("finding a free port for the page")?;
    Ok(listener.local_addr()?)
}
