//! HTTP for strangers: so many lines at once, and none of them for ever. Who sends a header letter by
//! letter, or takes an answer byte by byte, loses the line, and the others have it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::watch::stopped;

/// What a listener bears.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Lines at once; whoever comes then waits to be let in.
    pub lines: usize,
    /// How long a header may take, and how long a line may be silent.
    pub header: Duration,
    /// How long one line may last, however busy.
    pub line: Duration,
}

impl Bounds {
    /// With the usual times.
    pub const fn of(lines: usize) -> Bounds {
        Bounds {
            lines,
            header: Duration::from_secs(10),
            line: Duration::from_secs(300),
        }
    }
}

/// The longest header of a request.
const HEADER_BYTES_MAX: usize = 16 * 1024;

/// A machine that has no more open files has them again soon.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves on `listener` until `stop` turns true; requests under way are finished.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(bounds.lines));
    let graceful = GracefulShutdown::new();
    loop {
        let come = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, stream) = tokio::select! {
            () = stopped(&mut stop) => break,
            come = come => match come {
                (place, Ok((stream, _))) => (place, stream),
                (_, Err(error)) => {
                    tracing::debug!(%error, "a line was not let in");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let mut http = Builder::new(TokioExecutor::new()).http1_only();
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.header)
            .max_buf_size(HEADER_BYTES_MAX);
        let service = TowerToHyperService::new(router.clone());
        let line = http
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        let line = graceful.watch(line);
        tokio::spawn(async move {
            // What a stranger does wrong on a line ends that line.
            let _ = tokio::time::timeout(bounds.line, line).await;
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    async fn served(bounds: Bounds) -> (std::net::SocketAddr, watch::Sender<bool>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let large = || async { vec![b'x'; 32 << 20] };
        let router = Router::new()
            .route("/", get(|| async { "here" }))
            .route("/large", get(large));
        tokio::spawn(serve(listener, router, bounds, stopped));
        (at, stop)
    }

    async fn asked(at: std::net::SocketAddr, path: &str) -> TcpStream {
        let mut line = TcpStream::connect(at).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        line.write_all(request.as_bytes()).await.unwrap();
        line
    }

    async fn answered(line: &mut TcpStream) -> String {
        let mut buffer = [0; 256];
        let read = line.read(&mut buffer).await.unwrap();
        String::from_utf8_lossy(&buffer[..read]).into_owned()
    }

    fn short() -> Bounds {
        Bounds {
            lines: 2,
            header: Duration::from_millis(200),
            line: Duration::from_secs(1),
        }
    }

    #[tokio::test]
    async fn who_never_ends_a_header_or_never_begins_one_gives_the_line_back() {
        let (at, _stop) = served(short()).await;
        let mut slow = TcpStream::connect(at).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHo").await.unwrap();
        let mut silent = TcpStream::connect(at).await.unwrap();
        // Both lines are taken: this one is let in when they were taken away.
        let mut honest = asked(at, "/").await;
        assert!(answered(&mut honest).await.ends_with("here"));
        let mut rest = Vec::new();
        let _ = slow.read_to_end(&mut rest).await;
        let _ = silent.read_to_end(&mut rest).await;
        assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
    }

    #[tokio::test]
    async fn who_does_not_take_the_answer_gives_the_line_back() {
        let (at, _stop) = served(short()).await;
        let _lazy = [asked(at, "/large").await, asked(at, "/large").await];
        let mut honest = asked(at, "/").await;
        assert!(answered(&mut honest).await.ends_with("here"));
    }

    #[tokio::test]
    async fn a_header_without_end_is_refused() {
        let (at, _stop) = served(Bounds::of(2)).await;
        let mut line = TcpStream::connect(at).await.unwrap();
        let mut header = b"GET / HTTP/1.1\r\nx: ".to_vec();
        header.extend(vec![b'y'; 4 * HEADER_BYTES_MAX]);
        // The line may be closed before all is written.
        let _ = line.write_all(&header).await;
        let said = answered(&mut line).await;
        assert!(said.contains("431"), "{said}");
    }

    #[tokio::test]
    async fn when_it_is_to_stop_it_stops() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let router = Router::new().route("/", get(|| async { "here" }));
        let serving = tokio::spawn(serve(listener, router, Bounds::of(2), stopped));
        stop.send_replace(true);
        serving.await.unwrap().unwrap();
    }
}
