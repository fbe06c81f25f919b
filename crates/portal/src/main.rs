//! `motcua-portal`: see the crate's documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Tells the national public service portal about dossiers and their progress.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The adapter's configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Send again what the portal refused and was set aside, once its cause is mended.
    #[arg(long)]
    again: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,async_nats=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    match portal::run::configured(&arguments.config, arguments.again).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
