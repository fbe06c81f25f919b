//! What an officer who looks at a dossier may do next: mostly what carries it on, now and then
//! something that is refused.

use calendar::Moment;
use chrono::TimeDelta;
use dossier::dossier::Dossier;
use dossier::ids::{StepKey, UnitId};
use dossier::promise::Wait;
use dossier::route::Standing;
use serde_json::{Value, json};

use super::chance::Chance;
use super::town::Offer;

/// A command's name and fields.
pub(super) type Deed = (&'static str, Value);

/// Takes a dossier in.
pub(super) fn receive(offer: &Offer, chance: &mut Chance) -> Deed {
    let papers: Vec<Value> = (1..=offer.papers)
        .map(|paper| json!({ "paper": paper, "verdict": "original" }))
        .collect();
    let channel = if chance.per_mille(200) {
        "post"
    } else {
        "direct"
    };
    let data = json!({
        "procedure": offer.code,
        "channel": channel,
        "applicant": { "key": chance.id(), "box": "bWF0" },
        "papers": papers,
        "at_once": offer.at_once && chance.per_mille(300),
    });
    ("receive", data)
}

/// Declares a day off after the calendar was published.
pub(super) fn declare(chance: &mut Chance) -> Deed {
    let date = format!("2018-01-{:02}", 8 + chance.below(12));
    let data = json!({
        "days": [{ "date": date, "kind": "holiday", "name": "Nghỉ theo thông báo" }],
        "basis": "Thông báo 1/TB",
        "published_on": "2018-01-02",
    });
    ("declare_days", data)
}

/// What `me` may do about the dossier as it knows it; none when it has nothing to do.
pub(super) fn next(
    dossier: &Dossier,
    me: &UnitId,
    elsewhere: &UnitId,
    now: Moment,
    chance: &mut Chance,
) -> Option<Deed> {
    let mut deeds: Vec<Deed> = Vec::new();
    if !dossier.outcome.is_settled() {
        for (step, turns) in &dossier.walk.turns {
            if turns.last().is_some_and(|turn| turn.to == *me) {
                deeds.extend(at_work(dossier, step, me, now, chance));
            }
        }
    }
    if dossier.home == *me {
        deeds.extend(at_the_desk(dossier, elsewhere, now, chance));
    }
    if chance.per_mille(40) {
        return Some(nonsense(dossier, chance));
    }
    chance.one_of(&deeds).cloned()
}

fn at_work(
    dossier: &Dossier,
    step: &StepKey,
    me: &UnitId,
    now: Moment,
    chance: &mut Chance,
) -> Option<Deed> {
    let of = |name, data| Some((name, data));
    match dossier.standing(step) {
        Standing::Offered if chance.per_mille(100) => of(
            "decline_step",
            json!({ "step": step, "reason": "Không thuộc thẩm quyền" }),
        ),
        Standing::Offered => of("accept", json!({ "step": step })),
        Standing::Taken => match chance.below(16) {
            0 => of(
                "need_supplement",
                json!({ "step": step, "items": ["Bản sao giấy tờ"], "reason": "Hồ sơ còn thiếu" }),
            ),
            1 => of(
                "assess_obligation",
                json!({ "step": step, "amount_vnd": 1_500_000, "notice": "TB-1" }),
            ),
            2 => of(
                "ask_opinion",
                json!({ "step": step, "of": "Phòng Tư pháp", "question": "Đề nghị cho ý kiến",
                    "due_at": (now + TimeDelta::days(2)).to_rfc3339() }),
            ),
            3 => of(
                "give_opinion",
                json!({ "step": step, "opinion": 1, "summary": "Thống nhất" }),
            ),
            4 => {
                let officer = format!("cb-{}-07", me.as_str().to_ascii_lowercase());
                of("assign", json!({ "step": step, "officer": officer }))
            }
            5 => {
                let steps: Vec<&StepKey> = dossier.walk.turns.keys().collect();
                let back = chance.one_of(&steps).map_or(step, |step| step);
                of(
                    "send_back",
                    json!({ "step": step, "to_step": back, "reason": "Số liệu chưa khớp" }),
                )
            }
            6 if chance.per_mille(400) => of(
                "complete",
                json!({ "step": step, "outcome": { "rejected": "Không đủ điều kiện" } }),
            ),
            _ => of("complete", json!({ "step": step, "outcome": "approved" })),
        },
        _ => None,
    }
}

fn at_the_desk(
    dossier: &Dossier,
    elsewhere: &UnitId,
    now: Moment,
    chance: &mut Chance,
) -> Vec<Deed> {
    let outcome = &dossier.outcome;
    let mut deeds = Vec::new();
    if outcome.ready_at.or(outcome.refused_at).is_some() {
        if outcome.returned_at.is_none() {
            deeds.push(("return_result", json!({ "channel": "counter" })));
        }
        return deeds;
    }
    if outcome.withdrawn_at.is_some() && outcome.stopped_at.is_none() {
        deeds.push(("stop", json!({ "reason": "Theo đề nghị rút hồ sơ" })));
    }
    if outcome.is_settled() {
        return deeds;
    }
    let declined = dossier
        .walk
        .turns
        .iter()
        .filter(|(step, _)| dossier.standing(step) == Standing::Declined);
    for (step, turns) in declined {
        let last = turns.last().map_or(elsewhere, |turn| &turn.to);
        let to = if chance.per_mille(500) {
            elsewhere
        } else {
            last
        };
        let data = json!({ "step": step, "to": to, "reason": "Giao lại theo thẩm quyền" });
        deeds.push(("dispatch", data));
    }
    if dossier.promise.waits_for(Wait::Supplement) {
        deeds.push(("give_supplement", json!({})));
    }
    if dossier.promise.waits_for(Wait::Payment) {
        deeds.push(("confirm_payment", json!({ "voucher": "CT-1" })));
    }
    if chance.per_mille(120) {
        deeds.push(match chance.below(6) {
            0 => (
                "ask_supplement",
                json!({ "items": ["Bản chính"], "reason": "Hồ sơ còn thiếu" }),
            ),
            1 => ("withdraw", json!({ "reason": "Công dân xin rút" })),
            2 => (
                "apologise",
                json!({ "reason": "Xin lỗi và hẹn lại ngày trả kết quả",
                    "new_due_at": (now + TimeDelta::days(30)).to_rfc3339() }),
            ),
            3 => (
                "note_alias",
                json!({ "alias": { "scheme": "dvcqg", "code": format!("G{}", chance.below(9_999)) } }),
            ),
            4 => (
                "pause",
                json!({ "cause": "verification", "reason": "Thẩm tra, xác minh" }),
            ),
            _ => ("resume", json!({ "cause": "verification" })),
        });
    }
    deeds
}

/// What no officer should ask for here and now, or cannot be read at all.
fn nonsense(dossier: &Dossier, chance: &mut Chance) -> Deed {
    let steps: Vec<&StepKey> = dossier.walk.turns.keys().collect();
    let step = chance.one_of(&steps).map(|step| step.to_string());
    let step = step.unwrap_or_else(|| "no_step".to_owned());
    match chance.below(5) {
        0 => ("complete", json!({ "step": step, "outcome": "approved" })),
        1 => ("accept", json!({ "step": step })),
        2 => ("return_result", json!({ "channel": "counter" })),
        3 => ("give_supplement", json!({})),
        _ => ("accept", json!({ "unknown": 1 })),
    }
}
