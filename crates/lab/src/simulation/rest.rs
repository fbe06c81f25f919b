//! Rest: when every fault is healed and nothing is on its way, and who is still waiting when not.

use std::time::Duration;

use super::world::World;

/// Between two looks whether everyone is at rest.
const LOOKS_EVERY: Duration = Duration::from_secs(1);
/// By when everyone has to be at rest once the last fault is over.
const REST_MAX: Duration = Duration::from_secs(1_800);

impl World {
    /// Waits until nothing is on its way any more; gives how long that took.
    ///
    /// # Errors
    /// Who is not at rest after far more than enough time.
    pub(super) fn come_to_rest(&mut self) -> Result<Duration, String> {
        let from = self.agenda.now();
        let mut until = from;
        loop {
            let waiting = self.waiting();
            let Some(first) = waiting.first() else {
                return Ok(until - from);
            };
            if until - from >= REST_MAX {
                return Err(format!(
                    "not at rest after {REST_MAX:?}: {}",
                    waiting.join("; ")
                ));
            }
            self.trace
                .tell(self.agenda.now(), || format!("  waits: {first}"));
            until += LOOKS_EVERY;
            self.run(until);
            if !self.wrong.is_empty() {
                return Ok(until - from);
            }
        }
    }

    /// Everything that is still under way.
    fn waiting(&self) -> Vec<String> {
        let mut waiting = Vec::new();
        let now = self.agenda.now();
        let open = self.callers.open();
        if open > 0 {
            waiting.push(format!("{open} commands are not answered"));
        }
        if !self.backups.is_empty() {
            waiting.push("a backup waits to be restored".to_owned());
        }
        for (place, desk) in self.places.iter().zip(&self.desks) {
            let name = place.name;
            let Some(living) = desk else {
                waiting.push(format!("{name} is not running"));
                continue;
            };
            let size = living.journal.size();
            let published = living.post.published(now).unwrap_or(size);
            if published < size {
                waiting.push(format!("{name} published {published} of {size} entries"));
            }
            if !living.is_idle() {
                waiting.push(format!("{name} has not done with what came"));
            }
            for (other, sender) in self.places.iter().zip(&self.desks) {
                let sent = sender.as_ref().map_or(0, |s| s.journal.last_link(name));
                let received = living.journal.received_position(other.name);
                // What a restore skipped at the end of a line carries nothing that could come.
                let skipped = sender
                    .as_ref()
                    .and_then(|s| s.journal.skipped(name, received + 1));
                let received = skipped.unwrap_or(received);
                if received < sent {
                    let from = other.name;
                    waiting.push(format!("{name} received {received} of {sent} from {from}"));
                }
            }
        }
        match &self.reader {
            None => waiting.push("the projector is not running".to_owned()),
            Some(reading) => {
                if !reading.is_idle() {
                    waiting.push("the projector has not done with what came".to_owned());
                }
                let state = reading.projector.state();
                for (place, desk) in self.places.iter().zip(&self.desks) {
                    let Some(living) = desk else { continue };
                    let last = living.journal.last_sequence();
                    let key = (place.id.clone(), living.journal.epoch());
                    let heard = state.positions().get(&key).map_or(0, |p| p.sequence);
                    if heard < last {
                        let name = place.name;
                        waiting.push(format!("the projector heard {heard} of {last} of {name}"));
                    }
                }
            }
        }
        waiting
    }
}
