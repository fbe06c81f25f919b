//! Taking in what an origin, or whoever holds its events, gave to fill a gap.

use std::time::Duration;

use tracing::warn;

use super::gaps::Asked;
use super::held::{Held, What};
use super::judge::Judged;
use super::{Inflow, Scope};
use crate::log::{LogError, Page};
use crate::order::Line;

impl<T> Inflow<T> {
    /// Takes in the answer to question `number`. One that never came is answered with
    /// [`LogError::Away`].
    pub fn answered(&mut self, number: u64, answer: Result<Page, LogError>, now: Duration) {
        let Some(asked) = self.gaps.answered(number) else {
            return;
        };
        let line = &asked.line;
        // Events certify themselves, and each has its place in its origin's numbering; on a line
        // to one unit only the origin knows the numbers.
        let others = matches!(self.scope, Scope::Feed);
        let page = match answer {
            Ok(page) if line.epoch.is_none_or(|epoch| epoch == page.epoch) => page,
            Ok(page) => {
                warn!(line = line.origin, asked.first, epoch = ?line.epoch, found = %page.epoch,
                    "the epoch in which events are missing was not answered for");
                return self.gaps.failed(&asked, others, now);
            }
            Err(error) => {
                warn!(line = line.origin, asked.first, %error, "a gap could not be filled yet");
                return self.gaps.failed(&asked, others, now);
            }
        };
        if !asked.holder {
            self.heard.insert(line.origin.clone(), now);
        }
        let is_end = page.events.is_empty() && page.skipped_to.is_none() && !page.more;
        self.enter(&asked, page);
        if is_end && !asked.holder {
            self.order.unknow(line);
        }
        if self.order.next(line) > asked.first {
            self.gaps.filled(line, now);
        } else {
            self.gaps.failed(&asked, others, now);
        }
    }

    fn enter(&mut self, asked: &Asked, page: Page) {
        let line = &asked.line;
        let mut position = asked.first;
        if let Some(skipped) = page.skipped_to.filter(|skipped| *skipped >= position)
            && !asked.holder
        {
            position = skipped.saturating_add(1);
            self.skip(line, skipped);
        }
        for event in page.events {
            position = event.link.unwrap_or(position).max(asked.first);
            let Judged { place, verdict } =
                self.judge.page_event(&self.scope, line, position, event);
            position = position.saturating_add(1);
            let Some((line, position)) = place else {
                continue;
            };
            let what = match verdict {
                Ok(fit) => What::Fit(fit.signed),
                Err(unfit) => {
                    let (from, reason) = (&unfit.from, &unfit.reason);
                    warn!(from, position, reason, "an unfit event was given");
                    if asked.holder {
                        // Only the origin itself can say that it has nothing better.
                        continue;
                    }
                    What::Unfit(unfit)
                }
            };
            self.know_line(&line);
            let held = Held {
                place: Some((line.clone(), position)),
                token: None,
                what,
            };
            self.put(&line, position, held);
        }
    }

    /// The origin says that the numbers up to `last` carry nothing.
    fn skip(&mut self, line: &Line, last: u64) {
        let first = self.order.next(line);
        if first <= last {
            self.recorded.skip(line, first, last);
            self.ready.extend(self.order.skip(line, last));
        }
    }
}
