//! Finds the installed programs, or says which package brings them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

const POSTGRES: [&str; 3] = ["initdb", "postgres", "pg_basebackup"];
const HOMEBREW: [&str; 3] = ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"];
const HOMEBREW_FORMULAE: [&str; 5] = ["postgresql@17", "postgresql@16", "postgresql@15", "postgresql", "redis"];

const POSTGRES_MISSING: &str = "Postgres isn't installed (initdb, postgres and pg_basebackup in one folder): \
    `apt-get install postgresql` or `brew install postgresql@15`";
const REDIS_MISSING: &str =
    "Redis isn't installed (redis-server): `apt-get install redis-server` or `brew install redis`";

pub(crate) struct Programs {
    postgres: PathBuf,
    pub(crate) redis: Option<PathBuf>,
    pub(crate) has_stat_statements: bool,
}

impl Programs {
    /// Looks on `PATH`, then where Debian and Homebrew keep what they leave off it, newest first.
    pub(crate) fn find(redis: bool) -> Result<Self> {
        Self::find_in(&folders(), redis)
    }

    fn find_in(folders: &[PathBuf], redis: bool) -> Result<Self> {
        let complete = |folder: &&PathBuf| POSTGRES.iter().all(|name| folder.join(name).is_file());
        let postgres = folders.iter().find(complete).ok_or_else(|| anyhow::anyhow!(POSTGRES_MISSING))?;
        let redis_server = || folders.iter().map(|folder| folder.join("redis-server")).find(|path| path.is_file());
        let redis = match redis {
            true => Some(redis_server().ok_or_else(|| anyhow::anyhow!(REDIS_MISSING))?),
            false => None,
        };
        Ok(Self { postgres: postgres.clone(), redis, has_stat_statements: has_stat_statements(postgres) })
    }

    pub(crate) fn postgres(&self, name: &str) -> PathBuf {
        self.postgres.join(name)
    }
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    folders.extend(debian());
    for root in HOMEBREW {
        folders.extend(HOMEBREW_FORMULAE.iter().map(|formula| Path::new(root).join(formula).join("bin")));
    }
    folders
}

/// `/usr/lib/postgresql/<major version>/bin`, newest first.
fn debian() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// Distributions may leave the contributed modules out; asking Postgres to preload a missing one would stop its start.
fn has_stat_statements(bin: &Path) -> bool {
    let bin = bin.join("postgres").canonicalize().unwrap_or_default();
    let Some(root) = bin.parent().and_then(Path::parent) else {
        return false;
    };
    ["lib", "lib/postgresql", "lib64/pgsql"]
        .iter()
        .any(|lib| ["so", "dylib"].iter().any(|end| root.join(lib).join(format!("pg_stat_statements.{end}")).is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_postgres_names_its_packages() {
        let error = Programs::find_in(&[PathBuf::from("/nonexistent")], true).err().expect("nothing is there");

        assert!(error.to_string().contains("apt-get install postgresql"), "{error}");
        assert!(error.to_string().contains("brew install postgresql@15"), "{error}");
    }

    #[test]
    fn missing_redis_names_its_packages_unless_it_is_not_wanted() {
        let mut without_redis = folders();
        without_redis.retain(|folder| !folder.join("redis-server").exists());

        let error = Programs::find_in(&without_redis, true).err().expect("no redis there");

        assert!(error.to_string().contains("redis-server"), "{error}");
        assert!(Programs::find_in(&without_redis, false).is_ok());
    }
}
