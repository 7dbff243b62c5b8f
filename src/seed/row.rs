//! The rows of the made-up shop, as they are written. What the database keeps by itself has no place here.

use chrono::{DateTime, Utc};
use sea_orm::Value;
use uuid::Uuid;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Id,
    OptionalId,
    Text,
    /// A list as JSON text, written as the application writes it: SQLite compares the text.
    Json,
    Moment,
    Int,
    Big,
    /// Null, or a number that is not 0.
    OptionalBig,
}

/// A table and those of its columns that are written, in the order of the values.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Cell)],
}

/// A row of one table.
pub trait Row {
    const TABLE: Table;

    fn values(self) -> Vec<Value>;
}

/// Rows of one table, ready to be written.
#[derive(Debug)]
pub struct Rows {
    pub table: &'static Table,
    pub values: Vec<Vec<Value>>,
}

impl Rows {
    pub fn of<R: Row>(rows: impl IntoIterator<Item = R>) -> Self {
        Self { table: const { &R::TABLE }, values: rows.into_iter().map(Row::values).collect() }
    }
}

macro_rules! type_of {
    (Id) => { Uuid };
    (OptionalId) => { Option<Uuid> };
    (Text) => { String };
    (Json) => { String };
    (Moment) => { DateTime<Utc> };
    (Int) => { i32 };
    (Big) => { i64 };
    (OptionalBig) => { Option<i64> };
}

macro_rules! rows {
    ($($row:ident = $table:literal { $($column:ident: $cell:ident),+ $(,)? })+) => {
        $(
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $row {
                $(pub $column: type_of!($cell),)+
            }

            impl Row for $row {
                const TABLE: Table =
                    Table { name: $table, columns: &[$((stringify!($column), Cell::$cell)),+] };

                fn values(self) -> Vec<Value> {
                    vec![$(self.$column.into()),+]
                }
            }
        )+
    };
}

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
