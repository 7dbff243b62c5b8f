//! The rows that an import writes.

use crate::db::bulk::rows;

rows! {
    Store = "stores" { id: Id, slug: Text, name: Text, currency_code: Text, created_at: Moment, updated_at: Moment }
    Category = "categories" {
        id: Id, slug: Text, name: Text, position: Int, created_at: Moment, updated_at: Moment,
    }
    Product = "products" {
        id: Id, store_id: Id, category_id: OptionalId, slug: Text, name: Text, description: Text, status: Text,
        currency_code: Text, options: Json, tags: Json, images: Json, seo_title: OptionalText,
        seo_description: OptionalText, created_at: Moment, updated_at: Moment,
    }
    ProductChange = "products" {
        id: Id, store_id: Id, category_id: OptionalId, name: Text, description: Text, status: Text, options: Json,
        tags: Json, images: Json, seo_title: OptionalText, seo_description: OptionalText, updated_at: Moment,
    }
    Sku = "skus" {
        id: Id, product_id: Id, code: OptionalText, option_values: Json, price: Big, compare_at_price: OptionalBig,
        position: Int, created_at: Moment, updated_at: Moment,
    }
    SkuChange = "skus" {
        id: Id, code: OptionalText, option_values: Json, price: Big, compare_at_price: OptionalBig, position: Int,
        archived: Flag, updated_at: Moment,
    }
    SkuIdentity = "skus" { id: Id, code: OptionalText, option_values: Json }
    Stock = "stock" { sku_id: Id, product_id: Id, quantity: Int, updated_at: Moment }
    StockChange = "stock" { sku_id: Id, quantity: Int, updated_at: Moment }
}
