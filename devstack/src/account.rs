//! Which account the programs run as, and where their folder may be. Postgres refuses to run as root.

use std::env;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use nix::unistd::{User, geteuid};

use crate::Result;

/// Unix sockets have paths of at most 103 bytes (macOS); the folder's own name and the socket's take about 45.
const LONGEST_PARENT: usize = 55;

/// The ordinary account to change to; only root changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// `None` means: run as the present user.
    pub(crate) fn ordinary() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        for name in ["postgres", "_postgres", "nobody"] {
            if let Some(user) = User::from_name(name).with_context(|| format!("look up the account {name}"))? {
                return Ok(Some(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() }));
            }
        }
        anyhow::bail!("Postgres doesn't run as root, and this machine has no account postgres or nobody")
    }

    pub(crate) fn own(self, path: &Path) -> Result<()> {
        chown(path, Some(self.uid), Some(self.gid)).with_context(|| format!("chown {}", path.display()))
    }

    pub(crate) fn apply(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }
}

/// The folder in which the stack's folder is made: the system's temporary folder, or `/tmp` where that one's path is too
/// long for a socket, needs quoting in an address, or is closed to the account.
pub(crate) fn temporary_parent(account: Option<Account>) -> PathBuf {
    let parent = env::temp_dir();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    let path = parent.to_string_lossy();
    let fits = parent.is_absolute() && path.len() <= LONGEST_PARENT && path.chars().all(plain);
    let open = |folder: &Path| folder.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0);
    if fits && (account.is_none() || parent.ancestors().all(open)) { parent } else { PathBuf::from("/tmp") }
}
