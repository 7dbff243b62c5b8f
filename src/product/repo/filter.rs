//! The SQL of a filter on products.

use sea_orm::{ActiveEnum, DbBackend, Value};
use serde_json::json;

use crate::db::Sql;
use crate::product::filter::{Comparison, PriceBounds, ProductFilter};

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
        ProductFilter::Price(PriceBounds { currency, from, to }) => {
            sql.push("(t.currency_code = ").bind(currency.clone());
            for (operator, bound) in [(" >= ", from), (" <= ", to)] {
                if let Some(bound) = bound {
                    sql.push(" AND t.min_price").push(operator).bind(*bound);
                }
            }
            sql.push(")");
        }
        ProductFilter::InStock(in_stock) => {
            sql.push(if *in_stock { "t.in_stock" } else { "NOT t.in_stock" });
        }
        ProductFilter::Created(comparison, bound) => compare(sql, "t.created_at", *comparison, *bound),
        ProductFilter::Tag(tags) => match sql.backend() {
            DbBackend::Sqlite => {
                sql.push("EXISTS (SELECT 1 FROM json_each(t.tags) e WHERE ").any_of_texts("e.value", tags).push(")");
            }
            // Whether any of the texts is an item: what the index on tags answers.
            _ => {
                sql.push("t.tags ?| ").bind(tags.clone());
            }
        },
        ProductFilter::Option { name, values } => option(sql, name, values),
    }
}

/// On Postgres each value is a containment, which the index on options answers.
fn option(sql: &mut Sql, name: &str, values: &[String]) {
    if sql.backend() == DbBackend::Sqlite {
        sql.push("EXISTS (SELECT 1 FROM json_each(t.options) o, json_each(o.value, '$.values') e");
        sql.push(" WHERE json_extract(o.value, '$.name') = ").bind(name.to_owned());
        sql.push(" AND ").any_of_texts("e.value", values).push(")");
        return;
    }
    sql.push("(FALSE");
    for value in values {
        sql.push(" OR t.options @> ").bind(json!([{ "name": name, "values": [value] }]));
    }
    sql.push(")");
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
