//! Putting questions to other units, and passing on their answers.

use async_nats::Client;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;

use crate::inflow::Question;
use crate::log::{self, LogError, Page};

/// The answer to the question of this number.
pub(super) type Answered = (u64, Result<Page, LogError>);

/// The questions that are open.
pub(super) struct Asking {
    client: Client,
    open: FuturesUnordered<BoxFuture<'static, Answered>>,
}

impl Asking {
    pub(super) fn new(client: Client) -> Asking {
        Asking {
            client,
            open: FuturesUnordered::new(),
        }
    }

    pub(super) fn ask(&mut self, number: u64, question: Question) {
        let client = self.client.clone();
        self.open.push(Box::pin(async move {
            (number, log::ask(&client, &question).await)
        }));
    }

    /// The next answer; waits for ever while nothing is open.
    pub(super) async fn next(&mut self) -> Answered {
        match self.open.next().await {
            Some(answered) => answered,
            None => std::future::pending().await,
        }
    }
}
