//! What is measured: a primary and Redis over a small shop, and servers in front of them, or one with the embedded database.

use std::path::{Path, PathBuf};

use anyhow::Context;
use devstack::{Stack, StackOptions};
use tempfile::TempDir;

use crate::program::run;
use crate::server::Server;

const DATABASE: &str = "shop";
const SECRET_KEY: &str = "the secret key of the figures";
pub const STAFF_KEY: &str = "the staff key of the figures";
const SIZES: [&str; 10] = ["--stores", "20", "--products", "500", "--skus", "1000", "--users", "10", "--orders", "10"];
const KEYS: [(&str, &str); 2] = [("STOREFRONT_SECRET_KEY", SECRET_KEY), ("STOREFRONT_STAFF_KEY", STAFF_KEY)];
const MANY: &str = "1000000000000";
/// Windows that nobody uses up.
pub const WIDE: [(&str, &str); 4] = [
    ("FEATURE_RATE_LIMIT", "true"),
    ("STOREFRONT_ADDRESS_POINTS", MANY),
    ("STOREFRONT_CLIENT_POINTS", MANY),
    ("STOREFRONT_WINDOW_MUTATIONS", MANY),
];

pub struct Installation {
    stack: Stack,
    program: PathBuf,
    folder: TempDir,
}

impl Installation {
    pub async fn start(program: &Path) -> anyhow::Result<Self> {
        let stack = Stack::start(StackOptions { replicas: 0, fsync: true, ..Default::default() }).await?;
        stack.create_database(DATABASE).await?;
        let url = stack.primary_url(DATABASE);
        run(program, &["migrate", "up"], &url)?;
        run(program, &[&["seed"], SIZES.as_slice()].concat(), &url)?;
        // As when the shop was filled long ago: nothing is left to be told to the cache.
        stack.primary().execute(DATABASE, "TRUNCATE change_log").await?;
        Ok(Self { stack, program: program.to_owned(), folder: tempfile::tempdir()? })
    }

    /// A server on Postgres and Redis.
    pub async fn server(&self, settings: &[(&str, &str)]) -> anyhow::Result<Server> {
        let redis = self.stack.redis().context("the stack has Redis")?.url();
        let primary = self.stack.primary_url(DATABASE);
        let own = [("DATABASE_URL", primary.as_str()), ("REDIS_URL", redis.as_str())];
        Server::start(&self.program, self.folder.path(), &[&own[..], &KEYS, settings].concat())
    }

    /// A server with the demo shop in its embedded database.
    pub fn embedded(&self, settings: &[(&str, &str)]) -> anyhow::Result<(TempDir, Server)> {
        let folder = tempfile::tempdir()?;
        let server = Server::start(&self.program, folder.path(), &[&KEYS[..], settings].concat())?;
        Ok((folder, server))
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.stack.stop().await
    }
}
