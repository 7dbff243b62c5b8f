//! All SQL of imports and exports, but for what is written in bulk.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};
use serde::Deserialize;
use uuid::Uuid;

use crate::db::{Columns, Sql, record, records};
use crate::error::Result;
use crate::product::entity::{ProductImages, ProductOptions, ProductStatus, Tags};
use crate::sku::entity::OptionValues;

/// What makes imports take turns: each batch holds it until it commits.
const TURN: i64 = 0x5f10_13c5_a7a1_0617;

/// A product as the shop has it, with all its skus.
#[derive(Clone, Debug)]
pub struct KeptProduct {
    pub id: Uuid,
    pub store_id: Uuid,
    pub store_name: String,
    pub category_id: Option<Uuid>,
    pub category_name: Option<String>,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub status: ProductStatus,
    pub currency_code: String,
    pub options: ProductOptions,
    pub tags: Tags,
    pub images: ProductImages,
    pub seo_title: Option<String>,
    pub seo_description: Option<String>,
    /// Those that are archived as well, in their order.
    pub skus: Vec<KeptSku>,
}

/// A sku of a product. The order of the fields is that of its record in [`columns`].
#[derive(Clone, Debug, Deserialize)]
pub struct KeptSku {
    pub id: Uuid,
    pub code: Option<String>,
    pub option_values: OptionValues,
    pub price: i64,
    pub compare_at_price: Option<i64>,
    pub position: i32,
    pub archived: bool,
    /// `None` when it was never counted.
    pub quantity: Option<i32>,
}

/// Where a product may belong: a store with its currency, or a category.
#[derive(Clone, Debug)]
pub struct KeptStore {
    pub id: Uuid,
    pub currency_code: String,
}

/// Waits until no other import writes; holds until the transaction ends. On SQLite a write transaction is the only one anyway.
pub async fn take_turn(tx: &impl ConnectionTrait) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({TURN})")).await?;
    }
    Ok(())
}

/// Locks the products of these slugs until the transaction ends, in the order in which all writers lock products.
pub async fn lock(tx: &impl ConnectionTrait, slugs: &[String]) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let mut sql = Sql::new(DbBackend::Postgres);
        sql.push("SELECT t.id FROM products t WHERE ").key_any_of_texts("t.slug", slugs);
        sql.push(" ORDER BY t.id FOR NO KEY UPDATE");
        tx.query_all_raw(sql.build()).await?;
    }
    Ok(())
}

/// Products with all that a file tells of them, by their slugs.
pub async fn by_slugs(db: &impl ConnectionTrait, slugs: &[String]) -> Result<HashMap<String, KeptProduct>> {
    let mut sql = select(db.get_database_backend());
    sql.push(" WHERE ").key_any_of_texts("t.slug", slugs);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| read(row).map(|product| (product.slug.clone(), product))).collect()
}

/// The next products in the order of their ids.
pub async fn after(db: &impl ConnectionTrait, id: Uuid, most: u32) -> Result<Vec<KeptProduct>> {
    // Their ids by themselves: otherwise all products may be joined to find the first of them.
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT t.id FROM products t WHERE t.id > ").bind(id).push(" ORDER BY t.id LIMIT ").bind(i64::from(most));
    let rows = db.query_all_raw(sql.build()).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, DbErr>>()?;
    let mut sql = select(db.get_database_backend());
    sql.push(" WHERE ").key_any_of("t.id", &ids).push(" ORDER BY t.id");
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(read).collect()
}

/// How many products there are.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT count(*) AS total FROM products");
    let Some(row) = db.query_one_raw(sql.build()).await? else { return Ok(0) };
    Ok(row.try_get::<i64>("", "total")?.try_into().unwrap_or_default())
}

/// Stores by slug.
pub async fn stores(db: &impl ConnectionTrait, slugs: &[String]) -> Result<HashMap<String, KeptStore>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT t.slug, t.id, t.currency_code FROM stores t WHERE ").key_any_of_texts("t.slug", slugs);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.take()?, KeptStore { id: columns.take()?, currency_code: columns.take()? }))
        })
        .collect()
}

/// The ids of categories by slug.
pub async fn categories(db: &impl ConnectionTrait, slugs: &[String]) -> Result<HashMap<String, Uuid>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT t.slug, t.id FROM categories t WHERE ").key_any_of_texts("t.slug", slugs);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| Ok((row.try_get("", "slug")?, row.try_get("", "id")?))).collect()
}

fn select(backend: DbBackend) -> Sql {
    let sku = match backend {
        DbBackend::Sqlite => {
            "lower(hex(s.id)), s.code, json(s.option_values), s.price, s.compare_at_price, s.position, \
             json(iif(s.archived, 'true', 'false')), k.quantity"
        }
        _ => "s.id, s.code, s.option_values, s.price, s.compare_at_price, s.position, s.archived, k.quantity",
    };
    let from = "FROM skus s LEFT JOIN stock k ON k.sku_id = s.id WHERE s.product_id = t.id ORDER BY s.position, s.id";
    let mut sql = Sql::new(backend);
    sql.push("SELECT t.id, t.store_id, o.name, t.category_id, c.name, t.slug, t.name, t.description, t.status, ");
    sql.push("t.currency_code, t.options, t.tags, t.images, t.seo_title, t.seo_description, ");
    sql.push(&records(backend, &record(backend, sku), from));
    sql.push(" FROM products t JOIN stores o ON o.id = t.store_id LEFT JOIN categories c ON c.id = t.category_id");
    sql
}

fn read(row: &QueryResult) -> Result<KeptProduct> {
    let mut columns = Columns::of(row);
    Ok(KeptProduct {
        id: columns.take()?,
        store_id: columns.take()?,
        store_name: columns.take()?,
        category_id: columns.take()?,
        category_name: columns.take()?,
        slug: columns.take()?,
        name: columns.take()?,
        description: columns.take()?,
        status: columns.take()?,
        currency_code: columns.take()?,
        options: columns.take()?,
        tags: columns.take()?,
        images: columns.take()?,
        seo_title: columns.take()?,
        seo_description: columns.take()?,
        skus: columns.take_record()?,
    })
}
