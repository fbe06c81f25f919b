//! `motcua`: the command of operators and auditors.
//!
//! **What it is.** One program for everything that is not a service: the demonstration quarter,
//! deadlines by hand, keys of units, commands to units, checks of journals, measurements.
//!
//! **What it does not do.** It holds no rule of its own. What it says to a unit it says by the
//! documented messages, like anyone else.
//!
//! **What it promises.** Errors say what was attempted, with what, and what to do; the exit status
//! is 0 only when what was asked was done.
//!
//! **Where to start reading.** The subcommands below, one file each; `demo` for the quarter.

mod asking;
mod audit;
mod bench;
mod catalogue;
mod check_form;
mod deadline;
mod demo;
mod form;
mod health;
mod journal;
mod keys;
mod permissions;
mod quarantine;
mod readings;
mod repair;
mod report;
mod send;
mod why;
mod written;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Một Cửa: the open backend of the interconnected one-stop service.
#[derive(Debug, Parser)]
#[command(name = "motcua", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    access: asking::BrokerAccess,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a quarter at huyện Châu Thành end to end, and show its on-time table.
    Demo(demo::Demo),
    /// Count a due date, and say which days were counted and skipped.
    Deadline(deadline::Deadline),
    /// Check registers of units, procedures and routes, fault by fault.
    Catalogue(catalogue::CatalogueCommand),
    /// Make the keys of units and the register of their public keys.
    Keys(keys::Keys),
    /// Write the users of the broker with what each may say and hear.
    Permissions(permissions::PermissionsCommand),
    /// List the forms of a dossier, or print one of them as HTML or PDF.
    Form(form::Form),
    /// Make a report of a period: form II.06a, the register, the indicators, whose delay.
    Report(Box<report::Report>),
    /// Check the identities of a filled-in form II.06a, whoever filled it in.
    CheckForm(check_form::CheckForm),
    /// Say why a dossier is due when it is: every day counted or skipped, every pause, with the basis.
    Why(why::About),
    /// Print the control slip of a dossier: every hand-over with both its moments and its result.
    Slip(why::About),
    /// List who read the personal data of a dossier, for the citizen, and where its erasure stands.
    Readings(readings::ReadingsOf),
    /// Send a command or a question to a unit, and print its answer.
    Send(send::Send),
    /// Ask the projector, and print its answer.
    Ask(send::Ask),
    /// Check a journal or a backup of one, back it up, restore or repair it, or list its quarantine.
    Journal(journal::JournalCommand),
    /// Say how units and the projector fare, and what somebody should look at.
    Health(health::HealthCommand),
    /// List what units or the projector could not accept, have it judged again, or reject it.
    Quarantine(quarantine::QuarantineCommand),
    /// Follow a dossier, take evidence home, check it, tell how things stood, compare two units.
    Audit(audit::AuditCommand),
    /// Measure this machine: the journal, the command path, a rebuild, and the disk beneath them.
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
                tracing_subscriber::EnvFilter::new("warn,exchange::connect=error")
            }),
        )
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    arguments.access.remember();
    let done = match arguments.command {
        Command::Demo(demo) => demo.run(),
        Command::Deadline(deadline) => deadline.run(),
        Command::Catalogue(catalogue) => catalogue.run(),
        Command::Keys(keys) => keys.run(),
        Command::Permissions(permissions) => permissions.run(),
        Command::Form(form) => form.run(),
        Command::Report(report) => report.run(),
        Command::CheckForm(check) => check.run(),
        Command::Why(about) => about.run("why"),
        Command::Slip(about) => about.run("slip"),
        Command::Readings(readings) => readings.run(),
        Command::Send(send) => send.run(),
        Command::Ask(ask) => ask.run(),
        Command::Journal(journal) => journal.run(),
        Command::Health(health) => health.run(),
        Command::Quarantine(quarantine) => quarantine.run(),
        Command::Audit(audit) => audit.run(),
        Command::Bench(bench) => bench.run(),
    };
    match done {
        Ok(code) => code,
        Err(error) if error.is::<Unread>() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("motcua: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Nobody reads what is printed any more (`| head`): that ends the command, quietly.
#[derive(Debug)]
struct Unread;

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("standard output was closed")
    }
}

impl std::error::Error for Unread {}

/// Prints a line.
fn say(line: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    use std::io::{ErrorKind, Write};
    match writeln!(std::io::stdout().lock(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Unread.into()),
        written => Ok(written?),
    }
}

/// A runtime for commands that talk to others.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    use anyhow::Context;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")
}
