//! Which products a list holds: the condition tree behind the argument `where`, and its SQL.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveEnum, Value};
use serde::Serialize;
use uuid::Uuid;

use super::entity::ProductStatus;
use crate::db::Sql;

/// A condition on products. The same condition always serialises to the same text, which cursors rely on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum ProductFilter {
    /// All of these; with none, every product.
    All(Vec<Self>),
    /// At least one of these; with none, no product.
    Any(Vec<Self>),
    Store(Vec<Uuid>),
    /// In one of these categories, or below it.
    Category {
        ids: Vec<Uuid>,
        with_descendants: bool,
    },
    Status(Vec<ProductStatus>),
    Currency(String),
    /// The lowest price of the product, in minor units, compared with a bound.
    Price(Comparison, i64),
    InStock(bool),
    Created(Comparison, DateTime<Utc>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Comparison {
    Less,
    AtMost,
    AtLeast,
    Greater,
}

impl Comparison {
    fn operator(self) -> &'static str {
        match self {
            Self::Less => " < ",
            Self::AtMost => " <= ",
            Self::AtLeast => " >= ",
            Self::Greater => " > ",
        }
    }
}

impl ProductFilter {
    /// Appends the condition on the products under the alias `t`.
    pub fn append(&self, sql: &mut Sql) {
        match self {
            Self::All(all) => join(sql, all, " AND ", "TRUE"),
            Self::Any(any) => join(sql, any, " OR ", "FALSE"),
            Self::Store(ids) => {
                sql.any_of("t.store_id", ids);
            }
            Self::Category { ids, with_descendants: false } => {
                sql.any_of("t.category_id", ids);
            }
            Self::Category { ids, with_descendants: true } => {
                sql.push("t.category_id IN (WITH RECURSIVE below (id) AS (SELECT c.id FROM categories c WHERE ");
                sql.any_of("c.id", ids);
                sql.push(
                    " UNION SELECT c.id FROM below JOIN categories c ON c.parent_id = below.id) SELECT id FROM below)",
                );
            }
            Self::Status(statuses) => {
                let any: Vec<String> = statuses.iter().map(|status| format!("'{}'", status.to_value())).collect();
                match any.is_empty() {
                    true => sql.push("FALSE"),
                    false => sql.push("t.status IN (").push(&any.join(", ")).push(")"),
                };
            }
            Self::Currency(code) => {
                sql.push("t.currency_code = ").bind(code.clone());
            }
            Self::Price(comparison, bound) => compare(sql, "t.min_price", *comparison, *bound),
            Self::InStock(in_stock) => {
                sql.push(if *in_stock { "t.in_stock" } else { "NOT t.in_stock" });
            }
            Self::Created(comparison, bound) => compare(sql, "t.created_at", *comparison, *bound),
        }
    }
}

fn compare(sql: &mut Sql, column: &str, comparison: Comparison, bound: impl Into<Value>) {
    sql.push(column).push(comparison.operator()).bind(bound);
}

fn join(sql: &mut Sql, parts: &[ProductFilter], word: &str, none: &str) {
    if parts.is_empty() {
        sql.push(none);
        return;
    }
    sql.push("(");
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            sql.push(word);
        }
        part.append(sql);
    }
    sql.push(")");
}
