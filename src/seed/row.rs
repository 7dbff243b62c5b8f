//! The rows of the made-up shop, as they are written.

use crate::db::bulk::rows;

rows! {
    Store = "stores" {
        id: Id, slug: Text, name: Text, description: Text, currency_code: Text, created_at: Moment, updated_at: Moment,
    }
    Category = "categories" {
        id: Id, parent_id: OptionalId, slug: Text, name: Text, description: Text, position: Int,
        created_at: Moment, updated_at: Moment,
    }
    Product = "products" {
        id: Id, store_id: Id, category_id: Id, slug: Text, name: Text, description: Text, status: Text, currency_code: Text,
        options: Json, tags: Json, images: Json, created_at: Moment, updated_at: Moment,
    }
    Sku = "skus" {
        id: Id, product_id: Id, code: Text, option_values: Json, attributes: Json, price: Big,
        compare_at_price: OptionalBig, position: Int, created_at: Moment, updated_at: Moment,
    }
    Stock = "stock" { sku_id: Id, product_id: Id, quantity: Int, updated_at: Moment }
    User = "users" { id: Id, email: Text, name: Text, created_at: Moment, updated_at: Moment }
    Order = "orders" {
        user_id: Id, id: Id, status: Text, currency_code: Text, total: Big, placed_at: Moment,
        created_at: Moment, updated_at: Moment,
    }
    OrderItem = "order_items" {
        user_id: Id, order_id: Id, id: Id, sku_id: Id, product_name: Text, sku_label: Text, quantity: Int,
        unit_price: Big, position: Int,
    }
}
