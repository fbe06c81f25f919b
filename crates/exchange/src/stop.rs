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
