//! A small shop in an SQLite file, and a server on it whose answers come out of its memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use async_graphql::{Response, Variables};
use clap::Parser;
use migration::{Migrator, MigratorTrait};
use serde_json::{Value, json};
use storefront::app::App;
use storefront::auth::Viewer;
use storefront::config::ServeConfig;
use storefront::db::{Db, Routing};
use storefront::execution::Prepared;
use storefront::graphql::{Key, Kind, Reads, RequestContext};
use storefront::{seed, telemetry};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::operations::CARDS;

const SIZES: seed::Sizes = seed::Sizes { stores: 5, products: 120, skus: 300, users: 0, orders: 0 };
/// Longer than any case takes under valgrind, in seconds.
const LIFE: u64 = 86_400;
/// As long as the settings allow, in milliseconds.
const LOCAL_LIFE_MS: u64 = 10_000;
/// Valgrind is slow: nothing is to time out, in milliseconds.
const WAIT_MS: u64 = 60_000;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    serve: ServeConfig,
}

pub struct Shop {
    pub app: Arc<App>,
    /// Runs what is counted, and nothing else.
    pub runtime: Runtime,
    /// Has what the server does beside its requests, and stands still.
    _aside: Runtime,
}

/// Makes the shop, the same each time; its file.
pub fn fill(folder: &Path) -> anyhow::Result<PathBuf> {
    let file = folder.join("shop.db");
    let config = config(&file);
    let filled = async {
        let db = Db::connect(&config.database).await?;
        Migrator::up(db.administration(), None).await?;
        seed::fill(db.administration(), seed::Shop::new(seed::DEFAULT_SEED, SIZES)?, |_| ()).await?;
        db.close().await;
        Ok(file)
    };
    new_runtime()?.block_on(filled)
}

impl Shop {
    /// A server that caches in its memory.
    pub fn cached(file: &Path) -> anyhow::Result<Self> {
        Self::open(config(file))
    }

    /// A server that reads everything from the file.
    pub fn uncached(file: &Path) -> anyhow::Result<Self> {
        let mut config = config(file);
        config.features.feature_redis_cache = Some(false);
        Self::open(config)
    }

    fn open(config: ServeConfig) -> anyhow::Result<Self> {
        telemetry::metrics();
        let (runtime, aside) = (new_runtime()?, new_runtime()?);
        let app = aside.block_on(async {
            let db = Arc::new(Db::connect_all(&config).await?);
            App::new(config, db).await
        })?;
        Ok(Self { app, runtime, _aside: aside })
    }

    /// One request's way to what it reads.
    pub fn reads(&self) -> Reads {
        Reads::new(Routing::new(self.app.db.clone()), self.app.shared.cache.clone())
    }

    pub fn prepare(&self, text: &str, variables: Value) -> anyhow::Result<Prepared> {
        let prepared = self.app.engine.prepare(text, None, Variables::from_json(variables));
        prepared.map_err(|errors| anyhow::anyhow!("{errors}"))
    }

    /// Executes for nobody in particular.
    pub fn execute(&self, prepared: Prepared) -> Response {
        let context = RequestContext::new(Viewer::NOBODY, Default::default(), self.app.shared.clone(), self.reads());
        self.runtime.block_on(self.app.engine.execute(prepared, |request| request.data(context)))
    }

    /// The data of an answer without errors.
    pub fn ask(&self, text: &str, variables: Value) -> anyhow::Result<Value> {
        let response = self.execute(self.prepare(text, variables)?);
        ensure!(response.errors.is_empty(), "{:?}", response.errors);
        Ok(response.data.into_json()?)
    }

    /// The first product on a page of 50 that has so many skus: its global id and its own.
    pub fn product_with(&self, skus: usize) -> anyhow::Result<(String, Uuid)> {
        let page = self.ask(CARDS, json!({ "first": 50 }))?;
        let nodes = page["products"]["nodes"].as_array().context("no page")?;
        ensure!(nodes.len() == 50, "a page of {}", nodes.len());
        let found = nodes.iter().find(|node| node["skus"].as_array().is_some_and(|found| found.len() == skus));
        let id = found.and_then(|node| node["id"].as_str()).context("no such product")?.to_owned();
        match self.app.shared.ids.parse(&id) {
            Ok(Key::Plain(Kind::Product, key)) => Ok((id, key)),
            _ => anyhow::bail!("{id} is not the id of a product"),
        }
    }
}

fn new_runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

fn config(file: &Path) -> ServeConfig {
    let url = format!("sqlite://{}", file.display());
    let mut config = Flags::parse_from(["micro", "--database-url", &url, "--environment", "production"]).serve;
    config.secret_key = Some("the secret of the measured shop".to_owned());
    let cache = &mut config.cache;
    (cache.product_ttl_secs, cache.stock_ttl_secs, cache.list_ttl_secs) = (LIFE, LIFE, LIFE);
    cache.local_cache_ttl_ms = LOCAL_LIFE_MS;
    (config.database.connection_wait_ms, config.limits.request_timeout_ms) = (WAIT_MS, WAIT_MS);
    config.features.feature_rate_limit = Some(false);
    config
}
