//! How a process shows the broker who it is, and makes sure that it speaks to the right broker.

use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use async_nats::{ConnectOptions, ServerAddr};
use nkeys::{KeyPair, KeyPairType};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What files of seeds end in.
pub const SEED_SUFFIX: &str = "nk";

/// A process's way to its broker, as its configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// File with the nkey seed to log in with; where a process speaks for several users of the broker,
    /// the directory with a file `<user>.nk` for each. None where the broker knows no users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<PathBuf>,
    /// File with the certificates (PEM) that vouch for the broker; with it the connection is always
    /// TLS. The machine's own certificates count where there is none and the URL begins with `tls://`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Speak without TLS to a broker on another machine, because something else protects the line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plain: bool,
}

/// Why a broker cannot be spoken to as configured.
#[derive(Debug, Error)]
pub enum AccessError {
    /// Everybody on the way could read and change what is said.
    #[error(
        "connecting to the broker at {url}: it is on another machine and the line would be without \
         TLS; give the broker a certificate and write tls:// with `ca`, or say `plain = true` where \
         something else protects the line"
    )]
    Plain {
        /// The broker's address.
        url: String,
    },
    /// The seed cannot be read.
    #[error("logging in to the broker with {path}: {why}; make seeds with `motcua permissions`")]
    Login {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The file of certificates is not there.
    #[error("reading the certificates {path}: {source}; correct `ca`")]
    Certificates {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Access {
    /// Whether nothing is said of it.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The same for one `user` of a process that speaks for several.
    #[must_use]
    pub fn of(&self, user: &str) -> Self {
        let login = self.login.as_ref().map(|path| {
            if path.is_dir() {
                seed_file(path, user)
            } else {
                path.clone()
            }
        });
        Self {
            login,
            ..self.clone()
        }
    }

    /// What a connection to `url` is made with.
    ///
    /// # Errors
    /// [`AccessError`] before anything is sent.
    pub(crate) fn options(&self, url: &str) -> Result<Prepared, AccessError> {
        let addresses = url
            .split(',')
            .filter_map(|one| one.trim().parse::<ServerAddr>().ok());
        let (mut tls, mut away) = (self.ca.is_some(), false);
        for address in addresses {
            tls |= address.tls_required();
            away |= !is_loopback(address.host());
        }
        if away && !tls && !self.plain {
            return Err(AccessError::Plain {
                url: super::connect::shown(url),
            });
        }
        if let Some(path) = &self.ca {
            fs::metadata(path).map_err(|source| AccessError::Certificates {
                path: path.clone(),
                source,
            })?;
        }
        Ok(Prepared {
            login: self.login.as_deref().map(Login::read).transpose()?,
            ca: self.ca.clone(),
            tls,
            keeps_to_given: !tls && !self.plain,
        })
    }
}

/// The public key of `user`, whose seed lies in `logins`; one without a seed gets one, which nobody but the
/// owner of the file can read.
///
/// # Errors
/// [`AccessError::Login`] when the file cannot be read or written, or holds something else.
pub fn login_of(logins: &Path, user: &str) -> Result<String, AccessError> {
    let path = seed_file(logins, user);
    if path.exists() {
        return Ok(Login::read(&path)?.public);
    }
    let failed = |why: String| AccessError::Login {
        path: path.clone(),
        why,
    };
    let pair = KeyPair::new_user();
    let seed = pair.seed().map_err(|error| failed(error.to_string()))?;
    let write = || {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(logins)?;
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(format!("{seed}\n").as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error: std::io::Error| failed(error.to_string()))?;
    Ok(pair.public_key())
}

/// Where the seed of `user` lies in a directory of seeds.
pub fn seed_file(logins: &Path, user: &str) -> PathBuf {
    logins.join(user).with_extension(SEED_SUFFIX)
}

/// Answers to this user of the broker, and to nobody else, come under this prefix.
pub fn inbox_prefix(public_key: &str) -> String {
    format!("_INBOX_{public_key}")
}

/// An access that was checked.
#[derive(Clone)]
pub(crate) struct Prepared {
    login: Option<Login>,
    ca: Option<PathBuf>,
    tls: bool,
    /// Other servers that a broker names may be on other machines.
    keeps_to_given: bool,
}

impl Prepared {
    /// Puts it into the options of a connection.
    pub(crate) fn apply(&self, mut options: ConnectOptions) -> ConnectOptions {
        if let Some(login) = &self.login {
            options = options
                .nkey(login.seed.clone())
                .custom_inbox_prefix(inbox_prefix(&login.public));
        }
        if let Some(ca) = &self.ca {
            options = options.add_root_certificates(ca.clone());
        }
        if self.keeps_to_given {
            options = options.ignore_discovered_servers();
        }
        options.require_tls(self.tls)
    }
}

#[derive(Clone)]
struct Login {
    seed: String,
    public: String,
}

impl Login {
    fn read(path: &Path) -> Result<Self, AccessError> {
        let failed = |why: String| AccessError::Login {
            path: path.to_owned(),
            why,
        };
        let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let seed = text.trim().to_owned();
        let pair = KeyPair::from_seed(&seed).map_err(|_| failed("it is no nkey seed".into()))?;
        if pair.key_pair_type() != KeyPairType::User {
            return Err(failed("it is not the seed of a user (SU…)".into()));
        }
        Ok(Self {
            public: pair.public_key(),
            seed,
        })
    }
}

/// Whether a host as it stands in a URL is this machine, so that nothing said to it crosses a line.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost"
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_line_to_another_machine_is_not_without_tls_by_mistake() {
        let access = Access::default();
        for near in [
            "nats://127.0.0.1:4222",
            "nats://localhost",
            "nats://[::1]:4222",
        ] {
            assert!(access.options(near).is_ok(), "{near}");
        }
        for far in [
            "nats://10.0.0.7:4222",
            "broker.example:4222",
            "nats://127.0.0.1:4222,nats://10.0.0.7:4222",
            "nats://u:p@127.0.0.1.example",
        ] {
            let refused = access.options(far).err().unwrap().to_string();
            assert!(
                refused.contains("without TLS") && !refused.contains("u:p"),
                "{refused}"
            );
        }
        assert!(access.options("tls://broker.example:4222").is_ok());
        let plain = Access {
            plain: true,
            ..access
        };
        assert!(plain.options("nats://10.0.0.7:4222").is_ok());
    }

    #[test]
    fn what_is_no_seed_of_a_user_is_refused_without_showing_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.nk");
        let access = Access {
            login: Some(path.clone()),
            ..Access::default()
        };
        let refused = || {
            access
                .options("nats://127.0.0.1")
                .err()
                .unwrap()
                .to_string()
        };
        assert!(refused().contains("a.nk"));
        fs::write(&path, "SUNOSEED").unwrap();
        assert!(refused().contains("no nkey seed") && !refused().contains("SUNOSEED"));
        fs::write(&path, KeyPair::new_account().seed().unwrap()).unwrap();
        assert!(refused().contains("not the seed of a user"));
        fs::write(&path, KeyPair::new_user().seed().unwrap() + "\n").unwrap();
        assert!(access.options("nats://127.0.0.1").is_ok());
    }

    #[test]
    fn a_process_of_several_users_takes_each_seed_from_their_directory() {
        let dir = tempfile::tempdir().unwrap();
        let access = Access {
            login: Some(dir.path().to_owned()),
            ..Access::default()
        };
        assert_eq!(
            access.of("H33-27").login.unwrap(),
            dir.path().join("H33-27.nk")
        );
    }
}
