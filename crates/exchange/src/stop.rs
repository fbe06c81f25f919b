//! Ending in order: every task watches one flag.

use tokio::sync::watch;

/// Resolves when the flag turns true, or when nobody can turn it any more.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it whoever wanted this task.
    let _ = stop.wait_for(|flag| *flag).await;
}

/// Waits for `pause`, or less when the flag turns; true when it turned.
pub(crate) async fn pause_or_stop(
    pause: std::time::Duration,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    tokio::select! {
        () = stopped(stop) => true,
        () = tokio::time::sleep(pause) => false,
    }
}

/// Resolves when the process is asked to end: SIGTERM, or Ctrl-C at a terminal.
///
/// # Errors
/// When one of them cannot be listened for.
pub async fn terminated() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = term.recv() => Ok(()),
        pressed = tokio::signal::ctrl_c() => pressed,
    }
}

/// A flag that turns true when the process is asked to end. Where that cannot be listened for, it
/// is said in the log, and only killing is left.
pub fn on_termination() -> watch::Receiver<bool> {
    let (stopping, stop) = watch::channel(false);
    tokio::spawn(async move {
        match terminated().await {
            Ok(()) => {
                stopping.send_replace(true);
            }
            Err(error) => {
                tracing::error!(%error, "signals to end cannot be heard; kill the process")
            }
        }
        // Kept until everybody has seen it.
        stopping.closed().await;
    });
    stop
}
