//! What may go wrong in a run, by name, and when it does.

use std::time::Duration;

use super::chance::Chance;
use super::network::Node;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Messages are lost and carried twice.
    LossyLines,
    /// Messages take long, and overtake one another.
    LateMessages,
    /// A unit is cut off from the broker and knows it.
    CutLine,
    /// A line swallows everything, and nobody is told.
    HalfOpenLine,
    /// The broker is down.
    BrokerDown,
    /// The broker comes back with an empty store.
    BrokerWiped,
    /// The broker comes back with an older copy of its store.
    BrokerSetBack,
    /// Messages in the broker's store are damaged, and some are lost as soon as they are confirmed.
    BrokerRots,
    /// The broker lets go of everything that it stored, as it does by age.
    BrokerForgets,
    /// A consumer delivers nothing and looks well.
    ConsumerSilent,
    /// A consumer is deleted under its reader's feet.
    ConsumerGone,
    /// Power of one unit fails: what it had not synced is gone.
    PowerCut,
    /// Power of everyone fails at once.
    PowerCutEverywhere,
    /// Every process is stopped and started, one after the other.
    RollingRestart,
    /// A disk is lost, and the unit's journal restored from a backup made some time before.
    OldBackup,
    /// Power of the projector fails.
    ProjectorPowerCut,
    /// A disk takes long.
    SlowDisk,
    /// A disk is full: the process ends at every try to write.
    DiskFull,
    /// A unit's clock jumps.
    ClockSkew,
    /// Messages of strangers, garbage and forgeries.
    Strangers,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 20] = [
        Self::LossyLines,
        Self::LateMessages,
        Self::CutLine,
        Self::HalfOpenLine,
        Self::BrokerDown,
        Self::BrokerWiped,
        Self::BrokerSetBack,
        Self::BrokerRots,
        Self::BrokerForgets,
        Self::ConsumerSilent,
        Self::ConsumerGone,
        Self::PowerCut,
        Self::PowerCutEverywhere,
        Self::RollingRestart,
        Self::OldBackup,
        Self::ProjectorPowerCut,
        Self::SlowDisk,
        Self::DiskFull,
        Self::ClockSkew,
        Self::Strangers,
    ];

    /// Its name on the command line and in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LossyLines => "lossy_lines",
            Self::LateMessages => "late_messages",
            Self::CutLine => "cut_line",
            Self::HalfOpenLine => "half_open_line",
            Self::BrokerDown => "broker_down",
            Self::BrokerWiped => "broker_wiped",
            Self::BrokerSetBack => "broker_set_back",
            Self::BrokerRots => "broker_rots",
            Self::BrokerForgets => "broker_forgets",
            Self::ConsumerSilent => "consumer_silent",
            Self::ConsumerGone => "consumer_gone",
            Self::PowerCut => "power_cut",
            Self::PowerCutEverywhere => "power_cut_everywhere",
            Self::RollingRestart => "rolling_restart",
            Self::OldBackup => "old_backup",
            Self::ProjectorPowerCut => "projector_power_cut",
            Self::SlowDisk => "slow_disk",
            Self::DiskFull => "disk_full",
            Self::ClockSkew => "clock_skew",
            Self::Strangers => "strangers",
        }
    }

    /// The fault of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }
}

/// The names of all faults.
pub const FAULTS: [&str; Fault::ALL.len()] = {
    let mut names = [""; Fault::ALL.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = Fault::ALL[place].name();
        place += 1;
    }
    names
};

/// A fault at its time and place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    pub(super) fault: Fault,
    pub(super) begins: Duration,
    pub(super) ends: Duration,
    pub(super) at: Node,
}

/// Most faults of one run.
const FAULTS_MAX: usize = 7;
/// How long a fault lasts, and how long one in six does: longer than a message waits for its
/// acknowledgement, and longer than the broker remembers the ids of messages.
const LASTS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(25));
const LASTS_LONG: (Duration, Duration) = (Duration::from_secs(25), Duration::from_secs(200));

/// Draws what goes wrong within `load`, at nodes below `nodes`: a mix, or one fault alone.
pub(super) fn plan(
    only: Option<Fault>,
    nodes: usize,
    load: Duration,
    chance: &mut Chance,
) -> Vec<Planned> {
    let most = if only.is_some() { 3 } else { FAULTS_MAX };
    let count = 1 + chance.below(most);
    let mut plan: Vec<Planned> = Vec::with_capacity(count);
    for _ in 0..count {
        let drawn = chance.one_of(&Fault::ALL).copied();
        let Some(fault) = only.or(drawn) else {
            continue;
        };
        let begins = chance.between(Duration::from_secs(1), load);
        let (least, most) = if chance.per_mille(160) {
            LASTS_LONG
        } else {
            LASTS
        };
        let lasts = chance.between(least, most);
        let at = chance.below(nodes);
        plan.push(Planned {
            fault,
            begins,
            ends: begins + lasts,
            at,
        });
    }
    plan
}
