//! Putting questions to other units, and passing on their answers.

use async_nats::Client;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;

use crate::inflow::Question;
use crate::log::{self, LogError, Page};
use crate::subject::UnitToken;

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
        self.open.push(Box::pin(
            async move { (number, ask(&client, &question).await) },
        ));
    }

    /// The next answer; waits for ever while nothing is open.
    pub(super) async fn next(&mut self) -> Answered {
        match self.open.next().await {
            Some(answered) => answered,
            None => std::future::pending().await,
        }
    }
}

async fn ask(client: &Client, question: &Question) -> Result<Page, LogError> {
    let origin = UnitToken::parse(question.origin()).map_err(|error| LogError::Away {
        unit: question.origin().to_owned(),
        reason: error.to_string(),
    })?;
    match question {
        Question::Links {
            to,
            from_link,
            limit,
            ..
        } => log::read_links(client, &origin, to, *from_link, *limit).await,
        Question::Sequences {
            from_sequence,
            limit,
            ..
        } => log::read_sequences(client, &origin, *from_sequence, *limit).await,
        Question::Held { .. } => Err(LogError::Away {
            unit: origin.to_string(),
            reason: "no holder".to_owned(),
        }),
    }
}
