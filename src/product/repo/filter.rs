//! The SQL of a filter on products.

use sea_orm::{ActiveEnum, Value};

use crate::db::Sql;
use crate::product::filter::{Comparison, ProductFilter};

/// Appends the condition on the products under the alias `t`.
pub fn append(sql: &mut Sql, filter: &ProductFilter) {
    match filter {
        ProductFilter::All(all) => join(sql, all, " AND ", "TRUE"),
        ProductFilter::Any(any) => join(sql, any, " OR ", "FALSE"),
        ProductFilter::Store(ids) => {
            sql.any_of("t.store_id", ids);
        }
        ProductFilter::Category { ids, with_descendants: false } => {
            sql.any_of("t.category_id", ids);
        }
        ProductFilter::Category { ids, with_descendants: true } => {
            sql.push("t.category_id IN (WITH RECURSIVE below (id) AS (SELECT c.id FROM categories c WHERE ");
            sql.any_of("c.id", ids);
            sql.push(
                " UNION SELECT c.id FROM below JOIN categories c ON c.parent_id = below.id) SELECT id FROM below)",
            );
        }
        ProductFilter::Status(statuses) => {
            let any: Vec<String> = statuses.iter().map(|status| format!("'{}'", status.to_value())).collect();
            match any.is_empty() {
                true => sql.push("FALSE"),
                false => sql.push("t.status IN (").push(&any.join(", ")).push(")"),
            };
        }
        ProductFilter::Currency(code) => {
            sql.push("t.currency_code = ").bind(code.clone());
        }
        ProductFilter::Price(comparison, bound) => compare(sql, "t.min_price", *comparison, *bound),
        ProductFilter::InStock(in_stock) => {
            sql.push(if *in_stock { "t.in_stock" } else { "NOT t.in_stock" });
        }
        ProductFilter::Created(comparison, bound) => compare(sql, "t.created_at", *comparison, *bound),
    }
}

fn compare(sql: &mut Sql, column: &str, comparison: Comparison, bound: impl Into<Value>) {
    sql.push(column).push(operator(comparison)).bind(bound);
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
        append(sql, part);
    }
    sql.push(")");
}

fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => " < ",
        Comparison::AtMost => " <= ",
        Comparison::AtLeast => " >= ",
        Comparison::Greater => " > ",
    }
}
