//! The same queries over HTTP, and a page for people. Nothing here changes anything but `rebuild`,
//! which therefore is asked with POST.

use axum::Router;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};

use tokio::net::TcpListener;
use tokio::sync::watch;

use evidence::bounded::{self, Bounds};

use crate::projector::Projector;
use crate::query::{QueryError, Question};

/// Nothing is loaded from elsewhere, nothing runs but our own script, nobody frames the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Lines at once: a browser takes up to six.
const LINES: usize = 256;

const HTML: (&str, &str) = ("text/html; charset=utf-8", include_str!("page.html"));
const ICON: (&str, &str) = ("image/svg+xml", include_str!("page.svg"));
const CSS: (&str, &str) = ("text/css; charset=utf-8", include_str!("page.css"));
const JS: (&str, &str) = ("text/javascript; charset=utf-8", include_str!("page.js"));

/// The page and the queries.
pub(crate) fn router(projector: Projector) -> Router {
    Router::new()
        .route("/", get(|| async { text(HTML) }))
        .route("/page.svg", get(|| async { text(ICON) }))
        .route("/page.css", get(|| async { text(CSS) }))
        .route("/page.js", get(|| async { text(JS) }))
        .route("/api/{name}", any(answer))
        .fallback(|| async {
            refuse(&QueryError::new(404, "http.unknown", "không có trang này"))
        })
        .with_state(projector)
}

/// Serves on `listener` until `stop` turns true; requests under way are finished.
///
/// # Errors
/// When the listener fails.
pub(crate) async fn run(
    projector: Projector,
    listener: TcpListener,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    bounded::serve(listener, router(projector), Bounds::of(LINES), stop).await
}

async fn answer(
    State(projector): State<Projector>,
    Path(name): Path<String>,
    method: Method,
    Parameters(pairs): Parameters<Vec<(String, String)>>,
) -> Response {
    let allowed = if name == "rebuild" {
        Method::POST
    } else {
        Method::GET
    };
    if method != allowed && !(method == Method::HEAD && allowed == Method::GET) {
        let message = format!("/api/{name} is asked with {allowed}, not {method}");
        let mut response = refuse(&QueryError::new(405, "http.method", message));
        if let Ok(allowed) = HeaderValue::from_str(allowed.as_str()) {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        return response;
    }
    let answered = match Question::from_url(&name, &pairs) {
        Ok(question) => projector.ask(question).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(answer) => guarded(axum::Json(answer).into_response()),
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &QueryError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    guarded((status, axum::Json(error)).into_response())
}

fn text((kind, body): (&'static str, &'static str)) -> Response {
    guarded(([(header::CONTENT_TYPE, kind)], body).into_response())
}

fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
