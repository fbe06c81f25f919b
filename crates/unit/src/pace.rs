//! How fast one officer may send: a program that runs wild under one name must not keep the others from
//! their desk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dossier::ids::OfficerId;
use tokio::time::Instant;

use crate::answer::Refused;

/// Somebody who was quiet may send as much at once as is theirs in this time.
const BURST: Duration = Duration::from_secs(10);

/// Officers that are remembered at once; before there are more, those who were quiet are forgotten.
const REMEMBERED_MAX: usize = 4_096;

/// The pace of a unit's officers; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    per_second: u32,
    /// When what an officer has sent will have been theirs to send.
    owed: Arc<Mutex<BTreeMap<OfficerId, Instant>>>,
}

impl Pace {
    /// So many requests of one officer in a second, on average; at least one.
    pub(crate) fn of(per_second: u32) -> Self {
        Self {
            per_second: per_second.max(1),
            owed: Arc::default(),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// The refusal of one that came too soon; it is not counted.
    pub(crate) fn keep(&self, officer: &OfficerId) -> Result<(), Refused> {
        let now = Instant::now();
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        if owed.len() >= REMEMBERED_MAX {
            owed.retain(|_, until| *until > now);
        }
        let until = owed.get(officer).map_or(now, |until| now.max(*until));
        if until - now > BURST {
            return Err(Refused {
                code: "officer.too_fast".into(),
                message: format!(
                    "{officer} gửi quá {} yêu cầu mỗi giây; yêu cầu này chưa được ghi nhận, xin gửi lại sau \
                     giây lát",
                    self.per_second
                ),
                rule: "Quy tắc của hệ thống: một cán bộ không được làm nghẽn bàn làm việc của người khác \
                       (officer_requests_per_second)"
                    .into(),
            });
        }
        owed.insert(
            officer.clone(),
            until + Duration::from_secs(1) / self.per_second,
        );
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn officer(id: &str) -> OfficerId {
        OfficerId::parse(id).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn one_officer_who_sends_without_end_is_held_back_and_the_others_are_not() {
        let pace = Pace::of(20);
        let wild = officer("cb-01");
        let taken = (0..1_000).filter(|_| pace.keep(&wild).is_ok()).count();
        assert_eq!(
            taken, 201,
            "ten seconds' worth, and the one that begins the next"
        );
        let refused = pace.keep(&wild).unwrap_err();
        assert_eq!(
            (refused.code.as_str(), refused.http_code()),
            ("officer.too_fast", 429)
        );
        assert!(
            refused.message.contains("20 yêu cầu mỗi giây"),
            "{refused:?}"
        );
        pace.keep(&officer("cb-02")).unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
        let taken = (0..1_000).filter(|_| pace.keep(&wild).is_ok()).count();
        assert_eq!(taken, 20);
    }

    #[tokio::test(start_paused = true)]
    async fn names_without_end_take_no_memory_without_end() {
        let pace = Pace::of(1_000_000);
        for number in 0..3 * REMEMBERED_MAX {
            pace.keep(&officer(&format!("cb-{number}"))).unwrap();
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(pace.owed.lock().unwrap().len() <= REMEMBERED_MAX);
    }
}
