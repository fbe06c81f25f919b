//! The national portal as a server that fails now and then: it holds every call against the published
//! field rules, keeps one row per dossier, and takes equal rows of progress for one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use portal::call::Service;
use portal::check;
use portal::partner::Partner;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Every so many calls one fails, each time in the next of the ways.
const FAILS_EVERY: usize = 3;

/// What it keeps of one dossier.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The dossier's message that holds.
    pub record: Value,
    /// Its rows of progress, in order of arrival.
    pub rows: Vec<Value>,
    /// Every status that it was told, in order.
    pub statuses: Vec<String>,
}

/// What the portal was told.
#[derive(Debug, Default)]
pub struct Told {
    /// By code.
    pub dossiers: BTreeMap<String, Kept>,
    /// Rules that calls broke: there must be none.
    pub broken: Vec<String>,
    /// How many calls came.
    pub calls: usize,
    /// How many of them failed.
    pub failed: usize,
}

/// The server.
#[derive(Clone)]
pub struct StandIn(Arc<Mutex<Told>>);

/// What the caller hears: a status and a body, or nothing at all.
type Answer = Option<(&'static str, String)>;

impl StandIn {
    /// Listens on a free port and says where.
    pub async fn listening() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let portal = Self(Arc::default());
        let serving = portal.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        (portal, url)
    }

    /// Looks at what it was told.
    pub fn told<T>(&self, look: impl FnOnce(&Told) -> T) -> T {
        look(&self.0.lock().unwrap())
    }

    /// Answers call after call, until the caller goes away or is let down.
    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while let Some(body) = call(&mut stream).await {
            let Some((status, body)) = self.answer(&body) else {
                return;
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let answer = [head.as_bytes(), body.as_bytes()].concat();
            if stream.write_all(&answer).await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, body: &[u8]) -> Answer {
        let mut told = self.0.lock().unwrap();
        told.calls += 1;
        let done = |answer: Value| Some(("200 OK", answer.to_string()));
        if !told.calls.is_multiple_of(FAILS_EVERY) {
            return done(told.take(body));
        }
        told.failed += 1;
        match told.failed % 4 {
            0 => Some(("500 Internal Server Error", String::new())),
            1 => {
                // It takes the message in and never says so.
                told.take(body);
                None
            }
            2 => Some(("200 OK", "<html>Bảo trì hệ thống</html>".to_owned())),
            _ => {
                told.take(body);
                Some(("504 Gateway Timeout", String::new()))
            }
        }
    }
}

/// The body of the next call; none when the caller went away.
async fn call(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(("content-length", value)) = line.split_once(':') {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

impl Told {
    fn take(&mut self, body: &[u8]) -> Value {
        let call: Value = serde_json::from_slice(body).unwrap_or_default();
        let faults = check::call(&call, &Partner::new("000.00.00.H01"));
        if !faults.is_empty() {
            self.broken.extend(faults.iter().map(ToString::to_string));
            return json!({ "error_code": "99", "message": "Dữ liệu không hợp lệ" });
        }
        let service: Service = serde_json::from_value(call["service"].clone()).unwrap();
        for message in call["data"].as_array().unwrap() {
            let code = message["MaHoSo"].as_str().unwrap().to_owned();
            if let Err(why) = self.keep(service, call["isUpdating"] == "True", code, message) {
                return json!({ "error_code": "97", "message": why });
            }
        }
        json!({ "error_code": "00", "message": "Thành công" })
    }

    fn keep(
        &mut self,
        service: Service,
        updating: bool,
        code: String,
        message: &Value,
    ) -> Result<(), &'static str> {
        let known = self.dossiers.contains_key(&code);
        match (service, updating) {
            (Service::Dossier, false) if known => return Err("Mã hồ sơ đã tồn tại"),
            (Service::Dossier, true) | (Service::Progress, _) if !known => {
                return Err("Hồ sơ không có trên hệ thống");
            }
            _ => {}
        }
        let kept = self.dossiers.entry(code).or_default();
        match service {
            Service::Dossier => {
                let status = message["TrangThaiHoSo"].as_str().unwrap();
                kept.statuses.push(status.to_owned());
                kept.record = message.clone();
            }
            Service::Progress if !kept.rows.contains(message) => kept.rows.push(message.clone()),
            Service::Progress => {}
        }
        Ok(())
    }
}
