//! What all subjects share: a primary, two replicas and Redis over one seeded shop, and the folder from which the loads draw.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use devstack::{RedisServer, Stack, StackOptions};
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection};
use serde_json::json;
use tempfile::TempDir;

use super::words::{self, Word};
use crate::program::run;

pub const DATABASE: &str = "shop";
/// Files of the folder that are the same for all subjects.
pub const PRODUCTS: &str = "products.json";
pub const WORDS: &str = "words.json";
/// The products that hot workloads ask for: the first so many, which are spread over the whole shop.
pub const HOT: usize = 200;
/// Shoppers see these alone. The id of the API is the kind of the node and the uuid, in URL-safe base64.
const OF_SHOPPERS: &str = "SELECT rtrim(translate(encode(decode('01' || replace(id::text, '-', ''), 'hex'), 'base64'), '+/', '-_'), '='), \
     id::text, slug FROM products WHERE status = 'ACTIVE' ORDER BY created_at, id";
/// A product of each store.
const OF_EACH_STORE: &str =
    "SELECT DISTINCT ON (store_id) id::text FROM products WHERE status = 'ACTIVE' ORDER BY store_id, id";
const SMALL: [&str; 10] = ["--stores", "20", "--products", "600", "--skus", "1200", "--users", "10", "--orders", "10"];
const MAX_CONNECTIONS: &str = "300";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// What `storefront seed` makes when it is told nothing.
    Whole,
    Small,
}

pub struct Product {
    pub id: String,
    pub uuid: String,
    slug: String,
}

pub struct Shop {
    pub stack: Stack,
    /// The hot ones first.
    pub products: Vec<Product>,
    pub words: Vec<Word>,
    pub program: PathBuf,
    folder: TempDir,
}

impl Shop {
    pub async fn start(program: &Path, size: Size) -> anyhow::Result<Self> {
        let settings = vec![("max_connections".to_owned(), MAX_CONNECTIONS.to_owned())];
        let stack =
            Stack::start(StackOptions { fsync: true, postgres_settings: settings, ..Default::default() }).await?;
        stack.create_database(DATABASE).await?;
        let url = stack.primary_url(DATABASE);
        run(program, &["migrate", "up"], &url)?;
        let sizes = if size == Size::Small { SMALL.as_slice() } else { &[] };
        run(program, &[&["seed"], sizes].concat(), &url)?;
        stack.primary().execute(DATABASE, "VACUUM ANALYZE").await?;
        stack.await_replay().await?;
        let (products, words) = (products(&url).await?, words::read(&url).await?);
        ensure!(!words.is_empty(), "the products have no names");
        let shop = Self { stack, products, words, program: program.to_owned(), folder: tempfile::tempdir()? };
        shop.write_products()?;
        shop.write_words()?;
        Ok(shop)
    }

    pub fn redis(&self) -> anyhow::Result<&RedisServer> {
        self.stack.redis().context("the stack has Redis")
    }

    /// The folder of a run's data; what subjects write goes there as well.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn hot(&self) -> &[Product] {
        &self.products[..HOT]
    }

    /// A product of each store.
    pub async fn one_of_each_store(&self) -> anyhow::Result<Vec<&Product>> {
        let mut primary = PgConnection::connect(&self.stack.primary_url(DATABASE)).await?;
        let uuids: Vec<String> = sqlx::query_scalar(OF_EACH_STORE).fetch_all(&mut primary).await?;
        let uuids: HashSet<String> = uuids.into_iter().collect();
        Ok(self.products.iter().filter(|product| uuids.contains(&product.uuid)).collect())
    }

    /// Nothing that was written before is still to be done: not by checkpoints, not by replicas, not by those who clear caches.
    pub async fn settle(&self) -> anyhow::Result<()> {
        self.stack.primary().execute(DATABASE, "TRUNCATE change_log; CHECKPOINT").await?;
        self.stack.await_replay().await
    }

    fn write_words(&self) -> anyhow::Result<()> {
        let all: Vec<_> = self.words.iter().map(Word::told).collect();
        Ok(std::fs::write(self.folder().join(WORDS), serde_json::to_vec(&all)?)?)
    }

    fn write_products(&self) -> anyhow::Result<()> {
        let one = |product: &Product| json!({ "id": product.id, "uuid": product.uuid, "slug": product.slug });
        let all: Vec<_> = self.products.iter().map(one).collect();
        Ok(std::fs::write(self.folder().join(PRODUCTS), serde_json::to_vec(&all)?)?)
    }
}

async fn products(url: &str) -> anyhow::Result<Vec<Product>> {
    let mut primary = PgConnection::connect(url).await?;
    let rows: Vec<(String, String, String)> = sqlx::query_as(OF_SHOPPERS).fetch_all(&mut primary).await?;
    ensure!(rows.len() >= HOT * 2, "the shop has too few products");
    let every = rows.len() / HOT;
    let (hot, others): (Vec<_>, Vec<_>) =
        rows.into_iter().enumerate().partition(|(place, _)| place % every == 0 && place / every < HOT);
    let product = |(_, (id, uuid, slug))| Product { id, uuid, slug };
    Ok(hot.into_iter().chain(others).map(product).collect())
}
