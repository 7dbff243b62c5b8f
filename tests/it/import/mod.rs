//! `storefront import` and `storefront export`: the real program beside a running server, read back through that server.

mod again;
mod archived;
mod at_once;
mod cached;
mod files;
mod product;
mod quotes;
mod refused;
mod returned;
mod round_trip;
mod seo;
mod told;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Ended, Shop, run};

const WHOLE: &str = "slug name description status tags options { name values { name } } images { url altText } \
     seo { title description } priceRange { min { amount currencyCode } max { amount } } inStock store { slug name currencyCode } \
     category { slug name parent { slug } } version updatedAt \
     skus { id code title price { amount } compareAtPrice { amount } stock { quantity version } version updatedAt }";

/// Imports a file that says this.
async fn import(shop: &Shop, file: impl AsRef<[u8]>, flags: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    import_in(folder.path(), shop, file, flags).await
}

async fn import_in(folder: &Path, shop: &Shop, file: impl AsRef<[u8]>, flags: &[&str]) -> Ended {
    std::fs::write(folder.join("shop.csv"), file).unwrap();
    let url = shop.database_url().await;
    run(folder, &[&["import", "shop.csv"], flags].concat(), &[("DATABASE_URL", &url)]).await
}

/// The file that the shop is exported to.
async fn export(shop: &Shop) -> String {
    let folder = tempfile::tempdir().unwrap();
    let url = shop.database_url().await;
    run(folder.path(), &["export", "shop.csv"], &[("DATABASE_URL", &url)]).await.succeeded();
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "something else is left behind");
    std::fs::read_to_string(folder.path().join("shop.csv")).unwrap()
}

/// All products by name, as staff sees them.
async fn products(shop: &Shop) -> Vec<Value> {
    let query = format!("{{ products(first: 50, orderBy: {{ field: NAME }}) {{ nodes {{ {WHOLE} }} }} }}");
    let answer = shop.ask_as_staff(&query, json!({})).await;
    answer.data("/products/nodes").as_array().unwrap().clone()
}

async fn product(shop: &Shop, slug: &str) -> Value {
    let query = format!("query ($slug: String!) {{ product(slug: $slug) {{ {WHOLE} }} }}");
    shop.ask_as_staff(&query, json!({ "slug": slug })).await.data("/product").clone()
}

/// A field of each sku of a product.
fn of_skus<'a>(product: &'a Value, pointer: &str) -> Vec<&'a Value> {
    product["skus"].as_array().unwrap().iter().map(|sku| sku.pointer(pointer).unwrap()).collect()
}
