//! `motcua permissions`: who may log in to the broker, and what each may say and hear.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::catalogue::Catalogue;
use anyhow::Context;
use clap::Args;
use exchange::access::login_of;
use exchange::permissions::{Permissions, User};
use exchange::subject::UnitToken;

use crate::say;

/// Write the broker's users with their permissions, for the units of a profile.
#[derive(Debug, Args)]
pub(crate) struct PermissionsCommand {
    /// The directory to write: `users.conf`, to be included by the broker's configuration, and
    /// `logins/<user>.nk`, the secret with which each logs in. A user that has one keeps it.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Directory of the registers of procedures.
    #[arg(long, value_name = "DIR", default_value = "deploy/registers")]
    registers: PathBuf,
    /// Directory of the profile whose units.toml names the units.
    #[arg(long, value_name = "DIR", default_value = "deploy/chau-thanh")]
    profile: PathBuf,
    /// Name of a projector at the broker, as its configuration has it; may be given several times.
    #[arg(long, value_name = "NAME", default_value = "projector")]
    projector: Vec<String>,
    /// Name of an adapter to the national portal; may be given several times.
    #[arg(long, value_name = "NAME", default_value = "portal")]
    portal: Vec<String>,
}

impl PermissionsCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let catalogue = Catalogue::load(&self.registers, &self.profile)?;
        let mut users = Vec::new();
        for unit in catalogue.units() {
            let unit = UnitToken::parse(unit.id.as_str())?;
            users.push(User::Unit(unit.clone()));
            users.push(User::Desk(unit));
        }
        users.extend(self.projector.iter().cloned().map(User::Projector));
        users.extend(self.portal.iter().cloned().map(User::Portal));
        users.extend([User::Auditor, User::Operator]);
        let mut names: Vec<String> = users.iter().map(User::name).collect();
        names.sort();
        for pair in names.windows(2) {
            anyhow::ensure!(pair[0] != pair[1], "two users have the name {}", pair[0]);
        }
        // All names are checked before the first secret is made.
        for user in &users {
            user.permissions("")
                .with_context(|| format!("the user {}", user.name()))?;
        }
        let logins = self.directory.join("logins");
        let mut text = String::from(
            "# Written by motcua permissions; written anew when units come or go. Include it in the\n\
             # configuration of the broker: nobody logs in without the secret of one of these users.\n\
             authorization {\n  timeout: 5\n  users = [\n",
        );
        for user in &users {
            let public = login_of(&logins, &user.name())?;
            write!(
                text,
                "{}",
                entry(&user.name(), &public, &user.permissions(&public)?)?
            )?;
        }
        text.push_str("  ]\n}\n");
        let path = self.directory.join("users.conf");
        replace(&path, &text).with_context(|| format!("writing {}", path.display()))?;
        say(format_args!(
            "{} users in {}, their secrets in {}",
            users.len(),
            path.display(),
            logins.display()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Half a file would lock everybody out.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let new = path.with_extension("conf.new");
    fs::write(&new, text)?;
    fs::rename(&new, path)
}

fn entry(name: &str, public: &str, may: &Permissions) -> anyhow::Result<String> {
    let list = |subjects: &[String]| serde_json::to_string(subjects);
    let mut text = format!("    # {name}\n    {{ nkey: \"{public}\", permissions: {{\n");
    writeln!(
        text,
        "        publish: {{ allow: {}, deny: {} }}",
        list(&may.publish)?,
        list(&may.never_publish)?
    )?;
    writeln!(
        text,
        "        subscribe: {{ allow: {} }}",
        list(&may.subscribe)?
    )?;
    if may.answers {
        writeln!(text, "        allow_responses: true")?;
    }
    text.push_str("    } }\n");
    Ok(text)
}
