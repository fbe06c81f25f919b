//! What is said at the end: the projector's table beside the players' tally, and the two digests.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use async_nats::Client;
use calendar::Moment;
use catalogue::{Catalogue, Level};
use envelope::Checkpoint;
use exchange::subject::{self, CLOCK};
use projector::answer::{Body, Comparison, Summary};
use serde_json::{Value, json};
use workload::player::Player;

use super::quarter::Quarter;
use super::{Ended, PUBLISHED_RATE, comparison, table};
use crate::say;

/// How long the projector may take to catch up after the last event.
const CATCH_UP: Duration = Duration::from_secs(120);

/// What the projector says of the quarter.
pub(super) struct Report {
    by_unit: Summary,
    by_unit_and_field: Summary,
    digest: Comparison,
}

impl Report {
    /// Asks the projector, once it has caught up with every unit.
    pub(super) async fn of(
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

    pub(super) fn print(
        &self,
        player: &Player,
        quarter: &Quarter,
        catalogue: &Catalogue,
    ) -> anyhow::Result<Ended> {
        say(format_args!(
            "\n{}",
            table::of(&self.by_unit, &self.by_unit_and_field)
        ))?;
        let tally = player.tally(player.workload().ends_at);
        let differences = comparison::differences(&tally, &self.by_unit_and_field);
        let district = catalogue.units().find(|unit| unit.level == Level::District);
        let measured = self.by_unit.groups.iter().find(|group| {
            let unit = group.key.get(&projector::query::Dimension::Unit);
            district.is_some_and(|district| unit.is_some_and(|unit| unit == district.id.as_str()))
        });
        let rate = measured.and_then(|group| table::rate(&group.figures));
        say(format_args!(
            "Tỷ lệ đúng hạn cấp huyện: đo được {} %, đã công bố {} %",
            rate.map_or_else(|| "–".into(), table::percent),
            table::percent(PUBLISHED_RATE)
        ))?;
        for fault in quarter.faults.iter().take(20) {
            say(format_args!("  ! {fault}"))?;
        }
        for difference in differences.iter().take(20) {
            say(format_args!("  ! {difference}"))?;
        }
        if quarter.overtaken > 0 {
            say(format_args!(
                "{} việc đã được giải quyết trước khi cán bộ kịp làm",
                quarter.overtaken
            ))?;
        }
        let tallied = differences.is_empty();
        say(format_args!(
            "Đối chiếu với sổ của người đóng vai: {}",
            if tallied {
                "khớp".into()
            } else {
                format!("{} chỗ lệch", differences.len())
            }
        ))?;
        say(format_args!(
            "Dấu của trạng thái: đang chạy {}, dựng lại {} — {}",
            self.digest.live,
            self.digest.rebuilt,
            if self.digest.equal { "trùng" } else { "KHÁC" }
        ))?;
        let took = quarter.elapsed().as_secs_f64();
        say(format_args!(
            "{} sự kiện trong {took:.0} s, {:.0} sự kiện/s",
            quarter.events,
            quarter.events as f64 / took
        ))?;
        Ok(
            if tallied && self.digest.equal && quarter.faults.is_empty() {
                Ended::Agreed
            } else {
                Ended::Differed
            },
        )
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
