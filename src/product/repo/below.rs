//! What lies below the products of a page: their skus and the stock of each, as rows of one statement.
//!
//! For one product both are columns of its own statement. For many that costs Postgres twice as much: it writes JSON, and we parse it.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::db::{Columns, Connection, Sql};
use crate::error::Result;
use crate::sku::{SKU_COLUMNS, SkuNode, read_sku};
use crate::stock::{COUNT_COLUMNS, COUNT_JOIN, StockRow, read_count};

/// The skus of a product in their order, and what of them is counted where that was asked for.
#[derive(Default)]
pub struct Below {
    pub skus: Vec<Arc<SkuNode>>,
    pub counted: Vec<StockRow>,
}

/// Reads what lies below products. One without skus is left out.
pub async fn read(db: &Connection, products: &[Uuid], with_stock: bool) -> Result<HashMap<Uuid, Below>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT s.product_id, ").push(SKU_COLUMNS);
    if with_stock {
        sql.push(", ").push(COUNT_COLUMNS);
    }
    sql.push(" FROM skus s");
    if with_stock {
        sql.push(COUNT_JOIN);
    }
    sql.push(" WHERE ").key_any_of("s.product_id", products).push(" ORDER BY s.product_id, s.position, s.id");
    let mut below: HashMap<Uuid, Below> = HashMap::with_capacity(products.len());
    for row in &db.query_all_raw(sql.build()).await? {
        let mut columns = Columns::of(row);
        let product = columns.take()?;
        let sku = read_sku(&mut columns)?;
        let Below { skus, counted } = below.entry(product).or_default();
        if with_stock {
            counted.extend(read_count(&mut columns, sku.id)?);
        }
        skus.push(Arc::new(sku));
    }
    Ok(below)
}
