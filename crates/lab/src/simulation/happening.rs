//! What may happen in the province, and what reaches a node.

use std::sync::Arc;

use exchange::inflow::Question;
use exchange::outflow::Seen;
use exchange::parcel::Parcel;

use super::broker::Delivery;
use super::mail::Said;
use super::network::Node;
use super::post::Ask;

/// Something that happens.
#[derive(Debug)]
pub(super) enum Happening {
    AtBroker {
        from: Node,
        life: u64,
        ask: Arc<Ask>,
    },
    AtNode {
        to: Node,
        life: u64,
        word: Arc<Word>,
    },
    AtDesk {
        unit: Node,
        command: usize,
    },
    AtCaller {
        unit: Node,
        command: usize,
        said: Said,
    },
    /// Something in outflow or inflow is due.
    Due(Node, u64),
    Think(Node, u64),
    Synced(Node, u64),
    Announce(Node, u64),
    /// The journal had so many entries a while ago.
    Quiet(Node, u64, u64),
    Beat(Node, u64),
    Tick(Node, u64),
    Start(Node, u64),
    /// A restored unit asks what others know of it.
    Search(Node, u64),
    /// A disk is lost, as soon as everything on it is known elsewhere.
    Lose {
        place: usize,
        node: Node,
    },
    /// Power fails, of one machine or of all.
    Cut {
        node: Node,
        life: u64,
        everywhere: bool,
    },
    /// A process is told to end in order.
    Stop(Node, u64),
    /// A consumer may have to deliver again.
    Again(String),
    /// An officer looks for something to do.
    Officer(usize),
    /// A caller has waited for an answer to this asking.
    Impatient {
        command: usize,
        asked: u32,
    },
    Begins(usize),
    Ends(usize),
}

/// What reaches a node.
#[derive(Debug)]
pub(super) enum Word {
    Streams {
        number: u64,
        seen: Seen,
    },
    Confirmed {
        ticket: u64,
        number: u64,
    },
    NoStream {
        ticket: u64,
    },
    Delivery(Delivery),
    Checkpoint(Arc<Parcel>),
    Question {
        from: Node,
        life: u64,
        number: u64,
        question: Question,
    },
    Page {
        number: u64,
        body: Result<Vec<u8>, (u16, String)>,
    },
    Nobody {
        number: u64,
    },
    Alive {
        session: u64,
    },
}
