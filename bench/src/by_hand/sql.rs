//! One statement by primary key, which makes the JSON: product, store, skus and their stock.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, ConnectOptions};

use super::json;

/// Prices in minor units, and option values instead of titles: what the columns hold.
const SQL: &str = "SELECT json_build_object('id', p.id, 'slug', p.slug, 'name', p.name, 'inStock', p.in_stock, \
         'store', json_build_object('id', s.id, 'name', s.name), \
         'skus', coalesce((SELECT json_agg(json_build_object('id', k.id, 'optionValues', k.option_values, \
                 'price', json_build_object('amount', k.price, 'currencyCode', p.currency_code), \
                 'stock', json_build_object('quantity', coalesce(t.quantity, 0))) ORDER BY k.position, k.id) \
             FROM skus k LEFT JOIN stock t ON t.sku_id = k.id WHERE k.product_id = p.id), '[]'))::text \
     FROM products p JOIN stores s ON s.id = p.store_id WHERE p.id = $1::uuid AND p.status = 'ACTIVE'";

pub async fn router(database_url: &str, pool: u32) -> anyhow::Result<Router> {
    let options: PgConnectOptions = database_url.parse()?;
    let pool = PgPoolOptions::new().max_connections(pool).test_before_acquire(false);
    let pool = pool.connect_with(options.disable_statement_logging()).await?;
    Ok(Router::new().route("/products/{id}", get(product)).with_state(pool))
}

async fn product(State(pool): State<PgPool>, Path(id): Path<String>) -> Response {
    match sqlx::query_scalar::<_, String>(SQL).bind(id).fetch_optional(&pool).await {
        Ok(Some(body)) => json(body),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
