//! The portal as an HTTP server that fails now and then, each time in another way.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use portal::partner::Partner;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::receiver::Receiver;

/// How it behaves.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// Of a hundred calls, so many fail.
    pub failing: u32,
    /// Calls about these dossiers break it.
    pub breaks_on: Vec<String>,
    /// It takes no row with these words.
    pub refuses: Option<String>,
    /// It lets nobody in who has no such session.
    pub session: Option<String>,
}

struct Inner {
    receiver: Receiver,
    manners: Manners,
    chance: ChaCha8Rng,
    partner: Partner,
    calls: usize,
}

/// The server and what it was told.
#[derive(Clone)]
pub struct StandIn(Arc<Mutex<Inner>>);

enum Answer {
    Now(Response),
    Never,
}

impl StandIn {
    pub fn new(seed: u64, manners: Manners, partner: Partner) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            receiver: Receiver::default(),
            manners,
            chance: ChaCha8Rng::seed_from_u64(seed),
            partner,
            calls: 0,
        })))
    }

    /// Listens on an address; port 0 takes a free one.
    pub async fn listen(&self, address: &str) -> (SocketAddr, JoinHandle<()>) {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new()
            .route("/", post(called))
            .with_state(self.clone());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (address, task)
    }

    pub fn manners(&self, manners: Manners) {
        self.0.lock().unwrap().manners = manners;
    }

    /// How many calls came.
    pub fn calls(&self) -> usize {
        self.0.lock().unwrap().calls
    }

    /// Looks at what it was told.
    pub fn told<T>(&self, look: impl FnOnce(&Receiver) -> T) -> T {
        look(&self.0.lock().unwrap().receiver)
    }

    fn answer(&self, body: &[u8]) -> Answer {
        let mut inner = self.0.lock().unwrap();
        let inner = &mut *inner;
        inner.calls += 1;
        let now =
            |status: StatusCode, body: &str| Answer::Now((status, body.to_owned()).into_response());
        let Ok(call) = serde_json::from_slice::<Value>(body) else {
            inner.receiver.broken.push("no JSON".to_owned());
            return now(StatusCode::BAD_REQUEST, "");
        };
        let manners = &inner.manners;
        if manners
            .session
            .as_ref()
            .is_some_and(|session| call["session"] != **session)
        {
            return now(StatusCode::UNAUTHORIZED, "");
        }
        let about = |code: &String| call["data"][0]["MaHoSo"] == **code;
        if manners.breaks_on.iter().any(about) {
            return now(StatusCode::INTERNAL_SERVER_ERROR, "<html>lỗi</html>");
        }
        let text = call.to_string();
        if manners
            .refuses
            .as_ref()
            .is_some_and(|words| text.contains(words))
        {
            return now(
                StatusCode::OK,
                r#"{"error_code":"12","message":"Sai nội dung"}"#,
            );
        }
        let fails = inner.chance.gen_range(0..100) < manners.failing;
        let mut take = || inner.receiver.take(&call, &inner.partner).to_string();
        if !fails {
            return now(StatusCode::OK, &take());
        }
        match inner.chance.gen_range(0..6) {
            0 => now(StatusCode::INTERNAL_SERVER_ERROR, ""),
            1 => now(StatusCode::BAD_GATEWAY, "<html>502</html>"),
            // It takes the message in and never says so.
            2 => {
                take();
                Answer::Never
            }
            3 => {
                take();
                now(StatusCode::GATEWAY_TIMEOUT, "")
            }
            4 => now(StatusCode::OK, "<html>Bảo trì hệ thống</html>"),
            _ => Answer::Never,
        }
    }
}

async fn called(State(portal): State<StandIn>, body: Bytes) -> Response {
    match portal.answer(&body) {
        Answer::Now(response) => response,
        Answer::Never => std::future::pending().await,
    }
}
