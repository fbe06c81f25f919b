//! A real Chromium, told what to do through a pipe (the DevTools protocol), so that a page is seen
//! as people see it: laid out, with its script run and its policy enforced.
#![allow(clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, bail, ensure};
use data_encoding::BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::process::{PATIENCE, eventually};

/// Names that it goes by.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

const INSTALL: &str = "apt-get update && apt-get install -y --no-install-recommends chromium";

/// The browser speaks of nothing but what it is told to open.
const ARGUMENTS: [&str; 14] = [
    "--headless",
    "--remote-debugging-pipe",
    // Tests run in containers and as root, where its own sandbox cannot.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--window-size=1400,1200",
    "about:blank",
];

static FINDING: Mutex<()> = Mutex::new(());

fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let candidates = NAMES
        .iter()
        .flat_map(|name| places.iter().map(move |place| place.join(name)));
    candidates.into_iter().find(|program| program.is_file())
}

/// Finds a Chromium (`$CHROMIUM`, or by its names in `PATH`), or else installs Debian's and says so.
/// Blocks.
///
/// # Errors
/// When there is none and none can be installed; the message says what to install.
pub fn find_or_install() -> anyhow::Result<PathBuf> {
    let _one_at_a_time = FINDING.lock();
    if let Some(program) = find() {
        ensure!(
            program.is_file(),
            "CHROMIUM names {}, which is no program; correct or unset it",
            program.display()
        );
        return Ok(program);
    }
    #[expect(
        clippy::print_stderr,
        reason = "a program about to install something says so"
    )]
    {
        eprintln!("no Chromium here; installing Debian's: {INSTALL}");
    }
    let script =
        format!("set -e; [ \"$(id -u)\" = 0 ] || exec sudo -n sh -c '{INSTALL}'; {INSTALL}");
    let output = Command::new("sh")
        .args(["-c", &script])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .context("running sh")?;
    match find() {
        Some(program) if output.status.success() => Ok(program),
        _ => bail!(
            "there is no Chromium and it cannot be installed here; install one ({INSTALL}), or name \
             its program in CHROMIUM: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

/// A running browser with one page; ended when dropped.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
    requests: Vec<String>,
    complaints: Vec<String>,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser with an empty profile.
    ///
    /// # Panics
    /// When there is none, or it does not answer.
    pub async fn start() -> Self {
        let program = tokio::task::spawn_blocking(find_or_install)
            .await
            .expect("looking for a browser")
            .unwrap_or_else(|error| panic!("{error:#}"));
        let profile = TempDir::new().expect("a directory");
        let mut child = started(&program, profile.path());
        let (to, from) = child
            .stdin
            .take()
            .zip(child.stdout.take())
            .expect("both ends of the pipe");
        let mut browser = Self {
            child,
            to,
            from: BufReader::new(from),
            session: None,
            last: 0,
            requests: Vec::new(),
            complaints: Vec::new(),
            _profile: profile,
        };
        let page = json!({ "url": "about:blank" });
        let page = browser.call("Target.createTarget", page).await;
        let attaching = json!({ "targetId": page["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attaching).await;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        browser
    }

    /// Opens a page and waits until it is loaded. A page that differs only in its fragment from the
    /// one shown stays, as with a link.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn open(&mut self, url: &str) {
        let opened = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(opened["errorText"].is_null(), "{url}: {opened}");
        let loaded = format!(
            "location.href === {} && document.readyState === 'complete'",
            json!(url)
        );
        self.until(&loaded).await;
    }

    /// The value of an expression in the page; promises are awaited.
    ///
    /// # Panics
    /// When it throws.
    pub async fn evaluate(&mut self, expression: &str) -> Value {
        let asked =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", asked).await;
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        answer["result"]["value"].clone()
    }

    /// Waits until the expression is true in the page.
    pub async fn until(&mut self, expression: &str) {
        eventually(&format!("{expression} in the page"), async || {
            // A page that is about to be replaced has nothing to say.
            (self.evaluate(expression).await == true).then_some(())
        })
        .await;
    }

    /// What a reader sees of an element, spaces of every kind made plain.
    ///
    /// # Panics
    /// When there is no such element.
    pub async fn text(&mut self, selector: &str) -> String {
        let expression = format!("document.querySelector({}).innerText", json!(selector));
        let text = self.evaluate(&expression).await;
        let text = text.as_str().expect("text of an element");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Clicks where the element is, as a finger does.
    ///
    /// # Panics
    /// When there is no such element, or it cannot be seen.
    pub async fn click(&mut self, selector: &str) {
        let find = format!(
            "(() => {{ const e = document.querySelector({}); \
             e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const b = e.getBoundingClientRect(); \
             return [b.left + b.width / 2, b.top + b.height / 2]; }})()",
            json!(selector)
        );
        let place = self.evaluate(&find).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Makes the screen this wide, in CSS pixels.
    pub async fn width(&mut self, pixels: u32) {
        let screen =
            json!({ "width": pixels, "height": 800, "deviceScaleFactor": 1, "mobile": true });
        self.call("Emulation.setDeviceMetricsOverride", screen)
            .await;
    }

    /// The page as it is printed, on the format that it names itself: a PDF.
    ///
    /// # Panics
    /// When it cannot be printed.
    pub async fn printed(&mut self) -> Vec<u8> {
        let asked = json!({ "preferCSSPageSize": true });
        let answer = self.call("Page.printToPDF", asked).await;
        let data = answer["data"].as_str().expect("a printed page");
        BASE64.decode(data.as_bytes()).expect("base64")
    }

    /// Addresses of everything that was asked for so far.
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    /// Errors of the page so far: uncaught ones, failed requests, what its policy refused.
    pub fn complaints(&self) -> &[String] {
        &self.complaints
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).await.expect("a running browser");
        // The answer itself has to come in time: events of a live page never end.
        let answer = tokio::time::timeout(PATIENCE, self.answer()).await;
        let answer = answer.unwrap_or_else(|_| panic!("gave up waiting: {message}"));
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }

    async fn answer(&mut self) -> Value {
        loop {
            let mut bytes = Vec::new();
            let read = self.from.read_until(0, &mut bytes).await;
            assert!(
                read.is_ok() && bytes.pop() == Some(0),
                "the browser ended; it says why when it is run by hand"
            );
            let message: Value = serde_json::from_slice(&bytes).expect("JSON from the browser");
            if message["id"] == self.last {
                return message;
            }
            self.note(&message);
        }
    }

    fn note(&mut self, event: &Value) {
        let said = &event["params"];
        match event["method"].as_str() {
            Some("Network.requestWillBeSent") => {
                let url = said["request"]["url"].as_str().unwrap_or_default();
                self.requests.push(url.to_owned());
            }
            Some("Runtime.exceptionThrown") => {
                self.complaints.push(said["exceptionDetails"].to_string());
            }
            Some("Log.entryAdded") if said["entry"]["level"] == "error" => {
                self.complaints.push(said["entry"]["text"].to_string());
            }
            _ => {}
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It fails only when the browser is gone already.
        let _ = self.child.start_kill();
    }
}

fn started(program: &Path, profile: &Path) -> Child {
    let mut data = std::ffi::OsString::from("--user-data-dir=");
    data.push(profile);
    tokio::process::Command::new("bash")
        .arg("-c")
        // The browser hears on descriptor 3 and speaks on 4.
        .arg("exec 3<&0 4>&1 </dev/null >&2; exec \"$0\" \"$@\"")
        .arg(program)
        .arg(data)
        .args(ARGUMENTS)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("bash")
}
