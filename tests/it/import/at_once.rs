//! Imports at the same moment: both succeed, and nothing is there twice.

use serde_json::json;

use super::{import, products};
use crate::support::{Shop, uncached_on_both};

uncached_on_both!(one_file_twice_at_once_is_there_once, files_that_share_products_take_turns);

/// A file of so many products, each with two variants; `price` is that of all.
fn file(numbers: impl Iterator<Item = usize>, price: &str) -> String {
    let rows = numbers.map(|number| {
        let (vendor, category) = (number % 7, number % 5);
        format!(
            "p-{number},P {number},Vendor {vendor},Type {category},true,Size,S,{number}-s,1,{price}\np-{number},,,,,,M,{number}-m,2,{price}\n"
        )
    });
    let heading = "Handle,Title,Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price\n";
    heading.to_owned() + &rows.collect::<String>()
}

async fn totals(shop: &Shop) -> (i64, i64, i64, i64, i64) {
    use sea_orm::{ConnectionTrait, Statement};
    let db = shop.db.administration();
    let count = async |table: &str| {
        let sql = format!("SELECT count(*) AS total FROM {table}");
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
        row.try_get::<i64>("", "total").unwrap()
    };
    (
        count("products").await,
        count("skus").await,
        count("stock").await,
        count("stores").await,
        count("categories").await,
    )
}

async fn one_file_twice_at_once_is_there_once(shop: &Shop) {
    let file = file(0..900, "5");

    let (one, two) = tokio::join!(import(shop, &file, &[]), import(shop, &file, &[]));

    let (one, two) = (one.succeeded(), two.succeeded());
    assert_eq!(totals(shop).await, (900, 1800, 1800, 7, 5));
    let created =
        |said: &str| said.split("products: ").nth(1).unwrap().split(' ').next().unwrap().parse::<u32>().unwrap();
    assert_eq!(created(&one) + created(&two), 900, "{one}{two}");
    assert!(products(shop).await.iter().all(|product| product["inStock"] == json!(true)));
}

async fn files_that_share_products_take_turns(shop: &Shop) {
    let (up, down) = (file(0..450, "5"), file((0..450).rev(), "6"));

    for _ in 0..2 {
        let (one, two) = tokio::join!(import(shop, &up, &[]), import(shop, &down, &[]));
        one.succeeded();
        two.succeeded();
    }

    assert_eq!(totals(shop).await, (450, 900, 900, 7, 5));
    // Each product is as one of the two files has it.
    for product in products(shop).await {
        assert_eq!(product["priceRange"]["min"]["amount"], product["priceRange"]["max"]["amount"], "{product}");
    }
}
